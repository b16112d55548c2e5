"""One child marked from the school's day page, whether or not its class has reported yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.calendar import Calendar, dated
from agencies.scope import Actor
from students.actions.register import RollRefusedError, Work, settle
from students.choices import PartOfDay
from students.queries.roll import school_year_start
from students.rules.roll import Change, Conflict, merge, parts_of, refusal, within


def mark_child(
    *, by: Actor, school_class: Unit, day: date, change: Change, calendar: Calendar, now: datetime
) -> Conflict | None:
    """Put one child's absence on record, or take it back; returns what is to be asked where somebody said otherwise.

    A mark is a fact about the child alone. It takes no register: a class that has not reported stays unreported until
    its teacher saves the roll or the registrar confirms it, so silence never becomes a zero report. Today only, and
    past days that have no register and no mark: a correction is made on the class page, with its reason. Raises
    RollRefusedError, PermissionDenied (TAKE_SCHOOL_ROLL at the class).
    """
    by.require_at(Permission.TAKE_SCHOOL_ROLL, school_class.path)
    if sentence := refusal(calendar, day, now.date()):
        raise RollRefusedError(sentence)
    owed, asked = parts_of(calendar, day), change.now.part if change.now.reason else change.was.part
    parts = (PartOfDay(asked),) if len(owed) > 1 and asked in owed else owed

    def new(part: PartOfDay = parts[0]) -> Work:
        return Work(by, school_class, day, calendar, now, "", since=school_year_start(day), part=part)

    if len(parts) == 1:
        return settle(new, lambda work: _decide(work, change))
    return settle(new, lambda work: _decide_all([work, *map(new, parts[1:])], change), ahead=False)


def _decide_all(works: list[Work], change: Change) -> Conflict | None:
    """One mark a part that the class registers apart, under the lock; a conflict in one leaves all unwritten."""
    for work in works:
        work.read()
        if conflict := _decide(work, change):
            transaction.set_rollback(True)
            return conflict
        work.write()
    return None


def _decide(work: Work, change: Change) -> Conflict | None:
    if change.student_id not in work.listed:
        raise RollRefusedError("该生已不在本校名单中，请重新查找。")
    was, wanted = within(change.was, work.part), change.now
    if work.part != PartOfDay.DAY:
        wanted = replace(wanted, part=work.part)
    merged = merge(work.standing, [Change(change.student_id, was, wanted)])
    if merged.conflicts:
        return merged.conflicts[0]
    corrects = merged.end or (merged.write and work.call)
    if corrects and work.day < work.now.date():
        raise RollRefusedError(f"{dated(work.day)}已有登记，更正请到班级点名页办理并写明理由。")
    work.decide(merged, register=work.call is not None)
    return None
