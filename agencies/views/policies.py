"""Plans: which unit runs which version, one version read back in sentences, adoption."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agencies.actions import policies
from agencies.choices import Permission, UnitKind
from agencies.forms import AdoptForm
from agencies.models import Adoption, PolicyVersion, Unit
from agencies.queries.policies import (
    adoptions_announced,
    adoptions_reaching,
    all_versions,
    clauses_of,
    content_of,
    policy_of,
    unit_plan_of,
    version_by,
    versions_of_key,
)
from agencies.rules.policy_dates import validity_warning
from agencies.rules.policy_difference import policy_changes
from agencies.rules.policy_reading import NOT_IN_PLAN, lines, rungs
from agencies.rules.policy_schema import Policy
from agencies.rules.unit_reading import clause_table, sections
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, one_or_404, today

READS = (Permission.VIEW_CASE, Permission.VIEW_FIGURES, Permission.ADOPT_POLICY)
_RUNS_PLANS = (UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL)


@needs(*READS)
def index(request: HttpRequest) -> HttpResponse:
    """The plans in force where one works, and every version on record."""
    actor = actor_of(request)
    paths = [post.unit_path for post in actor.posts]
    rows = [*adoptions_reaching(paths, today()), *adoptions_announced(paths, today())]
    context = {"adoptions": [_shown(row, actor) for row in rows], "versions": all_versions()}
    return render(request, "agencies/policies.html", context)


def _shown(row: Adoption, actor: Actor) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "unit": row.unit,
        "ahead": row.first_day > today(),
        "may_move": row.first_day <= today() and actor.can_at(Permission.ADOPT_POLICY, row.unit.path),
        "version": row.version,
        "since": day_label(row.first_day),
        "note": row.note,
        "warning": validity_warning(row.version.valid_from, row.version.valid_to, today()),
    }


@needs(*READS)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its steps with clause, quotation and what the plan leaves open; adoption by those who may."""
    actor = actor_of(request)
    version = version_by(pk)
    if version is None:
        raise Http404("没有这个方案版本。")
    units = _units(actor)
    form = AdoptForm(request.POST or None, units=units, initial={"on": today()}) if units else None
    if request.method == "POST":
        actor.require(Permission.ADOPT_POLICY)
        answer = _adopt(request, actor, version, form)
        if answer:
            return answer
    plan = policy_of(version)
    context = {
        "version": version,
        "plan": plan,
        "valid": f"{day_label(version.valid_from)} 至 {day_label(version.valid_to)}",
        "rungs": rungs(plan),
        "lines": lines(plan),
        "sections": sections(unit_plan_of(version), content_of(version).get("indicators", {})),
        "clauses": clause_table(clauses_of(version)),
        "not_in_plan": NOT_IN_PLAN,
        "form": form,
        **_compared(request, version, plan),
    }
    return render(request, "agencies/policy.html", context, status=400 if request.method == "POST" else 200)


def _compared(request: HttpRequest, version: PolicyVersion, plan: Policy) -> dict[str, Any]:
    """The other versions of this plan and, where one is asked for, what changed from the earlier to the later."""
    others = [row for row in versions_of_key(version.key) if row.pk != version.pk]
    asked = request.GET.get("with", "")
    with_version = next((row for row in others if str(row.pk) == asked), None)
    if asked and with_version is None:
        raise Http404("没有这个方案的另一版本，请从列表中选择。")
    if with_version is None:
        return {"others": others}
    pair = ((with_version, policy_of(with_version)), (version, plan))
    before, after = sorted(pair, key=lambda one: one[0].version)
    changes = policy_changes(before[1], after[1])
    return {"others": others, "before": before[0], "after": after[0], "with": with_version, "changes": changes}


def _units(actor: Actor) -> list[tuple[int, str]]:
    if not actor.can(Permission.ADOPT_POLICY):
        return []
    rows = Unit.objects.visible_to(actor, Permission.ADOPT_POLICY).filter(kind__in=_RUNS_PLANS, last_day__isnull=True)
    return [(row.pk, f"{row.get_kind_display()} · {row.name}") for row in rows.order_by("path")]


def _adopt(request: HttpRequest, actor: Actor, version: PolicyVersion, form: AdoptForm | None) -> HttpResponse | None:
    if form is None or not form.is_valid():
        return None
    unit = one_or_404(Unit.objects.visible_to(actor, Permission.ADOPT_POLICY), pk=form.cleaned_data["unit"])
    on = form.cleaned_data["on"]
    try:
        made = policies.adopt(by=actor, unit=unit, version=version, on=on, note=form.cleaned_data["note"], now=now())
    except ValueError as error:
        form.add_error("on", str(error))
        return None
    since = day_label(made.first_day)  # adopted already: the day that stands
    messages.success(request, f"{unit.name}自{since}起采用《{version.title}》；在办个案仍按原方案。")
    return redirect("agencies:policies")
