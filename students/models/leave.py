"""Leave: granted absence from one day to another, with who asked and the proof."""

from __future__ import annotations

from django.db import models

from students.choices import LeaveKind
from students.models.student import Student
from students.scope import ByChild


class LeaveQuerySet(ByChild["Leave"]):
    """Leaves of children in sight."""


class Leave(models.Model):
    """It fills the roll of its days; a child not back the day after is absent without leave.

    One that ends early has an earlier last day; one with `ended_at` was withdrawn and stands for no day.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="leaves")
    kind = models.CharField("类别", max_length=10, choices=LeaveKind)
    first_day = models.DateField("起")
    last_day = models.DateField("止")
    asked_by = models.CharField("请假人", max_length=60)
    relation = models.CharField("与学生关系", max_length=20, blank=True)
    proof = models.CharField("证明材料", max_length=120, blank=True)
    note = models.CharField("事由", max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day"]
        indexes = [models.Index(fields=["student", "last_day"], name="leave_student_last")]
        constraints = [
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="leave_days_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.first_day}–{self.last_day}"
