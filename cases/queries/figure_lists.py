"""The rows behind each figure, in an order a person reads them in; as many as the figure says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from agencies.choices import Role
from agencies.models import Post
from agencies.scope import current
from cases.models import Case, DutyRow
from cases.queries import case_figures as cases
from cases.queries import figures
from cases.queries.figures import Ground, OftenAbsent
from students.choices import PartOfDay
from students.models import Absence, Enrolment, RollCall, Student
from students.queries.silence import SilentClass, silent_classes

Chosen = Mapping[str, str]
NONE = "none"
WITH_UNITS = ("student", "school", "school_class", "village", "township")


@dataclass(frozen=True, slots=True)
class ChildNow:
    """A child of a list: its class and school today, and its open case if any."""

    student: Student
    enrolment: Enrolment | None
    case_id: int | None


def unreported(ground: Ground, chosen: Chosen) -> list[int]:
    """Ids of the classes without a register on the day, in the order of schools and classes.

    Which they are costs more than reading them: numbers are asked for once, for the count and for the page.
    """
    return list(figures.unreported_classes(ground).values_list("pk", flat=True))


def silent(ground: Ground, chosen: Chosen) -> list[SilentClass]:
    """Classes that missed registers before the day, the longest silent first; `owner` narrows."""
    owner = chosen.get("owner")
    return [row for row in silent_classes(ground.unit, ground.on) if not owner or row.owner == owner]


def reported(ground: Ground, chosen: Chosen) -> QuerySet[RollCall]:
    """Registers of the day in the order of schools and classes."""
    return figures.registers(ground).select_related("school", "school_class").order_by("school_class__path", "pk")


def absent(ground: Ground, chosen: Chosen) -> QuerySet[Absence]:
    """Children absent on the day, by class and name; `reason` narrows to the reason of the mark that counts."""
    rows = figures.absent_today(ground)
    if reason := chosen.get("reason"):
        rows = rows.filter(reason=reason)
    rows = rows.select_related("student", "school_class__parent")
    return rows.order_by("school_class__path", "student__sort_key", "pk")


def mornings(rows: Iterable[Absence]) -> dict[int, Absence]:
    """By child, the mark of the morning beside these of the afternoon (1 query; none where no half stands alone)."""
    ids = {(row.student_id, row.day) for row in rows if row.part == PartOfDay.AFTERNOON}
    if not ids:
        return {}
    found = Absence.objects.filter(
        student_id__in={pk for pk, _ in ids},
        day__in={day for _, day in ids},
        part=PartOfDay.MORNING,
        superseded_at__isnull=True,
    )
    return {row.student_id: row for row in found if (row.student_id, row.day) in ids}


def in_a_row(ground: Ground, chosen: Chosen) -> QuerySet[Any]:
    """Running runs of at least `n` school days, the longest first."""
    return figures.in_a_row(ground, int(chosen["n"])).order_by("-halves", "first_day", "student_id")


def in_term(ground: Ground, chosen: Chosen) -> list[OftenAbsent]:
    """Children with at least `n` days absent in the term, most days first."""
    return figures.absent_in_term(ground, int(chosen["n"]))


def open_cases(ground: Ground, chosen: Chosen) -> QuerySet[Case]:
    """Open cases, narrowed by stage, cause, place and relapse, the next due first."""
    rows = cases.open_cases(ground).filter(_narrowed(chosen)).select_related(*WITH_UNITS)
    return rows.order_by(F("next_due_on").asc(nulls_last=True), "pk")


def _narrowed(chosen: Chosen) -> Q:
    condition = Q()
    for name in ("stage", "cause"):
        if value := chosen.get(name):
            condition &= Q(**{name: value})
    for name in ("township", "village", "school", "school_class"):
        if value := chosen.get(name):
            condition &= Q(**{f"{name}__isnull": True}) if value == NONE else Q(**{f"{name}_id": int(value)})
    if chosen.get("out"):
        condition &= Q(stage__in=cases.STILL_OUT)
    return condition & Q(relapses__gt=0) if chosen.get("relapsed") else condition


def closed(ground: Ground, chosen: Chosen) -> QuerySet[Case]:
    """Cases closed off in the term, the latest first; `outcome` narrows."""
    rows = cases.closed_cases(ground).select_related(*WITH_UNITS)
    if outcome := chosen.get("outcome"):
        rows = rows.filter(outcome=outcome)
    return rows.order_by("-closed_on", "-pk")


def outcomes(ground: Ground) -> set[str]:
    """How the cases closed off in the term ended, each way once (1 query)."""
    return set(cases.closed_cases(ground).order_by().values_list("outcome", flat=True).distinct())


def returned(ground: Ground, chosen: Chosen) -> QuerySet[Case]:
    """Cases of children who are back, those under observation first."""
    return (
        cases.returned_cases(ground).select_related(*WITH_UNITS).order_by(F("closed_on").desc(nulls_first=True), "-pk")
    )


def overdue(ground: Ground, chosen: Chosen) -> QuerySet[DutyRow]:
    """Duties past their day, the oldest first; `role` and `owner` narrow."""
    rows = cases.overdue_duties(ground)
    if role := chosen.get("role"):
        rows = rows.filter(owner_role=role)
    if owner := chosen.get("owner"):
        rows = rows.filter(owner_unit__isnull=True) if owner == NONE else rows.filter(owner_unit_id=int(owner))
    related = (*(f"case__{name}" for name in WITH_UNITS), "owner_unit")
    return rows.select_related(*related).order_by("due_on", "pk")


def children_now(student_ids: Iterable[int]) -> dict[int, ChildNow]:
    """Children with class, school and open case (3 queries)."""
    ids = list(student_ids)
    places = Enrolment.objects.filter(student_id__in=ids, last_day__isnull=True)
    by_child = {row.student_id: row for row in places.select_related("school", "school_class")}
    opened = open_case_ids(ids)
    return {
        row.pk: ChildNow(row, by_child.get(row.pk), opened.get(row.pk)) for row in Student.objects.filter(pk__in=ids)
    }


def open_case_ids(student_ids: Iterable[int]) -> dict[int, int]:
    """The open case of each child that has one (1 query)."""
    rows = Case.objects.filter(student_id__in=list(student_ids), closed_on__isnull=True)
    return dict(rows.values_list("student_id", "pk"))


def last_reported(class_ids: Iterable[int], before: date) -> dict[int, date]:
    """The last day before a day on which each class took its register (1 query)."""
    rows = RollCall.objects.filter(school_class_id__in=list(class_ids), day__lt=before)
    return dict(rows.order_by().values_list("school_class_id").annotate(last=Max("day")))


def people_at(unit_ids: Iterable[int], role: Role, on: date) -> dict[int, str]:
    """Who holds a role at each unit on a day (1 query)."""
    rows = Post.objects.filter(current(on), unit_id__in=list(unit_ids), role=role, user__is_active=True)
    found: dict[int, list[str]] = {}
    for unit_id, name in rows.order_by("pk").values_list("unit_id", "user__name"):
        found.setdefault(unit_id, []).append(name)
    return {pk: "、".join(names) for pk, names in found.items()}
