"""What the page of a support plan (一生一策) shows, part by part, as far as this reader may know it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from agencies.choices import Permission
from agencies.scope import Actor
from agencies.web import day_label
from cases.choices import Cause, EventKind, Stage
from cases.models import Case, Event
from cases.queries.casepage import CaseFacts
from cases.rules.event_fields import WAYS
from cases.rules.minimum import Minimum, minimums
from cases.rules.picture import duty_word
from cases.rules.privacy import COVERED, RESTRICTED_CAUSES, cause_words, outcome_words, restricted_title
from cases.rules.rounds import as_day
from cases.rules.standing import Standing
from cases.rules.support_plan import AHEAD, DONE, LATE, NOW, Measure, SupportPlan
from cases.web import DUTY_TONES, may_know
from students.models import HomeVisit
from students.queries.visits import photos_of, visits_of

STATES = {DONE: ("已落实", "good"), LATE: ("逾期", "danger"), NOW: ("进行中", "warn"), AHEAD: ("未开始", "")}


def knows_whole(actor: Actor, facts: CaseFacts, plan: SupportPlan | None) -> bool:
    """Whether this reader may know all of the plan: nothing in it is restricted, or he may see such, or wrote it.

    Whoever changes a plan carries along what he may not know, so that only its first writer counts.
    """
    if plan is None or actor.can(Permission.SEE_RESTRICTED):
        return True
    wrote: dict[str, int | None] = {}
    for event in sorted(facts.events, key=lambda e: (e.recorded_at, e.pk)):
        if event.kind == EventKind.SUPPORT_PLAN:
            keys = [str(row.get("key")) for row in event.data.get("rows", ())]
            for part in (*keys, f"analysis:{event.data.get('analysis', '')}"):
                wrote.setdefault(part, event.recorded_by_id)
    hidden = [measure.key for measure in plan.measures if measure.is_restricted]
    hidden += [f"analysis:{plan.analysis}"] if plan.analysis_restricted else []
    return all(wrote.get(part) == actor.user_id for part in hidden)


def causes(actor: Actor | None, events: Iterable[Event]) -> list[str]:
    """The causes on record, the latest first, each with where and when; for nobody (None) those anybody may know."""
    found: dict[str, str] = {}
    for event in sorted(events, key=lambda e: (e.happened_on, e.pk), reverse=True):
        cause = str(event.data.get("cause") or "")
        if cause not in Cause.values or cause == Cause.NOT_KNOWN or cause in found:
            continue
        if actor is None and cause in RESTRICTED_CAUSES:
            continue
        label = cause_words(cause, knows=actor is not None and may_know(actor, event))
        found[cause] = f"{label}，{day_label(event.happened_on)}{event.get_kind_display()}"
    return list(found.values())


def measure_lines(plan: SupportPlan, on: date, *, restricted: bool) -> list[dict[str, Any]]:
    """The measures in their order, each with how it stands."""
    return [_measure(measure, on, covered=measure.is_restricted and not restricted) for measure in plan.measures]


def _measure(measure: Measure, on: date, *, covered: bool) -> dict[str, Any]:
    state = measure.state(on)
    word, tone = STATES[state]
    late = f"{word}{(on - measure.last).days}天" if state == LATE and measure.last else word
    return {
        "key": measure.key,
        "kind": COVERED if covered else measure.kind.label,
        "what": "" if covered else measure.what,
        "person": measure.person,
        "span": _span(measure.first, measure.last),
        "word": f"{day_label(measure.done_on)} {word}" if measure.done_on else late,
        "tone": tone,
        "late": state == LATE,
        "note": "" if covered else measure.note,
        "open": measure.done_on is None and not covered,
    }


def _span(first: date | None, last: date | None) -> str:
    if first and last:
        return f"{day_label(first)}至{day_label(last)}"
    return f"{day_label(first)}起" if first else f"至{day_label(last)}" if last else ""


def review_lines(plan: SupportPlan) -> list[dict[str, str]]:
    """The stage reviews, newest first."""
    return [
        {"on": day_label(r.on), "result": r.result, "changes": r.changes, "next": day_label(r.next_on)}
        for r in reversed(plan.reviews)
    ]


def minimum_lines(facts: CaseFacts, standing: Standing, kind: EventKind) -> list[dict[str, Any]]:
    """What the county's plan asks for in this week or month, and what was done of it."""
    asked = minimums(standing, facts.known.events, kind)
    return [_minimum(one, standing.on) for one in asked]


def _minimum(one: Minimum, on: date) -> dict[str, Any]:
    return {
        "name": one.duty.name,
        "said": f"{one.period}应不少于{one.wanted}次，已{one.done}次",
        "by": day_label(one.last),
        "clause": one.duty.clause,
        "word": duty_word(one.duty, on),
        "tone": DUTY_TONES.get(one.duty.state, ""),
    }


def teaching(actor: Actor, row: Case, facts: CaseFacts, standing: Standing) -> dict[str, Any]:
    """送教上门: the least the plan asks for, the visits this reader may read, the next one planned."""
    visits = visits_of(actor, row.student)
    asked = minimum_lines(facts, standing, EventKind.HOME_TEACHING)
    photos = photos_of(visits)
    coming = visits[0].next_on if visits else None
    return {
        "is_due": bool(visits or asked or standing.placed_as == "home_teaching"),
        "minimum": asked,
        "visits": [_visit(visit, photos.get(visit.pk, 0)) for visit in visits],
        "next": day_label(coming),
        "next_late": coming is not None and coming < standing.on,
        "month": sum((v.visited_on.year, v.visited_on.month) == (standing.on.year, standing.on.month) for v in visits),
        "may_record": actor.can(Permission.RECORD_HOME_VISIT),
    }


def _visit(visit: HomeVisit, photos: int) -> dict[str, Any]:
    return {
        "day": day_label(visit.visited_on),
        "span": f"{visit.starts_at:%H:%M}–{visit.ends_at:%H:%M}",
        "lessons": visit.lessons,
        "teachers": "、".join(name for name in (visit.teacher, visit.second_teacher) if name),
        "content": visit.content,
        "photos": photos,
    }


def after_return(facts: CaseFacts, standing: Standing) -> dict[str, Any] | None:
    """What follows a return: 学籍 within the plan's days, observation, relapse; None before any return."""
    if standing.returned_on is None and not standing.relapse:
        return None
    owed = [
        duty
        for duty in standing.duties
        if duty.opened_on and duty.stage == Stage.RETURNED and duty.round == standing.round
    ]
    status = [d for d in owed if EventKind.ENROLMENT_RESTORED in d.step.done_by]
    return {
        "returned": day_label(standing.returned_on),
        "status": [
            {
                "name": duty.name,
                "due": day_label(duty.due_on),
                "done": day_label(duty.done_on),
                "word": duty_word(duty, standing.on),
                "tone": DUTY_TONES.get(duty.state, ""),
            }
            for duty in status
        ],
        "observing": day_label(standing.observing_until),
        "watching": standing.observing_until is not None and standing.on <= standing.observing_until,
        "relapses": standing.relapses,
    }


def closing(actor: Actor, row: Case, facts: CaseFacts, standing: Standing) -> dict[str, Any]:
    """The closing opinion (结案意见) as this reader may know it, or what 销号 still needs."""
    closed = next((e for e in reversed(facts.valid) if e.kind == EventKind.CLOSED), None)
    if closed is None or row.closed_on is None:
        return {"day": "", "missing": standing.missing_for_closing, "closable": standing.closable}
    knows = may_know(actor, closed)
    told = closed.data if knows or not restricted_title(EventKind.CLOSED, closed.data, "") else {}
    return {
        "day": day_label(row.closed_on),
        "outcome": outcome_words(str(closed.data.get("outcome") or ""), knows=knows),
        "proof": str(told.get("proof") or ""),
        "note": str(told.get("note") or ""),
        "by": f"{closed.recorded_post} {closed.recorded_name}".strip(),
    }


def evaluation(facts: CaseFacts) -> str:
    """What the expert committee found last, for readers who may know."""
    last = next((e for e in reversed(facts.valid) if e.kind == EventKind.EVALUATED), None)
    if last is None:
        return ""
    way = dict(WAYS).get(str(last.data.get("way")), "")
    again = as_day(last.data.get("review_on"))
    return f"{day_label(last.happened_on)} 建议{way}" + (f"，{day_label(again)}复评" if again else "")
