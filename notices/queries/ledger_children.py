"""Children as ledgers list them: who belongs on a sheet, and everything about some of them in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.scope import Actor
from cases.models import Case
from notices.rules.ledger_words import class_parts, entry_status, group_words
from students.choices import AbsenceReason, SpecialGroup
from students.models import Absence, Enrolment, GroupMembership, Guardian, Spell, Student

UNEXCUSED = (AbsenceReason.UNEXCUSED, AbsenceReason.WHEREABOUTS_UNKNOWN)
# Absence of so many days before the ledger's day makes a child one at risk.
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ledger as asked for: by whom, of which unit, from which day to which, for children of which ages."""

    actor: Actor
    unit: Unit
    first: date
    last: date
    ages: tuple[int, int]


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


def base_ids(wanted: Wanted) -> list[int]:
    """Every child of compulsory-school age of the unit, by home and name (1 query)."""
    rows = Student.objects.visible_to(wanted.actor, Permission.VIEW_LEDGER).filter(_here(wanted), _of_age(wanted))
    return list(rows.order_by("residence__path", "sort_key", "pk").values_list("pk", flat=True))


def risk_ids(wanted: Wanted) -> list[int]:
    """Pupils of the unit with an open case, or absent without leave within the period (1 query)."""
    enrolled = Enrolment.objects.filter(
        student_id=OuterRef("pk"), last_day__isnull=True, school_class__path__startswith=wanted.unit.path
    )
    case = Case.objects.filter(student_id=OuterRef("pk"), closed_on__isnull=True, opened_on__lte=wanted.last)
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
    if wanted.unit.kind in (UnitKind.VILLAGE, UnitKind.GRID):
        return Q(Exists(enrolled)) & Q(residence__path__startswith=wanted.unit.path)
    return Q(Exists(enrolled.filter(school_class__path__startswith=wanted.unit.path)))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything about some children, each by the child's id."""

    students: Mapping[int, Student]
    enrolments: Mapping[int, Enrolment]
    guardians: Mapping[int, Guardian]
    groups: Mapping[int, list[SpecialGroup]]
    spells: Mapping[int, list[Spell]]
    open_cases: Mapping[int, Case]
    places: Mapping[int, Unit]


def gather(student_ids: Iterable[int]) -> Gathered:
    """Children with class, first guardian, groups, absences, open case and places (7 queries for any number)."""
    ids = list(student_ids)
    students = Student.objects.select_related("residence", "hukou").in_bulk(ids)
    enrolments = Enrolment.objects.filter(student_id__in=ids, last_day__isnull=True)
    guardians: dict[int, Guardian] = {}
    for row in Guardian.objects.filter(student_id__in=ids, ended_on__isnull=True).order_by(
        "-is_guardian", "order", "id"
    ):
        guardians.setdefault(row.student_id, row)
    groups: dict[int, list[SpecialGroup]] = {}
    for member in GroupMembership.objects.filter(student_id__in=ids, last_day__isnull=True).order_by("id"):
        groups.setdefault(member.student_id, []).append(SpecialGroup(member.group))
    spells: dict[int, list[Spell]] = {}
    for spell in Spell.objects.filter(student_id__in=ids).order_by("first_day"):
        spells.setdefault(spell.student_id, []).append(spell)
    cases = Case.objects.filter(student_id__in=ids, closed_on__isnull=True).select_related("person")
    homes = [unit for row in students.values() if (unit := row.residence or row.hukou)]
    return Gathered(
        students=students,
        enrolments={row.student_id: row for row in enrolments.select_related("school", "school_class")},
        guardians=guardians,
        groups=groups,
        spells=spells,
        open_cases={row.student_id: row for row in cases},
        places=Unit.objects.in_bulk({pk for unit in homes for pk in unit.ancestor_ids}),
    )


def _place(unit: Unit | None, kind: UnitKind, places: Mapping[int, Unit]) -> str:
    found = (places[pk] for pk in reversed(unit.ancestor_ids) if pk in places) if unit else ()
    return next((place.name for place in found if place.kind == kind), "")


def child_cells(pk: int, known: Gathered) -> dict[str, Any]:
    """The cells that say who a child is, where it lives and where it is on the books."""
    child, enrolment, guardian = known.students[pk], known.enrolments.get(pk), known.guardians.get(pk)
    home, groups, case = child.residence or child.hukou, known.groups.get(pk, []), known.open_cases.get(pk)
    whole, plain = group_words(groups)
    grade, number = class_parts(enrolment.school_class.name, enrolment.school_class.grade) if enrolment else ("", "")
    return {
        "name": child.name,
        "sex": str(child.get_sex_display()),
        "birth_date": child.birth_date,
        "id_number": child.document_number,
        "student_number": child.record_number,
        "guardian": guardian.name if guardian else "",
        "guardian_relation": guardian.relation if guardian else "",
        "phone": guardian.phone if guardian else "",
        "hukou": child.hukou_address or (child.hukou.name if child.hukou else ""),
        "address": child.residence_address,
        "township": _place(home, UnitKind.TOWNSHIP, known.places),
        "village": _place(home, UnitKind.VILLAGE, known.places),
        "school": enrolment.school.name if enrolment else "",
        "grade": grade,
        "class_name": number,
        "registered": "已报到" if enrolment else "未报到",
        "entry_status": entry_status(enrolment.status if enrolment else "", case.stage if case else "", groups),
        "special_group": bool(groups),
        "groups": whole,
        "groups_open": plain,
    }


def risk_of(pk: int, known: Gathered, on: date) -> bool:
    """Whether a child is at risk: an open case, or absence without leave within the last month."""
    lately = any(on - LATELY <= spell.last_day <= on for spell in known.spells.get(pk, []))
    return pk in known.open_cases or lately
