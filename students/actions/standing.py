"""A child's standing on the books follows a decision: away for a time, back in class, or as if it had not been."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from agencies import audit, hooks
from agencies.choices import Verb
from agencies.rules.calendar import ONE_DAY
from agencies.scope import Actor
from students.actions.children import enrol
from students.actions.sight import rebuild_sight
from students.choices import EnrolmentStatus
from students.models import Enrolment, Student
from students.rules.status import AWAY, ENDED, EXPECTED


def send_away(
    *,
    by: Actor,
    student: Student,
    status: EnrolmentStatus,
    first: date,
    until: date | None,
    proof: str,
    begun_by: str,
    now: datetime,
) -> Enrolment | None:
    """Give the child a standing outside the classroom from `first` to `until` (None = open-ended), in its own class.

    Nothing moves where the child has no open enrolment. `by` carries the right to it; PermissionDenied else.
    Source: 义务教育法 art. 11 (缓学, 休学), 残疾人教育条例 art. 20 (送教上门).
    """
    with transaction.atomic():
        standing = _standing(student, first)
        if standing is None or standing.status in ENDED:
            return None
        return _move(by, standing, status, first, until, proof, begun_by, now)


def bring_back(
    *, by: Actor, student: Student, first: date, proof: str, begun_by: str, now: datetime
) -> Enrolment | None:
    """The child is back from a standing outside the classroom; nothing moves where it was in none.

    It comes back to what it was before: 在读, or 人在无籍 where no record had been made yet.
    """
    with transaction.atomic():
        standing = _standing(student, first)
        if standing is None or standing.status not in AWAY:
            return None
        before = Enrolment.objects.filter(student=student, status__in=EXPECTED, first_day__lt=standing.first_day)
        last = before.order_by("-first_day", "-id").first()
        status = EnrolmentStatus(last.status) if last else EnrolmentStatus.IN_SCHOOL
        return _move(by, standing, status, first, None, proof, begun_by, now)


def take_back_standing(*, by: Actor, student: Student, begun_by: str, now: datetime) -> bool:
    """The act that began a standing was a mistake: the enrolment before runs on as if it had not been.

    True where there was such a row.
    """
    with transaction.atomic():
        rows = list(Enrolment.objects.select_for_update().filter(student=student, begun_by=begun_by))
        if not rows:
            return False
        # A merger of schools while it ran has cut it in two: the later part is at the receiving school.
        *later, row = rows
        _undo(row, later)
        rebuild_sight(by=by, students=[student])
        detail = {"status": row.status, "taken_back": begun_by}
        audit.record(
            by=by,
            verb=Verb.CHILD_MOVED,
            kind="student",
            object_id=student.pk,
            child=student.number,
            now=now,
            unit_path=row.school_class.path,
            detail=detail,
        )
        hooks.child_facts_changed([student.pk], by=by, now=now)
    return True


def _standing(student: Student, first: date) -> Enrolment | None:
    """The open enrolment; one that was to begin later is overtaken by what begins on `first`."""
    open_rows = Enrolment.objects.select_for_update().filter(student=student, last_day__isnull=True)
    standing = open_rows.select_related("school_class").first()
    if standing and standing.begun_by and standing.first_day > first and _before(standing):
        _undo(standing)
        standing = open_rows.select_related("school_class").first()
    return standing


def _move(
    by: Actor,
    standing: Enrolment,
    status: EnrolmentStatus,
    first: date,
    until: date | None,
    proof: str,
    begun_by: str,
    now: datetime,
) -> Enrolment | None:
    return enrol(
        by=by,
        student=standing.student,
        school_class=standing.school_class,
        status=status,
        on=first,
        now=now,
        proof=proof,
        class_number=standing.class_number,
        until=until,
        begun_by=begun_by,
    )


def _before(row: Enrolment) -> Enrolment | None:
    rows = Enrolment.objects.filter(student_id=row.student_id, last_day=row.first_day - ONE_DAY)
    return rows.order_by("-id").first()


def _undo(row: Enrolment, later: Iterable[Enrolment] = ()) -> None:
    """Let the row before run on in place of this one, and of its `later` parts where these are; an only row stays.

    Where the child has been put into another class since (a merger on the day it began), it stays there.
    """
    before = _before(row)
    if before is None:
        return
    if before.school_class_id == row.school_class_id and before.school_id == row.school_id:
        row.delete()
        before.last_day = row.last_day
        before.save(update_fields=["last_day"])
    else:
        later = (row, *later)
    for part in later:
        part.status, part.until, part.begun_by = before.status, before.until, before.begun_by
        part.save(update_fields=["status", "until", "begun_by"])
