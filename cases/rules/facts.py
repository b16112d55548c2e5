"""What happened in a case, as the pure core sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cases.choices import EventKind


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded act or happening.

    `happened_on` is the plan's clock, `recorded_at` the clock of knowledge. `data` holds the fields of
    `cases.rules.transitions`. `step` ties the event to one step of the plan; on a FLAGGED event it means that an
    old case enters the ladder at that step.
    """

    id: int
    kind: EventKind
    happened_on: date
    recorded_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    superseded_at: datetime | None = None
    step: str | None = None


def of_kinds(events: Iterable[Event], *kinds: EventKind) -> list[Event]:
    """The events of these kinds, in their order."""
    return [event for event in events if event.kind in kinds]
