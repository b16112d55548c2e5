"""The filters of lists of children and of homes, shared by page and exports."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from agencies.choices import Permission
from agencies.scope import Actor
from students.choices import EnrolmentStatus
from students.models import Enrolment, GroupMembership, HouseholdMember, Student
from students.queries.children import without_home
from students.rules.privacy import group_choices

GRADES = [(str(n), f"{name}年级") for n, name in enumerate("一二三四五六七八九", start=1)]
HOME_CHOICES = (("none", "无住址（无责任单位）"),)


class StudentFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Standing, grade, special group, no home on record; the search text is read by students.queries.search."""

    status = django_filters.ChoiceFilter(
        method="by_status", choices=EnrolmentStatus.choices, label="学籍状态", empty_label="不限"
    )
    grade = django_filters.ChoiceFilter(method="by_grade", choices=GRADES, label="年级", empty_label="不限")
    group = django_filters.ChoiceFilter(method="by_group", choices=[], label="特殊群体", empty_label="不限")
    home = django_filters.ChoiceFilter(method="by_home", choices=HOME_CHOICES, label="住址", empty_label="不限")

    class Meta:
        model = Student
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, queryset: QuerySet[Student], *, actor: Actor) -> None:
        super().__init__(data, queryset)
        self.actor = actor
        self.filters["group"].extra["choices"] = group_choices(knows=actor.can(Permission.SEE_RESTRICTED))

    def _enrolled(self) -> QuerySet[Enrolment]:
        rows = Enrolment.objects.visible_to(self.actor, Permission.VIEW_CHILD)
        return rows.filter(student_id=OuterRef("pk"), last_day__isnull=True)

    def by_status(self, rows: QuerySet[Student], name: str, value: str) -> QuerySet[Student]:
        """Children whose open enrolment has this standing."""
        return rows.filter(Exists(self._enrolled().filter(status=value)))

    def by_grade(self, rows: QuerySet[Student], name: str, value: str) -> QuerySet[Student]:
        """Children in a class of this grade."""
        return rows.filter(Exists(self._enrolled().filter(school_class__grade=int(value))))

    def by_group(self, rows: QuerySet[Student], name: str, value: str) -> QuerySet[Student]:
        """Children who belong to a special group now."""
        member = GroupMembership.objects.visible_to(self.actor, Permission.VIEW_CHILD)
        return rows.filter(Exists(member.filter(student_id=OuterRef("pk"), group=value, last_day__isnull=True)))

    def by_home(self, rows: QuerySet[Student], name: str, value: str) -> QuerySet[Student]:
        """Children for whose home nobody answers."""
        return rows.filter(without_home())

    @property
    def applied(self) -> dict[str, str]:
        """The filters in use, as they stand in the address."""
        if not self.form.is_valid():
            return {}
        return {name: str(value) for name, value in self.form.cleaned_data.items() if value}


class HomeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """A child's name, and only homes with several children."""

    q = django_filters.CharFilter(field_name="sort_key", lookup_expr="contains", max_length=40, label="学生姓名")
    shared = django_filters.ChoiceFilter(
        method="by_shared", choices=[("yes", "两名以上学生同户")], label="住户", empty_label="不限"
    )

    class Meta:
        model = Student
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, queryset: QuerySet[Student], *, actor: Actor) -> None:
        super().__init__(data, queryset)
        self.actor = actor

    def by_shared(self, rows: QuerySet[Student], name: str, value: str) -> QuerySet[Student]:
        """Children who share a household with another in sight."""
        members = HouseholdMember.objects.visible_to(self.actor, Permission.VIEW_CHILD).filter(last_day__isnull=True)
        own, others = members.filter(student=OuterRef("pk")), members.filter(household=OuterRef("household"))
        return rows.filter(Exists(own.filter(Exists(others.exclude(student=OuterRef("student"))))))

    def address(self, after: int) -> str:
        """The address of the next page under the same filters."""
        applied = {name: str(value) for name, value in self.form.cleaned_data.items() if value}
        return f"{reverse('students:homes')}?{urlencode({**applied, 'after': after})}"
