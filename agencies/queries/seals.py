"""Reads the audit trail in the order it is sealed, and checks the seals against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from agencies.models import AuditRow, DailySeal
from agencies.rules.seals import BEGINNING, digest_of

_FIELDS = (
    "id",
    "at",
    "actor",
    "actor_id",
    "post",
    "verb",
    "object_kind",
    "object_id",
    "child_number",
    "unit_path",
    "detail",
    "request_id",
)


def rows_between(after_id: int, last_id: int) -> Iterator[dict[str, Any]]:
    """The rows with ids above `after_id` up to `last_id`, oldest first, moments in UTC (streamed)."""
    rows = AuditRow.objects.filter(pk__gt=after_id, pk__lte=last_id).order_by("pk").values(*_FIELDS)
    for row in rows.iterator(chunk_size=2000):
        yield {**row, "at": row["at"].astimezone(UTC).isoformat()}


def latest_seal() -> DailySeal | None:
    """The seal at the end of the chain."""
    return DailySeal.objects.order_by("-last_id", "-id").first()


def recent_seals(count: int = 10) -> list[DailySeal]:
    """The last seals, newest first."""
    return list(DailySeal.objects.order_by("-last_id", "-id")[:count])


def broken_seals() -> list[DailySeal]:
    """The seals whose rows, number of rows or forerunner are not what they were; empty = the trail is whole."""
    broken: list[DailySeal] = []
    before, after_id = BEGINNING, 0
    for seal in DailySeal.objects.order_by("last_id", "id"):
        if digest_of(before, rows_between(after_id, seal.last_id)) != (seal.digest, seal.rows):
            broken.append(seal)
        before, after_id = seal.digest, seal.last_id
    return broken
