"""One register at work: decided on what was read, written in a few statements while it still stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from django.db import IntegrityError, transaction

from agencies import audit, hooks
from agencies.bulk import insert_all
from agencies.choices import Verb
from agencies.hooks import FactsMovedError, Write
from agencies.models import AuditRow, Unit
from agencies.rules.calendar import Calendar
from agencies.scope import Actor
from students.actions.spells import runs_to_keep
from students.choices import AbsenceReason, PartOfDay
from students.models import Absence, RollCall
from students.queries.roll import RollNews, keep_register, roll_facts_of
from students.queries.taking import InForce, Listed, lock_class, read_class, standing_now
from students.rules.attendance import Mark, RollFacts
from students.rules.roll import Merged, Value, overlap, rest_of, said_of
from students.rules.status import is_expected

T = TypeVar("T")
# So often it is decided without the lock first, and so often in all.
AHEAD, TRIES = 3, 8


class RollRefusedError(ValueError):
    """The roll cannot be taken; the message is a Chinese sentence with the remedy."""


@dataclass(slots=True)
class Work:
    """A register of a class and day: what was read of it, and what is decided and not written yet."""

    by: Actor
    school_class: Unit
    day: date
    calendar: Calendar
    now: datetime
    why: str
    since: date
    part: PartOfDay = PartOfDay.DAY
    call: RollCall | None = None
    taken: dict[date, datetime] = field(default_factory=dict)
    halves: dict[date, dict[int, datetime]] = field(default_factory=dict)
    listed: dict[int, Listed] = field(default_factory=dict)
    marks: list[InForce] = field(default_factory=list)
    stands: list[tuple[int, int]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    made: list[Absence] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)

    @property
    def expected(self) -> set[int]:
        """应到: ids of the children who must be in the classroom."""
        return {pk for pk, row in self.listed.items() if is_expected(row.status, last_day=row.until, on=self.day)}

    @property
    def today(self) -> list[InForce]:
        """Current marks of the day, as far as they touch the part of it that is registered."""
        return [mark for mark in self.marks if mark.day == self.day and overlap(mark.part, self.part)]

    @property
    def standing(self) -> dict[int, Value]:
        """What those marks say of the part."""
        by_child: dict[int, list[Value]] = defaultdict(list)
        for mark in self.today:
            by_child[mark.student_id].append(mark.value)
        return {pk: said_of(values, self.part) for pk, values in by_child.items()}

    def read(self) -> None:
        """Read the registers of the class this school year, its list, the marks of its children (2 queries, 3 where
        the register of the day was taken already)."""
        found = read_class(self.school_class, self.day, self.since)
        self.stands, self.listed, self.marks = found.stands, found.listed, found.marks
        self.taken, self.halves, mine = {}, {}, None
        for row in found.registers:
            keep_register(self.taken, self.halves, row.day, row.part, row.taken_at)
            # A register of the whole day stands for each half of it.
            if row.day == self.day and row.part in (self.part, PartOfDay.DAY):
                mine = row.pk
        self.call = RollCall.objects.get(pk=mine) if mine else None

    def hold_unless_moved(self) -> None:
        """Take the lock under which a class's registers are written; raise FactsMovedError where somebody wrote
        between the reading and it."""
        if standing_now(self.school_class, self.day, self.since) != self.stands:
            raise FactsMovedError

    def decide(self, merged: Merged, *, register: bool = True) -> list[int]:
        """Decide on marks that end and begin, and on all that follows; returns the ids of the children touched.

        Without `register` they are facts about children before the class's register is taken: no report of the class.
        """
        ends = [mark for mark in self.today if mark.student_id in merged.end]
        self.gone = [mark.pk for mark in ends]
        self.marks = [mark for mark in self.marks if mark.pk not in self.gone]
        for mark in ends:
            # The half of a whole day's mark that this register says nothing of stands on.
            if left := rest_of(mark.part, self.part):
                self._begin(mark._replace(part=left))
        for pk, value in merged.write:
            said = (value.part, value.reason, value.note[:120])
            self._begin(InForce(0, pk, self.day, *said, self.by.name, self.school_class.pk, self.now))
        touched = sorted({*merged.end, *(pk for pk, _ in merged.write)})
        if register:
            self._close(touched)
        elif touched:
            self.writes.append(lambda: [self._note(pk) for pk in touched])
            self._tell(touched, False)
        return touched

    def write(self) -> None:
        """Write what was decided, once, inside the caller's transaction."""
        if self.gone:
            Absence.objects.filter(pk__in=self.gone).update(
                superseded_at=self.now, superseded_by=self.by.name or "—", superseded_why=self.why[:120]
            )
        insert_all(self.made)
        if self.writes:
            audit.write([row for write in self.writes for row in write()])
        self.gone, self.made, self.writes = [], [], []

    def _begin(self, mark: InForce) -> None:
        self.marks.append(mark._replace(pk=0, recorded_at=self.now))
        self.made.append(
            Absence(
                student_id=mark.student_id,
                school_class_id=mark.class_id,
                day=mark.day,
                part=mark.part,
                reason=mark.reason,
                note=mark.note,
                recorded_at=self.now,
                recorded_by=mark.recorded_by,
            )
        )

    def _close(self, touched: list[int]) -> None:
        """The register's own row and its audit, the runs, the news to the left; nothing where nothing is new."""
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
        self.call = call
        if not (first or touched):
            return
        expected = self.expected
        call.version += 1
        call.changed_at, call.expected = self.now, len(expected)
        call.absent = len(expected & {mark.student_id for mark in self.today})
        keep_register(self.taken, self.halves, self.day, call.part, call.taken_at)
        self.writes.append(lambda: self._keep(call, first, len(touched)))
        self._tell(touched, first)

    def _keep(self, call: RollCall, first: bool, changed: int) -> list[AuditRow]:
        call.save()
        row = audit.row_of(
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
                "changed": changed,
                "why": self.why[:60],
            },
        )
        return [row]

    def _note(self, pk: int) -> AuditRow:
        return audit.row_of(
            by=self.by,
            verb=Verb.ROLL_TAKEN,
            kind="student",
            object_id=pk,
            child=self.listed[pk].number,
            unit_path=self.school_class.path,
            now=self.now,
            detail={"day": self.day.isoformat(), "why": self.why[:60], "register": False},
        )

    def _tell(self, touched: list[int], first: bool) -> None:
        # A child away until yesterday and here today has news too: its return may be confirmed by this very roll.
        ids = sorted({*touched, *(mark.student_id for mark in self.marks)}) if first else touched
        if not ids:
            return
        rolls = self._rolls(ids)
        if touched:
            keep = runs_to_keep(
                by=self.by,
                rolls={pk: rolls[pk] for pk in touched},
                school_id=self.school_class.parent_id or 0,
                calendar=self.calendar,
                on=self.day,
                only_grown=first and not self.gone and self.day == max([*self.taken, *self.halves]),
            )
            self.writes.append(keep)
        homes = {pk: self.listed[pk].home or "" for pk in ids}
        numbers = {pk: self.listed[pk].number for pk in ids}
        news = RollNews(self.calendar, self.school_class, self.since, rolls, homes, numbers, frozenset(touched))
        self.writes.append(hooks.child_facts_prepared(ids, by=self.by, now=self.now, news=news))

    def _rolls(self, ids: list[int]) -> dict[int, RollFacts]:
        by_child: dict[int, list[Mark]] = {pk: [] for pk in ids}
        for mark in self.marks:
            if mark.student_id in by_child:
                by_child[mark.student_id].append(
                    Mark(mark.day, PartOfDay(mark.part), AbsenceReason(mark.reason), mark.recorded_at)
                )
        rolls = {pk: RollFacts(tuple(marks), self.taken, self.halves) for pk, marks in by_child.items()}
        # A child that came from another class has registers taken there: those are read the long way.
        came = {pk: self.listed[pk].first_day for pk in ids}
        moved = [pk for pk, marks in by_child.items() if any(mark.day < came[pk] for mark in marks)]
        for pk, roll in roll_facts_of(moved, self.since).items() if moved else ():
            mine = {day: at for day, at in self.taken.items() if day >= came[pk]}
            halves = {day: at for day, at in self.halves.items() if day >= came[pk]}
            rolls[pk] = RollFacts(rolls[pk].marks, {**roll.taken, **mine}, {**roll.halves, **halves})
        return rolls


def settle(new: Callable[[], Work], decide: Callable[[Work], T], *, ahead: bool = True) -> T:
    """Read, decide, and write in one short transaction; again from the start where the facts moved in between.

    The first tries read and decide without a lock, so that the lock is held for the writing alone; later ones, and all
    where `ahead` is off (the decision itself writes), do everything under it. Raises what `decide` raises.
    """
    for attempt in range(TRIES):
        try:
            return _attempt(new(), decide, ahead=ahead and attempt < AHEAD)
        except FactsMovedError:
            continue
        except IntegrityError:
            # Another phone wrote the same mark or register in this very moment: it is on record now, merge with it.
            if attempt == TRIES - 1:
                raise
    raise RollRefusedError("多人正在同时登记本班考勤，本次没有保存，请再按一次保存。")


def _attempt(work: Work, decide: Callable[[Work], T], *, ahead: bool) -> T:
    if ahead:
        work.read()
        result = decide(work)
        if not (work.gone or work.made or work.writes):
            return result
        with transaction.atomic():
            work.hold_unless_moved()
            work.write()
        return result
    with transaction.atomic():
        lock_class(work.school_class)
        work.read()
        result = decide(work)
        work.write()
    return result
