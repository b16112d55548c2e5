"""When a step opens by the calendar, a decision or an age: one function for each such trigger."""

from datetime import date
from typing import Any

from agencies.rules.calendar import ONE_DAY
from agencies.rules.policy_dates import birthday, days_before, fixed_date_from, term_day_of
from agencies.rules.policy_schema import Step
from agencies.rules.policy_triggers import (
    AgeTrigger,
    CategoryTrigger,
    EventTrigger,
    FixedDateTrigger,
    FlaggedTrigger,
    LapseTrigger,
    LeaveTrigger,
    NotRegisteredTrigger,
    ReturnedTrigger,
    TermDayTrigger,
)
from cases.choices import EventKind
from cases.rules.facts import Event
from cases.rules.ground import Ground, counted_known_on, fits, known_on
from cases.rules.leaves import long_leave
from cases.rules.rounds import LAPSE, RETURNED, since_term_start
from cases.rules.rung import Opening
from cases.rules.standing import Derivation

TERMS_AHEAD = 4


def by_event(place: int, event: Event | None, why: str) -> Opening | None:
    """On the day of an event."""
    if event is None:
        return None
    return Opening(event.happened_on, known_on(event), Derivation(place, event.happened_on, why))


def on_flag(ground: Ground, place: int, trigger: FlaggedTrigger) -> Opening | None:
    """On the day a person reported it; an old case entered at a step is no such report."""
    event = ground.first(EventKind.FLAGGED)
    return None if event is None or event.step is not None else by_event(place, event, "flagged")


def on_event(ground: Ground, place: int, trigger: EventTrigger) -> Opening | None:
    """On the day of the first such event."""
    return by_event(place, ground.first(trigger.event, trigger.where), "event")


def on_return(ground: Ground, place: int, trigger: ReturnedTrigger) -> Opening | None:
    """On the day the return was confirmed."""
    ended = ground.round.ended_on if ground.round.ended_by == RETURNED else None
    return None if ended is None else Opening(ended, ended, Derivation(place, ended, "returned"))


def on_not_registered(ground: Ground, place: int, trigger: NotRegisteredTrigger) -> Opening | None:
    """On the day 未报到 was recorded, or the day the absence since the term's first school day is long enough."""
    found = [by_event(place, ground.first(EventKind.NOT_REGISTERED), "not_registered")]
    count = ground.round.tally
    reached = since_term_start(ground.calendar, count, trigger.halves)
    if reached is not None:
        run, day = slice(count.runs[reached], reached + 1), count.days[reached]
        why = Derivation(place, day, "term_start", "", tuple(count.days[run]))
        found.append(Opening(day, counted_known_on(count.moments[run], day), why))
    return min((o for o in found if o is not None), key=lambda o: o.day, default=None)


def on_leave(ground: Ground, place: int, trigger: LeaveTrigger) -> Opening | None:
    """On the day the leave became as long as the plan asks."""
    roll = ground.roll.since(ground.round.first)
    places = long_leave(trigger, ground.calendar, roll)
    if places is None:
        return None
    day = roll.days[places[-1]]
    known = counted_known_on((roll.moments[one] for one in places), day)
    return Opening(day, known, Derivation(place, roll.days[places[0]], "leave"))


def on_term_day(ground: Ground, place: int, trigger: TermDayTrigger) -> Opening | None:
    """On the first such term day on or after the round's first day."""
    asked = ground.round.first
    for _ in range(TERMS_AHEAD):
        found = term_day_of(ground.calendar, trigger.at, asked)
        term = ground.calendar.term_at(asked)
        if found is None or term is None:
            return None
        if found[0] >= ground.round.first:
            return _still_away(ground, found[0], Derivation(place, term.first_day, "term_day"), unsure=found[1])
        asked = term.last_day + ONE_DAY
    return None


def on_fixed_date(ground: Ground, place: int, trigger: FixedDateTrigger) -> Opening | None:
    """On the first such date on or after the round's first day."""
    day = fixed_date_from(ground.policy, ground.calendar, trigger.at, ground.round.first)
    unsure = ground.calendar.is_provisional(day)
    return _still_away(ground, day, Derivation(place, day, "fixed_date"), unsure=unsure)


def _still_away(ground: Ground, day: date, why: Derivation, *, unsure: bool) -> Opening | None:
    away = ground.first_day_away(day)
    return None if away is None else Opening(away, away, why, unsure)


def on_category(ground: Ground, place: int, trigger: CategoryTrigger) -> Opening | None:
    """On the day the child was decided to belong to one of the categories."""
    event = ground.first(EventKind.CATEGORY_DECIDED, (("category", trigger.categories),))
    return by_event(place, event, "category")


def on_lapse(ground: Ground, place: int, trigger: LapseTrigger) -> Opening | None:
    """So long before the approved time runs out; where it ran out unseen, on the day after it."""
    round_ = ground.round
    lapsed = round_.flag if round_.began == LAPSE else None
    decision = round_.placement or lapsed
    if decision is None or decision.data.get("application") not in trigger.applications:
        return None
    if round_.placement is None:
        return Opening(round_.first, round_.first, Derivation(place, round_.first - ONE_DAY, "lapsed"))
    if round_.until is None:
        return None
    day = max(days_before(ground.calendar, round_.until, trigger.before), decision.happened_on)
    return Opening(day, max(day, known_on(decision)), Derivation(place, round_.until, "lapse"))


def on_age(ground: Ground, place: int, trigger: AgeTrigger) -> Opening | None:
    """On the birthday, or at once where it lies before the round."""
    if ground.born_on is None:
        return None
    reached = birthday(ground.born_on, trigger.years)
    day = max(reached, ground.round.first)
    return Opening(day, day, Derivation(place, reached, "age"))


def again(ground: Ground, step: Step, done_on: date) -> Opening | None:
    """The first record after a day that opens the step, the step having been done on that day."""
    asked = ground.prepared.rules[step.key].records
    for event in ground.events if asked else ():
        if event.happened_on <= done_on:
            continue
        for record in asked:
            if event.kind == record.kind and fits(event, record.where):
                return by_event(record.trigger, event, record.why)
    return None


BY_KIND: dict[type[Any], Any] = {
    FlaggedTrigger: on_flag,
    EventTrigger: on_event,
    ReturnedTrigger: on_return,
    NotRegisteredTrigger: on_not_registered,
    LeaveTrigger: on_leave,
    TermDayTrigger: on_term_day,
    FixedDateTrigger: on_fixed_date,
    CategoryTrigger: on_category,
    LapseTrigger: on_lapse,
    AgeTrigger: on_age,
}
