"""用印: which seal was set on which paper, by whom, when, on how many copies."""

from __future__ import annotations

from django.db import models

from agencies.models import Unit
from cases.scope import ByCaseChild
from notices.models.notice import Notice


class SealQuerySet(ByCaseChild["Seal"]):
    """Seals on papers of cases in sight."""

    child_field = "notice__case__student_id"


class Seal(models.Model):
    """One entry of the seal register (clauses 50); a wrong one is crossed out with a reason, never edited."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="seals")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="seals", verbose_name="用印单位")
    name = models.CharField("印章名称", max_length=60)
    sealed_on = models.DateField("用印日期")
    copies = models.PositiveSmallIntegerField("份数")
    sealed_by = models.CharField("用印人", max_length=60)
    approved_by = models.CharField("批准人", max_length=60)
    note = models.CharField("备注", max_length=100, blank=True)
    recorded_at = models.DateTimeField()
    recorded_name = models.CharField(max_length=60)
    # One form sent twice carries the same token and is stored once.
    token = models.CharField(max_length=40, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.CharField(max_length=60, blank=True)
    superseded_why = models.CharField(max_length=200, blank=True)

    objects = SealQuerySet.as_manager()

    class Meta:
        ordering = ["-sealed_on", "-id"]
        indexes = [models.Index(fields=["unit", "sealed_on"], name="seal_unit_day")]
        constraints = [
            models.UniqueConstraint(fields=["notice", "token"], condition=~models.Q(token=""), name="seal_token_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sealed_on}"
