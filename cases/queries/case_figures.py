"""Figures of cases for a unit: by stage, cause, place, owner, outcome; the rows behind each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.queries.policies import content_of, versions_in_force
from cases.choices import DutyState, Outcome, Stage
from cases.models import Case, DutyRow
from cases.queries.figures import Ground, lives_there
from cases.rules.indicators import Target, load_targets
from cases.rules.standing import WAITING

# Open and not back: the child is still owed to school.
STILL_OUT = (Stage.SCHOOL, Stage.VILLAGE, Stage.TOWNSHIP, Stage.COUNTY, Stage.JUDICIAL)
OPEN_STAGES = (*STILL_OUT, Stage.PLACED, Stage.RETURNED)
# How the cases of a unit are broken down: by which unit of the case, under which heading.
PLACES: dict[UnitKind, tuple[tuple[str, str], ...]] = {
    UnitKind.COUNTY: (("township", "乡镇"), ("school", "学校")),
    UnitKind.TOWNSHIP: (("village", "村、社区"), ("school", "学校")),
    UnitKind.SCHOOL: (("school_class", "班级"),),
    UnitKind.VILLAGE: (("school", "学校"),),
    UnitKind.GRID: (("school", "学校"),),
}


def of_ground(ground: Ground, prefix: str = "") -> Q:
    """Condition on cases (or rows with the path `prefix` to them): the school or the government line answers here."""
    unit = ground.unit
    if ground.whole:
        return Q()
    if unit.kind == UnitKind.GRID:
        return lives_there(ground, f"{prefix}student__")
    if unit.kind == UnitKind.VILLAGE:
        return Q(**{f"{prefix}village_id": unit.pk})
    schools = Q(**{f"{prefix}school_id__in": ground.school_ids})
    if unit.kind == UnitKind.TOWNSHIP:
        return schools | Q(**{f"{prefix}township_id": unit.pk})
    if unit.kind == UnitKind.COUNTY:
        return schools | Q(**{f"{prefix}township__path__startswith": unit.path})
    return schools


def open_cases(ground: Ground) -> QuerySet[Case]:
    """Cases not closed off today."""
    return Case.objects.counted().filter(of_ground(ground), closed_on__isnull=True)


def closed_cases(ground: Ground) -> QuerySet[Case]:
    """Cases closed off in the term."""
    rows = Case.objects.counted().filter(of_ground(ground))
    return rows.filter(closed_on__gte=ground.first_day, closed_on__lte=ground.today)


def returned_cases(ground: Ground) -> QuerySet[Case]:
    """Cases of children who are back: under observation, or closed off as returned in the term."""
    back = Q(closed_on__isnull=True, stage=Stage.RETURNED) | Q(
        closed_on__gte=ground.first_day, closed_on__lte=ground.today, outcome=Outcome.RETURNED
    )
    return Case.objects.filter(of_ground(ground) & back)


def overdue_duties(ground: Ground) -> QuerySet[DutyRow]:
    """Duties past their day, by the date itself: a night without a run changes nothing."""
    return DutyRow.objects.filter(
        of_ground(ground, "case__"), case__closed_on__isnull=True, state__in=WAITING, due_on__lt=ground.today
    )


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The counts of one unit's cases today."""

    by_stage: Counter[str]
    by_cause: Counter[str]
    relapsed: int
    closed_by: Counter[str]
    overdue_by: Counter[tuple[str, int | None]]
    stale: int

    @property
    def open(self) -> int:
        """Cases not closed off."""
        return self.by_stage.total()

    @property
    def still_out(self) -> int:
        """Open cases of children who are owed to school: neither back nor away for an approved time."""
        return sum(self.by_stage[stage] for stage in STILL_OUT)

    @property
    def returned(self) -> int:
        """Children back this term."""
        return self.by_stage[Stage.RETURNED] + self.closed_by[Outcome.RETURNED]


def case_figures(ground: Ground) -> CaseFigures:
    """All counts (3 queries for any number of cases)."""
    stages, causes = Counter[str](), Counter[str]()
    relapsed = stale = 0
    again, old = Q(relapses__gt=0), Q(changes_on__lte=ground.today)
    rows = open_cases(ground).order_by().values_list("stage", "cause")
    for stage, cause, n, repeated, waiting in rows.annotate(
        n=Count("pk"), repeated=Count("pk", filter=again), waiting=Count("pk", filter=old)
    ):
        stages[stage] += n
        causes[cause] += n
        relapsed += repeated
        stale += waiting
    closed = closed_cases(ground).order_by().values_list("outcome").annotate(n=Count("pk"))
    overdue = overdue_duties(ground).order_by().values_list("owner_role", "owner_unit_id").annotate(n=Count("pk"))
    return CaseFigures(
        by_stage=stages,
        by_cause=causes,
        relapsed=relapsed,
        closed_by=Counter(dict(closed)),
        overdue_by=Counter({(role, unit): n for role, unit, n in overdue}),
        stale=stale,
    )


def by_place(ground: Ground, field: str) -> dict[int | None, Counter[str]]:
    """Open cases by one of the case's units and by stage (1 query)."""
    found: dict[int | None, Counter[str]] = {}
    rows = open_cases(ground).order_by().values_list(f"{field}_id", "stage").annotate(n=Count("pk"))
    for place, stage, n in rows:
        found.setdefault(place, Counter())[stage] = n
    return found


def timely_duties(ground: Ground) -> tuple[int, int]:
    """Duties that fell due this term: done by their day, and all of them (1 query)."""
    due = DutyRow.objects.filter(
        of_ground(ground, "case__"),
        state__in=(*WAITING, DutyState.DONE, DutyState.DONE_LATE),
        due_on__gte=ground.first_day,
        due_on__lt=ground.today,
    )
    sums = due.aggregate(all=Count("pk"), kept=Count("pk", filter=Q(state=DutyState.DONE)))
    return sums["kept"], sums["all"]


def units_named(ids: set[int]) -> dict[int, Unit]:
    """The units of a table by id (1 query)."""
    names = ("kind", "name", "short_name")
    rows = Unit.objects.select_related("parent").only(*names, "path", "parent_id", *(f"parent__{n}" for n in names))
    return rows.in_bulk(ids)


def targets_of(unit: Unit, on: date) -> dict[str, Target]:
    """What the plan in force at the unit asks of its rates, by key; nothing where it asks nothing (1 query)."""
    version = versions_in_force([unit.path], on).get(unit.path)
    return load_targets(content_of(version).get("indicators", {}))[0] if version else {}
