"""When units owe a recurring duty, by hand over 国庆 2026, rest days, breaks and the edges of periods.

2026: 09-25（周五）至09-27 中秋节放假; 10-01至10-07 国庆节放假, 09-20 and 10-10 make-up workdays.
"""

from dataclasses import replace
from datetime import date

import pytest

from agencies.choices import CalendarKind, DayType
from agencies.rules.calendar import Entry
from agencies.rules.policy_triggers import FixedDate, Limit, Span, TermDay
from agencies.rules.unit_duties import load_unit_plan
from agencies.rules.unit_occurrences import Occurrence, occurrences
from agencies.rules.unit_schema import UnitDuty
from agencies.rules.unit_state import is_owed, is_shown, record_mistakes, state_of
from tests.agencies import unit_plan
from tests.counties import FIXTURES, county_calendar, policy_of, toml

AUTUMN = Entry(CalendarKind.TERM, date(2026, 9, 1), date(2027, 1, 22), "第一学期", "校历", depth=1)
SPRING = Entry(CalendarKind.TERM, date(2027, 2, 22), date(2027, 7, 9), "第二学期", "校历", depth=1)


def duty(every: str, due: Limit | None = None) -> UnitDuty:
    plan, _ = load_unit_plan(unit_plan.duties(), "duties.toml")
    assert plan is not None
    found = plan.duty("school-report")
    assert found is not None
    return replace(found, every=every, due=due)


def found(
    every: str,
    due: Limit | None,
    first: date,
    last: date,
    *,
    roll: str = "back",
    terms: tuple[Entry, ...] = (AUTUMN, SPRING),
) -> list[Occurrence]:
    policy = unit_plan.policy(fixed_date_roll=roll)
    return occurrences(policy, unit_plan.national(*terms), duty(every, due), first, last)


@pytest.mark.parametrize(
    ("roll", "days"),
    [
        # 09-25 中秋节: back to Thursday 24, forward to Monday 28; 10-25 is a Sunday, 11-25 a Wednesday.
        ("back", [date(2026, 9, 24), date(2026, 10, 23), date(2026, 11, 25)]),
        ("forward", [date(2026, 9, 28), date(2026, 10, 26), date(2026, 11, 25)]),
        ("none", [date(2026, 9, 25), date(2026, 10, 25), date(2026, 11, 25)]),
    ],
)
def test_the_25th_of_each_month_moves_off_rest_days_as_the_plan_says(roll: str, days: list[date]) -> None:
    rows = found("month", FixedDate(25), date(2026, 9, 1), date(2026, 11, 30), roll=roll)
    assert [row.due_on for row in rows] == days
    assert [row.first for row in rows] == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]


def test_a_date_that_rolls_over_the_edge_of_its_month_stays_with_its_month() -> None:
    # 2026-10-31 is a Saturday: forward to Monday 11-02; November still has a due date of its own.
    rows = found("month", FixedDate(31), date(2026, 10, 1), date(2026, 11, 30), roll="forward")
    assert [row.due_on for row in rows] == [date(2026, 11, 2), date(2026, 11, 30)]
    # 2026-11-01 is a Sunday: back to Friday 10-30.
    rows = found("month", FixedDate(1), date(2026, 11, 1), date(2026, 11, 30))
    assert [row.due_on for row in rows] == [date(2026, 10, 30)]


def test_an_annual_date_lies_in_its_year() -> None:
    # 2026-08-31 is a Monday.
    rows = found("year", FixedDate(31, 8), date(2026, 10, 1), date(2026, 10, 31))
    assert rows == [Occurrence(date(2026, 1, 1), date(2026, 12, 31), date(2026, 8, 31), provisional=False)]


def test_ten_working_days_of_a_month_count_over_the_national_holiday() -> None:
    # October: 1 to 7 off; 8, 9, 10 (make-up), 12, 13, 14, 15, 16, 19, 20.  The first day itself counts, but is off.
    rows = found("month", Span(10, DayType.WORKING, count_first=True), date(2026, 10, 1), date(2026, 10, 31))
    assert [row.due_on for row in rows] == [date(2026, 10, 20)]


def test_a_week_without_a_school_day_opens_no_duty_where_the_plan_skips_breaks() -> None:
    weekly = replace(duty("week"), breaks="skip")
    policy, calendar = unit_plan.policy(), unit_plan.national(AUTUMN, SPRING)

    def weeks(first: date, last: date) -> list[date]:
        return [row.first for row in occurrences(policy, calendar, weekly, first, last)]

    # 国庆节 takes 10-01 to 10-07: both its weeks keep school days. 01-25 to 02-21 is the winter break.
    assert weeks(date(2026, 9, 28), date(2026, 10, 11)) == [date(2026, 9, 28), date(2026, 10, 5)]
    assert weeks(date(2027, 1, 18), date(2027, 2, 28)) == [date(2027, 1, 18), date(2027, 2, 22)]
    # After the last term on record nobody knows: it stays owed.
    assert weeks(date(2027, 7, 12), date(2027, 7, 18)) == [date(2027, 7, 12)]
    kept = occurrences(policy, calendar, duty("week"), date(2027, 1, 25), date(2027, 1, 31))
    assert [row.first for row in kept] == [date(2027, 1, 25)]


def test_a_week_runs_from_monday_and_is_due_on_its_sunday() -> None:
    rows = found("week", None, date(2026, 9, 30), date(2026, 10, 7))
    assert [(row.first, row.due_on) for row in rows] == [
        (date(2026, 9, 28), date(2026, 10, 4)),
        (date(2026, 10, 5), date(2026, 10, 11)),
    ]


def test_the_fifteenth_day_of_a_term_is_counted_in_each_term() -> None:
    # From the day after 09-01: 09-16; after 02-22: 03-09.
    rows = found("term", TermDay(15, DayType.NATURAL), date(2026, 9, 1), date(2027, 3, 1))
    assert [row.due_on for row in rows] == [date(2026, 9, 16), date(2027, 3, 9)]


def test_a_day_of_a_term_in_a_calendar_year_is_that_of_a_term_begun_in_it() -> None:
    rows = found("year", TermDay(15, DayType.NATURAL), date(2027, 3, 1), date(2027, 3, 1))
    assert [row.due_on for row in rows] == [date(2027, 3, 9)]


def test_where_no_term_is_known_the_end_of_the_period_stands_provisionally() -> None:
    rows = found("year", TermDay(15, DayType.NATURAL), date(2026, 3, 1), date(2026, 3, 1), terms=())
    assert rows == [Occurrence(date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 31), provisional=True)]
    assert found("term", None, date(2026, 3, 1), date(2026, 3, 1), terms=()) == []


def test_a_date_beyond_the_published_holidays_is_provisional_only_where_they_could_move_it() -> None:
    beyond = date(2031, 5, 1), date(2031, 5, 31)
    assert [row.provisional for row in found("month", FixedDate(20), *beyond)] == [True]
    assert [row.provisional for row in found("month", FixedDate(20), *beyond, roll="none")] == [False]
    assert [row.provisional for row in found("month", None, *beyond)] == [False]
    assert [row.provisional for row in found("month", Span(3, DayType.WORKING), *beyond)] == [True]


def test_a_duty_owed_once_is_owed_from_the_plan_s_first_day_and_stays_owed_past_its_last() -> None:
    policy, calendar = unit_plan.policy(), unit_plan.national(AUTUMN)
    for day in (date(2026, 3, 2), date(2026, 10, 1)):  # valid from 2025-09-01 to 2026-08-31
        rows = occurrences(policy, calendar, duty("once", Span(0, months=1)), day, day)
        assert rows == [Occurrence(date(2025, 9, 1), date(2026, 8, 31), date(2025, 10, 1), provisional=False)]
    assert occurrences(policy, calendar, duty("once"), date(2025, 8, 1), date(2025, 8, 31)) == []


PERIOD = Occurrence(date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 23), provisional=False)


@pytest.mark.parametrize(
    ("opened", "closed", "adopted", "owed"),
    [
        (None, None, date(2026, 9, 1), True),
        (date(2026, 10, 12), None, date(2026, 9, 1), True),
        (date(2026, 10, 24), None, date(2026, 9, 1), False),
        (None, date(2026, 10, 22), date(2026, 9, 1), False),
        (None, date(2026, 10, 23), date(2026, 9, 1), True),
        (None, None, date(2026, 10, 23), True),
        (None, None, date(2026, 10, 24), False),
    ],
)
def test_a_unit_owes_what_falls_due_while_it_stands_under_the_plan(
    opened: date | None, closed: date | None, adopted: date, owed: bool
) -> None:
    assert is_owed(PERIOD, opened, closed, adopted) is owed


def test_a_period_is_open_to_its_due_date_then_overdue_until_done() -> None:
    assert state_of(PERIOD, None, date(2026, 10, 23)) == "open"
    assert state_of(PERIOD, None, date(2026, 10, 24)) == "overdue"
    assert state_of(PERIOD, date(2026, 10, 23), date(2026, 10, 30)) == "done"
    assert state_of(PERIOD, date(2026, 10, 24), date(2026, 10, 30)) == "done_late"


def test_what_is_done_leaves_the_list_with_its_period_and_what_is_overdue_stays() -> None:
    assert is_shown(PERIOD, "done", date(2026, 10, 31))
    assert not is_shown(PERIOD, "done", date(2026, 11, 1))
    assert is_shown(PERIOD, "overdue", date(2026, 11, 1))


def test_a_record_lies_in_its_period_and_not_ahead() -> None:
    month, on = duty("month"), date(2026, 10, 20)
    assert record_mistakes(month, PERIOD, date(2026, 10, 20), on) == {}
    assert "不能晚于今天" in record_mistakes(month, PERIOD, date(2026, 10, 21), on)["done_on"]
    assert "早于本期首日（2026-10-01（周四））" in record_mistakes(month, PERIOD, date(2026, 9, 30), on)["done_on"]
    assert record_mistakes(duty("once"), PERIOD, date(2026, 9, 30), on) == {}


def test_the_survey_the_township_plan_asks_for_by_20_september_is_due_the_friday_before() -> None:
    """2025-09-20 is a Saturday; the plan says 「于2025年9月20日前」 and moves such dates back."""
    plan, _ = load_unit_plan(toml(FIXTURES / "counties" / "jiaotan-2025" / "duties.toml"), "duties.toml")
    survey = plan.duty("village-survey") if plan else None
    assert survey is not None
    calendar = county_calendar("jiaotan-2025")
    (once,) = occurrences(policy_of("jiaotan-2025"), calendar, survey, date(2025, 9, 1), date(2026, 8, 31))
    assert once.due_on == date(2025, 9, 19)
