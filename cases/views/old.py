"""Cases entered by hand: from an old list at their present step, or for a child that may drop out (辍学倾向)."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from agencies.choices import Permission
from agencies.queries.policies import policy_of
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, today
from cases.actions.opening import enter_old_case, flag_child
from cases.forms import FlagForm, OldCaseForm
from cases.models import Case
from cases.queries.facts import places_of
from cases.queries.oldcases import find_children
from students.models import Student

FLAGGERS = (Permission.RECORD_SCHOOL_EVENT, Permission.RECORD_VILLAGE_EVENT, Permission.RECORD_TOWNSHIP_EVENT)


def _student(actor: Actor, permission: Permission, pk: str | int) -> Student:
    return one_or_404(Student.objects.visible_to(actor, permission), pk=pk)


def _open_case(actor: Actor, student: Student) -> Case | None:
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE)
    return rows.filter(student=student, closed_on__isnull=True).first()


@needs(Permission.OPEN_CASE)
def old_new(request: HttpRequest) -> HttpResponse:
    """Pick the child, then say at which step the old list has it."""
    actor = actor_of(request)
    chosen = request.GET.get("student") or request.POST.get("student") or ""
    if not chosen:
        word = request.GET.get("q", "")[:40]
        found = find_children(actor, word) if word.strip() else None
        return render(request, "cases/old_pick.html", {"q": word, "found": found})
    student = _student(actor, Permission.OPEN_CASE, chosen)
    if standing := _open_case(actor, student):
        return _stands(request, standing, student)
    place = places_of([student.pk], today())[student.pk]
    steps = [(step.key, step.name) for step in policy_of(place.version).steps] if place.version else []
    form = OldCaseForm(steps, request.POST if request.method == "POST" else None, on=today())
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            case = enter_old_case(
                by=actor,
                student=student,
                step=typed["step"],
                started_on=typed["started_on"],
                data=form.facts(),
                now=now(),
            )
        except ValueError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已补录，从所选步骤起计时。")
            return redirect("cases:case", case.pk)
    context: dict[str, Any] = {
        "form": form,
        "student": student,
        "place": _place(place),
        "plan": place.version.title if place.version else "",
        "cancel_url": reverse("cases:queue"),
    }
    return render(request, "cases/old_new.html", context, status=400 if request.method == "POST" else 200)


def _place(place: Any) -> str:
    units = (place.township, place.village, place.school, place.school_class)
    return " ".join(unit.label for unit in units if unit)


def _stands(request: HttpRequest, case: Case, student: Student) -> HttpResponse:
    """One open case a child: lead to it instead of refusing."""
    messages.info(request, f"{student.name}已有未销号的个案，请直接在个案中登记。")
    return redirect("cases:case", case.pk)


@needs(*FLAGGERS)
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """A child that comes to school but may drop out: the plan's first step opens."""
    actor = actor_of(request)
    student = one_or_404(Student.objects.visible_to(actor, Permission.VIEW_CHILD), pk=pk)
    if standing := _open_case(actor, student):
        return _stands(request, standing, student)
    initial = {"happened_on": today(), "token": secrets.token_hex(16)}
    form = FlagForm(request.POST if request.method == "POST" else None, on=today(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            case = flag_child(
                by=actor, student=student, happened_on=form.cleaned_data["happened_on"], data=form.facts(), now=now()
            )
        except ValueError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "已登记辍学倾向，个案已建立。")
            return redirect("cases:case", case.pk)
    return render(
        request, "cases/flag.html", {"form": form, "student": student}, status=400 if request.method == "POST" else 200
    )
