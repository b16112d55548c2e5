"""Units put on record, with proof, that they did a recurring duty of their plan."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Role, UnitKind, Verb
from agencies.models import Unit, UnitDutyDone
from agencies.queries.unit_duties import UnitDutyRow, duty_of
from agencies.rules import roles
from agencies.rules.unit_state import record_mistakes
from agencies.scope import Actor

RECORD = Permission.RECORD_UNIT_DUTY


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the day and the proof; what, where, for or with whom, and which number, where there is any."""

    done_on: date
    proof: str
    what: str = ""
    place: str = ""
    people: str = ""
    number: str = ""


def may_record(by: Actor, unit: Unit) -> bool:
    """Whether a post at the unit or above it records for it; a liaison does so for member units only."""
    return by.system or any(
        roles.may(post.role, RECORD)
        and unit.path.startswith(post.unit_path)
        and (post.role != Role.AGENCY_LIAISON or unit.kind == UnitKind.AGENCY)
        for post in by.posts
    )


def record_unit_duty(
    *, by: Actor, unit: Unit, duty: str, period_first: date, done: Done, now: datetime
) -> UnitDutyDone:
    """Put a duty of one period on record as done.

    ValueError in a sentence where the unit does not owe it, it is on record already, or the day cannot be right;
    PermissionDenied without RECORD_UNIT_DUTY at the unit.
    """
    _require(by, unit)
    with transaction.atomic():
        Unit.objects.select_for_update().only("pk").get(pk=unit.pk)
        row = _owed(unit, duty, period_first, done, now)
        if row.done is not None:
            raise ValueError("本期已登记完成，请刷新页面后再看；登记有误的请更正原记录。")
        return _write(by, row, done, now, None, "")


def supersede_unit_duty(*, by: Actor, wrong: UnitDutyDone, done: Done | None, why: str, now: datetime) -> None:
    """Write the right record in the place of a wrong one, or (None) only withdraw it; the wrong one stays, with why.

    ValueError where somebody has replaced it already, or as `record_unit_duty`.
    """
    _require(by, wrong.unit)
    with transaction.atomic():
        row = _owed(wrong.unit, wrong.duty, wrong.period_first, done, now) if done else None
        ended = UnitDutyDone.objects.standing().filter(pk=wrong.pk)
        if not ended.update(superseded_at=now, superseded_by=by.name, superseded_why=why):
            raise ValueError("这条记录已被更正或撤回，请刷新页面后再看。")
        if row and done:
            _write(by, row, done, now, wrong, why)
        else:
            _audit(by, Verb.UNIT_DUTY_CORRECTED, wrong, now, why)


def _require(by: Actor, unit: Unit) -> None:
    if not may_record(by, unit):
        raise PermissionDenied(f"您的岗位在该单位没有“{RECORD.label}”权限。")


def _owed(unit: Unit, duty: str, period_first: date, done: Done, now: datetime) -> UnitDutyRow:
    on = now.date()
    row = duty_of(unit, duty, period_first, on)
    if row is None:
        raise ValueError("该单位本期没有这项任务（方案或机构可能已变更），请返回单位任务重新选择。")
    if found := record_mistakes(row.duty, row.occurrence, done.done_on, on):
        raise ValueError("".join(found.values()))
    return row


def _write(
    by: Actor, row: UnitDutyRow, done: Done, now: datetime, wrong: UnitDutyDone | None, why: str
) -> UnitDutyDone:
    made = UnitDutyDone.objects.create(
        unit=row.unit,
        version=row.version,
        duty=row.duty.key,
        period_first=row.occurrence.first,
        recorded_at=now,
        recorded_by=by.name,
        replaces=wrong,
        **asdict(done),
    )
    _audit(by, Verb.UNIT_DUTY_CORRECTED if wrong else Verb.UNIT_DUTY_DONE, made, now, why)
    return made


def _audit(by: Actor, verb: Verb, record: UnitDutyDone, now: datetime, why: str) -> None:
    audit.record(
        by=by,
        verb=verb,
        kind="unit_duty",
        object_id=record.pk,
        unit_path=record.unit.path,
        now=now,
        detail={
            "key": record.duty,
            "period": record.period_first.isoformat(),
            "on": record.done_on.isoformat(),
            "why": why[:60],
        },
    )
