"""Decide what a sent roll does to the roll on record: which marks to write, which to end, which to ask about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce

from agencies.rules.calendar import AFTERNOON, BOTH, MORNING, Calendar, dated
from students.choices import AbsenceReason, LeaveKind, PartOfDay

PRESENT = ""
BITS = {PartOfDay.DAY: BOTH, PartOfDay.MORNING: MORNING, PartOfDay.AFTERNOON: AFTERNOON}
PARTS = {bits: part for part, bits in BITS.items()}
LEAVE_REASONS = {
    LeaveKind.SICK: AbsenceReason.SICK,
    LeaveKind.PERSONAL: AbsenceReason.PERSONAL,
    LeaveKind.OTHER: AbsenceReason.OTHER,
}
# Before this hour of its own day an afternoon's register would be a guess.
NOON = 12


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
        """Equal; two that say 到校 are, whatever part and note came with them."""
        return self == other or not (self.reason or other.reason)


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


def on_leave(kind: str, part: str) -> Value:
    """What a leave of this kind puts on the roll of its days."""
    return Value(LEAVE_REASONS[LeaveKind(kind)], part, "请假")


def overlap(one: str, other: str) -> bool:
    """Whether two parts of a day have a half in common."""
    return bool(BITS[PartOfDay(one)] & BITS[PartOfDay(other)])


def rest_of(whole: str, part: str) -> PartOfDay | None:
    """What is left of a marked part without another part: 全天 without 下午 is 上午; None if nothing."""
    return PARTS.get(BITS[PartOfDay(whole)] & ~BITS[PartOfDay(part)])


def within(value: Value, part: str) -> Value:
    """What a value says of a part of the day: 病假（上午） is 到校 in the afternoon."""
    if part == PartOfDay.DAY:
        return value
    if value.reason and not overlap(value.part, part):
        return Value(part=part)
    return replace(value, part=part)


def joined(one: Value, other: Value) -> Value:
    """Two half days of one child as one value: the graver reason, and a note of both where they differ."""
    if one.reason == other.reason:
        return Value(one.reason, PartOfDay.DAY, one.note or other.note)
    grave = next((v for v in (one, other) if v.reason == AbsenceReason.UNEXCUSED), one)
    return Value(grave.reason, PartOfDay.DAY, f"{one.text}，{other.text}")


def said_of(values: Iterable[Value], part: str) -> Value:
    """What the marks of one child and day say of a part of it: two half days as one, 到校 where none touches it."""
    touching = sorted((value for value in values if overlap(value.part, part)), key=lambda value: value.part)
    return reduce(joined, [within(value, part) for value in touching]) if touching else Value(part=part)


def parts_of(calendar: Calendar, day: date) -> tuple[PartOfDay, ...]:
    """The registers a day owes: 全天, or 上午 and 下午 apart, or only the half that is open."""
    return tuple(PARTS[bits] for bits in calendar.registers(day))


def parts_due(calendar: Calendar, day: date, now: datetime) -> tuple[PartOfDay, ...]:
    """Those whose time has come: an afternoon's not before noon of its day."""
    early = day == now.date() and now.hour < NOON
    return tuple(p for p in parts_of(calendar, day) if not (early and p == PartOfDay.AFTERNOON))


def part_asked(calendar: Calendar, day: date, now: datetime, asked: str) -> PartOfDay:
    """The part a page is about: the asked one where it is owed, else the latest one due (上午 of a past day)."""
    parts = parts_of(calendar, day)
    if asked in parts:
        return PartOfDay(asked)
    due = parts_due(calendar, day, now)
    return due[-1] if due and day == now.date() else parts[0]


def part_refusal(calendar: Calendar, day: date, now: datetime, part: str) -> str:
    """Why this part cannot be registered, with the remedy; empty if it can. The day itself is asked of `refusal`."""
    parts = parts_of(calendar, day)
    if part not in parts:
        return f"{dated(day)}按{'、'.join(p.label for p in parts)}点名，请刷新页面，选定时段后再登记。"
    if part not in parts_due(calendar, day, now):
        return f"下午的点名请在{NOON}:00以后登记；已知下午请假的，请用“登记请假”或先在全校点名页记下。"
    return ""
