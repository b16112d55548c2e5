"""Children as ledgers list them: who belongs on a sheet, and everything about some of them in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.rules.tree import RESIDENCES
from agencies.scope import Actor
from cases.models import Case
from notices.rules.ledger_words import class_parts, entry_status, group_words
from students.choices import AbsenceReason, Sex, SpecialGroup
from students.models import Absence, Enrolment, GroupMembership, Guardian, Spell, Student

UNEXCUSED = (AbsenceReason.UNEXCUSED, AbsenceReason.WHEREABOUTS_UNKNOWN)
# Absence of so many days before the ledger's day makes a child one at risk.
LATELY = timedelta(days=30)
_SEXES = {sex.value: str(sex.label) for sex in Sex}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ledger as asked for: by whom, of which unit, from which day to which, for children of which ages.

    `helped`: also pupils who are helped (帮扶) and not absent.
    """

    actor: Actor
    unit: Unit
    first: date
    last: date
    ages: tuple[int, int]
    helped: bool = False


def _here(wanted: Wanted) -> Q:
    """Children of the unit: pupils of a school, else those who live there (by 户籍 where no home is known)."""
    if wanted.unit.kind in (UnitKind.SCHOOL, UnitKind.CLASS):
        open_here = Enrolment.objects.filter(
            student_id=OuterRef("pk"), last_day__isnull=True, school_class__path__startswith=wanted.unit.path
        )
        return Q(Exists(open_here))
    home = Q(residence__path__startswith=wanted.unit.path)
    return home | Q(residence__isnull=True, hukou__path__startswith=wanted.unit.path)


def _of_age(wanted: Wanted) -> Q:
    """Of the plan's ages on the last day; a child without a birth date is kept, not lost."""
    youngest, oldest = wanted.ages
    born_to = _years_before(wanted.last, youngest)
    born_after = _years_before(wanted.last, oldest + 1)
    return Q(birth_date__isnull=True) | Q(birth_date__lte=born_to, birth_date__gt=born_after)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def children_of_age(wanted: Wanted) -> tuple[Q, Q]:
    """Two conditions: a child of the unit, and a child of the plan's ages."""
    return _here(wanted), _of_age(wanted)


def base_ids(wanted: Wanted) -> list[int]:
    """Every child of compulsory-school age of the unit, by home and name (1 query)."""
    rows = Student.objects.visible_to(wanted.actor, Permission.VIEW_LEDGER).filter(_here(wanted), _of_age(wanted))
    return list(rows.order_by("residence__path", "sort_key", "pk").values_list("pk", flat=True))


def risk_ids(wanted: Wanted) -> list[int]:
    """Pupils of the unit with an open case (or help, where asked), or absent without leave in the period (1 query)."""
    enrolled = Enrolment.objects.filter(
        student_id=OuterRef("pk"), last_day__isnull=True, school_class__path__startswith=wanted.unit.path
    )
    cases = Case.objects.all() if wanted.helped else Case.objects.counted()
    case = cases.filter(student_id=OuterRef("pk"), closed_on__isnull=True, opened_on__lte=wanted.last)
    absent = Absence.objects.filter(
        student_id=OuterRef("pk"),
        superseded_at__isnull=True,
        reason__in=UNEXCUSED,
        day__gte=wanted.first,
        day__lte=wanted.last,
    )
    here = Q(Exists(enrolled)) if wanted.unit.kind in (UnitKind.SCHOOL, UnitKind.CLASS) else _pupils(wanted)
    rows = Student.objects.visible_to(wanted.actor, Permission.VIEW_LEDGER).filter(here)
    rows = rows.filter(Q(Exists(case)) | Q(Exists(absent)))
    return list(rows.order_by("sort_key", "pk").values_list("pk", flat=True))


def _pupils(wanted: Wanted) -> Q:
    """Pupils of the unit's schools, and for a village those who live there."""
    enrolled = Enrolment.objects.filter(student_id=OuterRef("pk"), last_day__isnull=True)
    if wanted.unit.kind in RESIDENCES:
        return Q(Exists(enrolled)) & Q(residence__path__startswith=wanted.unit.path)
    return Q(Exists(enrolled.filter(school_class__path__startswith=wanted.unit.path)))


class Child(NamedTuple):
    """A child as the columns of a ledger need it; the paths are those of home and 户籍, empty where unknown."""

    pk: int
    name: str
    sex: str
    birth_date: date | None
    document_number: str
    record_number: str
    residence_address: str
    hukou_address: str
    home_path: str | None
    hukou_path: str | None


class Place(NamedTuple):
    """A unit of the tree as ledgers name it."""

    pk: int
    kind: str
    name: str
    grade: int | None


class Books(NamedTuple):
    """The class a child is on the books of."""

    status: str
    school_id: int
    class_id: int


class Kin(NamedTuple):
    """The first guardian of a child."""

    name: str
    relation: str
    phone: str


class Run(NamedTuple):
    """A run of absence without leave."""

    first_day: date
    last_day: date
    half_days: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything about some children, each by the child's id; `places` holds every unit they name, by its id."""

    students: Mapping[int, Child]
    enrolments: Mapping[int, Books]
    guardians: Mapping[int, Kin]
    groups: Mapping[int, list[SpecialGroup]]
    spells: Mapping[int, list[Run]]
    open_cases: Mapping[int, Case]
    places: Mapping[int, Place]

    def school_of(self, student_id: int) -> str:
        """Name of the school whose books a child is on; empty where there is none."""
        books = self.enrolments.get(student_id)
        return self.places[books.school_id].name if books else ""


def gather(student_ids: Iterable[int], absent_since: date | None = None) -> Gathered:
    """Children with class, first guardian, groups, absences, open case and places (7 queries for any number).

    Reads the columns ledgers show and no others, as plain rows: half the cost of whole models. Absences that ended
    before `absent_since` are left out.
    """
    ids = list(student_ids)
    students = _students(ids)
    enrolments = _enrolments(ids)
    cases = Case.objects.filter(student_id__in=ids, closed_on__isnull=True).select_related("person")
    named = {pk for books in enrolments.values() for pk in (books.school_id, books.class_id)}
    paths = {path for row in students.values() for path in (row.home_path, row.hukou_path) if path}
    named |= {pk for path in paths for pk in _ids_of(path)}
    units = Unit.objects.filter(pk__in=named).values_list("pk", "kind", "name", "grade")
    return Gathered(
        students=students,
        enrolments=enrolments,
        guardians=_guardians(ids),
        groups=_groups(ids),
        spells=_spells(ids, absent_since),
        open_cases={row.student_id: row for row in cases},
        places={row[0]: Place(*row) for row in units},
    )


def _students(ids: list[int]) -> dict[int, Child]:
    rows = Student.objects.filter(pk__in=ids).values_list(
        *("pk", "name", "sex", "birth_date", "document_number", "record_number"),
        *("residence_address", "hukou_address", "residence__path", "hukou__path"),
    )
    return {row[0]: Child(*row) for row in rows.order_by()}


def _enrolments(ids: list[int]) -> dict[int, Books]:
    rows = Enrolment.objects.filter(student_id__in=ids, last_day__isnull=True).order_by()
    books = rows.values_list("student_id", "status", "school_id", "school_class_id")
    return {pk: Books(status, school, school_class) for pk, status, school, school_class in books}


def _guardians(ids: list[int]) -> dict[int, Kin]:
    rows = Guardian.objects.filter(student_id__in=ids, ended_on__isnull=True)
    found: dict[int, Kin] = {}
    rows = rows.order_by("-is_guardian", "order", "id")
    for pk, name, relation, phone in rows.values_list("student_id", "name", "relation", "phone"):
        found.setdefault(pk, Kin(name, relation, phone))
    return found


def _groups(ids: list[int]) -> dict[int, list[SpecialGroup]]:
    rows = GroupMembership.objects.filter(student_id__in=ids, last_day__isnull=True).order_by("id")
    found: dict[int, list[SpecialGroup]] = {}
    for pk, group in rows.values_list("student_id", "group"):
        found.setdefault(pk, []).append(SpecialGroup(group))
    return found


def _spells(ids: list[int], absent_since: date | None) -> dict[int, list[Run]]:
    rows = Spell.objects.filter(student_id__in=ids)
    if absent_since:
        rows = rows.filter(last_day__gte=absent_since)
    found: dict[int, list[Run]] = {}
    runs = rows.order_by("first_day").values_list("student_id", "first_day", "last_day", "half_days")
    for pk, first_day, last_day, half_days in runs:
        found.setdefault(pk, []).append(Run(first_day, last_day, half_days))
    return found


@lru_cache(maxsize=4096)
def _ids_of(path: str) -> tuple[int, ...]:
    """Ids of a unit and those above it, the unit itself first."""
    return tuple(int(segment) for segment in reversed(path.strip("/").split("/")))


def _place(path: str | None, kind: UnitKind, places: Mapping[int, Place]) -> str:
    above = (places[pk] for pk in _ids_of(path) if pk in places) if path else ()
    return next((place.name for place in above if place.kind == kind), "")


def _hukou(path: str | None, places: Mapping[int, Place]) -> str:
    """A village with its township before it, so that what a cover leaves is the township."""
    line = [places[pk].name for pk in _ids_of(path)[:2] if pk in places] if path else []
    return "".join(reversed(line))


def child_cells(pk: int, known: Gathered) -> dict[str, Any]:
    """The cells that say who a child is, where it lives and where it is on the books."""
    child, books, guardian = known.students[pk], known.enrolments.get(pk), known.guardians.get(pk)
    home, groups, case = child.home_path or child.hukou_path, known.groups.get(pk, []), known.open_cases.get(pk)
    whole, plain = group_words(groups)
    school_class = known.places[books.class_id] if books else None
    grade, number = class_parts(school_class.name, school_class.grade) if school_class else ("", "")
    return {
        "name": child.name,
        "sex": _SEXES.get(child.sex, child.sex),
        "birth_date": child.birth_date,
        "id_number": child.document_number,
        "student_number": child.record_number,
        "guardian": guardian.name if guardian else "",
        "guardian_relation": guardian.relation if guardian else "",
        "phone": guardian.phone if guardian else "",
        "hukou": child.hukou_address or _hukou(child.hukou_path, known.places),
        "address": child.residence_address,
        "township": _place(home, UnitKind.TOWNSHIP, known.places),
        "village": _place(home, UnitKind.VILLAGE, known.places),
        "school": known.school_of(pk),
        "grade": grade,
        "class_name": number,
        "registered": "已报到" if books else "未报到",
        "entry_status": entry_status(
            books.status if books else "", dropped_out=bool(case and case.dropped_out_on), groups=groups
        ),
        "special_group": bool(groups),
        "groups": whole,
        "groups_open": plain,
    }


def risk_of(pk: int, known: Gathered, on: date) -> bool:
    """Whether a child is at risk: an open case, or absence without leave within the last month."""
    lately = any(on - LATELY <= spell.last_day <= on for spell in known.spells.get(pk, []))
    return pk in known.open_cases or lately
