"""Corrections of the roll that wait for a second person: listed, and decided."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.queries.calendars import calendar_of
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, today
from students.actions.decisions import decide_correction
from students.actions.roll import RollRefusedError
from students.choices import CorrectionState
from students.forms import DecisionForm, sentences
from students.models import Absence, Correction
from students.queries.roll import value_of
from students.rules.roll import Value, said_of
from students.web import cases_url, clock, shown_name

SHOWN_DECIDED, SHOWN_WAITING = 20, 100


@needs(Permission.CONFIRM_CORRECTION)
def corrections(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, oldest first; below it what was decided lately."""
    return _page(request, [])


def _page(request: HttpRequest, errors: list[str]) -> HttpResponse:
    actor = actor_of(request)
    rows = Correction.objects.visible_to(actor, Permission.CONFIRM_CORRECTION).select_related(
        "student", "school_class__parent"
    )
    waiting = list(rows.filter(state=CorrectionState.WAITING).order_by("id")[:SHOWN_WAITING])
    decided = list(rows.exclude(state=CorrectionState.WAITING).order_by("-decided_at")[:SHOWN_DECIDED])
    marks = Absence.objects.visible_to(actor, Permission.VIEW_ROLL).filter(
        student__in=[row.student_id for row in waiting],
        day__in={row.day for row in waiting},
        superseded_at__isnull=True,
    )
    standing: dict[tuple[int, date], list[Value]] = defaultdict(list)
    for mark in marks:
        standing[mark.student_id, mark.day].append(value_of(mark))
    context = {
        "waiting": [
            _row(actor, row, said_of(standing[row.student_id, row.day], row.wanted["part"])) for row in waiting
        ],
        "decided": [_row(actor, row, Value()) for row in decided],
        "errors": errors,
    }
    return render(request, "students/corrections.html", context, status=400 if errors else 200)


def _row(actor: Actor, row: Correction, standing: Value) -> dict[str, Any]:
    school = row.school_class.parent
    return {
        "id": row.pk,
        "name": shown_name(actor, row.student.name),
        "place": f"{school.name if school else ''} {row.school_class.name}",
        "child_url": reverse("students:child", args=[row.student_id]),
        "day_label": dated(row.day),
        "standing": standing.text,
        "wanted": Value(**row.wanted).text,
        "why": row.why,
        "asked": f"{row.asked_by} {clock(row.asked_at, today())}",
        "mine": row.asked_by_id == actor.user_id,
        "decide_url": reverse("students:correction", args=[row.pk]),
        "state": row.get_state_display(),
        "agreed": row.state == CorrectionState.APPROVED,
        "decided": f"{row.decided_by} {clock(row.decided_at, today())}" if row.decided_at else "",
        "decided_why": row.decided_why,
    }


@needs(Permission.CONFIRM_CORRECTION)
@require_POST
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to or refuse one correction."""
    actor = actor_of(request)
    rows = Correction.objects.visible_to(actor, Permission.CONFIRM_CORRECTION)
    row = one_or_404(rows.select_related("student", "school_class__parent"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, sentences(form))
    approve = form.cleaned_data["answer"] == "yes"
    try:
        decide_correction(
            by=actor,
            correction=row,
            approve=approve,
            why=form.cleaned_data["why"],
            calendar=calendar_of(row.school_class, row.day),
            now=now(),
        )
    except RollRefusedError as refused:
        return _page(request, [str(refused)])
    name = shown_name(actor, row.student.name)
    if not approve:
        messages.success(request, f"{name} {dated(row.day)}：已退回，原登记不变。")
        return redirect("students:corrections")
    done = f"{name} {dated(row.day)}：已同意，考勤已按申请更正。"
    # What was corrected took an opened duty away: a report it led to has to be taken back.
    text = "{}更正前已出具报告单、通知书的，<a href='{}'>请到个案页查看须撤回的文书</a>。"
    messages.success(request, format_html(text, done, cases_url(row.student)))
    return redirect("students:corrections")
