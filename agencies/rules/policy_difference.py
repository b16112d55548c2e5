"""Says what changed between two versions of a plan, step by step and field by field, with the quotations."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from agencies.rules.policy_names import EVENT_NAMES
from agencies.rules.policy_reading import Rung, lines, rungs
from agencies.rules.policy_schema import Policy, Step

_RUNG_FIELDS: Final = {
    "name": "名称",
    "stage": "阶段",
    "owners": "谁办",
    "opens": "何时启动",
    "due": "期限",
    "done": "办结凭据",
    "advice": "怎么办",
    "clause": "条款",
    "quote": "原文",
    "assumed": "本方案未规定的取法",
    "other_reading": "另一读法",
}
_STEP_FIELDS: Final = {
    "charge": "迟延起算",
    "document": "文书",
    "source": "出处",
}
_LINE_FIELDS: Final = {
    "text": "规定",
    "clause": "条款",
    "quote": "原文",
    "assumed": "本方案未规定的取法",
    "source": "出处",
}
_HEAD_FIELDS: Final = {
    "title": "名称",
    "document_number": "文号",
    "issuer": "发文单位",
    "valid_from": "施行日期",
    "valid_to": "有效期至",
    "report_recipients": "报告接收单位",
    "fixed_date_roll": "固定日期遇休息日",
    "groups": "特殊群体",
    "documents": "文书名称",
    "overlays": "叠加于",
}
# What the sentences of the lines are made from; a change they do not put in words is still said.
_RULES: Final = (
    *("counting", "clock", "deadline", "observation", "closing", "ages", "categories", "applications"),
    *("clusters", "dropout"),
)
_RECIPIENTS: Final = {"township": "乡镇", "bureau": "教育局", "county": "县"}
_NOTHING: Final = "无"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its name in words, how it was and how it is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One step or rule that was added, removed or changed; `fields` say what, `clause` and `quote` on which basis."""

    sentence: str
    fields: tuple[FieldChange, ...] = ()
    clause: str = ""
    quote: str = ""


def policy_changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """What is otherwise in `after`, in its order; empty = the same plan word for word."""
    return (*_head(before, after), *_steps(before, after), *_lines(before, after), *_unsaid(before, after))


def _head(before: Policy, after: Policy) -> Iterator[Change]:
    changed = _fields(before, after, _HEAD_FIELDS)
    if changed:
        yield Change("方案基本信息有改动", changed)


def _steps(before: Policy, after: Policy) -> Iterator[Change]:
    old = {step.key: (step, rung) for step, rung in zip(before.steps, rungs(before), strict=True)}
    new = {step.key: (step, rung) for step, rung in zip(after.steps, rungs(after), strict=True)}
    for key, (step, rung) in new.items():
        if key not in old:
            text = f"新增步骤“{step.name}”：{rung.owners}；{rung.opens}；期限{rung.due}"
            yield Change(text, (), step.clause, step.quote)
        elif old[key][0] != step:
            yield _step(*old[key], step, rung)
    for key, (step, _) in old.items():
        if key not in new:
            yield Change(f"取消步骤“{step.name}”", (), step.clause, step.quote)
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        order = "、".join(f"“{step.name}”" for step, _ in new.values())
        yield Change(f"步骤的先后有改动，现为{order}")


def _step(step: Step, rung: Rung, now: Step, now_rung: Rung) -> Change:
    changed = (*_fields(rung, now_rung, _RUNG_FIELDS), *_fields(step, now, _STEP_FIELDS))
    return Change(f"步骤“{now.name}”有改动", changed or (_reset(step, now),), now.clause, now.quote)


def _reset(before: Step, after: Step) -> FieldChange:
    """A change no field's words show: the bare settings, so that nothing changes in silence."""
    names = [f.name for f in fields(Step) if getattr(before, f.name) != getattr(after, f.name)]
    said = (str({name: getattr(step, name) for name in names}) for step in (before, after))
    return FieldChange("设置", *said)


def _lines(before: Policy, after: Policy) -> Iterator[Change]:
    old, new = ({line.name: line for line in lines(policy)} for policy in (before, after))
    for name, line in new.items():
        if name not in old:
            yield Change(f"新增“{name}”：{line.text}", (), line.clause, line.quote)
        elif old[name] != line:
            yield Change(f"“{name}”有改动", _fields(old[name], line, _LINE_FIELDS), line.clause, line.quote)
    for name, line in old.items():
        if name not in new:
            yield Change(f"取消“{name}”：{line.text}", (), line.clause, line.quote)


def _unsaid(before: Policy, after: Policy) -> Iterator[Change]:
    """Rules whose sentence stayed the same although a setting behind it changed."""
    for name in _RULES:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or lines(before) != lines(replace(before, **{name: new})):
            continue
        yield Change("其他设置有改动", tuple(_settings(old, new)))


def _settings(old: Any, new: Any) -> Iterator[FieldChange]:
    for was, now in zip(_parts(old), _parts(new), strict=False):
        for key in {**was, **now}:
            if was.get(key) != now.get(key):
                yield FieldChange(key, _shown(was.get(key)), _shown(now.get(key)))


def _parts(rule: Any) -> Sequence[dict[str, Any]]:
    return [asdict(part) for part in rule] if isinstance(rule, tuple) else [asdict(rule)]


def _fields(before: Any, after: Any, names: dict[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(label, _shown(old), _shown(new))
        for name, label in names.items()
        if (old := getattr(before, name)) != (new := getattr(after, name))
    )


def _shown(value: Any) -> str:
    """A setting in words: events and recipients by name, lists with commas, nothing as 无."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "、".join(f"{key}：{_shown(item)}" for key, item in value.items()) or _NOTHING
    if isinstance(value, tuple | list | frozenset):
        parts = sorted(value) if isinstance(value, frozenset) else value
        return "、".join(_shown(part) for part in parts) or _NOTHING
    text = "" if value is None else str(value)
    return EVENT_NAMES.get(text) or _RECIPIENTS.get(text) or text or _NOTHING
