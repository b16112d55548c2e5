"""The one filter of case lists, shared by page and exports."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.choices import Permission
from agencies.scope import Actor
from cases.choices import Outcome, Stage
from cases.models import Case
from cases.queries.queue import Facets
from cases.rules.privacy import cause_choices
from students.filters import HOME_CHOICES
from students.models import GroupMembership, Student
from students.queries.children import without_home
from students.rules.privacy import group_choices

STATES = (("closed", "已销号"), ("helped", "帮扶结束"), ("all", "全部（含帮扶）"))
OVERDUE = (("yes", "有逾期"), ("soon", "今天到期"))


def _one_of(choices: list[tuple[str, str]], label: str, field: str) -> Any:
    return django_filters.ChoiceFilter(field_name=field, choices=choices, label=label, empty_label="不限")


class CaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of cases; open ones unless `state` says otherwise. Names are searched only where they may be seen."""

    q = django_filters.CharFilter(method="by_text", label="姓名 / 拼音首字母", max_length=40)
    stage = django_filters.ChoiceFilter(
        choices=[choice for choice in Stage.choices if choice[0] != Stage.CLOSED], label="阶段", empty_label="不限"
    )
    overdue = django_filters.ChoiceFilter(method="by_overdue", choices=OVERDUE, label="期限", empty_label="不限")
    cause = django_filters.ChoiceFilter(choices=[], label="原因", empty_label="不限")
    group = django_filters.ChoiceFilter(method="by_group", choices=[], label="特殊群体", empty_label="不限")
    home = django_filters.ChoiceFilter(method="by_home", choices=HOME_CHOICES, label="住址", empty_label="不限")
    state = django_filters.ChoiceFilter(method="by_state", choices=STATES, label="状态", empty_label="未销号")

    class Meta:
        model = Case
        fields: tuple[str, ...] = ()

    def __init__(
        self, data: Any, queryset: QuerySet[Case], *, actor: Actor, on: date, offered: Facets | None = None
    ) -> None:
        super().__init__(data, queryset)
        self.actor, self.on = actor, on
        knows = actor.can(Permission.SEE_RESTRICTED)
        self.filters["group"].extra["choices"] = group_choices(knows=knows)
        self.filters["cause"].extra["choices"] = cause_choices(knows=knows)
        if offered:
            self._offer(offered)

    def _offer(self, offered: Facets) -> None:
        named = (
            ("township", "乡镇", offered.townships),
            ("village", "村", offered.villages),
            ("school", "学校", offered.schools),
            ("school_class", "班级", offered.classes),
            ("person", "责任人", offered.people),
            ("plan", "方案", offered.plans),
        )
        for name, label, choices in named:
            if len(choices) > 1 or self.data.get(name) or name == "person":
                field = "policy" if name == "plan" else name
                self.filters[name] = _one_of(choices, label, f"{field}_id")
                self.filters[name].parent, self.filters[name].model = self, Case

    def filter_queryset(self, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """The narrowed rows; without `state` those not closed off, help (帮扶) only where it or the child is named."""
        rows: QuerySet[Case] = super().filter_queryset(queryset)
        typed = self.form.cleaned_data
        if typed.get("state"):
            return rows
        rows = rows.filter(closed_on__isnull=True)
        return rows if typed.get("stage") or typed.get("q") else rows.exclude(stage=Stage.HELP)

    def by_text(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """Any part of the name, initials from the left, or the whole internal number."""
        word = value.strip()
        seen = Student.objects.visible_to(self.actor, Permission.SEE_NAMES)
        named = seen.filter(Q(name__icontains=word) | Q(initials__startswith=word.lower()))
        return rows.filter(Q(student__in=named) | Q(student__number=word)) if word else rows

    def by_overdue(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """Past due, or due today."""
        if value == "yes":
            return rows.filter(next_due_on__lt=self.on)
        return rows.filter(next_due_on=self.on)

    def by_group(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """Children who belong to a special group now."""
        member = GroupMembership.objects.visible_to(self.actor, Permission.VIEW_CASE).filter(
            student_id=OuterRef("student_id"), group=value, last_day__isnull=True
        )
        return rows.filter(Exists(member))

    def by_home(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """Cases of children for whose home nobody answers."""
        return rows.filter(without_home("student__"))

    def by_state(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        """Closed cases only, help that has ended, or all."""
        if value == "helped":
            return rows.filter(outcome=Outcome.HELP_ENDED)
        return rows.filter(closed_on__isnull=False).exclude(outcome=Outcome.HELP_ENDED) if value == "closed" else rows

    @property
    def applied(self) -> dict[str, str]:
        """The filters in use, as they stand in the address."""
        if not self.form.is_valid():
            return {}
        return {name: str(value) for name, value in self.form.cleaned_data.items() if value}
