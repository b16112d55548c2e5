"""News that must travel left: typed lists filled once by config, called as an action's last line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from agencies.scope import Actor

ChildFactsHook = Callable[[list[int], Actor, datetime], None]
UnitHook = Callable[[list[int], Actor, datetime], None]

after_child_facts: list[ChildFactsHook] = []
after_calendar_change: list[UnitHook] = []
after_policy_adopted: list[UnitHook] = []


def child_facts_changed(student_ids: Iterable[int], *, by: Actor, now: datetime) -> None:
    """Tell the left that facts about these children changed (roll, leave, enrolment)."""
    ids = sorted(set(student_ids))
    if ids:
        for hook in after_child_facts:
            hook(ids, by, now)


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
