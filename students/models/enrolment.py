"""Where a child is on the books: enrolments in classes, with their standing."""

from __future__ import annotations

from django.db import models

from agencies.models import Unit
from students.choices import EnrolmentStatus
from students.models.student import Student
from students.scope import ByChild


class EnrolmentQuerySet(ByChild["Enrolment"]):
    """Enrolments of children in sight."""


class Enrolment(models.Model):
    """A child in a class from one day to another; at most one is open.

    A status change (休学, 送教 …) ends one row and begins the next, so lists as of a day are right.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="enrolments")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="school_enrolments")
    school_class = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="class_enrolments")
    status = models.CharField("状态", max_length=14, choices=EnrolmentStatus, default=EnrolmentStatus.IN_SCHOOL)
    class_number = models.CharField("班内学号", max_length=8, blank=True)
    first_day = models.DateField("起")
    last_day = models.DateField("止", null=True, blank=True)
    # The last day of a standing for a time: the row stays open, and the day after the child is expected again.
    until = models.DateField("期限至", null=True, blank=True)
    # Which act began the row (`event/17`), so that a wrong act can be taken back.
    begun_by = models.CharField(max_length=40, blank=True)
    proof = models.CharField("依据", max_length=120, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["school_class", "status", "last_day"], name="enrolment_class_open"),
            models.Index(fields=["school", "last_day"], name="enrolment_school_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=models.Q(last_day__isnull=True), name="enrolment_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_class} {self.get_status_display()}"
