"""Drafts follow the unit in whose name they are to be signed; what was issued keeps its unit and its name."""

from __future__ import annotations

from datetime import datetime

from agencies.choices import UnitKind
from agencies.rules.mergers import UnitMove
from agencies.scope import Actor
from notices.choices import NoticeState
from notices.models import Notice


def drafts_follow(*, by: Actor, move: UnitMove, now: datetime) -> None:
    """Hook of units: drafts of a merged unit are the receiving one's; those about a moved class go to its school."""
    drafts = Notice.objects.filter(state=NoticeState.DRAFT)
    if move.into is not None:
        drafts.filter(unit=move.unit).update(unit=move.into)
    school = move.instead_of(UnitKind.SCHOOL)
    if school and school.now:
        at = move.into or move.unit
        drafts.filter(unit=school.was, case__school_class=at).update(unit=school.now)
