"""Steps that open by calendar, cycle, category, lapse or age; placements that run out; what an ending needs."""

from dataclasses import replace
from datetime import date as D
from typing import Any

import pytest

from agencies.rules.policy_triggers import FixedDate
from cases.choices import DutyState as S
from cases.choices import EventKind as K
from cases.choices import Outcome, Stage
from cases.rules.closing import check_closing
from cases.rules.derivation import explain
from cases.rules.facts import Event
from cases.rules.ladder import evaluate
from cases.rules.standing import Standing
from students.rules.attendance import RollFacts
from tests.cases.stories import absent, event, roll
from tests.cases.stories import stands as stands_by
from tests.cases.whole import WHOLE
from tests.counties import county_calendar, policy_of

CALENDAR = county_calendar("jiaotan-2025")

PLAN = WHOLE


def stands(facts: RollFacts, events: tuple[Event, ...], on: D, **more: Any) -> Standing:
    return evaluate(PLAN, CALENDAR, facts, events, on, **more)


def states(standing: Standing, step: str) -> list[tuple[int, S]]:
    return [(d.cycle, d.state) for d in standing.duties if d.step_key == step]


def test_a_child_absent_since_the_terms_first_school_day_did_not_register() -> None:
    # Term begins on Monday 2026-03-02 (the first school day); the 10th natural day after it is 03-12.
    standing = stands(roll(*absent(D(2026, 3, 2), D(2026, 3, 4))), (), D(2026, 3, 4))
    duty = standing.duty("registered")
    assert duty is not None
    assert (duty.opened_on, duty.due_on) == (D(2026, 3, 2), D(2026, 3, 12))
    assert "第10个自然日 = 2026-03-12" in explain(PLAN, CALENDAR, duty).due_sentence
    later = stands(roll(*absent(D(2026, 3, 3), D(2026, 3, 4))), (), D(2026, 3, 4)).duty("registered")
    assert later is None or later.opened_on is None


def test_not_registering_late_in_the_term_runs_from_the_opening() -> None:
    told = event(1, K.NOT_REGISTERED, D(2026, 3, 20), why="未报到")
    duty = stands(RollFacts(), (told,), D(2026, 3, 20)).duty("registered")
    assert duty is not None
    assert duty.due_on == D(2026, 3, 27)
    assert "学期内该日已过" in explain(PLAN, CALENDAR, duty).due_sentence


def test_a_month_without_persuasion_is_missed_and_the_next_is_owed_anew() -> None:
    events = (event(1, K.NOT_ENROLLED, D(2026, 1, 10), found_by="摸排"), event(2, K.PERSUASION, D(2026, 3, 31)))
    standing = stands(RollFacts(), events, D(2026, 4, 2))
    assert states(standing, "monthly") == [(1, S.MISSED), (2, S.DONE), (3, S.OPEN)]
    assert [d.due_on for d in standing.duties if d.step_key == "monthly"] == [
        D(2026, 2, 28),
        D(2026, 3, 31),
        D(2026, 4, 30),
    ]
    assert standing.changes_on == D(2026, 4, 21)


def test_fixed_dates_and_days_of_the_term_open_where_the_child_is_still_away() -> None:
    found = event(1, K.NOT_ENROLLED, D(2026, 1, 10), found_by="摸排")
    standing = stands(RollFacts(), (found,), D(2026, 9, 1))
    autumn, fifty = standing.duty("autumn"), standing.duty("fifty")
    assert autumn is not None
    assert fifty is not None
    # 2026-08-31 is a Monday; the 25th of September is 中秋节 and moves back to the 24th.
    assert (autumn.opened_on, autumn.due_on) == (D(2026, 8, 31), D(2026, 9, 24))
    # The autumn term began on 2025-09-01, its 50th day lies before January: that of spring counts, 03-02 + 50.
    assert fifty.opened_on == D(2026, 4, 21)
    assert "提前" in explain(PLAN, CALENDAR, autumn).due_sentence


def test_a_category_makes_the_ladder_stand_back_until_it_is_changed() -> None:
    away = roll(*absent(D(2026, 3, 2), D(2026, 3, 10)))
    decided = event(1, K.CATEGORY_DECIDED, D(2026, 3, 4), category="no_status_here", by="教育局", why="在外校就读")
    standing = stands(away, (decided,), D(2026, 3, 10))
    assert states(standing, "registered") == [(0, S.DROPPED)]
    status = standing.duty("status")
    assert status is not None
    assert (status.state, status.due_on) == (S.OPEN, D(2026, 3, 18))
    assert standing.stage == Stage.COUNTY
    again = event(2, K.CATEGORY_DECIDED, D(2026, 3, 9), category="weary", by="教育局", why="并未就读")
    resumed = stands(away, (decided, again), D(2026, 3, 10)).duty("registered")
    assert resumed is not None
    assert (resumed.state, resumed.opened_on) == (S.OPEN, D(2026, 3, 9))


def test_what_recurs_stands_back_with_the_ladder_and_is_owed_again_after_it() -> None:
    found = event(1, K.NOT_ENROLLED, D(2026, 2, 10), found_by="摸排")
    decided = event(2, K.CATEGORY_DECIDED, D(2026, 4, 9), category="no_status_here", by="教育局", why="在外校就读")
    again = event(3, K.CATEGORY_DECIDED, D(2026, 6, 9), category="weary", by="教育局", why="并未就读")
    met = event(4, K.PERSUASION, D(2026, 3, 5))
    # March was done before; April is dropped on the day of the decision; May and the summer are not owed.
    held = stands(RollFacts(), (found, met, decided), D(2026, 7, 2))
    assert states(held, "monthly") == [(1, S.DONE), (2, S.DROPPED)]
    # June ends after the ladder runs again, and passed undone.
    after = stands(RollFacts(), (found, met, decided, again), D(2026, 7, 2))
    assert states(after, "monthly") == [(1, S.DONE), (2, S.DROPPED), (4, S.MISSED), (5, S.OPEN)]


def test_a_category_says_how_its_cases_may_end_and_what_that_needs() -> None:
    decided = event(1, K.CATEGORY_DECIDED, D(2026, 3, 4), category="no_status_here", by="教育局", why="在外校就读")
    standing = stands(RollFacts(), (decided,), D(2026, 3, 10))
    assert not check_closing(PLAN, standing, Outcome.STATUS_MADE, "学籍号").allowed
    made = event(2, K.ENROLMENT_RESTORED, D(2026, 3, 9), act="rebuilt")
    done = stands(RollFacts(), (decided, made), D(2026, 3, 10))
    assert check_closing(PLAN, done, Outcome.STATUS_MADE, "学籍号").allowed
    assert "只能以" in "".join(check_closing(PLAN, done, Outcome.TRANSFERRED, "回执").missing)


@pytest.mark.parametrize(
    ("on", "state"), [(D(2029, 5, 9), None), (D(2029, 5, 10), S.OPEN), (D(2029, 5, 16), S.OVERDUE)]
)
def test_an_age_is_reached_on_the_birthday(on: D, state: S | None) -> None:
    found = event(1, K.NOT_ENROLLED, D(2029, 5, 1), found_by="摸排")
    duty = stands(RollFacts(), (found,), on, born_on=D(2013, 5, 10)).duty("grown")
    assert duty is not None
    assert (duty.state if duty.opened_on else None) == state


def approved(day: D, kind: str, until: D) -> tuple[Event, ...]:
    return (
        event(1, K.APPLIED, day, application=kind, guardian="父", reason="身体状况"),
        event(
            2, K.APPLICATION_DECIDED, day, application=kind, decision="approved", by="镇政府", until=until.isoformat()
        ),
    )


def test_an_approved_application_comes_back_into_view_before_it_lapses() -> None:
    events = approved(D(2026, 3, 2), "postponement", D(2026, 8, 31))
    placed = stands(RollFacts(), events, D(2026, 7, 1))
    assert (placed.stage, placed.placed_as, placed.placed_until) == (Stage.PLACED, "postponement", D(2026, 8, 31))
    assert not placed.closable
    assert placed.changes_on == D(2026, 7, 31)
    due = stands(RollFacts(), events, D(2026, 8, 1)).duty("lapse")
    assert due is not None
    assert (due.opened_on, due.due_on, due.state) == (D(2026, 7, 31), D(2026, 8, 10), S.OPEN)


def test_a_lapsed_application_begins_a_new_round_that_is_no_relapse() -> None:
    events = approved(D(2026, 3, 2), "postponement", D(2026, 8, 31))
    standing = stands(RollFacts(), events, D(2026, 9, 1))
    assert (standing.round, standing.relapses, standing.stage) == (2, 0, Stage.SCHOOL)
    duty = standing.duty("lapse")
    assert duty is not None
    assert (duty.round, duty.opened_on) == (2, D(2026, 9, 1))
    assert "已于2026-08-31" in explain(PLAN, CALENDAR, duty).opened_because


def test_a_renewal_lengthens_the_time_and_a_return_ends_it() -> None:
    events = approved(D(2026, 3, 2), "postponement", D(2026, 8, 31))
    renewed = event(
        3,
        K.APPLICATION_DECIDED,
        D(2026, 8, 20),
        application="postponement",
        decision="approved",
        by="镇政府",
        until="2027-08-31",
    )
    assert stands(RollFacts(), (*events, renewed), D(2026, 9, 10)).placed_until == D(2027, 8, 31)
    back = event(4, K.RETURN_CONFIRMED, D(2026, 9, 1), by="学校", proof="报到单")
    returned = stands(RollFacts(), (*events, renewed, back), D(2026, 9, 10))
    assert (returned.stage, returned.returned_on, returned.placed_as) == (Stage.RETURNED, D(2026, 9, 1), "")


def test_home_teaching_is_owed_each_week_that_has_a_school_day() -> None:
    events = approved(D(2026, 4, 22), "home_teaching", D(2027, 3, 31))
    visits = tuple(event(10 + i, K.HOME_TEACHING, day) for i, day in enumerate((D(2026, 4, 27), D(2026, 4, 29))))
    standing = stands(RollFacts(), (*events, *visits), D(2026, 5, 12))
    # Week of 04-27: two visits, done on the second; week of 05-04: none; week of 05-11 is open.
    assert states(standing, "teaching") == [(1, S.DONE), (2, S.MISSED), (3, S.OPEN)]
    summer = stands(RollFacts(), (*events, *visits), D(2026, 8, 20))
    assert all(state != S.OPEN for _, state in states(summer, "teaching"))
    # The week of Monday 08-31 holds the first school day, 09-01: the lists must wake then.
    assert summer.changes_on == D(2026, 8, 31)


def test_home_teaching_is_still_owed_in_its_fifth_year() -> None:
    weekly = replace(WHOLE.step("teaching").triggers[0], breaks="keep")  # type: ignore[union-attr]
    plan = replace(
        WHOLE, steps=tuple(replace(s, triggers=(weekly,)) if s.key == "teaching" else s for s in WHOLE.steps)
    )
    events = approved(D(2026, 4, 22), "home_teaching", D(2035, 7, 31))
    duty = stands_by(RollFacts(), events, D(2031, 3, 12), plan).duty("teaching")
    assert duty is not None
    assert (duty.state, duty.period_ends) == (S.OPEN, D(2031, 3, 16))


def test_a_child_back_from_a_path_of_its_own_is_watched_like_any_other() -> None:
    decided = event(1, K.CATEGORY_DECIDED, D(2026, 3, 4), category="no_status_here", by="教育局", why="在外校就读")
    back = (event(2, K.RETURNED, D(2026, 3, 11)), event(3, K.ENROLMENT_RESTORED, D(2026, 3, 12), act="normal"))
    away = roll(*absent(D(2026, 3, 2), D(2026, 3, 10)))
    standing = stands(away, (decided, *back), D(2026, 3, 13))
    assert standing.returned_on == D(2026, 3, 11)
    assert "返校观察期未满" in "".join(standing.missing_for_closing)


def test_what_only_a_record_can_open_is_nobodys_next_step_before() -> None:
    away = roll(*absent(D(2026, 3, 4), D(2026, 3, 6)))
    before = stands(away, (), D(2026, 3, 6))
    unforeseen = {d.step_key for d in before.duties if not d.foreseen}
    assert {"registered", "status", "law-sue", "law-demand"} <= unforeseen
    order = before.duty("order")
    assert order is not None
    assert (order.state, order.foreseen) == (S.AHEAD, True)
    decided = event(1, K.CATEGORY_DECIDED, D(2026, 3, 6), category="no_status_here", by="教育局", why="在外校就读")
    status = stands(away, (decided,), D(2026, 3, 6)).duty("status")
    assert status is not None
    assert status.foreseen


@pytest.mark.parametrize("outcome", [Outcome.POSTPONED, Outcome.SUSPENDED, Outcome.HOME_TAUGHT])
def test_an_approved_time_that_runs_is_no_ending_so_that_the_child_stays_in_view(outcome: Outcome) -> None:
    evaluated = event(5, K.EVALUATED, D(2026, 3, 2), way="home_taught")
    events = (evaluated, *approved(D(2026, 3, 2), "postponement", D(2026, 8, 31)))
    standing = stands(RollFacts(), events, D(2026, 7, 1))
    assert not standing.closable
    check = check_closing(PLAN, standing, outcome, "批准文书")
    assert check.missing == ("安置期至2026-08-31（周一），期间不销号：到期前核查去向",)


@pytest.mark.parametrize("outcome", [Outcome.TRANSFERRED, Outcome.ENROLLED, Outcome.OVER_AGE])
def test_what_makes_the_approved_time_moot_ends_the_case_even_then(outcome: Outcome) -> None:
    standing = stands(RollFacts(), approved(D(2026, 3, 2), "postponement", D(2026, 8, 31)), D(2026, 7, 1))
    assert check_closing(PLAN, standing, outcome, "凭证", born_on=D(2010, 1, 5)).allowed


@pytest.mark.parametrize(
    ("born_on", "said"),
    [
        # The plan covers ages 6 to 15: over age from the sixteenth birthday on.
        (D(2010, 7, 1), ()),
        (D(2010, 7, 2), ("2026-07-02（周四）才满16周岁，还没有超龄，不能以超龄销号",)),
        (None, ("没有出生日期，不能核对是否超龄：请先在学生资料中补登",)),
    ],
)
def test_over_age_is_an_ending_only_by_the_date_of_birth(born_on: D | None, said: tuple[str, ...]) -> None:
    standing = stands(roll(*absent(D(2026, 6, 29), D(2026, 6, 30))), (), D(2026, 7, 1))
    assert check_closing(PLAN, standing, Outcome.OVER_AGE, "户口簿", born_on=born_on).missing == said


def test_where_the_plans_class_ends_so_the_approved_time_may_be_the_ending() -> None:
    town = policy_of("hulin-2020")
    decided = event(5, K.CATEGORY_DECIDED, D(2026, 3, 2), category="ill", by="市教育局", why="住院")
    placed = stands_by(
        RollFacts(), (*approved(D(2026, 3, 2), "suspension", D(2026, 8, 31)), decided), D(2026, 7, 1), town
    )
    assert check_closing(town, placed, Outcome.SUSPENDED, "批准文书").allowed
    asked, answer = approved(D(2026, 3, 2), "suspension", D(2026, 8, 31))
    refused = replace(answer, data={**answer.data, "decision": "refused"})
    away = stands_by(RollFacts(), (asked, refused, decided), D(2026, 7, 1), town)
    assert check_closing(town, away, Outcome.SUSPENDED, "批准文书").missing == ("申请未获批准，不能以休学销号",)


def test_a_placement_on_record_shows_as_placed_not_as_watched_after_a_return() -> None:
    placed = event(1, K.PLACED, D(2026, 3, 4), outcome="special_school", proof="就读证明")
    standing = stands(roll(*absent(D(2026, 3, 2), D(2026, 3, 4))), (placed,), D(2026, 3, 10))
    assert (standing.stage, standing.closable, standing.observing_until) == (Stage.PLACED, True, None)


def test_a_wait_of_months_says_when_they_were_over() -> None:
    events = (
        event(1, K.NOT_ENROLLED, D(2026, 1, 10), found_by="摸排"),
        event(2, K.NOTICE_SERVED, D(2026, 1, 12), mode="direct", remedies="told"),
        event(3, K.ROUTE_CHOSEN, D(2026, 1, 20), route="enforcement"),
    )
    duty = stands(RollFacts(), events, D(2026, 7, 13)).duty("law-demand")
    assert duty is not None
    assert duty.opened_on == D(2026, 7, 13)
    said = explain(PLAN, CALENDAR, duty).opened_because
    assert "自2026-01-12（周一）起6个月，期满日 = 2026-07-12（周日）" in said


def test_the_31st_of_a_shorter_month_is_its_last_day_and_no_rest_day() -> None:
    steps = tuple(replace(s, due=FixedDate(31)) if s.key == "status" else s for s in PLAN.steps)
    plan = replace(PLAN, steps=steps)
    decided = event(1, K.CATEGORY_DECIDED, D(2026, 11, 3), category="no_status_here")
    duty = stands_by(RollFacts(), (decided,), D(2026, 11, 3), plan).duty("status")
    assert duty is not None
    assert duty.due_on == D(2026, 11, 30)
    assert explain(plan, CALENDAR, duty).due_sentence.startswith(
        "方案规定每月31日（含当日）；当月没有该日，取最后一日：2026-11-30"
    )
