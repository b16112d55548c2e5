"""Reads a plan back in sentences: when each step opens, by when it is due, and on which words it rests."""

from dataclasses import dataclass
from typing import Final

from agencies.choices import Role
from agencies.rules.policy_names import EVENT_NAMES
from agencies.rules.policy_schema import Basis, Policy, Step
from agencies.rules.policy_sentences import days, done, due_of, halves, opens
from agencies.rules.quoting import quoted, taken_over

NOT_IN_PLAN: Final = "本方案未规定"
_STAGES: Final = {
    "school": "学校",
    "village": "村级",
    "township": "乡镇",
    "county": "县级",
    "judicial": "司法",
    "placed": "安置",
    "returned": "返校",
}
_EXCUSED: Final = {"ends": "请假使连续缺课中断", "pauses": "请假日不计也不中断", "counts": "请假日计入"}
_UNKNOWN: Final = {"pauses": "未点名的日子不计也不中断", "ends": "未点名使连续缺课中断", "counts": "未点名的日子计入"}
_HALF: Final = {"half": "半天计0.5天", "whole": "半天计1天", "none": "半天不计"}
_BREAKS: Final = {"pauses": "假期不计也不中断", "ends": "假期使连续缺课中断"}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule in words with its basis; `assumed` holds the reason where the plan is silent, `source` as a step's."""

    name: str
    text: str
    clause: str
    quote: str
    assumed: str
    source: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder in words; `source` says in an overlay whose rule it is."""

    number: int
    name: str
    stage: str
    owners: str
    opens: str
    due: str
    done: str
    advice: str
    clause: str
    quote: str
    assumed: str
    other_reading: str
    source: str


def _rung(number: int, step: Step, policy: Policy) -> Rung:
    other = step.contradiction
    return Rung(
        number=number,
        name=step.name,
        stage=_STAGES.get(step.stage, step.stage),
        owners="、".join(str(Role(role).label) for role in (step.owner, *step.also_owners)),
        opens=opens(step, policy),
        due=due_of(step, policy) or NOT_IN_PLAN,
        done=done(step),
        advice=step.advice,
        clause=step.clause,
        quote=step.quote,
        assumed=step.assumed_reason if step.assumed else "",
        other_reading=f"{other.other}（{other.clause}：{quoted(other.quote)}）。{other.reason}" if other else "",
        source=taken_over(step.source, policy.overlays),
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
            f"{days(policy.observation.span)}，其间再缺课{halves(policy.observation.relapse_halves)}天为反复",
            policy.observation.basis,
        ),
        ("销号", roles + back, closing.basis),
        ("对象", f"{policy.ages.first}至{policy.ages.last}周岁", policy.ages.basis),
    ]
    if policy.dropout:
        text = f"疑似辍学由{policy.dropout.confirmer.label}（或其上级）认定为辍学"
        said.append(("认定辍学", text, policy.dropout.basis))
    if policy.clusters:
        text = f"同班{policy.clusters.days}日内新立案满{policy.clusters.cases}件的，提示教育局核查"
        said.append(("同班集中", text, policy.clusters.basis))
    said += _paths(policy)
    return [
        Line(
            name,
            text,
            basis.clause,
            basis.quote,
            (basis.reason or NOT_IN_PLAN) if basis.assumed else "",
            taken_over(basis.source, policy.overlays),
        )
        for name, text, basis in said
    ]


def _paths(policy: Policy) -> list[tuple[str, str, Basis]]:
    """The handling path of each category, and each application with who decides it."""
    found = []
    for category in policy.categories:
        held = "逐级劝返停止，按此办理" if category.holds_ladder else "仍逐级劝返"
        needs = "、".join(EVENT_NAMES[kind] for kind in category.needs)
        text = held + (f"；须有{needs}" if needs else "")
        found.append((f"类别：{category.name}", text, category.basis))
    for application in policy.applications:
        roles = "、".join(str(role.label) for role in application.deciders)
        longest = f"；最长{days(application.longest)}" if application.longest else ""
        needs = "、".join(EVENT_NAMES[kind] for kind in application.needs)
        text = f"监护人申请，{roles}审批{longest}" + (f"；须先有{needs}" if needs else "")
        found.append((f"申请：{application.name}", text, application.basis))
    return found


def _cut_off(policy: Policy) -> str:
    clock = policy.clock
    text = f"；{clock.cut_off_hour}时后收到的算次一工作日" if clock.cut_off_hour is not None else ""
    if clock.unsigned_receipt:
        text += f"；报告单{days(clock.unsigned_receipt)}无人签收视为收到"
    return text
