"""Runs of unexcused absence kept beside the roll, for lists over a whole county."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from agencies.hooks import Write
from agencies.models import AuditRow
from agencies.rules.calendar import Calendar
from agencies.scope import Actor
from students.models import Spell
from students.rules.attendance import RollFacts, spells


def runs_to_keep(
    *,
    by: Actor,
    rolls: Mapping[int, RollFacts],
    school_id: int,
    calendar: Calendar,
    on: date,
    only_grown: bool = False,
) -> Write:
    """The runs of these children's rolls, to be written anew (1 query when runs can only have grown, else 2).

    What it returns runs inside the caller's transaction; a cache, so it leaves no audit row of its own.
    """
    rows = [
        Spell(
            student_id=pk, school_id=school_id, first_day=run.first_day, last_day=run.last_day, half_days=run.half_days
        )
        for pk, roll in rolls.items()
        for run in spells(roll, calendar, max((mark.day for mark in roll.marks), default=on))
    ]
    first = min((mark.day for roll in rolls.values() for mark in roll.marks), default=on)

    def write() -> list[AuditRow]:
        if not only_grown:
            Spell.objects.filter(student_id__in=list(rolls), last_day__gte=min(first, on)).delete()
        Spell.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["student", "first_day"],
            update_fields=["last_day", "half_days", "school"],
        )
        return []

    return write
