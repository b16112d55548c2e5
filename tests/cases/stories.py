"""Builds short stories of one child for the tests of the ladder."""

from datetime import date, datetime, time
from typing import Any

from agencies.rules.calendar import Calendar
from agencies.rules.policy_schema import Policy
from cases.choices import EventKind
from cases.rules.facts import Event
from cases.rules.ladder import evaluate
from cases.rules.standing import Standing
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import CHINA, Mark, RollFacts
from tests.counties import county_calendar, policy_of

CALENDAR: Calendar = county_calendar("jiaotan-2025")
TOWN: Policy = policy_of("jiaotan-2025")
COUNTY: Policy = policy_of("datian-2023")


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a day in China."""
    return datetime.combine(day, time(hour), CHINA)


def absent(first: date, last: date, reason: str = "unexcused", part: str = "day") -> tuple[Mark, ...]:
    """Absence on every school day of a span."""
    days = CALENDAR.school_days(first, last)
    return tuple(Mark(d, PartOfDay(part), AbsenceReason(reason), at(d)) for d in days)


def roll(*marks: Mark, until: date = date(2026, 12, 31)) -> RollFacts:
    """A roll taken on every school day from 2025-09 on."""
    return RollFacts(marks, {d: at(d) for d in CALENDAR.school_days(date(2025, 9, 1), until)})


def event(number: int, kind: EventKind, day: date, /, **data: Any) -> Event:
    """One event recorded on its day."""
    step = data.pop("at_step", None)
    return Event(number, kind, day, at(day), data, step=step)


def stands(facts: RollFacts, events: tuple[Event, ...], on: date, policy: Policy = TOWN) -> Standing:
    """How the case stands."""
    return evaluate(policy, CALENDAR, facts, events, on)
