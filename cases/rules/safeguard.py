"""What a child whose whereabouts are unknown, or who may have been harmed, asks for at once, beside the ladder."""

from collections.abc import Iterable
from datetime import date

from cases.choices import Cause, EventKind
from cases.rules.facts import Event
from students.choices import AbsenceReason
from students.rules.attendance import Mark

# Guardian called within the hour, 110 on record (未成年人保护法 art. 11).
WANTED = (EventKind.PHONE_CALL, EventKind.POLICE_REPORTED)
# 强制报告: whoever learns of it at work reports at once and waits for no step (未成年人保护法 art. 11).
TO_REPORT = frozenset({Cause.HARMED, Cause.MARRIAGE})


def missing_since(marks: Iterable[Mark], events: Iterable[Event], on: date) -> date | None:
    """The day since which the child's whereabouts are unknown; None where they are not, or were found since."""
    days = [
        mark.day
        for mark in marks
        if mark.reason == AbsenceReason.WHEREABOUTS_UNKNOWN and mark.superseded_at is None and mark.day <= on
    ]
    rows = [event for event in events if event.superseded_at is None and event.happened_on <= on]
    days += [event.happened_on for event in rows if event.data.get("cause") == Cause.MISSING]
    found = [e.happened_on for e in rows if e.kind in (EventKind.WHEREABOUTS_FOUND, EventKind.RETURNED)]
    open_days = [day for day in days if not found or day > max(found)]
    return min(open_days, default=None)


def wanted_at_once(marks: Iterable[Mark], events: Iterable[Event], on: date) -> tuple[EventKind, ...]:
    """The events still missing for a child whose whereabouts are unknown: the guardian's call, the police."""
    rows = list(events)
    since = missing_since(marks, rows, on)
    if since is None:
        return ()
    done = {event.kind for event in rows if event.superseded_at is None and event.happened_on >= since}
    return tuple(kind for kind in WANTED if kind not in done)


def unreported(events: Iterable[Event], on: date) -> Event | None:
    """The latest entry that names harm or an early marriage and after which no report to the police is on record."""
    rows = [event for event in events if event.superseded_at is None and event.happened_on <= on]
    told = [event for event in rows if event.data.get("cause") in TO_REPORT]
    last = max(told, key=lambda event: (event.happened_on, event.id), default=None)
    reported = [event.happened_on for event in rows if event.kind == EventKind.POLICE_REPORTED]
    return last if last and not any(day >= last.happened_on for day in reported) else None
