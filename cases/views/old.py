"""Cases entered by hand: from an old list at their present step, or begun by what a person reports of a child."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from agencies.choices import Permission
from agencies.queries.policies import policy_of
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, one_or_404, say_refused, today
from cases.actions.events import NewEvent
from cases.actions.opening import BEGINNINGS, begin_case, enter_old_case
from cases.choices import Cause, EventKind, Stage
from cases.forms import BeginForm
from cases.forms.old import OldCaseForm
from cases.models import Case
from cases.queries.facts import ChildPlace, places_of
from cases.queries.oldcases import find_children
from cases.queries.worklists import guardians_of
from cases.rules.entering import behind_order, steps_to_enter
from cases.rules.event_fields import plan_choices
from cases.rules.transitions import permissions_for
from cases.web import BEGIN_WORDS, age_words, permit
from students.forms.proofs import ProofsForm
from students.models import Student
from students.web import takes_files

BEGINNERS = (Permission.RECORD_SCHOOL_EVENT, Permission.RECORD_VILLAGE_EVENT, Permission.RECORD_TOWNSHIP_EVENT)
DONE = {
    EventKind.FLAGGED: "已登记辍学倾向，个案已建立。",
    EventKind.HELP_BEGUN: "已开始帮扶，请接着制定一生一策。",
    EventKind.NOT_REGISTERED: "已登记未报到，个案已建立。",
    EventKind.NOT_ENROLLED: "已登记未入学，个案已建立。",
    EventKind.APPLIED: "已登记申请，个案已建立，等待审批。",
    EventKind.CATEGORY_DECIDED: "已归类，个案已建立，按该类的办法办理。",
}


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
    policy = policy_of(place.version) if place.version else None
    steps = steps_to_enter(policy) if policy else ()
    behind = policy is not None and any(behind_order(policy, step.key) for step in steps)
    sent = request.POST if request.method == "POST" else None
    form = OldCaseForm([(step.key, step.name) for step in steps], sent, on=today(), order=behind)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            case = enter_old_case(
                by=actor,
                student=student,
                step=typed["step"],
                started_on=typed["started_on"],
                data=form.facts(),
                order=form.order(),
                now=now(),
            )
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, "已补录，从所选步骤起计时。")
            return redirect("cases:case", case.pk)
    context: dict[str, Any] = {
        "form": form,
        "student": student,
        "line": _line(actor, student, place),
        "plan": place.version.title if place.version else "",
        "cancel_url": reverse("cases:queue"),
    }
    return render(request, "cases/old_new.html", context, status=400 if request.method == "POST" else 200)


def _line(actor: Actor, student: Student, place: ChildPlace) -> str:
    """Which child a form without a case is about: class and school, else the village; age; how its last case ended."""
    where = (place.school, place.school_class) if place.school else (place.township, place.village)
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE).filter(student=student, closed_on__isnull=False)
    last = rows.order_by("-closed_on").first()
    parts = [
        " ".join(unit.label for unit in where if unit) + ("" if place.school else "（未在县内就读）"),
        age_words(student, today()),
        _ended(last) if last else "没有个案",
    ]
    return " · ".join(part for part in parts if part)


def _ended(last: Case) -> str:
    day = day_label(last.closed_on)
    return f"上次帮扶{day}结束" if last.is_help else f"上一个案{day}销号"


def _stands(request: HttpRequest, case: Case, student: Student) -> HttpResponse:
    """One open case a child: lead to it instead of refusing."""
    stands = "已在帮扶中（未立案），请在下面接着登记" if case.is_help else "已有未销号的个案，请直接在个案中登记"
    messages.info(request, f"{student.name}{stands}。")
    return redirect("cases:case", case.pk)


def _enter_there(request: HttpRequest, case: Case, student: Student, kind: EventKind) -> HttpResponse:
    """What is reported of a child who is helped (帮扶) is entered in its record, and the ladder begins there."""
    if case.stage != Stage.HELP or kind == EventKind.HELP_BEGUN:
        return _stands(request, case, student)
    messages.info(request, f"{student.name}正在帮扶中：登记后转入劝返流程，一生一策继续有效。")
    return redirect("cases:event_new", case.pk, kind)


@needs(*BEGINNERS)
@takes_files
def begin(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A child no roll misses: at risk, helped, not registered, not enrolled, or with a guardian's application."""
    actor = actor_of(request)
    if kind not in BEGINNINGS:
        raise Http404("没有这种登记事项，请从学生页选择。")
    chosen = EventKind(kind)
    permit(actor, chosen)
    student = one_or_404(Student.objects.visible_to(actor, Permission.VIEW_CHILD), pk=pk)
    if standing := _open_case(actor, student):
        return _enter_there(request, standing, student, chosen)
    place = places_of([student.pk], today())[student.pk]
    if chosen == EventKind.CATEGORY_DECIDED and place.version and not policy_of(place.version).categories:
        messages.error(request, "本方案没有分类办理的规定，不能归类；请登记未入学或上报辍学倾向。")
        return redirect("students:child", student.pk)
    narrowed = plan_choices(policy_of(place.version)) if place.version else {}
    initial = _first(actor, student, chosen) | _asked(request)
    sent = request.method == "POST"
    form = BeginForm(chosen, request.POST if sent else None, on=today(), narrowed=narrowed, initial=initial)
    proofs = ProofsForm(request.POST if sent else None, request.FILES if sent else None, on=today())
    may_plan = any(actor.can(permission) for permission in permissions_for(EventKind.SUPPORT_PLAN))
    if sent and form.is_valid() & proofs.is_valid():
        event = NewEvent(chosen, form.cleaned_data["happened_on"], form.facts(), proofs=proofs.kept())
        try:
            case = begin_case(by=actor, student=student, event=event, now=now())
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, DONE[chosen])
            planning = may_plan and ("plan" in request.POST or chosen == EventKind.HELP_BEGUN)
            return redirect("cases:plan_edit" if planning else "cases:case", case.pk)
    context = {
        "form": form,
        "proofs": proofs,
        "student": student,
        "title": BEGIN_WORDS[chosen],
        "line": _line(actor, student, place),
        "may_plan": may_plan,
        "helps": chosen == EventKind.HELP_BEGUN,
    }
    return render(request, "cases/begin.html", context, status=400 if sent else 200)


def _asked(request: HttpRequest) -> dict[str, str]:
    """The cause the page came with (今日工作 sends a missing child here); any other is left out."""
    cause = request.GET.get("cause", "")
    return {"cause": cause, "why": f"{Cause(cause).label}。"} if cause in Cause.values else {}


def _first(actor: Actor, student: Student, kind: EventKind) -> dict[str, Any]:
    """What the form begins with: today, the deciding unit, and as applicants the guardians on record."""
    values: dict[str, Any] = {"happened_on": today(), "token": secrets.token_hex(16)}
    if kind == EventKind.HELP_BEGUN:
        values["person"] = actor.name
    if kind == EventKind.CATEGORY_DECIDED:
        values["by"] = actor.posts[0].unit_name
    if kind == EventKind.APPLIED:
        people = guardians_of([student.pk]).get(student.pk, [])
        values["guardian"] = "、".join(person.name for person in people if person.is_guardian)
        values["from"] = today()
    return values
