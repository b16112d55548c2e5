"""One step as it stands in one round: when it opened, by when it is due, what did it."""

from datetime import date
from typing import NamedTuple

from agencies.rules.policy_schema import Step
from cases.choices import Stage
from cases.rules.facts import Event
from cases.rules.standing import Derivation

AFTER_END = frozenset({Stage.PLACED, Stage.RETURNED})


class Opening(NamedTuple):
    """The day a step opens (it may lie ahead), the day its facts were on record, and why."""

    day: date
    known_on: date
    derivation: Derivation
    provisional: bool = False


class Rung(NamedTuple):
    """One step as it stands in one round; of a step that recurs, as it stands in its period `cycle` to `last`.

    `dropped_on` is the day from which the step stands back because of the child's category; `due_from` the day the
    limit runs from where that is not the opening, and why.
    """

    step: Step
    opening: Opening | None
    due_on: date | None
    provisional: bool
    done: Event | None
    cycle: int = 0
    last: date | None = None
    dropped_on: date | None = None
    due_from: Opening | None = None

    @property
    def done_on(self) -> date | None:
        return self.done.happened_on if self.done else None


def is_after_end(step: Step) -> bool:
    """Whether the step is owed after the round has ended, so that its end does not drop it (学籍, 送教)."""
    return step.stage in AFTER_END
