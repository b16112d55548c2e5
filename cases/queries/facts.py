"""Gather what the ladder needs for many children at once: plan, calendar, roll, events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import FilteredRelation, QuerySet

from agencies.choices import UnitKind
from agencies.models import PolicyVersion, Unit
from agencies.queries.calendars import calendars_of
from agencies.queries.kept import KeptQuery
from agencies.queries.policies import policy_of
from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_dates import asks_age, asks_event
from agencies.rules.policy_schema import Policy
from agencies.scope import current
from cases.choices import EventKind
from cases.models import Case, Event
from cases.rules import facts
from cases.rules.ladder import evaluate
from cases.rules.standing import Standing
from students.models import Enrolment, HomeVisit, Student
from students.queries.roll import roll_facts_of
from students.rules.attendance import RollFacts

# The roll is read from this many days before today; a case older than that is read from its opening.
DAYS_BACK = 240
# A run that opened a case began at most this long before the opening.
RUN_BEFORE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the ladder is asked with for one child."""

    policy: Policy
    calendar: Calendar
    roll: RollFacts
    events: tuple[facts.Event, ...]
    since: date | None = None
    born_on: date | None = None

    def standing(self, on: date, known_at: datetime | None = None) -> Standing:
        """How the child stands on a day."""
        return evaluate(
            self.policy, self.calendar, self.roll, self.events, on, known_at, since=self.since, born_on=self.born_on
        )


@dataclass(frozen=True, slots=True)
class ChildPlace:
    """Where a child without a case belongs: its class, and the units of the government line."""

    student_id: int
    school_class: Unit | None
    school: Unit | None
    village: Unit | None
    township: Unit | None
    version: PolicyVersion | None


def as_fact(row: Event) -> facts.Event:
    """A stored event as the rules see it."""
    return facts.Event(
        id=row.pk,
        kind=EventKind(row.kind),
        happened_on=row.happened_on,
        recorded_at=row.recorded_at,
        data=row.data,
        superseded_at=row.superseded_at,
        step=row.step or None,
    )


@KeptQuery
def _standing_events(case_ids: list[int]) -> QuerySet[Event]:
    return Event.objects.filter(case_id__in=case_ids, superseded_at__isnull=True).order_by("happened_on", "id")


def events_of(case_ids: Iterable[int], *, history: bool = False) -> dict[int, tuple[facts.Event, ...]]:
    """Events of cases as facts (1 query); with `history` the superseded ones too."""
    ids = list(case_ids)
    found: dict[int, list[facts.Event]] = {pk: [] for pk in ids}
    every = Event.objects.filter(case_id__in=ids).order_by("happened_on", "id")
    for row in every if history else _standing_events(case_ids=ids):
        found[row.case_id].append(as_fact(row))
    return {pk: tuple(rows) for pk, rows in found.items()}


def teaching_of(student_ids: set[int]) -> dict[int, tuple[facts.Event, ...]]:
    """Visits of 送教上门 as events, by child (1 query, none for nobody); their ids are negative."""
    if not student_ids:
        return {}
    found: dict[int, list[facts.Event]] = {}
    for row in HomeVisit.objects.filter(student_id__in=student_ids, superseded_at__isnull=True):
        teachers = "、".join(name for name in (row.teacher, row.second_teacher) if name)
        data = {"teachers": teachers, "lessons": row.lessons}
        visit = facts.Event(-row.pk, EventKind.HOME_TEACHING, row.visited_on, row.recorded_at, data)
        found.setdefault(row.student_id, []).append(visit)
    return {pk: tuple(rows) for pk, rows in found.items()}


@KeptQuery
def _births(student_ids: list[int]) -> QuerySet[Student, tuple[int, date | None]]:
    return Student.objects.filter(pk__in=student_ids, birth_date__isnull=False).values_list("pk", "birth_date")


def births_of(student_ids: set[int]) -> dict[int, date]:
    """Birth dates of these children (1 query, none for nobody)."""
    return {pk: day for pk, day in _births(student_ids=sorted(student_ids)) if day}


@KeptQuery
def _ended(student_ids: list[int]) -> QuerySet[Case, tuple[int, date | None]]:
    closed = Case.objects.counted().filter(student_id__in=student_ids, closed_on__isnull=False)
    return closed.order_by("closed_on").values_list("student_id", "closed_on")


def _closed_days(student_ids: Iterable[int]) -> dict[int, date]:
    """The day on which the last closed case of each child ended (1 query); help that ended (帮扶结束) was none."""
    return {pk: day for pk, day in _ended(student_ids=sorted(student_ids)) if day}


def known_of_cases(
    cases: Iterable[Case],
    on: date,
    *,
    history: bool = False,
    events: Mapping[int, tuple[facts.Event, ...]] | None = None,
) -> dict[int, Known]:
    """What is known of each case, by case id (6 queries for any number, 5 where `events` are at hand).

    The cases must have `policy` and their units at hand (select_related). With `history` what was superseded is
    there too, for “as known on day D”.
    """
    rows = list(cases)
    if not rows:
        return {}
    since = min((*(case.opened_on - RUN_BEFORE for case in rows), on - timedelta(days=DAYS_BACK)))
    rolls = roll_facts_of({case.student_id for case in rows}, since, history=history)
    if events is None:
        events = events_of([case.pk for case in rows], history=history)
    units = {case.pk: case.school_class or case.village or case.township for case in rows}
    calendars = calendars_of({unit.pk: unit for unit in units.values() if unit}.values(), on)
    ended = _closed_days({case.student_id for case in rows})
    asking = {case.student_id for case in rows if asks_event(policy_of(case.policy), EventKind.HOME_TEACHING)}
    taught = teaching_of(asking)
    births = births_of({case.student_id for case in rows if asks_age(policy_of(case.policy))})
    return {
        case.pk: Known(
            policy=policy_of(case.policy),
            calendar=calendars[unit.pk] if (unit := units[case.pk]) else Calendar(()),
            roll=rolls[case.student_id],
            events=(*events[case.pk], *taught.get(case.student_id, ())),
            since=_since(case, ended),
            born_on=births.get(case.student_id),
        )
        for case in rows
    }


def _since(case: Case, ended: dict[int, date]) -> date | None:
    before = ended.get(case.student_id)
    return since_after(before if before and before <= case.opened_on else None)


def since_after(ended: date | None) -> date | None:
    """The first day whose roll counts for a case: the day after the one before it ended."""
    return ended + ONE_DAY if ended else None


def ids_of(path: str) -> list[int]:
    """Ids of the units on a path, from the root down; none for an empty one."""
    return [int(segment) for segment in path.split("/") if segment]


def _up(path: str, kind: UnitKind, units: Mapping[int, Unit]) -> Unit | None:
    return next((units[pk] for pk in reversed(ids_of(path)) if pk in units and units[pk].kind == kind), None)


@KeptQuery
def _with_plans(ids: list[int], on: date) -> QuerySet[Unit]:
    return (
        Unit.objects.filter(pk__in=ids)
        .annotate(adopted=FilteredRelation("adoptions", condition=current(on, "adoptions__")))
        .select_related("adopted__version")  # type: ignore[misc] # the stubs know no FilteredRelation here
        .defer("adopted__version__content")
    )


def _units_and_plans(ids: set[int], on: date) -> tuple[dict[int, Unit], dict[int, PolicyVersion]]:
    """Units by id, and the version each of them has adopted (1 query)."""
    units = {row.pk: row for row in _with_plans(ids=sorted(ids), on=on)}
    adopted = {pk: getattr(row, "adopted", None) for pk, row in units.items()}
    return units, {pk: row.version for pk, row in adopted.items() if row}


def _home_paths(student_ids: list[int]) -> dict[int, str]:
    rows = Student.objects.filter(pk__in=student_ids).values_list("pk", "residence__path", "hukou__path")
    return {pk: residence or hukou or "" for pk, residence, hukou in rows}


def places_of(
    student_ids: Iterable[int],
    on: date,
    *,
    homes: Mapping[int, str] | None = None,
    school_class: Unit | None = None,
) -> dict[int, ChildPlace]:
    """Class, village, township and governing plan of children (1 query, 3 where homes and class are not given).

    School steps follow the school path, village and township steps residence, else 户籍, else the school's township;
    the plan is that of the lowest adopting unit on the school path while enrolled, else on residence.
    """
    ids = list(student_ids)
    if homes is None:
        homes = _home_paths(ids)
    if school_class is None:
        enrolments = Enrolment.objects.filter(student_id__in=ids, last_day__isnull=True)
        classes = {row.student_id: row.school_class for row in enrolments.select_related("school_class")}
    else:
        classes = dict.fromkeys(ids, school_class)
    paths = {homes[pk] for pk in ids} | {unit.path for unit in classes.values()}
    units, plans = _units_and_plans({pk for path in paths for pk in ids_of(path)}, on)
    return {pk: place_among(pk, classes.get(pk), homes[pk], units, plans) for pk in ids}


def place_among(
    pk: int, school_class: Unit | None, home: str, units: Mapping[int, Unit], plans: Mapping[int, PolicyVersion]
) -> ChildPlace:
    """Where a child of this class and home belongs, by the units on both paths and the versions they run."""
    line = school_class.path if school_class else home
    return ChildPlace(
        student_id=pk,
        school_class=units.get(school_class.pk) if school_class else None,
        school=units.get(school_class.parent_id or 0) if school_class else None,
        village=_up(home, UnitKind.VILLAGE, units),
        township=_up(home, UnitKind.TOWNSHIP, units) or _up(line, UnitKind.TOWNSHIP, units),
        version=next((plans[unit] for unit in reversed(ids_of(line)) if unit in plans), None),
    )


def known_of_children(places: Iterable[ChildPlace], on: date) -> dict[int, Known]:
    """What is known of children without an open case, by student id; those without a plan are left out."""
    rows = [place for place in places if place.version]
    if not rows:
        return {}
    ids = [place.student_id for place in rows]
    rolls = roll_facts_of(ids, on - timedelta(days=DAYS_BACK))
    calendars = calendars_of(
        {unit.pk: unit for place in rows if (unit := place.school_class or place.village)}.values(), on
    )
    ended = _closed_days(ids)
    return {
        place.student_id: Known(
            policy=policy_of(place.version),
            calendar=calendars[unit.pk] if (unit := place.school_class or place.village) else Calendar(()),
            roll=rolls[place.student_id],
            events=(),
            since=since_after(ended.get(place.student_id)),
        )
        for place in rows
        if place.version
    }
