"""What happened in a case: append-only events, and duties as last derived (a cache)."""

from __future__ import annotations

from django.db import models

from agencies.models import Unit, User
from cases.choices import DutyState, EventKind, Stage
from cases.models.case import Case
from cases.scope import ByCaseChild
from students.models import Proof


class EventQuerySet(ByCaseChild["Event"]):
    """Events of cases in sight."""


class Event(models.Model):
    """A fact with the day it happened and the moment it was recorded; a wrong one is superseded, not edited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("事项", max_length=20, choices=EventKind)
    happened_on = models.DateField("发生日期")
    happened_at = models.TimeField("发生时间", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    recorded_name = models.CharField("登记人", max_length=60)
    recorded_post = models.CharField(max_length=120, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    step = models.CharField(max_length=24, blank=True)
    data = models.JSONField(default=dict)
    # One form sent twice carries the same token and is stored once.
    token = models.CharField(max_length=40, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.CharField(max_length=60, blank=True)
    superseded_why = models.CharField(max_length=200, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["happened_on", "id"]
        indexes = [models.Index(fields=["case", "happened_on"], name="event_case_day")]
        constraints = [
            models.UniqueConstraint(fields=["case", "token"], condition=~models.Q(token=""), name="event_token_once"),
            models.CheckConstraint(
                condition=models.Q(superseded_at__isnull=True, superseded_by="")
                | (models.Q(superseded_at__isnull=False) & ~models.Q(superseded_by="")),
                name="event_superseded_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_on} {self.get_kind_display()}"


class EventProofQuerySet(ByCaseChild["EventProof"]):
    """Proofs of events of cases in sight."""

    child_field = "event__case__student_id"


class EventProof(models.Model):
    """This proof was given for this event; a corrected event carries the proofs of the one it replaces."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="proof_links")
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="event_links")

    objects = EventProofQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event", "proof"], name="event_proof_once")]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.proof_id}"


class DutyRowQuerySet(ByCaseChild["DutyRow"]):
    """Duties of cases in sight."""


class DutyRow(models.Model):
    """Cache of one derived duty, for worklists and figures; rewritten whole by refresh()."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="duties")
    step = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    owner_role = models.CharField(max_length=20)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="duties")
    stage = models.CharField(max_length=10, choices=Stage)
    state = models.CharField(max_length=10, choices=DutyState)
    round = models.PositiveSmallIntegerField(default=1)
    # The number of the period of a step that recurs; 0 of one that does not.
    cycle = models.PositiveSmallIntegerField(default=0)
    opened_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    delay_days = models.PositiveSmallIntegerField(default=0)

    objects = DutyRowQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["owner_unit", "state", "due_on"], name="duty_owner_state_due")]
        constraints = [models.UniqueConstraint(fields=["case", "step", "round", "cycle"], name="duty_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.due_on}"


class SavedFilter(models.Model):
    """A person's named filter of a list."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=30)
    name = models.CharField("名称", max_length=30)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_filter_once")]

    def __str__(self) -> str:
        return self.name
