"""Derives how a case stands from the plan, the calendar, the roll and the events; stores nothing."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import EventTrigger
from cases.choices import DutyState, EventKind, Stage
from cases.rules.climb import Climb
from cases.rules.closing import missing_beside, missing_for_category, missing_for_return, missing_while_placed
from cases.rules.facts import Event, of_kinds
from cases.rules.prepared import STAGES
from cases.rules.rounds import CLOSED as WAS_CLOSED
from cases.rules.rounds import (
    LAPSE,
    LEAVE,
    LEFT,
    PLACED,
    RETURNED,
    Round,
    Rounds,
    find_rounds,
    observed_until,
    paused_days,
    valid_events,
)
from cases.rules.rung import AFTER_END, Rung, is_after_end
from cases.rules.standing import WAITING, Duty, Standing
from students.rules.attendance import ABSENT, PRESENT, UNKNOWN, RollDays, RollFacts, roll_days

__all__ = ["Duty", "Standing", "evaluate"]

# From the township's stage on school and village have tried in vain.
LATE = frozenset({Stage.TOWNSHIP, Stage.COUNTY, Stage.JUDICIAL})
STAGE_ORDER = {stage: place for place, stage in enumerate(Stage)}


class _Facts(NamedTuple):
    """What was known on the day asked about."""

    policy: Policy
    calendar: Calendar
    on: date
    roll: RollDays
    events: list[Event]
    paused: frozenset[date]


def evaluate(
    policy: Policy,
    calendar: Calendar,
    roll: RollFacts,
    events: Iterable[Event],
    on: date,
    known_at: datetime | None = None,
    *,
    since: date | None = None,
    born_on: date | None = None,
) -> Standing:
    """How the case stands on `on`.

    `known_at` (aware) leaves out what was recorded after it and treats what was superseded later as valid: "as
    known on day D". Left open, it answers "as now known about D". `since` ignores the roll before that day (the
    day after the child's previous case ended). `born_on` is asked for by plans that name an age.
    """
    happened = valid_events(events, on, known_at)
    paused = paused_days(happened)
    begins = [m.day for m in roll.marks if since is None or m.day >= since]
    first = min([*begins, *(e.happened_on for e in happened[:1])], default=on)
    first = first if since is None else max(first, since)
    days = roll_days(policy.counting, calendar, roll, first, on, known_at, paused)
    facts = _Facts(policy, calendar, on, days, happened, paused)
    rounds = find_rounds(policy, calendar, days, happened, on)
    climbs = [Climb(policy, calendar, r, days, happened, paused, born_on) for r in rounds.rounds]
    rungs = [(climb, rung) for climb in climbs for rung in climb.rungs(on)]
    duties = tuple(duty for climb, rung in rungs if (duty := _duty(facts, climb, rung)) is not None)
    later = [rung.opening.day for climb, rung in rungs if rung.opening and _comes_later(climb.round, rung, on)]
    return _standing(facts, rounds, climbs[-1] if climbs else None, duties, later)


def _comes_later(round_: Round, rung: Rung, on: date) -> bool:
    """Whether this is the next period of a recurring step."""
    if rung.opening is None or not rung.cycle or rung.opening.day <= on:
        return False
    return round_.next_first is None and (round_.ended_on is None or is_after_end(rung.step))


def _duty(facts: _Facts, climb: Climb, rung: Rung) -> Duty | None:
    """The duty of one step, or None where the round ended before the step opened."""
    step, opening, on, round_ = rung.step, rung.opening, facts.on, climb.round
    if opening is None and rung.done is None:
        return _ahead(climb, rung)
    outlives = is_after_end(step) or step.beside or (bool(rung.cycle) and _is_renewal(round_, rung))
    ended = None if outlives else round_.ended_on
    if rung.dropped_on is not None:
        ended = rung.dropped_on if ended is None else min(ended, rung.dropped_on)
    following = round_.next_first
    opened = opening is not None and opening.day <= on and (ended is None or opening.day <= ended)
    if opened and following is not None and opening is not None and opening.day >= following:
        return None
    if not opened and not _may_come(round_, rung):
        return None
    done_on = rung.done_on
    if done_on is not None and ended is not None and done_on > ended:
        done_on = None
    if outlives and ended is None and following is not None and done_on is None:
        ended = following
    due_on = rung.due_on if opened else None
    return Duty(
        step=step,
        stage=STAGES[step.stage],
        state=_state(rung, opened, done_on, ended, on),
        opened_on=opening.day if opening and opened else None,
        due_on=due_on,
        known_on=opening.known_on if opening and opened else None,
        done_on=done_on,
        delay_days=_delay(rung, due_on, min(done_on or ended or on, rung.last or on)),
        derivation=opening.derivation if opening else None,
        round=round_.number,
        opens_on=opening.day if opening and not opened else None,
        provisional=rung.provisional,
        done_by_event=rung.done.id if rung.done and done_on else None,
        cycle=rung.cycle,
        period_ends=rung.last,
        due_from=rung.due_from.day if rung.due_from else None,
        due_why=rung.due_from.derivation if rung.due_from else None,
        foreseen=opening is not None or step.key in climb.foreseen,
    )


def _ahead(climb: Climb, rung: Rung) -> Duty | None:
    """The duty of a step of which it is unknown when it opens; a limit that runs from elsewhere may run already."""
    duty, begins = climb.ahead.get(rung.step.key), rung.due_from
    if duty is None or begins is None or not duty.foreseen:
        return duty
    return duty._replace(due_from=begins.day, due_why=begins.derivation)


def _is_renewal(round_: Round, rung: Rung) -> bool:
    """Whether the step answers an application made while an approved one runs (续批、复学)."""
    if rung.opening is None or round_.ended_by != PLACED or round_.ended_on is None:
        return False
    asked = rung.step.triggers[rung.opening.derivation.trigger]
    applied = isinstance(asked, EventTrigger) and asked.event == EventKind.APPLIED
    return applied and rung.opening.day > round_.ended_on


def _may_come(round_: Round, rung: Rung) -> bool:
    """Whether a step that has not opened is shown as ahead: not a later period, nor one of an ended round.

    Nor what runs beside the ladder: nobody expects it.
    """
    if rung.cycle or rung.step.beside or round_.next_first is not None:
        return False
    if round_.ended_on is None:
        return rung.step.stage != Stage.PLACED
    return is_after_end(rung.step) and rung.opening is not None


def _state(rung: Rung, opened: bool, done_on: date | None, ended: date | None, on: date) -> DutyState:
    due_on = rung.due_on if opened else None
    if done_on is not None:
        return DutyState.DONE if due_on is None or done_on <= due_on else DutyState.DONE_LATE
    if not opened:
        return DutyState.AHEAD
    if rung.last is not None and rung.last < min(on, ended or on):
        return DutyState.MISSED
    if ended is not None:
        return DutyState.DROPPED
    return DutyState.OPEN if due_on is None or on <= due_on else DutyState.OVERDUE


def _delay(rung: Rung, due_on: date | None, until: date) -> int:
    """Natural days from the later of both clocks; a step charged from "due" ignores late recording."""
    if due_on is None or rung.opening is None:
        return 0
    base = max(due_on, rung.opening.known_on) if rung.step.charge == "known" else due_on
    return max(0, (until - base).days)


def _standing(
    facts: _Facts, rounds: Rounds, climb: Climb | None, duties: tuple[Duty, ...], later: list[date]
) -> Standing:
    last = climb.round if climb else None
    returned = last.ended_on if last and last.ended_by == RETURNED else None
    watched = observed_until(facts.policy, facts.calendar, returned) if returned else None
    helped = of_kinds(facts.events, EventKind.HELP_BEGUN)
    stage = _stage(rounds, last, duties, helped=bool(helped))
    category = _category(climb)
    waiting = [d for d in duties if d.state in WAITING]
    missing = () if stage == Stage.CLOSED else (*_missing(facts, rounds, climb, watched), *missing_beside(waiting))
    guardian = climb.guardian_due_on() if climb and last and last.ended_on is None else None
    received = climb.received_on() if climb else None
    paused_until = _paused_until(facts) if stage != Stage.CLOSED else None
    until = last.until if last else None
    ends = (watched, guardian, paused_until, until)
    return Standing(
        on=facts.on,
        stage=stage,
        counted_halves=rounds.now.run_halves,
        window_halves=rounds.now.window_halves,
        duties=duties,
        next_due_on=min((d.due_on for d in waiting if d.due_on is not None), default=None),
        changes_on=None if stage == Stage.CLOSED else _changes_on(facts, duties, waiting, later, ends),
        returned_on=returned,
        observing_until=watched,
        relapses=sum(r.began not in (LAPSE, LEAVE) for r in rounds.rounds[1:]),
        closable=last is not None and stage != Stage.CLOSED and not missing,
        missing_for_closing=missing,
        opens_case=any(d.opened_on is not None for d in duties),
        round=len(rounds.rounds),
        started_on=rounds.rounds[0].first if rounds.rounds else None,
        absent_since=rounds.now.run_since,
        return_recorded_on=_return_recorded(climb),
        seen_on=_seen_on(facts, last),
        served_on=climb.served_on() if climb else None,
        guardian_due_on=guardian,
        received_on=received[0] if received and received[0] <= facts.on else None,
        paused_until=paused_until,
        unknown_days=_unknown_days(facts, last),
        provisional=any(d.provisional for d in waiting),
        recorded=climb.recorded() if climb else frozenset(e.kind for e in facts.events),
        placed_as=str(last.placement.data.get("application")) if last and last.placement else "",
        placed_until=until,
        category=category,
        planned=bool(of_kinds(facts.events, EventKind.SUPPORT_PLAN)),
        dropped_out_on=_dropped_out_on(facts, climb, duties),
        helped_since=helped[0].happened_on if helped else None,
    )


def _dropped_out_on(facts: _Facts, climb: Climb | None, duties: tuple[Duty, ...]) -> date | None:
    """The day 疑似辍学 became 辍学 in the round that runs: as the post the plan names has found.

    In a plan that names none, the day it was the township's turn: school and village had tried in vain.
    """
    if climb is None or climb.round.ended_on is not None:
        return None
    if facts.policy.dropout is not None:
        found = climb.first(EventKind.DROPOUT_CONFIRMED)
        return found.happened_on if found else None
    mine = [d for d in duties if d.round == climb.round.number and d.stage in LATE and not d.beside]
    return min((d.opened_on for d in mine if d.opened_on), default=None)


def _stage(rounds: Rounds, last: Round | None, duties: tuple[Duty, ...], *, helped: bool) -> Stage:
    if rounds.closed_on is not None:
        return Stage.CLOSED
    if last is None:
        return Stage.HELP if helped else Stage.SCHOOL
    if last.ended_on is not None and last.ended_by != LEFT:
        return Stage.PLACED if last.ended_by == PLACED else Stage.RETURNED
    reached = [
        d.stage for d in duties if d.round == last.number and d.opened_on and d.stage not in AFTER_END and not d.beside
    ]
    return max(reached, key=STAGE_ORDER.__getitem__, default=Stage.SCHOOL)


def _category(climb: Climb | None) -> str:
    """The category the child was last decided to belong to in this round."""
    decided = climb.by_kind.get(EventKind.CATEGORY_DECIDED) if climb else None
    return str(decided[-1].data.get("category") or "") if decided else ""


def _missing(facts: _Facts, rounds: Rounds, climb: Climb | None, watched: date | None) -> tuple[str, ...]:
    """What 销号 still needs; the proof of a placement without an end is asked for at closing."""
    last = climb.round if climb else None
    if rounds.closed_on is not None or climb is None or last is None:
        return ()
    if last.placement is not None:
        return missing_while_placed(facts.on, last.until)
    if last.ended_by in (PLACED, LEFT, WAS_CLOSED):
        return ()
    category = facts.policy.category(_category(climb))
    path: tuple[str, ...] = ()
    if category is not None and category.holds_ladder:
        path = missing_for_category(category, climb.recorded())
        if last.ended_on is None:
            return path
    restored = EventKind.ENROLMENT_RESTORED in climb.by_kind
    return (*path, *missing_for_return(facts.policy, facts.on, last.ended_on, watched, restored=restored))


def _changes_on(
    facts: _Facts,
    duties: tuple[Duty, ...],
    waiting: list[Duty],
    later: list[date],
    ends: tuple[date | None, ...],
) -> date | None:
    """The next day after `on` on which the standing differs although nothing new is recorded."""
    days = [*later, *(end + ONE_DAY for end in ends if end is not None)]
    days += [duty.opens_on for duty in duties if duty.opens_on is not None]
    for duty in waiting:
        if duty.state == DutyState.OPEN and duty.due_on is not None:
            days.append(duty.due_on + ONE_DAY)
        if duty.period_ends is not None:
            days.append(duty.period_ends + ONE_DAY)
    if facts.policy.counting.unknown == "counts" and duties:
        days.append(facts.on + ONE_DAY)
    return min((day for day in days if day > facts.on), default=None)


def _paused_until(facts: _Facts) -> date | None:
    """The last day of the pause that `on` lies in (other pauses may follow later)."""
    day = facts.on
    while day + ONE_DAY in facts.paused:
        day += ONE_DAY
    return day if facts.on in facts.paused else None


def _return_recorded(climb: Climb | None) -> date | None:
    if climb is None:
        return None
    recorded = climb.by_kind.get(EventKind.RETURNED)
    return recorded[-1].happened_on if recorded else None


def _seen_on(facts: _Facts, last: Round | None) -> date | None:
    """The first day the roll shows the child present after its last absence, while the round is still open."""
    if last is None or last.ended_on is not None:
        return None
    seen, days, said = None, facts.roll.days, facts.roll.said
    for place in range(len(days) - 1, bisect_left(days, last.first) - 1, -1):
        if said[place].kind == ABSENT:
            break
        if said[place].kind == PRESENT:
            seen = days[place]
    return seen


def _unknown_days(facts: _Facts, last: Round | None) -> tuple[date, ...]:
    if last is None or last.ended_on is not None:
        return ()
    since = facts.roll.since(last.first)
    return tuple(day for day, one in zip(since.days, since.said, strict=True) if one.kind == UNKNOWN)
