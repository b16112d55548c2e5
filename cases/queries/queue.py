"""The persuasion queue: what it can be narrowed by, its orders, and stable pages by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from agencies.choices import Permission
from agencies.models import PolicyVersion, Unit, User
from agencies.rules.numbers import whole
from agencies.scope import Actor
from cases.models import Case, SavedFilter
from cases.models.case import CaseQuerySet
from students.models import GroupMembership
from students.queries.children import without_home

PAGE = 30
NEVER = date(9999, 12, 31)
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the queue: by `field` (a column or the annotation `due_key`), then by number."""

    label: str
    field: str
    kind: type
    descending: bool = False


ORDERS: dict[str, Order] = {
    "due": Order("到期先后", "due_key", date),
    "opened": Order("新立案在前", "opened_on", date, descending=True),
    "absent": Order("缺课多在前", "absent_half_days", int, descending=True),
    "name": Order("姓名", "student__sort_key", str),
}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the keys of its neighbours ("" at the ends)."""

    rows: list[Case]
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Facets:
    """The units, people and plans that occur in the cases a person sees."""

    townships: Choices
    villages: Choices
    schools: Choices
    people: Choices
    plans: Choices
    classes: Choices = field(default_factory=list)


def visible_cases(actor: Actor) -> CaseQuerySet:
    """The cases this person sees, with what a list line shows."""
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE)
    rows = rows.select_related("policy", "school", "school_class", "village", "township", "student", "person")
    return rows.defer("policy__content")


def facets(actor: Actor, school_class: str = "") -> Facets:
    """What the filters offer (4 queries); a class only where the address names one (1 more)."""
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE).order_by()
    found = list(rows.values_list("township_id", "village_id", "school_id", "person_id", "policy_id").distinct())
    columns: list[set[Any]] = [set(column) - {None} for column in zip(*found, strict=True)] or [set()] * 5
    ids = columns[0] | columns[1] | columns[2]
    # Values, not models: a county offers some hundreds of villages and schools.
    rows_of = Unit.objects.filter(pk__in=ids).order_by("path").values_list("pk", "short_name", "name")
    units = [(pk, short or name) for pk, short, name in rows_of]

    def named(ids: set[int]) -> Choices:
        return [(str(pk), label) for pk, label in units if pk in ids]

    people = User.objects.filter(pk__in=columns[3]).order_by("name", "id")
    plans = PolicyVersion.objects.filter(pk__in=columns[4]).only("id", "title", "version").order_by("title", "version")
    return Facets(
        named(columns[0]),
        named(columns[1]),
        named(columns[2]),
        [(str(pk), name) for pk, name in people.values_list("pk", "name")],
        [(str(row.pk), f"{row.title}（第{row.version}版）") for row in plans],
        _class(rows, school_class) if school_class else [],
    )


def _class(rows: QuerySet[Case], text: str) -> Choices:
    """The class of this number, if any case in sight is of it."""
    pk = whole(text)
    if pk is None:
        return []
    found = rows.filter(school_class_id=pk).select_related("school", "school_class").first()
    units = (found.school, found.school_class) if found else ()
    return [(str(pk), "".join(unit.label for unit in units if unit))] if units else []


def homeless_cases(actor: Actor) -> int:
    """How many open cases in sight are of children for whose home nobody answers (1 query)."""
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE).counted().filter(closed_on__isnull=True)
    return rows.filter(without_home("student__")).count()


def page_of(rows: QuerySet[Case], order: Order, *, after: str = "", before: str = "") -> Page:
    """One page after (or before) a key; a key that cannot be read gives the first page (1 query)."""
    rows = rows.annotate(due_key=Coalesce("next_due_on", NEVER))
    back = not after and bool(before)
    key = _read(order, before if back else after)
    down = order.descending != back
    if key is not None:
        rows = rows.filter(_beyond(order.field, key, down))
    sign = "-" if down else ""
    ordered = rows.order_by(f"{sign}{order.field}", f"{sign}pk").annotate(sort_value=F(order.field))
    found: list[Case] = list(ordered[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if back:
        found.reverse()
    if not found:
        return Page([], "", "")
    has_earlier, has_later = (more, True) if back else (key is not None, more)
    return Page(found, _write(found[0]) if has_earlier else "", _write(found[-1]) if has_later else "")


def _beyond(field: str, key: tuple[Any, int], down: bool) -> Q:
    sign = "lt" if down else "gt"
    return Q(**{f"{field}__{sign}": key[0]}) | Q(**{field: key[0], f"pk__{sign}": key[1]})


def _write(case: Case) -> str:
    value = getattr(case, "sort_value", "")
    return f"{value.isoformat() if isinstance(value, date) else value}~{case.pk}"


def _read(order: Order, text: str) -> tuple[Any, int] | None:
    value, _, key = text.rpartition("~")
    pk = whole(key)
    if pk is None or len(value) > 240:
        return None
    try:
        return (date.fromisoformat(value) if order.kind is date else order.kind(value)), pk
    except ValueError:
        return None


def groups_of(student_ids: list[int]) -> dict[int, list[str]]:
    """The special groups of children (1 query)."""
    found: dict[int, list[str]] = {}
    rows = GroupMembership.objects.filter(student_id__in=student_ids, last_day__isnull=True).order_by("id")
    for student_id, group in rows.values_list("student_id", "group"):
        found.setdefault(student_id, []).append(group)
    return found


def saved_filters(actor: Actor, page: str) -> list[SavedFilter]:
    """A person's own named filters of a list (1 query)."""
    return list(SavedFilter.objects.filter(user_id=actor.user_id or 0, page=page))
