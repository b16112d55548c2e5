"""Drafts follow the unit in whose name they are to be signed; what was issued keeps its unit and its name."""

from __future__ import annotations

from datetime import datetime

from agencies.rules.mergers import UnitMove
from agencies.scope import Actor
from cases.actions.mergers import FIELDS
from notices.choices import NoticeState
from notices.models import Notice


def drafts_follow(*, by: Actor, move: UnitMove, now: datetime) -> None:
    """Hook of units: drafts of a merged unit are the receiving one's, those of a unit above go where the case went."""
    drafts = Notice.objects.filter(state=NoticeState.DRAFT)
    if move.into is not None:
        drafts.filter(unit=move.unit).update(unit=move.into)
    for row in move.replaced:
        if row.was and row.now and (place := FIELDS.get(row.kind)):
            drafts.filter(unit=row.was, **{f"case__{place}": row.now}).update(unit=row.now)
