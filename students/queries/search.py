"""One search box: any part of a name, pinyin or its initials, a student, document or internal number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from agencies.choices import Permission
from agencies.fields import blind_index
from agencies.models import Unit
from agencies.queries.kept import KeptQuery
from agencies.scope import Actor
from students.models import Enrolment, Student
from students.models.student import StudentQuerySet
from students.rules.identity import clean

NUMBER = re.compile(r"[A-Z]?[0-9]{5,}[0-9A-Z]*")
SHORT_NUMBER = re.compile(r"[0-9]{1,8}")
LATIN = re.compile(r"[a-z]+")
LONGEST_QUERY = 40
# Behind every character a reading holds, in the byte order SQLite compares by.
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hit:
    """A child found, and its open enrolment if any."""

    student: Student
    enrolment: Enrolment | None


class Line(NamedTuple):
    """A child as a list of many shows it; class, school and standing of its open enrolment, empty without one."""

    id: int
    name: str
    sex: str
    document_number: str
    number: str
    status: str = ""
    class_name: str = ""
    school_name: str = ""


def asked(text: str) -> str:
    """The query as it is looked for: one width, no stray spaces, at most 40 characters."""
    return clean(text)[:LONGEST_QUERY]


def begins(column: str, text: str) -> Q:
    """Condition “column begins with text” that an index can answer on SQLite (range) and PostgreSQL (LIKE)."""
    condition = Q(**{f"{column}__startswith": text})
    if connection.vendor == "sqlite":
        condition &= Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST})
    return condition


def _conditions(text: str) -> list[Q]:
    """Conditions to try one after another until one finds somebody."""
    upper, lower = text.upper().replace(" ", ""), text.lower().replace(" ", "").replace("'", "")
    if NUMBER.fullmatch(upper):
        key = blind_index(upper)
        return [Q(document_index=key) | Q(record_index=key) | Q(number=upper)]
    if SHORT_NUMBER.fullmatch(upper):
        return [Q(enrolments__class_number=upper, enrolments__last_day__isnull=True)]
    if LATIN.fullmatch(lower):
        return [
            begins("initials", lower),
            begins("initials", lower[0]) & Q(pinyin__startswith=lower),
            # As a list of its own, so that an index over the initials alone is read and not the wide rows.
            Q(pk__in=Student.objects.filter(initials__contains=lower).order_by().values("pk")),
        ]
    # The key ends with the name itself, so an index alone answers “contains”.
    return [Q(sort_key__contains=text.replace(" ", ""))]


@dataclass(frozen=True, slots=True)
class Turn:
    """A further page: from which child on, and whether back towards the beginning."""

    child: Student
    back: bool = False


def find(rows: StudentQuerySet, text: str, *, limit: int) -> list[Student]:
    """At most `limit` of these children that answer to the text, in the order of names."""
    ids = find_ids(rows, text, limit=limit)
    by_id = Student.objects.in_bulk(ids)
    return [by_id[pk] for pk in ids if pk in by_id]


def find_ids(rows: StudentQuerySet, text: str, *, limit: int, turn: Turn | None = None) -> list[int]:
    """Ids of at most `limit` of these children, in the order of names; a further page with `turn`."""
    text = asked(text)
    if not text:
        return _in_order(rows, limit, turn)
    for condition in _conditions(text):
        answering = rows.filter(condition)
        # A further page stays with the condition that gave the first one.
        if turn and answering.exists():
            return _in_order(answering, limit, turn)
        if found := _in_order(answering, limit, None):
            return found
    return []


def _in_order(rows: StudentQuerySet, limit: int, turn: Turn | None) -> list[int]:
    back = turn is not None and turn.back
    if turn:
        word, key, pk = "lt" if back else "gt", turn.child.sort_key, turn.child.pk
        rows = rows.filter(Q(**{f"sort_key__{word}": key}) | Q(sort_key=key, **{f"pk__{word}": pk}))
    order = ("-sort_key", "-pk") if back else ("sort_key", "pk")
    # Ids first: the order and the condition are then answered by an index without touching the wide rows.
    ids = list(rows.order_by(*order).values_list("pk", flat=True)[:limit])
    return ids[::-1] if back else ids


# Values, not models: a list shows eight columns of some seventy.
@KeptQuery
def _children(ids: list[int]) -> QuerySet[Student, tuple[Any, ...]]:
    return Student.objects.filter(pk__in=ids).values_list("pk", "name", "sex", "document_number", "number")


@KeptQuery
def _enrolled(ids: list[int]) -> QuerySet[Enrolment, tuple[Any, ...]]:
    rows = Enrolment.objects.filter(student_id__in=ids, last_day__isnull=True)
    return rows.values_list("student_id", "status", "school_class__name", "school__name")


def lines(ids: list[int]) -> list[Line]:
    """The children of these ids with their open enrolments, in the order of the ids (2 queries)."""
    places = {pk: place for pk, *place in _enrolled(ids=ids)}
    by_id = {row[0]: Line(*row, *places.get(row[0], ())) for row in _children(ids=ids)}
    return [by_id[pk] for pk in ids if pk in by_id]


def find_in_school(actor: Actor, school: Unit, text: str, *, limit: int = 8) -> list[Hit]:
    """Children of a school that answer to the text; nothing for an empty one (4 queries)."""
    if not asked(text):
        return []
    rows = Student.objects.visible_to(actor, Permission.VIEW_ROLL).filter(
        pk__in=Enrolment.objects.filter(school=school, last_day__isnull=True).values("student_id")
    )
    return with_enrolments(find(rows, text, limit=limit))


def with_enrolments(students: Iterable[Student]) -> list[Hit]:
    """Children with their open enrolments, class and school (1 query)."""
    rows = list(students)
    open_rows = Enrolment.objects.filter(student__in=rows, last_day__isnull=True)
    by_child = {row.student_id: row for row in open_rows.select_related("school_class", "school")}
    return [Hit(row, by_child.get(row.pk)) for row in rows]
