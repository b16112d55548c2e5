"""Who is asking and what they may see: the acting person and the base of every scoped query set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models

from agencies.choices import Permission, Role, UnitKind
from agencies.rules import roles

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post a person holds today, himself or as deputy of its holder."""

    post_id: int
    unit_id: int
    unit_name: str
    unit_kind: UnitKind
    unit_path: str
    role: Role
    deputy_of: str = ""

    @property
    def role_label(self) -> str:
        """The official name of the role."""
        return str(Role(self.role).label)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person with posts, or the system itself (night run, demo, import)."""

    name: str
    user_id: int | None = None
    posts: tuple[HeldPost, ...] = ()
    system: bool = False
    request_id: str = ""
    _units: dict[Permission, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def units(self, permission: Permission) -> tuple[int, ...]:
        """Ids of the units at which this person's posts carry `permission`."""
        if permission not in self._units:
            self._units[permission] = tuple(
                sorted({post.unit_id for post in self.posts if roles.may(post.role, permission)})
            )
        return self._units[permission]

    def paths(self, permission: Permission) -> tuple[str, ...]:
        """Paths of those units; a path covers its whole subtree."""
        return tuple(sorted({post.unit_path for post in self.posts if roles.may(post.role, permission)}))

    def can(self, permission: Permission) -> bool:
        """True if any post carries `permission` (or the system acts)."""
        return self.system or bool(self.units(permission))

    def can_at(self, permission: Permission, unit_path: str) -> bool:
        """True if a post at the unit or above it carries `permission`."""
        return self.system or any(unit_path.startswith(path) for path in self.paths(permission))

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied (403) unless `can`."""
        if not self.can(permission):
            raise PermissionDenied(f"您的岗位没有“{permission.label}”权限。")

    def require_at(self, permission: Permission, unit_path: str) -> None:
        """Raise PermissionDenied (403) unless `can_at`."""
        if not self.can_at(permission, unit_path):
            raise PermissionDenied(f"您的岗位在该单位没有“{permission.label}”权限。")

    def may_appoint(self, role: Role, unit_path: str) -> bool:
        """True if a post of this person appoints `role` at the unit."""
        return roles.may_appoint([(post.role, post.unit_path) for post in self.posts], role, unit_path)

    def roles(self) -> frozenset[Role]:
        """The roles held today."""
        return frozenset(post.role for post in self.posts)


def system(name: str = "系统") -> Actor:
    """The actor for work nobody clicked: night run, sweeper, demo builder."""
    return Actor(name=name, system=True)


def under(prefixes: Iterable[str], field_name: str = "path") -> models.Q:
    """Condition “path lies in one of these subtrees”; no prefix means nothing."""
    condition = models.Q(pk__in=[])
    for prefix in prefixes:
        condition |= models.Q(**{f"{field_name}__startswith": prefix})
    return condition


class ScopedQuerySet(models.QuerySet[M]):
    """Base of scoped query sets: the system sees all, a person what `_narrow` leaves."""

    def visible_to(self, actor: Actor, permission: Permission) -> Self:
        """Rows `actor` may see under `permission`; nothing where no post carries it."""
        if actor.system:
            return self
        if not actor.units(permission):
            return self.none()
        return self._narrow(actor, permission)

    def _narrow(self, actor: Actor, permission: Permission) -> Self:
        raise NotImplementedError(f"{self.model.__name__} declares no scope")


class ByUnitPath(ScopedQuerySet[M]):
    """Scope of rows that belong to a unit: those whose unit lies under one of the actor's units."""

    unit_path_field = "unit__path"

    def _narrow(self, actor: Actor, permission: Permission) -> Self:
        return self.filter(under(actor.paths(permission), self.unit_path_field))


def current(on: date, prefix: str = "") -> models.Q:
    """Condition “in force on this day” for rows with first_day / last_day (last_day null = open)."""
    return models.Q(**{f"{prefix}first_day__lte": on}) & not_over(on, prefix)


def not_over(on: date | models.F, prefix: str = "") -> models.Q:
    """Condition “in force on this day or still to begin” (last_day null = open)."""
    return models.Q(**{f"{prefix}last_day__isnull": True}) | models.Q(**{f"{prefix}last_day__gte": on})
