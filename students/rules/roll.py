"""Decide what a sent roll does to the roll on record: which marks to write, which to end, which to ask about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from agencies.rules.calendar import Calendar, dated
from students.choices import AbsenceReason, PartOfDay

PRESENT = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What the roll says of a child on a day: absent for a reason and part, or present (`reason` empty)."""

    reason: str = PRESENT
    part: str = PartOfDay.DAY
    note: str = ""

    @property
    def text(self) -> str:
        """病假（上午） or 到校."""
        if not self.reason:
            return "到校"
        part = "" if self.part == PartOfDay.DAY else f"（{PartOfDay(self.part).label}）"
        return f"{AbsenceReason(self.reason).label}{part}"

    def same_as(self, other: Value) -> bool:
        """Equal but for the note of a present child."""
        return (self.reason, self.part if self.reason else "") == (
            other.reason,
            other.part if other.reason else "",
        ) and (not self.reason or self.note == other.note)


@dataclass(frozen=True, slots=True)
class Change:
    """One child as a page sends it: what it showed when opened (`was`) and what the teacher wants (`now`)."""

    student_id: int
    was: Value
    now: Value


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else said otherwise since the page was opened; the teacher is asked which holds."""

    student_id: int
    theirs: Value
    mine: Value


@dataclass(frozen=True, slots=True)
class Merged:
    """What to do: children whose mark ends, new marks to write, and what to ask."""

    end: tuple[int, ...]
    write: tuple[tuple[int, Value], ...]
    conflicts: tuple[Conflict, ...]


def merge(current: Mapping[int, Value], changes: Iterable[Change]) -> Merged:
    """Merge a page's changes into the roll on record, child by child.

    A change made by somebody else to a child this page did not touch stands. The same child changed to the same
    value is nothing new. The same child changed otherwise is asked, never overwritten.
    """
    end: list[int] = []
    write: list[tuple[int, Value]] = []
    conflicts: list[Conflict] = []
    for change in changes:
        standing = current.get(change.student_id, Value())
        if standing.same_as(change.now):
            continue
        if not standing.same_as(change.was):
            conflicts.append(Conflict(change.student_id, standing, change.now))
            continue
        if standing.reason:
            end.append(change.student_id)
        if change.now.reason:
            write.append((change.student_id, change.now))
    return Merged(tuple(end), tuple(write), tuple(conflicts))


def refusal(calendar: Calendar, day: date, today: date) -> str:
    """Why no roll can be taken for this day, with the remedy; empty if it can."""
    if day > today:
        return f"{dated(day)}还没有到，不能提前登记。请假请用“登记请假”。"
    if not calendar.is_school_day(day):
        why = calendar.why_closed(day)
        return f"{dated(day)}不上课（{why}）。如当天补课，请学籍管理员先在校历中登记补课。"
    return ""
