"""The calendar of a unit: a year month by month, and the terms, closures and extra classes that make it."""

from __future__ import annotations

import calendar as months
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.actions import calendars
from agencies.choices import CalendarKind, Permission, UnitKind
from agencies.forms import CalendarForm
from agencies.models import CalendarEntry, Unit
from agencies.models.unit import UnitQuerySet
from agencies.queries.calendars import calendar_of, entries_of
from agencies.rules.calendar import WEEKDAYS, Calendar
from agencies.rules.county_text import EARLIEST, LATEST
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, one_or_404, today

EDITS = Permission.EDIT_CALENDAR


@needs(EDITS, Permission.VIEW_ROLL)
def index(request: HttpRequest) -> HttpResponse:
    """A year of one unit; POST adds an entry."""
    actor = actor_of(request)
    unit = _unit(request, actor)
    may_edit = actor.can_at(EDITS, unit.path)
    first = {"first_day": today(), "last_day": today()}
    form = CalendarForm(request.POST or None, initial=first) if may_edit else None
    if request.method == "POST":
        actor.require_at(EDITS, unit.path)
        if form is not None and form.is_valid() and _add(request, actor, unit, form):
            return redirect(
                f"{reverse('agencies:calendar')}?unit={unit.pk}&year={form.cleaned_data['first_day'].year}"
            )
    year = _year(request)
    found = calendar_of(unit, date(year, 1, 1))
    context = {
        "unit": unit,
        "year": year,
        "years": [_link(unit, year - 1), _link(unit, year + 1)],
        "units": _around(actor, unit),
        "months": [_month(found, year, month) for month in range(1, 13)],
        "weekdays": WEEKDAYS,
        "provisional": found.is_provisional(date(year, 7, 1)),
        "entries": _entries(actor, unit, year),
        "form": form,
    }
    return render(request, "agencies/calendar.html", context, status=400 if request.method == "POST" else 200)


def _seen(actor: Actor) -> UnitQuerySet:
    return Unit.objects.visible_to(actor, EDITS) | Unit.objects.visible_to(actor, Permission.VIEW_ROLL)


def _unit(request: HttpRequest, actor: Actor) -> Unit:
    asked = request.GET.get("unit")
    if asked:
        return one_or_404(_seen(actor), pk=asked)
    own = [*actor.units(EDITS), *actor.units(Permission.VIEW_ROLL)]
    return one_or_404(_seen(actor), pk=own[0])


def _year(request: HttpRequest) -> int:
    year = whole(request.GET.get("year") or str(today().year))
    if year is None or not EARLIEST.year <= year <= LATEST.year:
        raise Http404("年份应在2000至2100之间。")
    return year


def _link(unit: Unit, year: int) -> dict[str, str]:
    return {"label": f"{year}年", "url": f"{reverse('agencies:calendar')}?unit={unit.pk}&year={year}"}


def _around(actor: Actor, unit: Unit) -> list[Unit]:
    """Units one step up or down whose calendar this person may open; only those that have one of their own."""
    kinds = (UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL, UnitKind.CLASS)
    rows = _seen(actor).filter(kind__in=kinds, last_day__isnull=True)
    return list(rows.filter(parent=unit) | rows.filter(pk=unit.parent_id or 0))


def _month(found: Calendar, year: int, month: int) -> dict[str, Any]:
    weeks = [
        [_cell(found, date(year, month, day)) if day else None for day in week]
        for week in months.monthcalendar(year, month)
    ]
    here = today()
    return {"label": f"{month}月", "weeks": weeks, "now": (year, month) == (here.year, here.month)}


def _cell(found: Calendar, day: date) -> dict[str, Any]:
    """One day: its number, a one-letter mark, a class for the colour, and the whole sentence."""
    why, work = found.why_closed(day), found.why_not_working(day)
    if found.is_school_day(day):
        special = not found.is_working(day) or day.weekday() > 4
        tone, mark, text = ("makeup", "课", "上课（调休或补课）") if special else ("school", "", "上课")
    elif why.startswith("停课"):
        tone, mark, text = "closed", "停", why
    elif work.endswith("放假"):
        tone, mark, text = "holiday", "休", work
    elif day.weekday() > 4:
        tone, mark, text = "weekend", "", work or why
    else:
        tone, mark, text = "break", "", why
    return {"day": day.day, "mark": mark, "tone": tone, "title": f"{day_label(day)} {text}", "today": day == today()}


def _entries(actor: Actor, unit: Unit, year: int) -> list[dict[str, Any]]:
    """What makes this calendar: national, from above, own; own ones of the subtree's editor can be taken back."""
    return [
        {
            "pk": row.pk,
            "kind": row.get_kind_display(),
            "name": row.name,
            "days": _days(row),
            "grade": f"{row.grade}年级" if row.grade else "",
            "unit": row.unit.name if row.unit else "全国",
            "removable": row.unit_id is not None and actor.can_at(EDITS, row.unit.path if row.unit else ""),
        }
        for row in entries_of(unit, year)
        if row.kind != CalendarKind.PUBLISHED
    ]


def _days(row: CalendarEntry) -> str:
    first = day_label(row.first_day)
    return first if row.last_day == row.first_day else f"{first} 至 {day_label(row.last_day)}"


def _add(request: HttpRequest, actor: Actor, unit: Unit, form: CalendarForm) -> bool:
    data = form.cleaned_data
    try:
        entry = calendars.add_entry(by=actor, unit=unit, **{**data, "kind": CalendarKind(data["kind"])}, now=now())
    except ValueError as error:
        form.add_error("last_day", str(error))
        return False
    whom = f"{unit.name}{entry.grade}年级" if entry.grade else unit.name
    days = _days(entry)
    messages.success(
        request, f"已为{whom}登记{entry.get_kind_display()}“{entry.name}”：{days}；受影响的期限会重新计算。"
    )
    return True


@require_POST
@needs(EDITS)
def calendar_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an entry back."""
    actor = actor_of(request)
    entry = one_or_404(CalendarEntry.objects.visible_to(actor, EDITS).select_related("unit"), pk=pk)
    unit_id, name = entry.unit_id, entry.name
    calendars.remove_entry(by=actor, entry=entry, now=now())
    messages.success(request, f"已撤回“{name}”；受影响的期限会重新计算。")
    return redirect(f"{reverse('agencies:calendar')}?unit={unit_id}&year={entry.first_day.year}")
