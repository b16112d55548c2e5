"""A person's named filters of a list: kept, removed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Verb
from agencies.scope import Actor
from cases.models import SavedFilter


def save_filter(*, by: Actor, page: str, name: str, query: str, now: datetime) -> SavedFilter:
    """Keep the filter under a name; the same name again replaces it."""
    with transaction.atomic():
        row, _ = SavedFilter.objects.update_or_create(
            user_id=by.user_id, page=page, name=name.strip()[:30], defaults={"query": query[:500]}
        )
        audit.record(by=by, verb=Verb.FILTER_SAVED, kind="filter", object_id=row.pk, now=now, detail={"page": page})
    return row


def remove_filter(*, by: Actor, saved: SavedFilter, now: datetime) -> None:
    """Forget a filter."""
    with transaction.atomic():
        audit.record(
            by=by, verb=Verb.FILTER_SAVED, kind="filter", object_id=saved.pk, now=now, detail={"removed": True}
        )
        saved.delete()
