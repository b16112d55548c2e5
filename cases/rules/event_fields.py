"""The form fields of every event kind, as the plans' own forms have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agencies.rules.policy_schema import Policy
from cases.choices import Application, Category, Cause, Difficulty, EventKind, Outcome


def plan_choices(policy: Policy) -> dict[str, tuple[tuple[str, str], ...]]:
    """Fields whose choices are the plan's own: its categories and applications, under its names."""
    return {
        "category": tuple((category.key, category.name) for category in policy.categories),
        "application": tuple((application.key, application.name) for application in policy.applications),
    }


def completed(kind: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says, with the cause a difficulty stands for, where lists and plans look for it."""
    if kind != EventKind.HELP_BEGUN:
        return dict(data)
    cause = CAUSE_OF.get(str(data.get("difficulty")))  # type: ignore[call-overload]
    rest = {name: value for name, value in data.items() if name != "cause"}
    return rest | ({"cause": str(cause)} if cause else {})


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
# Papers that ask and advise; none of them orders (义务教育法 art. 58), so that none starts the guardian's time.
ADVICE_PAPERS = (
    ("proposal", "告知建议函（致乡镇政府）"),
    ("urging", "劝学函"),
    ("entry_notice", "入学（复学）通知书"),
    ("other", "其他函件"),
)
ENROLMENT_ACTS = (("normal", "学籍正常，已清除疑似标记"), ("restored", "恢复学籍"), ("rebuilt", "补建学籍"))
CAUSES = tuple((c.value, str(c.label)) for c in Cause)
CATEGORIES = tuple((c.value, str(c.label)) for c in Category)
APPLICATIONS = tuple((a.value, str(a.label)) for a in Application)
# 义务教育法 art. 11: 缓学 and 休学 are for the child's health alone.
GROUNDS = (("health", "身体状况"), ("other", "其他"))
DECISIONS = (("approved", "批准"), ("refused", "不予批准"))
ADMONISHERS = (("village", "村（居）劝诫"), ("police", "公安训诫"), ("guidance", "家庭教育指导令"))
ROUTES = (("civil", "向法院提起民事诉讼（乡镇作原告）"), ("enforcement", "申请法院强制执行通知书（非诉执行）"))
REMEDIES = (("told", "已写明复议60日、诉讼6个月"), ("not_told", "没有写明"))
CONCLUSIONS = (
    ("not_found", "查无此人"),
    ("age", "年龄不符"),
    ("double", "户籍重复"),
    ("died", "死亡"),
    ("cancelled", "迁出注销"),
    ("missing", "失踪失联"),
    ("found", "已查明去向"),
)
WAYS = (
    ("in_class", "随班就读"),
    ("special_school", "特殊教育学校"),
    ("home_taught", "送教上门"),
    ("remote", "远程教育"),
    ("unable", "不具备学习条件"),
)
# Whom a report of 未成年人保护法 art. 11 may go to; a missing child is for the police alone.
POLICE = "police"
AUTHORITIES = ((POLICE, "公安机关（110）"), ("civil_affairs", "民政部门"), ("education", "教育行政部门"))
INQUIRY_RESULTS = (("confirmed", "属实"), ("in_part", "部分属实"), ("unfounded", "不属实"))
COURT_RESULTS = (
    ("mediated", "调解"),
    ("judged", "判决、裁定"),
    ("withdrawn", "撤诉"),
    ("refused", "不予受理、准许执行"),
    ("executed", "执行完毕"),
)
OUTCOMES = tuple((o.value, str(o.label)) for o in Outcome)
PLACEMENTS = tuple(
    (o.value, str(o.label)) for o in Outcome if o not in (Outcome.RETURNED, Outcome.MISTAKE, Outcome.HELP_ENDED)
)
DIFFICULTIES = tuple((d.value, str(d.label)) for d in Difficulty)
# The cause the national list has for a difficulty; 有辍学倾向 is none.
CAUSE_OF = {Difficulty.LEARNING: Cause.LEARNING, Difficulty.WEARY: Cause.WEARY, Difficulty.OTHER: Cause.OTHER}


def _cause(label: str, *, required: bool = False) -> Field:
    """Why the child is away; whoever names harm here learns of the duty to report it."""
    hint = "遭受侵害、早婚早育的，当天向公安、民政、教育等部门报告（未成年人保护法第十一条）"
    return Field("cause", label, "choice", required=required, choices=CAUSES, hint=hint)


BY = Field("by", "劝返工作人员", required=True)
NOTE = Field("note", "备注", "long_text")
RECORD = Field("record", "情况记录", "long_text", required=True)
RECORD_OF_INQUIRY = Field("record", "调查情况", "long_text", required=True, hint="听取了谁的陈述、查看了什么材料")
PEOPLE = Field("people", "参加人员", required=True, hint="姓名之间用顿号隔开")
PLACE = Field("place", "地点")
PROOF = Field("proof", "证明材料", required=True, hint="写明材料名称和出具单位")

FIELDS: dict[EventKind, tuple[Field, ...]] = {
    EventKind.FLAGGED: (
        Field("why", "倾向表现", "long_text", required=True),
        _cause("可能原因"),
    ),
    EventKind.NOT_REGISTERED: (
        Field("why", "未报到情况", "long_text", required=True),
        _cause("原因"),
        Field("whereabouts", "去向"),
    ),
    # 大田 attachment 1 and 2: the child found by a survey or a comparison.
    EventKind.NOT_ENROLLED: (
        Field("found_by", "发现途径", required=True, hint="如入户摸排、户籍与学籍比对"),
        Field("why", "未入学原因", "long_text", required=True),
        _cause("原因归类"),
        Field("whereabouts", "目前去向"),
    ),
    # A child who comes to school and needs help: no step of the ladder opens by it.
    EventKind.HELP_BEGUN: (
        Field("difficulty", "困难类别", "choice", required=True, choices=DIFFICULTIES),
        Field("why", "具体表现", "long_text", required=True),
        Field("person", "帮扶责任人", required=True),
    ),
    EventKind.PHONE_CALL: (
        Field("result", "结果", "choice", required=True, choices=CALL_RESULTS),
        Field("spoke_with", "接听人"),
        _cause("旷课原因"),
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
        _cause("辍学原因", required=True),
        Field("whereabouts", "去向"),
        Field("record", "核查情况", "long_text", required=True),
    ),
    EventKind.CATEGORY_DECIDED: (
        Field("category", "类别", "choice", required=True, choices=CATEGORIES),
        Field("by", "认定单位", required=True),
        Field("why", "认定依据", "long_text", required=True),
    ),
    EventKind.COMPANION_NAMED: (
        Field("person", "包保责任人", required=True),
        Field("unit", "单位和职务"),
        Field("phone", "联系电话"),
    ),
    EventKind.SUPPORT_PLAN: (
        Field("measures", "保学措施", "long_text", required=True),
        Field("person", "责任人", required=True),
        Field("return_on", "目标返校日期", "date"),
        Field("attendance", "目标到课率"),
        Field("review_on", "复查日期", "date"),
    ),
    EventKind.PLAN_REVIEWED: (
        Field("result", "复查情况", "long_text", required=True),
        Field("changes", "调整措施", "long_text"),
        Field("review_on", "下次复查", "date"),
    ),
    # Which measure of the plan stands beside these fields, in `measure`.
    EventKind.MEASURE_DONE: (Field("what", "措施", required=True), NOTE),
    EventKind.ADVICE_SENT: (
        Field("paper", "函件", "choice", required=True, choices=ADVICE_PAPERS),
        Field("to", "送交", required=True),
        Field("number", "文号"),
        NOTE,
    ),
    EventKind.REPORT_SENT: (Field("number", "编号"), Field("to", "报送单位"), NOTE),
    EventKind.REPORT_RECEIVED: (
        Field("receiver", "接收人", required=True),
        Field("time", "接收时间", "time", hint="如 16:40"),
    ),
    EventKind.REPORTED_UP: (Field("to", "上报单位", required=True), Field("number", "文号"), NOTE),
    # 大田 attachment 3, 动员情况记录.
    EventKind.PERSUASION: (
        Field("place", "地点", required=True),
        PEOPLE,
        RECORD,
        Field("recorder", "记录人", required=True),
        Field("result", "动员结果", "choice", required=True, choices=PERSUASION_RESULTS),
    ),
    EventKind.JOINT_PERSUASION: (
        Field("agencies", "参加部门", required=True, hint="公安、司法、民政等"),
        PEOPLE,
        RECORD,
        Field("result", "结果", "choice", required=True, choices=PERSUASION_RESULTS),
    ),
    # 未成年人保护法 art. 118.
    EventKind.ADMONITION: (
        Field("kind", "方式", "choice", required=True, choices=ADMONISHERS),
        Field("by", "劝诫、训诫人", required=True),
        Field("guardian", "监护人", required=True),
        RECORD,
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
        Field("remedies", "救济途径", "choice", choices=REMEDIES),
        # What a 催告书 names of an order that was issued before the system (行政强制法 art. 54).
        Field("number", "通知书文号"),
        Field("issued_on", "通知书签发日期", "date"),
        Field("deadline", "通知书限期届满日", "date"),
    ),
    EventKind.SERVICE_FAILED: (
        Field("reason", "未成原因", "choice", required=True, choices=SERVICE_FAILURES),
        Field("addressee", "受送达人（监护人）", required=True),
        NOTE,
    ),
    EventKind.JUSTICE_ASSISTANCE: (PEOPLE, RECORD),
    EventKind.JUDICIAL_HANDOVER: (Field("to", "移送机关", required=True), Field("materials", "材料清单", "long_text")),
    EventKind.ROUTE_CHOSEN: (
        Field("route", "途径", "choice", required=True, choices=ROUTES),
        Field("by", "决定单位和人员", required=True),
        NOTE,
    ),
    EventKind.SUIT_FILED: (
        Field("court", "受理法院", required=True),
        Field("defendants", "被告（监护人）", required=True),
        Field("number", "案号"),
        Field("materials", "材料清单", "long_text", required=True),
    ),
    EventKind.DEMAND_SERVED: (
        Field("mode", "送达方式", "choice", required=True, choices=SERVICE_MODES),
        Field("addressee", "受送达人（监护人）", required=True),
        Field("statement", "当事人陈述申辩", "long_text"),
    ),
    EventKind.ENFORCEMENT_APPLIED: (
        Field("court", "申请法院", required=True),
        Field("number", "案号"),
        Field("materials", "材料清单", "long_text", required=True),
    ),
    EventKind.COURT_RESULT: (
        Field("result", "结果", "choice", required=True, choices=COURT_RESULTS),
        Field("number", "文书编号"),
        Field("record", "内容", "long_text", required=True),
    ),
    # 义务教育法 art. 58 gives no fine: a penalty stands only on a typed legal basis.
    EventKind.PENALTY: (
        Field("authority", "处罚机关", required=True),
        Field("legal_basis", "法律依据（地方性法规名称和条款）", required=True),
        Field("number", "决定书文号", required=True),
        Field("content", "处罚内容", "long_text", required=True),
    ),
    EventKind.POLICE_REPORTED: (
        Field("authority", "报告对象", "choice", choices=AUTHORITIES, hint="去向不明须向公安机关报警"),
        Field("station", "接警（接报）单位", required=True),
        Field("number", "接警（接报）编号"),
        NOTE,
    ),
    EventKind.WHEREABOUTS_FOUND: (Field("whereabouts", "去向", required=True), Field("source", "查明途径")),
    EventKind.POLICE_CONCLUSION: (
        Field("conclusion", "结论", "choice", required=True, choices=CONCLUSIONS),
        Field("by", "出具单位", required=True),
        Field("number", "文号"),
        Field("record", "结论内容", "long_text", required=True),
    ),
    EventKind.EVALUATED: (
        Field("way", "安置建议", "choice", required=True, choices=WAYS),
        Field("by", "评估单位", required=True),
        Field("number", "评估意见编号", required=True, hint="残疾人教育专家委员会评估意见书的编号"),
        Field("review_on", "复评日期", "date"),
    ),
    # 疑似辍学 → 辍学: who may say so is the plan's.
    EventKind.DROPOUT_CONFIRMED: (
        Field("since", "辍学起始日期", "date", required=True),
        Field("ground", "认定依据", "long_text", required=True, hint="劝返、核查的情况，学生现在何处"),
        Field("by", "认定单位和人员", required=True),
        Field("number", "文号"),
        NOTE,
    ),
    # What the bureau found where the school may be the cause (未成年人保护法 arts. 27, 28, 39).
    EventKind.INQUIRED: (
        Field("result", "调查结论", "choice", required=True, choices=INQUIRY_RESULTS),
        Field("by", "调查人", required=True),
        RECORD_OF_INQUIRY,
        Field("measures", "处理意见", "long_text"),
        Field("number", "文号"),
    ),
    EventKind.APPLIED: (
        Field("application", "申请事项", "choice", required=True, choices=APPLICATIONS),
        Field("guardian", "申请人（监护人）", required=True),
        Field("ground", "原因类别", "choice", choices=GROUNDS, hint="缓学、休学只限身体状况"),
        Field("reason", "申请理由", "long_text", required=True),
        Field("from", "自", "date", required=True),
        Field("until", "至", "date"),
        PROOF,
    ),
    EventKind.APPLICATION_DECIDED: (
        Field("application", "申请事项", "choice", required=True, choices=APPLICATIONS),
        Field("decision", "决定", "choice", required=True, choices=DECISIONS),
        Field("by", "审批单位和签批人", required=True),
        Field("number", "文号"),
        Field("from", "自", "date"),
        Field("until", "至", "date"),
        NOTE,
    ),
    EventKind.HOME_TEACHING: (
        Field("teachers", "送教教师（两人）", required=True, hint="姓名之间用顿号隔开"),
        Field("time", "开始时间", "time"),
        Field("until_time", "结束时间", "time"),
        Field("lessons", "课时", "number", required=True),
        PLACE,
        Field("content", "送教内容", "long_text", required=True),
        Field("child", "学生表现", "long_text"),
        Field("guardian", "家长反馈", "long_text"),
        Field("next_on", "下次送教", "date"),
    ),
    EventKind.PLACE_CONFIRMED: (
        Field("place", "就读地和学校", required=True),
        Field("enrolled", "有学籍", "yes_no"),
        Field("by", "确认单位和人员", required=True),
        PROOF,
    ),
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
    # The case events that no longer count stand beside these fields, in `withdraws`.
    EventKind.PAPER_WITHDRAWN: (
        Field("paper", "撤回的文书", required=True),
        Field("number", "撤回函文号", required=True),
        Field("reason", "撤回理由", "long_text", required=True),
    ),
    EventKind.PAPER_CORRECTED: (
        Field("paper", "更正的文书", required=True),
        Field("number", "更正函文号", required=True),
        Field("reason", "更正理由", "long_text", required=True),
    ),
    EventKind.NOTE: (Field("text", "内容", "long_text", required=True),),
}
