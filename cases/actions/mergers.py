"""Open cases follow their units when these are merged or moved: owners, duties and a note on each timeline."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from agencies.choices import UnitKind
from agencies.rules.mergers import UnitMove
from agencies.scope import Actor
from cases.actions.events import hand_of
from cases.choices import EventKind
from cases.models import Case, DutyRow, Event

# Which unit of a case is of which kind; a grid is none, its cases hang on the village.
FIELDS = {
    UnitKind.CLASS: "school_class",
    UnitKind.SCHOOL: "school",
    UnitKind.VILLAGE: "village",
    UnitKind.TOWNSHIP: "township",
}
# The units above that follow with a unit of this kind; the township of a pupil follows only where no home is known.
_ABOVE = {
    UnitKind.CLASS: (UnitKind.SCHOOL, UnitKind.TOWNSHIP),
    UnitKind.SCHOOL: (UnitKind.TOWNSHIP,),
    UnitKind.GRID: (UnitKind.VILLAGE, UnitKind.TOWNSHIP),
    UnitKind.VILLAGE: (UnitKind.TOWNSHIP,),
}
_NO_HOME = Q(student__residence__isnull=True, student__hukou__isnull=True)
BATCH = 500


def cases_follow(*, by: Actor, move: UnitMove, now: datetime) -> None:
    """Hook of units: open cases and their duties belong to the receiving unit; they are derived anew when looked at.

    Closed cases keep the unit they had. A fixed number of statements but for the notes.
    """
    ids = list(Case.objects.filter(_concerned(move), closed_on__isnull=True).values_list("pk", flat=True))
    if not ids:
        return
    if move.into is not None and move.kind in FIELDS:
        _replace(ids, FIELDS[move.kind], move.unit, move.into)
    for kind in _ABOVE.get(move.kind, ()):
        if (row := move.instead_of(kind)) is None:
            continue
        by_school = kind == UnitKind.TOWNSHIP and move.kind in (UnitKind.CLASS, UnitKind.SCHOOL)
        homeless = Case.objects.filter(_NO_HOME, pk__in=ids)
        touched = list(homeless.values_list("pk", flat=True)) if by_school else ids
        _replace(touched, FIELDS[kind], row.was, row.now)
    today = timezone.localtime(now).date()
    Case.objects.filter(pk__in=ids).update(changes_on=today, version=F("version") + 1)
    hand = hand_of(by, next(iter(by.posts), None), now)
    Event.objects.bulk_create(
        [
            Event(case_id=pk, kind=EventKind.NOTE, happened_on=today, data={"text": f"{move.sentence}。"}, **hand)
            for pk in ids
        ],
        batch_size=BATCH,
    )


def _concerned(move: UnitMove) -> Q:
    if move.kind == UnitKind.GRID:
        return Q(student__residence=move.unit) | Q(student__residence__isnull=True, student__hukou=move.unit)
    if move.kind not in FIELDS:
        return Q(pk__in=[])
    return Q(**{FIELDS[move.kind]: move.unit})


def _replace(ids: list[int], field: str, was: int | None, now: int | None) -> None:
    """These cases have another unit of one kind, which owes what the old one owed (3 queries)."""
    Case.objects.filter(pk__in=ids, **{field: was}).update(**{field: now})
    if was is not None and now is not None:
        Case.objects.filter(pk__in=ids, owner_unit=was).update(owner_unit=now)
        DutyRow.objects.filter(case__in=ids, owner_unit=was).update(owner_unit=now)
