"""Events recorded in place, and wrong ones corrected by superseding."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agencies.choices import Permission
from agencies.queries.policies import policy_of
from agencies.scope import Actor
from agencies.web import actor_of, back, day_label, needs, now, one_or_404, say_refused, today
from cases.actions.events import (
    EventRefusedError,
    NewEvent,
    StaleCaseError,
    record_event,
    require_correctable,
    require_writable,
    supersede_event,
)
from cases.actions.viewing import note_phones_shown
from cases.choices import EventKind, Stage
from cases.forms import EventForm, SupersedeForm
from cases.models import Case, Event
from cases.queries.casepage import (
    CaseFacts,
    events_in_sight,
    facts_of,
    guardians,
    recordable,
    visits_of,
    writable_units,
)
from cases.queries.worklists import owes_duty
from cases.rules.courts import enforcement_notes
from cases.rules.event_fields import POLICE, plan_choices
from cases.rules.picture import event_text, event_title, recorded_words, visit_notes
from cases.rules.privacy import restricted_title, tells_restricted_cause, with_cause_covered
from cases.rules.support_plan import review_after
from cases.rules.transitions import bars, fields_of
from cases.web import (
    SHORT,
    Contact,
    alarms_of,
    case_or_404,
    caution_of,
    contacts,
    elsewhere,
    entry_values,
    head_of,
    may_know,
    names_for,
    own_page,
    permit,
    say_rest_day,
    title_for,
)
from students.forms.proofs import ProofsForm
from students.web import takes_files

STALE = 409
NO_SUCH = "没有这种登记事项，请从个案页选择。"
# Fields that are usually the writer's own name.
ME = frozenset({"by", "recorder", "receiver", "people", "person"})
# What taking back an entry of these kinds brings about.
UNDOES = {
    EventKind.CLOSED: "更正后本案恢复为未销号。",
    EventKind.SUPPORT_PLAN: "更正后这份方案作废，以前的方案（如有）恢复；正确的请在一生一策页重新制定。",
    EventKind.MEASURE_DONE: "更正后这项措施恢复为未落实。",
}
VISITING = frozenset({EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION, EventKind.PERSUASION})


def _kind(text: str) -> EventKind:
    if text not in EventKind.values or text == EventKind.HELP_BEGUN:
        raise Http404(NO_SUCH)
    return EventKind(text)


@needs(Permission.VIEW_CASE)
@takes_files
def event_new(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The form of one kind of event; sent again after another officer's entry it keeps everything typed."""
    actor, chosen = actor_of(request), _kind(kind)
    case = case_or_404(actor, pk)
    if chosen == EventKind.FLAGGED and case.stage != Stage.HELP:
        raise Http404(NO_SUCH)
    if page := elsewhere(case, chosen):
        return redirect(page)
    permit(actor, chosen)
    require_writable(actor, case, chosen)
    facts = facts_of(case, today())
    narrowed = plan_choices(facts.known.policy)
    if request.method != "POST":
        form = EventForm(chosen, on=today(), narrowed=narrowed, initial=_defaults(actor, facts, chosen))
        return _page(request, case, facts, form, ProofsForm(on=today()))
    form = EventForm(chosen, request.POST, on=today(), narrowed=narrowed)
    proofs = ProofsForm(request.POST, request.FILES, on=today())
    if not form.is_valid() & proofs.is_valid():
        return _page(request, case, facts, form, proofs, status=400)
    try:
        event = record_event(by=actor, case=case, event=_new_event(form, proofs), now=now())
    except EventRefusedError as refused:
        say_refused(form, refused)
        return _page(request, case, facts, form, proofs, status=400)
    except StaleCaseError as stale:
        again = EventForm(chosen, sent_anew(request, stale), on=today(), narrowed=narrowed)
        again.is_valid()
        theirs = told_of(actor, stale)
        return _page(request, case, facts_of(case, today()), again, proofs, theirs=theirs, status=STALE)
    _say_done(request, event)
    if form.kind == EventKind.PLAN_REVIEWED:
        say_rest_day(request, facts.known.calendar, form.cleaned_data.get("review_on"))
    return back(request, "cases:case", case.pk)


def sent_anew(request: HttpRequest, stale: StaleCaseError) -> QueryDict:
    """What was typed, to be sent once more on the state that the other officer's entry made."""
    data = request.POST.copy()
    data["seen_version"] = str(stale.version)
    return data


def told_of(actor: Actor, stale: StaleCaseError) -> list[dict[str, str]]:
    """What other officers recorded meanwhile, as a form says it."""
    return [_told(actor, event) for event in stale.events]


def _told(actor: Actor, event: Event) -> dict[str, str]:
    kind = EventKind(event.kind)
    at = timezone.localtime(event.superseded_at or event.recorded_at)
    done = "更正了" if event.superseded_at else "登记了"
    who = event.superseded_by or " ".join(p for p in (event.recorded_post, event.recorded_name) if p)
    hidden = tells_restricted_cause(event.data) and not may_know(actor, event)
    why = "登记有误" if event.superseded_why and hidden else event.superseded_why
    said = why or event_text(kind, with_cause_covered(event.data) if hidden else event.data)
    return {
        "head": f"{at:%H:%M} {who} {done}：{day_label(event.happened_on)} {title_for(actor, event)}",
        "text": "" if restricted_title(kind, event.data, "") else said,
    }


def _say_done(request: HttpRequest, event: Event) -> None:
    late = recorded_words(event.happened_on, timezone.localtime(event.recorded_at))
    said = f"已登记：{event.get_kind_display()}。"
    if late:
        messages.warning(request, f"{said}发生于{day_label(event.happened_on)}，{late}，按补录留痕。")
    else:
        messages.success(request, said)


def _new_event(form: EventForm, proofs: ProofsForm) -> NewEvent:
    cleaned = form.cleaned_data
    return NewEvent(
        kind=form.kind,
        happened_on=cleaned["happened_on"],
        happened_at=cleaned.get("happened_at"),
        data=form.facts(),
        step=cleaned.get("step") or "",
        token=cleaned.get("token") or "",
        seen_version=cleaned.get("seen_version"),
        proofs=proofs.kept(),
    )


def _defaults(actor: Actor, facts: CaseFacts, kind: EventKind) -> dict[str, Any]:
    """Today, now, me, the guardian, and what the page has seen."""
    case, moment = facts.case, now()
    values: dict[str, Any] = {
        "happened_on": moment.date(),
        "token": secrets.token_hex(16),
        "seen_version": case.version,
    }
    if kind in (EventKind.PHONE_CALL, EventKind.REPORT_RECEIVED):
        values |= {"happened_at": f"{moment:%H:%M}", "time": f"{moment:%H:%M}"}
    if kind == EventKind.POLICE_REPORTED:
        values["authority"] = POLICE
    names = {field.name for field in fields_of(kind)}
    values |= dict.fromkeys(ME & names, actor.name)
    if kind == EventKind.DROPOUT_CONFIRMED:
        values["since"] = facts.known.standing(moment.date()).absent_since or moment.date()
    if kind == EventKind.PLAN_REVIEWED:
        values["review_on"] = review_after(facts.known.calendar, moment.date())
    if "guardian" in names:
        values["guardian"] = "、".join(g.name for g in guardians(case) if g.is_guardian)
    for knows in entry_values:
        values |= knows(case, kind, moment.date())
    return values


def _to_call(actor: Actor, case: Case, on: date) -> list[Contact]:
    """The numbers to dial before the call is written down, for whoever owes a duty; put on record."""
    if not owes_duty(actor, case.student_id, on):
        return []
    people = [contact for contact in contacts(guardians(case), whole=True) if contact.tel]
    shown = [case.pk] if people else []
    note_phones_shown(by=actor, page="event", cases=shown, now=now(), child=case.student.number)
    return people


def _page(
    request: HttpRequest,
    case: Case,
    facts: CaseFacts,
    form: EventForm,
    proofs: ProofsForm,
    *,
    theirs: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, on = actor_of(request), today()
    standing = facts.known.standing(on)
    visits = visits_of(facts.valid) if form.kind in VISITING else []
    context = {
        "form": form,
        "proofs": proofs,
        "kind": form.kind,
        "title": SHORT.get(form.kind) or form.kind.label,
        "head": head_of(case, names_for(actor, [case])[case.pk]),
        "case": case,
        "bars": bars(standing, form.kind) if status == 200 else [],
        "theirs": theirs or [],
        "caution": caution_of(case, standing, form.kind, recordable(actor, writable_units(actor, case), case)),
        "notes": enforcement_notes(form.kind, facts.known.events, standing.served_on, facts.known.calendar, on),
        "visits": visit_notes(visits, on),
        # The ladder itself decides, the form ties the event to none.
        "fulfils": "、".join(duty.name for duty in standing.waiting if form.kind in duty.step.done_by),
        "alarms": alarms_of(actor, facts.known.roll, facts.valid, now(), since=facts.known.since),
        "next": own_page(request, ""),
        "people": _to_call(actor, case, on) if form.kind == EventKind.PHONE_CALL else [],
        "cancel_url": own_page(request, reverse("cases:case", args=[case.pk])),
    }
    return render(request, "cases/event_form.html", context, status=status)


def _require_knowing(actor: Actor, event: Event) -> None:
    """PermissionDenied where the entry tells of illness or disability, unless its writer or one who may know."""
    tells = restricted_title(EventKind(event.kind), event.data, "") or tells_restricted_cause(event.data)
    if tells and not may_know(actor, event):
        raise PermissionDenied("这条登记含限制信息，只有登记人或授权人员能更正。")


@needs(Permission.VIEW_CASE)
@takes_files
def event_supersede(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a wrong entry: reason, and what is right in its place; the old one stays struck through."""
    actor = actor_of(request)
    event = one_or_404(events_in_sight(actor), pk=pk)
    kind = EventKind(event.kind)
    if kind != EventKind.CLOSED:
        permit(actor, kind)
    require_correctable(actor, event, today())
    _require_knowing(actor, event)
    narrowed = plan_choices(policy_of(event.case.policy))
    if request.method != "POST":
        form = SupersedeForm(kind, on=today(), narrowed=narrowed, initial=_before(event))
        return _correction(request, event, form, ProofsForm(on=today()))
    form = SupersedeForm(kind, request.POST, on=today(), narrowed=narrowed)
    proofs = ProofsForm(request.POST, request.FILES, on=today())
    if not form.is_valid() & proofs.is_valid():
        return _correction(request, event, form, proofs, status=400)
    if event.replaced_by.filter(token=form.cleaned_data.get("token") or "-").exists():
        return redirect("cases:case", event.case_id)
    instead = _new_event(form, proofs) if form.cleaned_data.get("mend") == "replace" else None
    try:
        supersede_event(by=actor, event=event, why=form.cleaned_data["correction"], now=now(), instead=instead)
    except EventRefusedError as refused:
        say_refused(form, refused)
        return _correction(request, event, form, proofs, status=400)
    except StaleCaseError as stale:
        again = SupersedeForm(kind, sent_anew(request, stale), on=today(), narrowed=narrowed)
        again.is_valid()
        return _correction(request, event, again, proofs, theirs=told_of(actor, stale), status=STALE)
    messages.success(request, "已更正，原登记划线保留。")
    return redirect("cases:case", event.case_id)


def _before(event: Event) -> Mapping[str, Any]:
    return {
        **event.data,
        "happened_on": event.happened_on,
        "happened_at": event.happened_at,
        "step": event.step,
        "token": secrets.token_hex(16),
        "seen_version": event.case.version,
        "mend": "replace",
    }


def _correction(
    request: HttpRequest,
    event: Event,
    form: SupersedeForm,
    proofs: ProofsForm,
    *,
    theirs: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    kind, actor = EventKind(event.kind), actor_of(request)
    context = {
        "form": form,
        "proofs": proofs,
        "title": f"更正登记：{event_title(kind, event.data)}",
        "head": head_of(event.case, names_for(actor, [event.case])[event.case_id]),
        "case": event.case,
        "event": {
            "day": day_label(event.happened_on),
            "title": event_title(kind, event.data),
            "text": event_text(kind, event.data),
            "by": " ".join(p for p in (event.recorded_post, event.recorded_name) if p),
        },
        "theirs": theirs or [],
        "undoes": "更正后恢复为帮扶中。" if kind == EventKind.CLOSED and event.case.is_help else UNDOES.get(kind, ""),
        "cancel_url": reverse("cases:case", args=[event.case_id]),
    }
    return render(request, "cases/supersede.html", context, status=status)
