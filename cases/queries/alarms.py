"""Which children may ask for something at once: whereabouts unknown, harm on record (未成年人保护法 art. 11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from agencies.choices import Permission
from agencies.scope import Actor
from cases.choices import Cause, EventKind
from cases.models import Case, Event
from cases.queries.facts import DAYS_BACK, since_after
from cases.rules.safeguard import TO_REPORT
from cases.rules.transitions import permissions_for
from students.choices import AbsenceReason
from students.models import Absence, Sight
from students.queries.roll import roll_facts_of
from students.rules.attendance import RollFacts

# Natural days after which a mark without a case is left to the roll: a child away so long has a case by every plan.
MARK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Urgent:
    """A child to judge, with what is known of it.

    `case`: id of its open case, without one `mark`: the latest 去向不明.
    `since`: the day after its last closed case; `is_near`: whether a missing child is this person's to look for.
    """

    student: int
    case: int | None
    mark: Absence | None
    since: date | None
    is_near: bool
    roll: RollFacts
    events: list[Event] = field(default_factory=list)


def urgent_of(actor: Actor, on: date) -> list[Urgent]:
    """Children this person may have to act on at once (2 queries, 6 where there are any).

    A missing child is for its class and school, for whoever owes the case's present step and for the person in
    charge; harm is for everybody who writes about the child. Who may know of it the reader of the entries decides.
    """
    rows = [*_cases(actor, on), *_without_case(actor, on)]
    if not rows:
        return []
    rolls = roll_facts_of([row["student_id"] for row in rows], on - timedelta(days=DAYS_BACK))
    events: dict[int, list[Event]] = {}
    ids = [row["case"] for row in rows if row["case"]]
    for event in Event.objects.filter(case_id__in=ids, superseded_at__isnull=True).order_by("happened_on", "id"):
        events.setdefault(event.case_id, []).append(event)
    return [
        Urgent(
            student=row["student_id"],
            case=row["case"],
            mark=row["mark"],
            since=since_after(row["ended"]),
            is_near=row["near"],
            roll=rolls[row["student_id"]],
            events=events.get(row["case"] or 0, []),
        )
        for row in rows
    ]


def _last_closed(student: str) -> Subquery:
    closed = Case.objects.counted().filter(student_id=OuterRef(student), closed_on__isnull=False)
    return Subquery(closed.order_by("-closed_on").values("closed_on")[:1])


def _marked(on: date) -> Any:
    rows = Absence.objects.filter(reason=AbsenceReason.WHEREABOUTS_UNKNOWN, superseded_at__isnull=True)
    return rows.filter(day__lte=on, day__gt=on - timedelta(days=DAYS_BACK))


def _cases(actor: Actor, on: date) -> list[dict[str, Any]]:
    units = {unit for permission in permissions_for(EventKind.POLICE_REPORTED) for unit in actor.units(permission)}
    writes = Sight.objects.filter(student_id=OuterRef("student_id"), unit_id__in=units, may_write=True)
    told = Event.objects.filter(case_id=OuterRef("pk"), superseded_at__isnull=True)
    lost = Exists(_marked(on).filter(student_id=OuterRef("student_id"))) | Exists(
        told.filter(data__cause=Cause.MISSING)
    )
    near = _near(actor)
    rows = (
        Case.objects.visible_to(actor, Permission.VIEW_CASE)
        .filter(Exists(writes), closed_on__isnull=True)
        .filter((near & lost) | Exists(told.filter(data__cause__in=sorted(TO_REPORT))))
        .annotate(ended=_last_closed("student_id"), near=near)
        .order_by("pk")
    )
    return [
        {"case": pk, "student_id": student, "mark": None, "ended": ended, "near": bool(is_near)}
        for pk, student, ended, is_near in rows.values_list("pk", "student_id", "ended", "near")
    ]


def _near(actor: Actor) -> Q:
    schools = actor.units(Permission.RECORD_SCHOOL_EVENT)
    near = Q(school_class_id__in=schools) | Q(school_id__in=schools) | Q(person_id=actor.user_id)
    for post in actor.posts:
        near |= Q(owner_unit_id=post.unit_id, owner_role=post.role)
    return near


def _without_case(actor: Actor, on: date) -> list[dict[str, Any]]:
    """Children marked 去向不明 before the plan asks for anything (half a day; a plan that waits for more days)."""
    schools = actor.units(Permission.RECORD_SCHOOL_EVENT)
    marks = (
        _marked(on)
        .visible_to(actor, Permission.VIEW_CHILD)
        .filter(Q(school_class_id__in=schools) | Q(school_class__parent_id__in=schools))
        .filter(day__gt=on - timedelta(days=MARK_DAYS))
        .filter(~Exists(Case.objects.filter(student_id=OuterRef("student_id"), closed_on__isnull=True)))
        .annotate(ended=_last_closed("student_id"))
        .select_related("student", "school_class__parent")
        .order_by("student_id", "day", "part")
    )
    found = {mark.student_id: mark for mark in marks}
    return [
        {"case": None, "student_id": pk, "mark": mark, "ended": mark.ended, "near": True} for pk, mark in found.items()
    ]
