"""What must be on record before a case is closed (销号), and who approves it."""

from dataclasses import dataclass
from datetime import date

from agencies.choices import Role
from agencies.rules.calendar import dated
from agencies.rules.policy_schema import Policy
from cases.choices import Outcome, Stage
from cases.rules.standing import Standing

# What has to be shown for an ending that is no return; sources: 义务教育法 art. 11, clauses 13-15.
PROOF = {
    Outcome.TRANSFERRED: "接收学校回执或学籍转接凭证",
    Outcome.POSTPONED: "监护人申请和乡镇人民政府或县级教育部门的批准（身体状况原因）",
    Outcome.SUSPENDED: "监护人申请、医疗证明和乡镇人民政府或县级教育部门的批准",
    Outcome.HOME_TAUGHT: "残疾人教育专家委员会评估意见和送教方案，学籍已建立",
    Outcome.SPECIAL_SCHOOL: "特殊教育学校就读证明",
    Outcome.VOCATIONAL: "职业学校就读证明，学籍保留在原校",
    Outcome.DIED: "公安机关结论",
    Outcome.OVER_AGE: "出生日期核对，未在校，并注明是否完成义务教育",
    Outcome.MISTAKE: "考勤更正及复核记录",
}


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


def approver_of(policy: Policy, standing: Standing) -> Role:
    """The post that approves closing: the early one while the case never left the school's stage."""
    stages = {d.stage for d in standing.duties if d.opened_on is not None} - {Stage.RETURNED}
    return policy.closing.early_approver if stages <= {Stage.SCHOOL} else policy.closing.approver


def check_closing(policy: Policy, standing: Standing, outcome: Outcome, proof: str = "") -> ClosingCheck:
    """The check for one outcome; `proof` is what the user names or attaches for outcomes other than return."""
    missing: list[str] = []
    if standing.stage == Stage.CLOSED:
        missing.append("个案已销号")
    if outcome == Outcome.RETURNED:
        missing.extend(standing.missing_for_closing)
        if standing.returned_on is None and not missing:
            missing.append("没有经确认的返校，不能以已返校销号")
    elif not proof.strip():
        missing.append(f"缺少证明材料：{PROOF[outcome]}")
    if outcome == Outcome.MISTAKE and standing.opens_case:
        missing.append("按现有考勤仍有应办事项，须先更正考勤并经复核")
    return ClosingCheck(not missing, tuple(missing), approver_of(policy, standing), PROOF.get(outcome, ""))
