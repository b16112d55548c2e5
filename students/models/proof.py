"""Proofs: photos, scans and recordings about one child, and those that belong to a leave or a home visit."""

from __future__ import annotations

from typing import Self

from django.db import models

from agencies.choices import Permission
from agencies.models import Unit
from agencies.scope import Actor
from students.choices import ProofKind, ProofType
from students.models.leave import Leave
from students.models.student import Student
from students.models.visit import HomeVisit
from students.scope import ByChild


class ProofQuerySet(ByChild["Proof"]):
    """Proofs about children in sight."""

    def openable_by(self, actor: Actor) -> Self:
        """Without those about illness, disability or a crime, where no post of the actor may see such (clause 20).

        Whoever gave one may look at it again; the school's office reads the notes given for leave, which it keeps, and
        whoever teaches the child at home what shows such teaching.
        """
        if actor.system:
            return self
        restricted = Proof.objects.filter(restricted=True)
        seen = restricted.visible_to(actor, Permission.SEE_RESTRICTED)
        notes = restricted.filter(leave_links__isnull=False).visible_to(actor, Permission.CONFIRM_CORRECTION)
        visits = restricted.filter(visit_links__isnull=False).visible_to(actor, Permission.RECORD_HOME_VISIT)
        return self.filter(
            models.Q(restricted=False)
            | models.Q(recorded_by_id=actor.user_id)
            | models.Q(pk__in=seen.values("pk"))
            | models.Q(pk__in=notes.values("pk"))
            | models.Q(pk__in=visits.values("pk"))
        )


class Proof(models.Model):
    """A file as it was given; its bytes lie encrypted under their SHA-256 (`students.gateways.blobs`).

    Never changed: a wrong one is withdrawn with a reason and its bytes are kept. `taken_on` is the day said by whoever
    gave it, else the day the camera wrote into it.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="proofs")
    kind = models.CharField("类别", max_length=10, choices=ProofKind)
    file_name = models.CharField("文件名", max_length=100)
    content_type = models.CharField("格式", max_length=20, choices=ProofType)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField(max_length=64, db_index=True)
    has_small = models.BooleanField(default=False)
    restricted = models.BooleanField("限制材料", default=False)
    taken_on = models.DateField("拍摄（形成）日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="proofs")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    recorded_by_id = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=60, blank=True)
    withdrawn_why = models.CharField(max_length=200, blank=True)

    objects = ProofQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by="")
                | (models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawn_by="")),
                name="proof_withdrawn_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.pk}"


class LeaveProofQuerySet(ByChild["LeaveProof"]):
    """Proofs of leaves of children in sight."""

    child_field = "leave__student_id"


class LeaveProof(models.Model):
    """This proof was given for this leave."""

    leave = models.ForeignKey(Leave, on_delete=models.PROTECT, related_name="proof_links")
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="leave_links")

    objects = LeaveProofQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["leave", "proof"], name="leave_proof_once")]

    def __str__(self) -> str:
        return f"{self.leave_id}: {self.proof_id}"


class VisitProofQuerySet(ByChild["VisitProof"]):
    """Proofs of home visits to children in sight."""

    child_field = "visit__student_id"


class VisitProof(models.Model):
    """This proof shows this visit of 送教上门."""

    visit = models.ForeignKey(HomeVisit, on_delete=models.PROTECT, related_name="proof_links")
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="visit_links")

    objects = VisitProofQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["visit", "proof"], name="visit_proof_once")]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.proof_id}"
