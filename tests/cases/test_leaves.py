"""A long leave opens its duty: what counts as one leave, what ends it, and that it is neither truancy nor relapse."""

from datetime import date as D

import pytest

from agencies.choices import DayType
from agencies.rules.policy_triggers import LeaveTrigger
from cases.choices import DutyState as S
from cases.choices import EventKind as K
from cases.choices import Stage
from cases.rules.derivation import explain
from cases.rules.facts import Event
from cases.rules.leaves import long_leave
from cases.rules.standing import Standing
from students.rules.attendance import Mark, RollFacts, roll_days
from tests.cases.stories import CALENDAR, absent, at, event, roll
from tests.cases.stories import stands as stands_by
from tests.cases.whole import WHOLE


def stands(facts: RollFacts, on: D, events: tuple[Event, ...] = ()) -> Standing:
    return stands_by(facts, events, on, WHOLE)


def leave(first: D, last: D, reason: str = "sick", part: str = "day") -> tuple[Mark, ...]:
    return absent(first, last, reason, part)


def opened_on(*marks: Mark, on: D = D(2026, 11, 30)) -> D | None:
    duty = stands(roll(*marks, until=on), on).duty("leave")
    return duty.opened_on if duty else None


def test_leave_over_five_school_days_opens_its_duty_on_the_sixth() -> None:
    # Mon 11-02 to Fri 11-06 are five, Mon 11-09 is the sixth; three working days from then: 10, 11, 12.
    marks = leave(D(2026, 11, 2), D(2026, 11, 9))
    fifth = stands(roll(*marks, until=D(2026, 11, 6)), D(2026, 11, 6))
    assert not fifth.opens_case
    sixth = stands(roll(*marks, until=D(2026, 11, 9)), D(2026, 11, 9))
    assert (sixth.opens_case, sixth.started_on, sixth.counted, sixth.stage) == (True, D(2026, 11, 2), 0, Stage.SCHOOL)
    duty = sixth.duty("leave")
    assert duty is not None
    assert (duty.state, duty.opened_on, duty.due_on) == (S.OPEN, D(2026, 11, 9), D(2026, 11, 12))
    because = explain(WHOLE, CALENDAR, duty).opened_because
    assert because == "自2026-11-02（周一）起连续请假，至2026-11-09（周一）超过5个上课日"


def test_nobody_is_told_to_expect_it_before() -> None:
    standing = stands(roll(*absent(D(2026, 11, 2), D(2026, 11, 4))), D(2026, 11, 4))
    duty = standing.duty("leave")
    assert duty is not None
    assert not duty.foreseen


@pytest.mark.parametrize(
    "between", [(), absent(D(2026, 11, 6), D(2026, 11, 6)), leave(D(2026, 11, 6), D(2026, 11, 6), part="am")]
)
def test_a_day_at_school_even_a_half_or_one_without_leave_ends_the_leave(between: tuple[Mark, ...]) -> None:
    parts = (*leave(D(2026, 11, 2), D(2026, 11, 5)), *between, *leave(D(2026, 11, 9), D(2026, 11, 13)))
    assert opened_on(*parts) is None
    assert opened_on(*parts, *leave(D(2026, 11, 16), D(2026, 11, 16))) == D(2026, 11, 16)


def test_sick_and_personal_leave_one_after_the_other_are_one_leave() -> None:
    parts = (*leave(D(2026, 11, 2), D(2026, 11, 4)), *leave(D(2026, 11, 5), D(2026, 11, 9), "personal"))
    assert opened_on(*parts) == D(2026, 11, 9)


def test_a_day_without_a_register_neither_counts_nor_ends_the_leave() -> None:
    marks = leave(D(2026, 11, 2), D(2026, 11, 10))
    facts = roll(*(m for m in marks if m.day != D(2026, 11, 4)), until=D(2026, 11, 10))
    taken = {day: when for day, when in facts.taken.items() if day != D(2026, 11, 4)}
    duty = stands(RollFacts(facts.marks, taken), D(2026, 11, 10)).duty("leave")
    assert duty is not None
    assert duty.opened_on == D(2026, 11, 10)


def test_leave_at_the_end_of_one_term_and_the_start_of_the_next_is_not_one() -> None:
    last = CALENDAR.term_at(D(2026, 11, 2))
    assert last is not None
    next_term = CALENDAR.term_at(D(2027, 3, 10))
    assert next_term is not None
    before = CALENDAR.school_days(D(2027, 1, 1), last.last_day)[-3:]
    after = CALENDAR.school_days(next_term.first_day, D(2027, 4, 1))[:3]
    marks = (*leave(before[0], before[-1]), *leave(after[0], after[-1]))
    assert not stands(roll(*marks, until=after[-1]), after[-1]).opens_case


@pytest.mark.parametrize(
    ("day_type", "comparison", "days", "on"),
    [
        (DayType.SCHOOL, "more_than", 5, D(2026, 11, 9)),
        (DayType.SCHOOL, "at_least", 5, D(2026, 11, 6)),
        # Fri 11-06 is the fifth natural day, Mon 11-09 the eighth; the roll says nothing of the weekend.
        (DayType.NATURAL, "more_than", 5, D(2026, 11, 9)),
        (DayType.NATURAL, "at_least", 9, D(2026, 11, 10)),
        (DayType.WORKING, "at_least", 7, D(2026, 11, 10)),
    ],
)
def test_leave_is_counted_in_the_days_the_plan_names(day_type: DayType, comparison: str, days: int, on: D) -> None:
    facts = roll(*leave(D(2026, 11, 2), D(2026, 11, 20)), until=D(2026, 11, 20))
    kept = roll_days(WHOLE.counting, CALENDAR, facts, D(2026, 10, 26), D(2026, 11, 20))
    found = long_leave(LeaveTrigger(days, comparison, day_type), CALENDAR, kept)
    assert found is not None
    assert (kept.days[found[0]], kept.days[found[-1]]) == (D(2026, 11, 2), on)


def test_not_back_after_the_leave_climbs_the_ladder_in_the_same_round() -> None:
    marks = (*leave(D(2026, 11, 2), D(2026, 11, 10)), *absent(D(2026, 11, 11), D(2026, 11, 13)))
    standing = stands(roll(*marks, until=D(2026, 11, 13)), D(2026, 11, 13))
    visit = standing.duty("visit")
    assert visit is not None
    assert (standing.round, standing.counted, visit.opened_on) == (1, 3, D(2026, 11, 13))


def test_a_long_leave_under_observation_is_no_relapse() -> None:
    back = event(1, K.RETURN_CONFIRMED, D(2026, 11, 6), by="学校", proof="点名")
    marks = (*absent(D(2026, 11, 2), D(2026, 11, 5)), *leave(D(2026, 11, 9), D(2026, 11, 17)))
    standing = stands(roll(*marks, until=D(2026, 11, 17)), D(2026, 11, 17), (back,))
    assert (standing.round, standing.relapses, standing.relapse, standing.started_on) == (2, 0, False, D(2026, 11, 2))


def test_leave_recorded_late_is_known_late() -> None:
    marks = [Mark(m.day, m.part, m.reason, at(D(2026, 11, 12))) for m in leave(D(2026, 11, 2), D(2026, 11, 9))]
    duty = stands(roll(*marks, until=D(2026, 11, 12)), D(2026, 11, 16)).duty("leave")
    assert duty is not None
    assert (duty.opened_on, duty.known_on) == (D(2026, 11, 9), D(2026, 11, 12))


def test_leave_holds_the_next_rung_only_while_it_lasts_and_stops_no_limit_that_runs() -> None:
    visited = event(1, K.HOME_VISIT, D(2026, 11, 4), by="班主任")
    marks = (*absent(D(2026, 11, 2), D(2026, 11, 4)), *leave(D(2026, 11, 5), D(2026, 11, 10)))
    # Three school days from the visit of 11-04: 11-09, when the child is on leave; the leave is over on 11-10.
    held = stands(roll(*marks, until=D(2026, 11, 10)), D(2026, 11, 10), (visited,)).duty("order")
    assert held is not None
    assert held.opened_on is None
    gone = (*marks, *absent(D(2026, 11, 11), D(2026, 11, 11)))
    order = stands(roll(*gone, until=D(2026, 11, 11)), D(2026, 11, 11), (visited,)).duty("order")
    assert order is not None
    assert (order.opened_on, order.due_on) == (D(2026, 11, 11), D(2026, 11, 16))
    on_leave_again = (*gone, *leave(D(2026, 11, 12), D(2026, 11, 18)))
    later = stands(roll(*on_leave_again, until=D(2026, 11, 17)), D(2026, 11, 17), (visited,)).duty("order")
    assert later is not None
    assert (later.due_on, later.state) == (D(2026, 11, 16), S.OVERDUE)
