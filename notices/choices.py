"""The closed lists of papers: kinds of notices, their life, and the ways of service."""

from django.db.models import TextChoices


class NoticeState(TextChoices):
    DRAFT = "draft", "拟稿"
    NUMBERED = "numbered", "已编号"
    ISSUED = "issued", "已签发"
    VOID = "void", "作废"
    WITHDRAWN = "withdrawn", "已撤回"


class ServiceMethod(TextChoices):
    """Ways of service, 民事诉讼法 88-95."""

    DIRECT = "direct", "直接送达"
    ADULT_RELATIVE = "adult_relative", "同住成年家属代收"
    LEFT_WITH_WITNESS = "left_with_witness", "留置送达（见证人）"
    LEFT_WITH_PHOTO = "left_with_photo", "留置送达（拍照录像）"
    POST = "post", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达（已签确认书）"
    ENTRUSTED = "entrusted", "委托送达"
    THROUGH_PRISON = "through_prison", "转交送达"
    ANNOUNCEMENT = "announcement", "公告送达"


class ServiceResult(TextChoices):
    SERVED = "served", "已送达"
    REFUSED = "refused", "拒收"
    NOT_FOUND = "not_found", "未找到受送达人"
    RETURNED = "returned", "邮件退回"


class PaperLayout(TextChoices):
    """Layouts of papers; each is one template under `templates/notices/print/`."""

    TOWNSHIP_RECORD = "township_record", "劝返情况记录表（乡镇用）"
    ENROLMENT_RECORD = "enrolment_record", "未入学儿童组织入学记录表"
    POSTPONEMENT_FORM = "postponement_form", "缓学申请表"
    SCHOOL_RECORD = "school_record", "学生情况记录表（学校用）"
    REPORT_SLIP = "report_slip", "疑似辍学学生报告单（存根与正联）"
    SITUATION_REPORT = "situation_report", "学生辍学情况报告单"
    REPORT_LETTER = "report_letter", "学生失学辍学信息报告（报告与花名册）"
    ENTRY_NOTICE = "entry_notice", "入学（复学）通知书"
    URGING = "urging", "劝学函"
    PROPOSAL = "proposal", "告知建议函"
    CRITICISM_RECORD = "criticism_record", "批评教育记录"
    ORDER = "order", "限期通知书"
    DEMAND = "demand", "催告书"
    SUIT_MATERIALS = "suit_materials", "民事起诉材料清单"
    ENFORCEMENT_MATERIALS = "enforcement_materials", "申请强制执行材料清单"
    RECEIPT = "receipt", "送达回证"
    WITHDRAWAL = "withdrawal", "撤回函"
    CORRECTION = "correction", "更正函"


class IssuerKind(TextChoices):
    """Kinds of bodies that may want to issue a paper; who may order what stands in `notices/rules/issuing.py`."""

    TOWNSHIP = "township", "乡镇人民政府"
    BUREAU = "bureau", "县级教育行政部门"
    SUBDISTRICT = "subdistrict", "街道办事处"
    FARM = "farm", "农场、林业局"
    SCHOOL = "school", "学校"
    VILLAGE = "village", "村（居）民委员会"
    JUSTICE_OFFICE = "justice_office", "司法所"
    INSPECTORATE = "inspectorate", "教育督导室"
    OTHER = "other", "其他单位"
