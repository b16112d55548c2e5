"""What the entry of a suit or an application for enforcement begins with: the list of materials as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cases.choices import EventKind
from cases.models import Case
from notices.choices import PaperLayout
from notices.queries.held import held_papers
from notices.queries.story import issuer_of, story_of
from notices.rules.materials import materials
from notices.rules.told import Typed

_LISTS = {
    EventKind.SUIT_FILED: PaperLayout.SUIT_MATERIALS,
    EventKind.ENFORCEMENT_APPLIED: PaperLayout.ENFORCEMENT_MATERIALS,
}


def materials_typed(case: Case, kind: EventKind, on: date) -> dict[str, str]:
    """`materials` of the form, and the guardians as defendants; nothing for any other kind of entry."""
    layout = _LISTS.get(kind)
    if layout is None or case.township is None:
        return {}
    told = replace(story_of(case, on).told, held=held_papers(case, pages=False))
    made = materials(layout)(told, Typed(), on, issuer_of(case.township))
    defendants = "、".join(person.name for person in told.guardians)
    values = {"materials": made.summary}
    return {**values, "defendants": defendants} if kind == EventKind.SUIT_FILED else values
