"""Cuts a case into rounds: each begins with absence or a flag and ends with a confirmed return or another ending."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import AbsenceTrigger, Policy
from cases.choices import EventKind
from cases.rules.facts import Event
from students.rules.attendance import ABSENT, PRESENT, WHOLE_DAY, Counted, RollDay, Tally, tally, was_valid

RANK = {kind: place for place, kind in enumerate(EventKind)}
RETURNED, PLACED, LEFT, CLOSED = "returned", "placed", "left", "closed"
ENDINGS = {EventKind.PLACED: PLACED, EventKind.LEFT_SCOPE: LEFT, EventKind.CLOSED: CLOSED}
LONGEST_PAUSE = timedelta(days=366)


class Round(NamedTuple):
    """One climb of the ladder; `first` is its first counted absent day or the day of the flag."""

    number: int
    first: date
    ended_on: date | None
    ended_by: str
    tally: Tally
    flag: Event | None
    next_first: date | None = None


class Rounds(NamedTuple):
    """All rounds of a case, the count since the last one ended, and the day the case was closed or left the plan."""

    rounds: list[Round]
    now: Tally
    closed_on: date | None


def as_day(value: Any) -> date | None:
    """A date from event data: a date or ISO text; None if it is neither."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def valid_events(events: Iterable[Event], on: date, known_at: datetime | None) -> list[Event]:
    """What had happened by `on` and is (was) valid, in an order that does not depend on the order of recording."""
    kept = [e for e in events if e.happened_on <= on and was_valid(e.recorded_at, e.superseded_at, known_at)]
    kept.sort(key=lambda e: (e.happened_on, RANK[e.kind], e.id))
    return kept


def paused_days(events: list[Event]) -> frozenset[date]:
    """The days on which the clocks stand still: from a PAUSED event to its `until`, or the day before RESUMED."""
    days: set[date] = set()
    for pause in events:
        if pause.kind != EventKind.PAUSED:
            continue
        start = pause.happened_on
        until = min(as_day(pause.data.get("until")) or start, start + LONGEST_PAUSE)
        resumed = [e.happened_on for e in events if e.kind == EventKind.RESUMED and e.happened_on >= start]
        last = min([until, *(day - ONE_DAY for day in resumed)])
        days.update(start + timedelta(days=i) for i in range((last - start).days + 1))
    return frozenset(days)


def is_reached(trigger: AbsenceTrigger, entry: Counted) -> bool:
    """Whether the count on a day meets the trigger's threshold (at_least or more_than)."""
    halves = entry.window_halves if trigger.count == "in_window" else entry.run_halves
    return halves > trigger.halves if trigger.comparison == "more_than" else halves >= trigger.halves


def counted_days(trigger: AbsenceTrigger, counted: list[Counted], place: int) -> list[Counted]:
    """The counted days that make up the count on the day at `place`."""
    if trigger.count != "in_window":
        return counted[counted[place].run_from : place + 1]
    rest, start = counted[place].window_halves, place + 1
    while rest > 0 and start > 0:
        start -= 1
        rest -= counted[start].halves
    return counted[start : place + 1]


def find_rounds(policy: Policy, calendar: Calendar, rows: list[RollDay], events: list[Event]) -> Rounds:
    """The rounds of a case, oldest first; absence after an ending begins the next one (relapse of the same case)."""
    closed = next((e.happened_on for e in events if e.kind in (EventKind.CLOSED, EventKind.LEFT_SCOPE)), None)
    found: list[Round] = []
    start, watched_until = date.min, None
    while True:
        part = rows[bisect_left(rows, (start,)) :]
        count = tally(policy.counting, calendar, part)
        first, flag = _first_day(policy, count, [e for e in events if e.happened_on >= start], watched_until)
        if first is None or (closed is not None and first > closed):
            return Rounds(found, count, closed)
        if found:
            found[-1] = found[-1]._replace(next_first=first)
        ended_on, ended_by = _end(part, events, first)
        found.append(Round(len(found) + 1, first, ended_on, ended_by, count, flag))
        if ended_on is None:
            return Rounds(found, count, closed)
        start = ended_on + ONE_DAY
        watched_until = observed_until(policy, calendar, ended_on)


def observed_until(policy: Policy, calendar: Calendar, returned_on: date) -> date:
    """The last day of the observation after a return confirmed on `returned_on`."""
    span = policy.observation.span
    return calendar.add(returned_on, span.days, span.day_type, count_first=span.count_first).on


def _first_day(
    policy: Policy, count: Tally, events: list[Event], watched_until: date | None
) -> tuple[date | None, Event | None]:
    flag = next((e for e in events if e.kind == EventKind.FLAGGED), None)
    absent = _first_absence(policy, count.counted, watched_until)
    if flag is not None and (absent is None or flag.happened_on <= absent):
        return flag.happened_on, flag
    return absent, flag


def _first_absence(policy: Policy, counted: list[Counted], watched_until: date | None) -> date | None:
    """The first day of the absence that starts a round: a threshold of the plan, or a relapse under observation."""
    triggers = [t for s in policy.steps for t in s.triggers if isinstance(t, AbsenceTrigger)]
    relapse = AbsenceTrigger(policy.observation.relapse_halves, "at_least", "in_a_row")
    for place, entry in enumerate(counted):
        watched = watched_until is not None and entry.day <= watched_until
        reached = next((t for t in ([relapse] if watched else triggers) if is_reached(t, entry)), None)
        if reached is not None:
            return counted_days(reached, counted, place)[0].day
    return None


def _end(rows: list[RollDay], events: list[Event], first: date) -> tuple[date | None, str]:
    """The earliest ending on or after `first`: a confirmed return, a placement, leaving the plan, closing."""
    ends: list[tuple[date, int, str]] = []
    for event in events:
        if event.happened_on < first:
            continue
        if event.kind == EventKind.RETURNED:
            confirmed = confirmed_on(rows, event.happened_on)
            if confirmed is not None:
                ends.append((confirmed, 0, RETURNED))
        elif event.kind == EventKind.RETURN_CONFIRMED:
            ends.append((event.happened_on, 0, RETURNED))
        elif event.kind in ENDINGS:
            ends.append((event.happened_on, RANK[event.kind], ENDINGS[event.kind]))
    if not ends:
        return None, ""
    day, _, how = min(ends)
    return day, how


def confirmed_on(rows: list[RollDay], returned_on: date) -> date | None:
    """The school day on which the roll confirms a recorded return, or None.

    The first day on or after the return on which the register was taken and the child was there the whole day. A
    whole day of unexcused absence after the day of return refutes the record; a half day or leave decides nothing.
    """
    for row in rows[bisect_left(rows, (returned_on,)) :]:
        if row.kind == PRESENT:
            return row.day
        if row.kind == ABSENT and row.unexcused == WHOLE_DAY and row.day > returned_on:
            return None
    return None
