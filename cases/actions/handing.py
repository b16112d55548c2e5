"""Cases held in person pass on with the posts of whoever hands over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Verb
from agencies.scope import Actor
from cases.models import Case


def pass_cases(*, by: Actor, giver_id: int, taker_id: int, now: datetime) -> int:
    """Every open case with `giver` as its person in charge (责任人) gets `taker`; returns how many."""
    with transaction.atomic():
        held = Case.objects.filter(person=giver_id, closed_on__isnull=True)
        numbers = dict(held.values_list("pk", "student__number"))
        Case.objects.filter(pk__in=numbers).update(person=taker_id)
        rows = ({"object_id": pk, "child": number, "detail": {"person": taker_id}} for pk, number in numbers.items())
        audit.record_many(by=by, verb=Verb.CASE_ASSIGNED, kind="case", rows=rows, now=now)
    return len(numbers)
