"""One child marked from the school's day page, whether or not its class has reported yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.calendar import Calendar, dated
from agencies.scope import Actor
from students.actions.roll import RollRefusedError, Work
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
    since = school_year_start(day)
    works = [Work(by, school_class, day, calendar, now, "", since=since, part=part) for part in parts]
    try:
        return _mark_all(works, change)
    except IntegrityError:
        # The class page marked the same child in this very moment: read again and compare.
        return _mark_all(works, change)


@transaction.atomic
def _mark_all(works: list[Work], change: Change) -> Conflict | None:
    """One mark a part that the class registers apart; a conflict in one of them leaves all unwritten."""
    for work in works:
        if conflict := _mark(work, change):
            transaction.set_rollback(True)
            return conflict
    return None


def _mark(work: Work, change: Change) -> Conflict | None:
    work.read()
    if change.student_id not in work.enrolments:
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
    touched = work.write(merged)
    if work.call:
        work.close(touched)
    elif touched:
        work.note(touched)
    return None
