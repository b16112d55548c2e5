"""A case: one child, one spell out of school; its standing is derived, some of it cached for lists."""

from __future__ import annotations

from django.db import models

from agencies.models import PolicyVersion, Unit, User
from cases.choices import CaseOrigin, Cause, Outcome, Stage
from students.models import Student
from students.scope import ByChild


class CaseQuerySet(ByChild["Case"]):
    """Cases of children in sight."""

    def counted(self) -> CaseQuerySet:
        """Without the children who are helped and not absent: neither while the help runs nor when it has ended."""
        return self.exclude(models.Q(stage=Stage.HELP) | models.Q(outcome=Outcome.HELP_ENDED))


class Case(models.Model):
    """Facts: child, origin, plan, units on the day of opening. Everything under “caches” is written by refresh().

    A child who is helped and not absent (帮扶, `Stage.HELP`) has its record here and counts as no case; it becomes one
    with its first round, and `opened_on` follows.

    `school`, `village`, `township` are the units answering for the steps of the school and government lines.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="cases")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="cases")
    origin = models.CharField("来源", max_length=12, choices=CaseOrigin, default=CaseOrigin.ROLL)
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="school_cases")
    school_class = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="class_cases")
    village = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="village_cases")
    township = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="township_cases")
    opened_on = models.DateField("立案日期")
    opened_at = models.DateTimeField()
    closed_on = models.DateField("销号日期", null=True, blank=True)
    outcome = models.CharField("结果", max_length=20, choices=Outcome, blank=True)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="责任人"
    )
    # Caches for lists.
    version = models.PositiveIntegerField(default=1)
    cause = models.CharField("原因", max_length=16, choices=Cause, default=Cause.NOT_KNOWN)
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.SCHOOL)
    step = models.CharField("当前步骤", max_length=24, blank=True)
    step_name = models.CharField(max_length=60, blank=True)
    owner_role = models.CharField(max_length=20, blank=True)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_cases")
    next_due_on = models.DateField("最近到期", null=True, blank=True)
    overdue = models.BooleanField("逾期", default=False)
    absent_half_days = models.PositiveSmallIntegerField(default=0)
    dropped_out_on = models.DateField("认定辍学日期", null=True, blank=True)
    relapses = models.PositiveSmallIntegerField(default=0)
    sentence = models.CharField(max_length=200, blank=True)
    changes_on = models.DateField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["next_due_on", "id"]
        indexes = [
            models.Index(
                fields=["township", "next_due_on", "id"],
                condition=models.Q(closed_on__isnull=True),
                name="case_township_due_open",
            ),
            models.Index(
                fields=["owner_unit", "next_due_on"],
                condition=models.Q(closed_on__isnull=True),
                name="case_owner_due_open",
            ),
            models.Index(
                fields=["changes_on"], condition=models.Q(closed_on__isnull=True), name="case_changes_on_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=models.Q(closed_on__isnull=True), name="case_one_open_per_child"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True, outcome="")
                | (models.Q(closed_on__isnull=False) & ~models.Q(outcome="")),
                name="case_closed_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"个案{self.pk}"

    @property
    def is_help(self) -> bool:
        """Whether this is help without a case (帮扶), running or ended: nothing was opened, nothing is closed off."""
        return self.stage == Stage.HELP or self.outcome == Outcome.HELP_ENDED

    @property
    def stage_words(self) -> str:
        """The stage as lists and heads show it; help that has ended was no 销号."""
        return str(Outcome(self.outcome).label if self.is_help and self.outcome else Stage(self.stage).label)
