"""学生失学辍学信息报告: the numbered letter of a school with its list, and the sheets that went out with it."""

from __future__ import annotations

from typing import Self

from django.db import models

from agencies.choices import Permission
from agencies.fields import EncryptedText
from agencies.models import PolicyVersion, Unit, User
from agencies.scope import Actor, ByUnitPath, under
from notices.choices import NoticeState


class UnitReportQuerySet(ByUnitPath["UnitReport"]):
    """Letters of the schools under the actor's units, and those to the actor's township.

    Its list names every child of the letter, so whoever sees one class alone does not see it.
    """

    def _narrow(self, actor: Actor, permission: Permission) -> Self:
        paths = actor.paths(permission)
        return self.filter(under(paths, "unit__path") | under(paths, "township__path"))


class UnitReport(models.Model):
    """One letter of a school to one township (and the bureau): numbered with frozen facts, rendered, hashed.

    Every child of it has a sheet of its own (`Notice.report`) in its case: that is what the case is told of, what a
    township signs for and what a 撤回函 takes back.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="reports", verbose_name="出具单位")
    township = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="reports_received", verbose_name="主送乡镇"
    )
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField("文书", max_length=30)
    title = models.CharField("名称", max_length=60)
    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.NUMBERED)
    number = models.CharField("文号", max_length=60, unique=True)
    children = models.PositiveSmallIntegerField("学生人数")
    facts = EncryptedText(default="")
    pdf = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="issued_reports")
    issued_name = models.CharField("签发人", max_length=60)
    issued_at = models.DateTimeField()
    issued_on = models.DateField("签发日期")
    # One form sent twice carries the same token and is stored once for each township.
    token = models.CharField(max_length=40)

    objects = UnitReportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["unit", "token"], name="unit_report_token_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"
