"""The number register: every paper of one's own units, void ones too, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from agencies.choices import Permission
from agencies.scope import Actor, under
from notices.models import Notice
from notices.models.notice import NoticeQuerySet
from notices.queries.papers import READERS, with_all


def register_rows(actor: Actor) -> NoticeQuerySet:
    """The papers of the units at which this person makes or serves papers, and of those below.

    By unit and not by child: a child that has moved away leaves no hole in the register. Whose names may be shown
    says `seen_papers`.
    """
    if actor.system:
        return with_all(Notice.objects.all())
    paths = {path for permission in READERS for path in actor.paths(permission)}
    return with_all(Notice.objects.filter(under(paths, "unit__path")))


def seen_papers(actor: Actor, ids: Iterable[int]) -> set[int]:
    """Which of these papers are of children in the person's sight, by name (1 query)."""
    rows = Notice.objects.visible_to(actor, Permission.SEE_NAMES).filter(pk__in=list(ids))
    return set(rows.values_list("pk", flat=True))


def register_units(actor: Actor) -> list[tuple[int, str]]:
    """The units that occur in the register (1 query)."""
    rows = register_rows(actor).order_by().values_list("unit_id", "unit__name", "unit__path").distinct()
    return [(pk, name) for pk, name, _ in sorted(rows, key=lambda row: row[2])]
