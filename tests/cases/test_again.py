"""A step that a record opens is owed anew when the record is made again after the step was done."""

from datetime import date as D

from agencies.rules.policy_schema import Policy
from cases.choices import DutyState as S
from cases.choices import EventKind as K
from cases.choices import Stage
from cases.rules.derivation import explain
from cases.rules.facts import Event
from cases.rules.standing import Standing
from students.rules.attendance import RollFacts
from tests.cases.stories import CALENDAR, event
from tests.cases.stories import stands as stands_by
from tests.counties import policy_of

DISTRICT: Policy = policy_of("huarong-2024")
TOWN: Policy = policy_of("jiaotan-2025")
SUSPENSION = {"application": "suspension", "guardian": "父", "reason": "身体状况"}


def stands(events: tuple[Event, ...], on: D, policy: Policy = DISTRICT) -> Standing:
    return stands_by(RollFacts(), events, on, policy)


def applied(number: int, day: D) -> Event:
    return event(number, K.APPLIED, day, **SUSPENSION)


def decided(number: int, day: D, how: str, until: str = "") -> Event:
    return event(number, K.APPLICATION_DECIDED, day, application="suspension", decision=how, until=until)


def turns(standing: Standing, key: str) -> list[tuple[int, S, D | None, D | None]]:
    found = [d for d in standing.duties if d.step_key == key and d.opened_on]
    return [(d.cycle, d.state, d.opened_on, d.due_on) for d in found]


REFUSED = (applied(1, D(2026, 11, 3)), decided(2, D(2026, 11, 6), "refused"))


def test_a_second_application_after_a_refusal_is_to_be_decided_too() -> None:
    events = (*REFUSED, applied(3, D(2026, 11, 10)))
    standing = stands(events, D(2026, 11, 11))
    # 7 working days from 11-03: 11-12; from 11-10: 11, 12, 13, 16, 17, 18, 19.
    first = (0, S.DONE, D(2026, 11, 3), D(2026, 11, 12))
    assert turns(standing, "decide") == [first, (2, S.OPEN, D(2026, 11, 10), D(2026, 11, 19))]
    again = standing.duty("decide")
    assert again is not None
    assert again in standing.waiting
    assert explain(DISTRICT, CALENDAR, again).opened_because == "2026-11-10（周二）发生"
    settled = stands((*events, decided(4, D(2026, 11, 20), "refused")), D(2026, 11, 23))
    assert turns(settled, "decide") == [first, (2, S.DONE_LATE, D(2026, 11, 10), D(2026, 11, 19))]


def test_what_is_handed_in_again_before_the_decision_is_the_same_duty() -> None:
    events = (applied(1, D(2026, 11, 3)), applied(2, D(2026, 11, 5)), decided(3, D(2026, 11, 6), "refused"))
    assert [cycle for cycle, *_ in turns(stands(events, D(2026, 11, 9)), "decide")] == [0]


def test_an_application_to_renew_is_decided_while_the_approved_time_runs() -> None:
    placed = (applied(1, D(2026, 3, 2)), decided(2, D(2026, 3, 4), "approved", "2026-08-31"))
    renewal = (*placed, applied(3, D(2026, 8, 10)))
    standing = stands(renewal, D(2026, 8, 12))
    assert standing.stage == Stage.PLACED
    assert turns(standing, "decide")[1:] == [(2, S.OPEN, D(2026, 8, 10), D(2026, 8, 19))]
    longer = stands((*renewal, decided(4, D(2026, 8, 17), "approved", "2027-01-31")), D(2026, 9, 2))
    assert (longer.placed_until, [state for _, state, *_ in turns(longer, "decide")]) == (D(2027, 1, 31), [S.DONE] * 2)


def test_a_renewal_nobody_decided_is_dropped_when_the_time_has_run_out() -> None:
    events = (applied(1, D(2026, 3, 2)), decided(2, D(2026, 3, 4), "approved", "2026-08-31"))
    lapsed = stands((*events, applied(3, D(2026, 8, 10))), D(2026, 9, 10))
    assert [(state, opened) for _, state, opened, _ in turns(lapsed, "decide")][1:] == [(S.DROPPED, D(2026, 8, 10))]


def test_a_child_flagged_again_is_called_again_the_same_day() -> None:
    events = (
        event(1, K.FLAGGED, D(2026, 11, 3), why="厌学"),
        event(2, K.PHONE_CALL, D(2026, 11, 3), result="connected"),
        event(3, K.FLAGGED, D(2026, 11, 24), why="打工"),
    )
    found = turns(stands(events, D(2026, 11, 24), TOWN), "phone")
    assert [(cycle, state, due) for cycle, state, _, due in found] == [
        (0, S.DONE, D(2026, 11, 3)),
        (2, S.OPEN, D(2026, 11, 24)),
    ]


def test_what_counts_when_done_before_is_not_owed_a_second_time() -> None:
    events = (
        event(1, K.NOT_ENROLLED, D(2026, 3, 2), found_by="摸排"),
        event(2, K.ENROLMENT_RESTORED, D(2026, 3, 3), act="built"),
        event(3, K.EVALUATED, D(2026, 3, 4), way="in_class"),
        event(4, K.EVALUATED, D(2026, 5, 4), way="in_class"),
    )
    assert [(cycle, state) for cycle, state, *_ in turns(stands(events, D(2026, 5, 5), TOWN), "file")] == [(0, S.DONE)]
