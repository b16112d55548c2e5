"""Steps that recur: every week, month, quarter or term their acts are owed anew."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date

from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_periods import Period, period_of
from agencies.rules.policy_schema import Step
from agencies.rules.policy_triggers import CycleTrigger
from cases.rules.ground import Ground
from cases.rules.rounds import PLACED
from cases.rules.rung import Opening, Rung
from cases.rules.standing import Derivation

# Weeks of ten years: more than compulsory schooling has, so that no period owed is left out.
MOST_PERIODS = 520


def periods(calendar: Calendar, trigger: CycleTrigger, anchor: date, until: date) -> Iterator[Period]:
    """The periods that count, from the anchor's own or the one after, up to the first that begins after `until`."""
    period = period_of(calendar, trigger.every, anchor)
    if period is not None and trigger.first == "next":
        period = period_of(calendar, trigger.every, period.last + ONE_DAY)
    while period is not None:
        counts = trigger.breaks == "keep" or bool(calendar.school_days(period.first, period.last))
        if counts:
            yield period
        # In a break the next period that counts lies behind it, where a later term is known.
        if period.first > until and (counts or calendar.term_at(period.last) is None):
            return
        period = period_of(calendar, trigger.every, period.last + ONE_DAY)


def recurring(ground: Ground, step: Step, trigger: CycleTrigger, anchor: date | None, on: date) -> list[Rung]:
    """The step in each period that began by `on`, and the next one; empty where nothing has begun it."""
    anchor = _begins(ground, trigger, anchor)
    if anchor is None:
        return []
    acts = [e for e in ground.acts(step.done_by) if e.step is None or e.step == step.key]
    days = [e.happened_on for e in acts]
    found: list[Rung] = []
    for period in periods(ground.calendar, trigger, anchor, on):
        opened = max(period.first, anchor)
        due = period.last if step.due is None else min(ground.due(opened, step.due)[0], period.last)
        last_act = bisect_left(days, opened) + step.times - 1
        done = acts[last_act] if last_act < len(acts) and days[last_act] <= period.last else None
        opening = Opening(opened, opened, Derivation(0, period.first, "cycle"))
        found.append(Rung(step, opening, due, False, done, len(found) + 1, period.last))
        if period.first > on or len(found) == MOST_PERIODS:
            break
    return found


def _begins(ground: Ground, trigger: CycleTrigger, anchor: date | None) -> date | None:
    if trigger.during == "away":
        return anchor if trigger.after else ground.round.first
    placement = ground.round.placement
    if placement is None or ground.round.ended_by != PLACED:
        return None
    return placement.happened_on if placement.data.get("application") in trigger.applications else None
