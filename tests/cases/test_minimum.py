"""The least a plan asks for in the week or month of a day, and how often it was done."""

from datetime import date as D

from cases.choices import EventKind as K
from cases.rules.facts import Event
from cases.rules.ladder import evaluate
from cases.rules.minimum import minimums
from students.rules.attendance import RollFacts
from tests.cases.stories import event
from tests.cases.whole import WHOLE
from tests.counties import county_calendar

CALENDAR = county_calendar("jiaotan-2025")
FOUND = event(1, K.NOT_ENROLLED, D(2026, 1, 10), found_by="摸排")
TAUGHT = (
    event(1, K.APPLIED, D(2026, 3, 4), application="home_teaching"),
    event(2, K.APPLICATION_DECIDED, D(2026, 3, 5), application="home_teaching", decision="approved"),
)


def said(events: tuple[Event, ...], kind: K, on: D) -> list[tuple[str, int, int, D]]:
    standing = evaluate(WHOLE, CALENDAR, RollFacts(), events, on)
    return [(one.period, one.wanted, one.done, one.last) for one in minimums(standing, events, kind)]


def test_persuasion_of_this_month_is_counted_and_that_of_the_month_before_is_not() -> None:
    march, april = event(2, K.PERSUASION, D(2026, 3, 31)), event(3, K.PERSUASION, D(2026, 4, 1))
    assert said((FOUND, march), K.PERSUASION, D(2026, 3, 31)) == [("本月", 1, 1, D(2026, 3, 31))]
    assert said((FOUND, march), K.PERSUASION, D(2026, 4, 2)) == [("本月", 1, 0, D(2026, 4, 30))]
    assert said((FOUND, march, april), K.PERSUASION, D(2026, 4, 2)) == [("本月", 1, 1, D(2026, 4, 30))]


def test_visits_of_the_week_are_held_against_the_two_the_plan_asks_for() -> None:
    monday, sunday = event(3, K.HOME_TEACHING, D(2026, 3, 16)), event(4, K.HOME_TEACHING, D(2026, 3, 15))
    found = said((*TAUGHT, sunday, monday), K.HOME_TEACHING, D(2026, 3, 18))
    assert found == [("本周", 2, 1, D(2026, 3, 22))]


def test_where_nothing_recurs_or_the_period_does_not_count_there_is_no_minimum() -> None:
    assert said((FOUND,), K.HOME_TEACHING, D(2026, 4, 2)) == []
    assert said((FOUND,), K.PERSUASION, D(2026, 1, 20)) == []
