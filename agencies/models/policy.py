"""Adopted plans: immutable versions and which unit runs which from when."""

from __future__ import annotations

from django.db import models

from agencies.models.unit import Unit
from agencies.scope import ByUnitPath


class PolicyVersion(models.Model):
    """One plan as loaded, resolved and checked; never changed afterwards."""

    key = models.CharField("方案代号", max_length=60)
    version = models.PositiveIntegerField("版本", default=1)
    title = models.CharField("方案名称", max_length=120)
    document_number = models.CharField("文号", max_length=60, blank=True)
    valid_from = models.DateField("施行日期", null=True, blank=True)
    valid_to = models.DateField("有效期至", null=True, blank=True)
    # The parsed files of the county folder: {"policy": …, "notices": …, "ledgers": …, "duties": …}, and its worked
    # examples as text: {"examples": {file name: text}}.
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class AdoptionQuerySet(ByUnitPath["Adoption"]):
    """Adoptions of units under the actor's own."""


class Adoption(models.Model):
    """A unit runs a plan's version from a day on."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="adoptions")
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="adoptions")
    first_day = models.DateField("采用日期")
    last_day = models.DateField("停用日期", null=True, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)
    # A plan adopted from a day long past asks nothing of units for the time before anybody could know of it here.
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(last_day__isnull=True), name="adoption_one_open_per_unit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}：{self.version}"
