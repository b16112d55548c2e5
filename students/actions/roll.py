"""The roll is taken: marks written against what the page saw, runs kept, news sent left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from agencies import audit, hooks
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.rules.calendar import Calendar, dated
from agencies.scope import Actor
from students.actions.spells import refresh_spells
from students.choices import CorrectionState, LeaveKind, PartOfDay
from students.models import Absence, Correction, Leave, RollCall
from students.queries.roll import EXPECTED, enrolled_on, leaves_on, value_of
from students.rules.roll import Change, Conflict, Merged, Value, merge, refusal

LEAVE_REASONS = {LeaveKind.SICK: "sick", LeaveKind.PERSONAL: "personal", LeaveKind.OTHER: "other"}


class RollRefusedError(ValueError):
    """The roll cannot be taken; the message is a Chinese sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class SavedRoll:
    """What a saved roll came to."""

    call: RollCall
    conflicts: tuple[Conflict, ...] = ()
    waiting: tuple[Correction, ...] = ()
    written: int = 0


@dataclass(slots=True)
class _Work:
    """Everything a save needs, read once."""

    school_class: Unit
    day: date
    now: datetime
    by: Actor
    why: str
    marks: dict[int, Absence] = field(default_factory=dict)
    expected: set[int] = field(default_factory=set)
    on_list: set[int] = field(default_factory=set)


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

    `changes` holds only what the page changed; no change on an untaken day is 全勤. A past day needs `why`; where
    the change would remove an opened duty it waits for a second person instead (clauses 10). Saving twice changes
    nothing. Raises RollRefusedError (holiday, future day, unknown child, missing reason), PermissionDenied.
    """
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    wanted = list(changes)
    if sentence := refusal(calendar, day, now.date()):
        raise RollRefusedError(sentence)
    with transaction.atomic():
        call, first = _register(school_class, day, by, now)
        work = _read(school_class, day, now, by, why)
        if unknown := {change.student_id for change in wanted} - work.on_list:
            raise RollRefusedError(f"有{len(unknown)}名学生已不在本班名单中，请刷新页面后重新登记。")
        if first:
            wanted = _with_leaves(work, wanted)
        current = {pk: value_of(mark) for pk, mark in work.marks.items()}
        merged = merge(current, wanted)
        merged, waiting = _second_person(work, merged, first)
        if (merged.end or merged.write) and not first and day < now.date() and not why.strip():
            raise RollRefusedError(f"更正{dated(day)}的考勤须写明理由，例如“家长电话说明”。")
        touched = _apply(work, merged)
        _close(work, call, first, touched)
        if touched:
            refresh_spells(by=by, student_ids=touched, school=school_class.parent_id or 0, calendar=calendar, on=day)
            hooks.child_facts_changed(touched, by=by, now=now)
    return SavedRoll(call, merged.conflicts, tuple(waiting), len(touched))


def _register(school_class: Unit, day: date, by: Actor, now: datetime) -> tuple[RollCall, bool]:
    call = RollCall.objects.select_for_update().filter(school_class=school_class, day=day, part=PartOfDay.DAY).first()
    if call:
        return call, False
    call, made = RollCall.objects.get_or_create(
        school_class=school_class,
        day=day,
        part=PartOfDay.DAY,
        defaults={
            "school_id": school_class.parent_id,
            "taken_by": by.name,
            "taken_at": now,
            "changed_at": now,
            "version": 0,
        },
    )
    return call, made


def _read(school_class: Unit, day: date, now: datetime, by: Actor, why: str) -> _Work:
    work = _Work(school_class, day, now, by, why)
    for row in enrolled_on(school_class, day):
        work.on_list.add(row.student_id)
        if row.status in EXPECTED:
            work.expected.add(row.student_id)
    work.marks = {
        mark.student_id: mark
        for mark in Absence.objects.filter(student_id__in=work.on_list, day=day, superseded_at__isnull=True)
    }
    return work


def _with_leaves(work: _Work, wanted: list[Change]) -> list[Change]:
    """A child on leave is marked by its leave at the first taking, unless the page says otherwise."""
    said = {change.student_id for change in wanted}
    filled = [
        Change(pk, Value(), Value(LEAVE_REASONS[LeaveKind(leave.kind)], PartOfDay.DAY, "请假"))
        for pk, leave in leaves_on(work.expected - said, work.day).items()
    ]
    return wanted + filled


def _second_person(work: _Work, merged: Merged, first: bool) -> tuple[Merged, list[Correction]]:
    """Put aside what would remove an opened duty; a principal or registrar decides it."""
    if first or work.day >= work.now.date():
        return merged, []
    written = dict(merged.write)
    touched = {pk: written[pk].reason if pk in written else "" for pk in {*merged.end, *written}}
    lost = hooks.duties_lost_by(touched, work.day, work.now)
    if not lost:
        return merged, []
    waiting = [
        Correction.objects.create(
            school_class=work.school_class,
            student_id=pk,
            day=work.day,
            wanted=_as_json(written.get(pk, Value())),
            why=work.why.strip() or "未写明",
            asked_by=work.by.name,
            asked_by_id=work.by.user_id,
            asked_at=work.now,
        )
        for pk in sorted(lost)
        if not Correction.objects.filter(student_id=pk, day=work.day, state=CorrectionState.WAITING).exists()
    ]
    audit.record(
        by=work.by,
        verb=Verb.CORRECTION_ASKED,
        kind="class",
        object_id=work.school_class.pk,
        now=work.now,
        unit_path=work.school_class.path,
        detail={"day": work.day.isoformat(), "children": len(waiting)},
    )
    kept = Merged(
        tuple(pk for pk in merged.end if pk not in lost),
        tuple((pk, value) for pk, value in merged.write if pk not in lost),
        merged.conflicts,
    )
    return kept, waiting


def _as_json(value: Value) -> dict[str, str]:
    return {"reason": value.reason, "part": value.part, "note": value.note}


def _apply(work: _Work, merged: Merged) -> list[int]:
    if merged.end:
        Absence.objects.filter(pk__in=[work.marks[pk].pk for pk in merged.end]).update(
            superseded_at=work.now, superseded_by=work.by.name or "—", superseded_why=work.why[:120]
        )
    Absence.objects.bulk_create(
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


def _close(work: _Work, call: RollCall, first: bool, touched: list[int]) -> None:
    if not (first or touched):
        return
    absent = Absence.objects.filter(student_id__in=work.expected, day=work.day, superseded_at__isnull=True).count()
    call.version += 1
    call.expected, call.absent, call.changed_at = len(work.expected), absent, work.now
    call.save(update_fields=["version", "expected", "absent", "changed_at"])
    audit.record(
        by=work.by,
        verb=Verb.ROLL_TAKEN if first else Verb.ROLL_CORRECTED,
        kind="class",
        now=work.now,
        object_id=work.school_class.pk,
        unit_path=work.school_class.path,
        detail={"day": work.day.isoformat(), "absent": absent, "changed": len(touched), "why": work.why[:60]},
    )


def decide_correction(
    *, by: Actor, correction: Correction, approve: bool, why: str, calendar: Calendar, now: datetime
) -> None:
    """A second person agrees to or refuses a correction; never the one who asked."""
    by.require_at(Permission.CONFIRM_CORRECTION, correction.school_class.path)
    if correction.state != CorrectionState.WAITING:
        raise RollRefusedError("这条更正已经有人复核过了。")
    if by.user_id == correction.asked_by_id:
        raise RollRefusedError("申请人不能复核自己的更正，请另一位校领导或学籍管理员复核。")
    with transaction.atomic():
        correction.state = CorrectionState.APPROVED if approve else CorrectionState.REFUSED
        correction.decided_by, correction.decided_at, correction.decided_why = by.name, now, why[:200]
        correction.save(update_fields=["state", "decided_by", "decided_at", "decided_why"])
        if approve:
            _apply_correction(by, correction, calendar, now)
        audit.record(
            by=by,
            verb=Verb.CORRECTION_DECIDED,
            kind="correction",
            object_id=correction.pk,
            now=now,
            unit_path=correction.school_class.path,
            detail={"approved": approve, "day": correction.day.isoformat()},
        )


def _apply_correction(by: Actor, correction: Correction, calendar: Calendar, now: datetime) -> None:
    work = _read(correction.school_class, correction.day, now, by, correction.why)
    value = Value(**correction.wanted)
    pk = correction.student_id
    merged = Merged((pk,) if pk in work.marks else (), ((pk, value),) if value.reason else (), ())
    touched = _apply(work, merged)
    call = RollCall.objects.select_for_update().get(
        school_class=correction.school_class, day=correction.day, part=PartOfDay.DAY
    )
    _close(work, call, first=False, touched=touched)
    school = correction.school_class.parent_id or 0
    refresh_spells(by=by, student_ids=[pk], school=school, calendar=calendar, on=correction.day)
    hooks.child_facts_changed([pk], by=by, now=now)


def confirm_all_present(
    *, by: Actor, classes: list[Unit], day: date, calendars: dict[int, Calendar], now: datetime
) -> int:
    """The registrar confirms the classes that have not reported as 全勤; returns how many were taken now."""
    taken = 0
    for school_class in classes:
        if RollCall.objects.filter(school_class=school_class, day=day).exists():
            continue
        save_roll(by=by, school_class=school_class, day=day, changes=[], calendar=calendars[school_class.pk], now=now)
        taken += 1
    return taken


def record_leave(
    *,
    by: Actor,
    school_class: Unit,
    student_id: int,
    kind: LeaveKind,
    first_day: date,
    last_day: date,
    asked_by: str,
    now: datetime,
    relation: str = "",
    proof: str = "",
    note: str = "",
) -> Leave:
    """Put a leave on record; it fills the roll of its days. ValueError for reversed or over-long leave."""
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    if last_day < first_day:
        raise ValueError("请假的结束日期早于开始日期，请改正。")
    if last_day - first_day > timedelta(days=180):
        raise ValueError("请假超过180天应办理休学，请联系学籍管理员。")
    with transaction.atomic():
        clash = Leave.objects.filter(
            student_id=student_id, ended_at__isnull=True, first_day__lte=last_day, last_day__gte=first_day
        ).first()
        if clash:
            raise ValueError(
                f"与已登记的请假（{dated(clash.first_day)}至{dated(clash.last_day)}）重叠，请先结束前一条。"
            )
        leave = Leave.objects.create(
            student_id=student_id,
            kind=kind,
            first_day=first_day,
            last_day=last_day,
            asked_by=asked_by,
            relation=relation,
            proof=proof,
            note=note,
            recorded_at=now,
            recorded_by=by.name,
        )
        audit.record(
            by=by,
            verb=Verb.LEAVE_RECORDED,
            kind="leave",
            object_id=leave.pk,
            now=now,
            unit_path=school_class.path,
            detail={"kind": kind, "from": first_day.isoformat(), "to": last_day.isoformat()},
        )
    return leave
