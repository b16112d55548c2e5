"""The daily seal of the audit trail."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from agencies.models import AuditRow, DailySeal
from agencies.queries.seals import latest_seal, rows_between
from agencies.rules.seals import BEGINNING, digest_of
from agencies.scope import Actor

# A row younger than this may still have a neighbour with a lower number in an open transaction.
SETTLED = timedelta(minutes=10)


def seal_day(*, by: Actor, day: date, now: datetime) -> DailySeal:
    """Seal every row not yet sealed, under the name of `day`; a day already sealed keeps its seal.

    A seal goes by row numbers, not by the rows' moments, so that every row lies under exactly one seal, also one
    recorded late and those of nights on which nothing ran. It writes no audit row: the seal is its own record.
    """
    standing = DailySeal.objects.filter(day=day).first()
    if standing:
        return standing
    before = latest_seal()
    after_id, digest = (before.last_id, before.digest) if before else (0, BEGINNING)
    settled = AuditRow.objects.filter(at__lt=now - SETTLED).order_by("-pk").values_list("pk", flat=True).first()
    last_id = max(after_id, settled or 0)
    sealed, count = digest_of(digest, rows_between(after_id, last_id))
    with transaction.atomic():
        seal, _ = DailySeal.objects.get_or_create(
            day=day, defaults={"rows": count, "last_id": last_id, "digest": sealed}
        )
    return seal
