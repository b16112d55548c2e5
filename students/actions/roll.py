"""The roll is taken: what the page wants merged with what is on record, leave filled in, corrections put aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.calendar import Calendar, dated
from agencies.scope import Actor
from students.actions.corrections import put_aside
from students.actions.register import RollRefusedError, Work, settle
from students.choices import PartOfDay
from students.models import Correction, RollCall
from students.queries.roll import school_year_start
from students.rules.roll import (
    Change,
    Conflict,
    Value,
    merge,
    on_leave,
    part_refusal,
    parts_due,
    parts_of,
    refusal,
    within,
)

__all__ = ["RollRefusedError", "SavedRoll", "confirm_all_present", "save_roll"]


@dataclass(frozen=True, slots=True)
class SavedRoll:
    """What a saved roll came to: the register, what is asked, what waits for a second person, children touched."""

    call: RollCall
    conflicts: tuple[Conflict, ...] = ()
    waiting: tuple[Correction, ...] = ()
    touched: tuple[int, ...] = ()


def save_roll(
    *,
    by: Actor,
    school_class: Unit,
    day: date,
    changes: Iterable[Change],
    calendar: Calendar,
    now: datetime,
    why: str = "",
    part: PartOfDay = PartOfDay.DAY,
) -> SavedRoll:
    """Take (or correct) the register of a class for a day, or for the `part` of it that the class owes apart.

    `changes` holds only what the page changed; no change on an untaken day is 全勤. A past day already taken needs
    `why`; where the change would remove an opened duty it waits for a second person instead. Saving twice changes
    nothing. Raises RollRefusedError (holiday, future day, unknown child, missing reason), PermissionDenied.
    """
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    if sentence := refusal(calendar, day, now.date()):
        raise RollRefusedError(sentence)
    owed = parts_of(calendar, day)
    part = owed[0] if len(owed) == 1 else part
    if sentence := part_refusal(calendar, day, now, part):
        raise RollRefusedError(sentence)
    wanted = [Change(c.student_id, within(c.was, part), _put(c.now, part)) for c in changes]

    def new() -> Work:
        return Work(by, school_class, day, calendar, now, why, since=school_year_start(day), part=part)

    # A past day may have to be put aside for a second person, which writes: that is decided under the lock.
    return settle(new, lambda work: _decide(work, wanted), ahead=day >= now.date())


def _put(value: Value, part: PartOfDay) -> Value:
    """A half day's register marks its own half, whatever part was sent."""
    return value if part == PartOfDay.DAY else replace(value, part=part)


def _decide(work: Work, wanted: list[Change]) -> SavedRoll:
    first = work.call is None
    if unknown := {change.student_id for change in wanted} - set(work.listed):
        raise RollRefusedError(f"有{len(unknown)}名学生已不在本班名单中，请刷新页面后重新登记。")
    if first:
        wanted = _with_leaves(work, wanted)
    merged = merge(work.standing, wanted)
    waiting: list[Correction] = []
    # A mark may stand before the register does (the registrar's page): ending it is a correction too.
    corrected = merged.end or (merged.write and not first)
    if corrected and work.day < work.now.date():
        if not work.why.strip():
            raise RollRefusedError(f"更正{dated(work.day)}的考勤须写明理由，例如“家长电话说明”。")
        merged, waiting = put_aside(
            by=work.by,
            school_class=work.school_class,
            day=work.day,
            merged=merged,
            why=work.why,
            now=work.now,
            part=work.part,
        )
    touched = work.decide(merged)
    assert work.call is not None  # noqa: S101 - decide has made it
    return SavedRoll(work.call, merged.conflicts, tuple(waiting), tuple(touched))


def _with_leaves(work: Work, wanted: list[Change]) -> list[Change]:
    """A child on leave is marked by its leave at the first taking, unless page or record say otherwise."""
    said = {change.student_id for change in wanted}
    unsaid = work.expected - said - set(work.standing)
    filled = [
        Change(row.student_id, Value(), on_leave(row.leave, work.part))
        for row in work.listed.values()
        if row.leave and row.student_id in unsaid
    ]
    return wanted + filled


def confirm_all_present(
    *, by: Actor, classes: list[Unit], day: date, calendars: dict[int, Calendar], now: datetime
) -> int:
    """The registrar confirms the classes that have not reported; returns how many were taken now.

    Marks already on record stand, children on leave are marked by it, all others were present. A class that has no
    school that day (its own calendar) is left out, and so is an afternoon that has not come.
    """
    calls = RollCall.objects.filter(school_class__in=classes, day=day).values_list("school_class_id", "part")
    taken: dict[int, list[str]] = defaultdict(list)
    for class_id, part in calls:
        taken[class_id].append(part)
    done = 0
    for row in classes:
        calendar = calendars[row.pk]
        if refusal(calendar, day, now.date()):
            continue
        missing = [p for p in parts_due(calendar, day, now) if not {p, PartOfDay.DAY} & {*taken[row.pk]}]
        for part in missing:
            save_roll(by=by, school_class=row, day=day, changes=[], calendar=calendar, now=now, part=part)
        done += bool(missing)
    return done
