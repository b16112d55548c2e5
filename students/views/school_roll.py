"""The registrar's day page: find a child, mark it, take it back, confirm the classes that have not reported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.numbers import whole
from agencies.web import actor_of, needs, now
from students.actions.marks import mark_child
from students.actions.roll import RollRefusedError, confirm_all_present
from students.models import Enrolment
from students.rules.roll import PRESENT, Change, Value
from students.rules.sent import read_sent, read_value
from students.views.school_page import SchoolPage, context_of, hits_of, open_page
from students.web import asked_day, at_day, is_part, school_or_404


@needs(Permission.VIEW_ROLL)
@require_GET
def roll_school(request: HttpRequest, school_id: int) -> HttpResponse:
    """The whole school on one screen; ?q= works without script too."""
    page = open_page(request, school_id, Permission.VIEW_ROLL)
    query = request.GET.get("q", "") if not page.why_not else ""
    return render(request, "students/roll_school.html", context_of(page, query=query))


@needs(Permission.TAKE_SCHOOL_ROLL)
@require_GET
def roll_suggest(request: HttpRequest, school_id: int) -> HttpResponse:
    """Children found for what is typed, as a part of the page."""
    actor, day = actor_of(request), asked_day(request)
    school = school_or_404(actor, school_id, Permission.TAKE_SCHOOL_ROLL)
    context = hits_of(actor, school, day, request.GET.get("q", ""), request.GET.get("part", ""))
    add_url = at_day(reverse("students:roll_mark", args=[school.pk]), day)
    return render(
        request, "students/_roll_hits.html", {"page": {"add_url": add_url, "day": day.isoformat()}, **context}
    )


@needs(Permission.TAKE_SCHOOL_ROLL)
@require_POST
def roll_mark(request: HttpRequest, school_id: int) -> HttpResponse:
    """Put one child's absence on record."""
    return _mark(request, school_id, request.POST.get("reason", "") or "?", request.POST.get("part", ""))


@needs(Permission.TAKE_SCHOOL_ROLL)
@require_POST
def roll_unmark(request: HttpRequest, school_id: int) -> HttpResponse:
    """Take today's mark of one child back: it is here."""
    return _mark(request, school_id, PRESENT, "")


@needs(Permission.TAKE_SCHOOL_ROLL)
@require_POST
def roll_confirm(request: HttpRequest, school_id: int) -> HttpResponse:
    """Confirm classes that have not reported: those marked stay absent, everybody else was present."""
    page = open_page(request, school_id, Permission.TAKE_SCHOOL_ROLL)
    if sentence := page.why_not:
        return _answer(request, page, errors=[sentence])
    ids = set(request.POST.getlist("class"))
    classes = [row.school_class for row in page.classes if str(row.school_class.pk) in ids]
    if not classes:
        return _answer(request, page, errors=["请至少勾选一个班级。"])
    try:
        done = confirm_all_present(by=page.actor, classes=classes, day=page.day, calendars=page.calendars, now=now())
    except RollRefusedError as refused:
        return _answer(request, page, errors=[str(refused)])
    return _answer(request, page, note=f"已确认{done}个班级点名，除已登记的缺课学生外全部到校。")


def _mark(request: HttpRequest, school_id: int, reason: str, part: str) -> HttpResponse:
    page = open_page(request, school_id, Permission.TAKE_SCHOOL_ROLL)
    wanted, seen = read_value(reason, part, ""), read_sent(request.POST.get("seen", ""))
    enrolment = _enrolment(page, request.POST.get("child", ""))
    if wanted is None or seen is None or enrolment is None:
        return _answer(request, page, errors=["没有找到这名学生，或原因不在可选范围内，请重新查找后点选原因。"])
    name, school_class = enrolment.student.name, enrolment.school_class
    try:
        conflict = mark_child(
            by=page.actor,
            school_class=school_class,
            day=page.day,
            change=Change(enrolment.student_id, seen, wanted),
            calendar=page.calendars.get(school_class.pk, page.calendar),
            now=now(),
        )
    except RollRefusedError as refused:
        return _answer(request, page, errors=[str(refused)])
    if conflict:
        theirs = conflict.theirs.text
        return _answer(
            request, page, errors=[f"{name}刚才已被别人登记为“{theirs}”，没有改动。如要改，请重新查找后再选。"]
        )
    return _answer(request, page, note=_note(name, school_class, wanted))


def _enrolment(page: SchoolPage, text: str) -> Enrolment | None:
    rows = Enrolment.objects.visible_to(page.actor, Permission.TAKE_SCHOOL_ROLL)
    mine = rows.filter(student_id=whole(text) or 0, school=page.school, last_day__isnull=True)
    return mine.select_related("student", "school_class").first()


def _note(name: str, school_class: Unit, wanted: Value) -> str:
    return f"{'已记' if wanted.reason else '已改'}：{name} {school_class.name} {wanted.text}"


def _answer(
    request: HttpRequest, page: SchoolPage, *, note: str = "", errors: list[str] | None = None
) -> HttpResponse:
    """The part of the page htmx asked for; without script a redirect, or the whole page with what is wrong."""
    status = 400 if errors else 200
    if is_part(request):
        fresh = page if errors else open_page(request, page.school.pk, Permission.TAKE_SCHOOL_ROLL)
        return render(request, "students/_roll_day.html", context_of(fresh, note=note, errors=errors), status=status)
    if errors:
        return render(request, "students/roll_school.html", context_of(page, errors=errors), status=status)
    messages.success(request, note)
    return redirect(at_day(reverse("students:roll_school", args=[page.school.pk]), page.day))
