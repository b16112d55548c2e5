"""Compares what a plan makes of a scenario with what the scenario expects."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from agencies.rules.calendar import Calendar
from agencies.rules.policy_dates import is_of_age, reporting_day
from agencies.rules.policy_schema import Policy
from cases.choices import Outcome
from cases.rules.applications import refusals_of_approval
from cases.rules.closing import approver_of, check_closing
from cases.rules.clusters import Opened, clusters
from cases.rules.ladder import evaluate
from cases.rules.scenario import ENDINGS, Expect, Scenario, Together
from cases.rules.standing import Standing
from students.rules.attendance import RollFacts


def check_scenario(policy: Policy, county: Calendar, scenario: Scenario) -> list[str]:
    """Where the plan makes something else of the story than it expects; empty = everything as expected."""
    return compare(policy, scenario.calendar(county), scenario)


def compare(policy: Policy, own: Calendar, scenario: Scenario) -> list[str]:
    """`check_scenario` on a calendar that already holds the story's own days."""
    roll = scenario.roll(own)
    wrong = [text for expect in scenario.expects for text in _compare(policy, own, roll, scenario, expect)]
    for day, by in scenario.reporting:
        found = reporting_day(policy, own, day)
        if found != by:
            wrong.append(f"固定日期 {day}：应为 {by}，实为 {found}")
    for born, on, covered in scenario.ages:
        if is_of_age(policy, born, on) != covered:
            wrong.append(f"{born} 出生、{on} 时：年龄范围应为 {covered}")
    wrong.extend(_beside_the_days(policy, own, scenario))
    if scenario.recipients is not None and scenario.recipients != policy.report_recipients:
        wrong.append(f"报告接收单位：应为 {scenario.recipients}，实为 {policy.report_recipients}")
    return wrong


def _beside_the_days(policy: Policy, own: Calendar, scenario: Scenario) -> Iterator[str]:
    """What the story asks of approvals and of several cases of one class."""
    for approval in scenario.approvals:
        said = refusals_of_approval(
            policy, own, approval.key, approval.decider, approval.first, approval.until, approval.recorded
        )
        if approval.allowed == bool(said):
            yield f"审批 {approval.key}（{approval.decider}）：应为 {approval.allowed}；{'；'.join(said)}"
    for cases in scenario.together:
        if _is_told(policy, cases) != cases.told:
            yield f"同班个案，{cases.on}：应为 {cases.told}"


def _is_told(policy: Policy, cases: Together) -> bool:
    limits = {0: policy.clusters} if policy.clusters else {}
    return bool(clusters((Opened(0, 0, day) for day in cases.opened), limits, cases.on))


def _compare(policy: Policy, calendar: Calendar, roll: RollFacts, scenario: Scenario, expect: Expect) -> list[str]:
    standing = evaluate(policy, calendar, roll, scenario.events, expect.on, expect.known_at, born_on=scenario.born_on)
    return differences(policy, standing, expect, scenario.born_on)


def differences(policy: Policy, standing: Standing, expect: Expect, born_on: date | None = None) -> list[str]:
    """Where a standing is not what is expected of its day, one sentence each."""
    wrong = []
    for name, value in expect.values.items():
        if name in ENDINGS:
            wrong.extend(_compare_endings(policy, standing, name, value, born_on))
            continue
        found = _value(policy, standing, name)
        if found != value:
            wrong.append(f"{expect.on} {name}：应为 {_say(name, value)}，实为 {_say(name, found)}")
    for duty in expect.duties:
        wrong.extend(f"{expect.on} 步骤 {duty['step']} {text}" for text in _compare_duty(standing, duty))
    return wrong


def _compare_endings(
    policy: Policy, standing: Standing, name: str, outcomes: tuple[str, ...], born_on: date | None
) -> list[str]:
    """Whether the case could be closed with each of these outcomes, its proof being at hand."""
    wrong = []
    for outcome in outcomes:
        check = check_closing(policy, standing, Outcome(outcome), "有", born_on=born_on)
        if check.allowed != (name == "may_end_as"):
            wrong.append(f"{standing.on} 以 {outcome} 销号：{name} 不符；{'；'.join(check.missing)}")
    return wrong


def _value(policy: Policy, standing: Standing, name: str) -> Any:
    if name == "counted":
        return standing.counted_halves
    if name == "window":
        return standing.window_halves
    if name == "approver":
        return approver_of(policy, standing)
    if name == "confirmer":
        return policy.dropout.confirmer if policy.dropout else ""
    if name == "waiting":
        return tuple(d.step_key for d in standing.duties if d.is_waiting)
    return getattr(standing, name)


def _say(name: str, value: Any) -> str:
    return str(Decimal(value) / 2) if name in ("counted", "window") else str(value)


def _compare_duty(standing: Standing, expected: Mapping[str, Any]) -> list[str]:
    round_, cycle = expected.get("round"), expected.get("cycle")
    mine = [d for d in standing.duties if d.step_key == expected["step"] and round_ in (None, d.round)]
    mine = [d for d in mine if cycle in (None, d.cycle)]
    if expected.get("state") == "absent" or not mine:
        return [] if not mine and expected.get("state") == "absent" else ["该步骤不应有，或应有而没有"]
    wrong = []
    for name, value in expected.items():
        found = value if name == "step" else getattr(mine[-1], name)
        if found != value:
            wrong.append(f"{name}：应为 {value}，实为 {found}")
    return wrong
