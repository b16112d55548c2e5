"""Where an old case may be entered on a plan's ladder, and the order that was served before."""

from datetime import date

import pytest

from cases.choices import EventKind
from cases.rules.entering import ServedOrder, behind_order, order_mistake, steps_to_enter
from cases.rules.transitions import bars
from tests.cases.stories import event, roll, stands
from tests.counties import KEYS, policy_of

STARTED, SERVED, ENTERED = date(2025, 9, 10), date(2025, 10, 20), date(2025, 11, 11)
OTHER_PATHS = {
    "hulin-2020": {
        "status",
        "elsewhere-again",
        "arrange",
        "arrange-file",
        "police",
        "decide",
        "resume",
        "lapse-entry",
    },
    "xx-2024": {"status", "teach-plan", "decide", "decide-leave", "teach", "enrolment"},
    "huarong-2024": {"path-plan", "path-review", "place", "leave-papers", "decide", "teach-at-home", "restore"},
    "jiaotan-2025": {"file", "lapse", "enrolment"},
    "datian-2023": {"lapse"},
}


@pytest.mark.parametrize("key", KEYS)
def test_what_only_a_class_an_application_or_a_return_opens_is_no_place_to_enter_at(key: str) -> None:
    offered = {step.key for step in steps_to_enter(policy_of(key))}
    assert not offered & {*OTHER_PATHS[key], "law-inquiry"}
    assert {"order"} <= offered


def test_the_rungs_of_the_ladder_are_offered_in_the_plan_s_order() -> None:
    keys = [step.key for step in steps_to_enter(policy_of("jiaotan-2025"))]
    assert keys == ["phone", "visit", "village", "report", "order", "justice", "registered", "enrol", "enrol-town"]
    assert {"mobilise", "order"} <= {step.key for step in steps_to_enter(policy_of("datian-2023"))}
    law = [step.key for step in steps_to_enter(policy_of("hulin-2020")) if step.source]
    assert law == ["law-sue", "law-judgment", "law-demand", "law-apply", "law-executed"]


def test_an_order_lies_behind_the_steps_after_it_alone() -> None:
    plan = policy_of("jiaotan-2025")
    assert [step for step in ("phone", "order", "justice", "nothing") if behind_order(plan, step)] == ["justice"]


@pytest.mark.parametrize(
    ("step", "served", "said"),
    [
        ("route", SERVED, ""),
        ("route", STARTED, ""),
        ("route", ENTERED, ""),
        ("order", SERVED, "所选步骤在送达限期通知书之前"),
        ("route", date(2025, 9, 9), "不能早于首次缺课日期"),
        ("route", date(2025, 11, 12), "也不能晚于今天"),
    ],
)
def test_the_day_of_service_lies_between_the_first_absence_and_today(step: str, served: date, said: str) -> None:
    mistake = order_mistake(policy_of("xx-2024"), step, ServedOrder(served, "told"), STARTED, ENTERED)
    assert said in mistake
    assert bool(mistake) == bool(said)


@pytest.mark.parametrize(("remedies", "opens"), [("told", date(2026, 4, 21)), ("not_told", date(2026, 10, 21))])
def test_the_way_of_enforcement_opens_by_the_order_served_on_the_old_list(remedies: str, opens: date) -> None:
    events = (
        event(1, EventKind.FLAGGED, STARTED, at_step="route", from_old_list=True),
        event(2, EventKind.NOTICE_SERVED, SERVED, remedies=remedies, from_old_list=True),
        event(3, EventKind.ROUTE_CHOSEN, ENTERED, route="enforcement"),
    )
    standing = stands(roll(until=date(2025, 9, 9)), events, opens, policy_of("xx-2024"))
    duty = standing.duty("law-demand")
    assert duty is not None
    assert (duty.state, duty.opened_on) == ("open", opens)
    assert bars(standing, EventKind.DEMAND_SERVED) == []


def test_without_that_order_it_never_opens() -> None:
    events = (
        event(1, EventKind.FLAGGED, STARTED, at_step="route", from_old_list=True),
        event(2, EventKind.ROUTE_CHOSEN, ENTERED, route="enforcement"),
    )
    duty = stands(roll(until=date(2025, 9, 9)), events, date(2027, 1, 4), policy_of("xx-2024")).duty("law-demand")
    assert duty is None or duty.opened_on is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issued_on": SERVED, "deadline": SERVED}, ""),
        ({"issued_on": date(2025, 10, 21)}, "签发日期不能晚于送达日期"),
        ({"deadline": date(2025, 10, 19)}, "限期届满日不能早于送达日期"),
    ],
)
def test_an_old_order_was_issued_before_it_was_served_and_ends_after(changes: dict[str, date], said: str) -> None:
    order = ServedOrder(SERVED, "told", **changes)
    mistake = order_mistake(policy_of("xx-2024"), "route", order, STARTED, ENTERED)
    assert said in mistake
    assert bool(mistake) == bool(said)
