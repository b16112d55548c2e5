"""The form fields of every event kind, as the plans' own forms have them."""

from dataclasses import dataclass

from cases.choices import Cause, EventKind, Outcome


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event's form. `kind`: text, long_text, choice, date, time, number, yes_no."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


CALL_RESULTS = (("connected", "接通"), ("no_answer", "未接"), ("empty_number", "空号"), ("refused", "拒接"))
PERSUASION_RESULTS = (
    ("continue", "继续劝返"),
    ("returned", "返校"),
    ("postponed", "缓学"),
    ("home_taught", "送教上门"),
    ("dropped_out", "辍学"),
    ("other", "其他"),
)
SERVICE_MODES = (
    ("direct", "直接送达"),
    ("adult_relative", "同住成年家属代收"),
    ("left_with_witness", "留置送达（见证人签字）"),
    ("left_with_photo", "留置送达（拍照、录像）"),
    ("post", "邮寄送达"),
    ("electronic", "电子送达（经同意）"),
    ("entrusted", "委托送达"),
    ("through_prison", "转交送达"),
    ("announcement", "公告送达（满30日生效）"),
)
SERVICE_FAILURES = (("absent", "无人在家"), ("refused", "拒收未留置"), ("moved", "已迁走"), ("address", "地址不详"))
ENROLMENT_ACTS = (("normal", "学籍正常，已清除疑似标记"), ("restored", "恢复学籍"), ("rebuilt", "补建学籍"))
CAUSES = tuple((c.value, str(c.label)) for c in Cause)
OUTCOMES = tuple((o.value, str(o.label)) for o in Outcome)
PLACEMENTS = tuple((o.value, str(o.label)) for o in Outcome if o not in (Outcome.RETURNED, Outcome.MISTAKE))

BY = Field("by", "劝返工作人员", required=True)
NOTE = Field("note", "备注", "long_text")
RECORD = Field("record", "情况记录", "long_text", required=True)
PEOPLE = Field("people", "参加人员", required=True, hint="姓名之间用顿号隔开")
PLACE = Field("place", "地点")
PROOF = Field("proof", "证明材料", required=True, hint="写明材料名称和出具单位")

FIELDS: dict[EventKind, tuple[Field, ...]] = {
    EventKind.FLAGGED: (
        Field("why", "倾向表现", "long_text", required=True),
        Field("cause", "可能原因", "choice", choices=CAUSES),
    ),
    EventKind.PHONE_CALL: (
        Field("result", "结果", "choice", required=True, choices=CALL_RESULTS),
        Field("spoke_with", "接听人"),
        Field("cause", "旷课原因", "choice", choices=CAUSES),
        Field("whereabouts", "去向"),
        NOTE,
    ),
    # 大田 attachment 4, 劝返工作记录, and 蛟潭 四（二）1 (told of the legal duty).
    EventKind.HOME_VISIT: (
        BY,
        Field("family", "家庭情况", "long_text"),
        Field("guardian_attitude", "家长态度", "long_text", required=True),
        Field("child_attitude", "学生态度", "long_text"),
        Field("methods", "劝返工作方法及措施", "long_text", required=True),
        Field("told_duty", "已告知监护人法定责任", "yes_no"),
        Field("effect", "劝返效果", "long_text"),
    ),
    EventKind.VILLAGE_VERIFICATION: (
        PEOPLE,
        Field("cause", "辍学原因", "choice", required=True, choices=CAUSES),
        Field("whereabouts", "去向"),
        Field("record", "核查情况", "long_text", required=True),
    ),
    EventKind.SUPPORT_PLAN: (
        Field("measures", "保学措施", "long_text", required=True),
        Field("person", "责任人", required=True),
        Field("review_on", "复查日期", "date"),
    ),
    EventKind.REPORT_SENT: (Field("number", "编号"), Field("to", "报送单位"), NOTE),
    EventKind.REPORT_RECEIVED: (
        Field("receiver", "接收人", required=True),
        Field("time", "接收时间", "time", hint="如 16:40"),
    ),
    # 大田 attachment 3, 动员情况记录.
    EventKind.PERSUASION: (
        Field("place", "地点", required=True),
        PEOPLE,
        RECORD,
        Field("recorder", "记录人", required=True),
        Field("result", "动员结果", "choice", required=True, choices=PERSUASION_RESULTS),
    ),
    EventKind.CRITICISM: (
        Field("by", "批评教育人", required=True),
        Field("guardian", "监护人", required=True),
        PLACE,
        Field("statement", "监护人陈述", "long_text"),
        Field("signed", "监护人已签字", "yes_no"),
    ),
    EventKind.NOTICE_ISSUED: (Field("number", "文书编号", required=True),),
    EventKind.NOTICE_SERVED: (
        Field("mode", "送达方式", "choice", required=True, choices=SERVICE_MODES),
        Field("addressee", "受送达人（监护人）", required=True),
        Field("receiver", "签收人及与受送达人关系"),
        Field("witness", "见证人"),
        PLACE,
        Field("time", "送达时间", "time"),
    ),
    EventKind.SERVICE_FAILED: (
        Field("reason", "未成原因", "choice", required=True, choices=SERVICE_FAILURES),
        Field("addressee", "受送达人（监护人）", required=True),
        NOTE,
    ),
    EventKind.JUSTICE_ASSISTANCE: (PEOPLE, RECORD),
    EventKind.JUDICIAL_HANDOVER: (Field("to", "移送机关", required=True), Field("materials", "材料清单", "long_text")),
    EventKind.POLICE_REPORTED: (Field("station", "接警单位", required=True), Field("number", "接警编号"), NOTE),
    EventKind.WHEREABOUTS_FOUND: (Field("whereabouts", "去向", required=True), Field("source", "查明途径")),
    EventKind.PAUSED: (
        Field("reason", "中止原因", "long_text", required=True),
        Field("until", "中止至", "date", required=True),
    ),
    EventKind.RESUMED: (Field("reason", "恢复原因", "long_text", required=True),),
    EventKind.RETURNED: (Field("how", "返校情况", "long_text"),),
    EventKind.RETURN_CONFIRMED: (Field("by", "确认单位和人员", required=True), PROOF),
    EventKind.ENROLMENT_RESTORED: (Field("act", "办理情况", "choice", required=True, choices=ENROLMENT_ACTS),),
    EventKind.PLACED: (Field("outcome", "安置方式", "choice", required=True, choices=PLACEMENTS), PROOF),
    EventKind.LEFT_SCOPE: (Field("outcome", "原因", "choice", required=True, choices=PLACEMENTS), PROOF),
    EventKind.CLOSED: (
        Field("outcome", "销号结果", "choice", required=True, choices=OUTCOMES),
        Field("proof", "证明材料"),
        NOTE,
    ),
    EventKind.NOTE: (Field("text", "内容", "long_text", required=True),),
}
