"""Reads around an import: what the sheet meets on record, its rows, its job, what stands in the way of an undo."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Max, Q, QuerySet

from agencies.choices import Permission, UnitKind
from agencies.fields import blind_index
from agencies.models import Job, Unit, User
from agencies.queries.people import actor_for
from agencies.scope import Actor
from students.choices import RowVerdict
from students.models import Enrolment, GroupMembership, Guardian, ImportBatch, ImportRow, Student
from students.rules.classes import KnownClass
from students.rules.masks import mask_number
from students.rules.matching import Person
from students.rules.places import Village, Villages

PIECE = 500
# Fields of a child that the sheet can change, as they are called there and on the model.
FACTS = (
    "name",
    "sex",
    "document_kind",
    "document_number",
    "record_number",
    "ethnicity",
    "former_name",
    "residence_address",
    "hukou_address",
)
GUARDIAN_FACTS = ("name", "relation", "phone", "document_kind", "document_number", "address", "workplace")


@dataclass(slots=True)
class Keys:
    """By what the rows of a sheet can meet children: keyed digests of numbers and phones, names with birthdays."""

    documents: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A child on record as an import compares it; `ours` = the importer may change it and may be told of it."""

    person: Person
    facts: Mapping[str, str]
    guardians: tuple[Mapping[str, str], ...]
    class_id: int | None
    record: Mapping[str, str]
    groups: frozenset[str]
    changed_at: str
    ours: bool
    enrolled: bool


def pieces(values: Iterable[Any], size: int = PIECE) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    left = iter(values)
    while piece := list(islice(left, size)):
        yield piece


def county_of(unit: Unit) -> Unit:
    """The root above a unit."""
    return Unit.objects.get(pk=unit.ancestor_ids[0])


def schools_under(unit: Unit) -> list[Unit]:
    """Schools at or under a unit that are not closed."""
    return list(
        Unit.objects.filter(path__startswith=unit.path, kind=UnitKind.SCHOOL, last_day__isnull=True).order_by("path")
    )


def classes_of(school_ids: Iterable[int]) -> list[KnownClass]:
    """Classes of these schools that are not closed."""
    rows = Unit.objects.filter(parent__in=list(school_ids), kind=UnitKind.CLASS, last_day__isnull=True)
    return [KnownClass(row.pk, row.parent_id or 0, row.name, row.grade) for row in rows]


def villages_of(county: Unit) -> Villages:
    """The villages of a county, to be met by addresses."""
    rows = Unit.objects.filter(path__startswith=county.path, kind=UnitKind.VILLAGE, last_day__isnull=True)
    return Villages.of(
        county.name,
        [Village(pk, name, township) for pk, name, township in rows.values_list("pk", "name", "parent__name")],
    )


def target_units(actor: Actor) -> list[Unit]:
    """Units a person may import into: those at which the post is held, and the schools below them."""
    held = Unit.objects.visible_to(actor, Permission.IMPORT_CHILDREN).filter(last_day__isnull=True)
    wanted = Q(kind=UnitKind.SCHOOL) | Q(kind=UnitKind.COUNTY)
    return list(held.filter(wanted).order_by("path"))


def starter_of(job: Job, on: date) -> Actor:
    """The person who started a job, with the posts of today; raises User.DoesNotExist if the account is gone."""
    return actor_for(User.objects.get(pk=job.started_by or 0, is_active=True), on)


def children_met(keys: Keys, actor: Actor) -> list[Recorded]:
    """Children that the rows of a sheet may be about.

    Those outside the importer's reach come only where a number meets them, and without their facts.
    """
    numbered = _by_number(keys)
    wanted = sorted(numbered | _by_name_or_phone(keys))
    found = []
    for piece in pieces(wanted):
        found += [child for child in _recorded(piece, actor) if child.ours or child.person.id in numbered]
    return found


def _by_number(keys: Keys) -> set[int]:
    ids: set[int] = set()
    for piece in pieces(sorted(keys.documents)):
        ids |= set(Student.objects.filter(document_index__in=piece).values_list("pk", flat=True))
    for piece in pieces(sorted(keys.records)):
        ids |= set(Student.objects.filter(record_index__in=piece).values_list("pk", flat=True))
    return ids


def _by_name_or_phone(keys: Keys) -> set[int]:
    ids: set[int] = set()
    for piece in pieces(sorted(keys.names)):
        ids |= set(Student.objects.filter(name__in=piece).values_list("pk", flat=True))
    for piece in pieces(sorted(keys.phones)):
        ids |= set(Guardian.objects.filter(phone_index__in=piece).values_list("student_id", flat=True))
    return ids


def _recorded(ids: Sequence[int], actor: Actor) -> Iterator[Recorded]:
    visible = set(
        Student.objects.visible_to(actor, Permission.IMPORT_CHILDREN).filter(pk__in=ids).values_list("pk", flat=True)
    )
    enrolments = {
        row.student_id: row
        for row in Enrolment.objects.filter(student__in=ids, last_day__isnull=True).select_related("school")
    }
    guardians: dict[int, list[Guardian]] = defaultdict(list)
    for guardian in Guardian.objects.filter(student__in=ids, ended_on__isnull=True):
        guardians[guardian.student_id].append(guardian)
    groups: dict[int, set[str]] = defaultdict(set)
    for student_id, group in GroupMembership.objects.filter(student__in=ids, last_day__isnull=True).values_list(
        "student_id", "group"
    ):
        groups[student_id].add(group)
    for student in Student.objects.filter(pk__in=ids):
        enrolment = enrolments.get(student.pk)
        at_ours = enrolment is not None and actor.can_at(Permission.IMPORT_CHILDREN, enrolment.school.path)
        ours = at_ours or (enrolment is None and student.pk in visible)
        yield _one(student, enrolment, guardians[student.pk], frozenset(groups[student.pk]), ours)


def _one(
    student: Student, enrolment: Enrolment | None, family: list[Guardian], groups: frozenset[str], ours: bool
) -> Recorded:
    person = Person(
        id=student.pk,
        name=student.name,
        birth_date=student.birth_date,
        document=student.document_index,
        record=student.record_index,
        phones=frozenset(g.phone_index for g in family if g.phone_index),
        school_id=enrolment.school_id if enrolment else None,
    )
    facts = {name: getattr(student, name) for name in FACTS}
    facts["birth_date"] = student.birth_date.isoformat() if student.birth_date else ""
    if enrolment:
        facts["class_number"] = enrolment.class_number
    return Recorded(
        person=person,
        facts=facts if ours else {},
        guardians=tuple(guardian_facts(g) for g in family) if ours else (),
        class_id=enrolment.school_class_id if enrolment else None,
        record=student.record if ours else {},
        groups=groups,
        changed_at=student.changed_at.isoformat(),
        ours=ours,
        enrolled=enrolment is not None,
    )


def guardian_facts(guardian: Guardian) -> dict[str, str]:
    """A family member under the names of the sheet."""
    facts = {name: getattr(guardian, name) for name in GUARDIAN_FACTS}
    return {**facts, "is_guardian": "是" if guardian.is_guardian else "否"}


def latest_job(batch: ImportBatch) -> Job | None:
    """The job that last worked on an import."""
    return Job.objects.filter(key__startswith=job_prefix(batch)).order_by("-id").first()


def job_prefix(batch: ImportBatch) -> str:
    """How the keys of an import's jobs begin."""
    return f"import/{batch.pk}/"


def answers_of(batch: ImportBatch) -> dict[int, int | None]:
    """What was decided about ambiguous rows so far: row number → child, or None for a new one."""
    job = Job.objects.filter(key__startswith=f"{job_prefix(batch)}check/").order_by("-id").first()
    given = job.payload.get("answers", {}) if job else {}
    return {int(row): child for row, child in given.items()}


def rows_of(batch: ImportBatch, verdict: str) -> QuerySet[ImportRow]:
    """The rows of one verdict without their encrypted cells, in the order of the sheet."""
    return batch.rows.filter(verdict=verdict).defer("values", "before")


def faulty_rows(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    """Cells and mistakes of every faulty row as they were sent, in the order of the sheet."""
    rows = batch.rows.filter(verdict=RowVerdict.FAULTY).order_by("row")
    for values in rows.values_list("values", flat=True).iterator(chunk_size=PIECE):
        yield json.loads(values)


def asked_rows(batch: ImportBatch, actor: Actor, count: int) -> list[dict[str, Any]]:
    """The first rows that wait for an answer: {row, name, class_name, reasons, candidates} (4 queries)."""
    rows = list(batch.rows.filter(verdict=RowVerdict.AMBIGUOUS).order_by("row")[:count])
    data = {row.pk: json.loads(row.values) for row in rows}
    ids = {pk for found in data.values() for pk in found["candidates"]}
    children = _described(actor, ids)
    return [
        {
            "row": row.row,
            "name": row.name,
            "class_name": row.class_name,
            "born": data[row.pk]["values"].get("birth_date", ""),
            "reasons": data[row.pk]["reasons"],
            "candidates": [children[pk] for pk in data[row.pk]["candidates"] if pk in children],
        }
        for row in rows
    ]


def _described(actor: Actor, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Children a row may be about, in words that tell them apart; numbers are covered."""
    students = Student.objects.visible_to(actor, Permission.IMPORT_CHILDREN).filter(pk__in=ids)
    classes = {
        row.student_id: f"{row.school.label} {row.school_class.name}"
        for row in Enrolment.objects.filter(student__in=ids, last_day__isnull=True).select_related(
            "school", "school_class"
        )
    }
    families: dict[int, list[str]] = defaultdict(list)
    for pk, name in Guardian.objects.filter(student__in=ids, ended_on__isnull=True).values_list("student_id", "name"):
        families[pk].append(name)
    return {
        student.pk: {
            "id": student.pk,
            "name": student.name,
            "born": student.birth_date.isoformat() if student.birth_date else "",
            "document": mask_number(student.document_number),
            "school_class": classes.get(student.pk, "未在读"),
            "family": "、".join(families[student.pk]),
        }
        for student in students
    }


def digests(values: Iterable[str]) -> set[str]:
    """Keyed digests of the values that are not empty."""
    return {blind_index(value) for value in values if value}


def last_child_id() -> int:
    """The newest child there is: later ones were unknown to a check that read this first."""
    return int(Student.objects.aggregate(last=Max("id"))["last"] or 0)
