"""Counts absence from the roll: runs, window sums, unknown and excused days, as the plan says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from students.choices import AbsenceReason, PartOfDay

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Mark:
    """One child not present on one day or half day; a corrected mark carries `superseded_at`."""

    day: date
    part: PartOfDay
    reason: AbsenceReason
    recorded_at: datetime
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RollFacts:
    """The roll of one child: its marks, and the days on which the class register was taken, with when."""

    marks: tuple[Mark, ...] = ()
    taken: Mapping[date, datetime] = field(default_factory=dict)


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in China (one time zone); a naive moment is taken as local."""
    return moment.date() if moment.tzinfo is None else moment.astimezone(CHINA).date()


def in_days(halves: int) -> Decimal:
    """Half days as days: 7 → 3.5."""
    whole, half = divmod(halves, 2)
    return Decimal(f"{whole}.5") if half else Decimal(whole)
