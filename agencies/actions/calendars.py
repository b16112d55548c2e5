"""Calendar entries: the national table, terms, closures and make-up classes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby

import chinese_calendar
from django.db import transaction

from agencies import audit, hooks
from agencies.choices import CalendarKind, Permission, Verb
from agencies.models import CalendarEntry, Unit
from agencies.rules.calendar import LONGEST_TERM
from agencies.scope import Actor

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def _days_of(year: int) -> list[tuple[date, CalendarKind, str]]:
    found: list[tuple[date, CalendarKind, str]] = []
    day = date(year, 1, 1)
    while day.year == year:
        off, name = chinese_calendar.get_holiday_detail(day)
        if off and name:
            found.append((day, CalendarKind.HOLIDAY, _NAMES.get(name, name)))
        elif not off and day.weekday() >= 5:
            found.append((day, CalendarKind.MAKEUP_WORKDAY, f"{_NAMES.get(name or '', '')}调休"))
        day += timedelta(days=1)
    return found


def _spans(days: list[tuple[date, CalendarKind, str]]) -> list[tuple[date, date, CalendarKind, str]]:
    def run(item: tuple[int, tuple[date, CalendarKind, str]]) -> tuple[int, str, str]:
        index, (day, kind, name) = item
        return day.toordinal() - index, kind, name

    spans = []
    for _, grouped in groupby(enumerate(days), key=run):
        members = [day for _, day in grouped]
        spans.append((members[0][0], members[-1][0], members[0][1], members[0][2]))
    return spans


def seed_national(*, by: Actor, years: list[int], now: datetime) -> int:
    """Enter the published national holidays of `years`; a year not yet published stays out, so its days are 暂算.

    Running it again adds only what is missing. Returns how many entries were added.
    Source: 国务院办公厅关于部分节假日安排的通知, by way of the chinesecalendar table.
    """
    made = 0
    with transaction.atomic():
        for year in years:
            if CalendarEntry.objects.filter(
                unit__isnull=True, kind=CalendarKind.PUBLISHED, first_day=date(year, 1, 1)
            ).exists():
                continue
            try:
                spans = _spans(_days_of(year))
            except NotImplementedError:
                continue
            rows = [
                CalendarEntry(kind=kind, first_day=first, last_day=last, name=name, source=f"国务院办公厅{year}年通知")
                for first, last, kind, name in spans
            ]
            rows.append(
                CalendarEntry(
                    kind=CalendarKind.PUBLISHED,
                    first_day=date(year, 1, 1),
                    last_day=date(year, 12, 31),
                    name=f"{year}年",
                    source=f"国务院办公厅{year}年通知",
                )
            )
            made += len(CalendarEntry.objects.bulk_create(rows))
        if made:
            audit.record(by=by, verb=Verb.CALENDAR_CHANGED, kind="calendar", now=now, detail={"years": years})
            hooks.calendar_changed([], by=by, now=now)
    return made


def add_entry(
    *,
    by: Actor,
    unit: Unit,
    kind: CalendarKind,
    first_day: date,
    last_day: date,
    name: str,
    now: datetime,
    grade: int | None = None,
    source: str = "",
) -> CalendarEntry:
    """Add a term, a closure (停课) or extra classes (补课) for a unit and below; ValueError if reversed."""
    by.require_at(Permission.EDIT_CALENDAR, unit.path)
    if last_day < first_day:
        raise ValueError("结束日期早于开始日期，请改正。")
    if kind == CalendarKind.TERM and (last_day - first_day).days > LONGEST_TERM:
        raise ValueError(f"一个学期不会超过{LONGEST_TERM}天，请检查起止日期。")
    with transaction.atomic():
        entry, made = CalendarEntry.objects.get_or_create(
            unit=unit,
            kind=kind,
            first_day=first_day,
            last_day=last_day,
            grade=grade,
            defaults={"name": name, "source": source},
        )
        if made:
            audit.record(
                by=by,
                verb=Verb.CALENDAR_CHANGED,
                kind="calendar",
                object_id=entry.pk,
                unit_path=unit.path,
                now=now,
                detail={"kind": kind, "from": first_day.isoformat(), "to": last_day.isoformat(), "name": name},
            )
            hooks.calendar_changed([unit.pk], by=by, now=now)
    return entry


def remove_entry(*, by: Actor, entry: CalendarEntry, now: datetime) -> None:
    """Take an entry of a unit back; what it said stays in the audit trail."""
    if entry.unit is None:
        raise ValueError("全国节假日表不能在此删除。")
    by.require_at(Permission.EDIT_CALENDAR, entry.unit.path)
    unit = entry.unit
    with transaction.atomic():
        detail = {
            "removed": entry.kind,
            "from": entry.first_day.isoformat(),
            "to": entry.last_day.isoformat(),
            "name": entry.name,
        }
        entry.delete()
        audit.record(by=by, verb=Verb.CALENDAR_CHANGED, kind="calendar", unit_path=unit.path, now=now, detail=detail)
        hooks.calendar_changed([unit.pk], by=by, now=now)
