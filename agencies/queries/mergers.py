"""What a merger or move of a unit needs to know: where it may go, who holds posts there, which names are taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from agencies.choices import UnitKind
from agencies.models import Adoption, Post, Unit
from agencies.models.unit import UnitQuerySet
from agencies.queries.calendars import calendars_of
from agencies.rules.calendar import ONE_DAY
from agencies.rules.mergers import CALENDAR_KINDS, KEPT_BACK, Place, kept_days, kept_name
from agencies.rules.tree import CHILDREN
from agencies.scope import current, not_over


def place_of(unit: Unit) -> Place:
    """The unit as the rules see it."""
    closed = unit.last_day is not None
    return Place(unit.pk, UnitKind(unit.kind), unit.name, unit.path, unit.grade, closed, unit.parent_id)


def _near_first(rows: UnitQuerySet, unit: Unit) -> list[tuple[int, str]]:
    """For a choice: (id, “unit · its parent”), those under the same parent first."""
    found = rows.filter(last_day__isnull=True).exclude(pk=unit.pk).select_related("parent").order_by("path")
    ordered = sorted(found, key=lambda row: row.parent_id != unit.parent_id)
    return [(row.pk, f"{row.name} · {row.parent.name}" if row.parent else row.name) for row in ordered]


def may_take_in(unit: Unit, seen: UnitQuerySet) -> list[tuple[int, str]]:
    """Units among `seen` that may take this one in: of its kind, of a class those of its grade and township (1 query).

    A class is merged near by; the schools of a whole county would be thousands of lines.
    """
    rows = seen.filter(kind=unit.kind, path__startswith=f"{unit.ancestor_ids[0]}/")
    if unit.kind == UnitKind.CLASS:
        ids = unit.ancestor_ids
        around = "".join(f"{pk}/" for pk in ids[:-2])
        rows = rows.filter(grade=unit.grade, path__startswith=around)
    return _near_first(rows, unit)


def may_stand_above(unit: Unit, seen: UnitQuerySet) -> list[tuple[int, str]]:
    """Units among `seen` under which this one may be put (1 query)."""
    kinds = [kind for kind in UnitKind if UnitKind(unit.kind) in CHILDREN.get(kind, frozenset())]
    rows = seen.filter(kind__in=kinds, path__startswith=f"{unit.ancestor_ids[0]}/")
    return _near_first(rows.exclude(pk=unit.parent_id or 0).exclude(path__startswith=unit.path), unit)


def posts_to_end(unit: Unit, today: date) -> list[Post]:
    """Posts at the unit itself that run today or later; what is over stays as it was (1 query)."""
    return list(Post.objects.filter(not_over(today), unit=unit).select_related("user", "unit").order_by("role", "pk"))


def below(unit: Unit) -> list[Unit]:
    """The units right below, closed ones too: they go along for what they did (1 query)."""
    return list(Unit.objects.filter(parent=unit).order_by("kind", "grade", "sort_key", "pk"))


def names_changing(units: Iterable[Unit], parent: Unit, origin: str) -> list[tuple[Unit, str]]:
    """Which of these units get another name under the parent, since theirs is taken there (1 query).

    None gets the name of another that comes along: it would be taken while both still stand where they stood.
    """
    coming = list(units)
    there = set(Unit.objects.filter(parent=parent).values_list("kind", "name"))
    taken = there | {(row.kind, row.name) for row in coming}
    found = []
    for row in coming:
        if (row.kind, row.name) in there:
            name = kept_name(row.name, {name for kind, name in taken if kind == row.kind}, origin)
            taken.add((row.kind, name))
            found.append((row, name))
    return found


def lives_by_other_days(unit: Unit, into: Unit, on: date) -> bool:
    """Whether the cases of a class or village go by other past school days in the one that takes it in (1 query).

    The days of a class below a merged school are kept with it; those of a class that is itself closed are not.
    """
    if unit.kind not in CALENDAR_KINDS:
        return False
    calendars = calendars_of([unit, into], on)
    first, last = on - timedelta(days=KEPT_BACK), on - ONE_DAY
    return bool(kept_days(calendars[unit.pk], calendars[into.pk], first, last))


def loses_its_plan(unit: Unit, to: Unit, on: date) -> bool:
    """Whether a plan governs the unit as it stands and none would at the receiving place (2 queries at most)."""
    adoptions = Adoption.objects.filter(current(on))
    return (
        adoptions.filter(unit__in=unit.ancestor_ids).exists()
        and not adoptions.filter(unit__in=to.ancestor_ids).exists()
    )
