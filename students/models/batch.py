"""Imports: an uploaded sheet, its rows as planned, and what applying them made."""

from __future__ import annotations

from django.db import models

from agencies.fields import EncryptedText
from agencies.models import Unit
from agencies.scope import ByUnitPath
from students.choices import BatchState


class ImportBatchQuerySet(ByUnitPath["ImportBatch"]):
    """Imports into schools under the actor's units."""


class ImportBatch(models.Model):
    """One upload for a school (or county): checked, previewed, applied in chunks, undone."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="import_batches")
    file_name = models.CharField("文件名", max_length=200)
    file_digest = models.CharField(max_length=64, blank=True)
    stored_file = models.CharField(max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=BatchState, default=BatchState.CHECKING)
    # Everything wrong at once: [{"row", "column", "value", "message", "remedy"}]; ID values masked.
    mistakes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    uploaded_by = models.CharField(max_length=60)
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One row as planned: verdict, the values to write (encrypted JSON), what changes, and the result."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="rows")
    row = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10)
    name = models.CharField(max_length=60, blank=True)
    class_name = models.CharField(max_length=60, blank=True)
    values = EncryptedText(default="")
    # Masked, for the preview: [{"field", "old", "new"}].
    changes = models.JSONField(default=list)
    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, null=True, blank=True)
    # What stood before, for the undo (encrypted JSON); empty = created.
    before = EncryptedText(default="")
    applied = models.BooleanField(default=False)

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="import_row_once")]

    def __str__(self) -> str:
        return f"第{self.row}行 {self.verdict}"
