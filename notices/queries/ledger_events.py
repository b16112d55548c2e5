"""The events of cases as ledgers tell them."""

from __future__ import annotations

from collections.abc import Iterable

from cases.choices import EventKind
from cases.models import Event
from cases.queries.facts import as_fact
from cases.rules.rounds import withdrawn_ids
from notices.rules.told import Happening


def happenings_of(case_ids: Iterable[int]) -> dict[int, list[Happening]]:
    """The valid events of cases but those of withdrawn papers, oldest first (1 query)."""
    found: dict[int, list[Happening]] = {pk: [] for pk in case_ids}
    valid = Event.objects.filter(case_id__in=list(found), superseded_at__isnull=True).order_by("happened_on", "id")
    rows = list(valid)
    gone = withdrawn_ids(map(as_fact, rows))
    for row in rows:
        if row.pk in gone:
            continue
        found[row.case_id].append(Happening(EventKind(row.kind), row.happened_on, row.data, row.recorded_name))
    return found
