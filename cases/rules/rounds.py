"""Cuts a case into rounds: each begins with absence, leave, a flag or a lapse, and ends with a return or the like."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_dates import span_end
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import AbsenceTrigger
from cases.choices import Application, EventKind
from cases.rules.facts import Event, of_kinds
from cases.rules.leaves import first_long_leave
from cases.rules.prepared import prepared
from students.rules.attendance import ABSENT, PRESENT, WHOLE_DAY, RollDays, Tally, tally, valid_facts

RANK = {kind: place for place, kind in enumerate(EventKind)}
RETURNED, PLACED, LEFT, CLOSED = "returned", "placed", "left", "closed"
# What brings a child into view although no roll misses it.
STARTS = frozenset(
    {
        EventKind.FLAGGED,
        EventKind.NOT_REGISTERED,
        EventKind.NOT_ENROLLED,
        EventKind.APPLIED,
        EventKind.CATEGORY_DECIDED,
    }
)
ABSENCE, LEAVE, FLAG, LAPSE = "absence", "leave", "flag", "lapse"
ENDINGS = {EventKind.PLACED: PLACED, EventKind.LEFT_SCOPE: LEFT, EventKind.CLOSED: CLOSED}
# Every kind of event that may end a round.
ENDS = frozenset({*ENDINGS, EventKind.APPLICATION_DECIDED, EventKind.RETURN_CONFIRMED, EventKind.RETURNED})
LONGEST_PAUSE = timedelta(days=366)


class Round(NamedTuple):
    """One climb of the ladder; `first` is its first counted absent day, the day of the flag, or of the lapse.

    `placement` is the approved application that ended it, `until` the last day of the approved time (None = open).
    """

    number: int
    first: date
    ended_on: date | None
    ended_by: str
    tally: Tally
    flag: Event | None
    next_first: date | None = None
    began: str = ABSENCE
    placement: Event | None = None
    until: date | None = None


class _End(NamedTuple):
    on: date | None
    by: str
    placement: Event | None = None
    until: date | None = None


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
    kept = [e for e in valid_facts(events, known_at) if e.happened_on <= on]
    gone = withdrawn_ids(kept)
    kept = [e for e in kept if e.id not in gone]
    kept.sort(key=lambda e: (e.happened_on, RANK[e.kind], e.id))
    return kept


def withdrawn_ids(events: Iterable[Event]) -> frozenset[int]:
    """Ids of the events that no longer count because their paper was withdrawn (a report, its receipt, a service).

    The 撤回函 names them in `withdraws`. Source: clauses 10; before the day of withdrawal they count as ever.
    """
    named = (e.data.get("withdraws") for e in of_kinds(events, EventKind.PAPER_WITHDRAWN))
    return frozenset(pk for ids in named if isinstance(ids, list | tuple) for pk in ids)


def paused_days(events: list[Event]) -> frozenset[date]:
    """The days on which the clocks stand still: from a PAUSED event to its `until`, or the day before RESUMED."""
    days: set[date] = set()
    for pause in of_kinds(events, EventKind.PAUSED):
        start = pause.happened_on
        until = min(as_day(pause.data.get("until")) or start, start + LONGEST_PAUSE)
        resumed = [e.happened_on for e in of_kinds(events, EventKind.RESUMED) if e.happened_on >= start]
        last = min([until, *(day - ONE_DAY for day in resumed)])
        days.update(start + timedelta(days=i) for i in range((last - start).days + 1))
    return frozenset(days)


def first_reached(trigger: AbsenceTrigger, tally: Tally, start: int = 0) -> int | None:
    """The place of the first counted day, from one on, that meets the trigger's threshold (at_least or more_than)."""
    least = trigger.halves + (trigger.comparison == "more_than")
    firsts, totals = counted_firsts(trigger, tally), tally.totals
    reached = (place for place in range(start, len(firsts)) if totals[place + 1] - totals[firsts[place]] >= least)
    return next(reached, None)


def counted_firsts(trigger: AbsenceTrigger, tally: Tally) -> list[int]:
    """For each counted day the place of the first of those that make up the trigger's count on it."""
    return tally.windows if trigger.count == "in_window" else tally.runs


def since_term_start(calendar: Calendar, tally: Tally, halves: int, start: int = 0) -> int | None:
    """The place of the first day, from one on, on which a run begun with a term's first school day is so long."""
    for day in calendar.term_starts:
        begun = bisect_left(tally.days, day)
        if begun == len(tally.days) or tally.days[begun] != day:
            continue
        for place in range(begun, len(tally.days)):
            if tally.runs[place] != begun:
                break
            if place >= start and tally.halves(begun, place) >= halves:
                return place
    return None


def find_rounds(policy: Policy, calendar: Calendar, roll: RollDays, events: list[Event], on: date) -> Rounds:
    """The rounds of a case up to `on`, oldest first.

    Absence after an ending begins the next one (relapse of the same case); so does the day after an approved time
    has run out without the child being back. A child that has left the plan's scope begins none.
    """
    leaving = of_kinds(events, EventKind.CLOSED, EventKind.LEFT_SCOPE)
    closed = next((e.happened_on for e in of_kinds(leaving, EventKind.CLOSED)), None)
    over = leaving[0].happened_on if leaving else None
    found: list[Round] = []
    start, watched_until = date.min, None
    while True:
        part = roll.since(start)
        count = tally(policy.counting, calendar, part)
        first, flag, began = _first_day(
            policy, calendar, part, count, [e for e in events if e.happened_on >= start], watched_until
        )
        if found and found[-1].until is not None and start <= on and (first is None or start <= first):
            first, flag, began = start, found[-1].placement, LAPSE
        if first is None or (over is not None and first > over):
            return Rounds(found, count, closed)
        if found:
            found[-1] = found[-1]._replace(next_first=first)
        end = _end(part, events, first)
        found.append(Round(len(found) + 1, first, end.on, end.by, count, flag, None, began, end.placement, end.until))
        if end.on is None:
            return Rounds(found, count, closed)
        start = (end.until or end.on) + ONE_DAY
        watched_until = observed_until(policy, calendar, end.on)


def observed_until(policy: Policy, calendar: Calendar, returned_on: date) -> date:
    """The last day of the observation after a return confirmed on `returned_on`."""
    return span_end(calendar, returned_on, policy.observation.span)[0]


def _first_day(
    policy: Policy,
    calendar: Calendar,
    roll: RollDays,
    count: Tally,
    events: list[Event],
    watched_until: date | None,
) -> tuple[date | None, Event | None, str]:
    flags = [e for e in events if e.kind in STARTS]
    flag = flags[0] if flags else None
    away, how = _first_absence(policy, calendar, count, watched_until), ABSENCE
    leave = first_long_leave(policy, calendar, roll)
    if leave is not None and (away is None or leave < away):
        away, how = leave, LEAVE
    if flag is not None and (away is None or flag.happened_on <= away):
        return flag.happened_on, flag, FLAG
    return away, next(iter(of_kinds(flags, EventKind.FLAGGED)), None), how


def _first_absence(policy: Policy, calendar: Calendar, count: Tally, watched_until: date | None) -> date | None:
    """The first day of the absence that starts a round: a threshold of the plan, or a relapse under observation."""
    unwatched = 0 if watched_until is None else bisect_right(count.days, watched_until)
    if unwatched:
        relapse = first_reached(AbsenceTrigger(policy.observation.relapse_halves, "at_least", "in_a_row"), count)
        if relapse is not None and relapse < unwatched:
            return count.days[count.runs[relapse]]
    soonest, first = len(count.days), None
    for trigger in prepared(policy).absences:
        if isinstance(trigger, AbsenceTrigger):
            place = first_reached(trigger, count, unwatched)
        else:
            place = since_term_start(calendar, count, trigger.halves, unwatched)
        if place is not None and place < soonest:
            soonest = place
            firsts = counted_firsts(trigger, count) if isinstance(trigger, AbsenceTrigger) else count.runs
            first = firsts[place]
    return None if first is None else count.days[first]


def _end(roll: RollDays, events: list[Event], first: date) -> _End:
    """The earliest ending on or after `first`: a confirmed return, a placement, leaving the plan, closing."""
    ends: list[tuple[date, int, str, Event]] = []
    for event in events:
        if event.kind not in ENDS or event.happened_on < first:
            continue
        if is_placing(event):
            ends.append((event.happened_on, RANK[event.kind], PLACED, event))
        elif event.kind in ENDINGS:
            ends.append((event.happened_on, RANK[event.kind], ENDINGS[event.kind], event))
        elif (back := _back_on(roll, event)) is not None:
            ends.append((back, 0, RETURNED, event))
    if not ends:
        return _End(None, "")
    day, _, how, event = min(ends, key=lambda end: end[:2])
    return _placed(roll, events, event) if is_placing(event) else _End(day, how)


def is_placing(event: Event) -> bool:
    """Whether the event lets the child stay away for a time (缓学, 休学, 送教 …); 复学 does the opposite."""
    approved = event.kind == EventKind.APPLICATION_DECIDED and event.data.get("decision") == "approved"
    return approved and event.data.get("application") != Application.RESUMPTION


def _back_on(roll: RollDays, event: Event) -> date | None:
    if event.kind == EventKind.RETURN_CONFIRMED:
        return event.happened_on
    return confirmed_on(roll, event.happened_on) if event.kind == EventKind.RETURNED else None


def _placed(roll: RollDays, events: list[Event], decision: Event) -> _End:
    """The ending by an approved application: renewals lengthen it, a return within its time takes its place."""
    began, until = decision.happened_on, as_day(decision.data.get("until"))
    for event in events:
        if event.happened_on < began or event is decision or (until is not None and event.happened_on > until):
            continue
        back = _back_on(roll, event)
        if back is not None and (until is None or back <= until):
            return _End(back, RETURNED)
        if is_placing(event):
            decision, until = event, as_day(event.data.get("until"))
    return _End(began, PLACED, decision, until)


def confirmed_on(roll: RollDays, returned_on: date) -> date | None:
    """The school day on which the roll confirms a recorded return, or None.

    The first day on or after the return on which the register was taken and the child was there the whole day. A
    whole day of unexcused absence after the day of return refutes the record; a half day or leave decides nothing.
    """
    for place in range(bisect_left(roll.days, returned_on), len(roll.days)):
        day, one = roll.days[place], roll.said[place]
        if one.kind == PRESENT:
            return day
        if one.kind == ABSENT and one.unexcused == WHOLE_DAY and day > returned_on:
            return None
    return None
