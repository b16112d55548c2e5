"""Who may see which child: through the sight of the units at which posts are held."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.apps import apps
from django.db import models

from agencies.choices import Permission
from agencies.scope import Actor, ScopedQuerySet

M = TypeVar("M", bound=models.Model)


def seen_students(actor: Actor, permission: Permission) -> Any:
    """Sub-query of the ids of children in the sight of the actor's units."""
    sight: Any = apps.get_model("students", "Sight")
    return sight.objects.filter(unit_id__in=actor.units(permission)).values("student_id")


class ByChild(ScopedQuerySet[M]):
    """Scope of rows about a child; `child_field` leads to the student's id."""

    child_field = "student_id"

    def _narrow(self, actor: Actor, permission: Permission) -> Self:
        return self.filter(**{f"{self.child_field}__in": seen_students(actor, permission)})
