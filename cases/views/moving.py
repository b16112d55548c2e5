"""Moving open cases to the version their unit has adopted: a preview per case, then the act with its reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agencies.choices import Permission
from agencies.models import Adoption
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, page_of, today
from cases.actions.moving import move_cases
from cases.forms import REASON_LENGTH, MoveForm
from cases.models import Case
from cases.queries.moving import adoption_of, cases_to_move, standings_under_both
from cases.rules.standing import Standing
from cases.rules.standing_difference import differences
from cases.web import names_for

SIZE = 50


@needs(Permission.ADOPT_POLICY)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """The cases an adoption governs that still run under another version; POST moves the chosen ones."""
    actor = actor_of(request)
    adoption = adoption_of(actor, pk, today())
    if adoption is None:
        raise Http404("没有这项采用记录，或不在您的职责范围内。")
    plan = f"《{adoption.version.title}》第{adoption.version.version}版"
    first = {"reason": f"{adoption.unit.name}自{day_label(adoption.first_day)}起采用{plan}"[:REASON_LENGTH]}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        moved = move_cases(by=actor, adoption=adoption, case_ids=form.chosen, reason=reason, now=now())
        messages.success(request, f"已将{moved}个在办个案改按{plan}办理。")
        return redirect("cases:move", adoption.pk)
    page = page_of(request, cases_to_move(actor, adoption, today()), size=SIZE)
    context = {
        "adoption": adoption,
        "since": day_label(adoption.first_day),
        "form": form,
        "rows": _rows(actor, adoption, page.rows, form),
        "page": page,
    }
    return render(request, "cases/move.html", context, status=400 if request.method == "POST" else 200)


def _rows(actor: Actor, adoption: Adoption, cases: list[Case], form: MoveForm) -> list[dict[str, Any]]:
    names = names_for(actor, cases)
    both = standings_under_both(cases, adoption, today())
    return [
        {
            "case": case,
            "name": names[case.pk],
            "chosen": case.pk in form.chosen if form.is_bound else True,
            "before": _said(both[case.pk][0]),
            "after": _said(both[case.pk][1]),
            "changes": differences(*both[case.pk]),
        }
        for case in cases
    ]


def _said(standing: Standing) -> dict[str, Any]:
    """Where a case stands: stage, and what is owed with its dates."""
    owed = [f"{duty.name}，{_by(duty.due_on)}" for duty in standing.waiting]
    return {"stage": standing.stage.label, "owed": owed}


def _by(due_on: date | None) -> str:
    return f"{day_label(due_on)}到期" if due_on else "未定期限"
