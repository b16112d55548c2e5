"""Answer the roll's question: would this change of a past day take an opened duty away?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from cases.actions.refresh import with_units
from cases.models import Case
from cases.queries.facts import Known, known_of_cases
from cases.rules.corrections import duties_lost
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import Mark, RollFacts


def _with_change(known: Known, day: date, reason: str, now: datetime) -> Known:
    marks = tuple(mark for mark in known.roll.marks if mark.day != day)
    if reason:
        marks += (Mark(day, PartOfDay.DAY, AbsenceReason(reason), now),)
    return replace(known, roll=RollFacts(marks, known.roll.taken))


def children_losing_duties(wanted: dict[int, str], day: date, now: datetime) -> set[int]:
    """Ids of the children with an open case whose opened duties would not all stand after the change."""
    on = now.date()
    ids = Case.objects.filter(student_id__in=wanted, closed_on__isnull=True).values_list("pk", flat=True)
    cases = with_units(ids)
    known = known_of_cases(cases, on)
    return {
        case.student_id
        for case in cases
        if duties_lost(
            known[case.pk].standing(on), _with_change(known[case.pk], day, wanted[case.student_id], now).standing(on)
        )
    }
