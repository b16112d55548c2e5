"""Many registers at once: the rules of `save_roll`, many rows a statement, for schools of old or invented rolls."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import transaction

from agencies import audit
from agencies.bulk import insert_all
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.rules.calendar import ONE_DAY, Calendar, dated
from agencies.scope import Actor, not_over
from students.actions.register import RollRefusedError
from students.choices import AbsenceReason, PartOfDay
from students.models import Absence, Enrolment, Leave, RollCall, Spell
from students.queries.roll import RollNews, school_year_start
from students.rules.attendance import Mark, RollFacts, spells
from students.rules.roll import Change, Value, merge, on_leave, refusal
from students.rules.status import is_expected

Enrolments = list[Enrolment]
# What is read of the lists; the rest of a child is encrypted and of no use here.
READ = (
    "student", "school_class", "status", "first_day", "last_day", "until", "student__number",
    "student__residence__path", "student__hukou__path",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Registers:
    """Untaken registers of one class: who takes them, for which days, who is absent on each."""

    by: Actor
    school_class: Unit
    calendar: Calendar
    days: tuple[date, ...]
    absent: Mapping[date, Mapping[int, Value]]


@dataclass(slots=True)
class _Rows:
    """What one transaction writes."""

    calls: list[RollCall] = field(default_factory=list)
    marks: list[Absence] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)


def take_registers(
    *, by: Actor, registers: Iterable[Registers], at: Callable[[date], datetime]
) -> dict[int, RollNews]:
    """Take the registers of some classes, all of one school year, in one transaction; what was read, by class id.

    The same checks and the same rows as `save_roll` day by day in order, but nobody is told: the caller hands the
    news left (`cases.actions.bulk`). At most some twenty classes a call, so that it stays under a second. Raises
    RollRefusedError where a day is no school day, a register was taken already, or a child is on no list.
    """
    wanted = [row for row in registers if row.days]
    if not wanted:
        return {}
    for row in wanted:
        row.by.require_at(Permission.TAKE_ROLL, row.school_class.path)
    with transaction.atomic():
        enrolments, leaves = _lists(wanted)
        _refuse(wanted, at)
        rows = _Rows()
        news = {
            row.school_class.pk: _one_class(row, enrolments[row.school_class.pk], leaves, at, rows) for row in wanted
        }
        _write(by, rows)
    return news


def _lists(wanted: list[Registers]) -> tuple[dict[int, Enrolments], dict[int, list[Leave]]]:
    """Everybody who was on the classes' lists in these days, and their leaves (2 queries)."""
    first, last = min(row.days[0] for row in wanted), max(row.days[-1] for row in wanted)
    found: dict[int, Enrolments] = defaultdict(list)
    rows = Enrolment.objects.filter(
        not_over(first),
        school_class__in=[row.school_class for row in wanted],
        first_day__lte=last,
    )
    for enrolment in rows.select_related("student__residence", "student__hukou").only(*READ):
        found[enrolment.school_class_id].append(enrolment)
    leaves: dict[int, list[Leave]] = defaultdict(list)
    ids = [enrolment.student_id for enrolments in found.values() for enrolment in enrolments]
    given = Leave.objects.filter(student_id__in=ids, first_day__lte=last, last_day__gte=first, ended_at__isnull=True)
    for leave in given:
        leaves[leave.student_id].append(leave)
    return found, leaves


def _refuse(wanted: list[Registers], at: Callable[[date], datetime]) -> None:
    for row in wanted:
        if len({school_year_start(day) for day in row.days}) > 1:
            raise RollRefusedError("一次只能登记同一学年的考勤，请分学年登记。")
        for day in row.days:
            if sentence := refusal(row.calendar, day, at(day).date()):
                raise RollRefusedError(sentence)
    classes, since = [row.school_class for row in wanted], school_year_start(wanted[0].days[0])
    last = {row.school_class.pk: row.days for row in wanted}
    taken = RollCall.objects.filter(school_class__in=classes, day__gte=since).values_list("school_class_id", "day")
    if clash := next(((pk, day) for pk, day in taken if day >= last[pk][0]), None):
        raise RollRefusedError(f"{dated(clash[1])}的考勤已经登记过，请逐日更正。")
    if Absence.objects.filter(school_class__in=classes, day__gte=min(days[0] for days in last.values())).exists():
        raise RollRefusedError("这些日期已有缺勤登记，请逐日登记。")


def _one_class(
    row: Registers,
    enrolments: Enrolments,
    leaves: Mapping[int, list[Leave]],
    at: Callable[[date], datetime],
    rows: _Rows,
) -> RollNews:
    taken: dict[date, datetime] = {}
    marks: dict[int, list[Mark]] = defaultdict(list)
    mine = {e.student_id: leaves[e.student_id] for e in enrolments if e.student_id in leaves}
    for day, here, expected in _day_by_day(enrolments, row.days):
        taken[day] = at(day)
        _one_day(row, day, here, expected, mine, taken[day], rows, marks)
    rolls = {pk: RollFacts(tuple(found), taken) for pk, found in marks.items()}
    rows.spells += [
        Spell(
            student_id=pk,
            school_id=row.school_class.parent_id or 0,
            first_day=run.first_day,
            last_day=run.last_day,
            half_days=run.half_days,
        )
        for pk, roll in rolls.items()
        for run in spells(roll, row.calendar, max(mark.day for mark in roll.marks))
    ]
    homes = {e.student_id: home.path if (home := e.student.residence or e.student.hukou) else "" for e in enrolments}
    numbers = {e.student_id: e.student.number for e in enrolments}
    return RollNews(row.calendar, row.school_class, school_year_start(row.days[0]), rolls, homes, numbers)


def _day_by_day(enrolments: Enrolments, days: tuple[date, ...]) -> Iterator[tuple[date, set[int], set[int]]]:
    """Each day with who is on the list and who of them is expected, worked out anew only where that may change."""
    ends = {end + ONE_DAY for e in enrolments for end in (e.last_day, e.until) if end}
    turns = sorted(ends | {e.first_day for e in enrolments})
    for _, group in groupby(days, key=lambda day: bisect_right(turns, day)):
        span = list(group)
        rows = [e for e in enrolments if e.first_day <= span[0] and (not e.last_day or e.last_day >= span[0])]
        here = {e.student_id for e in rows}
        expected = {e.student_id for e in rows if is_expected(e.status, last_day=e.until, on=span[0])}
        yield from ((day, here, expected) for day in span)


def _one_day(
    row: Registers,
    day: date,
    here: set[int],
    expected: set[int],
    leaves: Mapping[int, list[Leave]],
    now: datetime,
    rows: _Rows,
    marks: dict[int, list[Mark]],
) -> None:
    said = row.absent.get(day, {})
    if unknown := said.keys() - here:
        raise RollRefusedError(f"有{len(unknown)}名学生{dated(day)}不在本班名单中，请核对后重新登记。")
    changes = [Change(pk, Value(), value) for pk, value in said.items()]
    changes += [
        Change(pk, Value(), on_leave(leave.kind, PartOfDay.DAY))
        for pk in leaves.keys() & expected - said.keys()
        for leave in leaves[pk]
        if leave.first_day <= day <= leave.last_day
    ]
    written = merge({}, changes).write
    for pk, value in written:
        marks[pk].append(Mark(day, PartOfDay(value.part), AbsenceReason(value.reason), now))
    _add_rows(row, day, expected, written, now, rows)


def _add_rows(
    row: Registers, day: date, expected: set[int], written: Iterable[tuple[int, Value]], now: datetime, rows: _Rows
) -> None:
    marks = [
        Absence(
            student_id=pk,
            school_class_id=row.school_class.pk,
            day=day,
            part=value.part,
            reason=value.reason,
            note=value.note[:120],
            recorded_at=now,
            recorded_by=row.by.name,
        )
        for pk, value in written
    ]
    rows.marks += marks
    absent = sum(mark.student_id in expected for mark in marks)
    rows.calls.append(
        RollCall(
            school_class_id=row.school_class.pk,
            school_id=row.school_class.parent_id or 0,
            day=day,
            version=1,
            expected=len(expected),
            absent=absent,
            taken_by=row.by.name,
            taken_at=now,
            changed_at=now,
        )
    )
    rows.acts.append(
        {
            "by": row.by,
            "now": now,
            "object_id": row.school_class.pk,
            "unit_path": row.school_class.path,
            "detail": {"day": day.isoformat(), "absent": absent, "changed": len(marks), "why": ""},
        }
    )


def _write(by: Actor, rows: _Rows) -> None:
    insert_all(rows.calls)
    insert_all(rows.marks)
    insert_all(rows.spells)
    last = max(call.taken_at for call in rows.calls)
    audit.record_many(by=by, verb=Verb.ROLL_TAKEN, kind="class", rows=rows.acts, now=last)
