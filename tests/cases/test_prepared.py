"""What is worked out once for a plan: it changes no standing, and each plan has its own."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import NotRegisteredTrigger
from cases.choices import EventKind as K
from cases.rules.ladder import evaluate
from cases.rules.prepared import MOST_PLANS, prepared
from tests.cases.stories import CALENDAR, absent, event, roll, stands
from tests.cases.test_ladder_properties import days, often, stories
from tests.cases.whole import WHOLE
from tests.counties import KEYS, policy_of

PLANS = [*(policy_of(key) for key in KEYS), WHOLE]


def without_shortcuts(policy: Policy) -> Policy:
    """A copy of the plan each of whose steps and triggers is worked out, whatever is on record."""
    plain = replace(policy)
    own = prepared(plain)
    for key, rule in own.rules.items():
        own.rules[key] = rule._replace(needs=None, ways=tuple(way._replace(needs=None) for way in rule.ways))
    return plain


@pytest.mark.long
@often
@given(st.sampled_from(PLANS), stories(), days)
def test_a_step_passed_over_for_want_of_a_record_would_not_have_opened(plan: Policy, story: Any, on: date) -> None:
    _, facts, happened = story
    plain = without_shortcuts(plan)
    assert evaluate(plan, CALENDAR, facts, happened, on) == evaluate(plain, CALENDAR, facts, happened, on)


def test_most_steps_of_the_longest_plan_need_a_record() -> None:
    rules = prepared(policy_of("hulin-2020")).rules.values()
    assert sum(rule.needs is not None for rule in rules) > len(rules) / 2


def test_steps_that_ask_the_same_of_the_roll_have_it_counted_once() -> None:
    plan = policy_of("huarong-2024")
    asked = [t for step in plan.steps for t in step.triggers if isinstance(t, NotRegisteredTrigger)]
    assert (len(asked), len(set(asked))) == (2, 1)
    assert [t for t in prepared(plan).absences if isinstance(t, NotRegisteredTrigger)] == asked[:1]


def test_a_step_that_counts_what_was_done_before_is_never_passed_over() -> None:
    early = [rule for plan in PLANS for rule in prepared(plan).rules.values() if rule.step.early_counts]
    assert early
    assert all(rule.needs is None for rule in early)


def test_a_plan_is_prepared_once_and_a_changed_one_anew() -> None:
    plan = policy_of("jiaotan-2025")
    fewer = replace(plan, steps=plan.steps[:1])
    assert prepared(plan) is prepared(plan)
    assert list(prepared(fewer).rules) == [plan.steps[0].key]


def test_plans_beyond_the_number_kept_are_prepared_again() -> None:
    plan = policy_of("jiaotan-2025")
    before = prepared(plan)
    others = [replace(plan) for _ in range(MOST_PLANS + 1)]
    assert all(prepared(other).policy is other for other in others)
    assert prepared(plan) is not before
    assert list(prepared(plan).rules) == list(before.rules)


def test_a_duty_ahead_is_foreseen_once_what_it_waits_for_is_on_record() -> None:
    facts = roll(*absent(date(2026, 9, 7), date(2026, 10, 30)))
    on, plan = date(2026, 10, 30), policy_of("hulin-2020")
    before = stands(facts, (), on, plan).duty("law-sue")
    chosen = event(1, K.ROUTE_CHOSEN, on, route="civil")
    after = stands(facts, (chosen,), on, plan).duty("law-sue")
    assert before is not None
    assert after is not None
    assert (before.foreseen, after.foreseen) == (False, True)
