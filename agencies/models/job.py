"""Background jobs: one row per piece of long work, with lease, progress and result."""

from __future__ import annotations

from typing import Any

from django.db import models

from agencies.choices import JobState
from agencies.scope import Actor, ScopedQuerySet


class JobQuerySet(ScopedQuerySet["Job"]):
    """A job is seen by whoever started it."""

    def visible_to(self, actor: Actor, permission: Any = None) -> JobQuerySet:
        """Only the starter's own jobs."""
        return self if actor.system else self.filter(started_by=actor.user_id)


class Job(models.Model):
    """Work over about two seconds; running it twice changes nothing."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.PENDING)
    payload = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=80, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_by = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    file = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=120, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "lease_until"], name="job_state_lease")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def percent(self) -> int:
        """Progress, 0-100."""
        return 100 if self.state == JobState.DONE else min(99, self.done * 100 // self.total) if self.total else 0
