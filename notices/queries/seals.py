"""The seal register: the entries of one paper, and those of one's own units."""

from __future__ import annotations

from agencies.scope import Actor, under
from notices.models import Notice, Seal
from notices.models.seal import SealQuerySet
from notices.queries.papers import READERS


def seals_of(notice: Notice) -> list[Seal]:
    """Every entry of a paper, crossed out ones too, oldest first (1 query)."""
    return list(Seal.objects.filter(notice=notice).order_by("sealed_on", "id"))


def seal_rows(actor: Actor) -> SealQuerySet:
    """The entries of the units at which this person makes or serves papers, and of those below; names no child."""
    rows = Seal.objects.select_related("unit", "notice").defer("notice__pdf", "notice__facts")
    if actor.system:
        return rows
    paths = {path for permission in READERS for path in actor.paths(permission)}
    return rows.filter(under(paths, "unit__path"))


def seal_units(actor: Actor) -> list[tuple[int, str]]:
    """The units that occur in the register (1 query)."""
    rows = seal_rows(actor).order_by().values_list("unit_id", "unit__name", "unit__path").distinct()
    return [(pk, name) for pk, name, _ in sorted(rows, key=lambda row: row[2])]
