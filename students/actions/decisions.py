"""A second person decides a correction of the roll."""

from __future__ import annotations

from datetime import datetime

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.rules.calendar import Calendar
from agencies.scope import Actor
from students.actions.register import RollRefusedError, Work, settle
from students.choices import CorrectionState, PartOfDay
from students.models import Correction
from students.queries.roll import school_year_start
from students.rules.roll import Merged, Value, parts_of


def decide_correction(
    *, by: Actor, correction: Correction, approve: bool, why: str, calendar: Calendar, now: datetime
) -> None:
    """Agree to or refuse a correction; never the one who asked. An agreed one is written as the roll's own change.

    Raises RollRefusedError where it was decided already or the asker decides, PermissionDenied (CONFIRM_CORRECTION).
    """
    by.require_at(Permission.CONFIRM_CORRECTION, correction.school_class.path)
    if by.user_id == correction.asked_by_id and not by.system:
        raise RollRefusedError("申请人不能复核自己的更正，请另一位校领导或学籍管理员复核。")
    value = Value(**correction.wanted)
    owed = parts_of(calendar, correction.day)
    part = PartOfDay(value.part) if value.part in owed else PartOfDay.DAY
    since = school_year_start(correction.day)

    def new() -> Work:
        return Work(by, correction.school_class, correction.day, calendar, now, correction.why, since, part=part)

    settle(new, lambda work: _decide(work, correction, approve, why), ahead=False)


def _decide(work: Work, correction: Correction, approve: bool, why: str) -> None:
    won = Correction.objects.filter(pk=correction.pk, state=CorrectionState.WAITING).update(
        state=CorrectionState.APPROVED if approve else CorrectionState.REFUSED,
        decided_by=work.by.name,
        decided_at=work.now,
        decided_why=why[:200],
    )
    if not won:
        raise RollRefusedError("这条更正已经有人复核过了，请刷新页面查看结果。")
    audit.record(
        by=work.by,
        verb=Verb.CORRECTION_DECIDED,
        kind="correction",
        object_id=correction.pk,
        unit_path=correction.school_class.path,
        now=work.now,
        detail={"approved": approve, "day": correction.day.isoformat()},
    )
    if not approve:
        return
    pk, value = correction.student_id, Value(**correction.wanted)
    if pk not in work.listed:
        raise RollRefusedError("该生当日已不在本班，无法更正，请联系学籍管理员。")
    ends = (pk,) if pk in work.standing else ()
    work.decide(Merged(ends, ((pk, value),) if value.reason else (), ()))
