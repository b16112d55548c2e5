"""Reads a scenario: one child's story in dates, and what is expected of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from agencies.choices import Role
from agencies.rules.calendar import Calendar, Entry
from agencies.rules.county_calendar import read_entry
from agencies.rules.county_text import Report, Table
from agencies.rules.policy_schema import Mistake
from cases.choices import Application, Category, DutyState, EventKind, Outcome, Stage
from cases.rules.facts import Event
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import CHINA, Mark, RollFacts

OWN_DEPTH = 9
LONGEST = timedelta(days=800)
MORNING, NOON, EVENING = time(8, 30), time(12), time(23, 59)
DATES = (
    "placed_until",
    "next_due_on",
    "changes_on",
    "returned_on",
    "dropped_out_on",
    "observing_until",
    "guardian_due_on",
    "received_on",
    "served_on",
)
DUTY_DATES = {"opened": "opened_on", "due": "due_on", "done": "done_on", "known": "known_on", "opens": "opens_on"}
ENDINGS = ("may_end_as", "may_not_end_as")
FLAGS = ("closable", "relapse", "opens_case")


@dataclass(frozen=True, slots=True)
class Absent:
    """Absence from one day to another, recorded each morning unless `recorded_on` says later."""

    first: date
    last: date
    part: PartOfDay
    reason: AbsenceReason
    recorded_on: date | None
    superseded_on: date | None


@dataclass(frozen=True, slots=True)
class Together:
    """Whether cases of one class opened on these days are told to the bureau on a day."""

    opened: tuple[date, ...]
    on: date
    told: bool


@dataclass(frozen=True, slots=True)
class Expect:
    """What is expected on one day: values by name, and values per duty."""

    on: date
    known_at: datetime | None
    values: Mapping[str, Any]
    duties: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """An application decided by a post for a time, with what was on record, and whether that may be."""

    key: str
    decider: Role
    first: date | None
    until: date | None
    recorded: tuple[str, ...]
    allowed: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story of one child, independent of any plan, and what is expected of it."""

    title: str
    days: tuple[Entry, ...]
    taken: tuple[tuple[date, date], ...]
    not_taken: frozenset[date]
    absent: tuple[Absent, ...]
    events: tuple[Event, ...]
    expects: tuple[Expect, ...]
    reporting: tuple[tuple[date, date], ...]
    ages: tuple[tuple[date, date, bool], ...]
    recipients: tuple[str, ...] | None
    born_on: date | None = None
    approvals: tuple[Approval, ...] = ()
    together: tuple[Together, ...] = ()

    @property
    def last_day(self) -> date | None:
        """The last day the story speaks of."""
        days = [*(e.on for e in self.expects), *(e.happened_on for e in self.events), *(a.last for a in self.absent)]
        return max(days, default=None)

    def calendar(self, county: Calendar) -> Calendar:
        """The county's calendar with the story's own closings and extra school days."""
        return Calendar((*county.entries, *self.days)) if self.days else county

    def roll(self, calendar: Calendar) -> RollFacts:
        """The roll of the story on this calendar's school days."""
        taken: dict[date, datetime] = {}
        for first, last in self.taken:
            taken.update((d, _at(d, MORNING)) for d in calendar.school_days(first, last) if d not in self.not_taken)
        marks = [m for absent in self.absent for m in _marks(absent, calendar)]
        return RollFacts(tuple(marks), taken)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, CHINA)


def _marks(absent: Absent, calendar: Calendar) -> list[Mark]:
    gone = None if absent.superseded_on is None else _at(absent.superseded_on, NOON)
    return [
        Mark(day, absent.part, absent.reason, _at(absent.recorded_on or day, MORNING), gone)
        for day in calendar.school_days(absent.first, absent.last)
    ]


def load_scenario(data: dict[str, Any], source: str, text: str = "") -> tuple[Scenario | None, list[Mistake]]:
    """The scenario, or None with every mistake of its file."""
    report = Report(source, text)
    table = Table(data, (), report)
    taken, not_taken = _roll(table)
    scenario = Scenario(
        title=table.text("title"),
        days=tuple(read_entry(t, OWN_DEPTH) for t in table.tables("days")),
        taken=taken,
        not_taken=not_taken,
        absent=tuple(_absent(t) for t in table.tables("absent")),
        events=tuple(_event(t, place + 1) for place, t in enumerate(table.tables("event"))),
        expects=tuple(_expect(t) for t in table.tables("expect")),
        reporting=tuple(_reporting(t) for t in table.tables("reporting")),
        ages=tuple(_age(t) for t in table.tables("age")),
        recipients=table.words("recipients", ("township", "bureau", "county")) if table.has("recipients") else None,
        born_on=_optional_day(table, "born"),
        approvals=tuple(_approval(t) for t in table.tables("approval")),
        together=tuple(_together(t) for t in table.tables("cluster")),
    )
    table.seen.update({"about", "recipients", "born"})
    table.finish()
    return (None if report.mistakes else scenario), report.mistakes


def _roll(table: Table) -> tuple[tuple[tuple[date, date], ...], frozenset[date]]:
    spans, missing = [], set()
    for inner in table.tables("roll"):
        span = _span(inner)
        spans.append(span)
        missing.update(_days(inner, "except"))
        inner.finish()
    return tuple(spans), frozenset(missing)


def _days(table: Table, key: str) -> list[date]:
    """A list of days, none where the key is missing; a wrong one is named by its place."""
    values = _list(table, key, "应为日期列表", "请写成 [2026-10-09, 2026-10-12]")
    return [Table({key: value}, (*table.path, place), table.report).day(key) for place, value in enumerate(values)]


def _list(table: Table, key: str, wrong: str, remedy: str) -> list[Any]:
    table.seen.add(key)
    values = table.data.get(key, [])
    if isinstance(values, list):
        return values
    table.wrong(key, wrong, remedy)
    return []


def _span(table: Table) -> tuple[date, date]:
    if table.has("day"):
        day = table.day("day")
        return day, day
    first, last = table.day("from"), table.day("to")
    if not first <= last or last - first > LONGEST:
        table.wrong("to", "末日早于首日，或相距超过800天", "请核对 from 与 to")
        return first, first
    return first, last


def _optional_day(table: Table, key: str) -> date | None:
    return table.day(key) if table.has(key) else None


def _absent(table: Table) -> Absent:
    first, last = _span(table)
    absent = Absent(
        first,
        last,
        PartOfDay(table.word("part", PartOfDay.values, default="day")),
        AbsenceReason(table.word("reason", AbsenceReason.values, default="unexcused")),
        _optional_day(table, "recorded_on"),
        _optional_day(table, "superseded_on"),
    )
    table.seen.update({"recorded_on", "superseded_on"})
    table.finish()
    return absent


def _event(table: Table, number: int) -> Event:
    day = table.day("on")
    recorded, gone = _optional_day(table, "recorded_on"), _optional_day(table, "superseded_on")
    event = Event(
        id=number,
        kind=EventKind(table.word("kind", EventKind.values) or EventKind.NOTE),
        happened_on=day,
        recorded_at=_at(recorded or day, NOON),
        data=dict(table.sub("data").data) if table.has("data") else {},
        superseded_at=None if gone is None else _at(gone, NOON),
        step=table.text("step") if table.has("step") else None,
    )
    table.seen.update({"recorded_on", "superseded_on", "data", "step"})
    table.finish()
    return event


def _reporting(table: Table) -> tuple[date, date]:
    found = table.day("date"), table.day("by")
    table.finish()
    return found


def _age(table: Table) -> tuple[date, date, bool]:
    found = table.day("born"), table.day("on"), table.flag("covered")
    table.finish()
    return found


def _together(table: Table) -> Together:
    found = Together(tuple(_days(table, "opened")), table.day("on"), table.flag("told"))
    table.finish()
    return found


def _approval(table: Table) -> Approval:
    approval = Approval(
        key=table.word("application", Application.values),
        decider=Role(table.word("decider", Role.values) or Role.PRINCIPAL),
        first=_optional_day(table, "from"),
        until=_optional_day(table, "until"),
        recorded=table.words("recorded", EventKind.values),
        allowed=table.flag("allowed"),
    )
    table.seen.update({"from", "until"})
    table.finish()
    return approval


def _expect(table: Table) -> Expect:
    on, known = table.day("on"), _optional_day(table, "known_at")
    values: dict[str, Any] = {key: _maybe_none(table, key) for key in DATES if table.has(key)}
    values.update((key, table.flag(key)) for key in FLAGS if table.has(key))
    values.update(
        (key, table.halves(key) if table.data[key] else 0) for key in ("counted", "window") if table.has(key)
    )
    if table.has("stage"):
        values["stage"] = table.word("stage", Stage.values)
    if table.has("category"):
        values["category"] = table.word("category", Category.values)
    values.update((key, table.text(key)) for key in ("approver", "confirmer") if table.has(key))
    if table.has("waiting"):
        values["waiting"] = tuple(_list(table, "waiting", "应为步骤的列表", '请写成 ["…", "…"]'))
    for key in ENDINGS:
        if table.has(key):
            values[key] = table.words(key, Outcome.values, required=True)
    table.seen.update(
        {*DATES, *FLAGS, *ENDINGS, "counted", "window", "stage", "category", "approver", "confirmer", "waiting"}
    )
    table.seen.add("known_at")
    duties = tuple(_duty(t) for t in table.tables("duties"))
    table.finish()
    return Expect(on, None if known is None else _at(known, EVENING), values, duties)


def _maybe_none(table: Table, key: str) -> date | None:
    """A date, or "none" where no date is expected."""
    if table.data[key] == "none":
        table.seen.add(key)
        return None
    return table.day(key)


def _duty(table: Table) -> dict[str, Any]:
    values: dict[str, Any] = {"step": table.text("step")}
    values.update((name, _maybe_none(table, key)) for key, name in DUTY_DATES.items() if table.has(key))
    for key, allowed in (("state", (*DutyState.values, "absent")), ("stage", Stage.values)):
        if table.has(key):
            values[key] = table.word(key, allowed)
    for key, name in (("delay", "delay_days"), ("round", "round"), ("cycle", "cycle")):
        if table.has(key):
            values[name] = table.whole(key, 0, 999)
    if table.has("provisional"):
        values["provisional"] = table.flag("provisional")
    table.seen.update(DUTY_DATES)
    table.finish()
    return values
