"""The closed lists of papers: kinds of notices, their life, and the ways of service."""

from django.db.models import TextChoices


class NoticeState(TextChoices):
    DRAFT = "draft", "拟稿"
    NUMBERED = "numbered", "已编号"
    ISSUED = "issued", "已签发"
    VOID = "void", "作废"


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
