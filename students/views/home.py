"""The home of a child: members of the family, where it lives, with whom; and the homes of a village or grid."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.choices import Permission
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, say_refused, today
from students.actions.children import NewGuardian
from students.actions.families import add_guardian, change_guardian, change_residence, end_guardian
from students.actions.households import MAY_SAY, join_household, leave_household, part_household
from students.filters import HomeFilter
from students.forms import GuardianForm, ReasonForm, ResidenceForm, sentences
from students.models import Guardian, HomeChange, Student
from students.queries.homes import (
    changeable,
    changes_of,
    home_of,
    homes_in,
    in_school,
    page_of_homes,
    possible_homes,
    siblings_of,
)
from students.rules.identity import is_school_age
from students.rules.masks import mask_address, mask_phone
from students.web import home_context, is_part, shown_name, sibling_line

EDITS = (Permission.EDIT_CHILD, Permission.EDIT_PHONE, Permission.EDIT_RESIDENCE)
COVERS = {"phone": mask_phone, "spare_phone": mask_phone, "residence_address": mask_address}
LABELS = {
    "name": "姓名",
    "relation": "关系",
    "is_guardian": "法定监护人",
    "is_carer": "受委托照护人",
    "phone": "电话",
    "spare_phone": "备用电话",
    "lives_away": "外出",
    "away_place": "外出地点",
    "workplace": "工作单位",
    "residence_id": "居住村",
    "residence_address": "现住址",
}


def _student(actor: Actor, pk: object) -> Student:
    rows = Student.objects.visible_to(actor, Permission.VIEW_CHILD)
    return one_or_404(rows.select_related("residence__parent", "hukou"), pk=pk)


def _may(actor: Actor, student: Student) -> frozenset[Permission]:
    """What this person may change about the child's home; 403 for nothing (a child that has moved away)."""
    may = changeable(actor, student, EDITS)
    if not may:
        raise PermissionDenied("该生已不归您的单位负责，家庭信息只能查看。")
    return may


@needs(*EDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about the home that this person may change; a POST says where the child lives."""
    actor = actor_of(request)
    student = _student(actor, pk)
    may = _may(actor, student)
    form = None
    if Permission.EDIT_RESIDENCE in may:
        places = possible_homes(student, actor)
        form = ResidenceForm(request.POST if request.method == "POST" else None, places=places, student=student)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied("您的岗位不能更正居住信息。")
        if form.is_valid():
            why = form.cleaned_data["why"]
            changed = change_residence(by=actor, student=student, values=form.values, why=why, now=now())
            messages.success(request, "居住信息已更正。" if changed else "与原来相同，没有更改。")
            # Whoever has said that the child lives elsewhere may not see the page any more.
            there = Student.objects.visible_to(actor, Permission.VIEW_CHILD).filter(pk=pk).exists()
            return redirect("students:child", pk) if there else redirect("students:search")
    return _page(request, student, may, form)


def _page(
    request: HttpRequest,
    student: Student,
    may: frozenset[Permission],
    form: ResidenceForm | None,
    errors: list[str] | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    members = Guardian.objects.visible_to(actor, Permission.VIEW_CHILD).filter(student=student, ended_on__isnull=True)
    people = list(members)
    context = {
        "child": {"name": shown_name(actor, student.name), "url": reverse("students:child", args=[student.pk])},
        "form": form,
        "people": [_person(actor, row) for row in people],
        "may_keep": Permission.EDIT_CHILD in may,
        "add_url": reverse("students:guardian_new", args=[student.pk]),
        "home": home_context(actor, student, home_of(actor, student, people), may_say=bool(may & set(MAY_SAY))),
        "changes": [_change(row) for row in changes_of(actor, student)],
        "errors": errors or [],
    }
    wrong = bool(errors) or request.method == "POST"
    return render(request, "students/home.html", context, status=400 if wrong else 200)


def _person(actor: Actor, row: Guardian) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "name": shown_name(actor, row.name),
        "relation": row.relation,
        "care": row.care.label,
        "is_guardian": row.is_guardian,
        "phones": [mask_phone(number) for number in (row.phone, row.spare_phone) if number],
        "away": (f"外出：{row.away_place}" if row.away_place else "外出") if row.lives_away else "",
        "url": reverse("students:guardian", args=[row.pk]),
        "end_url": reverse("students:guardian_end", args=[row.pk]),
    }


def _change(row: HomeChange) -> dict[str, str]:
    stood = json.loads(row.before) if row.before else {}
    return {
        "day": dated(timezone.localtime(row.recorded_at).date()),
        "by": row.recorded_by,
        "fact": row.get_fact_display(),
        "who": row.guardian.name if row.guardian else "",
        "before": "；".join(_stood(name, value) for name, value in stood.items() if name in LABELS),
        "why": row.why,
    }


def _stood(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"{LABELS[name]}原为{'是' if value else '否'}"
    if name == "residence_id":
        return f"{LABELS[name]}已变更"
    shown = COVERS[name](value) if name in COVERS and value else value
    return f"{LABELS[name]}原为“{shown}”" if shown else f"{LABELS[name]}原未登记"


@needs(Permission.EDIT_CHILD)
@require_http_methods(["GET", "HEAD", "POST"])
def guardian_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a member of the family."""
    actor = actor_of(request)
    student = _student(actor, pk)
    form = GuardianForm(request.POST if request.method == "POST" else None, may=_may(actor, student))
    if request.method == "POST" and form.is_valid():
        try:
            row = add_guardian(by=actor, student=student, guardian=NewGuardian(**form.values), now=now())
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, f"已增加家庭成员：{row.name}（{row.relation}）。")
            return redirect("students:home", pk)
    return _form(request, actor, student, form, "增加家庭成员")


@needs(*EDITS)
@require_http_methods(["GET", "HEAD", "POST"])
def guardian(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a member of the family, as far as the post goes."""
    actor = actor_of(request)
    row = _guardian(actor, pk)
    may = _may(actor, row.student)
    form = GuardianForm(request.POST if request.method == "POST" else None, may=may, known=row)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_guardian(
                by=actor, guardian=row, values=form.values, why=form.cleaned_data["why"], now=now()
            )
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, f"{row.name}的信息已更正。" if changed else "与原来相同，没有更改。")
            return redirect("students:home", row.student_id)
    return _form(request, actor, row.student, form, f"更正{row.name}（{row.relation}）")


def _guardian(actor: Actor, pk: int) -> Guardian:
    rows = Guardian.objects.visible_to(actor, Permission.VIEW_CHILD).filter(ended_on__isnull=True)
    return one_or_404(rows.select_related("student"), pk=pk)


def _form(request: HttpRequest, actor: Actor, student: Student, form: GuardianForm, title: str) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "name": shown_name(actor, student.name),
        "cancel_url": reverse("students:home", args=[student.pk]),
    }
    return render(request, "students/guardian.html", context, status=400 if request.method == "POST" else 200)


@needs(Permission.EDIT_CHILD)
@require_POST
def guardian_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member out of the family, with the reason."""
    actor = actor_of(request)
    row = _guardian(actor, pk)
    may = _may(actor, row.student)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _again(request, row.student, may, form)
    try:
        end_guardian(by=actor, guardian=row, why=form.cleaned_data["why"], now=now())
    except ValueError as refused:
        return _again(request, row.student, may, str(refused))
    messages.success(request, f"已移出家庭成员：{row.name}（{row.relation}）。")
    return redirect("students:home", row.student_id)


def _again(
    request: HttpRequest, student: Student, may: frozenset[Permission], wrong: ReasonForm | str
) -> HttpResponse:
    said = [wrong] if isinstance(wrong, str) else sentences(wrong)
    places = possible_homes(student, actor_of(request))
    form = ResidenceForm(places=places, student=student) if Permission.EDIT_RESIDENCE in may else None
    return _page(request, student, may, form, said)


@needs(*MAY_SAY)
@require_POST
def household(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap: of one household with another child in sight, not of one, or out of the household."""
    actor = actor_of(request)
    student = _student(actor, pk)
    may = _may(actor, student)
    answer = request.POST.get("answer", "")
    if answer == "leave":
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return _again(request, student, may, form)
        leave_household(by=actor, student=student, why=form.cleaned_data["why"], now=now())
        messages.success(request, "已移出本户。")
        return redirect("students:child", pk)
    if answer not in ("one", "apart"):
        return _again(request, student, may, "请点“合为一户”或“不是一户”。")
    other = _student(actor, request.POST.get("other", ""))
    if other == student:
        return _again(request, student, may, "请选择另一名学生。")
    if answer == "one":
        join_household(by=actor, student=student, other=other, now=now())
        messages.success(request, f"已与{shown_name(actor, other.name)}合为一户。")
    else:
        part_household(by=actor, student=student, other=other, now=now())
        messages.success(request, f"已记下：与{shown_name(actor, other.name)}不是一户，不再提示。")
    return redirect("students:child", pk)


@needs(Permission.VIEW_CHILD)
@require_GET
def siblings(request: HttpRequest, pk: int) -> HttpResponse:
    """Other children of the household on a school's books, as a part of the case page."""
    actor = actor_of(request)
    student = _student(actor, pk)
    context = {
        "siblings": [sibling_line(actor, hit) for hit in in_school(siblings_of(actor, student.pk))],
        "name": shown_name(actor, student.name),
        "back_url": reverse("students:child", args=[pk]),
    }
    return render(request, "students/_siblings.html" if is_part(request) else "students/siblings.html", context)


@needs(Permission.EDIT_RESIDENCE)
@require_GET
def homes(request: HttpRequest) -> HttpResponse:
    """The homes of a village or grid with their children, household by household, page by page."""
    actor, day = actor_of(request), today()
    chosen = HomeFilter(request.GET, homes_in(actor), actor=actor)
    rows = chosen.qs if chosen.is_valid() else homes_in(actor).none()
    page = page_of_homes(actor, rows, request.GET.get("after", ""))
    context = {
        "form": chosen.form,
        "homes": [
            {
                "head": shown_name(actor, one.head),
                "place": one.place,
                "children": [
                    {
                        "name": shown_name(actor, hit.student.name),
                        "url": reverse("students:child", args=[hit.student.pk]),
                        "school": f"{hit.enrolment.school.name} {hit.enrolment.school_class.name}"
                        if hit.enrolment
                        else "未在县内就读",
                        "of_age": bool(hit.student.birth_date and is_school_age(hit.student.birth_date, day)),
                    }
                    for hit in one.children
                ],
            }
            for one in page.homes
        ],
        "shown": len(page.homes),
        "earlier_url": "",
        "later_url": chosen.address(page.after) if page.after else "",
    }
    return render(request, "students/homes.html", context, status=200 if chosen.is_valid() else 400)
