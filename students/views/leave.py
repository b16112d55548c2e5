"""Leave: asked for on a form of its own, ended early from the child's page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_http_methods, require_POST

from agencies.choices import Permission
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, say_refused, today
from students.actions.leave import NewLeave, end_leave, record_leave
from students.actions.proofs import add_leave_proofs
from students.choices import LeaveKind
from students.forms import LeaveEndForm, LeaveForm
from students.forms.proofs import ProofsForm
from students.models import Enrolment, Guardian, Leave, RollCall, Student
from students.web import class_url, later_proofs, shown_name, takes_files


def _class_of(actor: Actor, student: Student) -> Unit:
    rows = Enrolment.objects.visible_to(actor, Permission.TAKE_ROLL).filter(student=student, last_day__isnull=True)
    enrolment = rows.select_related("school_class").first()
    if enrolment is None:
        raise Http404("该生现在没有在读的班级，不能登记请假；请先由学籍管理员核对学籍。")
    actor.require_at(Permission.TAKE_ROLL, enrolment.school_class.path)
    return enrolment.school_class


@needs(Permission.TAKE_ROLL)
@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def leave_new(request: HttpRequest) -> HttpResponse:
    """Put a leave on record for ?student=."""
    actor = actor_of(request)
    pk = request.GET.get("student") or request.POST.get("student") or "0"
    student = one_or_404(Student.objects.visible_to(actor, Permission.TAKE_ROLL), pk=pk)
    school_class = _class_of(actor, student)
    guardian = (
        Guardian.objects.visible_to(actor, Permission.VIEW_CHILD)
        .filter(student=student, ended_on__isnull=True, is_guardian=True)
        .first()
    )
    initial: dict[str, Any] = {"first_day": today(), "last_day": today()}
    if guardian:
        initial |= {"asked_by": guardian.name, "relation": guardian.relation}
    sent = request.method == "POST"
    form = LeaveForm(request.POST if sent else None, on=today(), initial=initial)
    proofs = ProofsForm(request.POST if sent else None, request.FILES if sent else None, on=today())
    if sent and form.is_valid() & proofs.is_valid():
        typed = form.cleaned_data
        try:
            leave = record_leave(
                by=actor,
                school_class=school_class,
                student=student,
                leave=NewLeave(**{**typed, "kind": LeaveKind(typed["kind"]), "proofs": proofs.kept()}),
                now=now(),
            )
        except ValueError as refused:
            say_refused(form, refused)
        else:
            _say(request, actor, school_class, leave)
            return redirect("students:child", student.pk)
    context = {
        "form": form,
        "proofs": proofs,
        "name": shown_name(actor, student.name),
        "school_class": school_class,
        "cancel_url": reverse("students:child", args=[student.pk]),
    }
    return render(request, "students/leave_new.html", context, status=400 if sent else 200)


def _say(request: HttpRequest, actor: Actor, school_class: Unit, leave: Leave) -> None:
    days = calendar_of(school_class, leave.first_day).school_days(leave.first_day, leave.last_day)
    text = (
        f"已登记{leave.get_kind_display()}：{dated(leave.first_day)}至{dated(leave.last_day)}，共{len(days)}个上课日"
    )
    messages.success(request, f"{text}，点名时自动填入。")
    calls = RollCall.objects.visible_to(actor, Permission.VIEW_ROLL).filter(
        school_class=school_class, day__gte=leave.first_day, day__lte=leave.last_day
    )
    if taken := sorted(set(calls.values_list("day", flat=True))):
        doors = ((class_url(school_class.pk, day), dated(day)) for day in taken)
        said = format_html_join("、", '<a href="{}">{}</a>', doors)
        text = "{}已点过名，原登记没有改动；如需改为请假，请点日期到当天的点名页更正。"
        messages.warning(request, format_html(text, said))


@needs(Permission.TAKE_ROLL)
@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
def leave_proofs(request: HttpRequest, pk: int) -> HttpResponse:
    """Proofs that come after the leave was put on record, such as a sick note."""
    actor = actor_of(request)
    leave = one_or_404(Leave.objects.visible_to(actor, Permission.TAKE_ROLL).select_related("student"), pk=pk)
    school_class = _class_of(actor, leave.student)
    return later_proofs(
        request,
        keep=lambda new: add_leave_proofs(by=actor, school_class=school_class, leave=leave, new=new, now=now()),
        back_to=reverse("students:child", args=[leave.student_id]),
        page={
            "title": f"补{leave.get_kind_display()}证明",
            "sub": f"{shown_name(actor, leave.student.name)} {dated(leave.first_day)}至{dated(leave.last_day)}",
        },
    )


@needs(Permission.TAKE_ROLL)
@require_POST
def leave_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The child is back early, or the leave is withdrawn."""
    actor = actor_of(request)
    rows = Leave.objects.visible_to(actor, Permission.TAKE_ROLL).select_related("student")
    leave = one_or_404(rows, pk=pk)
    school_class = _class_of(actor, leave.student)
    form = LeaveEndForm(request.POST)
    earliest = leave.first_day - timedelta(days=1)
    if not form.is_valid() or form.cleaned_data["last_day"] < earliest:
        sentence = f"请填最后请假日，不早于{dated(earliest)}（填这一天表示撤销这次请假）。"
        messages.error(request, sentence)
        return redirect("students:child", leave.student_id)
    last_day: date = form.cleaned_data["last_day"]
    try:
        end_leave(by=actor, school_class=school_class, leave=leave, last_day=last_day, now=now())
    except ValueError as refused:
        messages.error(request, str(refused))
    else:
        withdrawn = last_day < leave.first_day
        messages.success(request, "这次请假已撤销。" if withdrawn else f"请假已改为{dated(last_day)}止。")
    return redirect("students:child", leave.student_id)
