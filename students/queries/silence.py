"""Which classes have not reported, since when, and who owes an answer for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Min

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.queries.calendars import calendars_of
from agencies.rules.calendar import Calendar
from agencies.scope import current
from students.models import Enrolment, RollCall
from students.queries.roll import EXPECTED
from students.rules.silence import Silence, silence


@dataclass(frozen=True, slots=True)
class SilentClass:
    """A class with school days that have no register."""

    school_class: Unit
    silence: Silence

    @property
    def owner(self) -> str:
        """`principal` or `bureau`."""
        return self.silence.owner


def expected_in(class_ids: Iterable[int], day: date) -> dict[int, int]:
    """应到 of each class on a day (1 query); classes without children are left out."""
    rows = Enrolment.objects.filter(current(day), school_class_id__in=list(class_ids), status__in=EXPECTED)
    return dict(rows.values_list("school_class_id").annotate(n=Count("id")).order_by())


def silences(classes: Iterable[Unit], calendars: dict[int, Calendar], on: date) -> dict[int, Silence]:
    """The silence of each class before a day (1 query for any number of classes)."""
    rows = list(classes)
    terms = [term.first_day for row in rows if (term := calendars[row.pk].term_of(on))]
    if not terms:
        return {row.pk: Silence(None, 0, 0) for row in rows}
    taken = {
        class_id: (count, first, last)
        for class_id, count, first, last in RollCall.objects.filter(
            school_class_id__in=[row.pk for row in rows], day__gte=min(terms), day__lt=on
        )
        .values_list("school_class_id")
        .annotate(count=Count("day", distinct=True), first=Min("day"), last=Max("day"))
        .order_by()
    }
    # A school owes registers from the day it first took one; one that never did owes them since the term began.
    school_first: dict[int | None, date] = {}
    for row in rows:
        if row.pk in taken:
            first = taken[row.pk][1]
            school_first[row.parent_id] = min(first, school_first.get(row.parent_id, first))
    found = {}
    for row in rows:
        count, _, last = taken.get(row.pk, (0, None, None))
        begins = max((d for d in (school_first.get(row.parent_id), row.first_day) if d), default=None)
        found[row.pk] = silence(calendars[row.pk], begins=begins, taken=count, last=last, on=on)
    return found


def silent_classes(unit: Unit, on: date) -> list[SilentClass]:
    """Classes with children under a unit (school, township, county) that owe registers, the longest silent first.

    Four queries for any size. `on` itself is not counted: a class is silent once a school day has passed without one.
    """
    classes = list(
        Unit.objects.filter(kind=UnitKind.CLASS, path__startswith=unit.path, last_day__isnull=True).select_related(
            "parent"
        )
    )
    enrolled = set(
        Enrolment.objects.filter(current(on - timedelta(days=1)), status__in=EXPECTED)
        .filter(school_class__path__startswith=unit.path)
        .values_list("school_class_id", flat=True)
        .distinct()
        .order_by()
    )
    classes = [row for row in classes if row.pk in enrolled]
    found = silences(classes, calendars_of(classes, on), on)
    silent = [SilentClass(row, found[row.pk]) for row in classes if found[row.pk].owner]
    return sorted(silent, key=lambda row: (-row.silence.days, -row.silence.missing, row.school_class.path))
