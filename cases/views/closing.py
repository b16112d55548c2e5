"""Closing a case off (销号): what is missing and who approves are said before; a second click closes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from agencies.choices import Permission
from agencies.web import actor_of, day_label, needs, now, say_refused, today
from cases.actions.closing import close_case
from cases.actions.events import EventRefusedError
from cases.choices import Outcome, Stage
from cases.forms import CloseForm
from cases.models import Case
from cases.queries.casepage import facts_of
from cases.queries.named_posts import acts_as
from cases.rules.closing import approver_of, check_closing, outcomes_for
from cases.rules.standing import Standing
from cases.web import case_or_404, head_of, names_for, outcome_of, owner_label
from students.forms.proofs import ProofsForm
from students.web import takes_files

CLOSERS = (
    Permission.CLOSE_CASE,
    Permission.RECORD_SCHOOL_EVENT,
    Permission.RECORD_VILLAGE_EVENT,
    Permission.RECORD_TOWNSHIP_EVENT,
)

# Endings proved by what a doctor or the expert committee wrote: such files are restricted unless said otherwise.
MEDICAL = frozenset(
    {Outcome.POSTPONED, Outcome.SUSPENDED, Outcome.HOME_TAUGHT, Outcome.SPECIAL_SCHOOL, Outcome.REMOTE}
)


@needs(*CLOSERS)
@takes_files
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """First click checks and shows the summary, the second closes; whoever may not approve sees who may."""
    actor = actor_of(request)
    case = case_or_404(actor, pk)
    if case.closed_on:
        done = "帮扶已于" if case.is_help else "本案已于"
        ended = "结束" if case.is_help else f"销号（{outcome_of(actor, case)}）"
        messages.info(request, f"{done}{day_label(case.closed_on)}{ended}。")
        return redirect("cases:case", case.pk)
    facts = facts_of(case, today())
    standing = facts.known.standing(today())
    approver = approver_of(facts.known.policy, standing)
    allowed = acts_as(actor, case, approver)
    helps = standing.stage == Stage.HELP
    form = _form(request, standing)
    check = partial(check_closing, facts.known.policy, standing, born_on=case.student.birth_date)
    checks = {outcome: check(outcome) for outcome in outcomes_for(standing)}
    context: dict[str, Any] = {
        "form": form,
        "case": case,
        "head": head_of(case, names_for(actor, [case])[case.pk]),
        "approver": owner_label(case, approver),
        "allowed": allowed,
        "rule": facts.known.policy.closing,
        "checks": [
            {"label": outcome.label, "missing": found.missing, "proof": found.proof}
            for outcome, found in checks.items()
        ],
        "sure": None,
        "helps": helps,
        "cancel_url": reverse("cases:case", args=[case.pk]),
    }
    if request.method != "POST":
        return render(request, "cases/close.html", context)
    if not allowed:
        what = "结束帮扶" if helps else "本案销号"
        raise PermissionDenied(f"{what}须由{owner_label(case, approver)}（或其上级）批准。")
    if not form.is_valid():
        return render(request, "cases/close.html", context, status=400)
    missing = check(Outcome(form.cleaned_data["outcome"]), form.cleaned_data["proof"]).missing
    if missing:
        say_refused(form, EventRefusedError(list(missing)))
        return render(request, "cases/close.html", context, status=400)
    return _close(request, case, form, context)


def _form(request: HttpRequest, standing: Standing) -> CloseForm:
    """The endings as the record stands, the likely one chosen."""
    outcomes = outcomes_for(standing)
    first = "returned" if standing.returned_on else outcomes[0] if len(outcomes) == 1 else ""
    form = CloseForm(outcomes, request.POST or None, initial={"outcome": first})
    if standing.stage == Stage.HELP:
        form.fields["outcome"].label, form.fields["proof"].label = "结果", "帮扶评估结果"
        form.fields["proof"].required = True
        form.fields["proof"].error_messages["required"] = "请填写帮扶评估结果。"
        form.fields["proof"].help_text = "目标是否达成；毕业、转学的写明原因"
    return form


def _close(request: HttpRequest, case: Case, form: CloseForm, context: dict[str, Any]) -> HttpResponse:
    """The summary after the first click; after the second the closing with its proofs."""
    actor, typed = actor_of(request), form.cleaned_data
    outcome, sure = Outcome(typed["outcome"]), request.POST.get("sure") == "yes"
    proofs = ProofsForm(on=today(), initial={"restricted": outcome in MEDICAL})
    if sure:
        proofs = ProofsForm(request.POST, request.FILES, on=today())
    if not sure or not proofs.is_valid():
        context["sure"] = {"outcome": outcome.label, "proof": typed["proof"], "note": typed["note"]}
        context["proofs"] = proofs
        return render(request, "cases/close.html", context, status=400 if sure else 200)
    try:
        close_case(
            by=actor,
            case=case,
            outcome=outcome,
            proof=typed["proof"],
            now=now(),
            note=typed["note"],
            proofs=proofs.kept(),
        )
    except EventRefusedError as refused:
        say_refused(form, refused)
        return render(request, "cases/close.html", context, status=400)
    messages.success(request, "帮扶已结束。" if context["helps"] else f"已销号：{outcome.label}。")
    return redirect("cases:case", case.pk)
