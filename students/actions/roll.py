"""The roll is taken: marks written against what the page saw, runs kept, news sent left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction

from agencies import audit, hooks
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.rules.calendar import Calendar, dated
from agencies.scope import Actor
from students.actions.corrections import put_aside
from students.actions.spells import keep_spells
from students.choices import AbsenceReason, LeaveKind, PartOfDay
from students.models import Absence, Correction, Enrolment, RollCall
from students.queries.roll import (
    EXPECTED,
    RollNews,
    enrolled_on,
    leaves_on,
    roll_facts_of,
    school_year_start,
    value_of,
)
from students.rules.attendance import Mark, RollFacts
from students.rules.roll import Change, Conflict, Merged, Value, merge, refusal

LEAVE_REASONS = {LeaveKind.SICK: "sick", LeaveKind.PERSONAL: "personal", LeaveKind.OTHER: "other"}


class RollRefusedError(ValueError):
    """The roll cannot be taken; the message is a Chinese sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class SavedRoll:
    """What a saved roll came to: the register, what is asked, what waits for a second person, children touched."""

    call: RollCall
    conflicts: tuple[Conflict, ...] = ()
    waiting: tuple[Correction, ...] = ()
    touched: tuple[int, ...] = ()


@dataclass(slots=True)
class Work:
    """Everything a save needs, read once."""

    by: Actor
    school_class: Unit
    day: date
    calendar: Calendar
    now: datetime
    why: str
    since: date
    call: RollCall | None = None
    taken: dict[date, datetime] = field(default_factory=dict)
    enrolments: dict[int, Enrolment] = field(default_factory=dict)
    marks: list[Absence] = field(default_factory=list)

    @property
    def expected(self) -> set[int]:
        """应到: ids of the children who must be in the classroom."""
        return {pk for pk, row in self.enrolments.items() if row.status in EXPECTED}

    @property
    def today(self) -> dict[int, Absence]:
        """Current marks of the day."""
        return {mark.student_id: mark for mark in self.marks if mark.day == self.day}


def save_roll(
    *,
    by: Actor,
    school_class: Unit,
    day: date,
    changes: Iterable[Change],
    calendar: Calendar,
    now: datetime,
    why: str = "",
) -> SavedRoll:
    """Take (or correct) the register of a class for a day.

    `changes` holds only what the page changed; no change on an untaken day is 全勤. A past day already taken needs
    `why`; where the change would remove an opened duty it waits for a second person instead. Saving twice changes
    nothing. Raises RollRefusedError (holiday, future day, unknown child, missing reason), PermissionDenied.
    """
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    if sentence := refusal(calendar, day, now.date()):
        raise RollRefusedError(sentence)
    wanted = list(changes)
    work = Work(by, school_class, day, calendar, now, why, since=school_year_start(day))
    try:
        return _save(work, wanted)
    except IntegrityError:
        # Another phone took the same register in this very moment: its marks are on record now, merge with them.
        return _save(work, wanted)


@transaction.atomic
def _save(work: Work, wanted: list[Change]) -> SavedRoll:
    read(work)
    first = work.call is None
    if unknown := {change.student_id for change in wanted} - set(work.enrolments):
        raise RollRefusedError(f"有{len(unknown)}名学生已不在本班名单中，请刷新页面后重新登记。")
    if first:
        wanted = _with_leaves(work, wanted)
    merged = merge({pk: value_of(mark) for pk, mark in work.today.items()}, wanted)
    waiting: list[Correction] = []
    # A mark may stand before the register does (the registrar's page): ending it is a correction too.
    corrected = merged.end or (merged.write and not first)
    if corrected and work.day < work.now.date():
        if not work.why.strip():
            raise RollRefusedError(f"更正{dated(work.day)}的考勤须写明理由，例如“家长电话说明”。")
        merged, waiting = put_aside(
            by=work.by, school_class=work.school_class, day=work.day, merged=merged, why=work.why, now=work.now
        )
    touched = write(work, merged)
    return SavedRoll(close(work, touched), merged.conflicts, tuple(waiting), tuple(touched))


def read(work: Work) -> None:
    """Read the registers of the class this school year, its list, and the marks of its children (3 queries)."""
    calls = RollCall.objects.select_for_update().filter(school_class=work.school_class, day__gte=work.since)
    work.taken, work.call = {}, None
    for call in calls.order_by("day"):
        work.taken[call.day] = call.taken_at
        if call.day == work.day:
            work.call = call
    work.enrolments = {row.student_id: row for row in enrolled_on(work.school_class, work.day)}
    work.marks = list(
        Absence.objects.filter(student_id__in=work.enrolments, day__gte=work.since, superseded_at__isnull=True)
    )


def _with_leaves(work: Work, wanted: list[Change]) -> list[Change]:
    """A child on leave is marked by its leave at the first taking, unless page or record say otherwise."""
    said = {change.student_id for change in wanted}
    filled = [
        Change(pk, Value(), Value(LEAVE_REASONS[LeaveKind(leave.kind)], PartOfDay.DAY, "请假"))
        for pk, leave in leaves_on(work.expected - said - set(work.today), work.day).items()
    ]
    return wanted + filled


def write(work: Work, merged: Merged) -> list[int]:
    """End and write marks; returns the ids of the children touched."""
    if merged.end:
        gone = {work.today[pk].pk for pk in merged.end}
        Absence.objects.filter(pk__in=gone).update(
            superseded_at=work.now, superseded_by=work.by.name or "—", superseded_why=work.why[:120]
        )
        work.marks = [mark for mark in work.marks if mark.pk not in gone]
    if merged.write:
        work.marks += Absence.objects.bulk_create(
            [
                Absence(
                    student_id=pk,
                    school_class=work.school_class,
                    day=work.day,
                    part=value.part,
                    reason=value.reason,
                    note=value.note[:120],
                    recorded_at=work.now,
                    recorded_by=work.by.name,
                )
                for pk, value in merged.write
            ]
        )
    return sorted({*merged.end, *(pk for pk, _ in merged.write)})


def close(work: Work, touched: list[int]) -> RollCall:
    """Write the register's own row and audit, keep the runs, tell the left."""
    first = work.call is None
    call = work.call or RollCall(
        school_class=work.school_class,
        school_id=work.school_class.parent_id or 0,
        day=work.day,
        taken_by=work.by.name,
        taken_at=work.now,
        version=0,
    )
    if not (first or touched):
        return call
    expected = work.expected
    call.version += 1
    call.changed_at, call.expected = work.now, len(expected)
    call.absent = sum(mark.student_id in expected for mark in work.today.values())
    call.save()
    work.taken.setdefault(work.day, call.taken_at)
    audit.record(
        by=work.by,
        verb=Verb.ROLL_TAKEN if first else Verb.ROLL_CORRECTED,
        kind="class",
        object_id=work.school_class.pk,
        unit_path=work.school_class.path,
        now=work.now,
        detail={"day": work.day.isoformat(), "absent": call.absent, "changed": len(touched), "why": work.why[:60]},
    )
    _tell(work, touched, first)
    return call


def note(work: Work, touched: list[int]) -> None:
    """Audit and tell of marks that stand before the class's register is taken: facts, but no report of the class."""
    audit.record_many(
        by=work.by,
        verb=Verb.ROLL_TAKEN,
        kind="student",
        now=work.now,
        rows=(
            {
                "object_id": pk,
                "child": work.enrolments[pk].student.number,
                "unit_path": work.school_class.path,
                "detail": {"day": work.day.isoformat(), "why": work.why[:60], "register": False},
            }
            for pk in touched
        ),
    )
    _tell(work, touched, False)


def _tell(work: Work, touched: list[int], first: bool) -> None:
    # A child away until yesterday and here today has news too: its return may be confirmed by this very roll.
    ids = sorted({*touched, *(mark.student_id for mark in work.marks)}) if first else touched
    if not ids:
        return
    rolls = _rolls(work, ids)
    if touched:
        keep_spells(
            by=work.by,
            rolls={pk: rolls[pk] for pk in touched},
            school_id=work.school_class.parent_id or 0,
            calendar=work.calendar,
            on=work.day,
            only_grown=first and work.day == max(work.taken),
        )
    students = {pk: work.enrolments[pk].student for pk in ids}
    news = RollNews(work.calendar, work.school_class, work.since, rolls, students)
    hooks.child_facts_changed(ids, by=work.by, now=work.now, news=news)


def _rolls(work: Work, ids: list[int]) -> dict[int, RollFacts]:
    # A child that came from another class has registers taken there: those are read the long way.
    moved = [pk for pk in ids if work.enrolments[pk].first_day > work.since]
    moved = [pk for pk in moved if any(mark.student_id == pk for mark in work.marks)] if moved else []
    by_child: dict[int, list[Mark]] = {pk: [] for pk in ids}
    for mark in work.marks:
        if mark.student_id in by_child:
            by_child[mark.student_id].append(
                Mark(mark.day, PartOfDay(mark.part), AbsenceReason(mark.reason), mark.recorded_at)
            )
    rolls = {pk: RollFacts(tuple(marks), work.taken) for pk, marks in by_child.items()}
    if any(min(m.day for m in by_child[pk]) < work.enrolments[pk].first_day for pk in moved):
        rolls.update(roll_facts_of(moved, work.since))
    return rolls


def confirm_all_present(
    *, by: Actor, classes: list[Unit], day: date, calendars: dict[int, Calendar], now: datetime
) -> int:
    """The registrar confirms the classes that have not reported; returns how many were taken now.

    Marks already on record stand, children on leave are marked by it, all others were present. A class that has no
    school that day (its own calendar) is left out.
    """
    taken = set(RollCall.objects.filter(school_class__in=classes, day=day).values_list("school_class_id", flat=True))
    missing = [row for row in classes if row.pk not in taken and not refusal(calendars[row.pk], day, now.date())]
    for school_class in missing:
        save_roll(by=by, school_class=school_class, day=day, changes=[], calendar=calendars[school_class.pk], now=now)
    return len(missing)
