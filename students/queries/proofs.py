"""Proofs as the pages and the nightly check read them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F

from students.models import LeaveProof, Proof, VisitProof

# Every file is verified once in so many nights.
ROUND_DAYS = 30


def proofs_of_leaves(leave_ids: Iterable[int]) -> dict[int, list[Proof]]:
    """The proofs of leaves already in sight, the withdrawn ones too, oldest first (1 query)."""
    found: dict[int, list[Proof]] = {}
    for link in LeaveProof.objects.filter(leave_id__in=list(leave_ids)).select_related("proof__unit"):
        found.setdefault(link.leave_id, []).append(link.proof)
    return found


def proofs_of_visits(visit_ids: Iterable[int]) -> dict[int, list[Proof]]:
    """The proofs of home visits already in sight, the withdrawn ones too, oldest first (1 query)."""
    found: dict[int, list[Proof]] = {}
    for link in VisitProof.objects.filter(visit_id__in=list(visit_ids)).select_related("proof__unit"):
        found.setdefault(link.visit_id, []).append(link.proof)
    return found


def proofs_of_night(day: date) -> Iterable[Proof]:
    """The thirtieth part of all proofs whose turn it is to be verified."""
    turn = Proof.objects.annotate(turn=F("pk") % ROUND_DAYS).filter(turn=day.toordinal() % ROUND_DAYS)
    return turn.only("pk", "sha256", "recorded_at").order_by("pk").iterator(chunk_size=500)


def all_proofs() -> Iterable[Proof]:
    """All of them, a chunk at a time."""
    return Proof.objects.only("pk", "sha256", "recorded_at").order_by("pk").iterator(chunk_size=500)


def is_named(sha256: str) -> bool:
    """Whether any row names these bytes, withdrawn ones too."""
    return Proof.objects.filter(sha256=sha256).exists()
