"""Dates of a plan: where spans end; each day is led to the first reporting day that lies on or after it."""

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest

from agencies.choices import DayType
from agencies.rules.policy_dates import fixed_date_from, reporting_day, span_end
from agencies.rules.policy_triggers import FixedDate, Span
from cases.rules.rounds import observed_until
from tests.counties import county_calendar, policy_of

CALENDAR = county_calendar("jiaotan-2025")


@pytest.mark.parametrize("roll", ["none", "back", "forward"])
@pytest.mark.parametrize(
    "at", [FixedDate(1), FixedDate(7), FixedDate(31), FixedDate(1, 1), FixedDate(31, 8), FixedDate(29, 2)]
)
def test_a_day_is_led_to_the_first_reporting_day_even_over_the_edge_of_a_month(at: FixedDate, roll: str) -> None:
    policy = replace(policy_of("jiaotan-2025"), fixed_date_roll=roll)
    months = [(year, month) for year in range(2024, 2030) for month in range(1, 13) if at.month in (None, month)]
    named = [date(year, month, min(at.day, monthrange(year, month)[1])) for year, month in months]
    reporting = sorted(reporting_day(policy, CALENDAR, day) for day in named)
    for offset in range(400):
        day = date(2025, 3, 1) + timedelta(days=offset)
        assert fixed_date_from(policy, CALENDAR, at, day) == next(due for due in reporting if due >= day)


@pytest.mark.parametrize(
    ("span", "end", "provisional"),
    [
        (Span(3, DayType.WORKING), date(2026, 10, 10), False),
        (Span(3, DayType.NATURAL, roll=DayType.WORKING), date(2026, 10, 8), False),
        (Span(0), date(2026, 9, 30), False),
        # 2026-10-30 is a Friday, 2026-12-30 a Wednesday; 2027-01-30, a Saturday, is not published yet.
        (Span(0, months=1), date(2026, 10, 30), False),
        (Span(0, months=3, count_first=True), date(2026, 12, 29), False),
        (Span(0, months=4, roll=DayType.WORKING), date(2027, 2, 1), True),
        (Span(4, DayType.WORKING, count_first=True), date(2026, 10, 10), False),
    ],
)
def test_a_span_from_the_last_day_of_september_ends(span: Span, end: date, provisional: bool) -> None:
    assert span_end(CALENDAR, date(2026, 9, 30), span) == (end, provisional)


def test_an_observation_of_a_month_ends_a_month_later() -> None:
    plan = policy_of("jiaotan-2025")
    watched = replace(plan, observation=replace(plan.observation, span=Span(0, months=1)))
    assert observed_until(watched, CALENDAR, date(2026, 9, 30)) == date(2026, 10, 30)


@pytest.mark.parametrize(
    ("roll", "day", "due"),
    [
        # 2026-10-31 is a Saturday, 2026-11-01 a Sunday.
        ("forward", date(2026, 11, 1), date(2026, 11, 2)),
        ("back", date(2026, 10, 31), date(2026, 11, 30)),
        ("none", date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_every_31st_over_the_edge_of_october(roll: str, day: date, due: date) -> None:
    policy = replace(policy_of("jiaotan-2025"), fixed_date_roll=roll)
    assert fixed_date_from(policy, CALENDAR, FixedDate(31), day) == due
