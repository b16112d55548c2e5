"""Open cases under another version than their unit has adopted since, and how each stands under both."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date

from django.db.models import Q, QuerySet

from agencies.choices import Permission
from agencies.models import Adoption
from agencies.scope import Actor, current
from cases.models import Case
from cases.queries.facts import known_of_cases
from cases.rules.standing import Standing

_PLACES = ("school", "school_class", "village", "township")


def adoption_of(actor: Actor, pk: int, on: date) -> Adoption | None:
    """An adoption in force at a unit where the actor may adopt plans; None for a stranger."""
    rows = Adoption.objects.visible_to(actor, Permission.ADOPT_POLICY).filter(current(on), pk=pk)
    return rows.select_related("unit", "version").defer("version__content").first()


def cases_to_move(actor: Actor, adoption: Adoption, on: date) -> QuerySet[Case]:
    """Open cases in sight that the adoption governs and that run under another version or plan.

    The school path decides while there is one, else the village or township; what a unit further down has adopted
    for itself governs there.
    """
    rows = Case.objects.visible_to(actor, Permission.ADOPT_POLICY).filter(closed_on__isnull=True)
    rows = rows.exclude(policy_id=adoption.version_id).filter(_governed(adoption.unit.path))
    below = Adoption.objects.filter(current(on), unit__path__startswith=adoption.unit.path).exclude(pk=adoption.pk)
    for path in below.values_list("unit__path", flat=True):
        rows = rows.exclude(_governed(path))
    return rows.select_related("student", "policy", *_PLACES).defer("policy__content")


def _governed(path: str) -> Q:
    """Cases whose line (school, else village, else township) passes through the unit at this path."""
    at_school = Q(school__isnull=False, school__path__startswith=path) | Q(school_class__path__startswith=path)
    home = Q(village__path__startswith=path) | Q(village__isnull=True, township__path__startswith=path)
    return at_school | Q(school__isnull=True) & home


def standings_under_both(cases: Iterable[Case], adoption: Adoption, on: date) -> dict[int, tuple[Standing, Standing]]:
    """How each case stands today under its own plan and under the adopted version (12 queries for any number)."""
    rows = list(cases)
    moved = []
    for case in rows:
        other = copy(case)
        other.policy = adoption.version
        moved.append(other)
    old, new = known_of_cases(rows, on), known_of_cases(moved, on)
    return {case.pk: (old[case.pk].standing(on), new[case.pk].standing(on)) for case in rows}
