"""Puts proofs to an event inside the transaction of the act that gives them."""

from __future__ import annotations

from datetime import datetime

from agencies.scope import Actor
from cases.models import Case, Event, EventProof
from students.actions.proofs import NewProofs, record_proofs
from students.models import Proof


def attach(
    *, by: Actor, case: Case, event: Event, new: NewProofs, now: datetime, unit_id: int | None = None
) -> list[Proof]:
    """Write new proofs and tie them to the event; the caller has checked who may, and holds the transaction.

    `unit_id`: whose proofs they are, by default the unit that recorded the event.
    """
    if not new.files:
        return []
    known = [link.proof for link in EventProof.objects.filter(event=event).select_related("proof")]
    rows = record_proofs(
        by=by,
        student=case.student,
        unit_id=unit_id or event.unit_id,
        new=new,
        known=known,
        of=f"event/{event.pk}",
        now=now,
    )
    EventProof.objects.bulk_create([EventProof(event=event, proof=row) for row in rows])
    return rows


def carry_over(*, by: Actor, old: Event, new: Event) -> None:
    """A corrected event keeps what was given for the one it replaces; what was given again is not shown twice."""
    given = EventProof.objects.filter(event=new).values_list("proof__sha256", flat=True)
    links = EventProof.objects.filter(event=old, proof__withdrawn_at__isnull=True).exclude(proof__sha256__in=given)
    EventProof.objects.bulk_create([EventProof(event=new, proof_id=link.proof_id) for link in links])
