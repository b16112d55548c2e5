"""What must be on record before a case is closed (销号), and who approves it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from agencies.choices import Role
from agencies.rules.calendar import dated
from agencies.rules.policy_dates import birthday
from agencies.rules.policy_schema import Category, Policy
from agencies.rules.refusals import FieldSentence
from cases.choices import EventKind, Outcome, Stage
from cases.rules.standing import Duty, Standing

# What has to be shown for an ending that is no return; sources: 义务教育法 art. 11, clauses 13-15.
PROOF = {
    Outcome.ENROLLED: "学校报到凭证和学籍号",
    Outcome.STATUS_MADE: "就读学校学籍注册或转学凭证",
    Outcome.STUDIES_ELSEWHERE: "就读地学校在读证明",
    Outcome.TRANSFERRED: "接收学校回执或学籍转接凭证",
    Outcome.POSTPONED: "监护人申请和乡镇人民政府或县级教育部门的批准（身体状况原因）",
    Outcome.SUSPENDED: "监护人申请、医疗证明和乡镇人民政府或县级教育部门的批准",
    Outcome.IN_CLASS: "残疾人教育专家委员会评估意见和随班就读学校证明",
    Outcome.HOME_TAUGHT: "残疾人教育专家委员会评估意见和送教方案，学籍已建立",
    Outcome.SPECIAL_SCHOOL: "特殊教育学校就读证明",
    Outcome.REMOTE: "残疾人教育专家委员会评估意见和远程教育安排，学籍已建立",
    Outcome.VOCATIONAL: "职业学校就读证明，学籍保留在原校",
    Outcome.ABROAD: "出国证明和教育部门批准，学籍保留",
    Outcome.EXEMPTED: "残疾人教育专家委员会评估意见和县级教育部门批准",
    Outcome.REGISTER_CORRECTED: "公安机关结论和学籍变更、注销凭证",
    Outcome.MISSING: "公安机关结论",
    Outcome.DIED: "公安机关结论",
    Outcome.OVER_AGE: "出生日期核对，未在校，并注明是否完成义务教育",
    Outcome.MISTAKE: "考勤更正及复核记录",
    Outcome.HELP_ENDED: "帮扶评估结果（目标已达成），或毕业、转学等不再帮扶的原因",
}
# Endings that stand only on a conclusion of the police (虎林 五（三）6), whatever the plan.
BY_POLICE = frozenset({Outcome.REGISTER_CORRECTED, Outcome.MISSING, Outcome.DIED})
# Endings that are an approved time away from school: while it runs the case watches over it, and is not closed by it.
BY_APPROVAL = frozenset(
    {
        Outcome.POSTPONED,
        Outcome.SUSPENDED,
        Outcome.HOME_TAUGHT,
        Outcome.ABROAD,
        Outcome.EXEMPTED,
        Outcome.VOCATIONAL,
    }
)
_WRONG_END = {
    True: "学生在帮扶中，没有进入劝返流程，只能以“帮扶结束”办结",
    False: "本案已进入劝返流程，不能以“帮扶结束”销号",
}
# Endings that stand only on the committee's evaluation (残疾人教育条例 arts. 17, 20).
BY_COMMITTEE = frozenset({Outcome.IN_CLASS, Outcome.HOME_TAUGHT, Outcome.REMOTE, Outcome.EXEMPTED})


def outcomes_for(standing: Standing) -> tuple[Outcome, ...]:
    """How a record may end as it stands: help (帮扶) in one way, a case that climbs the ladder in all others."""
    if standing.stage == Stage.HELP:
        return (Outcome.HELP_ENDED,)
    return tuple(outcome for outcome in Outcome if outcome != Outcome.HELP_ENDED)


@dataclass(frozen=True, slots=True)
class ClosingCheck:
    """Whether the case may be closed with this outcome, what is missing (sentences), and the approving post."""

    allowed: bool
    missing: tuple[str, ...]
    approver: Role
    proof: str


def missing_for_return(
    policy: Policy, on: date, returned_on: date | None, watched_until: date | None, *, restored: bool
) -> tuple[str, ...]:
    """The sentences that stand between a case and its closing as 已返校, as the plan's closing rule says."""
    closing, missing = policy.closing, []
    if returned_on is None:
        missing.append("返校尚未经考勤确认：请登记返校，并由点名或返校确认证明")
    if closing.observation_over and (watched_until is None or on <= watched_until):
        until = f"（至{dated(watched_until)}）" if watched_until else ""
        missing.append(f"返校观察期未满{until}")
    if closing.enrolment_restored and not restored:
        missing.append("学籍补建或恢复未登记")
    return tuple(missing)


def missing_while_placed(on: date, until: date | None) -> tuple[str, ...]:
    """An approved time keeps the child on the list until it has run out or the child is back."""
    if until is None:
        return ("安置没有截止日期，期间不销号：请按期核查；已返校的登记返校",)
    return (f"安置期至{dated(until)}，期间不销号：到期前核查去向",) if on <= until else ()


def missing_for_category(category: Category, recorded: Collection[str]) -> tuple[str, ...]:
    """What the handling path of a category still asks for."""
    lacking = [EventKind(kind).label for kind in category.needs if kind not in recorded]
    return tuple(f"按“{category.name}”办理，尚缺：{label}" for label in lacking)


def missing_beside(duties: Iterable[Duty]) -> tuple[str, ...]:
    """What is owed beside the ladder (the bureau's inquiry) is done before the case ends, however it ends."""
    return tuple(f"尚未办结：{duty.name}（{duty.owner.label}）" for duty in duties if duty.beside and duty.is_waiting)


def approver_of(policy: Policy, standing: Standing) -> Role:
    """The post that approves closing: the early one while nothing beyond the school's stage was ever owed.

    The bureau's inquiry, though beside the ladder, counts: a school that may be the cause does not approve.
    """
    stages = {d.stage for d in standing.duties if d.opened_on is not None} - {Stage.RETURNED}
    return policy.closing.early_approver if stages <= {Stage.SCHOOL} else policy.closing.approver


def missing_proof(outcome: Outcome, proof: str) -> list[str]:
    """What has to be shown for an ending that is no return, where nothing was named."""
    if outcome == Outcome.RETURNED or proof.strip():
        return []
    return [FieldSentence(f"缺少证明材料：{PROOF[outcome]}", "proof")]


def check_closing(
    policy: Policy, standing: Standing, outcome: Outcome, proof: str = "", *, born_on: date | None = None
) -> ClosingCheck:
    """The check for one outcome; `proof` is what the user names or attaches for outcomes other than return.

    `born_on` is asked for by 超龄 alone.
    """
    missing: list[str] = []
    if standing.stage == Stage.CLOSED:
        missing.append("个案已销号")
    if standing.stage != Stage.CLOSED and outcome not in outcomes_for(standing):
        missing.append(_WRONG_END[standing.stage == Stage.HELP])
    if outcome == Outcome.RETURNED:
        missing.extend(standing.missing_for_closing)
        if standing.returned_on is None and not missing:
            missing.append("没有经确认的返校，不能以已返校销号")
    else:
        missing.extend(missing_proof(outcome, proof))
        missing.extend(missing_beside(standing.duties))
    if outcome == Outcome.MISTAKE and standing.opens_case:
        missing.append("按现有考勤仍有应办事项，须先更正考勤并经复核")
    missing.extend(missing_for_outcome(policy, standing, outcome))
    missing.extend(_missing_approval(policy, standing, outcome))
    if outcome == Outcome.OVER_AGE:
        missing.extend(_missing_age(policy, standing.on, born_on))
    return ClosingCheck(not missing, tuple(missing), approver_of(policy, standing), PROOF.get(outcome, ""))


def _missing_age(policy: Policy, on: date, born_on: date | None) -> list[str]:
    """超龄 stands on the date of birth: the day after which the plan's last age is over."""
    if born_on is None:
        return ["没有出生日期，不能核对是否超龄：请先在学生资料中补登"]
    over = birthday(born_on, policy.ages.last + 1)
    return [] if over <= on else [f"{dated(over)}才满{policy.ages.last + 1}周岁，还没有超龄，不能以超龄销号"]


def _missing_approval(policy: Policy, standing: Standing, outcome: Outcome) -> list[str]:
    """Why 休学, 缓学, 送教 … cannot end the case: as with `Standing.closable`, not while the approved time runs.

    The plan's class may name such an ending (虎林 五（三）3 to 5), but not where the application was refused.
    """
    if outcome not in BY_APPROVAL:
        return []
    category = policy.category(standing.category)
    if category is None or outcome not in category.outcomes:
        return list(missing_while_placed(standing.on, standing.placed_until)) if standing.placed_as else []
    asked = EventKind.APPLICATION_DECIDED in category.needs and EventKind.APPLICATION_DECIDED in standing.recorded
    return [f"申请未获批准，不能以{outcome.label}销号"] if asked and not standing.placed_as else []


def missing_for_outcome(policy: Policy, standing: Standing, outcome: Outcome) -> list[str]:
    """What this ending needs on record, by law and by the child's category."""
    missing = []
    if outcome in BY_POLICE and EventKind.POLICE_CONCLUSION not in standing.recorded:
        missing.append("尚无公安机关结论，不能以此销号（先登记公安机关结论）")
    if outcome in BY_COMMITTEE and EventKind.EVALUATED not in standing.recorded:
        missing.append("尚无残疾人教育专家委员会评估，不能以此销号")
    if outcome == Outcome.EXEMPTED and policy.application("exemption") is None:
        missing.append("本方案没有免予入学，现行义务教育法也无此规定，请改用送教上门或缓学")
    category = policy.category(standing.category)
    if category is None or outcome == Outcome.MISTAKE:
        return missing
    if outcome not in category.outcomes:
        allowed = "、".join(str(Outcome(word).label) for word in category.outcomes)
        missing.append(f"归类为“{category.name}”的，只能以{allowed}销号；归类有误的请先重新归类")
    return [*missing, *missing_for_category(category, standing.recorded)]
