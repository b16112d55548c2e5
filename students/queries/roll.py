"""Reads of the roll: who is expected, who was absent, which classes have not reported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from agencies.models import Unit
from agencies.queries.kept import KeptQuery
from agencies.rules.calendar import Calendar
from agencies.scope import current, not_over
from students.choices import AbsenceReason, EnrolmentStatus, LeaveKind, PartOfDay
from students.models import Absence, Enrolment, RollCall
from students.queries.taking import Taken, read_lines, read_taken
from students.rules.attendance import Mark, RollFacts, open_halves
from students.rules.roll import BITS, Value, joined, overlap, within
from students.rules.status import AWAY, EXPECTED, time_up, why_not_expected


class Away(NamedTuple):
    """A leave of a child of the class page."""

    kind: LeaveKind
    last_day: date


# What the rules read of a mark.
_MARK_FIELDS = ("student_id", "day", "part", "reason", "recorded_at", "superseded_at")


@dataclass(slots=True)
class Child:
    """A line of a class page."""

    student_id: int
    name: str
    initials: str
    sort_key: str
    class_number: str
    status: EnrolmentStatus
    since: date
    value: Value = field(default_factory=Value)
    absent_halves: int = 0
    last_days: list[tuple[date, Value]] = field(default_factory=list)
    leave: Away | None = None
    # A leave that covered the last school day and is over.
    leave_over: Away | None = None
    # What another register of the same day says: the morning's, seen in the afternoon.
    other_half: Value | None = None
    # Why the child is no 应到 on the day of the page; empty where it is.
    away: str = ""
    # Why it is 应到 again: the last day of 休学, 送教 … is over.
    time_up: str = ""

    @property
    def expected(self) -> bool:
        """Whether the child counts as 应到."""
        return not self.away


def expected_on(day: date, prefix: str = "") -> Q:
    """Condition “应到 of those enrolled on the day”: 休学, 送教, 缓学 left out, those whose time is up not."""
    over = Q(**{f"{prefix}status__in": AWAY, f"{prefix}until__lt": day})
    return Q(**{f"{prefix}status__in": EXPECTED}) | over


def school_year_start(day: date) -> date:
    """First day of the school year a day lies in: 1 August (before any autumn term begins)."""
    return date(day.year if day.month >= 8 else day.year - 1, 8, 1)


def enrolled_on(school_class: Unit, day: date) -> QuerySet[Enrolment]:
    """Enrolments of a class in force on a day, in the order of names."""
    rows = Enrolment.objects.filter(current(day), school_class=school_class)
    return rows.order_by("student__sort_key", "student_id")


def value_of(mark: Absence) -> Value:
    """A stored mark as the rules see it."""
    return Value(mark.reason, mark.part, mark.note)


def marks_in(class_ids: Iterable[int], day: date) -> list[Absence]:
    """Current marks of some classes on a day with child and class, in the order of classes and names (1 query)."""
    return list(
        Absence.objects.filter(school_class_id__in=list(class_ids), day=day, superseded_at__isnull=True)
        .select_related("student", "school_class")
        .order_by("school_class__grade", "school_class__name", "student__sort_key")
    )


def last_school_days(calendar: Calendar, day: date) -> list[date]:
    """The five school days before a day, oldest first, within its term."""
    term = calendar.term_of(day)
    return [d for d in calendar.school_days(term.first_day, day) if d < day][-5:] if term else []


def class_children(school_class: Unit, day: date, calendar: Calendar, part: PartOfDay = PartOfDay.DAY) -> list[Child]:
    """The lines of a class page: names, today's value, last five school days, absences this term, leaves (1 query).

    `part`: the register shown; the value is what is on record of that part of the day.

    Marks follow the child: those of a class it came from this term are counted too. A child not back the day after a
    leave is expected, and absent without leave if it does not come; the page says so, the teacher marks it.
    """
    term = calendar.term_of(day)
    since = term.first_day if term else day
    days = last_school_days(calendar, day)
    rows, marks = read_lines(school_class, day, since=since, before=days[-1] if days else day)
    lines = {}
    for row in rows:
        leave = Away(LeaveKind(row.leave), row.leave_until) if row.leave and row.leave_until else None
        lines[row.student_id] = Child(
            *(row.student_id, row.name, row.initials, row.sort_key, row.number),
            status=EnrolmentStatus(row.status),
            since=row.first_day,
            away=why_not_expected(row.status, last_day=row.until, on=day),
            time_up=time_up(row.status, last_day=row.until, on=day),
            leave=leave if leave and leave.last_day >= day else None,
            leave_over=leave if leave and leave.last_day < day else None,
        )
    shown: dict[tuple[int, date], Value] = {}
    for student_id, marked, value in marks:
        line = lines[student_id]
        if marked != day:
            line.absent_halves += open_halves(calendar, marked, value.part)
            before = shown.get((student_id, marked))
            shown[student_id, marked] = joined(before, value) if before else value
        elif overlap(value.part, part):
            value = within(value, part)
            line.value = joined(line.value, value) if line.value.reason else value
        else:
            line.other_half = value
    for line in lines.values():
        line.last_days = [(d, shown.get((line.student_id, d), Value())) for d in days]
    return list(lines.values())


def registers_of(class_ids: Iterable[int], day: date, *, school_class: Unit, days: Collection[date]) -> list[Taken]:
    """Registers of some classes on a day, and of one class on further days (1 query)."""
    return read_taken({*class_ids, school_class.pk}, day, also_of=school_class.pk, days=days)


def last_word(student_ids: Iterable[int], day: date) -> dict[int, tuple[str, datetime]]:
    """Who said the last word about each child on a day, and when; an ended mark counts too (1 query)."""
    found: dict[int, tuple[str, datetime]] = {}
    for mark in Absence.objects.filter(student_id__in=list(student_ids), day=day).order_by("id"):
        ended = mark.superseded_at
        found[mark.student_id] = (mark.superseded_by, ended) if ended else (mark.recorded_by, mark.recorded_at)
    return found


@KeptQuery
def _marks(student_ids: list[int], since: date) -> QuerySet[Absence, tuple[Any, ...]]:
    rows = Absence.objects.filter(student_id__in=student_ids, day__gte=since, superseded_at__isnull=True)
    return rows.values_list(*_MARK_FIELDS)


def roll_facts_of(student_ids: Iterable[int], since: date, *, history: bool = False) -> dict[int, RollFacts]:
    """Marks and taken days of children from `since` on (3 queries for any number of children).

    With `history` superseded marks are included, for “as known on day D”.
    """
    ids = list(student_ids)
    marks: dict[int, list[Mark]] = {pk: [] for pk in ids}
    every = Absence.objects.filter(student_id__in=ids, day__gte=since).values_list(*_MARK_FIELDS)
    rows = every if history else _marks(student_ids=ids, since=since)
    for student_id, day, part, reason, recorded_at, superseded_at in rows:
        marks[student_id].append(Mark(day, PartOfDay(part), AbsenceReason(reason), recorded_at, superseded_at))
    taken, halves = _taken_days(ids, since)
    return {pk: RollFacts(tuple(marks[pk]), taken.get(pk, {}), halves.get(pk, {})) for pk in ids}


def keep_register(
    taken: dict[date, datetime], halves: dict[date, dict[int, datetime]], day: date, part: str, at: datetime
) -> None:
    """Put a register among those of whole days or those of halves; the first moment it was taken stands."""
    if part == PartOfDay.DAY:
        taken.setdefault(day, at)
    else:
        halves.setdefault(day, {}).setdefault(BITS[PartOfDay(part)], at)


@KeptQuery
def _spans(student_ids: list[int], since: date) -> QuerySet[Enrolment, tuple[Any, ...]]:
    rows = Enrolment.objects.filter(not_over(since), student_id__in=student_ids)
    return rows.values_list("student_id", "school_class_id", "first_day", "last_day")


@KeptQuery
def _calls(class_ids: list[int], since: date) -> QuerySet[RollCall, tuple[Any, ...]]:
    rows = RollCall.objects.filter(school_class_id__in=class_ids, day__gte=since)
    return rows.values_list("school_class_id", "day", "part", "taken_at")


def _taken_days(
    student_ids: list[int], since: date
) -> tuple[dict[int, dict[date, datetime]], dict[int, dict[date, dict[int, datetime]]]]:
    """Per child the days with a register, and those with registers of half a day (2 queries)."""
    spans = _spans(student_ids=student_ids, since=since)
    by_class: dict[int, dict[date, datetime]] = {}
    halves: dict[int, dict[date, dict[int, datetime]]] = {}
    for class_id, day, part, taken_at in _calls(class_ids=sorted({row[1] for row in spans}), since=since):
        keep_register(by_class.setdefault(class_id, {}), halves.setdefault(class_id, {}), day, part, taken_at)
    found: dict[int, dict[date, datetime]] = {}
    by_half: dict[int, dict[date, dict[int, datetime]]] = {}
    for student_id, class_id, first, last in spans:
        for day, registers in halves.get(class_id, {}).items():
            if first <= day and (not last or day <= last):
                by_half.setdefault(student_id, {})[day] = registers
        whole = by_class.get(class_id, {})
        mine = found.setdefault(student_id, {})
        if first <= since and last is None and not mine:
            found[student_id] = whole
        else:
            found[student_id] = {
                **mine,
                **{d: at for d, at in whole.items() if d >= first and (not last or d <= last)},
            }
    return found, by_half


@dataclass(frozen=True, slots=True)
class RollNews:
    """What a saved roll has read about the touched children, handed left so that it is read once.

    The rolls hold the saved roll itself, though it is not written yet.
    """

    calendar: Calendar
    school_class: Unit
    since: date
    rolls: dict[int, RollFacts]
    # Child id → path of the unit it lives in, else that of its 户籍; empty where neither is known.
    homes: Mapping[int, str]
    # Child id → internal number.
    numbers: Mapping[int, str]
    # The children whose own mark this roll changed; for all others it says only that they were there.
    touched: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ClassDay:
    """A class on a day with its registers: none, one, or one of each half."""

    school_class: Unit
    calls: tuple[RollCall, ...] = ()


def school_day(school: Unit, day: date) -> list[ClassDay]:
    """Every class of a school on a day, with its registers (2 queries)."""
    classes = Unit.objects.filter(parent=school, kind="class", last_day__isnull=True).order_by("grade", "name", "id")
    calls: dict[int, list[RollCall]] = {}
    for call in RollCall.objects.filter(school=school, day=day).order_by("part"):
        calls.setdefault(call.school_class_id, []).append(call)
    return [ClassDay(row, tuple(calls.get(row.pk, ()))) for row in classes]
