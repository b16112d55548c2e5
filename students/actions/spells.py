"""Runs of unexcused absence kept beside the roll, for lists over a whole county."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from agencies.rules.calendar import Calendar
from agencies.scope import Actor
from students.models import Spell
from students.queries.roll import roll_facts_of
from students.rules.attendance import spells

# A run is looked for from the term's first day; outside a term, this far back.
DAYS_BACK = 200


def refresh_spells(*, by: Actor, student_ids: Iterable[int], school: int, calendar: Calendar, on: date) -> None:
    """Rebuild the runs of these children in the term of `on` from their marks (5 queries for any number).

    Runs inside the caller's transaction; it is a cache, so it leaves no audit row of its own.
    """
    ids = sorted(set(student_ids))
    term = calendar.term_of(on)
    since = term.first_day if term else on - timedelta(days=DAYS_BACK)
    facts = roll_facts_of(ids, since)
    last_mark = max((mark.day for fact in facts.values() for mark in fact.marks), default=on)
    until = min(last_mark, term.last_day) if term else max(last_mark, on)
    Spell.objects.filter(student_id__in=ids, first_day__gte=since).delete()
    Spell.objects.bulk_create(
        [
            Spell(student_id=pk, school_id=school, first_day=first, last_day=last, half_days=halves)
            for pk in ids
            for first, last, halves in spells(facts[pk], calendar, until)
        ]
    )
