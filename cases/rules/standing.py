"""How a case stands on a day: the answer of the ladder, and how each duty was derived."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from agencies.choices import Role
from agencies.rules.policy_schema import Step
from cases.choices import DutyState, EventKind, Stage
from students.rules.attendance import in_days

# A duty in one of these states waits for someone to act.
WAITING = (DutyState.OPEN, DutyState.OVERDUE)


class Derivation(NamedTuple):
    """The bare facts behind a duty's dates; `cases.rules.derivation.explain` turns them into sentences.

    `trigger` is the index among the step's triggers. `anchor_on` is the day the wait or the limit runs from,
    `anchor_step` the earlier step, `anchor_why` one of done, due, overdue, received, presumed, served, deadline,
    event, flagged, entered, absence. `counted` are the absent days counted up to the opening.
    """

    trigger: int
    anchor_on: date
    anchor_why: str
    anchor_step: str = ""
    counted: tuple[date, ...] = ()


class Duty(NamedTuple):
    """What one owner owes in one round of the ladder.

    `opened_on` is None while AHEAD (then `opens_on` is the day it will open if nothing changes, if that can be
    told). `due_on` by the plan; `known_on` the first day its facts were on record; `delay_days` natural days from
    the later of both (see `Step.charge`) to the doing, the end of the round, or the day asked about. Of a step that
    recurs, `cycle` is the number of the period and `period_ends` its last day. A duty that is not `foreseen` comes
    only once something is recorded, so it is nobody's next step. One `beside` the ladder moves the case to no stage.
    `due_from` is the day the limit runs from where that is not the opening (`Step.due_since`), often known before it
    opens, and `due_why` how that day was reached: its `trigger` is the index among the triggers of that other step.
    """

    step: Step
    stage: Stage
    state: DutyState
    opened_on: date | None
    due_on: date | None
    known_on: date | None
    done_on: date | None
    delay_days: int
    derivation: Derivation | None
    round: int = 1
    opens_on: date | None = None
    provisional: bool = False
    done_by_event: int | None = None
    cycle: int = 0
    period_ends: date | None = None
    due_from: date | None = None
    due_why: Derivation | None = None
    foreseen: bool = True

    @property
    def step_key(self) -> str:
        """The key of the step."""
        return self.step.key

    @property
    def name(self) -> str:
        """The step's name."""
        return self.step.name

    @property
    def owner(self) -> Role:
        """Who owes it."""
        return self.step.owner

    @property
    def also_owners(self) -> tuple[Role, ...]:
        """Who owes it together with the owner."""
        return self.step.also_owners

    @property
    def clause(self) -> str:
        """The clause of the plan that says so."""
        return self.step.clause

    @property
    def quote(self) -> str:
        """The words of that clause."""
        return self.step.quote

    @property
    def assumed(self) -> bool:
        """Whether the plan does not say so itself (本方案未规定)."""
        return self.step.assumed

    @property
    def document(self) -> str:
        """The kind of paper the step asks for, or nothing."""
        return self.step.document

    @property
    def beside(self) -> bool:
        """Whether it runs beside the ladder."""
        return self.step.beside

    @property
    def is_waiting(self) -> bool:
        """Whether someone must still act."""
        return self.state in WAITING


@dataclass(frozen=True, slots=True)
class Standing:
    """How the case stands on `on`. Counts are exact half days; `counted` and `window_count` give them as days.

    `returned_on` is the day the return was confirmed; `return_recorded_on` an unconfirmed or confirmed return on
    record; `seen_on` a day the roll shows the child present after the last absence although no return is on record.
    `recorded` are the kinds of valid events of the latest round. `placed_as` and `placed_until` (None = open) are the
    approved application under which the child stays away, `category` what it was last decided to belong to.
    `planned` says that a support plan (一生一策) is on record, of whatever round.
    `dropped_out_on`: since when the child counts as having dropped out (辍学) and not as suspected of it (疑似辍学).
    `helped_since`: since when the child is helped (帮扶); no round begins with it, absence or a flag begins one.
    `closable`: nothing stands between the case and its proposal for 销号; never while an approved time runs.
    `changes_on` is the next day this standing changes without a new fact.
    """

    on: date
    stage: Stage
    counted_halves: int
    window_halves: int
    duties: tuple[Duty, ...]
    next_due_on: date | None
    changes_on: date | None
    returned_on: date | None
    observing_until: date | None
    relapses: int
    closable: bool
    missing_for_closing: tuple[str, ...]
    opens_case: bool
    round: int = 0
    started_on: date | None = None
    absent_since: date | None = None
    return_recorded_on: date | None = None
    seen_on: date | None = None
    served_on: date | None = None
    guardian_due_on: date | None = None
    received_on: date | None = None
    paused_until: date | None = None
    unknown_days: tuple[date, ...] = ()
    provisional: bool = False
    recorded: frozenset[EventKind] = frozenset()
    placed_as: str = ""
    placed_until: date | None = None
    category: str = ""
    planned: bool = False
    dropped_out_on: date | None = None
    helped_since: date | None = None

    @property
    def counted(self) -> Decimal:
        """Days absent in a row (half days 0.5)."""
        return in_days(self.counted_halves)

    @property
    def window_count(self) -> Decimal:
        """Days absent within the plan's window, or within the term where the plan names none."""
        return in_days(self.window_halves)

    @property
    def relapse(self) -> bool:
        """Whether the child came back and was away again without leave."""
        return self.relapses > 0

    def duty(self, step_key: str) -> Duty | None:
        """The duty of this step in the latest round, or None."""
        return next((d for d in reversed(self.duties) if d.step_key == step_key), None)

    @property
    def waiting(self) -> tuple[Duty, ...]:
        """The duties someone must still act on, overdue first, then by due date."""
        rest = date.max
        owed = [d for d in self.duties if d.is_waiting]
        return tuple(sorted(owed, key=lambda d: (d.state != DutyState.OVERDUE, d.due_on or rest, d.step_key)))
