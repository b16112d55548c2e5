"""What changed between two versions of a plan is said in words, and no change goes unsaid."""

import copy
from typing import Any

import pytest

from agencies.rules.policy_difference import Change, policy_changes
from agencies.rules.policy_schema import Policy
from tests.cases.test_examples import changed, changes
from tests.counties import KEYS, load, policy_data, policy_of

KEY = "jiaotan-2025"


def planned(data: dict[str, Any]) -> Policy:
    policy, mistakes = load(data)
    assert policy is not None, [str(m) for m in mistakes]
    return policy


def step_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(step for step in data["steps"] if step["key"] == key)
    return found


def said(data: dict[str, Any]) -> tuple[Change, ...]:
    return policy_changes(policy_of(KEY), planned(data))


@pytest.mark.parametrize("key", KEYS)
def test_a_plan_does_not_differ_from_itself(key: str) -> None:
    assert policy_changes(policy_of(key), planned(policy_data(key))) == ()


def test_a_changed_limit_is_said_old_and_new_with_the_quotation() -> None:
    data = policy_data(KEY)
    step_of(data, "visit")["due"] = {"days": 2, "day_type": "working"}
    (change,) = said(data)
    assert change.sentence == "步骤“班主任联合德育处入户劝返”有改动"
    assert [(f.name, f.before, f.after) for f in change.fields] == [("期限", "1个工作日内", "2个工作日内")]
    assert "无故3日未到校学生" in change.quote


def test_what_fulfils_a_step_is_said_in_words() -> None:
    data = policy_data(KEY)
    step_of(data, "phone")["done_by"] = ["phone_call"]
    (change,) = said(data)
    assert ("办结凭据", "电话联系（接通、未接、拒接）或入户家访", "电话联系（接通、未接、拒接）") in [
        (f.name, f.before, f.after) for f in change.fields
    ]


def test_a_new_step_a_step_gone_and_a_new_order_are_said() -> None:
    data = policy_data(KEY)
    extra = copy.deepcopy(step_of(data, "phone")) | {"key": "phone2", "name": "再次电话联系"}
    data["steps"].insert(1, extra)
    assert [c.sentence.partition("：")[0] for c in said(data)] == ["新增步骤“再次电话联系”"]
    (gone,) = policy_changes(planned(data), policy_of(KEY))
    assert gone.sentence == "取消步骤“再次电话联系”"
    data = policy_data(KEY)
    data["steps"][0], data["steps"][1] = data["steps"][1], data["steps"][0]
    (order,) = said(data)
    assert order.sentence.startswith("步骤的先后有改动")


def test_head_and_rules_are_said() -> None:
    data = policy_data(KEY)
    data["title"] = "新方案"
    data["deadline"]["days"] = 5
    head, line = said(data)
    assert [f.after for f in head.fields] == ["新方案"]
    assert line.sentence == "“责令返校期限”有改动"
    assert "送达后5日" in line.fields[0].after


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_no_change_of_a_rule_goes_unsaid(key: str) -> None:
    data, old = policy_data(key), policy_of(key)
    silent = []
    for change in changes(data):
        new, _ = load(changed(data, change))
        if new is None or new == old:
            continue
        found = policy_changes(old, new)
        if not found or any(not (c.fields or c.clause or "先后" in c.sentence or "：" in c.sentence) for c in found):
            silent.append(str(change[0]))
    assert silent == []
