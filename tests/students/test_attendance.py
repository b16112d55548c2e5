"""Counting absence: runs, halves, leave, unknown days, corrections."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import (
    CHINA,
    DEFAULT_COUNTING,
    Mark,
    RollFacts,
    Spell,
    explain_days,
    in_days,
    local_day,
    roll_days,
    spells,
    tally,
)
from tests.counties import county_calendar

CALENDAR = county_calendar("datian-2023")
D = date


def at(day: date) -> datetime:
    return datetime.combine(day, time(8, 30), CHINA)


def mark(day: date, reason: str = "unexcused", part: str = "day") -> Mark:
    return Mark(day, PartOfDay(part), AbsenceReason(reason), at(day))


def roll(*marks: Mark, unknown: tuple[date, ...] = ()) -> RollFacts:
    days = CALENDAR.school_days(D(2026, 9, 1), D(2026, 10, 30))
    return RollFacts(marks, {d: at(d) for d in days if d not in unknown})


def test_a_run_goes_on_over_holidays_and_make_up_days() -> None:
    facts = roll(*(mark(d) for d in CALENDAR.school_days(D(2026, 9, 29), D(2026, 10, 10))))
    assert spells(facts, CALENDAR, D(2026, 10, 30)) == [Spell(D(2026, 9, 29), D(2026, 10, 10), 10)]


def test_presence_ends_a_run_and_the_next_absence_begins_another() -> None:
    facts = roll(mark(D(2026, 9, 7)), mark(D(2026, 9, 9), part="am"))
    assert spells(facts, CALENDAR, D(2026, 9, 30)) == [
        Spell(D(2026, 9, 7), D(2026, 9, 7), 2),
        Spell(D(2026, 9, 9), D(2026, 9, 9), 1),
    ]


def test_two_half_days_of_one_day_make_a_whole_and_are_not_doubled() -> None:
    day = D(2026, 9, 7)
    facts = roll(mark(day, part="am"), mark(day, part="pm"), mark(day))
    assert spells(facts, CALENDAR, D(2026, 9, 7)) == [Spell(day, day, 2)]


def test_a_mark_on_a_closed_day_counts_nothing() -> None:
    assert spells(roll(mark(D(2026, 10, 3))), CALENDAR, D(2026, 10, 30)) == []


def test_leave_for_half_a_day_beside_unexcused_absence_does_not_end_the_run() -> None:
    day = D(2026, 9, 8)
    facts = roll(mark(D(2026, 9, 7)), mark(day, part="am"), mark(day, "sick", "pm"), mark(D(2026, 9, 9)))
    assert spells(facts, CALENDAR, D(2026, 9, 9)) == [Spell(D(2026, 9, 7), D(2026, 9, 9), 5)]


def test_excused_days_count_where_the_plan_says_so() -> None:
    counting = replace(DEFAULT_COUNTING, excused="counts")
    facts = roll(mark(D(2026, 9, 7)), mark(D(2026, 9, 8), "sick"))
    assert spells(facts, CALENDAR, D(2026, 9, 8), counting) == [Spell(D(2026, 9, 7), D(2026, 9, 8), 4)]


def test_a_window_forgets_what_lies_before_it() -> None:
    counting = replace(DEFAULT_COUNTING, absence="in_window", window_days=3)
    facts = roll(mark(D(2026, 9, 7)), mark(D(2026, 9, 9)), mark(D(2026, 9, 10)))
    rows = roll_days(counting, CALENDAR, facts, D(2026, 9, 7), D(2026, 9, 11))
    count = tally(counting, CALENDAR, rows)
    assert [count.halves(first, last) for last, first in enumerate(count.windows)] == [2, 4, 4]
    assert count.window_halves == 4


def test_each_day_is_explained() -> None:
    facts = roll(mark(D(2026, 9, 24), part="am"), mark(D(2026, 9, 29), "sick"), unknown=(D(2026, 9, 28),))
    assert explain_days(DEFAULT_COUNTING, CALENDAR, facts, D(2026, 9, 24), D(2026, 9, 30)) == [
        "2026-09-24（周四） 无故，计0.5天",
        "2026-09-25（周五） 中秋节放假，不计",
        "2026-09-26（周六） 中秋节放假，不计",
        "2026-09-27（周日） 中秋节放假，不计",
        "2026-09-28（周一） 未点名，不计，不中断",
        "2026-09-29（周二） 病假，不计，连续中断",
        "2026-09-30（周三） 到校",
    ]


def test_days_are_exact() -> None:
    assert (in_days(7), in_days(6)) == (Decimal("3.5"), Decimal(3))


def test_a_moment_belongs_to_the_day_in_china() -> None:
    assert local_day(datetime.fromisoformat("2026-09-07T17:00:00+00:00")) == D(2026, 9, 8)
