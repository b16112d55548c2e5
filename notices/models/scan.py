"""Scans of papers as they were signed and sealed (盖章件扫描)."""

from __future__ import annotations

from django.db import models

from cases.scope import ByCaseChild
from notices.models.notice import Notice
from students.models import Proof


class NoticeProofQuerySet(ByCaseChild["NoticeProof"]):
    """Scans of papers of cases in sight."""

    child_field = "notice__case__student_id"


class NoticeProof(models.Model):
    """This proof shows this paper as signed and sealed. What shows its service belongs to the event of the service."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="proof_links")
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="notice_links")

    objects = NoticeProofQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["notice", "proof"], name="notice_proof_once")]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.proof_id}"
