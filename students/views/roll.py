"""The class page: the register taken, corrected, merged; a child on no list added."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, today
from students.actions.extra import add_unlisted
from students.actions.roll import RollRefusedError, SavedRoll, save_roll
from students.choices import AbsenceReason, PartOfDay
from students.forms import SentRoll, read_roll
from students.models import RollCall
from students.queries.roll import class_children
from students.rules.roll import part_asked, parts_of
from students.views.roll_page import ClassPage, context_of, own_classes, row_of
from students.views.roll_rows import render_rows
from students.web import asked_day, class_or_404, class_url, flash_errors, is_part, part_url

UNEXPLAINED = frozenset({AbsenceReason.UNEXCUSED, AbsenceReason.WHEREABOUTS_UNKNOWN})


@needs(Permission.TAKE_ROLL)
def roll_mine(request: HttpRequest) -> HttpResponse:
    """A teacher's own class, or the list of them with what is reported; school staff go to the school's page."""
    actor = actor_of(request)
    classes = own_classes(actor)
    if len(classes) == 1:
        return redirect("students:roll_class", *classes)
    schools = [post.unit_id for post in actor.posts if post.unit_kind == UnitKind.SCHOOL]
    if not classes and schools:
        return redirect("students:roll_school", schools[0])
    day = today()
    calls = RollCall.objects.visible_to(actor, Permission.VIEW_ROLL).filter(school_class__in=classes, day=day)
    # Of two registers of half a day the afternoon's.
    by_class = {call.school_class_id: call for call in calls.order_by("part")}
    rows = [{"label": name, "url": class_url(pk, day), "call": by_class.get(pk)} for pk, name in classes.items()]
    return render(request, "students/roll_mine.html", {"classes": rows, "day_label": day_label(day)})


@needs(Permission.VIEW_ROLL, Permission.TAKE_ROLL)
@require_http_methods(["GET", "HEAD", "POST"])
def roll_class(request: HttpRequest, class_id: int) -> HttpResponseBase:
    """The register of a class on a day; a sent one is saved, merged or shown again with what is wrong."""
    actor, day = actor_of(request), asked_day(request)
    school_class = class_or_404(actor, class_id, Permission.VIEW_ROLL)
    page = _open(request, actor, school_class, day)
    if request.method == "POST":
        return _save(request, page, read_roll(request.POST))
    return render(request, "students/roll_class.html", context_of(page))


def _open(request: HttpRequest, actor: Actor, school_class: Unit, day: date) -> ClassPage:
    calendar, moment = calendar_of(school_class, day), now()
    part = part_asked(calendar, day, moment, request.GET.get("part", ""))
    return ClassPage(actor, school_class, day, moment.date(), calendar, moment, part)


def _save(request: HttpRequest, page: ClassPage, sent: SentRoll) -> HttpResponse:
    page.sent = sent
    if sent.errors:
        return render(request, "students/roll_class.html", context_of(page), status=400)
    try:
        saved = save_roll(
            by=page.actor,
            school_class=page.school_class,
            day=page.day,
            changes=sent.changes,
            calendar=page.calendar,
            now=now(),
            why=sent.why,
            part=page.part,
        )
    except RollRefusedError as refused:
        page.errors.append(str(refused))
        return render(request, "students/roll_class.html", context_of(page), status=400)
    if saved.conflicts:
        page.conflicts = saved.conflicts
        return render(request, "students/roll_class.html", context_of(page), status=409)
    _say(request, saved)
    _point_on(request, page.actor, saved, sent)
    parts = parts_of(page.calendar, page.day)
    return redirect(part_url(page.school_class.pk, page.day, page.part, parts))


def _say(request: HttpRequest, saved: SavedRoll) -> None:
    call = saved.call
    half = "" if call.part == PartOfDay.DAY else PartOfDay(call.part).label
    text = f"{half}已登记：应到{call.expected} 实到{call.expected - call.absent} 缺{call.absent}"
    if not (saved.waiting and not saved.touched):
        messages.success(request, text)
    if saved.waiting:
        messages.warning(
            request,
            f"有{len(saved.waiting)}名学生的更正会取消已经产生的待办，须由另一位校领导或学籍管理员复核后才生效；"
            "复核前原登记不变。",
        )


def _point_on(request: HttpRequest, actor: Actor, saved: SavedRoll, sent: SentRoll) -> None:
    """A child away without leave asks for something to be done: the way there stands in the answer."""
    away = [c for c in sent.changes if c.now.reason in UNEXPLAINED and c.student_id in saved.touched]
    if away and actor.can(Permission.RECORD_SCHOOL_EVENT):
        text = '本次登记无故缺课或去向不明{}人，要办的事见<a href="{}">今日工作</a>。'
        messages.warning(request, format_html(text, len(away), reverse("cases:work")))


@needs(Permission.TAKE_ROLL)
@require_POST
def roll_extra(request: HttpRequest, class_id: int) -> HttpResponse:
    """A child in the classroom but on no list is put on the class's list (人在无籍)."""
    actor, day = actor_of(request), asked_day(request)
    school_class = class_or_404(actor, class_id, Permission.TAKE_ROLL)
    page = _open(request, actor, school_class, day)
    try:
        student = add_unlisted(
            by=actor,
            school_class=school_class,
            name=request.POST.get("name", ""),
            phone=request.POST.get("phone", ""),
            on=day,
            calendar=page.calendar,
            now=now(),
        )
    except ValueError as mistake:
        if is_part(request):
            return flash_errors(request, [str(mistake)])
        page.errors.append(str(mistake))
        return render(request, "students/roll_class.html", context_of(page), status=400)
    if not is_part(request):
        messages.success(request, f"已加入本班名单：{student.name}。学籍由学籍管理员补办。")
        return redirect(class_url(class_id, day))
    children = class_children(school_class, day, page.calendar, page.part)
    child = next(c for c in children if c.student_id == student.pk)
    return HttpResponse(render_rows([row_of(page, child)]))
