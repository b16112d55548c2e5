"""Times the pure ladder, and the county derived anew under all its plans at once, twice and four times the cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from agencies.models import PolicyVersion
from agencies.queries.calendars import calendar_of
from agencies.queries.policies import policy_of
from agencies.rules.calendar import Calendar
from agencies.rules.policy_schema import Policy
from agencies.scope import Actor
from cases.actions.refresh import CHUNK, refresh_cases, with_units
from cases.choices import EventKind
from cases.models import Case
from cases.rules.facts import Event
from cases.rules.ladder import evaluate
from config.bench.measure import Row, measure
from config.bench.pages import County
from config.bench.papers import once
from config.demo.days import moment
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import Mark, RollFacts

MARKS, EVENTS = 150, 30
KINDS = (EventKind.PHONE_CALL, EventKind.HOME_VISIT, EventKind.PERSUASION, EventKind.NOTE)
# Every fourth, every second, every open case: once, twice and four times as many.
SHARES = (("1×", 4), ("2×", 2), ("4×", 1))


def _story(calendar: Calendar, on: date) -> tuple[RollFacts, tuple[Event, ...], date]:
    """A child away on 150 school days of registers taken, with 30 acts on record."""
    days = calendar.school_days(on - timedelta(days=600), on)[-MARKS:]
    marks = tuple(Mark(day, PartOfDay.DAY, AbsenceReason.UNEXCUSED, moment(day, 8)) for day in days)
    step = max(len(days) // EVENTS, 1)
    events = tuple(
        Event(number, KINDS[number % len(KINDS)], day, moment(day, 10), {"result": "connected"})
        for number, day in enumerate(days[::step][:EVENTS])
    )
    return RollFacts(marks, {day: moment(day, 8) for day in days}), events, days[-1] if days else on


def measure_rules(county: County, runs: int) -> Iterator[Row]:
    """One standing of each plan on record; ten of them make a run, so that the clock can tell."""
    school_class = county.classes[0]
    calendar = calendar_of(school_class, county.on)
    roll, events, on = _story(calendar, county.on)
    for version in PolicyVersion.objects.defer("content").order_by("key"):
        policy = policy_of(version)

        def ten(number: int, policy: Policy = policy) -> None:
            for _ in range(10):
                evaluate(policy, calendar, roll, events, on)

        row = measure(f"推演10次（{MARKS}个缺勤、{EVENTS}次办理）：{version.key}", ten, runs=runs)
        yield Row(row.name, row.median, row.p95, row.cpu, None, f"{len(policy.steps)}个步骤；目标 ≤ 5 CPU ms")


def measure_refresh(by: Actor, on: date, note: str) -> Iterator[Row]:
    """Every open case derived anew from its facts, in chunks: it should grow as the number of cases does."""
    rows = list(Case.objects.filter(closed_on__isnull=True).order_by("pk").values_list("pk", "policy__key"))
    for times, share in SHARES:
        some, plans = [pk for pk, _ in rows[::share]], len({key for _, key in rows[::share]})

        def everything(some: list[int] = some) -> int:
            for start in range(0, len(some), CHUNK):
                refresh_cases(by=by, cases=with_units(some[start : start + CHUNK]), on=on, now=moment(on, 0, 30))
            return len(some)

        name = f"按事实重新推演未销号个案 {times}（{len(some)} 件，{plans} 个方案）"
        yield once(name, everything, note)
