"""Says each trigger and each limit of a plan in a Chinese phrase."""

from collections.abc import Callable
from typing import Any, Final

from agencies.choices import DayType
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import (
    AbsenceTrigger,
    AgeTrigger,
    CategoryTrigger,
    CycleTrigger,
    EventTrigger,
    FixedDate,
    FixedDateTrigger,
    FlaggedTrigger,
    LapseTrigger,
    LeaveTrigger,
    Limit,
    NotRegisteredTrigger,
    ReturnedTrigger,
    Span,
    TermDay,
    TermDayTrigger,
    Trigger,
    WaitTrigger,
)

# Names of the events of `policy_words`, held equal to those of cases by a test.
EVENT_NAMES: Final = {
    "flagged": "发现辍学倾向",
    "phone_call": "电话联系",
    "home_visit": "入户家访",
    "village_verification": "村级入户核查",
    "support_plan": "个性化保学方案",
    "report_sent": "学校书面报告",
    "report_received": "乡镇接收报告",
    "persuasion": "劝返",
    "criticism": "批评教育",
    "notice_issued": "签发通知书",
    "notice_served": "通知书送达",
    "service_failed": "送达未成",
    "justice_assistance": "司法所协助",
    "judicial_handover": "移送司法",
    "police_reported": "报警求助",
    "whereabouts_found": "去向查明",
    "paused": "中止计时",
    "resumed": "恢复计时",
    "returned": "返校",
    "return_confirmed": "返校确认",
    "enrolment_restored": "学籍恢复",
    "placed": "安置",
    "left_scope": "不再属控辍对象（转出、超龄等）",
    "closed": "销号",
    "paper_withdrawn": "撤回文书",
    "paper_corrected": "更正文书",
    "note": "备注",
    "not_registered": "未按时报到",
    "not_enrolled": "未入学登记",
    "category_decided": "归类认定",
    "companion_named": "确定包保责任人",
    "plan_reviewed": "保学方案复查",
    "measure_done": "保学措施落实",
    "advice_sent": "发出告知建议函",
    "reported_up": "逐级上报",
    "joint_persuasion": "部门联合劝返",
    "admonition": "劝诫、训诫",
    "route_chosen": "选定司法途径",
    "suit_filed": "提起诉讼",
    "demand_served": "催告书送达",
    "enforcement_applied": "申请强制执行",
    "court_result": "法院处理结果",
    "penalty": "行政处罚",
    "police_conclusion": "公安机关结论",
    "evaluated": "专家委员会评估",
    "applied": "监护人申请",
    "application_decided": "申请审批",
    "home_teaching": "送教上门",
    "place_confirmed": "就读地确认",
}
_SINCE: Final = {
    "done": "办结",
    "due": "到期",
    "served": "送达",
    "received": "报告单签收",
    "deadline": "限期届满",
}
_PERIODS: Final = {"week": "每周", "month": "每月", "quarter": "每季度", "term": "每学期"}
APPLICATION_NAMES: Final = {
    "postponement": "缓学",
    "suspension": "休学",
    "resumption": "复学",
    "abroad": "短期出国",
    "home_teaching": "送教上门",
    "exemption": "免予入学",
    "vocational": "职业学校就读",
}
_UNITS: Final = {DayType.NATURAL: "日", DayType.WORKING: "个工作日", DayType.SCHOOL: "个上课日"}


def days(span: Span) -> str:
    """3个工作日（起算当日计入）."""
    notes = []
    if span.count_first:
        notes.append("起算当日计入")
    if span.roll:
        notes.append(f"末日不是{span.roll.label}的顺延")
    text = f"{span.months}个月" if span.months else f"{span.days}{_UNITS[span.day_type]}"
    return text + (f"（{'，'.join(notes)}）" if notes else "")


def limit(due: Limit) -> str:
    """3个工作日内, 开学后15日内, 每月25日前, 当日."""
    if isinstance(due, FixedDate):
        return f"{_date(due)}前"
    if isinstance(due, TermDay):
        late = f"；学期内该日已过的，{limit(due.late)}" if due.late else ""
        return f"{_term_day(due)}内{late}"
    return f"{days(due)}内" if due.days or due.months else "当日"


def _date(at: FixedDate) -> str:
    return f"每年{at.month}月{at.day}日" if at.month else f"每月{at.day}日"


def _term_day(at: TermDay) -> str:
    return f"开学后{at.day}{_UNITS[at.day_type]}" + ("（开学当日计入）" if at.count_first else "")


def halves(count: int) -> str:
    """Half days as days in a sentence: 3, 0.5."""
    return f"{count // 2}.5" if count % 2 else str(count // 2)


def opening(trigger: Trigger, policy: Policy) -> str:
    """When a trigger opens its step: 连续缺课满3天, 每月（在外期间）, 年满16周岁."""
    said: str = _SAYERS[type(trigger)](trigger, policy)
    return said


def _name(policy: Policy, key: str) -> str:
    step = policy.step(key)
    return step.name if step else key


def _absence(trigger: AbsenceTrigger, policy: Policy) -> str:
    how = "连续" if trigger.count == "in_a_row" else f"{policy.counting.window_days or ''}天内累计"
    reach = "满" if trigger.comparison == "at_least" else "超过"
    needs = "、".join(f"“{_name(policy, key)}”" for key in trigger.needs)
    return f"{how}缺课{reach}{halves(trigger.halves)}天" + (f"，且{needs}已办或逾期" if needs else "")


def _wait(trigger: WaitTrigger, policy: Policy) -> str:
    span = days(trigger.span) if trigger.span.days or trigger.span.months else "当日"
    return f"“{_name(policy, trigger.after)}”{_SINCE[trigger.since]}后{span}仍未返校"


def _cycle(trigger: CycleTrigger, policy: Policy) -> str:
    if trigger.during == "placed":
        return f"{_applications(trigger.applications)}期间{_PERIODS[trigger.every]}"
    after = f"“{_name(policy, trigger.after)}”办结后" if trigger.after else ""
    return f"{after}未返校期间{_PERIODS[trigger.every]}"


def _applications(kinds: tuple[str, ...]) -> str:
    return "、".join(APPLICATION_NAMES[kind] for kind in kinds)


def _leave(trigger: LeaveTrigger, policy: Policy) -> str:
    reach = "满" if trigger.comparison == "at_least" else "超过"
    return f"连续请假{reach}{trigger.days}{_UNITS[trigger.day_type]}"


def _category(trigger: CategoryTrigger, policy: Policy) -> str:
    found = [policy.category(key) for key in trigger.categories]
    return f"归类为{'、'.join(f'“{c.name}”' for c in found if c)}"


_SAYERS: dict[type[Any], Callable[[Any, Policy], str]] = {
    AbsenceTrigger: _absence,
    WaitTrigger: _wait,
    FlaggedTrigger: lambda trigger, policy: "有人上报辍学倾向",
    ReturnedTrigger: lambda trigger, policy: "返校经点名确认",
    EventTrigger: lambda trigger, policy: f"登记了“{EVENT_NAMES[trigger.event]}”",
    NotRegisteredTrigger: lambda trigger, policy: f"未按时报到，或自开学起缺课满{halves(trigger.halves)}天",
    LeaveTrigger: _leave,
    TermDayTrigger: lambda trigger, policy: f"{_term_day(trigger.at)}仍未返校",
    FixedDateTrigger: lambda trigger, policy: f"{_date(trigger.at)}仍未返校",
    CycleTrigger: _cycle,
    CategoryTrigger: _category,
    LapseTrigger: lambda trigger, policy: f"{_applications(trigger.applications)}到期前{days(trigger.before)}",
    AgeTrigger: lambda trigger, policy: f"年满{trigger.years}周岁",
}
