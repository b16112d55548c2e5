"""Answer the roll's question: would this change of a past day take an opened duty away?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from cases.actions.refresh import with_units
from cases.models import Case
from cases.queries.facts import Known, known_of_cases
from cases.rules.corrections import duties_lost
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import Mark
from students.rules.roll import overlap, rest_of


def _with_change(known: Known, day: date, reason: str, now: datetime, part: PartOfDay) -> Known:
    marks: tuple[Mark, ...] = ()
    for mark in known.roll.marks:
        if mark.day != day or not overlap(mark.part, part):
            marks += (mark,)
        elif left := rest_of(mark.part, part):
            marks += (replace(mark, part=left),)
    if reason:
        marks += (Mark(day, part, AbsenceReason(reason), now),)
    return replace(known, roll=replace(known.roll, marks=marks))


def children_losing_duties(wanted: dict[int, str], day: date, now: datetime, part: str) -> set[int]:
    """Ids of the children with an open case whose opened duties would not all stand after the change.

    `part`: the part of the day whose register is corrected; the other half of a whole day's mark stands.
    """
    on = now.date()
    ids = Case.objects.filter(student_id__in=wanted, closed_on__isnull=True).values_list("pk", flat=True)
    cases = with_units(ids)
    known = known_of_cases(cases, on)
    return {
        case.student_id
        for case in cases
        if duties_lost(
            known[case.pk].standing(on),
            _with_change(known[case.pk], day, wanted[case.student_id], now, PartOfDay(part)).standing(on),
        )
    }
