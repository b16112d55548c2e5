"""Which classes have not reported, since when, and who owes an answer for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from agencies.choices import UnitKind
from agencies.models import CalendarEntry, Unit
from agencies.queries.calendars import calendar_of, calendars_of
from agencies.rules.calendar import BOTH, Calendar
from agencies.scope import current
from students.choices import PartOfDay
from students.models import Enrolment, RollCall
from students.queries.roll import expected_on
from students.rules.roll import BITS
from students.rules.silence import Silence, silence

# Above so many places with calendar lines of their own every class is looked at by itself.
MANY = 50


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
    rows = Enrolment.objects.filter(current(day), expected_on(day), school_class_id__in=list(class_ids))
    return dict(rows.values_list("school_class_id").annotate(n=Count("id")).order_by())


def silences(
    classes: Iterable[Unit],
    calendars: dict[int, Calendar],
    on: date,
    *,
    begun: Mapping[int, date] | None = None,
) -> dict[int, Silence]:
    """The silence of each class before a day (1 query for any number of classes).

    `begun`: the first register of each school; found among the given classes unless they are only some of a school.
    """
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
    school_first.update((begun or {}).items())
    for row in rows:
        if begun is None and row.pk in taken:
            first = taken[row.pk][1]
            school_first[row.parent_id] = min(first, school_first.get(row.parent_id, first))
    halved = {row.pk: calendars[row.pk] for row in rows if row.pk in taken and calendars[row.pk].halved}
    short = _short_days(halved, min(terms), on)
    found = {}
    for row in rows:
        count, _, last = taken.get(row.pk, (0, None, None))
        if row.pk in short:
            days, last = short[row.pk]
            count -= days
        begins = max((d for d in (school_first.get(row.parent_id), row.first_day) if d), default=None)
        found[row.pk] = silence(calendars[row.pk], begins=begins, taken=count, last=last, on=on)
        if row.pk in short:
            found[row.pk] = replace(found[row.pk], half=short[row.pk][0])
    return found


def _short_days(calendars: Mapping[int, Calendar], since: date, on: date) -> dict[int, tuple[int, date | None]]:
    """Classes that owe registers of halves: days of which one half is missing, and the last whole day (1 query)."""
    covered: dict[int, dict[date, int]] = {pk: {} for pk in calendars}
    calls = RollCall.objects.filter(school_class_id__in=list(calendars), day__gte=since, day__lt=on)
    for class_id, day, part in calls.values_list("school_class_id", "day", "part") if calendars else ():
        covered[class_id][day] = covered[class_id].get(day, 0) | BITS[PartOfDay(part)]
    found = {}
    for pk, days in covered.items():
        whole = [day for day, bits in days.items() if not calendars[pk].half_days.get(day, BOTH) & ~bits]
        found[pk] = (len(days) - len(whole), max(whole, default=None))
    return found


def first_registers(school_ids: Iterable[int | None], since: date, on: date) -> dict[int, date]:
    """The first register of each school from `since` to before `on` (1 query, one index look a class)."""
    first = RollCall.objects.filter(school_class_id=OuterRef("pk"), day__gte=since, day__lt=on)
    classes = Unit.objects.filter(kind=UnitKind.CLASS, parent_id__in={pk for pk in school_ids if pk})
    found: dict[int, date] = {}
    rows = classes.order_by().annotate(first=Subquery(first.order_by("day").values("day")[:1]))
    for school_id, day in rows.values_list("parent_id", "first"):
        if school_id and day:
            found[school_id] = min(day, found.get(school_id, day))
    return found


def own_calendars(unit: Unit) -> Q:
    """Condition “the class may have other school days than the unit”: lines below it, lines for a grade (1 query).

    Everything else below the unit lives by the unit's calendar, and need not be looked at class by class.
    """
    lines = CalendarEntry.objects.filter(
        Q(unit__path__startswith=unit.path) | Q(unit_id__in=unit.ancestor_ids) | Q(unit__isnull=True)
    )
    told = lines.order_by().exclude(unit_id=unit.pk, grade__isnull=True).values_list("unit__path", "grade").distinct()
    paths, grades = set[str](), set[int]()
    for path, grade in told:
        if path and len(path) > len(unit.path):
            paths.add(path)
        elif grade:
            grades.add(grade)
    if len(paths) > MANY:
        return ~Q(pk__in=[])
    condition = Q(grade__in=grades)
    for path in paths:
        condition |= Q(path__startswith=path)
    return condition


def _registers(first: date, on: date) -> Coalesce:
    """Days with a register of a class, an afternoon's own one left out: never more than there are."""
    taken = RollCall.objects.filter(school_class_id=OuterRef("pk"), day__gte=first, day__lt=on)
    counted = taken.exclude(part=PartOfDay.AFTERNOON).order_by().values("school_class_id").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def silent_classes(unit: Unit, on: date) -> list[SilentClass]:
    """Classes with children under a unit (school, township, county) that owe registers, the longest silent first.

    Six queries for any size. `on` itself is not counted: a class is silent once a school day has passed without one.
    Classes that took as many registers as the unit had school days are left out by the database.
    """
    calendar = calendar_of(unit, on)
    term = calendar.term_of(on)
    owed = len(calendar.school_days(term.first_day, on - timedelta(days=1))) if term else 0
    since = term.first_day if term else on
    before = on - timedelta(days=1)
    enrolled = Enrolment.objects.filter(current(before), expected_on(before), school_class_id=OuterRef("pk"))
    rows = Unit.objects.filter(kind=UnitKind.CLASS, path__startswith=unit.path, last_day__isnull=True)
    rows = rows.filter(Exists(enrolled)).annotate(taken=_registers(since, on))
    if not calendar.halved:
        # Where every class owes an afternoon's register, only looking at each tells which one is missing.
        rows = rows.filter(Q(taken__lt=owed) | own_calendars(unit))
    classes = list(rows.select_related("parent"))
    calendars = calendars_of(classes, on)
    terms = [term.first_day for row in classes if (term := calendars[row.pk].term_of(on))]
    begun = first_registers({row.parent_id for row in classes}, min(terms, default=on), on)
    found = silences(classes, calendars, on, begun=begun)
    silent = [SilentClass(row, found[row.pk]) for row in classes if found[row.pk].owner]
    return sorted(silent, key=lambda row: (-row.silence.days, -row.silence.missing, row.school_class.path))
