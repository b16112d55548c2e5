"""Reads back in Chinese what a plan asks of units: member units, letters, groups, consequences, targets, clauses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from agencies.rules.clauses import MARKS, Clause
from agencies.rules.policy_names import RATE_NAMES
from agencies.rules.policy_reading import NOT_IN_PLAN
from agencies.rules.policy_schema import Basis
from agencies.rules.policy_sentences import limit
from agencies.rules.policy_triggers import FixedDate, Limit
from agencies.rules.quoting import quoted, taken_over
from agencies.rules.unit_schema import Agency, Handover, UnitDuty, UnitPlan

KINDS: Final = {
    "survey": "排查",
    "ledger": "台账",
    "report": "报送",
    "meeting": "会议",
    "inspection": "督查",
    "publicity": "宣传",
    "campaign": "专项行动",
    "letter": "责任书",
    "handover": "数据移交",
    "review": "总结评议",
}
RHYTHMS: Final = {
    "week": "每周",
    "month": "每月",
    "quarter": "每季度",
    "term": "每学期",
    "year": "每年",
    "once": "方案期内一次",
}
_UNITS: Final = {
    "county": "县级",
    "township": "乡镇",
    "village": "村（社区）",
    "grid": "网格",
    "school": "学校",
    "class": "班级",
    "agency": "成员单位",
}
_AGAINST: Final = {"unit": "对单位", "person": "对责任人"}
_AIMS: Final = {"at_least": "不低于", "at_most": "不高于"}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a plan says: name, what of it in lines, its basis; `assumed` holds the reason where it is silent.

    `source` names the plan it is taken over from, empty where that is the plan itself.
    """

    name: str
    lines: tuple[str, ...]
    clause: str = ""
    quote: str = ""
    assumed: str = ""
    other_reading: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    title: str
    rows: tuple[Said, ...]


def _said(name: str, lines: Iterable[str], basis: Basis) -> Said:
    assumed = (basis.reason or NOT_IN_PLAN) if basis.assumed else ""
    said = tuple(line for line in lines if line)
    return Said(name, said, basis.clause, basis.quote, assumed, source=taken_over(basis.source))


def when(every: str, due: Limit | None) -> str:
    """每月，每月20日前; 每年，8月31日前; what names no time says so."""
    if not every:
        return "方案未规定时间"
    if due is None:
        return RHYTHMS[every] + ("" if every == "once" else "（期末前）")
    text = limit(due)
    if isinstance(due, FixedDate) and text.startswith(RHYTHMS[every]):
        return text
    return f"{RHYTHMS[every]}，{text}"


def duty_said(duty: UnitDuty, plan: UnitPlan) -> Said:
    """A recurring duty with owner, time, recipient, document and proof."""
    agency = next((a.name for a in plan.agencies if a.key == duty.agency), "")
    lines = (
        f"{KINDS[duty.kind]}；由{agency}{duty.owner_role.label}办理；" + when(duty.every, duty.due),
        f"报送：{duty.to}" if duty.to else "",
        f"形成：{duty.document}" if duty.document else "",
        f"留痕：{duty.proof}",
        "整期没有上课日的（寒暑假、长假）不办" if duty.breaks == "skip" else "",
    )
    return replace(_said(duty.name, lines, duty.basis), other_reading=other_reading(duty))


def other_reading(duty: UnitDuty) -> str:
    """The second reading inside the same plan, with why it was not chosen; empty where there is none."""
    other = duty.contradiction
    return f"{other.other}（{other.clause}：{quoted(other.quote)}）。{other.reason}" if other else ""


def _agency(agency: Agency) -> Said:
    return _said(agency.name, (*agency.duties, *(_handover(one) for one in agency.hands_over)), agency.basis)


def _handover(one: Handover) -> str:
    silent = f"（{NOT_IN_PLAN}：{one.basis.reason}）" if one.basis.assumed else ""
    return f"移交“{one.data}”给{one.to}：{when(one.every, one.due)}{silent}"


def sections(plan: UnitPlan, targets: Mapping[str, Any]) -> list[Section]:
    """What a plan says of units, in the order a reader asks for it; headings with nothing under them are left out.

    `targets`: the parsed `indicators.toml`.
    """
    found = [
        Section("成员单位与职责", tuple(_agency(one) for one in plan.agencies)),
        Section("单位任务", tuple(duty_said(one, plan) for one in plan.duties)),
        Section("目标", tuple(_target(key, table) for key, table in targets.items())),
        Section(
            "责任书",
            tuple(
                _said(one.name, (f"{_UNITS[one.from_unit]}与{_UNITS[one.to_unit]}签订", *one.goals), one.basis)
                for one in plan.letters
            ),
        ),
        Section(
            "组织机构",
            tuple(
                _said(one.name, (_UNITS[one.unit], *(f"{seat.role}：{seat.post}" for seat in one.posts)), one.basis)
                for one in plan.groups
            ),
        ),
        Section(
            "责任追究",
            tuple(
                _said(one.name, (_AGAINST[one.against] + (f"，由{one.by}作出" if one.by else ""),), one.basis)
                for one in plan.accountability
            ),
        ),
    ]
    return [section for section in found if section.rows]


def _target(key: str, table: Mapping[str, Any]) -> Said:
    aim = next((f"{word}{table[name]}%" for name, word in _AIMS.items() if name in table), "")
    source = taken_over(_text(table, "source"))
    return Said(RATE_NAMES.get(key, key), (aim,), _text(table, "clause"), _text(table, "quote"), source=source)


def _text(table: Mapping[str, Any], key: str) -> str:
    return str(table.get(key, ""))


@dataclass(frozen=True, slots=True)
class MarkedClause:
    """One clause with the word for its mark, and where it stands or why it drives nothing."""

    number: str
    quote: str
    mark: str
    word: str
    place: str


def clause_table(clauses: Iterable[Clause]) -> list[MarkedClause]:
    """条款对照表: every clause once, in the plan's order."""
    return [
        MarkedClause(c.number, c.quote, c.mark, MARKS[c.mark], "；".join(filter(None, ("、".join(c.where), c.reason))))
        for c in clauses
    ]
