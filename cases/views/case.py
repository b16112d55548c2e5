"""The case page: child, people, ladder, duties with their derivation, what to do now, timeline, papers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agencies.choices import Permission
from agencies.models import User
from agencies.rules.policy_schema import Policy
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, parse_day, say_refused, today
from cases.actions.closing import assign_person
from cases.actions.events import EventRefusedError
from cases.actions.viewing import note_phones_shown
from cases.choices import DutyState, EventKind, Stage
from cases.forms import AssignForm
from cases.models import Case, Event
from cases.queries.casepage import (
    CaseFacts,
    facts_of,
    guardians,
    possible_persons,
    proofs_of_case,
    recordable,
    writable_units,
)
from cases.queries.named_posts import reopens
from cases.queries.queue import groups_of
from cases.queries.worklists import charged_steps
from cases.rules.derivation import explain, source_of
from cases.rules.event_groups import grouped
from cases.rules.picture import (
    confirmer_awaited,
    duty_word,
    event_text,
    event_title,
    ladder_picture,
    recorded_words,
    unconfirmed,
)
from cases.rules.privacy import restricted_title, tells_restricted_cause, with_cause_covered
from cases.rules.standing import Duty, Standing
from cases.rules.support_plan import SupportPlan, reminders, support_plan
from cases.rules.transitions import bars, is_made_by_paper, is_mended_by_paper, is_out_of_place
from cases.rules.wording import advice_of, today_sentence
from cases.web import (
    DUTY_TONES,
    act_link,
    address_of,
    alarms_of,
    case_or_404,
    cause_of,
    caution_of,
    contacts,
    elsewhere,
    event_link,
    fresh,
    head_of,
    may_assign,
    may_know,
    names_for,
    outcome_of,
    owner_label,
)
from students.rules.privacy import shown_groups
from students.web import proof_lines

# So many duties that lie ahead are shown; the rest is folded.
NEXT_FEW = 3
# Offered on the page of the child, before there is a case.
BEGUN_ELSEWHERE = (EventKind.FLAGGED, EventKind.HELP_BEGUN, EventKind.NOT_ENROLLED)


@needs(Permission.VIEW_CASE)
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case as it stands, or as it stood (`on`) as far as it was known (`known`)."""
    actor, day = actor_of(request), today()
    row = case_or_404(actor, pk)
    asked = Asked(request, day)
    facts = facts_of(row, asked.on, history=asked.past)
    fresh([row], day, now(), None if asked.past else {row.pk: facts.known})
    standing = facts.known.standing(min(asked.on, row.closed_on or asked.on), asked.known_at)
    name = names_for(actor, [row])[row.pk]
    named = name == row.student.name
    units = writable_units(actor, row)
    kinds = [] if asked.past else recordable(actor, units, row)
    mine = charged_steps(actor, row, day) if units and not asked.past else set()
    in_charge = row.person_id == actor.user_id and bool(standing.waiting)
    whole = named and bool(units) and (bool(mine) or in_charge)
    people = contacts(guardians(row), whole=whole, named=named)
    note_phones_shown(
        by=actor,
        page="case",
        cases=[row.pk] if whole and (people or row.student.residence_address) else [],
        now=now(),
        child=row.student.number,
        what="phone, address",
    )
    groups = groups_of([row.student_id]).get(row.student_id, [])
    context = {
        "case": row,
        "cause": cause_of(actor, row, facts.valid),
        "name": name,
        "named": named,
        "asked": asked,
        "standing": standing,
        "sentence": _sentence(facts, standing),
        "people": people,
        "address": address_of(row.student, whole=whole, named=named),
        "groups": [group.label for group in shown_groups(groups, knows=actor.can(Permission.SEE_RESTRICTED))],
        "ladder": ladder_picture(facts.known.policy, standing),
        **_duties(row, facts, standing, mine),
        "timeline": _timeline(actor, row, facts, standing, asked, kinds, named=named),
        "counts": _counts(facts, standing),
        "dropout": _dropout(facts.known.policy, standing),
        "opened": day_label(row.opened_on),
        "closed": day_label(row.closed_on),
        "outcome": outcome_of(actor, row, facts.valid),
        "support": _support(row, facts, asked, kinds),
        "may_assign": may_assign(actor) and bool(units) and row.closed_on is None,
        **_doors(row, facts, standing, units, kinds, mine, asked),
        "alarms": [] if asked.past or row.closed_on else _alarms(actor, row, facts, kinds),
    }
    return render(request, "cases/case.html", context)


def _alarms(actor: Actor, row: Case, facts: CaseFacts, kinds: Iterable[EventKind]) -> list[dict[str, Any]]:
    """What must be done at once (去向不明, 强制报告), with the doors this reader has."""
    known = facts.known
    found = alarms_of(actor, known.roll, facts.valid, now(), since=known.since)
    return [{"text": a.text, "acts": [event_link(row, kind) for kind in a.kinds if kind in kinds]} for a in found]


def _support(row: Case, facts: CaseFacts, asked: Asked, kinds: list[EventKind]) -> dict[str, Any]:
    """What the support plan (一生一策) says on the day asked about, and what is late by it."""
    plan = support_plan(facts.known.events, asked.on, asked.known_at)
    measures = plan.measures if plan else ()
    makes = plan is None and row.closed_on is None and EventKind.SUPPORT_PLAN in kinds
    return {
        "url": reverse("cases:plan_edit" if makes else "cases:plan", args=[row.pk]),
        "makes": makes,
        "plan": plan,
        "measures": len(measures),
        "done": sum(measure.done_on is not None for measure in measures),
        "review": day_label(plan.review_due_on) if plan else "",
        "reminders": [] if row.closed_on or asked.past else reminders(plan, asked.on),
        "helper": _helper(facts, plan) if row.is_help else "",
    }


def _helper(facts: CaseFacts, plan: SupportPlan | None) -> str:
    """Who helps the child (帮扶责任人): whom the plan names, else the entry that began the help."""
    begun = [e.data.get("person") for e in facts.valid if e.kind == EventKind.HELP_BEGUN]
    return (plan.companion if plan else "") or str(begun[-1] if begun else "")


class Asked:
    """The two days a reader may ask about; wrong ones are said plainly and today is shown."""

    def __init__(self, request: HttpRequest, day: date) -> None:
        self.on = min(parse_day(request.GET.get("on"), day), day)
        known = parse_day(request.GET.get("known"), day)
        self.known = known if known < day else None
        self.past = self.on != day or self.known is not None
        self.on_label, self.known_label = day_label(self.on), day_label(self.known)
        self.day = day

    @property
    def known_at(self) -> datetime | None:
        """The end of the day up to which facts count as known."""
        if self.known is None:
            return None
        return timezone.make_aware(datetime.combine(self.known, time.max))


def _sentence(facts: CaseFacts, standing: Standing) -> str:
    return today_sentence(standing, facts.known.events, advice_of(facts.known.policy, standing))


def _counts(facts: CaseFacts, standing: Standing) -> dict[str, Any]:
    window = facts.known.policy.counting.window_days
    return {
        "run": standing.counted,
        "window": standing.window_count,
        "window_label": f"近{window}个上课日内累计" if window else "本学期累计",
        "since": day_label(standing.absent_since),
        "unknown": len(standing.unknown_days),
        "rule": "连续" if facts.known.policy.counting.absence == "in_a_row" else "累计",
    }


def _duties(
    row: Case, facts: CaseFacts, standing: Standing, mine: set[tuple[str, int]]
) -> dict[str, list[dict[str, Any]]]:
    """The duties of the case, those still ahead by day; what lies beyond the next few (`later`) is folded."""
    now = [duty for duty in standing.duties if duty.opened_on or duty.round == standing.round]
    come = [duty for duty in now if duty.state != DutyState.AHEAD and (duty.opened_on or duty.foreseen)]
    come.sort(key=lambda d: (not d.is_waiting, d.opened_on is None))
    ahead = [duty for duty in now if duty.state == DutyState.AHEAD and duty.foreseen]
    ahead.sort(key=lambda d: d.opens_on or date.max)

    def lines(duties: Iterable[Duty]) -> list[dict[str, Any]]:
        return [_duty(row, facts, duty, standing, (duty.step_key, duty.round) in mine) for duty in duties]

    return {"duties": lines([*come, *ahead[:NEXT_FEW]]), "later": lines(ahead[NEXT_FEW:])}


def _duty(row: Case, facts: CaseFacts, duty: Duty, standing: Standing, mine: bool) -> dict[str, Any]:
    known, runs = facts.known, duty.opened_on or duty.due_from
    return {
        "duty": duty,
        "mine": mine,
        "owner": owner_label(row, duty.owner),
        "also": "、".join(role.label for role in duty.also_owners),
        "word": duty_word(duty, standing.on),
        "tone": DUTY_TONES.get(duty.state, ""),
        "opened": day_label(duty.opened_on),
        "opens": day_label(duty.opens_on),
        "due": day_label(duty.due_on),
        "done": day_label(duty.done_on),
        "known": day_label(duty.known_on) if duty.known_on != duty.opened_on else "",
        "round": f"第{duty.round}轮" if standing.round > 1 else "",
        "why": explain(known.policy, known.calendar, duty, known.roll, standing.on) if runs else None,
        "source": source_of(known.policy, duty),
    }


def _timeline(
    actor: Actor,
    row: Case,
    facts: CaseFacts,
    standing: Standing,
    asked: Asked,
    kinds: list[EventKind],
    *,
    named: bool,
) -> list[dict[str, Any]]:
    at = asked.known_at
    proofs = proofs_of_case(facts)
    reopening = bool(kinds) and row.closed_on is not None and reopens(actor, row, standing)
    entries, times = [], 0
    for event in facts.events:
        if event.happened_on > asked.on or (at and event.recorded_at > at):
            continue
        void = event.superseded_at is not None and (at is None or event.superseded_at <= at)
        times += event.kind == EventKind.PERSUASION and not void
        settled = row.closed_on is not None and event.kind != EventKind.CLOSED
        typed = not is_mended_by_paper(facts.known.policy, EventKind(event.kind), event.data)
        mine = reopening if event.kind == EventKind.CLOSED else event.kind in kinds
        entry = _entry(event, times, void, mine and not settled and typed)
        given = [proof for proof in proofs.get(event.pk, []) if at is None or proof.recorded_at <= at]
        entry |= _covered(actor, event, entry)
        entry["proofs"] = proof_lines(actor, given, named=named)
        if event.kind in kinds and not void:
            entry["links"].append(_door_for_proofs(event))
        if not void and (note := unconfirmed(facts.known.policy, standing, event.kind, event.happened_on, event.data)):
            entry["note"] = note
            entry["links"] += [event_link(row, k) for k in kinds if k == EventKind.DROPOUT_CONFIRMED]
        # What was written about the family is for those who may know whose family it is.
        entries.append(entry if named else entry | {"text": "", "void_reason": "登记有误" if void else ""})
    return entries[::-1]


def _covered(actor: Actor, event: Event, entry: dict[str, Any]) -> dict[str, Any]:
    """What takes the place of illness and disability for a reader who may not know of them and did not write it."""
    if may_know(actor, event):
        return {}
    kind, void = EventKind(event.kind), entry["void_reason"] and "登记有误"
    if title := restricted_title(kind, event.data, entry["title"]):
        return {"title": title, "text": "", "void_reason": void, "links": []}
    if tells_restricted_cause(event.data):
        said = with_cause_covered(event.data)
        return {"title": event_title(kind, said), "text": event_text(kind, said), "void_reason": void, "links": []}
    return {}


def _entry(event: Event, number: int, void: bool, writable: bool) -> dict[str, Any]:
    kind = EventKind(event.kind)
    when = f" {event.happened_at:%H:%M}" if event.happened_at else ""
    links = []
    if writable and not void and not event.data.get("moved_to"):
        links = [{"label": "更正", "url": reverse("cases:event_supersede", args=[event.pk])}]
    return {
        "day_label": f"{day_label(event.happened_on)}{when}",
        "title": event_title(kind, event.data, number),
        "text": event_text(kind, event.data),
        "by": " ".join(part for part in (event.recorded_post, event.recorded_name) if part),
        "recorded": recorded_words(event.happened_on, timezone.localtime(event.recorded_at)),
        "void_reason": f"{event.superseded_why}（{event.superseded_by}）" if void else "",
        "links": links,
    }


def _dropout(policy: Policy, standing: Standing) -> str:
    """Whether the child counts as 疑似辍学 or 辍学, and who says so; empty while it is neither."""
    if standing.dropped_out_on is not None:
        return f"辍学（{day_label(standing.dropped_out_on)}起按辍学统计）"
    who = confirmer_awaited(policy, standing)
    return f"疑似辍学，由{who}认定" if who else ""


def _door_for_proofs(event: Event) -> dict[str, str]:
    return {"label": "补照片、材料", "url": reverse("cases:event_proofs", args=[event.pk])}


def _first_acts(standing: Standing, kinds: list[EventKind], mine: set[tuple[str, int]]) -> list[EventKind]:
    """What is to be recorded now; of a helped child its plan, what brings it into the ladder, and the end."""
    first: list[EventKind] = []
    if standing.stage == Stage.HELP:
        wanted = EventKind.PLAN_REVIEWED if standing.planned else EventKind.SUPPORT_PLAN
        first += [kind for kind in (wanted, EventKind.FLAGGED) if kind in kinds]
    if standing.closable or standing.stage == Stage.HELP:
        first.append(EventKind.CLOSED)
    if standing.seen_on and standing.return_recorded_on is None and EventKind.RETURNED in kinds:
        first.append(EventKind.RETURNED)
    waiting = sorted(standing.waiting, key=lambda d: (d.step_key, d.round) not in mine)
    for duty in waiting:
        first += [EventKind(kind) for kind in duty.step.done_by if kind in kinds]
    return list(dict.fromkeys(first))


def _doors(
    row: Case,
    facts: CaseFacts,
    standing: Standing,
    units: set[int],
    kinds: list[EventKind],
    mine: set[tuple[str, int]],
    asked: Asked,
) -> dict[str, Any]:
    """Buttons: what fulfils the duties now, and everything else."""
    if asked.past or row.closed_on:
        notes = [kind for kind in kinds if kind == EventKind.NOTE]
        return {"acts": [], "others": _groups(row, notes), "caution": None}
    acts = _first_acts(standing, kinds, mine)
    others = [
        k
        for k in kinds
        if k not in acts
        and k not in (*BEGUN_ELSEWHERE, EventKind.MEASURE_DONE)
        and not is_out_of_place(standing, k)
        and (elsewhere(row, k) or not bars(standing, k))
    ]
    shown = [k for k in others if not is_made_by_paper(facts.known.policy, k)]
    said = next((said for kind in acts if (said := caution_of(row, standing, kind, kinds))), None)
    # The warning has the door to 批评教育 itself.
    acts = [kind for kind in acts if kind != EventKind.CRITICISM or not (said and said["door"])]
    return {
        "acts": [act_link(row, standing, kind) for kind in acts if units],
        "others": _groups(row, shown, [k for k in others if bars(standing, k)]),
        "caution": said,
    }


def _groups(row: Case, kinds: Iterable[EventKind], later: Iterable[EventKind] = ()) -> list[dict[str, Any]]:
    """Everything else that may be recorded, under its headings; what the case cannot take now stands last."""
    return [{"title": title, "acts": [event_link(row, kind) for kind in own]} for title, own in grouped(kinds, later)]


def _people_choices(row: Case) -> tuple[list[User], list[tuple[str, str]]]:
    posts = possible_persons(row, today())
    choices = [
        (str(post.user_id), f"{post.user.name}（{post.unit.label} {post.get_role_display()}）") for post in posts
    ]
    return [post.user for post in posts], choices


@needs(Permission.OPEN_CASE)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the person in charge."""
    actor = actor_of(request)
    row = case_or_404(actor, pk)
    users, choices = _people_choices(row)
    form = AssignForm(choices, request.POST or None, initial={"person": str(row.person_id or "")})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["person"]
        person = next((user for user in users if str(user.pk) == chosen), None)
        try:
            assign_person(by=actor, case=row, person=person, now=now())
        except EventRefusedError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, f"责任人：{person.name}。" if person else "已取消责任人。")
            return redirect("cases:case", row.pk)
    context = {"form": form, "case": row, "head": head_of(row, names_for(actor, [row])[row.pk])}
    return render(request, "cases/assign.html", context, status=400 if request.method == "POST" else 200)
