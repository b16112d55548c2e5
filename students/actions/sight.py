"""Sight rows: written whenever a child's class, residence or 户籍 changes; rebuilt whole by a command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from agencies.bulk import insert_all
from agencies.models import Unit
from agencies.scope import Actor
from students.choices import SightWhy
from students.models import Enrolment, Sight, Student


@dataclass(frozen=True, slots=True)
class Places:
    """The three units a child hangs on: class, residence, 户籍 (any may be missing)."""

    student_id: int
    school_class: Unit | None
    residence: Unit | None
    hukou: Unit | None


def rows_for(places: Places) -> list[Sight]:
    """Sight rows of one child: every ancestor of each place, the place itself included."""
    wanted = (
        (places.school_class, SightWhy.SCHOOL),
        (places.residence, SightWhy.RESIDENCE),
        (places.hukou, SightWhy.HUKOU),
    )
    return [
        Sight(unit_id=unit_id, student_id=places.student_id, why=why)
        for unit, why in wanted
        if unit is not None
        for unit_id in unit.ancestor_ids
    ]


def places_of(students: Iterable[Student]) -> list[Places]:
    """Where these children are now (2 queries)."""
    rows = list(students)
    classes = {
        enrolment.student_id: enrolment.school_class
        for enrolment in Enrolment.objects.filter(
            student__in=[row.pk for row in rows], last_day__isnull=True
        ).select_related("school_class")
    }
    units = Unit.objects.in_bulk({pk for row in rows for pk in (row.residence_id, row.hukou_id) if pk})
    return [
        Places(row.pk, classes.get(row.pk), units.get(row.residence_id or 0), units.get(row.hukou_id or 0))
        for row in rows
    ]


def rebuild_sight(*, by: Actor, students: Iterable[Student]) -> int:
    """Write the sight of these children anew; whoever saw a child until now keeps a read-only row.

    Returns the number of rows the children have afterwards. Runs inside the caller's transaction.
    """
    rows = list(students)
    wanted = [row for places in places_of(rows) for row in rows_for(places)]
    seen_now = {(row.unit_id, row.student_id) for row in wanted}
    with transaction.atomic():
        old = Sight.objects.filter(student__in=[row.pk for row in rows]).exclude(why=SightWhy.REFERRAL)
        former = {pair for pair in old.values_list("unit_id", "student_id") if pair not in seen_now}
        old.delete()
        wanted += [
            Sight(unit_id=unit, student_id=student, why=SightWhy.FORMER, may_write=False)
            for unit, student in sorted(former)
        ]
        insert_all(wanted)
    return len(wanted)
