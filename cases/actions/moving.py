"""Open cases are moved to the version their unit has adopted: a recorded act with its reason on each timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.models import Adoption
from agencies.scope import Actor
from cases.actions.events import EventRefusedError, hand_of
from cases.actions.refresh import refresh_cases, with_units
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.moving import cases_to_move

# One transaction stays well below a second.
CHUNK = 100


def move_cases(*, by: Actor, adoption: Adoption, case_ids: Iterable[int], reason: str, now: datetime) -> int:
    """Move these open cases to the adopted version; returns how many moved, a second time none.

    Cases the adoption does not govern are left alone. Raises EventRefusedError without a reason, PermissionDenied.
    Chunk by chunk: what was moved before an interruption stays moved and is not moved again.
    """
    by.require_at(Permission.ADOPT_POLICY, adoption.unit.path)
    if not reason.strip():
        raise EventRefusedError(["请写明变更适用方案的理由。"])
    wanted = sorted(set(case_ids))
    return sum(
        _move(by, adoption, wanted[start : start + CHUNK], reason.strip()[:200], now)
        for start in range(0, len(wanted), CHUNK)
    )


def _move(by: Actor, adoption: Adoption, case_ids: list[int], reason: str, now: datetime) -> int:
    with transaction.atomic():
        list(Case.objects.select_for_update().filter(pk__in=case_ids).values_list("pk", flat=True))
        rows = list(cases_to_move(by, adoption, now.date()).filter(pk__in=case_ids))
        ids = [case.pk for case in rows]
        Event.objects.bulk_create([_trace(by, case, adoption, reason, now) for case in rows])
        Case.objects.filter(pk__in=ids).update(policy=adoption.version, version=F("version") + 1)
        refresh_cases(by=by, cases=with_units(ids), on=now.date(), now=now)
        audit.record_many(
            by=by,
            verb=Verb.CASE_MOVED,
            kind="case",
            now=now,
            rows=[
                {
                    "object_id": case.pk,
                    "child": case.student.number,
                    "unit_path": adoption.unit.path,
                    "detail": {"plan_before": str(case.policy), "plan_after": str(adoption.version)},
                }
                for case in rows
            ],
        )
    return len(rows)


def _trace(by: Actor, case: Case, adoption: Adoption, reason: str, now: datetime) -> Event:
    """A note on the timeline, which starts and stops no clock: from which plan to which, and why."""
    post = next(iter(by.posts), None)
    return Event(
        case=case,
        kind=EventKind.NOTE,
        happened_on=now.date(),
        **hand_of(by, post, now),
        data={
            "text": f"由{case.policy}改为{adoption.version}。理由：{reason}",
            "moved_from": case.policy_id,
            "moved_to": adoption.version_id,
        },
    )
