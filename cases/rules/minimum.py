"""The least a plan asks for in the current week, month or term: how often, and how often it was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agencies.rules.policy_triggers import CycleTrigger
from cases.choices import EventKind
from cases.rules.facts import Event
from cases.rules.standing import Duty, Standing

PERIODS = {"week": "本周", "month": "本月", "quarter": "本季度", "term": "本学期"}


@dataclass(frozen=True, slots=True)
class Minimum:
    """One recurring duty in the period of the day asked about: `done` of `wanted` times, by `last` at the latest."""

    duty: Duty
    period: str
    wanted: int
    done: int
    last: date


def minimums(standing: Standing, events: Iterable[Event], kind: EventKind) -> tuple[Minimum, ...]:
    """What recurs now and is fulfilled by this kind of event, as the plan's cycle duties say; none where nothing does.

    `events` are those that stand; whatever fulfils the step counts, from the opening of the period to the day asked.
    """
    acts = [e for e in events if e.superseded_at is None and e.happened_on <= standing.on]
    found = []
    for duty in standing.duties:
        step = duty.step
        if kind not in step.done_by or not _is_now(duty, standing):
            continue
        every = next((t.every for t in step.triggers if isinstance(t, CycleTrigger)), "")
        last = duty.due_on or duty.period_ends or standing.on
        opened = duty.opened_on or last
        done = sum(e.kind in step.done_by and e.step in (None, step.key) and e.happened_on >= opened for e in acts)
        found.append(Minimum(duty, PERIODS.get(every, "本期"), step.times, done, last))
    return tuple(found)


def _is_now(duty: Duty, standing: Standing) -> bool:
    """Whether the day asked about lies in the period of this recurring duty."""
    if not duty.cycle or duty.opened_on is None or duty.round != standing.round or duty.period_ends is None:
        return False
    return duty.opened_on <= standing.on <= duty.period_ends
