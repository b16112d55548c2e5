"""Says each trigger and each limit of a plan in a Chinese phrase."""

from collections.abc import Callable
from typing import Any, Final

from agencies.choices import DayType
from agencies.rules import policy_triggers as triggers
from agencies.rules.policy_names import APPLICATION_NAMES, EVENT_NAMES, VALUE_NAMES
from agencies.rules.policy_schema import Policy, Step

_SINCE: Final = {
    "done": "办结",
    "due": "到期",
    "served": "送达",
    "received": "报告单签收",
    "deadline": "限期届满",
}
_PERIODS: Final = {"week": "每周", "month": "每月", "quarter": "每季度", "term": "每学期"}
_RESULTS: Final = {"connected": "接通", "no_answer": "未接", "refused": "拒接", "empty_number": "空号"}
_UNITS: Final = {DayType.NATURAL: "日", DayType.WORKING: "个工作日", DayType.SCHOOL: "个上课日"}


def days(span: triggers.Span) -> str:
    """3个工作日（起算当日计入）."""
    notes = []
    if span.count_first:
        notes.append("起算当日计入")
    if span.roll:
        notes.append(f"末日不是{span.roll.label}的顺延")
    text = f"{span.months}个月" if span.months else f"{span.days}{_UNITS[span.day_type]}"
    return text + (f"（{'，'.join(notes)}）" if notes else "")


def limit(due: triggers.Limit) -> str:
    """3个工作日内, 开学后15日内, 每月25日前, 当日."""
    if isinstance(due, triggers.FixedDate):
        return f"{_date(due)}前"
    if isinstance(due, triggers.TermDay):
        late = f"；学期内该日已过的，{limit(due.late)}" if due.late else ""
        return f"{_term_day(due)}内{late}"
    return "当日" if due.same_day else f"{days(due)}内"


def _date(at: triggers.FixedDate) -> str:
    return f"每年{at.month}月{at.day}日" if at.month else f"每月{at.day}日"


def _term_day(at: triggers.TermDay) -> str:
    return f"开学后{at.day}{_UNITS[at.day_type]}" + ("（开学当日计入）" if at.count_first else "")


def halves(count: int) -> str:
    """Half days as days in a sentence: 3, 0.5."""
    return f"{count // 2}.5" if count % 2 else str(count // 2)


def opening(trigger: triggers.Trigger, policy: Policy) -> str:
    """When a trigger opens its step: 连续缺课满3天, 每月（在外期间）, 年满16周岁."""
    said: str = _SAYERS[type(trigger)](trigger, policy)
    return said


def record(asked: triggers.EventTrigger) -> str:
    """A record a plan asks for: “申请审批”（送教上门，批准）."""
    return f"“{EVENT_NAMES[asked.event]}”{where(asked.where)}"


def where(asked: triggers.Where) -> str:
    """The values a record must have: （缓学、休学，批准）; empty where any will do."""
    said = ["、".join(VALUE_NAMES.get(name, {}).get(value, value) for value in values) for name, values in asked]
    return f"（{'，'.join(said)}）" if said else ""


def done(step: Step) -> str:
    """What fulfils a step: 电话联系（接通、未接）或入户家访；2次."""
    results = f"（{'、'.join(_RESULTS[result] for result in step.done_results)}）" if step.done_results else ""
    acts = [EVENT_NAMES[kind] + (results if kind == "phone_call" else "") for kind in step.done_by]
    times = f"，{step.times}次" if step.times > 1 else ""
    early = "，先行办理有效" if step.early_counts else "，帮扶中已办的继续有效" if step.help_counts else ""
    return f"{'或'.join(acts)}{where(step.done_where)}{times}{early}"


def due_of(step: Step, policy: Policy) -> str:
    """By when a step is due, and from where the limit runs if not from its own opening; empty where it has none."""
    if step.due is None:
        return ""
    before = policy.step(step.due_since)
    return (_waited(before, policy) if before else "") + limit(step.due)


def _waited(before: Step, policy: Policy) -> str:
    """不论何时启动，自“…”送达后6个月，届满次日起."""
    waits = (trigger for trigger in before.triggers if isinstance(trigger, triggers.WaitTrigger))
    return f"不论何时启动，自{'或'.join(waited(trigger, policy) for trigger in waits)}起"


def opens(step: Step, policy: Policy) -> str:
    """When a step opens, and which record must come before."""
    ways = "；或".join(opening(trigger, policy) for trigger in step.triggers)
    if step.only_after is None:
        return ways
    return f"{ways}；{'都' if len(step.triggers) > 1 else ''}须先登记{record(step.only_after)}"


def _name(policy: Policy, key: str) -> str:
    step = policy.step(key)
    return step.name if step else key


def _absence(trigger: triggers.AbsenceTrigger, policy: Policy) -> str:
    how = "连续" if trigger.count == "in_a_row" else f"{policy.counting.window_days or ''}天内累计"
    reach = "满" if trigger.comparison == "at_least" else "超过"
    needs = "、".join(f"“{_name(policy, key)}”" for key in trigger.needs)
    return f"{how}缺课{reach}{halves(trigger.halves)}天" + (f"，且{needs}已办或逾期" if needs else "")


def waited(trigger: triggers.WaitTrigger, policy: Policy) -> str:
    """When a wait is over: “送达通知书”送达后6个月，届满次日."""
    since = f"“{_name(policy, trigger.after)}”{_SINCE[trigger.since]}{where(trigger.where)}"
    if trigger.span.same_day:
        return f"{since}{'次日' if trigger.opens == 'next_day' else '当日'}"
    return f"{since}后{days(trigger.span)}{'，届满次日' if trigger.opens == 'next_day' else ''}"


def _cycle(trigger: triggers.CycleTrigger, policy: Policy) -> str:
    if trigger.during == "placed":
        return f"{_applications(trigger.applications)}期间{_PERIODS[trigger.every]}"
    after = f"“{_name(policy, trigger.after)}”办结后" if trigger.after else ""
    return f"{after}未返校期间{_PERIODS[trigger.every]}"


def _applications(kinds: tuple[str, ...]) -> str:
    return "、".join(APPLICATION_NAMES[kind] for kind in kinds)


def _leave(trigger: triggers.LeaveTrigger, policy: Policy) -> str:
    reach = "满" if trigger.comparison == "at_least" else "超过"
    return f"连续请假{reach}{trigger.days}{_UNITS[trigger.day_type]}"


def _category(trigger: triggers.CategoryTrigger, policy: Policy) -> str:
    found = [policy.category(key) for key in trigger.categories]
    return f"归类为{'、'.join(f'“{c.name}”' for c in found if c)}"


_SAYERS: dict[type[Any], Callable[[Any, Policy], str]] = {
    triggers.AbsenceTrigger: _absence,
    triggers.WaitTrigger: lambda trigger, policy: f"{waited(trigger, policy)}仍未返校",
    triggers.FlaggedTrigger: lambda trigger, policy: "有人上报辍学倾向",
    triggers.ReturnedTrigger: lambda trigger, policy: "返校经点名确认",
    triggers.EventTrigger: lambda trigger, policy: f"登记了{record(trigger)}",
    triggers.NotRegisteredTrigger: lambda trigger, policy: f"未按时报到，或自开学起缺课满{halves(trigger.halves)}天",
    triggers.LeaveTrigger: _leave,
    triggers.TermDayTrigger: lambda trigger, policy: f"{_term_day(trigger.at)}仍未返校",
    triggers.FixedDateTrigger: lambda trigger, policy: f"{_date(trigger.at)}仍未返校",
    triggers.CycleTrigger: _cycle,
    triggers.CategoryTrigger: _category,
    triggers.LapseTrigger: lambda trigger, policy: (
        f"{_applications(trigger.applications)}到期前{days(trigger.before)}"
    ),
    triggers.AgeTrigger: lambda trigger, policy: f"年满{trigger.years}周岁",
}
