"""Sight: which unit sees which child, why, and until when."""

from __future__ import annotations

from django.db import models

from agencies.models import Unit
from students.choices import SightWhy
from students.models.student import Student


class Sight(models.Model):
    """One row per (unit, child, why): every ancestor of the child's class, residence and 户籍.

    Written by actions, rebuilt by a command; a move leaves the giver a read-only row.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="sights")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="sights")
    why = models.CharField(max_length=10, choices=SightWhy)
    may_write = models.BooleanField(default=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "student", "why"], name="sight_once")]
        indexes = [models.Index(fields=["student", "unit"], name="sight_student_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} → {self.student_id}"
