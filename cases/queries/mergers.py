"""How many open cases and duties hang on a unit, for the preview of its merger."""

from __future__ import annotations

from django.db.models import Q

from agencies.hooks import Held
from agencies.models import Unit
from cases.models import Case, DutyRow
from cases.rules.standing import WAITING


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
