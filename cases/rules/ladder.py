"""Derives how a case stands from the plan, the calendar, the roll and the events; counts nothing by itself."""

from collections.abc import Iterable
from datetime import date, datetime

from agencies.rules.calendar import Calendar
from agencies.rules.policy import Policy
from cases.rules.facts import Event
from cases.rules.standing import Duty, Standing
from students.rules.attendance import RollFacts

__all__ = ["Duty", "Standing", "evaluate"]


def evaluate(
    policy: Policy,
    calendar: Calendar,
    roll: RollFacts,
    events: Iterable[Event],
    on: date,
    known_at: datetime | None = None,
    *,
    since: date | None = None,
) -> Standing:
    """How the case stands on `on`.

    `known_at` (aware) leaves out what was recorded after it and treats what was superseded later as valid: "as
    known on day D". Left open, it answers "as now known about D". `since` ignores the roll before that day (the
    day after the child's previous case ended).
    """
    raise NotImplementedError
