"""Natural, working and school days: the test vectors, overrides by nearness, provisional dates."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from agencies.choices import CalendarKind, DayType
from agencies.rules.calendar import Calendar, Entry, narrowed
from tests.counties import KEYS, county_calendar

D = date
TERM = Entry(CalendarKind.TERM, D(2026, 9, 1), D(2027, 1, 22), "第一学期", "校历", depth=1)


@pytest.mark.parametrize(
    ("start", "n", "day_type", "due"),
    [
        (D(2026, 9, 22), 3, DayType.WORKING, D(2026, 9, 28)),
        (D(2026, 9, 22), 3, DayType.NATURAL, D(2026, 9, 25)),
        (D(2026, 9, 30), 3, DayType.WORKING, D(2026, 10, 10)),
        (D(2026, 9, 18), 3, DayType.WORKING, D(2026, 9, 22)),
        (D(2026, 12, 30), 3, DayType.WORKING, D(2027, 1, 5)),
        (D(2026, 2, 13), 5, DayType.WORKING, D(2026, 2, 27)),
        (D(2026, 9, 1), 10, DayType.WORKING, D(2026, 9, 15)),
        (D(2026, 9, 1), 15, DayType.WORKING, D(2026, 9, 21)),
        (D(2026, 9, 1), 50, DayType.WORKING, D(2026, 11, 16)),
        (D(2026, 3, 2), 10, DayType.WORKING, D(2026, 3, 16)),
        (D(2026, 9, 30), 3, DayType.NATURAL, D(2026, 10, 3)),
        (D(2026, 9, 18), 3, DayType.NATURAL, D(2026, 9, 21)),
        (D(2026, 12, 30), 3, DayType.NATURAL, D(2027, 1, 2)),
        (D(2026, 2, 13), 5, DayType.NATURAL, D(2026, 2, 18)),
        (D(2026, 9, 1), 10, DayType.NATURAL, D(2026, 9, 11)),
        (D(2026, 9, 1), 15, DayType.NATURAL, D(2026, 9, 16)),
        (D(2026, 9, 1), 50, DayType.NATURAL, D(2026, 10, 21)),
        (D(2026, 3, 2), 10, DayType.NATURAL, D(2026, 3, 12)),
        (D(2026, 1, 30), 1, DayType.SCHOOL, D(2026, 3, 2)),
        (D(2026, 9, 30), 0, DayType.WORKING, D(2026, 9, 30)),
    ],
)
def test_a_limit_is_counted_as_the_law_counts(start: date, n: int, day_type: DayType, due: date) -> None:
    assert county_calendar(KEYS[0]).add(start, n, day_type).on == due


def test_the_national_table_agrees_with_chinesecalendar() -> None:
    calendar = county_calendar(KEYS[0])
    days = [D(2025, 1, 1) + timedelta(days=i) for i in range(730)]
    assert [d for d in days if calendar.is_working(d) != chinese_calendar.is_workday(d)] == []


def test_dates_beyond_the_published_table_are_provisional() -> None:
    calendar = county_calendar(KEYS[0])
    assert calendar.add(D(2026, 12, 30), 3, DayType.WORKING).provisional
    assert not calendar.add(D(2026, 9, 30), 3, DayType.WORKING).provisional
    assert not calendar.add(D(2026, 12, 30), 3, DayType.NATURAL).provisional


def test_the_first_day_counts_only_where_the_rule_says_so() -> None:
    calendar = county_calendar(KEYS[0])
    assert calendar.add(D(2026, 9, 21), 3, DayType.WORKING, count_first=True).on == D(2026, 9, 23)


def test_an_arithmetic_names_every_day_it_walked_over() -> None:
    steps = county_calendar(KEYS[0]).add(D(2026, 9, 30), 3, DayType.WORKING).steps
    assert [(s.day.day, s.number, s.note) for s in steps[-4:]] == [
        (7, 0, "国庆节放假"),
        (8, 1, ""),
        (9, 2, ""),
        (10, 3, "调休上班"),
    ]


def test_a_closed_day_says_why() -> None:
    calendar = county_calendar(KEYS[0])
    days = [D(2026, 10, 3), D(2026, 10, 17), D(2026, 8, 3), D(2026, 2, 10), D(2026, 10, 12), D(2030, 9, 3)]
    assert [calendar.why_closed(d) for d in days] == ["国庆节放假", "周六", "暑假", "寒假", "", "校历未载入"]


def test_a_label_carries_the_weekday_and_what_is_special() -> None:
    calendar = county_calendar(KEYS[0])
    assert calendar.label(D(2026, 10, 10)) == "2026-10-10（周六，调休上班）"
    assert calendar.label(D(2026, 10, 12)) == "2026-10-12（周一）"


def test_without_a_term_no_day_is_a_school_day_but_limits_are_still_computed() -> None:
    calendar = Calendar(())
    assert not calendar.is_school_day(D(2026, 9, 2))
    due = calendar.add(D(2026, 9, 2), 1, DayType.SCHOOL)
    assert (due.on, due.provisional, due.steps[0].note) == (D(2026, 9, 3), True, "校历未载入，暂按工作日")


def test_the_nearest_override_wins() -> None:
    closed = Entry(CalendarKind.CLOSED, D(2026, 9, 7), D(2026, 9, 11), "台风", "县", depth=1)
    open_again = Entry(CalendarKind.OPEN, D(2026, 9, 9), D(2026, 9, 9), "复课", "校", depth=3)
    calendar = Calendar((TERM, closed, open_again))
    assert [calendar.is_school_day(D(2026, 9, d)) for d in (8, 9, 10)] == [False, True, False]
    assert calendar.why_closed(D(2026, 9, 8)) == "停课：台风"


def test_a_school_may_teach_on_a_saturday_and_a_grade_may_leave_early() -> None:
    saturday = Entry(CalendarKind.OPEN, D(2026, 9, 12), D(2026, 9, 12), "补课", "校", depth=3)
    left = Entry(CalendarKind.CLOSED, D(2026, 9, 14), D(2026, 9, 30), "离校", "校", depth=3, grade=9)
    entries = (TERM, saturday, left)
    assert Calendar(narrowed(entries, 8)).is_school_day(D(2026, 9, 15))
    assert not Calendar(narrowed(entries, 9)).is_school_day(D(2026, 9, 15))
    assert Calendar(narrowed(entries, 9)).is_school_day(D(2026, 9, 12))


def test_a_schools_own_term_replaces_the_countys() -> None:
    own = Entry(CalendarKind.TERM, D(2026, 9, 7), D(2027, 1, 15), "本校第一学期", "校", depth=3)
    calendar = Calendar((TERM, own))
    assert not calendar.is_school_day(D(2026, 9, 2))
    assert calendar.term_of(D(2026, 9, 7)) == own


def test_a_limit_that_ends_on_a_closed_day_moves_as_asked() -> None:
    calendar = county_calendar(KEYS[0])
    assert calendar.roll_forward(D(2026, 10, 3), DayType.SCHOOL) == D(2026, 10, 8)
    assert calendar.roll_forward(D(2026, 10, 8), DayType.SCHOOL) == D(2026, 10, 8)
    assert calendar.roll_back(D(2026, 10, 3), DayType.WORKING) == D(2026, 9, 30)
