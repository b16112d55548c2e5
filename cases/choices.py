"""The closed lists of a case: what can happen in it, how duties stand, how it ends."""

from django.db.models import TextChoices


class EventKind(TextChoices):
    """Things that happen in a case; each has its own fields in `cases/rules/transitions.py`."""

    FLAGGED = "flagged", "发现辍学倾向"
    NOT_REGISTERED = "not_registered", "未按时报到"
    NOT_ENROLLED = "not_enrolled", "未入学登记"
    HELP_BEGUN = "help_begun", "帮扶开始"
    PHONE_CALL = "phone_call", "电话联系"
    HOME_VISIT = "home_visit", "入户家访"
    VILLAGE_VERIFICATION = "village_verification", "村级入户核查"
    CATEGORY_DECIDED = "category_decided", "归类认定"
    COMPANION_NAMED = "companion_named", "确定包保责任人"
    SUPPORT_PLAN = "support_plan", "个性化保学方案"
    PLAN_REVIEWED = "plan_reviewed", "保学方案复查"
    MEASURE_DONE = "measure_done", "保学措施落实"
    ADVICE_SENT = "advice_sent", "发出告知建议函"
    REPORT_SENT = "report_sent", "学校书面报告"
    REPORT_RECEIVED = "report_received", "乡镇接收报告"
    REPORTED_UP = "reported_up", "逐级上报"
    PERSUASION = "persuasion", "劝返"
    JOINT_PERSUASION = "joint_persuasion", "部门联合劝返"
    ADMONITION = "admonition", "劝诫、训诫"
    CRITICISM = "criticism", "批评教育"
    NOTICE_ISSUED = "notice_issued", "签发通知书"
    NOTICE_SERVED = "notice_served", "通知书送达"
    SERVICE_FAILED = "service_failed", "送达未成"
    JUSTICE_ASSISTANCE = "justice_assistance", "司法所协助"
    JUDICIAL_HANDOVER = "judicial_handover", "移送司法"
    ROUTE_CHOSEN = "route_chosen", "选定司法途径"
    SUIT_FILED = "suit_filed", "提起诉讼"
    DEMAND_SERVED = "demand_served", "催告书送达"
    ENFORCEMENT_APPLIED = "enforcement_applied", "申请强制执行"
    COURT_RESULT = "court_result", "法院处理结果"
    PENALTY = "penalty", "行政处罚"
    POLICE_REPORTED = "police_reported", "报警求助"
    WHEREABOUTS_FOUND = "whereabouts_found", "去向查明"
    POLICE_CONCLUSION = "police_conclusion", "公安机关结论"
    EVALUATED = "evaluated", "专家委员会评估"
    INQUIRED = "inquired", "涉校原因调查"
    DROPOUT_CONFIRMED = "dropout_confirmed", "认定辍学"
    APPLIED = "applied", "监护人申请"
    APPLICATION_DECIDED = "application_decided", "申请审批"
    HOME_TEACHING = "home_teaching", "送教上门"
    PLACE_CONFIRMED = "place_confirmed", "就读地确认"
    PAUSED = "paused", "中止计时"
    RESUMED = "resumed", "恢复计时"
    RETURNED = "returned", "返校"
    RETURN_CONFIRMED = "return_confirmed", "返校确认"
    ENROLMENT_RESTORED = "enrolment_restored", "学籍恢复"
    PLACED = "placed", "安置"
    LEFT_SCOPE = "left_scope", "不再属控辍对象（转出、超龄等）"
    CLOSED = "closed", "销号"
    PAPER_WITHDRAWN = "paper_withdrawn", "撤回文书"
    PAPER_CORRECTED = "paper_corrected", "更正文书"
    NOTE = "note", "备注"


class Stage(TextChoices):
    """Whose turn it is; the order is that of the ladder, before which stands a child who is helped and not absent."""

    HELP = "help", "帮扶中"
    SCHOOL = "school", "学校劝返"
    VILLAGE = "village", "村级核查"
    TOWNSHIP = "township", "乡镇督办"
    COUNTY = "county", "县级督办"
    JUDICIAL = "judicial", "司法程序"
    PLACED = "placed", "安置期内"
    RETURNED = "returned", "返校观察"
    CLOSED = "closed", "已销号"


class DutyState(TextChoices):
    """How one duty stands on a day."""

    AHEAD = "ahead", "未到"
    OPEN = "open", "待办"
    OVERDUE = "overdue", "逾期"
    DONE = "done", "已办"
    DONE_LATE = "done_late", "逾期办结"
    DROPPED = "dropped", "不再需要"
    MISSED = "missed", "本期未办"


class Cause(TextChoices):
    """Causes of absence as the plans and the national ledger name them."""

    WEARY = "weary", "厌学"
    LEARNING = "learning", "学习困难"
    POVERTY = "poverty", "家庭贫困"
    ILLNESS = "illness", "疾病"
    DISABILITY = "disability", "残疾"
    MENTAL_ILLNESS = "mental_illness", "精神障碍"
    HARMED = "harmed", "遭受侵害"
    INVOLVED = "involved", "涉案"
    WORK = "work", "务工"
    MARRIAGE = "marriage", "早婚早育"
    FAMILY = "family", "家庭变故"
    WITH_PARENTS = "with_parents", "随父母外出"
    BULLYING = "bullying", "欺凌"
    MISTREATED = "mistreated", "体罚、歧视"
    PUSHED_OUT = "pushed_out", "学校劝退"
    MISSING = "missing", "失踪失联"
    OTHER = "other", "其他"
    NOT_KNOWN = "not_known", "待查"


class Category(TextChoices):
    """Classes of children with a handling path of their own; which of them a plan knows, and how, is its data."""

    NO_STATUS_HERE = "no_status_here", "域内就读无学籍"
    NO_STATUS_ELSEWHERE = "no_status_elsewhere", "省内外就读无学籍"
    POSTPONED = "postponed", "延缓入学"
    ABROAD = "abroad", "短期出国"
    ILL = "ill", "因病"
    DISABLED = "disabled", "因残"
    UNABLE = "unable", "不具备学习条件"
    HOUSEHOLD_REGISTER = "household_register", "户籍原因"
    MISSING = "missing", "失踪失联"
    WEARY = "weary", "学困厌学"
    MOVED_AWAY = "moved_away", "外出就读"
    OVER_AGE = "over_age", "超龄"


class Difficulty(TextChoices):
    """Why a child who comes to school is helped (学困、厌学、有辍学倾向)."""

    LEARNING = "learning", "学困"
    WEARY = "weary", "厌学"
    INCLINED = "inclined", "有辍学倾向"
    OTHER = "other", "其他"


class MeasureKind(TextChoices):
    """Kinds of measures of a support plan (一生一策); no official form names them, the plans' own words do."""

    LEARNING = "learning", "学业"
    MIND = "mind", "心理"
    AID = "aid", "资助"
    REHABILITATION = "rehabilitation", "康复"
    VOCATIONAL = "vocational", "职业融合"
    GUARDIANSHIP = "guardianship", "监护"
    OTHER = "other", "其他"


class Application(TextChoices):
    """What a guardian may apply for in writing."""

    POSTPONEMENT = "postponement", "缓学"
    SUSPENSION = "suspension", "休学"
    RESUMPTION = "resumption", "复学"
    ABROAD = "abroad", "短期出国"
    HOME_TEACHING = "home_teaching", "送教上门"
    EXEMPTION = "exemption", "免予入学"
    VOCATIONAL = "vocational", "职业学校就读"


class Outcome(TextChoices):
    """How a case ends."""

    RETURNED = "returned", "已返校"
    ENROLLED = "enrolled", "已入学"
    STATUS_MADE = "status_made", "已建立学籍"
    STUDIES_ELSEWHERE = "studies_elsewhere", "在外就读（已核实）"
    TRANSFERRED = "transferred", "转学（已核实）"
    POSTPONED = "postponed", "缓学"
    SUSPENDED = "suspended", "休学"
    IN_CLASS = "in_class", "随班就读"
    HOME_TAUGHT = "home_taught", "送教上门"
    SPECIAL_SCHOOL = "special_school", "特殊教育学校就读"
    REMOTE = "remote", "远程教育"
    VOCATIONAL = "vocational", "职业学校就读（学籍保留）"
    ABROAD = "abroad", "短期出国（学籍保留）"
    EXEMPTED = "exempted", "免予入学"
    REGISTER_CORRECTED = "register_corrected", "户籍原因（已更正或注销学籍）"
    MISSING = "missing", "失踪失联（公安结论）"
    DIED = "died", "死亡"
    OVER_AGE = "over_age", "超龄"
    MISTAKE = "mistake", "误报（考勤更正）"
    HELP_ENDED = "help_ended", "帮扶结束"


class CaseOrigin(TextChoices):
    """What a case began with."""

    ROLL = "roll", "考勤发现"
    FLAG = "flag", "人工预警"
    OLD_LIST = "old_list", "旧台账补录"
    SURVEY = "survey", "摸排比对发现"
    APPLICATION = "application", "监护人申请"
    HELP = "help", "帮扶对象"
