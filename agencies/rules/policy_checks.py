"""Checks a plan's steps against each other: keys, owners, references, cycles, services without a deadline."""

from collections import Counter

from agencies.rules.county_text import Report
from agencies.rules.policy_schema import AbsenceTrigger, Policy, Step, WaitTrigger


def check_steps(policy: Policy, report: Report) -> None:
    """Notes everything wrong between the steps of a plan."""
    _doubles(policy, report)
    keys = {step.key for step in policy.steps}
    for place, step in enumerate(policy.steps):
        for key in _earlier(step):
            if key not in keys:
                remedy = f"请改成已有的步骤：{'、'.join(sorted(keys))}"
                report.add(("steps", place, "trigger"), f"步骤 {step.key} 引用了不存在的步骤 {key!r}", remedy)
    _cycles(policy, report)
    _services(policy, report)


def _earlier(step: Step) -> list[str]:
    found: list[str] = []
    for trigger in step.triggers:
        if isinstance(trigger, WaitTrigger):
            found.append(trigger.after)
        elif isinstance(trigger, AbsenceTrigger):
            found.extend(trigger.needs)
    return found


def _doubles(policy: Policy, report: Report) -> None:
    times = Counter(step.key for step in policy.steps)
    for place, step in enumerate(policy.steps):
        if times[step.key] > 1 and [s.key for s in policy.steps].index(step.key) != place:
            report.add(("steps", place, "key"), f"步骤编号 {step.key!r} 重复", "请给每个步骤不同的编号")
        if step.owner in step.also_owners:
            report.add(("steps", place, "also_owners"), f"步骤 {step.key} 的协办岗位与主办相同", "请从协办中删去")


def _cycles(policy: Policy, report: Report) -> None:
    """Steps that wait, directly or through others, for themselves would never open."""
    graph = {step.key: _earlier(step) for step in policy.steps}
    told: set[frozenset[str]] = set()
    for place, step in enumerate(policy.steps):
        cycle = _cycle_through(step.key, graph)
        if cycle and frozenset(cycle) not in told:
            told.add(frozenset(cycle))
            way = " → ".join([*cycle, cycle[0]])
            report.add(("steps", place, "trigger"), f"步骤互相等待，成环：{way}", "请改其中一步的 trigger")


def _cycle_through(start: str, graph: dict[str, list[str]]) -> list[str]:
    stack: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while stack:
        key, way = stack.pop()
        for earlier in graph.get(key, []):
            if earlier == start:
                return way
            if earlier not in seen:
                seen.add(earlier)
                stack.append((earlier, [*way, earlier]))
    return []


def _services(policy: Policy, report: Report) -> None:
    """A wait for service needs a step that serves; a wait for receipt needs a step that reports."""
    needed = {"served": "notice_served", "deadline": "notice_served", "received": "report_sent"}
    done = {step.key: step.done_by for step in policy.steps}
    for place, step in enumerate(policy.steps):
        for trigger in step.triggers:
            event = needed.get(trigger.since) if isinstance(trigger, WaitTrigger) else None
            if event and isinstance(trigger, WaitTrigger) and event not in done.get(trigger.after, (event,)):
                message = f"步骤 {step.key} 等待 {trigger.since}，但步骤 {trigger.after} 不由 {event} 完成"
                report.add(("steps", place, "trigger"), message, f"请在 {trigger.after} 的 done_by 中写 {event}")
