"""News that must travel left: typed lists filled once by config, called as an action's last line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Protocol

from agencies.scope import Actor

# The last argument is what the caller has read already (students.queries.roll.RollNews), so nobody reads it twice.
ChildFactsHook = Callable[[list[int], Actor, datetime, Any], None]
UnitHook = Callable[[list[int], Actor, datetime], None]
# Which of these children would lose an opened duty if the roll of a day said this instead ("" = was present)?
CorrectionCheck = Callable[[dict[int, str], date, datetime, str], set[int]]


class HandOverHook(Protocol):
    """Passes on what one person holds beside the posts; returns how many things passed."""

    def __call__(self, *, by: Actor, giver_id: int, taker_id: int, now: datetime) -> int: ...


after_child_facts: list[ChildFactsHook] = []
after_calendar_change: list[UnitHook] = []
after_policy_adopted: list[UnitHook] = []
correction_checks: list[CorrectionCheck] = []
# Sentences about what a person holds beside the posts; and the act that passes it on (giver, taker).
open_duties: list[Callable[[int], list[str]]] = []
after_hand_over: list[HandOverHook] = []
# The words for the codes kept in the audit trail, by the key they stand under.
audit_codes: dict[str, dict[str, str]] = {}


def child_facts_changed(student_ids: Iterable[int], *, by: Actor, now: datetime, news: Any = None) -> None:
    """Tell the left that facts about these children changed (roll, leave, enrolment)."""
    ids = sorted(set(student_ids))
    if ids:
        for hook in after_child_facts:
            hook(ids, by, now, news)


def calendar_changed(unit_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Tell the left that the calendar of these units' subtrees changed (empty list = everywhere)."""
    ids = sorted(set(unit_ids))
    for hook in after_calendar_change:
        hook(ids, by, now)


def policy_adopted(unit_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Tell the left that these units run another plan from now on."""
    ids = sorted(set(unit_ids))
    for hook in after_policy_adopted:
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
