"""Calendar entries: national holidays, terms, and overrides per unit and grade."""

from __future__ import annotations

from django.db import models

from agencies.choices import CalendarKind
from agencies.models.unit import Unit
from agencies.scope import ByUnitPath


class CalendarEntryQuerySet(ByUnitPath["CalendarEntry"]):
    """Entries of units under the actor's own; the national ones are nobody's to edit."""


class CalendarEntry(models.Model):
    """Days with one meaning for a unit's subtree (and one grade, where given); no unit = national."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="calendar_entries")
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    kind = models.CharField("类别", max_length=16, choices=CalendarKind)
    first_day = models.DateField("起")
    last_day = models.DateField("止")
    name = models.CharField("名称", max_length=60)
    source = models.CharField("依据", max_length=120, blank=True)

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "id"]
        indexes = [models.Index(fields=["unit", "last_day"], name="calendar_unit_last")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="calendar_days_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day}–{self.last_day}"
