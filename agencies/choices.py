"""The closed lists of who acts and where: kinds of units, roles, permissions, job states."""

from django.db.models import TextChoices


class UnitKind(TextChoices):
    """Kinds of units in the tree; a class is a leaf under its school, a grid a leaf under its village."""

    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "乡镇"
    VILLAGE = "village", "村（社区）"
    GRID = "grid", "网格"
    SCHOOL = "school", "学校"
    CLASS = "class", "班级"
    AGENCY = "agency", "成员单位"


class Role(TextChoices):
    """Posts a person can hold; what each may do stands in `agencies/rules/roles.py`."""

    CLASS_TEACHER = "class_teacher", "班主任"
    REGISTRAR = "registrar", "学籍管理员"
    MORAL_EDUCATION = "moral_education", "德育处（教导处）"
    PRINCIPAL = "principal", "校长"
    VILLAGE_SECRETARY = "village_secretary", "村（社区）书记"
    GRID_WORKER = "grid_worker", "网格员"
    TOWNSHIP_OFFICER = "township_officer", "乡镇控辍保学专干"
    TOWNSHIP_DEPUTY = "township_deputy", "乡镇分管领导"
    TOWNSHIP_HEAD = "township_head", "乡镇长"
    JUSTICE_OFFICE = "justice_office", "司法所"
    DISCIPLINE_OFFICE = "discipline_office", "镇纪委"
    BUREAU_OFFICER = "bureau_officer", "教育局专干"
    BUREAU_HEAD = "bureau_head", "教育局负责人"
    COUNTY_LEADER = "county_leader", "县领导"
    AGENCY_LIAISON = "agency_liaison", "成员单位联络员"
    EXPERT = "expert", "残疾人教育专家委员"
    HOME_TEACHER = "home_teacher", "送教教师"
    COMPANION = "companion", "包保责任人"
    INSPECTOR = "inspector", "督学"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class Permission(TextChoices):
    """What a post may do; every read names one through `visible_to`, every action checks one."""

    VIEW_CHILD = "view_child", "查看学生"
    EDIT_CHILD = "edit_child", "维护学生信息"
    IMPORT_CHILDREN = "import_children", "导入学籍表"
    VIEW_ROLL = "view_roll", "查看考勤"
    TAKE_ROLL = "take_roll", "登记考勤"
    TAKE_SCHOOL_ROLL = "take_school_roll", "全校考勤登记"
    CONFIRM_CORRECTION = "confirm_correction", "复核考勤更正"
    VIEW_CASE = "view_case", "查看个案"
    RECORD_SCHOOL_EVENT = "record_school_event", "登记学校劝返"
    RECORD_VILLAGE_EVENT = "record_village_event", "登记村级核查"
    RECORD_TOWNSHIP_EVENT = "record_township_event", "登记乡镇劝返"
    RECORD_JUSTICE_EVENT = "record_justice_event", "登记司法协助"
    OPEN_CASE = "open_case", "补录个案"
    CLOSE_CASE = "close_case", "批准销号"
    ISSUE_SCHOOL_PAPER = "issue_school_paper", "出具学校文书"
    DRAFT_ORDER = "draft_order", "拟制限期通知书"
    ISSUE_ORDER = "issue_order", "签发限期通知书"
    RECORD_SERVICE = "record_service", "登记送达"
    VIEW_LEDGER = "view_ledger", "查看台账"
    EXPORT_FULL_IDENTITY = "export_full_identity", "导出完整身份信息"
    VIEW_FIGURES = "view_figures", "查看统计"
    SEE_NAMES = "see_names", "查看姓名"
    SEE_RESTRICTED = "see_restricted", "查看限制信息（残疾、涉案等）"
    EDIT_CALENDAR = "edit_calendar", "维护校历"
    ADOPT_POLICY = "adopt_policy", "采用方案"
    MANAGE_UNITS = "manage_units", "维护机构"
    MANAGE_CLASSES = "manage_classes", "维护本校班级"
    MANAGE_ACCOUNTS = "manage_accounts", "维护账号"
    MANAGE_POSTS = "manage_posts", "维护岗位"
    VIEW_AUDIT = "view_audit", "查看审计"


class CalendarKind(TextChoices):
    """What a calendar entry says about its days."""

    PUBLISHED = "published", "已公布年度"
    HOLIDAY = "holiday", "放假"
    MAKEUP_WORKDAY = "makeup_workday", "调休上班"
    TERM = "term", "学期"
    CLOSED = "closed", "停课"
    OPEN = "open", "补课上课"


class DayType(TextChoices):
    """How a limit counts its days."""

    NATURAL = "natural", "自然日"
    WORKING = "working", "工作日"
    SCHOOL = "school", "上课日"


class JobState(TextChoices):
    """A job's life; `pending` and `running` rows are swept when their lease has passed."""

    PENDING = "pending", "等待"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"


class Verb(TextChoices):
    """What an audit row records; a verb not listed here cannot be written."""

    LOGGED_IN = "logged_in", "登录"
    LOGGED_OUT = "logged_out", "退出"
    LOGIN_FAILED = "login_failed", "登录失败"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    ACCOUNT_CREATED = "account_created", "建立账号"
    ACCOUNT_RESET = "account_reset", "重置账号"
    ACCOUNT_CLOSED = "account_closed", "停用账号"
    POST_GIVEN = "post_given", "任命岗位"
    POST_ENDED = "post_ended", "结束岗位"
    DEPUTY_NAMED = "deputy_named", "指定代理"
    DUTIES_HANDED_OVER = "duties_handed_over", "移交职责"
    UNIT_CREATED = "unit_created", "建立机构"
    UNIT_CHANGED = "unit_changed", "变更机构"
    CALENDAR_CHANGED = "calendar_changed", "变更校历"
    POLICY_LOADED = "policy_loaded", "载入方案"
    POLICY_ADOPTED = "policy_adopted", "采用方案"
    CHILD_CREATED = "child_created", "建立学生"
    CHILD_CHANGED = "child_changed", "变更学生"
    CHILD_MOVED = "child_moved", "学生变动"
    IMPORT_CHECKED = "import_checked", "检查导入"
    IMPORT_APPLIED = "import_applied", "应用导入"
    IMPORT_UNDONE = "import_undone", "撤销导入"
    ROLL_TAKEN = "roll_taken", "登记考勤"
    ROLL_CORRECTED = "roll_corrected", "更正考勤"
    CORRECTION_ASKED = "correction_asked", "申请更正考勤"
    CORRECTION_DECIDED = "correction_decided", "复核更正"
    LEAVE_RECORDED = "leave_recorded", "登记请假"
    LEAVE_ENDED = "leave_ended", "结束请假"
    CASE_OPENED = "case_opened", "建立个案"
    CASE_ASSIGNED = "case_assigned", "指定责任人"
    CASE_MOVED = "case_moved", "变更适用方案"
    CASE_CLOSED = "case_closed", "销号"
    EVENT_RECORDED = "event_recorded", "登记办理"
    EVENT_SUPERSEDED = "event_superseded", "更正办理"
    PAPER_DRAFTED = "paper_drafted", "拟制文书"
    PAPER_ISSUED = "paper_issued", "签发文书"
    PAPER_VOIDED = "paper_voided", "作废文书"
    PAPER_SERVED = "paper_served", "送达文书"
    PAPER_READ = "paper_read", "下载文书"
    LEDGER_EXPORTED = "ledger_exported", "导出台账"
    IDENTITY_REVEALED = "identity_revealed", "查看完整信息"
    FILTER_SAVED = "filter_saved", "保存筛选"
    JOB_STARTED = "job_started", "启动任务"
    CASES_REFRESHED = "cases_refreshed", "夜间刷新"
