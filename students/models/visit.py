"""Teaching at home: what two teachers did with a child who cannot come to school."""

from __future__ import annotations

from django.db import models

from agencies.models import Unit
from students.models.student import Student
from students.scope import ByChild


class HomeVisitQuerySet(ByChild["HomeVisit"]):
    """Visits to children in sight."""

    def standing(self) -> HomeVisitQuerySet:
        """Those not superseded."""
        return self.filter(superseded_at__isnull=True)


class HomeVisit(models.Model):
    """One visit of 送教上门 as its record form has it; a wrong one is superseded, never rewritten.

    Day and `lessons` (课时) are plain columns, so that visits are counted by week, month and term.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="home_visits")
    # The school that teaches, as of the day of the visit.
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="home_visits")
    visited_on = models.DateField("送教日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    lessons = models.PositiveSmallIntegerField("课时")
    place = models.CharField("地点", max_length=60)
    teacher = models.CharField("送教教师", max_length=60)
    second_teacher = models.CharField("同行教师", max_length=60)
    content = models.TextField("送教内容")
    performance = models.TextField("学生表现")
    feedback = models.TextField("家长反馈", blank=True)
    next_on = models.DateField("下次送教", null=True, blank=True)
    next_plan = models.CharField("下次安排", max_length=200, blank=True)
    # One form sent twice carries the same token and is stored once.
    token = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.CharField(max_length=60, blank=True)
    superseded_why = models.CharField(max_length=100, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    objects = HomeVisitQuerySet.as_manager()

    class Meta:
        ordering = ["-visited_on", "-starts_at", "-id"]
        indexes = [models.Index(fields=["student", "visited_on"], name="home_visit_child_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="home_visit_hours_in_order"
            ),
            models.CheckConstraint(condition=models.Q(lessons__gte=1), name="home_visit_lessons"),
            models.UniqueConstraint(
                fields=["student", "token"], condition=~models.Q(token=""), name="home_visit_token_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.lessons}课时"
