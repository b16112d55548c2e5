"""An approved application or a return moves the enrolment in the same transaction; a correction takes it back."""

from __future__ import annotations

from datetime import datetime

from agencies.scope import Actor
from cases.choices import EventKind
from cases.models import Event
from cases.rules.applications import books_after
from cases.rules.picture import event_title
from students.actions.standing import bring_back, send_away, take_back_standing
from students.models import Student


def _clerk(by: Actor) -> Actor:
    """The act itself carries the right: whoever decides need not hold the school's right to change enrolments."""
    name = f"{by.name}（审批后自动变更）"[:60]
    return Actor(name=name, user_id=by.user_id, system=True, request_id=by.request_id)


def _source(event: Event) -> str:
    return f"event/{event.pk}"


def move_enrolment(*, by: Actor, student: Student, event: Event, now: datetime) -> None:
    """What the event does to the enrolment, if anything; the caller holds the transaction."""
    kind = EventKind(event.kind)
    books = books_after(kind, event.data, event.happened_on)
    if books is None:
        return
    proof = f"{event_title(kind, event.data)} {event.data.get('number', '')}".strip()[:120]
    if books.status is None:
        bring_back(by=_clerk(by), student=student, first=books.first, proof=proof, begun_by=_source(event), now=now)
        return
    send_away(
        by=_clerk(by),
        student=student,
        status=books.status,
        first=books.first,
        until=books.until,
        proof=proof,
        begun_by=_source(event),
        now=now,
    )


def take_back_enrolment(*, by: Actor, student: Student, event: Event, now: datetime) -> None:
    """The event is superseded: what it did to the enrolment is undone."""
    take_back_standing(by=_clerk(by), student=student, begun_by=_source(event), now=now)
