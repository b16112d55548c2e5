"""A plan in sentences: waits, records with their values, what fulfils a step."""

from dataclasses import replace

import pytest

from agencies.choices import DayType
from agencies.rules.policy_names import APPLICATION_NAMES, VALUE_NAMES
from agencies.rules.policy_sentences import done, due_of, opening, opens, where
from agencies.rules.policy_triggers import EventTrigger, Span, WaitTrigger
from cases.choices import Application
from cases.rules.event_fields import FIELDS
from tests.counties import KEYS, policy_of

PLAN = policy_of("jiaotan-2025")


@pytest.mark.parametrize(
    ("days", "opens_on", "said"),
    [
        (0, "last_day", "“学校填写报告单报镇政府”办结当日仍未返校"),
        (0, "next_day", "“学校填写报告单报镇政府”办结次日仍未返校"),
        (3, "last_day", "“学校填写报告单报镇政府”办结后3个工作日仍未返校"),
        (3, "next_day", "“学校填写报告单报镇政府”办结后3个工作日，届满次日仍未返校"),
    ],
)
def test_a_wait_says_on_which_day_it_opens(days: int, opens_on: str, said: str) -> None:
    assert opening(WaitTrigger("report", "done", Span(days, DayType.WORKING), opens_on), PLAN) == said


def test_a_record_with_values_is_said_with_them() -> None:
    asked = EventTrigger("application_decided", (("application", ("home_teaching",)), ("decision", ("approved",))))
    assert opening(asked, PLAN) == "登记了“申请审批”（送教上门，批准）"


def test_a_step_says_what_must_be_on_record_before_and_from_where_its_limit_runs() -> None:
    county = policy_of("huarong-2024")
    demand, apply = county.step("law-demand"), county.step("law-apply")
    assert demand is not None
    assert apply is not None
    assert "送达（已写明复议60日、诉讼6个月）后6个月，届满次日仍未返校" in opens(demand, county)
    assert opens(demand, county).endswith("；都须先登记“选定司法途径”（申请法院强制执行通知书（非诉执行））")
    said = due_of(apply, county)
    assert said.startswith(
        "不论何时启动，自“乡镇送达限期复学通知书”送达（已写明复议60日、诉讼6个月）后6个月，届满次日或"
    )
    assert "后12个月，届满次日起3个月（起算当日计入" in said


def test_a_step_says_what_fulfils_it() -> None:
    phone = PLAN.step("phone")
    assert phone is not None
    assert done(phone) == "电话联系（接通、未接、拒接）或入户家访"
    twice = replace(phone, done_by=("persuasion",), done_results=(), times=2, early_counts=True)
    assert done(twice) == "劝返，2次，先行办理有效"
    helped = replace(twice, times=1, early_counts=False, help_counts=True)
    assert done(helped) == "劝返，帮扶中已办的继续有效"
    decided = replace(twice, done_by=("application_decided",), done_where=(("application", ("suspension",)),), times=1)
    assert done(decided) == "申请审批（休学），先行办理有效"


def test_the_words_for_values_are_those_of_the_forms() -> None:
    assert {str(kind): str(kind.label) for kind in Application} == APPLICATION_NAMES
    for fields in FIELDS.values():
        for field in fields:
            if field.choices and field.name in VALUE_NAMES:
                assert {str(value): label for value, label in field.choices}.items() <= VALUE_NAMES[field.name].items()
    named = {field.name for fields in FIELDS.values() for field in fields}
    assert set(VALUE_NAMES) <= named


@pytest.mark.parametrize("key", KEYS)
def test_no_value_of_a_shipped_plan_is_left_in_its_bare_key(key: str) -> None:
    plan = policy_of(key)
    asked = [step.done_where for step in plan.steps]
    triggers = [trigger for step in plan.steps for trigger in step.triggers]
    asked += [trigger.where for trigger in triggers if isinstance(trigger, EventTrigger | WaitTrigger)]
    asked += [step.only_after.where for step in plan.steps if step.only_after]
    assert [said for said in map(where, asked) if any(char.isascii() and char.isalpha() for char in said)] == []
