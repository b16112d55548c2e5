"""The child: identity, names for search, special groups."""

from __future__ import annotations

from django.db import models

from agencies.fields import EncryptedText
from agencies.models import Unit
from students.choices import DocumentKind, Sex, SpecialGroup
from students.scope import ByChild


class StudentQuerySet(ByChild["Student"]):
    """Children in the sight of the actor's units."""

    child_field = "pk"


class Student(models.Model):
    """One child, known everywhere by the internal number; documents are encrypted with a keyed index."""

    number = models.CharField("内部编号", max_length=24, unique=True)
    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField(max_length=200, blank=True)
    initials = models.CharField(max_length=60, blank=True, db_index=True)
    sort_key = models.CharField(max_length=240, blank=True, db_index=True)
    former_name = models.CharField("曾用名", max_length=60, blank=True)
    sex = models.CharField("性别", max_length=6, choices=Sex)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    document_kind = models.CharField("证件类型", max_length=20, choices=DocumentKind, default=DocumentKind.NONE)
    document_number = EncryptedText("证件号", blank=True, default="")
    document_index = models.CharField(max_length=40, blank=True, db_index=True)
    record_number = EncryptedText("学籍号", blank=True, default="")
    record_index = models.CharField(max_length=40, blank=True, db_index=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    residence = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="residents", verbose_name="居住村（网格）"
    )
    hukou = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="registered", verbose_name="户籍村"
    )
    residence_address = EncryptedText("现住址", blank=True, default="")
    hukou_address = EncryptedText("户籍地址", blank=True, default="")
    # Columns of the national record sheet that drive no rule; plain, non-identifying, by header name.
    record = models.JSONField("学籍信息", default=dict, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = StudentQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]

    def __str__(self) -> str:
        return self.name


class GroupMembershipQuerySet(ByChild["GroupMembership"]):
    """Memberships of children in sight."""


class GroupMembership(models.Model):
    """A child belongs to a special group from a day on; the plans' lists map onto the common one."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="groups")
    group = models.CharField("特殊群体", max_length=24, choices=SpecialGroup)
    first_day = models.DateField("起")
    last_day = models.DateField("止", null=True, blank=True)
    source = models.CharField("来源", max_length=60, blank=True)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student", "group"], condition=models.Q(last_day__isnull=True), name="group_open_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_group_display()
