"""The closed lists of a case: what can happen in it, how duties stand, how it ends."""

from django.db.models import TextChoices


class EventKind(TextChoices):
    """Things that happen in a case; each has its own fields in `cases/rules/transitions.py`."""

    FLAGGED = "flagged", "发现辍学倾向"
    PHONE_CALL = "phone_call", "电话联系"
    HOME_VISIT = "home_visit", "入户家访"
    VILLAGE_VERIFICATION = "village_verification", "村级入户核查"
    SUPPORT_PLAN = "support_plan", "个性化保学方案"
    REPORT_SENT = "report_sent", "学校书面报告"
    REPORT_RECEIVED = "report_received", "乡镇接收报告"
    PERSUASION = "persuasion", "劝返"
    CRITICISM = "criticism", "批评教育"
    NOTICE_ISSUED = "notice_issued", "签发通知书"
    NOTICE_SERVED = "notice_served", "通知书送达"
    SERVICE_FAILED = "service_failed", "送达未成"
    JUSTICE_ASSISTANCE = "justice_assistance", "司法所协助"
    JUDICIAL_HANDOVER = "judicial_handover", "移送司法"
    POLICE_REPORTED = "police_reported", "报警求助"
    WHEREABOUTS_FOUND = "whereabouts_found", "去向查明"
    PAUSED = "paused", "中止计时"
    RESUMED = "resumed", "恢复计时"
    RETURNED = "returned", "返校"
    RETURN_CONFIRMED = "return_confirmed", "返校确认"
    ENROLMENT_RESTORED = "enrolment_restored", "学籍恢复"
    PLACED = "placed", "安置"
    LEFT_SCOPE = "left_scope", "不再属本方案"
    CLOSED = "closed", "销号"
    NOTE = "note", "备注"


class Stage(TextChoices):
    """Whose turn it is; the order is that of the ladder."""

    SCHOOL = "school", "学校劝返"
    VILLAGE = "village", "村级核查"
    TOWNSHIP = "township", "乡镇督办"
    JUDICIAL = "judicial", "司法程序"
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


class Cause(TextChoices):
    """Causes of absence as the plans and the national ledger name them."""

    WEARY = "weary", "厌学"
    LEARNING = "learning", "学习困难"
    POVERTY = "poverty", "家庭贫困"
    ILLNESS = "illness", "疾病"
    DISABILITY = "disability", "残疾"
    WORK = "work", "务工"
    MARRIAGE = "marriage", "早婚早育"
    FAMILY = "family", "家庭变故"
    WITH_PARENTS = "with_parents", "随父母外出"
    BULLYING = "bullying", "欺凌"
    PUSHED_OUT = "pushed_out", "学校劝退"
    MISSING = "missing", "失踪失联"
    OTHER = "other", "其他"
    NOT_KNOWN = "not_known", "待查"


class Outcome(TextChoices):
    """How a case ends."""

    RETURNED = "returned", "已返校"
    TRANSFERRED = "transferred", "转学（已核实）"
    POSTPONED = "postponed", "缓学"
    SUSPENDED = "suspended", "休学"
    HOME_TAUGHT = "home_taught", "送教上门"
    SPECIAL_SCHOOL = "special_school", "特殊教育学校就读"
    VOCATIONAL = "vocational", "职业学校就读（学籍保留）"
    DIED = "died", "死亡"
    OVER_AGE = "over_age", "超龄"
    MISTAKE = "mistake", "误报（考勤更正）"


class CaseOrigin(TextChoices):
    ROLL = "roll", "考勤发现"
    FLAG = "flag", "人工预警"
    OLD_LIST = "old_list", "旧台账补录"
