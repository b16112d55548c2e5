"""The list of children with its one search box; as a part, the picker of other pages' forms."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from agencies.choices import Permission
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, addresses, needs
from students.choices import EnrolmentStatus, Sex
from students.filters import StudentFilter
from students.models import Student
from students.models.student import StudentQuerySet
from students.queries.search import Line, Turn, asked, find_ids, lines
from students.rules.masks import mask_number
from students.web import is_part, shown_name

PAGE, PICKS = 30, 8
PICK_NAME = re.compile(r"[a-z_]{1,30}")


@needs(Permission.VIEW_CHILD)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Children in sight by name, pinyin, initials or number (?q=), page by page (?after=)."""
    actor, query = actor_of(request), asked(request.GET.get("q", ""))
    everybody = Student.objects.visible_to(actor, Permission.VIEW_CHILD)
    if pick := request.GET.get("pick", ""):
        return _pick(request, actor, pick, query)
    chosen = StudentFilter(request.GET, everybody, actor=actor)
    rows = chosen.qs if chosen.is_valid() else everybody.none()
    turn = _turn(request, everybody)
    found = find_ids(rows, query, limit=PAGE + 1, turn=turn)
    more = len(found) > PAGE
    back = turn is not None and turn.back
    hits = lines((found[1:] if back else found[:PAGE]) if more else found)
    here: dict[str, str] = {**({"q": query} if query else {}), **chosen.applied}
    url = reverse("students:search")
    context = {
        "query": query,
        "form": chosen.form,
        "applied": len(chosen.applied),
        "keep": {"q": query} if query else {},
        "clear_url": f"{url}?{urlencode({'q': query})}" if query else url,
        "rows": _rows(actor, hits),
        "shown": len(hits),
        "earlier_url": _page_url(here, "before", hits[0]) if hits and turn and (more or not back) else "",
        "later_url": _page_url(here, "after", hits[-1]) if hits and (more or back) else "",
    }
    return render(request, "students/search.html", context, status=200 if chosen.is_valid() else 400)


def _turn(request: HttpRequest, everybody: StudentQuerySet) -> Turn | None:
    for name in ("after", "before"):
        pk = whole(request.GET.get(name, ""))
        if pk is not None:
            child = everybody.filter(pk=pk).first()
            return Turn(child, back=name == "before") if child else None
    return None


def _page_url(here: dict[str, str], name: str, hit: Line) -> str:
    return f"{reverse('students:search')}?{urlencode({**here, name: str(hit.id)})}"


def _pick(request: HttpRequest, actor: Actor, pick: str, query: str) -> HttpResponse:
    everybody = Student.objects.visible_to(actor, Permission.VIEW_CHILD)
    found = find_ids(everybody, query, limit=PICKS) if query else []
    rows = _rows(actor, lines(found))
    name = pick if PICK_NAME.fullmatch(pick) else "student"
    template = "students/_picks.html" if is_part(request) else "students/picks.html"
    return render(request, template, {"rows": rows, "query": query, "pick": name})


def _rows(actor: Actor, hits: list[Line]) -> list[dict[str, Any]]:
    url, sexes, standings = addresses("students:child"), dict(Sex.choices), dict(EnrolmentStatus.choices)
    return [
        {
            "id": hit.id,
            "url": url(hit.id),
            "name": shown_name(actor, hit.name),
            "sex": sexes.get(hit.sex, hit.sex),
            "class_name": hit.class_name,
            "school_name": hit.school_name or "未在县内就读",
            "status": standings.get(hit.status, hit.status),
            "in_school": hit.status == EnrolmentStatus.IN_SCHOOL,
            "number": hit.number,
            "document": mask_number(hit.document_number),
        }
        for hit in hits
    ]
