"""News that must travel left: typed lists filled once by config, called as an action's last line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from agencies import audit
from agencies.models import AuditRow
from agencies.models.unit import Unit
from agencies.rules.mergers import UnitMove
from agencies.scope import Actor

# Writes what was decided, and returns the audit rows owed for it; the caller writes them with its own.
Write = Callable[[], list[AuditRow]]
# Reads and decides at once, writes when told. The last argument is what the caller has read already
# (students.queries.roll.RollNews), so nobody reads it twice.
ChildFactsHook = Callable[[list[int], Actor, datetime, Any], Write]
UnitHook = Callable[[list[int], Actor, datetime], None]
# Which of these children would lose an opened duty if the roll of a day said this instead ("" = was present)?
CorrectionCheck = Callable[[dict[int, str], date, datetime, str], set[int]]


class FactsMovedError(Exception):
    """What a decision was made on is not on record any more: nothing of it is to be written; read and decide again."""


class HandOverHook(Protocol):
    """Passes on what one person holds beside the posts; returns how many things passed."""

    def __call__(self, *, by: Actor, giver_id: int, taker_id: int, now: datetime) -> int: ...


class MoveHook(Protocol):
    """Lets what hangs on a unit follow it, inside the transaction of the act."""

    def __call__(self, *, by: Actor, move: UnitMove, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Held:
    """So many of something hang on a unit; when it is merged they move along, or stay as they are."""

    label: str
    count: int
    moves: bool = True


after_child_facts: list[ChildFactsHook] = []
after_calendar_change: list[UnitHook] = []
correction_checks: list[CorrectionCheck] = []
# Sentences about what a person holds beside the posts; and the act that passes it on (giver, taker).
open_duties: list[Callable[[int], list[str]]] = []
after_hand_over: list[HandOverHook] = []
# What hangs on a unit (counted for the preview of a merger), and the acts that let it follow, in this order.
held_by_unit: list[Callable[[Unit], list[Held]]] = []
after_unit_move: list[MoveHook] = []
# The words for the codes kept in the audit trail, by the key they stand under.
audit_codes: dict[str, dict[str, str]] = {}


def child_facts_changed(student_ids: Iterable[int], *, by: Actor, now: datetime, news: Any = None) -> None:
    """Tell the left that facts about these children changed (roll, leave, enrolment)."""
    audit.write(child_facts_prepared(student_ids, by=by, now=now, news=news)())


def child_facts_prepared(student_ids: Iterable[int], *, by: Actor, now: datetime, news: Any = None) -> Write:
    """Let the left decide, before any lock is taken, what it will write when these changes are on record.

    With `news` the left must decide on that alone and on what is no business of the caller; what it returns is run as
    the last line of the caller's transaction and raises FactsMovedError where its own facts have moved meanwhile.
    """
    ids = sorted(set(student_ids))
    writes = [hook(ids, by, now, news) for hook in after_child_facts] if ids else []
    return lambda: [row for write in writes for row in write()]


def calendar_changed(unit_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Tell the left that the calendar of these units' subtrees changed (empty list = everywhere)."""
    ids = sorted(set(unit_ids))
    for hook in after_calendar_change:
        hook(ids, by, now)


def duties_lost_by(wanted: dict[int, str], day: date, now: datetime, part: str) -> set[int]:
    """Ids of the children for whom this change of a past day would take an opened duty away.

    `part`: the part of the day whose register is changed (day, am, pm).
    """
    lost: set[int] = set()
    if wanted:
        for check in correction_checks:
            lost |= check(wanted, day, now, part)
    return lost


def duties_held(user_id: int) -> list[str]:
    """What passes with a person's posts beside the posts themselves, a sentence each (open cases in person)."""
    return [sentence for count in open_duties for sentence in count(user_id)]


def handed_over(giver_id: int, taker_id: int, *, by: Actor, now: datetime) -> None:
    """Tell the left that one person's duties pass to another (cases held in person)."""
    for hook in after_hand_over:
        hook(by=by, giver_id=giver_id, taker_id=taker_id, now=now)


def all_held(unit: Unit) -> list[Held]:
    """What hangs on a unit beside its posts and the units below, without what there is none of."""
    return [held for count in held_by_unit for held in count(unit) if held.count]


def unit_moved(move: UnitMove, *, by: Actor, now: datetime) -> None:
    """Tell the left that a unit was merged or moved: the tree already stands as it is to be."""
    for hook in after_unit_move:
        hook(by=by, move=move, now=now)
