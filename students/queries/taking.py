"""What taking a register reads, and whether it still stands when the register is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import connection

from agencies.models import Unit
from students.rules.roll import Value


class Taken(NamedTuple):
    """A register as a class page tells of it."""

    class_id: int
    day: date
    part: str
    version: int
    taken_by: str
    taken_at: datetime


class Register(NamedTuple):
    """A register of the class that was taken."""

    pk: int
    day: date
    part: str
    version: int
    taken_at: datetime


class Listed(NamedTuple):
    """A child on the class's list: its enrolment, internal number, path of its home, kind of a leave in force.

    `until` is the last day of a standing for a time (休学 …).
    """

    enrolment_id: int
    student_id: int
    status: str
    until: date | None
    first_day: date
    number: str
    home: str | None
    leave: str | None


class Shown(NamedTuple):
    """A child of the class as its page shows it; kind and last day of a leave in force, or over since last time."""

    student_id: int
    name: str
    initials: str
    sort_key: str
    number: str
    status: str
    first_day: date
    until: date | None
    leave: str | None
    leave_until: date | None


class InForce(NamedTuple):
    """A mark in force; `pk` is 0 while it is only decided on."""

    pk: int
    student_id: int
    day: date
    part: str
    reason: str
    note: str
    recorded_by: str
    class_id: int
    recorded_at: datetime

    @property
    def value(self) -> Value:
        """The mark as the rules see it."""
        return Value(self.reason, self.part, self.note)


# SQL by hand, for these five alone: a register is taken 2,400 times in a morning, and Django takes ten to twenty
# times as long to put these statements together as the database to answer them (docs/decisions/0013-sql-by-hand.md).
_REGISTERS = """
SELECT id, day, part, version, taken_at FROM students_rollcall
WHERE school_class_id = %(class)s AND day >= %(since)s
"""

# A row for each mark in force, and one for each child without any.
_LIST = """
SELECT e.id, e.student_id, e.status, e.until, e.first_day, s.number, coalesce(r.path, h.path),
  (SELECT max(l.kind) FROM students_leave l WHERE l.student_id = e.student_id
    AND l.first_day <= %(day)s AND l.last_day >= %(day)s AND l.ended_at IS NULL),
  a.id, a.day, a.part, a.reason, a.note, a.recorded_by, a.school_class_id, a.recorded_at
FROM students_enrolment e
JOIN students_student s ON s.id = e.student_id
LEFT JOIN agencies_unit r ON r.id = s.residence_id
LEFT JOIN agencies_unit h ON h.id = s.hukou_id
LEFT JOIN students_absence a ON a.student_id = e.student_id AND a.day >= %(since)s AND a.superseded_at IS NULL
WHERE e.school_class_id = %(class)s AND e.first_day <= %(day)s AND (e.last_day IS NULL OR e.last_day >= %(day)s)
"""

# Registers of some classes on a day, and of one of them on further days.
_TAKEN = """
SELECT school_class_id, day, part, version, taken_by, taken_at FROM students_rollcall
WHERE day IN ({days}) AND school_class_id = %s OR day = %s AND school_class_id IN ({classes})
"""

# What the class page shows of each child, in the order of names, with its marks since the term began.
_LINES = """
SELECT e.student_id, s.name, s.initials, s.sort_key, e.class_number, e.status, e.first_day, e.until,
  l.kind, l.last_day, a.id, a.day, a.reason, a.part, a.note
FROM students_enrolment e
JOIN students_student s ON s.id = e.student_id
LEFT JOIN students_leave l ON l.id = (
  SELECT x.id FROM students_leave x WHERE x.student_id = e.student_id AND x.ended_at IS NULL
  AND x.first_day <= %(day)s AND x.last_day >= %(before)s ORDER BY x.last_day DESC LIMIT 1
)
LEFT JOIN students_absence a ON a.student_id = e.student_id
  AND a.day >= %(since)s AND a.day <= %(day)s AND a.superseded_at IS NULL
WHERE e.school_class_id = %(class)s AND e.first_day <= %(day)s AND (e.last_day IS NULL OR e.last_day >= %(day)s)
ORDER BY s.sort_key, e.student_id, a.day, a.part
"""

# The row under whose lock a class's registers are written; SQLite's one lock is taken as the transaction begins.
_LOCK = "SELECT id FROM agencies_unit WHERE id = %(class)s FOR NO KEY UPDATE"

# Six numbers that move whenever what a register is decided on moves: a register taken or corrected (its version), a
# child on or off the list or with another standing (another sum of rows), a mark written (a higher id) or ended (one
# fewer). Asked while the write lock is held.
_STANDS = """
SELECT count(*), coalesce(sum(version), 0) FROM students_rollcall
WHERE school_class_id = %(class)s AND day >= %(since)s
UNION ALL
SELECT count(*), coalesce(sum(id), 0) FROM students_enrolment
WHERE school_class_id = %(class)s AND first_day <= %(day)s AND (last_day IS NULL OR last_day >= %(day)s)
UNION ALL
SELECT count(*), coalesce(max(a.id), 0)
FROM students_enrolment e JOIN students_absence a ON a.student_id = e.student_id
WHERE e.school_class_id = %(class)s AND e.first_day <= %(day)s AND (e.last_day IS NULL OR e.last_day >= %(day)s)
AND a.day >= %(since)s AND a.superseded_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Read:
    """The registers of a class since a day, its list on a day, and the marks of its children since then."""

    registers: list[Register]
    listed: dict[int, Listed]
    marks: list[InForce]

    @property
    def stands(self) -> list[tuple[int, int]]:
        """The six numbers of what was read, in no order."""
        return sorted(
            [
                (len(self.registers), sum(row.version for row in self.registers)),
                (len(self.listed), sum(row.enrolment_id for row in self.listed.values())),
                (len(self.marks), max((mark.pk for mark in self.marks), default=0)),
            ]
        )


def read_class(school_class: Unit, day: date, since: date) -> Read:
    """Read what a register of a class is decided on (2 queries)."""
    asked: dict[str, Any] = {"class": school_class.pk, "day": day, "since": since}
    listed: dict[int, Listed] = {}
    marks: list[InForce] = []
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERS, asked)
        registers = [Register._make([*row[:4], _aware(row[4])]) for row in cursor.fetchall()]
        cursor.execute(_LIST, asked)
        for row in cursor.fetchall():
            child = listed[row[1]] = Listed(*row[:8])
            if row[8]:
                _, *said, recorded_at = row[8:]
                marks.append(InForce._make([row[8], child.student_id, *said, _aware(recorded_at)]))
    return Read(registers, listed, marks)


def read_taken(class_ids: Collection[int], day: date, *, also_of: int, days: Collection[date]) -> list[Taken]:
    """Registers of these classes on `day`, and of the class `also_of` on `days` (1 query)."""
    statement = _TAKEN.format(days=_places(days), classes=_places(class_ids))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*days, also_of, day, *class_ids])
        return [Taken._make([*row[:5], _aware(row[5])]) for row in cursor.fetchall()]


def _places(values: Collection[object]) -> str:
    """A place for each of these values; no list of no values is one that nothing lies in."""
    return ", ".join(["%s"] * len(values)) or "NULL"


def read_lines(
    school_class: Unit, day: date, *, since: date, before: date
) -> tuple[list[Shown], list[tuple[int, date, Value]]]:
    """The children of a class on a day in the order of names, and their marks in force since a day (1 query).

    Of each child's leaves begun by `day` the one that lasts longest, if it reached `before`, the last school day.
    """
    shown: dict[int, Shown] = {}
    marks: dict[int, tuple[int, date, Value]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"class": school_class.pk, "day": day, "since": since, "before": before})
        for *child, mark, marked, reason, part, note in cursor.fetchall():
            shown[child[0]] = Shown._make(child)
            if mark:
                marks[mark] = (child[0], marked, Value(reason, part, note))
    return list(shown.values()), list(marks.values())


def _aware(moment: datetime) -> datetime:
    """SQLite gives moments in UTC without saying so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def lock_class(school_class: Unit) -> None:
    """Wait for whoever writes registers of the class, inside the caller's transaction (1 query; none in SQLite)."""
    if connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"class": school_class.pk})


def standing_now(school_class: Unit, day: date, since: date) -> list[tuple[int, int]]:
    """The six numbers as they are on record under the lock, to be compared with `Read.stands` (1 query).

    Waits for whoever writes registers of the class, in the caller's transaction. PostgreSQL is sent both statements
    at once and looks anew for the second.
    """
    asked: dict[str, Any] = {"class": school_class.pk, "day": day, "since": since}
    with connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute(f"{_LOCK};{_STANDS}", asked)
            cursor.nextset()
        else:
            cursor.execute(_STANDS, asked)
        return sorted((int(count), int(top)) for count, top in cursor.fetchall())
