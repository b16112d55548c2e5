"""Units: created under a parent with a path that never lies, renamed, closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from pypinyin import lazy_pinyin

from agencies import audit
from agencies.choices import Permission, UnitKind, Verb
from agencies.models import Unit
from agencies.rules.mergers import closed_refusal
from agencies.rules.tree import may_stand_under, shaped_with
from agencies.scope import Actor


def require_shaping(*, by: Actor, kind: UnitKind, path: str) -> None:
    """Raise PermissionDenied unless the actor may shape units of this kind here."""
    if not any(by.can_at(permission, path) for permission in shaped_with(kind)):
        by.require_at(Permission.MANAGE_UNITS, path)


def _unused(parent: Unit | None, kind: UnitKind, name: str, but: int | None = None) -> None:
    """ValueError where the name is taken or the parent closed; it stays locked, until the commit."""
    if parent and Unit.objects.select_for_update(no_key=True).only("last_day").get(pk=parent.pk).last_day:
        raise ValueError(closed_refusal(parent.name))
    if Unit.objects.filter(parent=parent, kind=kind, name=name).exclude(pk=but or 0).exists():
        where = parent.name if parent else "全县"
        raise ValueError(f"“{where}”之下已有名为“{name}”的{kind.label}，请换一个名称。")


def create_unit(*, by: Actor, parent: Unit | None, kind: UnitKind, name: str, now: datetime, **fields: Any) -> Unit:
    """Make a unit; raises ValueError with a Chinese sentence where the place in the tree is wrong.

    `fields`: code, short_name, grade, settings, first_day.
    """
    if not may_stand_under(kind, UnitKind(parent.kind) if parent else None):
        raise ValueError(f"“{kind.label}”不能设在“{parent.name if parent else '根'}”之下。")
    if parent:
        require_shaping(by=by, kind=kind, path=parent.path)
    if kind == UnitKind.CLASS and not fields.get("grade"):
        raise ValueError("请选择班级所在的年级（1至9）。")
    with transaction.atomic():
        _unused(parent, kind, name)
        unit = Unit(
            parent=parent, kind=kind, name=name, path=f"new/{kind}/{name}/{parent.pk if parent else 0}", **fields
        )
        unit.sort_key = " ".join(lazy_pinyin(name))[:120]
        unit.save()
        unit.path = f"{parent.path if parent else ''}{unit.pk}/"
        unit.save(update_fields=["path"])
        _record(by, Verb.UNIT_CREATED, unit, now, {"kind": kind, "name": name})
    return unit


def rename_unit(*, by: Actor, unit: Unit, name: str, now: datetime) -> None:
    """A new name from now on; papers already issued keep the old one in their frozen facts."""
    require_shaping(by=by, kind=UnitKind(unit.kind), path=unit.path)
    with transaction.atomic():
        _unused(unit.parent, UnitKind(unit.kind), name, unit.pk)
        old, unit.name = unit.name, name
        unit.sort_key = " ".join(lazy_pinyin(name))[:120]
        unit.save(update_fields=["name", "sort_key"])
        _record(by, Verb.UNIT_CHANGED, unit, now, {"before": old, "after": name})


def change_settings(*, by: Actor, unit: Unit, settings: dict[str, Any], now: datetime) -> None:
    """Set the unit's data for papers (机关代字, contact, telephone)."""
    by.require_at(Permission.MANAGE_UNITS, unit.path)
    with transaction.atomic():
        unit.settings = {**unit.settings, **settings}
        unit.save(update_fields=["settings"])
        _record(by, Verb.UNIT_CHANGED, unit, now, {"settings": sorted(settings)})


def close_unit(*, by: Actor, unit: Unit, on: date, now: datetime) -> None:
    """The unit ends on a day (撤点并校); it stays readable for what it did."""
    require_shaping(by=by, kind=UnitKind(unit.kind), path=unit.path)
    with transaction.atomic():
        unit.last_day = on
        unit.save(update_fields=["last_day"])
        _record(by, Verb.UNIT_CHANGED, unit, now, {"last_day": on.isoformat()})


def _record(by: Actor, verb: Verb, unit: Unit, now: datetime, detail: dict[str, Any]) -> None:
    audit.record(by=by, verb=verb, kind="unit", object_id=unit.pk, unit_path=unit.path, now=now, detail=detail)
