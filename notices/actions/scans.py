"""Puts the scan of a paper as signed and sealed (盖章件扫描) to it; the issued bytes stay as they are."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.scope import Actor
from notices.actions.papers import PaperRefusedError, lock, maker_of, require_acting
from notices.choices import NoticeState
from notices.models import Notice, NoticeProof
from notices.rules.issuers import making
from students.actions.proofs import NewProofs, record_proofs
from students.models import Proof


def add_scans(*, by: Actor, notice: Notice, new: NewProofs, now: datetime) -> list[Proof]:
    """Put scans to an issued paper; the same file twice stands once. Raises PaperRefusedError, PermissionDenied."""
    maker = maker_of(notice)
    require_acting(by, notice, making(maker))
    with transaction.atomic():
        lock(notice)
        if notice.state != NoticeState.ISSUED:
            raise PaperRefusedError([f"这份文书是“{notice.get_state_display()}”，签发之后才有盖章件。"])
        links = NoticeProof.objects.filter(notice=notice).select_related("proof")
        rows = record_proofs(
            by=by,
            student=notice.case.student,
            unit_id=notice.unit_id,
            new=new,
            known=[link.proof for link in links],
            of=f"notice/{notice.pk}",
            now=now,
        )
        NoticeProof.objects.bulk_create([NoticeProof(notice=notice, proof=row) for row in rows])
    return rows
