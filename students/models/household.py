"""The home: households, the people who answer for a child, and what was said of them before."""

from __future__ import annotations

from django.db import models

from agencies.fields import EncryptedText
from agencies.models import Unit
from students.choices import Care, HomeFact, HouseholdWhy
from students.models.student import Student
from students.scope import ByChild


class Household(models.Model):
    """A home in a village or grid; children of one home share visits."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="households")
    head_name = models.CharField("户主姓名", max_length=60, blank=True)
    address = EncryptedText("住址", blank=True, default="")

    def __str__(self) -> str:
        return self.head_name or f"户{self.pk}"


class HouseholdMemberQuerySet(ByChild["HouseholdMember"]):
    """Places in a household of children in sight."""


class HouseholdMember(models.Model):
    """A child belongs to a household from one day to another; at most one is open."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="homes")
    first_day = models.DateField("起")
    last_day = models.DateField("止", null=True, blank=True)
    why = models.CharField("依据", max_length=14, choices=HouseholdWhy)

    objects = HouseholdMemberQuerySet.as_manager()

    class Meta:
        ordering = ["household_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=models.Q(last_day__isnull=True), name="household_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"户{self.household_id} {self.get_why_display()}"


class ApartQuerySet(ByChild["Apart"]):
    """Pairs of which one child is in sight."""


class Apart(models.Model):
    """Somebody who knows said that two children are not of one household; `student` has the smaller id."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="apart_from")
    other = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="apart_of")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    objects = ApartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student", "other"], name="apart_once"),
            models.CheckConstraint(condition=models.Q(student__lt=models.F("other")), name="apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} ≠ {self.other_id}"


class GuardianQuerySet(ByChild["Guardian"]):
    """Guardians of children in sight."""


class Guardian(models.Model):
    """A person of the family; `is_guardian` = legal guardian (成员n是否监护人), to whom papers are addressed.

    `is_carer` = entrusted with the care (受委托照护人): somebody to call, no addressee.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="guardians")
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("关系", max_length=20)
    is_guardian = models.BooleanField("监护人", default=True)
    is_carer = models.BooleanField("受委托照护人", default=False)
    phone = EncryptedText("电话", blank=True, default="")
    phone_index = models.CharField(max_length=40, blank=True, db_index=True)
    spare_phone = EncryptedText("备用电话", blank=True, default="")
    document_kind = models.CharField(max_length=20, blank=True)
    document_number = EncryptedText("证件号", blank=True, default="")
    document_index = models.CharField(max_length=40, blank=True, db_index=True)
    address = EncryptedText("住址", blank=True, default="")
    workplace = models.CharField("工作单位", max_length=80, blank=True)
    lives_away = models.BooleanField("外出", default=False)
    away_place = models.CharField("外出地点", max_length=80, blank=True)
    order = models.PositiveSmallIntegerField("次序", default=1)
    ended_on = models.DateField("终止", null=True, blank=True)

    objects = GuardianQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"{self.name}（{self.relation}）"

    @property
    def care(self) -> Care:
        """What this person is to the child."""
        if self.is_guardian:
            return Care.LEGAL
        return Care.ENTRUSTED if self.is_carer else Care.FAMILY


class HomeChangeQuerySet(ByChild["HomeChange"]):
    """Changes in the homes of children in sight."""


class HomeChange(models.Model):
    """What somebody changed about a child's home, and what stood there before; rows are never rewritten."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="home_changes")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    fact = models.CharField("事项", max_length=8, choices=HomeFact)
    # JSON of the fields as they stood: {"phone": "…"}; empty where nothing stood there.
    before = EncryptedText(default="", blank=True)
    why = models.CharField("理由", max_length=100, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    objects = HomeChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.get_fact_display()
