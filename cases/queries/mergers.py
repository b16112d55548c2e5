"""Where cases hang on units that are merged or moved: counted for the preview, followed for a reopened case."""

from __future__ import annotations

from django.db.models import Q

from agencies.choices import UnitKind
from agencies.hooks import Held
from agencies.models import Unit
from cases.models import Case, DutyRow
from cases.rules.standing import WAITING


def units_of_today(case: Case) -> dict[str, Unit | None]:
    """The units of a case as mergers and moves since have left them, by field: those a closed case did not follow."""
    in_class, school, village = (unit and unit.successor for unit in (case.school_class, case.school, case.village))
    school = in_class.parent if in_class else school
    found: dict[str, Unit | None] = {"school_class": in_class, "school": school, "village": village}
    return {**found, "township": _township(case, school, village)}


def _township(case: Case, school: Unit | None, village: Unit | None) -> Unit | None:
    """That of the home; that of the school where no home is known."""
    if village:
        return village.parent
    homeless = case.student.residence_id is None and case.student.hukou_id is None
    if homeless and school and school.parent and school.parent.kind == UnitKind.TOWNSHIP:
        return school.parent
    return case.township and case.township.successor


def cases_held(unit: Unit) -> list[Held]:
    """Open cases of a unit, open duties of its posts, and the closed cases that keep its name (3 queries)."""
    here = Q(school=unit) | Q(school_class=unit) | Q(village=unit) | Q(township=unit)
    cases = Case.objects.filter(here)
    duties = DutyRow.objects.filter(owner_unit=unit, state__in=WAITING, case__closed_on__isnull=True)
    return [
        Held("未销号的个案（件）", cases.filter(closed_on__isnull=True).count()),
        Held("待办职责（项，由承接的同一岗位接着办）", duties.count()),
        Held("已销号的个案（件）", cases.filter(closed_on__isnull=False).count(), moves=False),
    ]
