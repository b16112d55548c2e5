"""Reads `duties.toml`: what a plan asks of units, every mistake at once."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agencies.choices import Role, UnitKind
from agencies.rules import policy_words as words
from agencies.rules.county_text import Places, Report, Table
from agencies.rules.policy import LONGEST_NAME, read_basis, read_contradiction
from agencies.rules.policy_schema import Mistake
from agencies.rules.policy_trigger_reading import read_limit
from agencies.rules.policy_triggers import Limit
from agencies.rules.unit_schema import Agency, Consequence, Group, Handover, Letter, Seat, UnitDuty, UnitPlan

UNITS = frozenset(UnitKind.values)
SHORT = frozenset({"week", "month", "quarter"})
AGAINST = frozenset({"unit", "person"})


def load_unit_plan(
    data: Mapping[str, Any], source: str, text: str = "", places: Places | None = None
) -> tuple[UnitPlan | None, list[Mistake]]:
    """What a plan asks of units, or None with every mistake of the file; `places` as for `load_policy`."""
    report = Report(source, text, places)
    table = Table(data, (), report)
    plan = UnitPlan(
        agencies=tuple(_agency(t) for t in table.tables("agencies")),
        duties=tuple(_duty(t) for t in table.tables("duties")),
        letters=tuple(_letter(t) for t in table.tables("letters")),
        accountability=tuple(_consequence(t) for t in table.tables("accountability")),
        groups=tuple(_group(t) for t in table.tables("groups")),
    )
    table.finish()
    _check(plan, report)
    return (None if report.mistakes else plan), report.mistakes


def _texts(table: Table, key: str) -> tuple[str, ...]:
    value = table.data.get(key)
    table.seen.add(key)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
        table.wrong(key, "应为文字列表，至少一项", '请写成 ["…", "…"]')
        return ()
    return tuple(v.strip() for v in value)


def _agency(table: Table) -> Agency:
    agency = Agency(
        key=table.code(LONGEST_NAME),
        name=table.text("name"),
        unit=UnitKind(table.word("unit", UNITS) or UnitKind.AGENCY),
        duties=_texts(table, "duties"),
        hands_over=tuple(_handover(t) for t in table.tables("hands_over")),
        basis=read_basis(table),
    )
    table.finish()
    return agency


def _handover(table: Table) -> Handover:
    data, to = table.text("data"), table.text("to")
    every, due = _when(table.sub("when")) if table.has("when") else ("", None)
    table.seen.add("when")
    handover = Handover(data, to, every, due, read_basis(table))
    table.finish()
    return handover


def _when(table: Table) -> tuple[str, Limit | None]:
    every = table.word("every", words.RHYTHMS)
    limit = Table({"due": _rest(table)}, table.path, table.report)
    due = read_limit(limit, "due", of_period=True) if _rest(table) else None
    table.seen.update(table.data)
    table.finish()
    return every, due


def _rest(table: Table) -> dict[str, Any]:
    return {key: value for key, value in table.data.items() if key != "every"}


def _duty(table: Table) -> UnitDuty:
    duty = UnitDuty(
        key=table.code(LONGEST_NAME),
        name=table.text("name"),
        kind=table.word("kind", words.DUTY_KINDS),
        owner_unit=UnitKind(table.word("owner_unit", UNITS) or UnitKind.SCHOOL),
        owner_role=Role(table.word("owner_role", words.ROLES) or Role.PRINCIPAL),
        agency=table.text("agency", required=False),
        every=table.word("every", words.RHYTHMS),
        due=read_limit(table, "due", of_period=True),
        to=table.text("to", required=False),
        document=table.text("document", required=False),
        proof=table.text("proof"),
        basis=read_basis(table),
        contradiction=read_contradiction(table),
        breaks=table.word("breaks", words.BREAKS, default="keep"),
    )
    if duty.breaks == "skip" and duty.every not in SHORT:
        table.wrong("breaks", "只有每周、每月、每季度的任务可以跳过假期", "请删去 breaks，或改 every")
    table.seen.update({"due", "contradiction"})
    table.finish()
    return duty


def _letter(table: Table) -> Letter:
    letter = Letter(
        key=table.code(LONGEST_NAME),
        name=table.text("name"),
        from_unit=UnitKind(table.word("from_unit", UNITS) or UnitKind.TOWNSHIP),
        to_unit=UnitKind(table.word("to_unit", UNITS) or UnitKind.SCHOOL),
        goals=_texts(table, "goals"),
        basis=read_basis(table),
    )
    table.finish()
    return letter


def _consequence(table: Table) -> Consequence:
    found = Consequence(
        name=table.text("name"),
        against=table.word("against", AGAINST),
        by=table.text("by", required=False),
        basis=read_basis(table),
    )
    table.finish()
    return found


def _group(table: Table) -> Group:
    group = Group(
        name=table.text("name"),
        unit=UnitKind(table.word("unit", UNITS) or UnitKind.COUNTY),
        posts=tuple(_seat(t) for t in table.tables("posts", required=True)),
        basis=read_basis(table),
    )
    table.finish()
    return group


def _seat(table: Table) -> Seat:
    seat = Seat(table.text("role"), table.text("post"))
    table.finish()
    return seat


def _check(plan: UnitPlan, report: Report) -> None:
    """Keys stand once; an agency's duty names a member unit of the plan."""
    for name, keys in (
        ("agencies", [a.key for a in plan.agencies]),
        ("duties", [d.key for d in plan.duties]),
        ("letters", [letter.key for letter in plan.letters]),
    ):
        for key, times in Counter(keys).items():
            if times > 1:
                report.add((name, keys.index(key), "key"), f"编号 {key!r} 写了{times}次", "请给每项不同的编号")
    known = {agency.key for agency in plan.agencies}
    for place, duty in enumerate(plan.duties):
        if duty.agency and duty.agency not in known:
            report.add(
                ("duties", place, "agency"), f"没有成员单位 {duty.agency!r}", f"可用：{'、'.join(sorted(known))}"
            )
        if (duty.owner_unit == UnitKind.AGENCY) != bool(duty.agency):
            report.add(
                ("duties", place, "agency"), "owner_unit 为 agency 时须写 agency，否则不写", "请补上或删去 agency"
            )
