"""Corrections that would remove an opened duty: put aside, then decided by a second person."""

from __future__ import annotations

from datetime import date, datetime

from agencies import audit, hooks
from agencies.choices import Verb
from agencies.models import Unit
from agencies.scope import Actor
from students.choices import CorrectionState, PartOfDay
from students.models import Correction
from students.rules.roll import Merged, Value


def as_json(value: Value) -> dict[str, str]:
    """A value as a correction stores it."""
    return {"reason": value.reason, "part": value.part, "note": value.note}


def _asked(student_ids: set[int], day: date, part: PartOfDay) -> dict[int, Correction]:
    """What waits already about this part of these children's day, by child."""
    rows = Correction.objects.filter(student_id__in=student_ids, day=day, state=CorrectionState.WAITING)
    return {row.student_id: row for row in rows if part == PartOfDay.DAY or row.wanted["part"] == part}


def put_aside(
    *,
    by: Actor,
    school_class: Unit,
    day: date,
    merged: Merged,
    why: str,
    now: datetime,
    part: PartOfDay = PartOfDay.DAY,
) -> tuple[Merged, list[Correction]]:
    """Split a past day's changes: what may be written now, and what waits for principal or registrar.

    Runs inside the caller's transaction. One child and day wait once only: asked again, the first asking is returned.
    """
    written = dict(merged.write)
    touched = {pk: written[pk].reason if pk in written else "" for pk in {*merged.end, *written}}
    lost = hooks.duties_lost_by(touched, day, now, part)
    if not lost:
        return merged, []
    asked = _asked(lost, day, part)
    waiting = Correction.objects.bulk_create(
        [
            Correction(
                school_class=school_class,
                student_id=pk,
                day=day,
                wanted=as_json(written.get(pk, Value(part=part))),
                why=why.strip()[:200],
                asked_by=by.name,
                asked_by_id=by.user_id,
                asked_at=now,
            )
            for pk in sorted(lost - set(asked))
        ]
    )
    if waiting:
        audit.record(
            by=by,
            verb=Verb.CORRECTION_ASKED,
            kind="class",
            object_id=school_class.pk,
            unit_path=school_class.path,
            now=now,
            detail={"day": day.isoformat(), "children": len(waiting)},
        )
    return _without(merged, lost), [*asked.values(), *waiting]


def _without(merged: Merged, lost: set[int]) -> Merged:
    """What may be written now."""
    return Merged(
        tuple(pk for pk in merged.end if pk not in lost),
        tuple((pk, value) for pk, value in merged.write if pk not in lost),
        merged.conflicts,
    )
