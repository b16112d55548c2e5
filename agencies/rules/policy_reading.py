"""Reads a plan back in sentences: when each step opens, by when it is due, and on which words it rests."""

from dataclasses import dataclass
from typing import Final

from agencies.choices import DayType, Role
from agencies.rules.policy import (
    AbsenceTrigger,
    EventTrigger,
    FlaggedTrigger,
    Policy,
    ReturnedTrigger,
    Span,
    Step,
    Trigger,
    WaitTrigger,
)

NOT_IN_PLAN: Final = "本方案未规定"
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
    "left_scope": "不再属本方案",
    "closed": "销号",
    "note": "备注",
}
_STAGES: Final = {"school": "学校", "village": "村级", "township": "乡镇", "judicial": "司法", "returned": "返校"}
_SINCE: Final = {
    "done": "办结",
    "due": "到期",
    "served": "送达",
    "received": "报告单签收",
    "deadline": "限期届满",
}
_EXCUSED: Final = {"ends": "请假使连续缺课中断", "pauses": "请假日不计也不中断", "counts": "请假日计入"}
_UNKNOWN: Final = {"pauses": "未点名的日子不计也不中断", "ends": "未点名使连续缺课中断", "counts": "未点名的日子计入"}
_HALF: Final = {"half": "半天计0.5天", "whole": "半天计1天", "none": "半天不计"}
_BREAKS: Final = {"pauses": "假期不计也不中断", "ends": "假期使连续缺课中断"}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule in words with its basis; `assumed` holds the reason where the plan is silent."""

    name: str
    text: str
    clause: str
    quote: str
    assumed: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder in words."""

    number: int
    name: str
    stage: str
    owners: str
    opens: str
    due: str
    advice: str
    clause: str
    quote: str
    assumed: str
    other_reading: str


def days(span: Span) -> str:
    """3个工作日（起算当日计入）."""
    unit = {DayType.NATURAL: "日", DayType.WORKING: "个工作日", DayType.SCHOOL: "个上课日"}[span.day_type]
    notes = []
    if span.count_first:
        notes.append("起算当日计入")
    if span.roll:
        notes.append(f"末日不是{span.roll.label}的顺延")
    return f"{span.days}{unit}" + (f"（{'，'.join(notes)}）" if notes else "")


def _halves(halves: int) -> str:
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)


def _opening(trigger: Trigger, policy: Policy) -> str:
    if isinstance(trigger, AbsenceTrigger):
        how = "连续" if trigger.count == "in_a_row" else f"{policy.counting.window_days or ''}天内累计"
        reach = "满" if trigger.comparison == "at_least" else "超过"
        needs = "、".join(f"“{_name(policy, key)}”" for key in trigger.needs)
        return f"{how}缺课{reach}{_halves(trigger.halves)}天" + (f"，且{needs}已办或逾期" if needs else "")
    if isinstance(trigger, WaitTrigger):
        span = days(trigger.span) if trigger.span.days else "当日"
        return f"“{_name(policy, trigger.after)}”{_SINCE[trigger.since]}后{span}仍未返校"
    if isinstance(trigger, FlaggedTrigger):
        return "有人上报辍学倾向"
    if isinstance(trigger, ReturnedTrigger):
        return "返校经点名确认"
    return f"登记了“{EVENT_NAMES[trigger.event]}”" if isinstance(trigger, EventTrigger) else ""


def _name(policy: Policy, key: str) -> str:
    step = policy.step(key)
    return step.name if step else key


def _rung(number: int, step: Step, policy: Policy) -> Rung:
    other = step.contradiction
    due = "" if step.due is None else f"{days(step.due)}内" if step.due.days else "当日"
    return Rung(
        number=number,
        name=step.name,
        stage=_STAGES.get(step.stage, step.stage),
        owners="、".join(str(Role(role).label) for role in (step.owner, *step.also_owners)),
        opens="；或".join(_opening(trigger, policy) for trigger in step.triggers),
        due=due or NOT_IN_PLAN,
        advice=step.advice,
        clause=step.clause,
        quote=step.quote,
        assumed=step.assumed_reason if step.assumed else "",
        other_reading=f"{other.other}（{other.clause}：“{other.quote}”）。{other.reason}" if other else "",
    )


def rungs(policy: Policy) -> list[Rung]:
    """The steps of the ladder, in the plan's order."""
    return [_rung(number, step, policy) for number, step in enumerate(policy.steps, start=1)]


def lines(policy: Policy) -> list[Line]:
    """What else the plan says: how absence counts, the guardian's time, observation, closing off, ages."""
    counting, clock, closing = policy.counting, policy.clock, policy.closing
    words = (_HALF[counting.half_day], _EXCUSED[counting.excused], _UNKNOWN[counting.unknown])
    overdue = "逾期不停下一级" if clock.overdue_opens_next else "上一级办结后才启动下一级"
    back = "；需恢复学籍" if closing.enrolment_restored else ""
    roles = f"{closing.approver.label}批准；未出学校阶段的由{closing.early_approver.label}批准"
    said = [
        ("缺课计算", "；".join((*words, _BREAKS[counting.term_break])), counting.basis),
        ("逐级计时", overdue + _cut_off(policy), clock.basis),
        ("责令返校期限", f"送达后{days(policy.deadline.span)}", policy.deadline.basis),
        (
            "返校观察",
            f"{days(policy.observation.span)}，其间再缺课{_halves(policy.observation.relapse_halves)}天为反复",
            policy.observation.basis,
        ),
        ("销号", roles + back, closing.basis),
        ("对象", f"{policy.ages.first}至{policy.ages.last}周岁", policy.ages.basis),
    ]
    return [
        Line(name, text, basis.clause, basis.quote, (basis.reason or NOT_IN_PLAN) if basis.assumed else "")
        for name, text, basis in said
    ]


def _cut_off(policy: Policy) -> str:
    clock = policy.clock
    text = f"；{clock.cut_off_hour}时后收到的算次一工作日" if clock.cut_off_hour is not None else ""
    if clock.unsigned_receipt:
        text += f"；报告单{days(clock.unsigned_receipt)}无人签收视为收到"
    return text
