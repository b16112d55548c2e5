"""The tree of units: county, township, village, grid, school, class, member agency."""

from __future__ import annotations

from django.db import models

from agencies.choices import UnitKind
from agencies.scope import ByUnitPath


class UnitQuerySet(ByUnitPath["Unit"]):
    """Units under the actor's own."""

    unit_path_field = "path"


class Unit(models.Model):
    """One unit; `path` is the ids from the root, each segment closed by “/”, so that prefixes never lie.

    A school may stand under a township or directly under the county; a class is a leaf with its grade (1-9).
    """

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField("类别", max_length=12, choices=UnitKind)
    name = models.CharField("名称", max_length=80)
    short_name = models.CharField("简称", max_length=40, blank=True)
    code = models.CharField("代码", max_length=20, blank=True, db_index=True)
    path = models.CharField(max_length=200, unique=True)
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    sort_key = models.CharField(max_length=120, blank=True)
    # What its papers say of it (rules.tree.PAPER_SETTINGS).
    settings = models.JSONField(default=dict, blank=True)
    first_day = models.DateField("启用日期", null=True, blank=True)
    last_day = models.DateField("撤并日期", null=True, blank=True)
    # The unit it was merged into, and the document that says so.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    closing_document = models.CharField("撤并文号", max_length=80, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        indexes = [models.Index(fields=["kind", "parent"], name="unit_kind_parent")]
        constraints = [
            models.UniqueConstraint(fields=["parent", "kind", "name"], name="unit_name_once_under_parent"),
            models.CheckConstraint(
                condition=models.Q(grade__isnull=True) | models.Q(grade__gte=1, grade__lte=9), name="unit_grade_1_to_9"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids from the root down to this unit itself."""
        return [int(segment) for segment in self.path.strip("/").split("/")]

    @property
    def successor(self) -> Unit:
        """The unit that acts for it now: itself, or what it was merged into since."""
        return self._successors()[-1]

    @property
    def line(self) -> tuple[int, ...]:
        """Its own id and those of the units it was merged into since: whoever acts for it now (1 query a merger)."""
        return tuple(unit.pk for unit in self._successors())

    def _successors(self) -> list[Unit]:
        units = [self]
        while (after := units[-1].merged_into) and after not in units:
            units.append(after)
        return units

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name
