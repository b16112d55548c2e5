"""What units did of the recurring duties their plan gives them, with proof."""

from __future__ import annotations

from django.db import models

from agencies.models.policy import PolicyVersion
from agencies.models.unit import Unit
from agencies.scope import ByUnitPath


class UnitDutyDoneQuerySet(ByUnitPath["UnitDutyDone"]):
    """Records of units under the actor's own."""

    def standing(self) -> UnitDutyDoneQuerySet:
        """Those not superseded."""
        return self.filter(superseded_at__isnull=True)


class UnitDutyDone(models.Model):
    """A unit did a recurring duty in one period; a wrong record is superseded with a reason, never rewritten."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="duties_done")
    # The plan under which it was recorded; the same duty of a later version of that plan is the same duty.
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="duties_done")
    duty = models.CharField("任务", max_length=60)
    period_first = models.DateField("本期首日")
    done_on = models.DateField("办理日期")
    proof = models.CharField("凭据", max_length=200)
    what = models.CharField("办理情况", max_length=500, blank=True)
    place = models.CharField("地点", max_length=60, blank=True)
    people = models.CharField("参加、受益人员", max_length=200, blank=True)
    number = models.CharField("文号、份数", max_length=60, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.CharField(max_length=60, blank=True)
    superseded_why = models.CharField(max_length=100, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    objects = UnitDutyDoneQuerySet.as_manager()

    class Meta:
        ordering = ["-done_on", "-id"]
        indexes = [models.Index(fields=["unit", "period_first"], name="duty_done_unit_period")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "version", "duty", "period_first"],
                condition=models.Q(superseded_at__isnull=True),
                name="duty_done_once_a_period",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.duty} {self.done_on}"
