"""Says who is absent when: the runs of the tales, and the ordinary illness of all the others."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from config.demo.data import Tale
from students.choices import AbsenceReason, PartOfDay
from students.rules.roll import Value

# Chance a day that an ordinary child falls ill, how much frailer one in 25 is; together 2 % absent (peers' measure).
FALLS_ILL, FRAIL_ONE_IN, FRAIL_TIMES = 0.0079, 25, 8
LONGEST_ILLNESS = 3

Marks = dict[date, dict[int, Value]]


@dataclass(frozen=True, slots=True)
class Told:
    """A child of a tale; `shift` moves the whole tale that many school days back."""

    student_id: int
    class_id: int
    tale: Tale
    shift: int = 0

    def day(self, back: int, days: list[date]) -> date | None:
        """The school day so far back, or None where the demonstration does not reach."""
        place = len(days) - 1 - self.shift - back
        return days[place] if 0 <= place < len(days) else None

    @property
    def longest(self) -> int:
        """How many school days back the tale begins."""
        return self.shift + max(first for first, _ in self.tale.absent)


def tale_marks(told: Iterable[Told], days: list[date]) -> dict[int, Marks]:
    """Marks of the tales' children by class."""
    found: dict[int, Marks] = defaultdict(lambda: defaultdict(dict))
    for one in told:
        reason = AbsenceReason.WHEREABOUTS_UNKNOWN if one.tale.whereabouts else AbsenceReason.UNEXCUSED
        for first, last in one.tale.absent:
            for back in range(first, last - 1, -1):
                if day := one.day(back, days):
                    found[one.class_id][day][one.student_id] = Value(reason.value)
    return found


def add_illness(marks: Marks, student_ids: Iterable[int], days: list[date], chance: random.Random) -> None:
    """Give the other children of a class their ordinary absences, all with leave of the guardian."""
    for pk in student_ids:
        rate = FALLS_ILL * (FRAIL_TIMES if chance.randrange(FRAIL_ONE_IN) == 0 else 1)
        place = 0
        while (place := place + int(chance.expovariate(rate))) < len(days):
            reason = AbsenceReason.SICK if chance.random() < 0.75 else AbsenceReason.PERSONAL
            for day in days[place : place + chance.randint(1, LONGEST_ILLNESS)]:
                part = PartOfDay.MORNING if chance.random() < 0.06 else PartOfDay.DAY
                marks[day][pk] = Value(reason.value, part.value)
            place += LONGEST_ILLNESS + 1
