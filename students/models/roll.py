"""The roll: registers taken, marks of children not present, corrections awaiting a second person."""

from __future__ import annotations

from django.db import models

from agencies.models import Unit
from agencies.scope import ByUnitPath
from students.choices import AbsenceReason, CorrectionState, PartOfDay
from students.models.student import Student
from students.scope import ByChild


class RollCallQuerySet(ByUnitPath["RollCall"]):
    """Registers of classes under the actor's units."""

    unit_path_field = "school_class__path"


class RollCall(models.Model):
    """The register of a class was taken for a day (or half of it); without marks it is 全勤."""

    school_class = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="roll_calls")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="school_roll_calls")
    day = models.DateField("日期")
    part = models.CharField(max_length=3, choices=PartOfDay, default=PartOfDay.DAY)
    version = models.PositiveIntegerField(default=1)
    expected = models.PositiveSmallIntegerField("应到", default=0)
    absent = models.PositiveSmallIntegerField("缺勤", default=0)
    taken_by = models.CharField("登记人", max_length=60)
    taken_at = models.DateTimeField("登记时间")
    changed_at = models.DateTimeField()

    objects = RollCallQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "school_class_id"]
        indexes = [models.Index(fields=["day", "school"], name="rollcall_day_school")]
        constraints = [models.UniqueConstraint(fields=["school_class", "day", "part"], name="rollcall_once")]

    def __str__(self) -> str:
        return f"{self.school_class} {self.day}"


class AbsenceQuerySet(ByChild["Absence"]):
    """Marks of children in sight."""


class Absence(models.Model):
    """A child was not present; the current mark is the one not superseded. Rows are never rewritten."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="absences")
    school_class = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="absences")
    day = models.DateField("日期")
    part = models.CharField("时段", max_length=3, choices=PartOfDay, default=PartOfDay.DAY)
    reason = models.CharField("原因", max_length=20, choices=AbsenceReason)
    note = models.CharField("说明", max_length=120, blank=True)
    leave = models.ForeignKey("students.Leave", on_delete=models.PROTECT, null=True, blank=True, related_name="marks")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.CharField(max_length=60, blank=True)
    superseded_why = models.CharField(max_length=120, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        indexes = [
            # The child stands in it too, so that a term's absent days are counted from the index alone.
            models.Index(
                fields=["day", "school_class", "student"],
                condition=models.Q(superseded_at__isnull=True),
                name="absence_day_class_child",
            ),
            models.Index(fields=["student", "day"], name="absence_student_day"),
        ]
        constraints = [
            # Each half of a day has one current mark; that of a whole day stands for both.
            models.UniqueConstraint(
                fields=["student", "day"],
                condition=models.Q(superseded_at__isnull=True) & ~models.Q(part=PartOfDay.AFTERNOON),
                name="absence_morning_once",
            ),
            models.UniqueConstraint(
                fields=["student", "day"],
                condition=models.Q(superseded_at__isnull=True) & ~models.Q(part=PartOfDay.MORNING),
                name="absence_afternoon_once",
            ),
            models.CheckConstraint(
                condition=models.Q(superseded_at__isnull=True, superseded_by="")
                | (models.Q(superseded_at__isnull=False) & ~models.Q(superseded_by="")),
                name="absence_superseded_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_reason_display()}"


class SpellQuerySet(ByChild["Spell"]):
    """Runs of children in sight."""


class Spell(models.Model):
    """Cache: a run of unexcused absence on school days; rebuilt from the roll, never typed.

    `half_days` counts half school days of the run, `last_day` is its last absent day.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="spells")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="spells")
    first_day = models.DateField()
    last_day = models.DateField()
    half_days = models.PositiveSmallIntegerField()

    objects = SpellQuerySet.as_manager()

    class Meta:
        ordering = ["-last_day"]
        indexes = [models.Index(fields=["last_day", "half_days"], name="spell_last_length")]
        constraints = [models.UniqueConstraint(fields=["student", "first_day"], name="spell_once")]

    def __str__(self) -> str:
        return f"{self.first_day}–{self.last_day}"


class CorrectionQuerySet(ByUnitPath["Correction"]):
    """Corrections in classes under the actor's units."""

    unit_path_field = "school_class__path"


class Correction(models.Model):
    """A change of a past day that would remove an opened duty: it waits for a second person."""

    school_class = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="corrections")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="corrections")
    day = models.DateField()
    # What the asker wants the mark to be: {"reason": "", "part": "day", "note": ""}; reason "" = was present.
    wanted = models.JSONField()
    why = models.CharField("更正理由", max_length=200)
    state = models.CharField(max_length=10, choices=CorrectionState, default=CorrectionState.WAITING)
    asked_by = models.CharField(max_length=60)
    asked_by_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=200, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.day} {self.get_state_display()}"
