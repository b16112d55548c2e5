"""Children follow their unit when it is merged or moved: sight, enrolments, homes and the schools of registers."""

from __future__ import annotations

import json
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.rules.calendar import ONE_DAY
from agencies.rules.mergers import UnitMove
from agencies.scope import Actor, not_over
from students.choices import HomeFact, SightWhy
from students.models import Enrolment, HomeChange, Household, RollCall, Sight, Spell, Student

# Why a unit sees a child now, as opposed to formerly or by referral.
PRESENT = (SightWhy.SCHOOL, SightWhy.RESIDENCE, SightWhy.HUKOU)
BATCH = 2000


def children_follow(*, by: Actor, move: UnitMove, now: datetime) -> None:
    """Hook of units: whoever saw through the old unit sees as the new one; enrolments end and begin on the day.

    A fixed number of statements however many children, but for the rows that begin.
    """
    _sight_above(move)
    if move.into is not None:
        _sight_passes(move.unit, move.into)
        _homes(by, move, move.into, now)
    if move.kind == UnitKind.SCHOOL and move.into is not None:
        _enrolments(move, Q(school=move.unit), school=move.into)
        _school_of_registers(Q(school=move.unit), Q(school=move.unit), move.into)
    elif move.kind == UnitKind.CLASS:
        _class_follows(move)


def _class_follows(move: UnitMove) -> None:
    """The children of a class go into the receiving one; of one put under another school they change the school."""
    kept = move.into or move.unit
    school = Unit.objects.get(pk=kept).parent_id or 0
    _enrolments(move, Q(school_class=move.unit), school=school, school_class=move.into)
    enrolled = Enrolment.objects.filter(school_class=kept, last_day__isnull=True).values("student_id")
    calls = Q(school_class=kept) if move.into is None else Q(pk__in=[])
    _school_of_registers(calls, Q(student_id__in=enrolled), school)


def _school_of_registers(calls: Q, spells: Q, school: int) -> None:
    """What is kept beside a register and a run for lists alone: the school to which the class belongs now."""
    RollCall.objects.filter(calls).update(school_id=school)
    Spell.objects.filter(spells).update(school_id=school)


def _enrolments(move: UnitMove, which: Q, *, school: int, school_class: int | None = None) -> None:
    """End the running enrolments the day before and begin them anew, so that the past keeps the old school."""
    standing = Enrolment.objects.filter(which, not_over(move.on))
    running = list(standing.select_for_update().filter(first_day__lt=move.on))
    place = {"school_id": school} | ({"school_class_id": school_class} if school_class else {})
    standing.filter(first_day__gte=move.on).update(**place)
    standing.filter(first_day__lt=move.on).update(last_day=move.on - ONE_DAY)
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                student_id=row.student_id,
                school_id=school,
                school_class_id=school_class or row.school_class_id,
                status=row.status,
                class_number=row.class_number,
                first_day=move.on,
                last_day=row.last_day,
                until=row.until,
                begun_by=row.begun_by,
                proof=move.number[:120],
            )
            for row in running
        ],
        batch_size=BATCH,
    )


def _homes(by: Actor, move: UnitMove, into: int, now: datetime) -> None:
    """Children and households of the closed village or grid live in the receiving one; what stood before is kept."""
    living = list(Student.objects.filter(residence=move.unit).values_list("pk", flat=True))
    before = json.dumps({"residence_id": move.unit})
    HomeChange.objects.bulk_create(
        [
            HomeChange(
                student_id=pk,
                fact=HomeFact.MOVED,
                before=before,
                why=move.sentence[:100],
                recorded_at=now,
                recorded_by=by.name,
            )
            for pk in living
        ],
        batch_size=BATCH,
    )
    Student.objects.filter(residence=move.unit).update(residence=into, changed_at=now)
    Student.objects.filter(hukou=move.unit).update(hukou=into)
    Household.objects.filter(unit=move.unit).update(unit=into)


def _sight_above(move: UnitMove) -> None:
    """Units that ceased to stand above keep a read-only row, those that began to see what the unit sees."""
    for why in PRESENT:
        ids = Sight.objects.filter(unit=move.unit, why=why)
        for unit in move.gone:
            _become_former(Sight.objects.filter(unit=unit, why=why, student_id__in=ids.values("student_id")), unit)
        children = list(ids.values_list("student_id", flat=True)) if move.come else []
        Sight.objects.bulk_create(
            [Sight(unit_id=unit, student_id=pk, why=why) for unit in move.come for pk in children],
            batch_size=BATCH,
            ignore_conflicts=True,
        )
    for unit in (*move.gone, *move.come):
        _drop_needless(unit)


def _become_former(rows: QuerySet[Sight], unit: int) -> None:
    former = Sight.objects.filter(unit=unit, why=SightWhy.FORMER, student_id=OuterRef("student_id"))
    rows.filter(Exists(former)).delete()
    rows.update(why=SightWhy.FORMER, may_write=False)


def _sight_passes(unit: int, into: int) -> None:
    """Every row of the closed unit becomes one of the receiving unit, unless it has that row already."""
    same = Sight.objects.filter(unit=into, student_id=OuterRef("student_id"), why=OuterRef("why"))
    Sight.objects.filter(Exists(same), unit=unit).delete()
    Sight.objects.filter(unit=unit).update(unit=into)
    _drop_needless(into)


def _drop_needless(unit: int) -> None:
    """A unit that sees a child now needs no row that it once did."""
    now = Sight.objects.filter(unit=unit, student_id=OuterRef("student_id"), why__in=PRESENT)
    Sight.objects.filter(Exists(now), unit=unit, why=SightWhy.FORMER).delete()
