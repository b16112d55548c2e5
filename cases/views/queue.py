"""The persuasion queue: filtered, sorted, paged by key, with filters a person keeps."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, today
from cases.actions.filters import remove_filter, save_filter
from cases.choices import Stage
from cases.filters import CaseFilter
from cases.forms import FilterNameForm
from cases.models import Case
from cases.queries.clusters import clusters_in_sight
from cases.queries.queue import ORDERS, facets, homeless_cases, page_of, saved_filters, visible_cases
from cases.web import cause_of, fresh, may_assign, names_for, outcome_of, owner_label
from students.rules.attendance import in_days

PAGE_KEY = "queue"
HELPED = "帮扶中的学生"
# What a kept filter may name beside the fields every reader has: the units, people and plans offered, and the order.
OFFERED = frozenset({"township", "village", "school", "school_class", "person", "plan", "sort"})


@needs(Permission.VIEW_CASE)
def queue(request: HttpRequest) -> HttpResponse:
    """Cases in sight, as cards on a phone and a table on a desk."""
    actor, on = actor_of(request), today()
    listed = CaseFilter(
        request.GET,
        visible_cases(actor),
        actor=actor,
        on=on,
        offered=facets(actor, request.GET.get("school_class", "")),
    )
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else "due"
    page = page_of(listed.qs, ORDERS[sort], after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    fresh(page.rows, on, now())
    names = names_for(actor, page.rows)
    applied = listed.applied
    query = urlencode({**applied, "sort": sort})
    context = {
        "form": listed.form,
        "applied": len(applied),
        "query": query,
        "rows": [_line(actor, case, names[case.pk]) for case in page.rows],
        "orders": [
            {"label": order.label, "url": f"?{urlencode({**applied, 'sort': key})}", "active": key == sort}
            for key, order in ORDERS.items()
        ],
        "keep": {"sort": sort},
        "earlier_url": f"?{query}&{urlencode({'before': page.earlier})}" if page.earlier else "",
        "later_url": f"?{query}&{urlencode({'after': page.later})}" if page.later else "",
        "shown": len(page.rows),
        "clusters": _clusters(actor, on),
        "homeless": homeless_cases(actor) if actor.can(Permission.INQUIRE) else 0,
        "saved": saved_filters(actor, PAGE_KEY),
        "title": HELPED if applied.get("stage") == Stage.HELP else "劝返个案",
        "actions": _actions(actor, applied),
    }
    part = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "list"
    return render(request, "cases/_queue_list.html" if part else "cases/queue.html", context)


def _actions(actor: Actor, applied: dict[str, str]) -> list[dict[str, str]]:
    """The doors beside the title: to the children who are helped and not absent, and to the cases of old lists."""
    queue = reverse("cases:queue")
    helped = {"label": HELPED, "url": f"{queue}?{urlencode({'stage': Stage.HELP})}"}
    back = {"label": "劝返个案", "url": queue}
    old = [{"label": "补录旧台账个案", "url": reverse("cases:old_new")}] if may_assign(actor) else []
    return [back if applied.get("stage") == Stage.HELP else helped, *old]


def _clusters(actor: Actor, on: date) -> list[dict[str, str]]:
    """For the bureau: the classes of which several children came out of school within the plan's days."""
    if not actor.can(Permission.INQUIRE):
        return []
    return [
        {
            "text": f"{name}{cluster.days}日内新立案{cluster.cases}件，均未销号：请核查是否有共同原因",
            "url": f"{reverse('cases:queue')}?{urlencode({'school_class': cluster.school_class, 'sort': 'opened'})}",
        }
        for cluster, name in clusters_in_sight(actor, on)
    ]


def _line(actor: Actor, case: Case, name: str) -> dict[str, Any]:
    return {
        "pk": case.pk,
        "name": name,
        "url": reverse("cases:case", args=[case.pk]),
        "place": " ".join(unit.label for unit in (case.school, case.school_class) if unit),
        "home": " ".join(unit.label for unit in (case.township, case.village) if unit),
        "stage": case.stage,
        "stage_label": case.stage_words,
        "cause": cause_of(actor, case),
        "days": in_days(case.absent_half_days),
        "due": day_label(case.next_due_on),
        "overdue": case.overdue and case.closed_on is None,
        "owner": owner_label(case, case.owner_role) if case.owner_role else "",
        "sentence": case.sentence if not case.closed_on else f"{day_label(case.closed_on)} {outcome_of(actor, case)}",
        "person": case.person.name if case.person else "",
        "relapses": case.relapses,
    }


@require_POST
@needs(Permission.VIEW_CASE)
def filter_save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    actor = actor_of(request)
    form = FilterNameForm(request.POST)
    if not form.is_valid():
        text = next(iter(form.errors.values()))[0]
        messages.error(request, f"没有保存：{text}。")
        return redirect("cases:queue")
    known = CaseFilter(dict(parse_qsl(form.cleaned_data["query"])), visible_cases(actor), actor=actor, on=today())
    keep = {k: v for k, v in parse_qsl(form.cleaned_data["query"]) if k in known.filters or k in OFFERED}
    save_filter(by=actor, page=PAGE_KEY, name=form.cleaned_data["name"], query=urlencode(keep), now=now())
    messages.success(request, f"已保存筛选“{form.cleaned_data['name']}”。")
    return redirect(f"{reverse('cases:queue')}?{urlencode(keep)}")


@require_POST
@needs(Permission.VIEW_CASE)
def filter_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own filters."""
    actor = actor_of(request)
    saved = next((row for row in saved_filters(actor, PAGE_KEY) if row.pk == pk), None)
    if saved is None:
        raise Http404("没有这组筛选，或已删除。")
    remove_filter(by=actor, saved=saved, now=now())
    messages.success(request, f"已删除筛选“{saved.name}”。")
    return redirect("cases:queue")
