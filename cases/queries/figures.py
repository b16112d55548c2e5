"""Figures of the roll for a unit: classes reported or not, absent today, in a row, in the term.

Whole counties are counted by the ids of their schools, never child by child through Sight; whoever asks holds a post
at the unit or above it (the caller has proven that), so everything counted here is in sight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case as When_
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.queries.calendars import calendar_of, calendars_of
from agencies.rules.calendar import AFTERNOON, Calendar
from agencies.rules.tree import RESIDENCES
from agencies.scope import current, not_over
from cases.rules.indicators import term_for
from students.choices import PartOfDay
from students.models import Absence, Enrolment, RollCall, Spell, Student
from students.queries.roll import expected_on, school_year_start
from students.queries.silence import own_calendars, silent_classes
from students.rules.attendance import DEFAULT_COUNTING

# Units that have figures.
KINDS = (UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL, *RESIDENCES)


@dataclass(frozen=True, slots=True)
class Ground:
    """What figures are about: a unit, a day, the term around it, and the schools (or homes) whose children count.

    `whole` = everything on record lies under the unit, so nothing has to be filtered by it.
    """

    unit: Unit
    on: date
    today: date
    calendar: Calendar
    first_day: date
    school_ids: tuple[int, ...]
    home_ids: tuple[int, ...]
    whole: bool

    @property
    def at_home(self) -> bool:
        """A village or grid: its children are those who live there."""
        return self.unit.kind in RESIDENCES


def ground_of(unit: Unit, on: date, today: date) -> Ground:
    """The ground of a unit on a day (2 queries, 3 for a county)."""
    calendar = calendar_of(unit, on)
    term = term_for(calendar, on)
    below = Unit.objects.filter(path__startswith=unit.path)
    at_home = unit.kind in RESIDENCES
    ids = tuple((below if at_home else below.filter(kind=UnitKind.SCHOOL)).values_list("pk", flat=True))
    others = Unit.objects.filter(parent__isnull=True).exclude(pk=unit.pk)
    return Ground(
        unit=unit,
        on=on,
        today=today,
        calendar=calendar,
        first_day=term.first_day if term else school_year_start(on),
        school_ids=() if at_home else ids,
        home_ids=ids if at_home else (),
        whole=unit.parent_id is None and not others.exists(),
    )


def _enrolled(ground: Ground, prefix: str = "") -> Q:
    """Condition on enrolments (or on rows with the path `prefix` to them): open, and at a school of the ground."""
    condition = Q(**{f"{prefix}last_day__isnull": True})
    return condition if ground.whole else condition & Q(**{f"{prefix}school_id__in": ground.school_ids})


def lives_there(ground: Ground, prefix: str = "student__") -> Q:
    """Condition “the child lives here”: residence, else 户籍."""
    home = Q(**{f"{prefix}residence_id__in": ground.home_ids})
    return home | Q(**{f"{prefix}residence__isnull": True, f"{prefix}hukou_id__in": ground.home_ids})


def _children(ground: Ground) -> Q:
    """Condition on rows of children: enrolled at a school of the ground, or living in the village."""
    if ground.at_home:
        return lives_there(ground)
    return _enrolled(ground, "student__enrolments__")


def enrolled_count(ground: Ground) -> int:
    """Children on the books (1 query)."""
    if ground.at_home:
        return Enrolment.objects.filter(lives_there(ground), last_day__isnull=True).count()
    return Enrolment.objects.filter(_enrolled(ground)).count()


# Classes


@dataclass(frozen=True, slots=True)
class Reporting:
    """Registers of a day: classes with and without one, children expected and absent in the former."""

    reported: int
    unreported: int
    expected: int
    absent: int

    @property
    def owed(self) -> int:
        """Classes that had to report."""
        return self.reported + self.unreported


def classes_with_children(ground: Ground) -> QuerySet[Unit]:
    """Classes of the ground in which somebody is expected on the day."""
    enrolled = Enrolment.objects.filter(current(ground.on), expected_on(ground.on), school_class_id=OuterRef("pk"))
    rows = Unit.objects.filter(
        Q(first_day__isnull=True) | Q(first_day__lte=ground.on),
        not_over(ground.on),
        Exists(enrolled),
        kind=UnitKind.CLASS,
    )
    return rows if ground.whole else rows.filter(parent_id__in=ground.school_ids)


def registers(ground: Ground) -> QuerySet[RollCall]:
    """Registers taken on the day."""
    rows = RollCall.objects.filter(day=ground.on)
    return rows if ground.whole else rows.filter(school_id__in=ground.school_ids)


def unreported_classes(ground: Ground) -> QuerySet[Unit]:
    """Classes in school on the day without a register, or, once the day is over, without the one of its afternoon.

    2 queries to put together, classes by path.
    """
    taken = RollCall.objects.filter(school_class_id=OuterRef("pk"), day=ground.on)
    none = ~Exists(taken)
    half = Exists(taken.filter(part=PartOfDay.MORNING)) & ~Exists(taken.exclude(part=PartOfDay.MORNING))
    over = ground.on < ground.today
    rows = classes_with_children(ground).filter(none | half if over else none).order_by("path")
    special = own_calendars(ground.unit)
    special = special | Q(half) if over else special
    apart = list(rows.filter(special).annotate(half_taken=half))
    calendars = calendars_of(apart, ground.on)
    open_apart = Q(pk__in=[row.pk for row in apart if _owes(calendars[row.pk], ground.on, half=row.half_taken)])
    if not ground.calendar.is_school_day(ground.on):
        return rows.filter(open_apart)
    return rows.filter(~special | open_apart) if apart else rows


def _owes(calendar: Calendar, on: date, *, half: bool) -> bool:
    """Whether a class owes a register still: of the day, or of the afternoon where the morning's was taken."""
    return calendar.is_school_day(on) and (not half or AFTERNOON in calendar.registers(on))


def reporting_of(ground: Ground) -> Reporting:
    """Reported and unreported classes of the day (5 queries)."""
    morning = RollCall.objects.filter(school_class=OuterRef("school_class"), day=ground.on, part=PartOfDay.MORNING)
    # Of two registers of one day the morning's is counted, so that no child is expected twice.
    once = Q(part__in=[PartOfDay.DAY, PartOfDay.MORNING]) | ~Exists(morning)
    sums = (
        registers(ground)
        .filter(once)
        .aggregate(classes=Count("school_class_id", distinct=True), expected=Sum("expected"), absent=Sum("absent"))
    )
    return Reporting(
        reported=sums["classes"],
        unreported=unreported_classes(ground).count(),
        expected=sums["expected"] or 0,
        absent=sums["absent"] or 0,
    )


def silent_by_owner(ground: Ground) -> Counter[str]:
    """Classes that missed registers before the day, by who owes an answer: `principal`, `bureau` (6 queries)."""
    return Counter(row.owner for row in silent_classes(ground.unit, ground.on))


# Children


def absent_today(ground: Ground) -> QuerySet[Absence]:
    """Current marks of the day, one a child (of two halves the afternoon's); a mark stands with the class it is of."""
    standing = Absence.objects.filter(day=ground.on, superseded_at__isnull=True)
    later = standing.filter(student_id=OuterRef("student_id"), part=PartOfDay.AFTERNOON)
    rows = standing.exclude(Q(part=PartOfDay.MORNING) & Exists(later))
    if ground.at_home:
        return rows.filter(student_id__in=Student.objects.filter(lives_there(ground, "")).values("pk"))
    return rows if ground.whole else rows.filter(school_class__parent_id__in=ground.school_ids)


def absent_by_reason(ground: Ground) -> dict[str, int]:
    """Children absent on the day by reason (1 query)."""
    rows = absent_today(ground).order_by().values_list("reason").annotate(n=Count("pk"))
    return dict(rows)


def in_a_row(ground: Ground, days: int) -> QuerySet[Spell]:
    """Runs of at least so many school days without leave that still ran on the day; annotated with `halves`.

    A run still runs while no later register of the child's class says otherwise: unknown days pause it.
    """
    later = RollCall.objects.filter(
        school_class_id=OuterRef("student__enrolments__school_class_id"),
        day__gt=OuterRef("last_day"),
        day__lte=ground.on,
    )
    rows = Spell.objects.filter(
        _children(ground),
        expected_on(ground.on, "student__enrolments__"),
        Q(last_day__gte=ground.on) | ~Exists(later),
        first_day__lte=ground.on,
        last_day__gte=ground.first_day,
        half_days__gte=days * 2,
        student__enrolments__last_day__isnull=True,
    )
    if ground.on >= ground.today:
        return rows.annotate(halves=F("half_days"))
    return rows.annotate(halves=_halves_until(ground.on)).filter(halves__gte=days * 2)


def counts_in_a_row(ground: Ground, choices: Iterable[int]) -> dict[int, int]:
    """How many such runs there are, by number of days (1 query)."""
    asked = sorted(choices)
    rows = in_a_row(ground, asked[0])
    found = rows.aggregate(**{f"days_{n}": Count("pk", filter=Q(halves__gte=n * 2)) for n in asked})
    return {n: found[f"days_{n}"] for n in asked}


def _halves_until(on: date) -> When_:
    """Half days of a run up to a past day: those of the marks, where the run went on beyond it."""
    marks = Absence.objects.filter(
        student_id=OuterRef("student_id"),
        day__gte=OuterRef("first_day"),
        day__lte=on,
        superseded_at__isnull=True,
        reason__in=DEFAULT_COUNTING.unexcused,
    )
    counted = marks.order_by().values("student_id").annotate(n=Sum(_mark_halves())).values("n")
    return When_(When(last_day__lte=on, then=F("half_days")), default=Coalesce(Subquery(counted), 0))


def _mark_halves() -> When_:
    return When_(When(part=PartOfDay.DAY, then=Value(2)), default=Value(1))


@dataclass(frozen=True, slots=True)
class OftenAbsent:
    """A child's absence in the term, in half days: for whatever reason, and without leave."""

    student_id: int
    halves: int
    unexcused: int


def absent_in_term(ground: Ground, days: int) -> list[OftenAbsent]:
    """Children absent at least so many days of the term for whatever reason, most days first (3 queries).

    A mark is at most a day: whoever has fewer marks than days is left out first, by an index alone (`*`, for the id
    is not in it). Read whole, for counting costs as much.
    """
    marks = Absence.objects.filter(day__gte=ground.first_day, day__lte=ground.on, superseded_at__isnull=True)
    marks = marks.order_by()
    mine = marks
    if ground.at_home:
        mine = marks.filter(student_id__in=Student.objects.filter(lives_there(ground, "")).values("pk"))
    elif not ground.whole:
        mine = marks.filter(student_id__in=Enrolment.objects.filter(_enrolled(ground)).values("student_id"))
    counted = mine.values("student_id").annotate(n=Count("*")).filter(n__gte=days)
    often = set(counted.values_list("student_id", flat=True))
    if not ground.at_home:
        enrolled = Enrolment.objects.filter(_enrolled(ground), student_id__in=often)
        often = set(enrolled.values_list("student_id", flat=True))
    without_leave = Sum(_mark_halves(), filter=Q(reason__in=DEFAULT_COUNTING.unexcused), default=0)
    sums = (
        marks.filter(student_id__in=often)
        .values("student_id")
        .annotate(halves=Sum(_mark_halves()), unexcused=without_leave)
    )
    rows = [OftenAbsent(**row) for row in sums.filter(halves__gte=days * 2)]
    return sorted(rows, key=lambda row: (-row.halves, -row.unexcused, row.student_id))
