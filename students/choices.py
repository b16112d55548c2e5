"""The closed lists about a child: documents, attendance, leave, enrolment, special groups."""

from django.db.models import TextChoices


class Sex(TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class DocumentKind(TextChoices):
    """Identity documents of the national record; only the resident card has the GB 11643 check."""

    RESIDENT_CARD = "resident_card", "居民身份证"
    HK_PERMIT = "hk_permit", "香港特区护照/身份证明"
    MACAO_PERMIT = "macao_permit", "澳门特区护照/身份证明"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
    FOREIGN_RESIDENCE = "foreign_residence", "境外永久居住证"
    PASSPORT = "passport", "护照"
    BIRTH_CERTIFICATE = "birth_certificate", "出生医学证明"
    OTHER = "other", "其他"
    NONE = "none", "无证件"


class EnrolmentStatus(TextChoices):
    """Standing of an enrolment; only `in_school` is expected on the roll."""

    IN_SCHOOL = "in_school", "在读"
    SUSPENDED = "suspended", "休学"
    HOME_TAUGHT = "home_taught", "送教上门"
    POSTPONED = "postponed", "缓学"
    LONG_LEAVE = "long_leave", "长期请假"
    UNREGISTERED = "unregistered", "人在无籍"
    TRANSFERRED = "transferred", "转出"
    GRADUATED = "graduated", "毕业"
    DIED = "died", "死亡"


class PartOfDay(TextChoices):
    DAY = "day", "全天"
    MORNING = "am", "上午"
    AFTERNOON = "pm", "下午"


class AbsenceReason(TextChoices):
    UNEXCUSED = "unexcused", "无故"
    SICK = "sick", "病假"
    PERSONAL = "personal", "事假"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown", "去向不明"
    OTHER = "other", "其他"


class LeaveKind(TextChoices):
    SICK = "sick", "病假"
    PERSONAL = "personal", "事假"
    OTHER = "other", "其他"


class SpecialGroup(TextChoices):
    """The common list; each plan maps its own words onto it."""

    LEFT_BEHIND = "left_behind", "留守儿童"
    ORPHAN = "orphan", "孤儿"
    DE_FACTO_UNATTENDED = "de_facto_unattended", "事实无人抚养儿童"
    DISABLED = "disabled", "残疾儿童"
    POVERTY = "poverty", "脱贫户·监测对象（建档立卡）"
    LOW_INCOME = "low_income", "低保家庭"
    POOR = "poor", "家庭经济困难"
    OUTSIDE = "outside", "外出适龄儿童"
    NO_HUKOU = "no_hukou", "未取得户籍"
    PRISONER_CHILD = "prisoner_child", "服刑人员子女"
    MIGRANT_CHILD = "migrant_child", "随迁子女"
    RETURNED = "returned", "县域外回流"
    SINGLE_PARENT = "single_parent", "单亲"
    INVOLVED = "involved", "涉案未成年人"
    HARMED = "harmed", "受侵害未成年人"
    MENTALLY_ILL = "mentally_ill", "精神障碍儿童"


class HouseholdWhy(TextChoices):
    """How a child came into a household."""

    SAME_DOCUMENT = "same_document", "监护人证件号相同"
    CONFIRMED = "confirmed", "人工确认"


class Care(TextChoices):
    """What a member of the family is to the child: papers are served on the legal guardian (义务教育法 art. 58).

    A grandparent or somebody entrusted with the care (未成年人保护法 art. 22) is no guardian.
    """

    LEGAL = "legal", "法定监护人"
    ENTRUSTED = "entrusted", "受委托照护人"
    FAMILY = "family", "其他家庭成员"


class HomeFact(TextChoices):
    """What an entry of the home's history is about."""

    ADDED = "added", "增加成员"
    CHANGED = "changed", "更正成员"
    ENDED = "ended", "移出成员"
    MOVED = "moved", "更正居住信息"
    JOINED = "joined", "合为一户"
    LEFT = "left", "移出本户"
    APART = "apart", "确认不是一户"


class SightWhy(TextChoices):
    SCHOOL = "school", "就读"
    RESIDENCE = "residence", "居住"
    HUKOU = "hukou", "户籍"
    FORMER = "former", "曾就读/居住"
    REFERRAL = "referral", "转介"


class BatchState(TextChoices):
    CHECKING = "checking", "检查中"
    REFUSED = "refused", "有错误"
    CHECKED = "checked", "待确认"
    APPLYING = "applying", "写入中"
    APPLIED = "applied", "已写入"
    UNDONE = "undone", "已撤销"


class RowVerdict(TextChoices):
    """What an imported row will do; only the first three can be applied."""

    CREATE = "create", "新增"
    UPDATE = "update", "更新"
    SAME = "same", "无变化"
    AMBIGUOUS = "ambiguous", "待确认"
    FAULTY = "faulty", "有错误"


class CorrectionState(TextChoices):
    WAITING = "waiting", "待复核"
    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"


class ProofKind(TextChoices):
    """What a proof is, as the forms of the plans call it."""

    PHOTO = "photo", "照片"
    SCAN = "scan", "扫描件"
    AUDIO = "audio", "录音"
    VIDEO = "video", "录像"
    OTHER = "other", "其他"


class ProofType(TextChoices):
    """What a file may be; found by looking at its bytes, never by its name."""

    JPEG = "image/jpeg", "JPEG 图片"
    PNG = "image/png", "PNG 图片"
    PDF = "application/pdf", "PDF"
    MP3 = "audio/mpeg", "MP3 录音"
    M4A = "audio/mp4", "M4A 录音"
    AMR = "audio/amr", "AMR 录音"
    WAV = "audio/wav", "WAV 录音"
    MP4 = "video/mp4", "MP4 录像"
