"""Leave: put on record, ended early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.rules.calendar import dated
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from students.actions.proofs import NO_PROOFS, NewProofs, add_leave_proofs
from students.choices import LeaveKind
from students.models import Leave, Student

LONGEST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class NewLeave:
    """A leave as asked for: from–to (both included), by whom, with which proof."""

    kind: LeaveKind
    first_day: date
    last_day: date
    asked_by: str
    relation: str = ""
    proof: str = ""
    note: str = ""
    proofs: NewProofs = NO_PROOFS


def record_leave(*, by: Actor, school_class: Unit, student: Student, leave: NewLeave, now: datetime) -> Leave:
    """Put a leave on record; it fills the roll of its days. ValueError for reversed, long or overlapping leave."""
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    if leave.last_day < leave.first_day:
        raise ValueError(FieldSentence("请假的结束日期早于开始日期，请改正。", "last_day"))
    if leave.last_day - leave.first_day > LONGEST:
        raise ValueError(FieldSentence("请假超过180天应办理休学，请联系学籍管理员。", "last_day"))
    with transaction.atomic():
        # Two askings at once, teacher and registrar: the later one waits and then meets the first.
        Student.objects.select_for_update().only("pk").get(pk=student.pk)
        clash = Leave.objects.filter(
            student=student, ended_at__isnull=True, first_day__lte=leave.last_day, last_day__gte=leave.first_day
        ).first()
        if clash:
            days = f"{dated(clash.first_day)}至{dated(clash.last_day)}"
            raise ValueError(FieldSentence(f"与已登记的请假（{days}）重叠，请先结束前一条。", "first_day"))
        row = Leave.objects.create(
            student=student,
            kind=leave.kind,
            first_day=leave.first_day,
            last_day=leave.last_day,
            asked_by=leave.asked_by,
            relation=leave.relation,
            proof=leave.proof,
            note=leave.note,
            recorded_at=now,
            recorded_by=by.name,
        )
        audit.record(
            by=by,
            verb=Verb.LEAVE_RECORDED,
            kind="leave",
            object_id=row.pk,
            child=student.number,
            unit_path=school_class.path,
            now=now,
            detail={"kind": leave.kind, "from": leave.first_day.isoformat(), "to": leave.last_day.isoformat()},
        )
        add_leave_proofs(by=by, school_class=school_class, leave=row, new=leave.proofs, now=now)
    return row


def end_leave(*, by: Actor, school_class: Unit, leave: Leave, last_day: date, now: datetime) -> None:
    """The child is back early: the leave's last day becomes `last_day` (before its first day = withdrawn).

    ValueError where the leave has ended already, or `last_day` would lengthen it.
    """
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    with transaction.atomic():
        # Teacher and registrar at once: the later one waits, and then sees what the first has made of it.
        row = Leave.objects.select_for_update().get(pk=leave.pk)
        if row.ended_at:
            raise ValueError("这次请假已经撤销，请刷新页面；需要请假请另行登记。")
        if row.last_day < last_day:
            raise ValueError(
                FieldSentence(
                    f"这次请假已于{dated(row.last_day)}结束，不能改到更晚；需要延长请另行登记请假。", "last_day"
                )
            )
        if last_day < row.first_day:
            row.ended_at, row.ended_by = now, by.name
        else:
            row.last_day = last_day
        row.save(update_fields=["ended_at", "ended_by", "last_day"])
        audit.record(
            by=by,
            verb=Verb.LEAVE_ENDED,
            kind="leave",
            object_id=row.pk,
            child=leave.student.number,
            unit_path=school_class.path,
            now=now,
            detail={"last_day": last_day.isoformat()},
        )
