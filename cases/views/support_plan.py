"""The support plan of a child (一生一策): one page to read it, one form to make or change it, one tap per measure."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, say_refused, sent_word, today
from cases.actions.events import EventRefusedError, NewEvent, StaleCaseError, require_writable
from cases.actions.support_plans import finish_measure, make_plan
from cases.choices import Cause, EventKind, MeasureKind, Stage
from cases.forms import MeasureForms, PlanForm
from cases.models import Case
from cases.queries.casepage import CaseFacts, facts_of, guardians, possible_persons, recordable, writable_units
from cases.queries.queue import groups_of
from cases.queries.support_plans import plan_before
from cases.rules.privacy import COVERED, RESTRICTED_CAUSES
from cases.rules.support_plan import REVIEW_AFTER, Measure, SupportPlan, reminders, review_after, support_plan
from cases.views import plan_parts as parts
from cases.views.events import STALE, sent_anew, told_of
from cases.web import case_or_404, event_link, fresh, head_of, names_for, permit, say_rest_day
from students.rules.privacy import shown_groups

# The kind of measure a cause asks for first.
ASKED = {
    Cause.WEARY: MeasureKind.MIND,
    Cause.BULLYING: MeasureKind.MIND,
    Cause.MISTREATED: MeasureKind.MIND,
    Cause.LEARNING: MeasureKind.LEARNING,
    Cause.PUSHED_OUT: MeasureKind.LEARNING,
    Cause.POVERTY: MeasureKind.AID,
    Cause.WORK: MeasureKind.AID,
    Cause.ILLNESS: MeasureKind.REHABILITATION,
    Cause.DISABILITY: MeasureKind.REHABILITATION,
    Cause.MENTAL_ILLNESS: MeasureKind.REHABILITATION,
    Cause.HARMED: MeasureKind.MIND,
    Cause.INVOLVED: MeasureKind.GUARDIANSHIP,
    Cause.FAMILY: MeasureKind.GUARDIANSHIP,
    Cause.MARRIAGE: MeasureKind.GUARDIANSHIP,
    Cause.WITH_PARENTS: MeasureKind.GUARDIANSHIP,
}


# Entries that name who stands by the child.
NAMING = frozenset({EventKind.HELP_BEGUN, EventKind.COMPANION_NAMED})


@dataclass(frozen=True, slots=True)
class Read:
    """One case as the plan pages need it."""

    actor: Actor
    case: Case
    facts: CaseFacts
    on: date
    plan: SupportPlan | None
    knows_whole: bool


def read_plan(request: HttpRequest, pk: int) -> Read:
    """The case in sight with its plan, or 404."""
    actor, on = actor_of(request), today()
    case = case_or_404(actor, pk)
    facts = facts_of(case, on)
    plan = support_plan(facts.known.events, on)
    return Read(actor, case, facts, on, plan, parts.knows_whole(actor, facts, plan))


@needs(Permission.VIEW_CASE)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as it stands: the child from the record, causes, goals, measures, reviews, what followed."""
    return _page(request, read_plan(request, pk))


def shown(read: Read) -> dict[str, Any]:
    """What this reader may know of the child, the plan and what followed: the same on the page and on paper."""
    case, facts = read.case, read.facts
    standing = facts.known.standing(min(read.on, case.closed_on or read.on))
    name = names_for(read.actor, [case])[case.pk]
    named = name == case.student.name
    return {
        "case": case,
        "name": name,
        "named": named,
        "head": head_of(case, name),
        "plan": read.plan,
        "child": _child(read, named=named),
        "causes": parts.causes(read.actor, facts.valid) if named else [],
        "evaluation": parts.evaluation(facts) if named and read.actor.can(Permission.SEE_RESTRICTED) else "",
        **_of_plan(read, named=named),
        "teaching": parts.teaching(read.actor, case, facts, standing) if named else {},
        "persuasion": parts.minimum_lines(facts, standing, EventKind.PERSUASION),
        "returned": parts.after_return(facts, standing),
        "closing": parts.closing(read.actor, case, facts, standing),
    }


def _page(
    request: HttpRequest, read: Read, *, theirs: list[dict[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    case = read.case
    fresh([case], read.on, now(), {case.pk: read.facts.known})
    units = writable_units(read.actor, case)
    kinds = recordable(read.actor, units, case) if case.closed_on is None else []
    said = shown(read)
    context = said | {
        "theirs": theirs or [],
        "reminders": [] if case.closed_on else reminders(read.plan, read.on),
        "edit": event_link(case, EventKind.SUPPORT_PLAN) if EventKind.SUPPORT_PLAN in kinds else None,
        "review": _review_door(read) if EventKind.PLAN_REVIEWED in kinds and read.plan else None,
        "persuade": event_link(case, EventKind.PERSUASION, _url(case)) if EventKind.PERSUASION in kinds else None,
        "may_finish": said["named"] and EventKind.MEASURE_DONE in kinds,
        "token": secrets.token_hex(16),
    }
    return render(request, "cases/plan.html", context, status=status)


def _url(case: Case) -> str:
    return reverse("cases:plan", args=[case.pk])


def _review_door(read: Read) -> dict[str, str]:
    return event_link(read.case, EventKind.PLAN_REVIEWED, _url(read.case))


def _child(read: Read, *, named: bool) -> dict[str, Any]:
    """学生基本情况, as the record has it; nothing is typed again."""
    student = read.case.student
    groups = groups_of([student.pk]).get(student.pk, [])
    return {
        "sex": student.get_sex_display(),
        "born": day_label(student.birth_date) if named else "",
        "groups": [group.label for group in shown_groups(groups, knows=read.actor.can(Permission.SEE_RESTRICTED))],
        "family": "、".join(f"{row.name}（{row.relation}）" for row in guardians(read.case)) if named else "",
    }


def _of_plan(read: Read, *, named: bool) -> dict[str, Any]:
    """The plan's own words, empty for readers who may not know whose they are."""
    plan = read.plan
    if plan is None or not named:
        return {"analysis": "", "measures": [], "reviews": [], "earlier": [], "companion": "", "goal": ""}
    covered = plan.analysis_restricted and not read.knows_whole
    goal = [f"{day_label(plan.return_on)}前返校" if plan.return_on else ""]
    goal.append(f"到课率{plan.attendance}" if plan.attendance else "")
    return {
        "analysis": COVERED if covered else plan.analysis,
        "measures": parts.measure_lines(plan, read.on, restricted=read.knows_whole),
        "reviews": parts.review_lines(plan),
        "earlier": [{"on": day_label(day), "text": text} for day, text in plan.earlier],
        "companion": " ".join(part for part in (plan.companion, plan.companion_unit) if part),
        "goal": "，".join(part for part in goal if part),
        "made": day_label(plan.made_on),
        "next_review": day_label(plan.review_due_on),
    }


@needs(Permission.VIEW_CASE)
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the plan, or change the one that stands: a changed plan is a new entry, the one before stays."""
    permit(actor_of(request), EventKind.SUPPORT_PLAN)
    read = read_plan(request, pk)
    require_writable(read.actor, read.case, EventKind.SUPPORT_PLAN)
    if request.method != "POST":
        return _form(request, read, _blank(read, initial=_defaults(read)), MeasureForms(initial=_rows(read)))
    form = _blank(read, request.POST)
    rows = MeasureForms(request.POST)
    if "add" in request.POST:
        kept = {name: request.POST.get(name) for name in form.fields if name in request.POST}
        return _form(request, read, _blank(read, initial=kept), rows)
    if not form.is_valid() & rows.is_valid(some=not _kept(read)):
        return _form(request, read, form, rows, status=400)
    try:
        _save(read, form, rows)
    except EventRefusedError as refused:
        say_refused(form, refused)
        return _form(request, read, form, rows, status=400)
    except StaleCaseError as stale:
        data = sent_anew(request, stale)
        again, rows = _blank(read, data), MeasureForms(data)
        again.is_valid()
        theirs = told_of(read.actor, stale)
        return _form(request, read_plan(request, pk), again, rows, theirs=theirs, status=STALE)
    review = form.cleaned_data["review_on"]
    messages.success(request, f"一生一策已保存，{day_label(review)}复查。")
    say_rest_day(request, read.facts.known.calendar, review)
    return redirect("cases:plan", pk)


def _blank(read: Read, data: Mapping[str, Any] | None = None, **extra: Any) -> PlanForm:
    """The form of this case's plan; a child who is helped never left, so no day of return is asked."""
    form = PlanForm(data, on=read.on, review=_review_help(read), **extra)
    if read.case.stage == Stage.HELP:
        del form.fields["return_on"]
    return form


def _review_help(read: Read) -> str:
    return f"{REVIEW_AFTER}天后（遇休息日顺延）是{day_label(_review_day(read))}"


def _review_day(read: Read) -> date:
    return review_after(read.facts.known.calendar, read.on)


def _save(read: Read, form: PlanForm, rows: MeasureForms) -> None:
    typed = form.cleaned_data
    token = typed.get("token") or secrets.token_hex(16)
    data = form.facts()
    if read.plan and read.plan.analysis_restricted and not read.knows_whole and not data.get("analysis"):
        data |= {"analysis": read.plan.analysis, "analysis_restricted": True}
    new = NewEvent(
        kind=EventKind.SUPPORT_PLAN,
        happened_on=typed["happened_on"],
        data=data,
        token=token,
        seen_version=typed.get("seen_version"),
    )
    make_plan(
        by=read.actor,
        case=read.case,
        plan=new,
        measures=[*rows.measures(token[:8]), *_kept(read)],
        companion_unit=_people(read).get(str(data.get("person")), ""),
        now=now(),
    )


def _kept(read: Read) -> list[Measure]:
    """The measures this reader may not know: they stay as they are."""
    return [] if read.knows_whole or read.plan is None else [m for m in read.plan.measures if m.is_restricted]


def _people(read: Read) -> dict[str, str]:
    """Who may be named for a measure, each with post and unit; the names come from the posts of the case's units."""
    return {
        post.user.name: f"{post.unit.label} {post.get_role_display()}" for post in possible_persons(read.case, read.on)
    }


def _defaults(read: Read) -> dict[str, Any]:
    """The plan that stands, else what the record says: causes, the person in charge, a month until the review."""
    plan, on = read.plan, read.on
    review = _review_day(read)
    values: dict[str, Any] = {
        "happened_on": on,
        "token": secrets.token_hex(16),
        "seen_version": read.case.version,
        "review_on": review,
    }
    if plan is None:
        named = [e.data.get("person") for e in read.facts.valid if e.kind in NAMING]
        charge = read.case.person.name if read.case.person else read.actor.name
        return values | {"analysis": _analysis(read), "attendance": "95%", "person": named[-1] if named else charge}
    covered = plan.analysis_restricted and not read.knows_whole
    return values | {
        "analysis": "" if covered else plan.analysis or _analysis(read),
        "analysis_restricted": plan.analysis_restricted,
        "return_on": plan.return_on if plan.return_on and plan.return_on >= on else None,
        "attendance": plan.attendance,
        "person": plan.companion,
        "review_on": plan.review_due_on if plan.review_due_on and plan.review_due_on > on else review,
    }


def _analysis(read: Read) -> str:
    """The causes on record; of help what was seen of the child, as its cause stands beside it on the plan already."""
    begun = [e for e in read.facts.valid if e.kind == EventKind.HELP_BEGUN]
    causes = parts.causes(None, [e for e in read.facts.valid if e not in begun])
    return "；".join([*causes, *(str(e.data["why"]) for e in begun if e.data.get("why"))])


def _rows(read: Read) -> list[Mapping[str, Any]]:
    """The measures that stand and this reader may know; of a new plan one row of the kind the causes ask for."""
    shown = [m for m in read.plan.measures if read.knows_whole or not m.is_restricted] if read.plan else []
    if shown:
        return [_row(measure) for measure in shown]
    if read.plan is None and (before := _of_before(read)):
        return before
    found = [str(event.data.get("cause") or "") for event in reversed(read.facts.valid)]
    cause = next((Cause(text) for text in found if text in Cause.values and Cause(text) in ASKED), None)
    kind = ASKED[cause] if cause else MeasureKind.LEARNING
    tells = cause in RESTRICTED_CAUSES or kind == MeasureKind.REHABILITATION
    if tells and not read.actor.can(Permission.SEE_RESTRICTED):
        kind = MeasureKind.LEARNING
    return [{"kind": kind, "person": read.actor.name, "first": read.on, "last": _review_day(read)}]


def _of_before(read: Read) -> list[Mapping[str, Any]]:
    """The measures of the child's closed case that were not carried out, to go on with; no restricted one."""
    before = plan_before(read.actor, read.case, read.on)
    going = [m for m in before.measures if m.done_on is None and not m.is_restricted] if before else []
    days = {"key": "", "first": read.on, "last": _review_day(read)}
    return [_row(measure) | days for measure in going]


def _row(measure: Measure) -> dict[str, Any]:
    return {name: getattr(measure, name) for name in ("key", "kind", "what", "person", "first", "last")}


def _form(
    request: HttpRequest,
    read: Read,
    form: PlanForm,
    rows: MeasureForms,
    *,
    theirs: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    name = names_for(read.actor, [read.case])[read.case.pk]
    hidden = sum(m.is_restricted for m in read.plan.measures) if read.plan and not read.knows_whole else 0
    context = {
        "form": form,
        "rows": rows,
        "case": read.case,
        "head": head_of(read.case, name),
        "title": "调整一生一策" if read.plan else "制定一生一策",
        "people": _people(read),
        "hidden": hidden,
        "old_text": read.plan.text if read.plan and not read.plan.measures else "",
        "theirs": theirs or [],
        "cancel_url": _url(read.case),
    }
    return render(request, "cases/plan_form.html", context, status=status)


@require_POST
@needs(Permission.VIEW_CASE)
def measure_done(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap: this measure was carried out, today."""
    actor = actor_of(request)
    permit(actor, EventKind.MEASURE_DONE)
    case = case_or_404(actor, pk)
    require_writable(actor, case, EventKind.MEASURE_DONE)
    seen = request.POST.get("seen_version", "")
    try:
        finish_measure(
            by=actor,
            case=case,
            key=sent_word(request, "measure", 16),
            token=sent_word(request, "token"),
            seen_version=whole(seen, 9),
            now=now(),
        )
    except EventRefusedError as refused:
        messages.error(request, "；".join(refused.sentences))
        return _page(request, read_plan(request, pk), status=400)
    except StaleCaseError as stale:
        return _page(request, read_plan(request, pk), theirs=told_of(actor, stale), status=STALE)
    messages.success(request, "已登记落实。")
    return redirect("cases:plan", pk)
