"""Reads a scenario (dates in) and compares what a plan makes of it with what the scenario expects (duties out)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from agencies.rules.calendar import Calendar, Entry
from agencies.rules.county_calendar import read_entry
from agencies.rules.county_text import Report, Table
from agencies.rules.policy_dates import is_of_age, reporting_day
from agencies.rules.policy_schema import Mistake, Policy
from cases.choices import DutyState, EventKind, Stage
from cases.rules.closing import approver_of
from cases.rules.facts import Event
from cases.rules.ladder import evaluate
from cases.rules.standing import Standing
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import CHINA, Mark, RollFacts

OWN_DEPTH = 9
LONGEST = timedelta(days=800)
MORNING, NOON, EVENING = time(8, 30), time(12), time(23, 59)
DATES = ("next_due_on", "changes_on", "returned_on", "observing_until", "guardian_due_on", "received_on", "served_on")
DUTY_DATES = {"opened": "opened_on", "due": "due_on", "done": "done_on", "known": "known_on", "opens": "opens_on"}
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
class Expect:
    """What is expected on one day: values by name, and values per duty."""

    on: date
    known_at: datetime | None
    values: Mapping[str, Any]
    duties: tuple[Mapping[str, Any], ...]


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
    )
    table.seen.update({"about", "recipients"})
    table.finish()
    return (None if report.mistakes else scenario), report.mistakes


def _roll(table: Table) -> tuple[tuple[tuple[date, date], ...], frozenset[date]]:
    spans, missing = [], set()
    for inner in table.tables("roll"):
        span = _span(inner)
        spans.append(span)
        for place, value in enumerate(inner.data.get("except") or ()):
            missing.add(Table({"except": value}, (*inner.path, place), table.report).day("except"))
        inner.seen.add("except")
        inner.finish()
    return tuple(spans), frozenset(missing)


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


def _expect(table: Table) -> Expect:
    on, known = table.day("on"), _optional_day(table, "known_at")
    values: dict[str, Any] = {key: _maybe_none(table, key) for key in DATES if table.has(key)}
    values.update((key, table.flag(key)) for key in FLAGS if table.has(key))
    values.update(
        (key, table.halves(key) if table.data[key] else 0) for key in ("counted", "window") if table.has(key)
    )
    if table.has("stage"):
        values["stage"] = table.word("stage", Stage.values)
    for key in ("approver", "waiting"):
        if table.has(key):
            values[key] = tuple(table.data[key]) if key == "waiting" else table.text(key)
    table.seen.update({*DATES, *FLAGS, "counted", "window", "stage", "approver", "waiting", "known_at"})
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
    for key, name in (("delay", "delay_days"), ("round", "round")):
        if table.has(key):
            values[name] = table.whole(key, 0, 999)
    if table.has("provisional"):
        values["provisional"] = table.flag("provisional")
    table.seen.update(DUTY_DATES)
    table.finish()
    return values


def check_scenario(policy: Policy, county: Calendar, scenario: Scenario) -> list[str]:
    """Where the plan makes something else of the story than it expects; empty = everything as expected."""
    return compare(policy, scenario.calendar(county), scenario)


def compare(policy: Policy, own: Calendar, scenario: Scenario) -> list[str]:
    """`check_scenario` on a calendar that already holds the story's own days."""
    roll = scenario.roll(own)
    wrong = [text for expect in scenario.expects for text in _compare(policy, own, roll, scenario, expect)]
    for day, by in scenario.reporting:
        found = reporting_day(policy, own, day)
        if found != by:
            wrong.append(f"固定日期 {day}：应为 {by}，实为 {found}")
    for born, on, covered in scenario.ages:
        if is_of_age(policy, born, on) != covered:
            wrong.append(f"{born} 出生、{on} 时：年龄范围应为 {covered}")
    if scenario.recipients is not None and scenario.recipients != policy.report_recipients:
        wrong.append(f"报告接收单位：应为 {scenario.recipients}，实为 {policy.report_recipients}")
    return wrong


def _compare(policy: Policy, calendar: Calendar, roll: RollFacts, scenario: Scenario, expect: Expect) -> list[str]:
    standing = evaluate(policy, calendar, roll, scenario.events, expect.on, expect.known_at)
    wrong = []
    for name, value in expect.values.items():
        found = _value(policy, standing, name)
        if found != value:
            wrong.append(f"{expect.on} {name}：应为 {_say(name, value)}，实为 {_say(name, found)}")
    for duty in expect.duties:
        wrong.extend(f"{expect.on} 步骤 {duty['step']} {text}" for text in _compare_duty(standing, duty))
    return wrong


def _value(policy: Policy, standing: Standing, name: str) -> Any:
    if name == "counted":
        return standing.counted_halves
    if name == "window":
        return standing.window_halves
    if name == "approver":
        return approver_of(policy, standing)
    if name == "waiting":
        return tuple(d.step_key for d in standing.duties if d.is_waiting)
    return getattr(standing, name)


def _say(name: str, value: Any) -> str:
    return str(Decimal(value) / 2) if name in ("counted", "window") else str(value)


def _compare_duty(standing: Standing, expected: Mapping[str, Any]) -> list[str]:
    round_ = expected.get("round")
    mine = [d for d in standing.duties if d.step_key == expected["step"] and round_ in (None, d.round)]
    if expected.get("state") == "absent" or not mine:
        return [] if not mine and expected.get("state") == "absent" else ["该步骤不应有，或应有而没有"]
    wrong = []
    for name, value in expected.items():
        found = value if name == "step" else getattr(mine[-1], name)
        if found != value:
            wrong.append(f"{name}：应为 {value}，实为 {found}")
    return wrong
