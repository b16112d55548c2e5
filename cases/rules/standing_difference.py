"""Says how two standings of the same day differ, in sentences: two plans on one story, or two versions on one case."""

from collections.abc import Iterable

from agencies.rules.calendar import dated
from cases.rules.picture import duty_word
from cases.rules.standing import Duty, Standing

Key = tuple[str, int, int]


def differences(before: Standing, after: Standing, *, gone: str = "不再有", new: str = "新有") -> tuple[str, ...]:
    """What is otherwise in `after` than in `before`; empty = the same stage, counts, duties and dates.

    `gone` and `new` are the words before a duty that stands on one side only.
    """
    said = []
    if before.stage != after.stage:
        said.append(f"阶段：{before.stage.label} → {after.stage.label}")
    if before.counted_halves != after.counted_halves:
        said.append(f"连续缺课：{before.counted}天 → {after.counted}天")
    said += _duties(before, after, gone, new)
    if before.closable != after.closable:
        said.append(f"销号：{_ready(before)} → {_ready(after)}")
    return tuple(said)


def differing(before: Standing, after: Standing) -> frozenset[str]:
    """Keys of the steps whose duty is not the same on both sides."""
    old, new = _keyed(before), _keyed(after)
    return frozenset(
        key[0]
        for key in {*old, *new}
        if key not in old or key not in new or _said(old[key], before) != _said(new[key], after)
    )


def _ready(standing: Standing) -> str:
    return "可以" if standing.closable else "还不可以"


def _keyed(standing: Standing) -> dict[Key, Duty]:
    """The duties that have opened, or of which it is known when they will."""
    return {
        (d.step_key, d.round, d.cycle): d for d in standing.duties if d.opened_on is not None or d.opens_on is not None
    }


def _duties(before: Standing, after: Standing, gone: str, added: str) -> Iterable[str]:
    old, new = _keyed(before), _keyed(after)
    for key, duty in old.items():
        if key not in new:
            yield f"{gone}“{duty.name}”（{_where(duty, before)}）"
        elif _said(duty, before) != _said(new[key], after):
            yield f"“{new[key].name}”：{_changed(_parts(duty, before), _parts(new[key], after))}"
    for key, duty in new.items():
        if key not in old:
            yield f"{added}“{duty.name}”（{_where(duty, after)}）"


def _said(duty: Duty, standing: Standing) -> tuple[str, str]:
    return duty.name, _where(duty, standing)


def _where(duty: Duty, standing: Standing) -> str:
    """How a duty stands: who, in which state, since when, by when."""
    return "，".join(part for part in _parts(duty, standing).values() if part)


def _parts(duty: Duty, standing: Standing) -> dict[str, str]:
    """Each thing that can differ, in its words; empty where there is nothing to say."""
    opens = ""
    if duty.opened_on is not None:
        opens = f"{dated(duty.opened_on)}启动"
    elif duty.opens_on is not None:
        opens = f"预计{dated(duty.opens_on)}启动"
    return {
        "owner": str(duty.owner.label),
        "state": duty_word(duty, standing.on),
        "opens": opens,
        "due": f"{dated(duty.due_on)}到期" if duty.due_on is not None else "",
    }


def _changed(old: dict[str, str], new: dict[str, str]) -> str:
    """Only what differs, before and after; all of it where the name alone is another."""
    names = [name for name in old if old[name] != new[name]] or list(old)
    return "；".join(f"{old[name] or '未定'} → {new[name] or '未定'}" for name in names if old[name] or new[name])
