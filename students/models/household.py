"""The home: households and the people who answer for a child."""

from __future__ import annotations

from django.db import models

from agencies.fields import EncryptedText
from agencies.models import Unit
from students.models.student import Student
from students.scope import ByChild


class GuardianQuerySet(ByChild["Guardian"]):
    """Guardians of children in sight."""


class Household(models.Model):
    """A home in a village or grid; children of one home share visits."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="households")
    head_name = models.CharField("户主姓名", max_length=60, blank=True)
    address = EncryptedText("住址", blank=True, default="")

    def __str__(self) -> str:
        return self.head_name or f"户{self.pk}"


class Guardian(models.Model):
    """A person of the family; `is_guardian` = legal guardian (成员n是否监护人), to whom papers are addressed."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="guardians")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("关系", max_length=20)
    is_guardian = models.BooleanField("监护人", default=True)
    phone = EncryptedText("电话", blank=True, default="")
    phone_index = models.CharField(max_length=40, blank=True, db_index=True)
    document_kind = models.CharField(max_length=20, blank=True)
    document_number = EncryptedText("证件号", blank=True, default="")
    address = EncryptedText("住址", blank=True, default="")
    workplace = models.CharField("工作单位", max_length=80, blank=True)
    order = models.PositiveSmallIntegerField("次序", default=1)
    ended_on = models.DateField("终止", null=True, blank=True)

    objects = GuardianQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"{self.name}（{self.relation}）"
