"""Calendar entries: the national table, terms, closures and make-up classes."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from agencies import audit, hooks
from agencies.choices import CalendarKind, Permission, Verb
from agencies.models import CalendarEntry, Unit
from agencies.queries.national_days import national_entries
from agencies.rules.calendar import LONGEST_TERM
from agencies.scope import Actor


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
            rows = [
                CalendarEntry(
                    kind=entry.kind,
                    first_day=entry.first_day,
                    last_day=entry.last_day,
                    name=entry.name,
                    source=entry.source,
                )
                for entry in national_entries(year)
            ]
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
