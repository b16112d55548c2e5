"""Cases held in person pass on with the posts of whoever hands over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Verb
from agencies.models import User
from agencies.scope import Actor
from cases.models import Case


def pass_cases(*, by: Actor, giver_id: int, taker_id: int, now: datetime) -> int:
    """Every open case with `giver` as its person in charge (责任人) gets `taker`; returns how many."""
    with transaction.atomic():
        held = Case.objects.filter(person=giver_id, closed_on__isnull=True)
        rows = [
            {"object_id": case.pk, "child": case.student.number, "detail": {"person": taker_id}}
            for case in held.select_related("student")
        ]
        held.update(person=User.objects.get(pk=taker_id))
        audit.record_many(by=by, verb=Verb.CASE_ASSIGNED, kind="case", rows=rows, now=now)
    return len(rows)
