"""What the list of the day's work shows beside the cases: the drafts that wait for this person's signature."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from agencies.choices import Permission
from agencies.scope import Actor
from notices.choices import NoticeState
from notices.queries.register import register_rows


def drafts_to_sign(actor: Actor) -> list[dict[str, Any]]:
    """The drafts of the units for which this person signs (1 query for whoever signs, none for others)."""
    units = {*actor.units(Permission.ISSUE_ORDER), *actor.units(Permission.ISSUE_SCHOOL_PAPER)}
    if not units:
        return []
    count = register_rows(actor).filter(state=NoticeState.DRAFT, unit_id__in=units).count()
    url = f"{reverse('notices:register')}?state={NoticeState.DRAFT}"
    return [{"label": "待签发拟稿", "count": count, "url": url}] if count else []
