"""What of a plan is the same for every case: worked out once for each plan, and remembered."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agencies.rules.policy_schema import Policy, Step
from agencies.rules.policy_triggers import (
    AbsenceTrigger,
    AgeTrigger,
    CategoryTrigger,
    CycleTrigger,
    EventTrigger,
    FlaggedTrigger,
    LapseTrigger,
    LeaveTrigger,
    NotRegisteredTrigger,
    ReturnedTrigger,
    Trigger,
    WaitTrigger,
    Where,
)
from cases.choices import DutyState, EventKind, Stage
from cases.rules.rung import Rung
from cases.rules.standing import Duty
from students.rules.attendance import ABSENT, EXCUSED

# Steps that only such triggers open belong to a path of their own; a category that holds the ladder leaves them.
OWN_PATH = (CategoryTrigger, LapseTrigger, LeaveTrigger, AgeTrigger, EventTrigger, ReturnedTrigger)
# A step that such triggers alone open comes with a record or not at all: it is nobody's next step before.
UNFORESEEN = (CategoryTrigger, LapseTrigger, LeaveTrigger, EventTrigger, NotRegisteredTrigger)
# The kinds of event without which such a trigger opens nothing.
RETURNS = frozenset({EventKind.RETURN_CONFIRMED, EventKind.RETURNED})
RECEIPTS = frozenset({EventKind.REPORT_RECEIVED, EventKind.REPORT_SENT})
SERVICE = frozenset({EventKind.NOTICE_SERVED})
DECISION = frozenset({EventKind.APPLICATION_DECIDED})
# A plan's word for a stage → the stage; looked up for each duty, where calling the class costs five times as much.
STAGES: dict[str, Stage] = {stage.value: stage for stage in Stage}
# Plans in force are few; tests that change a plan a thousand times keep no more of them than this.
MOST_PLANS = 64

Kinds = frozenset[EventKind]


class Record(NamedTuple):
    """The record by which a trigger opens its step: kind and fields of the event, and how that is told."""

    trigger: int
    kind: EventKind
    where: Where
    why: str


class Way(NamedTuple):
    """One trigger of a step, its place among them, and the kinds of record without one of which it opens nothing."""

    place: int
    trigger: Trigger
    needs: Kinds | None


class Rule(NamedTuple):
    """One step and what its words say whatever the case.

    `needs`: without an event of one of these kinds in the round the step neither opens nor is done, and stands as
    `unopened`; None where time or the roll may open it, or what was done before counts. `records` are the records
    that open it, `on_own_path` whether it belongs to a handling path, directly or by waiting for a step that does.
    """

    step: Step
    cycle: CycleTrigger | None
    ways: tuple[Way, ...]
    needs: Kinds | None
    unopened: Rung
    records: tuple[Record, ...]
    on_own_path: bool


class Prepared:
    """A plan's steps by key in the plan's order, and what is asked of all of them together."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.steps = {step.key: step for step in policy.steps}
        triggers = [trigger for step in policy.steps for trigger in step.triggers]
        counts = (t for t in triggers if isinstance(t, AbsenceTrigger | NotRegisteredTrigger))
        self.absences = tuple(dict.fromkeys(counts))  # Several steps may ask the same.
        self.leaves = tuple(dict.fromkeys(t for t in triggers if isinstance(t, LeaveTrigger)))
        # What of the roll shows a child away (仍未返校).
        self.away = frozenset({ABSENT, EXCUSED} if policy.counting.excused == "counts" else {ABSENT})
        self.rules = {step.key: self._rule(step) for step in policy.steps}
        asked = ((step.key, step.only_after) for step in policy.steps)
        self.conditions = tuple((key, t.event, t.where) for key, t in asked if t is not None)
        self._foreseen: dict[frozenset[str], frozenset[str]] = {}
        self._ahead: dict[tuple[int, frozenset[str]], Mapping[str, Duty]] = {}

    def foreseen(self, met: frozenset[str]) -> frozenset[str]:
        """The steps that may come of themselves, by time and absence, and not only once something is recorded.

        `met` are the steps whose `only_after` is on record.
        """
        found = self._foreseen.get(met)
        if found is None:
            alone = (key for key, step in self.steps.items() if self._may_come_alone(step, met))
            found = self._foreseen[met] = frozenset(alone)
        return found

    def ahead(self, round_number: int, foreseen: frozenset[str]) -> Mapping[str, Duty]:
        """The duties of a round that runs, by step, while it is unknown when they open and nothing does them.

        A step of 安置 is shown only once an approved time has ended the round, one beside the ladder once it is owed.
        """
        duties = self._ahead.get((round_number, foreseen))
        if duties is None:
            shown = (step for step in self.policy.steps if step.stage != Stage.PLACED and not step.beside)
            duties = {step.key: _unopened(step, round_number, foreseen=step.key in foreseen) for step in shown}
            self._ahead[round_number, foreseen] = duties
        return duties

    def _rule(self, step: Step) -> Rule:
        records = [_record(place, trigger) for place, trigger in enumerate(step.triggers)]
        return Rule(
            step=step,
            cycle=next((t for t in step.triggers if isinstance(t, CycleTrigger)), None),
            ways=tuple(Way(place, t, self._trigger_needs(t)) for place, t in enumerate(step.triggers)),
            needs=None if step.early_counts else self._needs(step),
            unopened=Rung(step, None, None, False, None),
            records=tuple(record for record in records if record is not None),
            on_own_path=self._is_own_path(step),
        )

    def _needs(self, step: Step) -> Kinds | None:
        if step.only_after is not None:
            return frozenset({EventKind(step.only_after.event)})
        return _together(self._trigger_needs(trigger) for trigger in step.triggers)

    def _trigger_needs(self, trigger: Trigger) -> Kinds | None:
        if isinstance(trigger, WaitTrigger):
            return self._wait_needs(trigger)
        if isinstance(trigger, ReturnedTrigger):
            return RETURNS
        if isinstance(trigger, LapseTrigger):
            return DECISION
        record = None if isinstance(trigger, NotRegisteredTrigger) else _record(0, trigger)
        return None if record is None else frozenset({record.kind})

    def _wait_needs(self, trigger: WaitTrigger) -> Kinds | None:
        if trigger.since in ("served", "deadline"):
            return SERVICE
        before = self.steps.get(trigger.after)
        # What may be done before it opens is waited for even where it never opens.
        needed = None if before is None or before.early_counts else self._needs(before)
        return _together((RECEIPTS, needed)) if trigger.since == "received" else needed

    def _is_own_path(self, step: Step) -> bool:
        for trigger in step.triggers:
            if isinstance(trigger, WaitTrigger | CycleTrigger):
                before = self.steps.get(trigger.after)
                if before is None or not self._is_own_path(before):
                    return False
            elif not isinstance(trigger, OWN_PATH):
                return False
        return True

    def _may_come_alone(self, step: Step, met: frozenset[str]) -> bool:
        if step.only_after is not None and step.key not in met:
            return False
        before = [self.steps.get(t.after) for t in step.triggers if isinstance(t, WaitTrigger)]
        if any(earlier is not None and self._may_come_alone(earlier, met) for earlier in before):
            return True
        return any(not isinstance(t, (*UNFORESEEN, WaitTrigger)) for t in step.triggers)


_KEPT: dict[int, Prepared] = {}


def prepared(policy: Policy) -> Prepared:
    """The plan prepared; kept by the identity of the policy, which is immutable and held as long as this is."""
    found = _KEPT.get(id(policy))
    if found is None or found.policy is not policy:
        if len(_KEPT) >= MOST_PLANS:
            _KEPT.clear()
        found = _KEPT[id(policy)] = Prepared(policy)
    return found


def _together(needed: Iterable[Kinds | None]) -> Kinds | None:
    """What any of several triggers needs; None as soon as one of them opens without a record."""
    kinds: Kinds = frozenset()
    for one in needed:
        if one is None:
            return None
        kinds |= one
    return kinds


def _record(place: int, trigger: Trigger) -> Record | None:
    """The record by which a trigger opens; None where time or the roll opens it."""
    if isinstance(trigger, EventTrigger):
        return Record(place, EventKind(trigger.event), trigger.where, "event")
    if isinstance(trigger, FlaggedTrigger):
        return Record(place, EventKind.FLAGGED, (), "flagged")
    if isinstance(trigger, NotRegisteredTrigger):
        return Record(place, EventKind.NOT_REGISTERED, (), "not_registered")
    if isinstance(trigger, CategoryTrigger):
        return Record(place, EventKind.CATEGORY_DECIDED, (("category", trigger.categories),), "category")
    return None


def _unopened(step: Step, round_number: int, *, foreseen: bool) -> Duty:
    return Duty(
        step=step,
        stage=STAGES[step.stage],
        state=DutyState.AHEAD,
        opened_on=None,
        due_on=None,
        known_on=None,
        done_on=None,
        delay_days=0,
        derivation=None,
        round=round_number,
        foreseen=foreseen,
    )
