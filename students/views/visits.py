"""Teaching at home: the children who are taught at home, a visit put on record, a wrong record replaced."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from agencies.choices import Permission
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, page_of, say_refused, today
from students.actions.visits import add_visit_proofs, record_home_visit, supersede_home_visit
from students.forms import HomeVisitForm
from students.forms.proofs import ProofsForm
from students.models import HomeVisit, Student
from students.queries.homes import may_change
from students.queries.visits import TaughtChild, taught_at_home, visits_of, with_visits
from students.web import later_proofs, shown_name, takes_files

RECORD = Permission.RECORD_HOME_VISIT


def visit_line(row: HomeVisit, proofs: list[dict[str, Any]], *, may_correct: bool) -> dict[str, Any]:
    """A visit as the child's page shows it, with the lines of its proofs."""
    return {
        "pk": row.pk,
        "day": dated(row.visited_on),
        "span": f"{row.starts_at:%H:%M}–{row.ends_at:%H:%M}",
        "lessons": row.lessons,
        "place": row.place,
        "teachers": f"{row.teacher}、{row.second_teacher}",
        "content": row.content,
        "performance": row.performance,
        "feedback": row.feedback,
        "next": _next(row),
        "by": row.recorded_by,
        "correct_url": reverse("students:visit_supersede", args=[row.pk]) if may_correct else "",
        "proofs": proofs,
        "proofs_url": reverse("students:visit_proofs", args=[row.pk]) if may_correct else "",
    }


def _next(row: HomeVisit) -> str:
    return " ".join(part for part in (dated(row.next_on) if row.next_on else "", row.next_plan) if part)


@needs(RECORD)
@require_GET
def home_teaching(request: HttpRequest) -> HttpResponse:
    """The children this person teaches at home: when last, how much this month, when next."""
    actor = actor_of(request)
    page = page_of(request, taught_at_home(actor))
    context = {
        "rows": [_row(actor, one) for one in with_visits(actor, page.rows, today())],
        "month": f"{today():%Y年%m月}",
        "shown": page.shown,
        "earlier_url": page.earlier_url,
        "later_url": page.later_url,
    }
    return render(request, "students/home_teaching.html", context)


def _row(actor: Actor, one: TaughtChild) -> dict[str, Any]:
    student, standing, last = one.hit.student, one.hit.enrolment, one.last
    return {
        "pk": student.pk,
        "name": shown_name(actor, student.name),
        "url": reverse("students:child", args=[student.pk]),
        "place": f"{standing.school.name} {standing.school_class.name}" if standing else "",
        "last": f"{dated(last.visited_on)} {last.lessons}课时" if last else "",
        "next": _next(last) if last else "",
        "late": bool(last and last.next_on and last.next_on < today()),
        "visits": one.month.visits,
        "lessons": one.month.lessons,
        "new_url": reverse("students:visit_new", args=[student.pk]),
    }


def _require(actor: Actor, student: Student) -> None:
    if not may_change(actor, student, RECORD):
        raise PermissionDenied("该生已不归您的学校负责，送教记录只能查看。")


@needs(RECORD)
@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a visit on record."""
    actor = actor_of(request)
    student = one_or_404(Student.objects.visible_to(actor, RECORD), pk=pk)
    _require(actor, student)
    start = {**_usual(actor, student), "visited_on": today(), "teacher": actor.name, "token": uuid4().hex}
    form = HomeVisitForm(request.POST if request.method == "POST" else None, now=now(), initial=start)
    proofs = _files(request)
    if request.method == "POST" and form.is_valid() & proofs.is_valid():
        visit, token = form.visit, form.cleaned_data["token"]
        record_home_visit(by=actor, student=student, visit=visit, now=form.now, token=token, proofs=proofs.kept())
        messages.success(request, f"已登记{dated(visit.visited_on)}送教，{visit.lessons}课时。")
        return redirect("students:child", pk)
    return _form(request, actor, student, form, proofs, "登记送教上门")


def _usual(actor: Actor, student: Student) -> dict[str, Any]:
    """Hours, lessons, place and companion as at the last visit: one week is much like another."""
    last = next(iter(visits_of(actor, student)), None)
    if last is None:
        return {"place": "学生家中"}
    usual = {name: getattr(last, name) for name in ("starts_at", "ends_at", "lessons", "place")}
    other = last.teacher if last.second_teacher == actor.name else last.second_teacher
    return {**usual, "second_teacher": other}


@needs(RECORD)
@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def visit_supersede(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a wrong record; it stays, with who replaced it and why."""
    actor = actor_of(request)
    wrong = _visit(actor, pk)
    stood = {name: getattr(wrong, name) for name in HomeVisitForm.base_fields if hasattr(wrong, name)}
    initial = {**stood, "token": ""}
    form = HomeVisitForm(request.POST if request.method == "POST" else None, now=now(), initial=initial, wrong=True)
    proofs = _files(request)
    if request.method == "POST" and form.is_valid() & proofs.is_valid():
        typed = {"visit": form.visit, "why": form.cleaned_data["why"], "proofs": proofs.kept()}
        try:
            supersede_home_visit(by=actor, wrong=wrong, now=form.now, **typed)
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, "送教记录已更正，原记录保留。")
            return redirect("students:child", wrong.student_id)
    return _form(request, actor, wrong.student, form, proofs, f"更正{dated(wrong.visited_on)}送教记录")


@needs(RECORD)
@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def visit_proofs(request: HttpRequest, pk: int) -> HttpResponse:
    """Photos that were still on the phone when the visit was put on record."""
    actor = actor_of(request)
    visit = _visit(actor, pk)
    sub = f"{shown_name(actor, visit.student.name)} {dated(visit.visited_on)}送教"
    return later_proofs(
        request,
        keep=lambda new: add_visit_proofs(by=actor, visit=visit, new=new, now=now()),
        back_to=reverse("students:child", args=[visit.student_id]),
        page={"title": "补送教照片、材料", "sub": sub},
        closed=True,
    )


def _visit(actor: Actor, pk: int) -> HomeVisit:
    row: HomeVisit = one_or_404(HomeVisit.objects.visible_to(actor, RECORD).select_related("student"), pk=pk)
    _require(actor, row.student)
    return row


def _files(request: HttpRequest) -> ProofsForm:
    sent = request.method == "POST"
    return ProofsForm(request.POST if sent else None, request.FILES if sent else None, on=today(), closed=True)


def _form(
    request: HttpRequest, actor: Actor, student: Student, form: HomeVisitForm, proofs: ProofsForm, title: str
) -> HttpResponse:
    context = {
        "form": form,
        "proofs": proofs,
        "title": title,
        "name": shown_name(actor, student.name),
        "cancel_url": reverse("students:child", args=[student.pk]),
    }
    return render(request, "students/visit.html", context, status=400 if request.method == "POST" else 200)
