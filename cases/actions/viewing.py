"""What a page or a printed plan showed of the people behind a case is kept on record: one row each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Verb
from agencies.scope import Actor
from cases.models import Case


def note_phones_shown(
    *, by: Actor, page: str, cases: Iterable[int], now: datetime, child: str = "", what: str = "phone"
) -> None:
    """Record that the guardians' numbers (and what else) of these cases stood on a page, for who owes a duty on them.

    Source: 未成年人网络保护条例 art. 36. Nothing shown, nothing recorded.
    """
    shown = sorted(cases)
    if not shown:
        return
    with transaction.atomic(savepoint=False):
        audit.record(
            by=by,
            verb=Verb.IDENTITY_REVEALED,
            kind="case",
            object_id=shown[0] if len(shown) == 1 else "",
            child=child,
            now=now,
            detail={"page": page, "cases": shown, "what": what, "basis": "open_duty"},
        )


def note_plan_printed(*, by: Actor, case: Case, named: bool, now: datetime) -> None:
    """Record that the support plan (一生一策) left as PDF, with the child's name or without."""
    with transaction.atomic(savepoint=False):
        audit.record(
            by=by,
            verb=Verb.PAPER_READ,
            kind="case",
            object_id=case.pk,
            child=case.student.number if named else "",
            now=now,
            detail={"page": "plan"},
        )
