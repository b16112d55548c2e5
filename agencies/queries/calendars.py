"""Calendars of units, put together from national, county, school and class entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from agencies.choices import CalendarKind
from agencies.models import CalendarEntry, Unit
from agencies.rules.calendar import Calendar, Entry, narrowed

# How far back a calendar reaches: two school years behind the day asked about.
YEARS_BACK = 2


@lru_cache(maxsize=256)
def _shared(entries: tuple[Entry, ...]) -> Calendar:
    """One Calendar object per distinct set of entries: thousands of classes share a few."""
    return Calendar(entries)


class _Row(NamedTuple):
    unit_id: int | None
    kind: str
    first_day: date
    last_day: date
    name: str
    source: str
    grade: int | None


def _entry(row: _Row, depths: dict[int, int]) -> Entry:
    return Entry(
        kind=CalendarKind(row.kind),
        first_day=row.first_day,
        last_day=row.last_day,
        name=row.name,
        source=row.source,
        depth=depths[row.unit_id] if row.unit_id else 0,
        grade=row.grade,
    )


@lru_cache(maxsize=256)
def _made(rows: tuple[_Row, ...], above: tuple[tuple[int, int], ...], grade: int | None) -> Calendar:
    """The calendar these rows make for a unit under these speakers (id, depth), built once."""
    depths = dict(above)
    entries = tuple(_entry(row, depths) for row in rows if row.unit_id is None or row.unit_id in depths)
    return _shared(narrowed(entries, grade))


# Asked with every page and save of a roll, so written by hand (docs/decisions/0013-sql-by-hand.md).
_ENTRIES = """
SELECT unit_id, kind, first_day, last_day, name, source, grade FROM agencies_calendarentry
WHERE last_day >= %s AND (unit_id IS NULL OR unit_id IN ({units})) ORDER BY first_day, id
"""


def _rows(unit_ids: Iterable[int], on: date) -> tuple[_Row, ...]:
    asked = sorted(set(unit_ids))
    with connection.cursor() as cursor:
        statement = _ENTRIES.format(units=", ".join(["%s"] * len(asked)) or "NULL")
        cursor.execute(statement, [date(on.year - YEARS_BACK, 1, 1), *asked])
        return tuple(map(_Row._make, cursor.fetchall()))


def calendars_of(units: Iterable[Unit], on: date) -> dict[int, Calendar]:
    """Calendar of each unit as it stands (1 query for all); `on` bounds how far back entries are read."""
    units = list(units)
    rows = _rows((pk for unit in units for pk in unit.ancestor_ids), on)
    speaking = {row.unit_id for row in rows}
    # Units under the same speakers and of one grade share a calendar: it is put together once, not once a class.
    shared: dict[tuple[tuple[tuple[int, int], ...], int | None], Calendar] = {}
    made: dict[int, Calendar] = {}
    for unit in units:
        above = tuple((pk, depth) for depth, pk in enumerate(unit.ancestor_ids, start=1) if pk in speaking)
        key = (above, unit.grade)
        if key not in shared:
            shared[key] = _made(rows, above, unit.grade)
        made[unit.pk] = shared[key]
    return made


def calendar_of(unit: Unit, on: date) -> Calendar:
    """Calendar of one unit (1 query)."""
    return calendars_of([unit], on)[unit.pk]


def entries_of(unit: Unit, year: int) -> list[CalendarEntry]:
    """The entries that touch a year of this unit: national ones, those of units above and its own (1 query)."""
    rows = CalendarEntry.objects.filter(
        Q(unit__isnull=True) | Q(unit_id__in=unit.ancestor_ids),
        first_day__lte=date(year, 12, 31),
        last_day__gte=date(year, 1, 1),
    )
    return list(rows.select_related("unit").order_by("first_day", "id"))


def said_above(unit: Unit, entry: Entry) -> bool:
    """Whether a unit above already has this line: a township need not repeat the terms of its county (1 query)."""
    above = [pk for pk in unit.ancestor_ids if pk != unit.pk]
    same = {"kind": entry.kind, "first_day": entry.first_day, "last_day": entry.last_day, "grade": entry.grade}
    return CalendarEntry.objects.filter(unit_id__in=above, **same).exists()
