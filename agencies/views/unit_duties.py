"""Duties of units: what is overdue and due, a period recorded as done, a wrong record replaced, who has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from agencies.actions import unit_duties
from agencies.actions.unit_duties import RECORD, Done, may_record
from agencies.choices import UnitKind
from agencies.forms import UnitDutyFilter, UnitDutyForm
from agencies.models import Unit, UnitDutyDone
from agencies.queries.unit_duties import SEES, UnitDutyRow, duty_of, duty_rows, units_seen
from agencies.rules.policy_reading import NOT_IN_PLAN
from agencies.rules.quoting import taken_over
from agencies.rules.unit_reading import KINDS, RHYTHMS, other_reading
from agencies.rules.unit_state import DONE, DONE_LATE, OPEN, OVERDUE, SHOWN_LATE, SOON, STATES, group_of
from agencies.scope import Actor
from agencies.web import actor_of, back, day_label, needs, now, one_or_404, parse_day, say_refused, today

PAGE_SIZE = 50
_TONES = {OVERDUE: "danger", OPEN: "", DONE_LATE: "warn", DONE: "good"}
_ORDER = tuple(STATES)
_GROUPS = {"late": "逾期未办", "soon": f"{SOON}天内到期", "later": "以后到期", "done": "本期已办"}


@needs(*SEES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """This period's duties of the units one answers for: overdue first, then by due date; filtered, in pages."""
    actor, on = actor_of(request), today()
    form = UnitDutyFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    own = bool(wanted.get("own"))
    rows = [row for row in duty_rows(units_seen(actor), on, below=not own) if form.takes(row)]
    late = sum(row.state == OVERDUE for row in rows)
    rows, behind = (rows, {}) if wanted.get("duty") else _folded(rows)
    rows.sort(key=lambda row: (_ORDER.index(row.state), row.occurrence.due_on, row.unit.path, row.duty.key))
    place = (wanted.get("page") or 1) - 1
    start = min(place * PAGE_SIZE, max(len(rows) - 1, 0) // PAGE_SIZE * PAGE_SIZE)
    page = rows[start : start + PAGE_SIZE]
    context = {
        "groups": _grouped(actor, page, behind, request.get_full_path(), unfolded=bool(form.narrows)),
        "late": late,
        "form": form,
        "applied": sum(bool(wanted.get(name)) for name in form.shown),
        "clear_url": reverse("agencies:unit_duties"),
        "keep": {name: wanted[name] for name in ("duty", "at") if wanted.get(name)},
        "actions": [{"label": "谁还没办", "url": reverse("agencies:unit_duties_overview")}],
        "total": len(rows),
        "shown": len(page),
        "earlier_url": _page_url(request, start // PAGE_SIZE) if start else "",
        "later_url": _page_url(request, start // PAGE_SIZE + 2) if start + PAGE_SIZE < len(rows) else "",
    }
    return render(request, "agencies/unit_duties.html", context)


def _grouped(
    actor: Actor, rows: list[UnitDutyRow], behind: Mapping[tuple[int, str, date], int], here: str, *, unfolded: bool
) -> list[dict[str, Any]]:
    """The rows of a page under their headings: what is overdue or due soon at once, the rest one tap away."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _GROUPS}
    for row in rows:
        name = group_of(row.state, row.occurrence.due_on, today())
        found[name].append(_shown(actor, row, here) | {"earlier": _earlier(row, behind.get(_key(row), 0))})
    first = next((name for name, shown in found.items() if shown), "")
    return [
        {"name": name, "label": _GROUPS[name], "rows": shown, "open": unfolded or name in ("late", "soon", first)}
        for name, shown in found.items()
        if shown
    ]


def _key(row: UnitDutyRow) -> tuple[int, str, date]:
    return row.unit.pk, row.duty.key, row.occurrence.first


def _folded(rows: list[UnitDutyRow]) -> tuple[list[UnitDutyRow], dict[tuple[int, str, date], int]]:
    """The rows shown one by one, and how many older overdue periods of the same duty stand behind the oldest of them.

    Whoever comes to a plan late sees what runs now before what a whole term has left behind.
    """
    late: dict[tuple[int, str], list[UnitDutyRow]] = {}
    for row in sorted(rows, key=lambda row: row.occurrence.due_on):
        if row.state == OVERDUE:
            late.setdefault((row.unit.pk, row.duty.key), []).append(row)
    behind = {_key(found[-SHOWN_LATE]): len(found) - SHOWN_LATE for found in late.values() if len(found) > SHOWN_LATE}
    hidden = {_key(row) for found in late.values() for row in found[:-SHOWN_LATE]}
    return [row for row in rows if _key(row) not in hidden], behind


def _earlier(row: UnitDutyRow, count: int) -> dict[str, Any] | None:
    query = urlencode({"duty": row.duty.key, "at": row.unit.pk, "state": OVERDUE})
    return {"count": count, "url": f"{reverse('agencies:unit_duties')}?{query}"} if count else None


def _page_url(request: HttpRequest, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"


def _shown(actor: Actor, row: UnitDutyRow, here: str = "") -> dict[str, Any]:
    """A row as the page shows it, with the doors this person may open; they lead back `here`."""
    duty, done = row.duty, row.done
    acts = may_record(actor, row.unit)
    return {
        "name": duty.name,
        "unit": f"{row.unit.get_kind_display()} {row.unit.label}",
        "kind": KINDS[duty.kind],
        "owner": duty.owner_role.label,
        "state": row.state,
        "word": STATES[row.state],
        "tone": _TONES[row.state],
        "every": RHYTHMS[duty.every],
        "first": day_label(row.occurrence.first),
        "last": day_label(row.occurrence.last),
        "due": day_label(row.occurrence.due_on),
        "provisional": row.occurrence.provisional,
        "to": duty.to,
        "document": duty.document,
        "proof": duty.proof,
        "clause": duty.basis.clause,
        "quote": duty.basis.quote,
        "not_in_plan": NOT_IN_PLAN if duty.basis.assumed else "",
        "assumed": duty.basis.reason,
        "other_reading": other_reading(duty),
        "source": taken_over(duty.basis.source),
        "done": done,
        "done_on": day_label(done.done_on) if done else "",
        "record_url": _record_url(row, here) if acts and not done else "",
        "correct_url": reverse("agencies:unit_duty_supersede", args=[done.pk]) if acts and done else "",
    }


def _record_url(row: UnitDutyRow, here: str) -> str:
    query = urlencode({"period": row.occurrence.first.isoformat(), **({"next": here} if here else {})})
    return f"{reverse('agencies:unit_duty_record', args=[row.unit.pk, row.duty.key])}?{query}"


@needs(*SEES)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Each duty with how many units have done it, how many have not; every number leads to its list."""
    actor, on = actor_of(request), today()
    rows = duty_rows(units_seen(actor), on)
    groups: dict[tuple[str, str], list[UnitDutyRow]] = {}
    for row in rows:
        groups.setdefault((row.version.key, row.duty.key), []).append(row)
    context = {"lines": [_line(found) for found in groups.values()]}
    return render(request, "agencies/unit_duties_overview.html", context)


def _line(rows: list[UnitDutyRow]) -> dict[str, Any]:
    duty, version = rows[0].duty, rows[0].version
    counts = Counter(row.state for row in rows)
    url = reverse("agencies:unit_duties")
    numbers = [
        {"word": word, "count": counts[state], "url": f"{url}?{urlencode({'duty': duty.key, 'state': state})}"}
        for state, word in STATES.items()
    ]
    return {
        "name": duty.name,
        "plan": version.title,
        "owner": UnitKind(duty.owner_unit).label,
        "every": RHYTHMS[duty.every],
        "units": len({row.unit.pk for row in rows}),
        "numbers": numbers,
    }


@needs(RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Put one period of a duty on record as done, with proof."""
    actor, on = actor_of(request), today()
    unit = one_or_404(Unit.objects.visible_to(actor, RECORD), pk=pk)
    row = duty_of(unit, key, _period(request, on), on) if may_record(actor, unit) else None
    if row is None:
        raise Http404("该单位本期没有这项任务，或不在您的职责范围内。")
    start = {"done_on": on, "proof": row.duty.proof}
    form = UnitDutyForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            unit_duties.record_unit_duty(
                by=actor, unit=unit, duty=key, period_first=row.occurrence.first, done=form.done, now=now()
            )
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, f"已登记：{unit.label} {row.duty.name}（{day_label(form.done.done_on)}）。")
            return back(request, "agencies:unit_duties")
    return _form(request, actor, row, form, "登记完成")


def _period(request: HttpRequest, on: date) -> date:
    return parse_day(request.GET.get("period"), on)


@needs(RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def supersede(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a wrong record, or withdraw it; it stays, with who did so and why."""
    actor = actor_of(request)
    records = UnitDutyDone.objects.visible_to(actor, RECORD).standing()
    wrong = one_or_404(records.select_related("unit", "version").defer("version__content"), pk=pk)
    row = duty_of(wrong.unit, wrong.duty, wrong.period_first, today()) if may_record(actor, wrong.unit) else None
    if row is None:
        raise Http404("该单位现行方案没有这项任务，或不在您的职责范围内。")
    stood = {name: getattr(wrong, name) for name in Done.__dataclass_fields__}
    form = UnitDutyForm(request.POST if request.method == "POST" else None, initial=stood, wrong=True)
    if request.method == "POST" and form.is_valid():
        right, why = (None if form.cleaned_data["withdraw"] else form.done), form.cleaned_data["why"]
        try:
            unit_duties.supersede_unit_duty(by=actor, wrong=wrong, done=right, why=why, now=now())
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, "已更正，原记录保留。" if right else "已撤回，原记录保留。")
            return redirect("agencies:unit_duties")
    return _form(request, actor, row, form, "更正登记")


def _form(request: HttpRequest, actor: Actor, row: UnitDutyRow, form: UnitDutyForm, title: str) -> HttpResponse:
    context = {
        "form": form,
        "title": f"{title}：{row.duty.name}",
        "row": _shown(actor, row),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "cancel_url": reverse("agencies:unit_duties"),
    }
    return render(request, "agencies/unit_duty.html", context, status=400 if request.method == "POST" else 200)
