"""Papers: their frozen facts and bytes, their numbers, and how they were served."""

from __future__ import annotations

from django.db import models

from agencies.fields import EncryptedText
from agencies.models import Unit, User
from cases.models import Case, Event
from cases.scope import ByCaseChild
from notices.choices import NoticeState, ServiceMethod, ServiceResult
from students.models import Guardian


class NoticeQuerySet(ByCaseChild["Notice"]):
    """Papers of cases in sight."""


class Notice(models.Model):
    """One paper: drafted, approved, numbered with frozen facts, rendered, hashed.

    `facts` is the encrypted JSON from which the layout was filled; `pdf` the bytes as issued.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField("文书", max_length=30)
    title = models.CharField("名称", max_length=60)
    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.DRAFT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="notices", verbose_name="出具单位")
    addressee = models.ForeignKey(
        Guardian, on_delete=models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="受送达人"
    )
    addressee_name = models.CharField("受送达人", max_length=60, blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    facts = EncryptedText(default="")
    pdf = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    deadline_on = models.DateField("限期", null=True, blank=True)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="drafted_notices")
    drafted_name = models.CharField("拟稿人", max_length=60)
    drafted_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="issued_notices")
    issued_name = models.CharField("签发人", max_length=60, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_on = models.DateField("签发日期", null=True, blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    # The paper a 撤回函 or 更正函 is about, the order whose service a filled 送达回证 tells.
    about = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    # The letter of the school that reports this child with others.
    report = models.ForeignKey("UnitReport", on_delete=models.PROTECT, null=True, blank=True, related_name="sheets")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=60, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)
    token = models.CharField(max_length=40, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="notice_number_once"),
            models.UniqueConstraint(fields=["case", "token"], condition=~models.Q(token=""), name="notice_token_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"


class NumberSeries(models.Model):
    """The register of one 机关代字 in one year: gapless, a void number stays on record."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="number_series")
    prefix = models.CharField("机关代字", max_length=30)
    year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.prefix}〔{self.year}〕{self.last}号"


class ServiceQuerySet(ByCaseChild["Service"]):
    """Services of papers of cases in sight."""

    child_field = "notice__case__student_id"


class Service(models.Model):
    """One attempt to serve a paper on its addressee, as the 送达回证 records it."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="services")
    method = models.CharField("方式", max_length=20, choices=ServiceMethod)
    result = models.CharField("结果", max_length=10, choices=ServiceResult)
    happened_at = models.DateTimeField("送达时间")
    effective_on = models.DateField("生效日期", null=True, blank=True)
    place = models.CharField("送达地点", max_length=120, blank=True)
    servers = models.CharField("送达人", max_length=80)
    receiver = models.CharField("签收人", max_length=60, blank=True)
    receiver_relation = models.CharField("与受送达人关系", max_length=30, blank=True)
    refusal = models.CharField("拒收事由", max_length=200, blank=True)
    witness = models.CharField("见证人", max_length=80, blank=True)
    witness_unit = models.CharField("见证人单位", max_length=80, blank=True)
    evidence = models.CharField("照片录像/邮单编号", max_length=120, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_name = models.CharField(max_length=60)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="services")
    receipt = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, blank=True, related_name="tells_of")
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.CharField(max_length=60, blank=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["happened_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.get_result_display()}"
