"""Turns a duty's bare derivation into the sentences a person reads: days counted, arithmetic of the due date."""

from dataclasses import dataclass

from agencies.rules.calendar import Calendar
from agencies.rules.policy import Policy
from cases.rules.standing import Duty
from students.rules.attendance import RollFacts


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a duty exists and how its date was reached, in Chinese; made only when shown."""

    opened_because: str
    counted_days: tuple[str, ...]
    due_sentence: str
    not_in_plan: str = ""
    other_reading: str = ""


def explain(policy: Policy, calendar: Calendar, duty: Duty, roll: RollFacts | None = None) -> Explanation:
    """The sentences of one duty; with `roll`, the reason of each counted day is named too."""
    raise NotImplementedError
