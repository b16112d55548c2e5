"""Checks a plan's steps against each other: keys, owners, references, cycles, services without a deadline."""

from collections import Counter

from agencies.rules.county_text import Report
from agencies.rules.policy_schema import Policy, Step
from agencies.rules.policy_triggers import AbsenceTrigger, CategoryTrigger, CycleTrigger, LapseTrigger, WaitTrigger


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
    _limits(policy, report)
    _paths(policy, report)
    _named(policy, report)


def _earlier(step: Step) -> list[str]:
    found: list[str] = []
    for trigger in step.triggers:
        if isinstance(trigger, WaitTrigger):
            found.append(trigger.after)
        elif isinstance(trigger, AbsenceTrigger):
            found.extend(trigger.needs)
        elif isinstance(trigger, CycleTrigger) and trigger.after:
            found.append(trigger.after)
    return [*found, step.due_since] if step.due_since else found


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


def _limits(policy: Policy, report: Report) -> None:
    """A limit that runs from the wait of another step needs one that waits, and a limit."""
    for place, step in enumerate(policy.steps):
        before = policy.step(step.due_since)
        where = ("steps", place, "due_since")
        if before is not None and not any(isinstance(t, WaitTrigger) for t in before.triggers):
            message = f"步骤 {step.key} 的期限自 {before.key} 的等待期满起算，但 {before.key} 不等待"
            report.add(where, message, f"请给 {before.key} 写一个 wait 触发，或删去 due_since")
        if step.due_since and step.due is None:
            report.add(where, f"步骤 {step.key} 没有期限，却写了期限自何时起算", "请写 due，或删去 due_since")


def _paths(policy: Policy, report: Report) -> None:
    """Categories and applications stand once; one that holds the ladder has a step of its own."""
    for name, keys in (
        ("categories", [c.key for c in policy.categories]),
        ("applications", [a.key for a in policy.applications]),
    ):
        for key, times in Counter(keys).items():
            if times > 1:
                report.add((name, keys.index(key), "key"), f"{key!r} 写了{times}次", "请合并为一项")
    for place, category in enumerate(policy.categories):
        if category.holds_ladder and not any(_opens_for(step, category.key) for step in policy.steps):
            text = f"类别 {category.key} 停止逐级劝返，却没有任何步骤接办"
            report.add(("categories", place, "holds_ladder"), text, "请为它写一个 trigger 为 category 的步骤")


def _opens_for(step: Step, key: str) -> bool:
    return any(isinstance(t, CategoryTrigger) and key in t.categories for t in step.triggers)


def _named(policy: Policy, report: Report) -> None:
    """Steps name categories and applications the plan has; a recurring step has that one trigger alone."""
    for place, step in enumerate(policy.steps):
        where = ("steps", place, "trigger")
        for key in _unknown_names(policy, step):
            remedy = "请在 categories 或 applications 中写明"
            report.add(where, f"步骤 {step.key} 用到本方案没有的 {key!r}", remedy)
        if len(step.triggers) > 1 and any(isinstance(t, CycleTrigger) for t in step.triggers):
            report.add(where, f"步骤 {step.key} 的周期触发不能与其他触发并列", "请分成两个步骤")
        if step.times > 1 and step.early_counts:
            report.add(("steps", place, "times"), f"步骤 {step.key} 须办多次的不能提前计", "请删去 early_counts")


def _unknown_names(policy: Policy, step: Step) -> list[str]:
    unknown: list[str] = []
    for trigger in step.triggers:
        named = trigger.categories if isinstance(trigger, CategoryTrigger) else ()
        asked = trigger.applications if isinstance(trigger, (CycleTrigger, LapseTrigger)) else ()
        unknown += [key for key in named if policy.category(key) is None]
        unknown += [key for key in asked if policy.application(key) is None]
    return unknown
