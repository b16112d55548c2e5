"""The filters of the lists of agencies: accounts, posts, the audit trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.choices import Role, Verb
from agencies.forms import sensible_year
from agencies.models import AuditRow, Post, User
from agencies.queries.people import holds_post
from agencies.scope import current

_DAY = forms.DateInput(attrs={"type": "date"})


class AccountFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Accounts by name, account name (which is pinyin) and state."""

    q = django_filters.CharFilter(label="姓名或账号", method="by_name")
    role = django_filters.ChoiceFilter(label="岗位", choices=Role.choices, method="by_role", empty_label="不限")
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("new", "尚未登录"), ("open", "在用"), ("closed", "已停用"), ("idle", "没有岗位")],
        method="by_state",
        empty_label="不限",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_name(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Any part of the name or of the account."""
        return rows.filter(Q(name__icontains=value) | Q(username__icontains=value))

    def by_role(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Who holds this role today."""
        held = current(timezone.localdate(), "posts__")
        return rows.filter(held, posts__role=value).distinct()

    def by_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """New = the printed password has not been changed yet; idle = without a post that runs or is to begin."""
        if value == "closed":
            return rows.filter(is_active=False)
        if value == "idle":
            return rows.filter(~holds_post(timezone.localdate()), is_active=True)
        return rows.filter(is_active=True, must_change_password=value == "new")


class PostFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Posts by person, unit and role."""

    q = django_filters.CharFilter(label="姓名或账号", method="by_name")
    unit = django_filters.CharFilter(label="单位名称", field_name="unit__name", lookup_expr="icontains")
    role = django_filters.ChoiceFilter(label="岗位", choices=Role.choices, empty_label="不限")

    class Meta:
        model = Post
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Post], name: str, value: str) -> QuerySet[Post]:
        """Any part of the name or of the account."""
        return rows.filter(Q(user__name__icontains=value) | Q(user__username__icontains=value))


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Audit rows by day, verb, person and the child's internal number."""

    first_day = django_filters.DateFilter(label="从", method="from_day", widget=_DAY, validators=[sensible_year])
    last_day = django_filters.DateFilter(label="到", method="to_day", widget=_DAY, validators=[sensible_year])
    verb = django_filters.ChoiceFilter(label="操作", choices=Verb.choices, empty_label="不限")
    actor = django_filters.CharFilter(label="人员", lookup_expr="icontains")
    child_number = django_filters.CharFilter(label="学生内部编号", method="by_child")

    class Meta:
        model = AuditRow
        fields: list[str] = []

    def from_day(self, rows: QuerySet[AuditRow], name: str, value: date) -> QuerySet[AuditRow]:
        """Rows of this day and later."""
        return rows.filter(at__gte=_start(value))

    def to_day(self, rows: QuerySet[AuditRow], name: str, value: date) -> QuerySet[AuditRow]:
        """Rows of this day and earlier."""
        return rows.filter(at__lt=_start(value + timedelta(days=1)))

    def by_child(self, rows: QuerySet[AuditRow], name: str, value: str) -> QuerySet[AuditRow]:
        """Exactly this child."""
        return rows.filter(child_number=value.strip())


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def filter_context(found: Any, clear_url: str) -> dict[str, Any]:
    """What parts/filter_bar.html wants of a FilterSet."""
    form = found.form
    applied = sum(1 for name in form.fields if form.data.get(name)) if form.is_bound else 0
    return {"form": form, "applied": applied, "clear_url": clear_url, "keep": {}, "target": ""}
