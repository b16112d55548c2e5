"""The roll is taken: marks written against what the page saw, runs kept, news sent left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
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
    keep_register,
    leaves_on,
    roll_facts_of,
    school_year_start,
    value_of,
)
from students.rules.attendance import Mark, RollFacts
from students.rules.roll import (
    Change,
    Conflict,
    Merged,
    Value,
    merge,
    overlap,
    part_refusal,
    parts_due,
    parts_of,
    refusal,
    rest_of,
    within,
)

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
    ended: bool = False
    part: PartOfDay = PartOfDay.DAY
    halves: dict[date, dict[int, datetime]] = field(default_factory=dict)

    @property
    def expected(self) -> set[int]:
        """应到: ids of the children who must be in the classroom."""
        return {pk for pk, row in self.enrolments.items() if row.status in EXPECTED}

    @property
    def today(self) -> dict[int, Absence]:
        """Current marks of the day, as far as they touch the part of it that is registered."""
        return {m.student_id: m for m in self.marks if m.day == self.day and overlap(m.part, self.part)}

    @property
    def standing(self) -> dict[int, Value]:
        """What those marks say of the part."""
        return {pk: within(value_of(mark), self.part) for pk, mark in self.today.items()}

    def read(self) -> None:
        """Read the registers of the class this school year, its list, and the marks of its children (3 queries)."""
        calls = RollCall.objects.select_for_update().filter(school_class=self.school_class, day__gte=self.since)
        self.taken, self.halves, self.call = {}, {}, None
        for call in calls.order_by("day", "-part"):
            keep_register(self.taken, self.halves, call.day, call.part, call.taken_at)
            # A register of the whole day stands for each half of it.
            if call.day == self.day and call.part in (self.part, PartOfDay.DAY):
                self.call = call
        self.enrolments = {row.student_id: row for row in enrolled_on(self.school_class, self.day)}
        self.marks = list(
            Absence.objects.filter(student_id__in=self.enrolments, day__gte=self.since, superseded_at__isnull=True)
        )

    def write(self, merged: Merged) -> list[int]:
        """End and write marks; returns the ids of the children touched."""
        self.ended = bool(merged.end)
        if merged.end:
            today = self.today
            gone = {today[pk].pk for pk in merged.end}
            rest = [row for pk in merged.end if (row := self._rest(today[pk]))]
            Absence.objects.filter(pk__in=gone).update(
                superseded_at=self.now, superseded_by=self.by.name or "—", superseded_why=self.why[:120]
            )
            self.marks = [mark for mark in self.marks if mark.pk not in gone]
            self.marks += Absence.objects.bulk_create(rest)
        if merged.write:
            self.marks += Absence.objects.bulk_create(
                [
                    Absence(
                        student_id=pk,
                        school_class=self.school_class,
                        day=self.day,
                        part=value.part,
                        reason=value.reason,
                        note=value.note[:120],
                        recorded_at=self.now,
                        recorded_by=self.by.name,
                    )
                    for pk, value in merged.write
                ]
            )
        return sorted({*merged.end, *(pk for pk, _ in merged.write)})

    def _rest(self, mark: Absence) -> Absence | None:
        """The half of a whole day's mark that this register says nothing of: it stands on."""
        left = rest_of(mark.part, self.part)
        if left is None:
            return None
        return Absence(
            student_id=mark.student_id,
            school_class_id=mark.school_class_id,
            day=mark.day,
            part=left,
            reason=mark.reason,
            note=mark.note,
            recorded_at=self.now,
            recorded_by=mark.recorded_by,
        )

    def close(self, touched: list[int]) -> RollCall:
        """Write the register's own row and audit, keep the runs, tell the left."""
        first = self.call is None
        call = self.call or RollCall(
            school_class=self.school_class,
            school_id=self.school_class.parent_id or 0,
            day=self.day,
            part=self.part,
            taken_by=self.by.name,
            taken_at=self.now,
            version=0,
        )
        if not (first or touched):
            return call
        expected = self.expected
        call.version += 1
        call.changed_at, call.expected = self.now, len(expected)
        call.absent = sum(mark.student_id in expected for mark in self.today.values())
        call.save()
        keep_register(self.taken, self.halves, self.day, call.part, call.taken_at)
        audit.record(
            by=self.by,
            verb=Verb.ROLL_TAKEN if first else Verb.ROLL_CORRECTED,
            kind="class",
            object_id=self.school_class.pk,
            unit_path=self.school_class.path,
            now=self.now,
            detail={
                "day": self.day.isoformat(),
                "part": call.part,
                "absent": call.absent,
                "changed": len(touched),
                "why": self.why[:60],
            },
        )
        self._tell(touched, first)
        return call

    def note(self, touched: list[int]) -> None:
        """Audit and tell of marks made before the class's register is taken: facts, but no report of the class."""
        audit.record_many(
            by=self.by,
            verb=Verb.ROLL_TAKEN,
            kind="student",
            now=self.now,
            rows=(
                {
                    "object_id": pk,
                    "child": self.enrolments[pk].student.number,
                    "unit_path": self.school_class.path,
                    "detail": {"day": self.day.isoformat(), "why": self.why[:60], "register": False},
                }
                for pk in touched
            ),
        )
        self._tell(touched, False)

    def _tell(self, touched: list[int], first: bool) -> None:
        # A child away until yesterday and here today has news too: its return may be confirmed by this very roll.
        ids = sorted({*touched, *(mark.student_id for mark in self.marks)}) if first else touched
        if not ids:
            return
        rolls = self._rolls(ids)
        if touched:
            keep_spells(
                by=self.by,
                rolls={pk: rolls[pk] for pk in touched},
                school_id=self.school_class.parent_id or 0,
                calendar=self.calendar,
                on=self.day,
                only_grown=first and not self.ended and self.day == max([*self.taken, *self.halves]),
            )
        students = {pk: self.enrolments[pk].student for pk in ids}
        news = RollNews(self.calendar, self.school_class, self.since, rolls, students, frozenset(touched))
        hooks.child_facts_changed(ids, by=self.by, now=self.now, news=news)

    def _rolls(self, ids: list[int]) -> dict[int, RollFacts]:
        # A child that came from another class has registers taken there: those are read the long way.
        moved = [pk for pk in ids if self.enrolments[pk].first_day > self.since]
        moved = [pk for pk in moved if any(mark.student_id == pk for mark in self.marks)] if moved else []
        by_child: dict[int, list[Mark]] = {pk: [] for pk in ids}
        for mark in self.marks:
            if mark.student_id in by_child:
                by_child[mark.student_id].append(
                    Mark(mark.day, PartOfDay(mark.part), AbsenceReason(mark.reason), mark.recorded_at)
                )
        rolls = {pk: RollFacts(tuple(marks), self.taken, self.halves) for pk, marks in by_child.items()}
        if any(min(m.day for m in by_child[pk]) < self.enrolments[pk].first_day for pk in moved):
            rolls.update(roll_facts_of(moved, self.since))
        return rolls


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
    work = Work(by, school_class, day, calendar, now, why, since=school_year_start(day), part=part)
    try:
        return _save(work, wanted)
    except IntegrityError:
        # Another phone took the same register in this very moment: its marks are on record now, merge with them.
        return _save(work, wanted)


def _put(value: Value, part: PartOfDay) -> Value:
    """A half day's register marks its own half, whatever part was sent."""
    return value if part == PartOfDay.DAY else replace(value, part=part)


@transaction.atomic
def _save(work: Work, wanted: list[Change]) -> SavedRoll:
    work.read()
    first = work.call is None
    if unknown := {change.student_id for change in wanted} - set(work.enrolments):
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
    touched = work.write(merged)
    return SavedRoll(work.close(touched), merged.conflicts, tuple(waiting), tuple(touched))


def _with_leaves(work: Work, wanted: list[Change]) -> list[Change]:
    """A child on leave is marked by its leave at the first taking, unless page or record say otherwise."""
    said = {change.student_id for change in wanted}
    filled = [
        Change(pk, Value(), Value(LEAVE_REASONS[LeaveKind(leave.kind)], work.part, "请假"))
        for pk, leave in leaves_on(work.expected - said - set(work.today), work.day).items()
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
