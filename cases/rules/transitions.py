"""Who may record an event, and which fact is missing for it now."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from agencies.choices import Permission
from agencies.rules.calendar import dated
from agencies.rules.policy_schema import Policy
from agencies.rules.refusals import FieldSentence
from cases.choices import Application, EventKind, Outcome, Stage
from cases.rules.closing import missing_proof
from cases.rules.event_fields import FIELDS, Field
from cases.rules.rounds import LONGEST_PAUSE, STARTS, as_day
from cases.rules.standing import Standing
from cases.rules.support_plan import mistakes_in_rows

__all__ = [
    "Field",
    "bars",
    "caution",
    "fields_of",
    "is_made_by_paper",
    "is_mended_by_paper",
    "is_out_of_place",
    "permissions_for",
    "refusals",
]

NOT_IN_LADDER = "学生在帮扶中，没有缺课，不登记“{}”；有辍学倾向、未报到的，先登记该情况，再进入劝返流程"

SCHOOL, VILLAGE = Permission.RECORD_SCHOOL_EVENT, Permission.RECORD_VILLAGE_EVENT
TOWNSHIP, JUSTICE = Permission.RECORD_TOWNSHIP_EVENT, Permission.RECORD_JUSTICE_EVENT
EVERY_LEVEL = (SCHOOL, VILLAGE, TOWNSHIP, JUSTICE)

# The first permission is the usual recorder's; any of them suffices.
RECORDERS: dict[EventKind, tuple[Permission, ...]] = {
    EventKind.FLAGGED: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.NOT_REGISTERED: (SCHOOL,),
    EventKind.NOT_ENROLLED: (VILLAGE, TOWNSHIP),
    EventKind.HELP_BEGUN: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.PHONE_CALL: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.HOME_VISIT: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.VILLAGE_VERIFICATION: (VILLAGE,),
    EventKind.CATEGORY_DECIDED: (TOWNSHIP,),
    EventKind.COMPANION_NAMED: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.SUPPORT_PLAN: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.PLAN_REVIEWED: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.MEASURE_DONE: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.ADVICE_SENT: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.REPORT_SENT: (SCHOOL,),
    EventKind.REPORT_RECEIVED: (TOWNSHIP,),
    EventKind.REPORTED_UP: (TOWNSHIP,),
    EventKind.PERSUASION: (TOWNSHIP,),
    EventKind.JOINT_PERSUASION: (TOWNSHIP, JUSTICE),
    EventKind.ADMONITION: (VILLAGE, TOWNSHIP, JUSTICE),
    EventKind.CRITICISM: (TOWNSHIP,),
    EventKind.NOTICE_ISSUED: (Permission.ISSUE_ORDER,),
    EventKind.NOTICE_SERVED: (Permission.RECORD_SERVICE,),
    EventKind.SERVICE_FAILED: (Permission.RECORD_SERVICE,),
    EventKind.JUSTICE_ASSISTANCE: (JUSTICE,),
    EventKind.JUDICIAL_HANDOVER: (TOWNSHIP, JUSTICE),
    EventKind.ROUTE_CHOSEN: (TOWNSHIP,),
    EventKind.SUIT_FILED: (TOWNSHIP, JUSTICE),
    EventKind.DEMAND_SERVED: (Permission.RECORD_SERVICE,),
    EventKind.ENFORCEMENT_APPLIED: (TOWNSHIP, JUSTICE),
    EventKind.COURT_RESULT: (TOWNSHIP, JUSTICE),
    EventKind.PENALTY: (TOWNSHIP,),
    EventKind.POLICE_REPORTED: EVERY_LEVEL,
    EventKind.WHEREABOUTS_FOUND: EVERY_LEVEL,
    EventKind.POLICE_CONCLUSION: (TOWNSHIP,),
    EventKind.EVALUATED: (Permission.EVALUATE,),
    EventKind.INQUIRED: (Permission.INQUIRE,),
    # Whose post it is the plan says (`Policy.dropout`).
    EventKind.DROPOUT_CONFIRMED: (TOWNSHIP, SCHOOL),
    EventKind.APPLIED: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.APPLICATION_DECIDED: (Permission.DECIDE_APPLICATION,),
    EventKind.HOME_TEACHING: (Permission.RECORD_HOME_VISIT,),
    EventKind.PLACE_CONFIRMED: (SCHOOL, VILLAGE, TOWNSHIP),
    EventKind.PAUSED: (TOWNSHIP,),
    EventKind.RESUMED: (TOWNSHIP,),
    EventKind.RETURNED: (SCHOOL,),
    EventKind.RETURN_CONFIRMED: (SCHOOL, TOWNSHIP),
    # The bureau too: a child found without 学籍 has no school yet.
    EventKind.ENROLMENT_RESTORED: (SCHOOL, TOWNSHIP),
    EventKind.PLACED: (TOWNSHIP,),
    EventKind.LEFT_SCOPE: (TOWNSHIP,),
    EventKind.CLOSED: (Permission.CLOSE_CASE,),
    EventKind.PAPER_WITHDRAWN: (Permission.ISSUE_SCHOOL_PAPER, Permission.ISSUE_ORDER),
    EventKind.PAPER_CORRECTED: (Permission.ISSUE_SCHOOL_PAPER, Permission.ISSUE_ORDER),
    EventKind.NOTE: EVERY_LEVEL,
}
# The plan's paper whose making, service or failed service such an event is.
PAPER_OF: Mapping[EventKind, str] = {
    EventKind.REPORT_SENT: "report",
    EventKind.NOTICE_ISSUED: "order",
    EventKind.NOTICE_SERVED: "order",
    EventKind.SERVICE_FAILED: "order",
}
# Without any of these nobody knows yet whether a child has dropped out.
TRIED = frozenset(
    {
        *(EventKind.PHONE_CALL, EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION, EventKind.PERSUASION),
        *(EventKind.JOINT_PERSUASION, EventKind.NOT_ENROLLED),
    }
)
# A wrong paper may come to light after 销号: the letter that mends it is taken even then.
LETTERS = frozenset({EventKind.PAPER_WITHDRAWN, EventKind.PAPER_CORRECTED})
AFTER_CLOSING = LETTERS | {EventKind.NOTE}
# What is recorded of a child who is helped and not absent: the help itself, and whatever brings it into the ladder.
WHILE_HELPED = (
    STARTS
    | AFTER_CLOSING
    | {
        *(EventKind.HELP_BEGUN, EventKind.PHONE_CALL, EventKind.HOME_VISIT, EventKind.CLOSED),
        *(EventKind.COMPANION_NAMED, EventKind.SUPPORT_PLAN, EventKind.PLAN_REVIEWED, EventKind.MEASURE_DONE),
        *(EventKind.POLICE_REPORTED, EventKind.WHEREABOUTS_FOUND, EventKind.POLICE_CONCLUSION, EventKind.INQUIRED),
    }
)


def fields_of(kind: EventKind) -> tuple[Field, ...]:
    """The form fields of an event kind, in the order of the plans' forms."""
    return FIELDS[kind]


def permissions_for(kind: EventKind) -> tuple[Permission, ...]:
    """The permissions of which any one lets a post record this kind; the first is the usual recorder's."""
    return RECORDERS[kind]


def is_made_by_paper(policy: Policy, kind: EventKind) -> bool:
    """Whether such an event comes of a paper of this plan; where the plan names none, it is typed into a form."""
    return kind in LETTERS or PAPER_OF.get(kind) in policy.documents


def is_mended_by_paper(policy: Policy, kind: EventKind, data: Mapping[str, Any]) -> bool:
    """Whether a wrong entry of this kind is mended on the page of its paper; one of an old list has none here."""
    return is_made_by_paper(policy, kind) and not data.get("from_old_list")


def refusals(standing: Standing, kind: EventKind, data: Mapping[str, Any]) -> list[str]:
    """Why the case cannot take this event now: one Chinese sentence per missing fact; empty = it can."""
    if standing.stage == Stage.CLOSED and is_out_of_place(standing, kind):
        return ["个案已销号，不能再登记办理；销号有误的，请先更正销号记录"]
    if is_out_of_place(standing, kind):
        return [NOT_IN_LADDER.format(kind.label)]
    said = [text for field in FIELDS[kind] for text in _field(field, data.get(field.name))]
    return [*said, *(text for check in CHECKS.get(kind, ()) for text in check(standing, data))]


def bars(standing: Standing, kind: EventKind) -> list[str]:
    """What stands in the way of this kind of event whatever its form will say, so that nobody types in vain."""
    if is_out_of_place(standing, kind):
        return refusals(standing, kind, {})
    return [text for check in CHECKS.get(kind, ()) for text in check(standing, {})]


def is_out_of_place(standing: Standing, kind: EventKind) -> bool:
    """Whether no such event belongs into the record as it stands: closed, or help without any absence."""
    if standing.stage == Stage.CLOSED:
        return kind not in AFTER_CLOSING
    return standing.stage == Stage.HELP and kind not in WHILE_HELPED


def caution(standing: Standing, kind: EventKind) -> str:
    """What should come first although the case takes the event without it; empty = nothing.

    义务教育法 art. 58 names 批评教育 before 责令限期改正; not every plan has a step of its own for it.
    """
    orders = {EventKind.NOTICE_ISSUED, EventKind.NOTICE_SERVED}
    if kind not in orders or standing.recorded & (orders | {EventKind.CRITICISM}):
        return ""
    where = "本轮" if standing.round > 1 else "本案"
    return f"{where}还没有批评教育记录；义务教育法第五十八条先批评教育、再责令限期改正。"


def _field(field: Field, value: Any) -> list[str]:
    text = "" if value is None else str(value).strip()
    if not text:
        return [f"请填写{field.label}"] if field.required else []
    if field.kind == "choice" and text not in dict(field.choices):
        return [f"{field.label}不能是「{text}」，请从列表中选择"]
    if field.kind == "date" and as_day(value) is None:
        return [f"{field.label}不是日期，请写成 2026-10-10"]
    if field.kind == "time" and not _is_time(value, text):
        return [f"{field.label}不是时间，请写成 16:40"]
    return []


def _is_time(value: Any, text: str) -> bool:
    if isinstance(value, time):
        return True
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True


def _needs(kind: EventKind, sentence: str) -> "Check":
    def check(standing: Standing, data: Mapping[str, Any]) -> list[str]:
        return [] if kind in standing.recorded else [sentence]

    return check


def _township(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """School and village send advice, never an order: the order waits for the township's stage."""
    if EventKind.LEFT_SCOPE in standing.recorded:
        return [f"已登记“{EventKind.LEFT_SCOPE.label}”，不再责令返校；登记有误的，请先更正该条记录"]
    if standing.stage in (Stage.TOWNSHIP, Stage.COUNTY, Stage.JUDICIAL):
        return []
    return ["尚未到乡镇督办阶段：缺少学校书面报告或前一级劝返记录"]


def _return_on_record(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    recorded = standing.return_recorded_on is not None or standing.returned_on is not None
    return [] if recorded else ["尚未登记返校，请先登记返校日期"]


def _returns_or_has_a_path(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """学籍 is restored on a return, or built where the child's path begins with it (残疾人教育条例 art. 17)."""
    begun = standing.recorded & {EventKind.NOT_ENROLLED, EventKind.EVALUATED}
    return [] if standing.category or standing.placed_as or begun else _return_on_record(standing, data)


def _planned(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """A plan outlives the round in which it was made: a relapse does not end it."""
    return [] if standing.planned else ["尚无保学方案，请先登记方案"]


def _not_yet_helped(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    if standing.round:
        return ["该生已进入劝返流程，不再登记帮扶开始；请直接在个案中制定一生一策"]
    return ["该生已在帮扶中，请直接调整一生一策"] if standing.helped_since else []


def _measures(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    return mistakes_in_rows(data.get("rows", ()))


def _dropped_out(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """疑似辍学 becomes 辍学 while the child is away, once in a round, after somebody has tried or looked."""
    if EventKind.DROPOUT_CONFIRMED in standing.recorded and standing.dropped_out_on is not None:
        return [f"本轮已于{dated(standing.dropped_out_on)}认定辍学"]
    if standing.stage in (Stage.PLACED, Stage.RETURNED):
        return [f"学生现为“{standing.stage.label}”，不能认定辍学"]
    if not standing.recorded & TRIED:
        return ["尚无联系、劝返或核查记录，请先登记再认定辍学"]
    since = as_day(data.get("since"))
    return [FieldSentence("辍学起始日期不能晚于今天", "since")] if since is not None and since > standing.on else []


def _pause(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    if standing.paused_until is not None:
        return [f"已中止计时至{dated(standing.paused_until)}，请先登记恢复计时"]
    until, latest = as_day(data.get("until")), standing.on + LONGEST_PAUSE
    if until is not None and until > latest:
        return [
            FieldSentence(
                f"一次中止最长{LONGEST_PAUSE.days}天，请改为{dated(latest)}或以前的日期，到期再登记中止", "until"
            )
        ]
    return [FieldSentence("中止的结束日期不能早于今天", "until")] if until is not None and until < standing.on else []


def _paused(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    return [] if standing.paused_until is not None else ["现在没有中止计时，无需恢复"]


def _closing(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    outcome, proof = str(data.get("outcome") or ""), str(data.get("proof") or "").strip()
    if outcome == Outcome.RETURNED:
        if standing.returned_on is None and not standing.missing_for_closing:
            return ["没有经确认的返校，不能以已返校销号"]
        return list(standing.missing_for_closing)
    return missing_proof(Outcome(outcome), proof) if outcome in Outcome.values else []


def _witnessed(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """留置 with a witness names the witness (民事诉讼法 art. 89)."""
    without = data.get("mode") == "left_with_witness" and not str(data.get("witness") or "").strip()
    return [FieldSentence("留置送达须写明见证人；没有见证人的，请选拍照、录像方式", "witness")] if without else []


def _two_teachers(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    names = [n for n in str(data.get("teachers") or "").replace("，", "、").split("、") if n.strip()]
    return [FieldSentence("送教须有两名教师，姓名之间用顿号隔开", "teachers")] if len(names) == 1 else []


def _fined(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """义务教育法 art. 58 gives 批评教育 and 责令限期改正 alone; a fine needs a local regulation."""
    basis = str(data.get("legal_basis") or "")
    if basis and not re.search(r"(法|条例|办法|规定)》?.*第.+条", basis):
        return [
            FieldSentence(
                "请写明处罚所依据的地方性法规名称和条款，写成《某省义务教育条例》第几条的样子", "legal_basis"
            )
        ]
    if basis and "义务教育法" in basis and not any(word in basis for word in ("条例", "办法")):
        return [
            FieldSentence(
                "义务教育法第五十八条只规定批评教育、责令限期改正，没有罚款：请写明所依据的地方性法规和条款",
                "legal_basis",
            )
        ]
    return []


def _in_court(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    begun = standing.recorded & {EventKind.SUIT_FILED, EventKind.ENFORCEMENT_APPLIED, EventKind.JUDICIAL_HANDOVER}
    return [] if begun else ["尚未起诉、申请强制执行或移送司法，没有法院结果可登记"]


def _times(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    first, until = as_day(data.get("from")), as_day(data.get("until"))
    return [FieldSentence("截止日期早于起始日期，请核对", "until")] if first and until and until < first else []


def _by_health(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """义务教育法 art. 11, whatever else a plan says: 缓学 and 休学 for the child's health alone."""
    asked = str(data.get("application") or "")
    if asked not in (Application.POSTPONEMENT, Application.SUSPENSION) or data.get("ground") != "other":
        return []
    label = Application(asked).label
    return [
        FieldSentence(
            f"{label}只限身体状况（义务教育法第十一条）：其他困难请登记劝返、资助或帮扶，不能申请{label}", "ground"
        )
    ]


Check = Callable[[Standing, Mapping[str, Any]], list[str]]


def _issued(standing: Standing, data: Mapping[str, Any]) -> list[str]:
    """An order that was served, also before an old case was entered, was issued."""
    orders = {EventKind.NOTICE_ISSUED, EventKind.NOTICE_SERVED}
    return [] if standing.recorded & orders else ["尚无签发的通知书，请先签发"]


_SERVED = _needs(EventKind.NOTICE_SERVED, "限期通知书尚未送达，司法程序还不能启动")
CHECKS: dict[EventKind, tuple[Check, ...]] = {
    EventKind.HELP_BEGUN: (_not_yet_helped,),
    EventKind.REPORT_RECEIVED: (_needs(EventKind.REPORT_SENT, "学校尚未登记书面报告，不能接收"),),
    EventKind.NOTICE_ISSUED: (_township,),
    EventKind.NOTICE_SERVED: (_issued, _witnessed),
    EventKind.SERVICE_FAILED: (_issued,),
    EventKind.JUSTICE_ASSISTANCE: (_needs(EventKind.NOTICE_SERVED, "通知书尚未送达，司法所协助还不能启动"),),
    EventKind.ROUTE_CHOSEN: (_SERVED,),
    EventKind.SUIT_FILED: (_SERVED,),
    EventKind.DEMAND_SERVED: (_SERVED, _witnessed),
    EventKind.ENFORCEMENT_APPLIED: (
        _needs(EventKind.DEMAND_SERVED, "催告书尚未送达，不能申请强制执行（行政强制法第五十四条）"),
    ),
    EventKind.COURT_RESULT: (_in_court,),
    EventKind.PENALTY: (_fined,),
    EventKind.SUPPORT_PLAN: (_measures,),
    EventKind.PLAN_REVIEWED: (_planned,),
    EventKind.MEASURE_DONE: (_planned,),
    EventKind.APPLIED: (_times, _by_health),
    EventKind.APPLICATION_DECIDED: (_needs(EventKind.APPLIED, "没有监护人的书面申请，请先登记申请"), _times),
    EventKind.HOME_TEACHING: (_two_teachers,),
    EventKind.RETURN_CONFIRMED: (_return_on_record,),
    EventKind.ENROLMENT_RESTORED: (_returns_or_has_a_path,),
    EventKind.DROPOUT_CONFIRMED: (_dropped_out,),
    EventKind.PAUSED: (_pause,),
    EventKind.RESUMED: (_paused,),
    EventKind.CLOSED: (_closing,),
}


def refuses_day(standing: Standing, happened_on: date) -> str:
    """Why the day of an event cannot be right (the future); empty when it can."""
    return "日期在今天之后，不能登记尚未发生的事" if happened_on > standing.on else ""
