"""The audit trail: text rows without foreign keys, sealed daily."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from agencies.choices import Verb
from agencies.scope import Actor, ScopedQuerySet

_FOR_GOOD = "审计记录不可更改或删除"


class AuditQuerySet(ScopedQuerySet["AuditRow"]):
    """Only the audit administrator reads it."""

    def _narrow(self, actor: Actor, permission: Any) -> AuditQuerySet:
        return self


class AuditRow(models.Model):
    """Who did what to which object when; names a child by internal number only."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    actor_id = models.BigIntegerField(null=True)
    post = models.CharField(max_length=120, blank=True)
    verb = models.CharField(max_length=30, choices=Verb, db_index=True)
    object_kind = models.CharField(max_length=30)
    object_id = models.CharField(max_length=40, blank=True)
    child_number = models.CharField(max_length=24, blank=True, db_index=True)
    unit_path = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=32, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.get_verb_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only new rows are written: TypeError for one that is on record."""
        if self.pk is not None and not kwargs.get("force_insert"):
            raise TypeError(_FOR_GOOD)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Audit rows are never removed: TypeError."""
        raise TypeError(_FOR_GOOD)


class DailySeal(models.Model):
    """A day's audit rows under one chained digest, so that a later change shows."""

    day = models.DateField(unique=True)
    rows = models.PositiveIntegerField()
    last_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:12]}"
