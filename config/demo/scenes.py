"""Adds what no tale tells: done duties of units, a child put off, lessons at home, a family, a plan, a category."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from agencies.actions import calendars, unit_duties
from agencies.choices import CalendarKind, DayType, Role
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from agencies.queries.unit_duties import UnitDutyRow, duty_rows
from agencies.rules.unit_state import OVERDUE
from agencies.scope import Actor
from cases.actions.events import NewEvent, record_event
from cases.actions.opening import begin_case
from cases.actions.refresh import with_units
from cases.actions.support_plans import make_plan
from cases.choices import Application, Category, EventKind, MeasureKind
from cases.models import Case
from cases.queries.facts import known_of_cases
from cases.rules.support_plan import Measure, review_after
from config.demo.data import words
from config.demo.days import moment
from config.demo.places import Place
from config.demo.story import Cast
from students.actions.children import NewChild, NewGuardian, create_children
from students.actions.households import join_household
from students.actions.roll import save_roll
from students.actions.visits import record_home_visit
from students.choices import EnrolmentStatus, PartOfDay, Sex
from students.models import Guardian, RollCall, Student
from students.rules.visits import Visit

# Of ten periods that have passed, one is left undone.
UNDONE_ONE_IN = 10
# A child is taught at home once a week; so many weeks are on record.
WEEKS_TAUGHT = 6
# Natural days until the approved time of the child put off runs out: inside the plans' month before.
UNTIL_LAPSE = 20
YOUNGER = timedelta(days=365 * 6 + 200)


@dataclass(frozen=True, slots=True)
class Set:
    """What the scenes are played with: cast, places, under which plan each is played, the county, today, chance."""

    cast: Cast
    places: list[Place]
    plans: dict[str, str]
    county: Unit
    on: date
    chance: random.Random

    def actor(self, role: Role, unit: Unit | None) -> Actor:
        """Whoever holds the role at the unit, else the system."""
        return self.cast.staff.actor(role, unit.pk if unit else None) or self.cast.system

    def place(self, plan: str) -> Place:
        """The township that shows a plan."""
        return next(place for place in self.places if place.plan == plan)

    def open_case(self, plan: str, *kinds: EventKind) -> Case:
        """The newest open case under a plan on which all these are on record and it is still the school's turn."""
        ids = Case.objects.filter(closed_on__isnull=True, policy__key=plan).order_by("-opened_on", "-id")
        cases = with_units(ids.values_list("pk", flat=True))
        known = known_of_cases(cases, self.on)
        fits = [case for case in cases if known[case.pk].standing(self.on).recorded >= set(kinds)]
        return max(fits or cases, key=lambda case: (case.opened_on, case.pk))


def add_scenes(scene: Set) -> None:
    """All of them, each through the actions people use."""
    units_do_their_duties(scene)
    elder = a_child_is_put_off(scene)
    children_are_taught_at_home(scene, but=elder)
    a_class_reports_each_half_day(scene)
    a_plan_is_made(scene)
    a_child_is_helped(scene)
    a_child_is_categorised(scene)


def said(kind: str, **names: str) -> dict[str, Any]:
    """What stands in the words of the demonstration for a form, with the names filled in."""
    return {name: text.format(**names) for name, text in words()[kind].items()}


def units_do_their_duties(scene: Set) -> None:
    """Most periods that have passed were put on record on their last day, by whoever owes them."""
    for row in duty_rows([scene.county.path], scene.on):
        if row.state == OVERDUE and scene.chance.randrange(UNDONE_ONE_IN):
            _done(scene, row)


def _done(scene: Set, row: UnitDutyRow) -> None:
    first, due = row.occurrence.first, row.occurrence.due_on
    day = first + (due - first) * 3 // 4 if row.duty.every != "week" else due - timedelta(days=2)
    by = scene.actor(row.duty.owner_role, row.unit)
    texts = said("unit_duty", name=row.duty.name, proof=row.duty.proof, unit=row.unit.name)
    done = unit_duties.Done(done_on=max(first, min(day, due)), **texts)
    unit_duties.record_unit_duty(
        by=by, unit=row.unit, duty=row.duty.key, period_first=first, done=done, now=moment(scene.on, 9)
    )


def a_child_is_put_off(scene: Set) -> Student:
    """A younger sister, six years old, 缓学 for her health, her time nearly over; one household with her brother."""
    place = scene.place(scene.plans["put_off"])
    village = place.villages[0]
    elder = Student.objects.filter(residence__parent=village, enrolments__school__isnull=False).order_by("id")[0]
    mother = Guardian.objects.filter(student=elder, is_guardian=True).order_by("order")[0]
    secretary, head = scene.actor(Role.VILLAGE_SECRETARY, village), scene.actor(Role.TOWNSHIP_HEAD, place.unit)
    applied, decided = scene.cast.days[2], scene.cast.days[6]
    row = NewChild(
        name=f"{elder.name[:1]}念慈",
        sex=Sex.FEMALE,
        birth_date=scene.on - YOUNGER,
        school_class=None,
        residence=elder.residence,
        residence_address=elder.residence_address,
        guardians=(NewGuardian(mother.name, mother.relation, mother.phone),),
    )
    code, early = scene.county.code, moment(scene.cast.days[0], 8)
    child = create_children(by=scene.cast.system, rows=[row], county_code=code, first_day=applied, now=early)[0]
    join_household(by=secretary, student=elder, other=child, now=moment(applied, 9))
    time_asked = {"application": Application.POSTPONEMENT.value, "from": applied.isoformat()}
    time_asked["until"] = (scene.on + timedelta(days=UNTIL_LAPSE)).isoformat()
    data = said("applied", guardian=mother.name) | time_asked
    event = NewEvent(kind=EventKind.APPLIED, happened_on=applied, data=data, token=f"scene-applied-{child.pk}")
    case = begin_case(by=secretary, student=child, event=event, now=moment(applied, 10))
    decision = said("application_decided", by=f"{place.unit.name} {head.name}") | time_asked
    _record(head, case, EventKind.APPLICATION_DECIDED, decided, decision)
    return elder


def _record(by: Actor, case: Case, kind: EventKind, day: date, data: dict[str, Any], hour: int = 15) -> None:
    event = NewEvent(kind=kind, happened_on=day, data=data, token=f"scene-{kind}-{case.pk}"[:40])
    record_event(by=by, case=with_units([case.pk])[0], event=event, now=moment(day, hour))


def children_are_taught_at_home(scene: Set, but: Student) -> None:
    """Each child of 送教上门 had a visit of two teachers on the Wednesdays of the last weeks."""
    taught = Student.objects.filter(enrolments__status=EnrolmentStatus.HOME_TAUGHT, enrolments__last_day__isnull=True)
    for student in taught.exclude(pk=but.pk).order_by("id"):
        enrolment = student.enrolments.select_related("school", "school_class").get(last_day__isnull=True)
        teacher = scene.actor(Role.HOME_TEACHER, enrolment.school)
        second = scene.actor(Role.CLASS_TEACHER, enrolment.school_class)
        for day in _wednesdays(scene, enrolment.school):
            visit = Visit(
                visited_on=day,
                starts_at=time(14, 0),
                ends_at=time(15, 40),
                lessons=2,
                teacher=teacher.name,
                second_teacher=second.name,
                **said("home_teaching"),
            )
            record_home_visit(by=teacher, student=student, visit=visit, now=_evening(day))


def _evening(day: date) -> datetime:
    return moment(day, 17)


def _wednesdays(scene: Set, unit: Unit) -> list[date]:
    """The last Wednesdays before today on which offices are open."""
    calendar = calendar_of(unit, scene.on)
    last = scene.on - timedelta(days=(scene.on.weekday() - 2) % 7 or 7)
    days = [last - timedelta(weeks=week) for week in range(WEEKS_TAUGHT)]
    return [day for day in reversed(days) if day >= scene.cast.days[0] and calendar.counts(day, DayType.WORKING)]


def a_class_reports_each_half_day(scene: Set) -> None:
    """A class that takes its register in the morning and in the afternoon from the last school day on."""
    place, day = scene.places[0], scene.cast.days[-1]
    taken = set(RollCall.objects.filter(day=day).values_list("school_class_id", flat=True))
    school_class = next(row for row in place.classes if row.pk not in taken)
    principal = scene.actor(Role.PRINCIPAL, Unit.objects.get(pk=school_class.parent_id or 0))
    calendars.add_entry(
        by=principal,
        unit=school_class,
        kind=CalendarKind.HALVES,
        first_day=day,
        last_day=day,
        name="上午、下午分别点名",
        now=moment(day, 7),
    )
    save_roll(
        by=scene.actor(Role.CLASS_TEACHER, school_class),
        school_class=school_class,
        day=day,
        changes=[],
        calendar=calendar_of(school_class, day),
        now=moment(day, 8, 10),
        part=PartOfDay.MORNING,
    )


def a_plan_is_made(scene: Set) -> None:
    """一生一策 with a companion and two measures for a child the school has visited at home."""
    case = scene.open_case(scene.plans["support_plan"], EventKind.HOME_VISIT)
    _plan(scene, case, scene.on, scene.actor(Role.COMPANION, case.school).name)


def _plan(scene: Set, case: Case, made: date, person: str) -> None:
    by = scene.actor(Role.PRINCIPAL, case.school)
    measures = [
        Measure("lessons", MeasureKind.LEARNING, "任课教师每周一、周四放学后各补一课时", person, made),
        Measure("talk", MeasureKind.MIND, "心理教师每周谈话一次", by.name, made, made + timedelta(days=28)),
    ]
    review = review_after(calendar_of(case.school or scene.county, made), made)
    data = said("support_plan", person=person) | {"review_on": review.isoformat()}
    plan = NewEvent(kind=EventKind.SUPPORT_PLAN, happened_on=made, data=data, token=f"scene-plan-{case.pk}")
    where = case.school.name if case.school else ""
    make_plan(by=by, case=case, plan=plan, measures=measures, companion_unit=where, now=moment(made, 11))


def a_child_is_helped(scene: Set) -> None:
    """A child who is 学困 and comes to school every day is helped (帮扶) by the class teacher: no case opens."""
    place, made = scene.place(scene.plans["support_plan"]), scene.cast.days[-3]
    child = (
        Student.objects.filter(enrolments__school_class__in=place.classes, enrolments__last_day__isnull=True)
        .exclude(enrolments__status=EnrolmentStatus.HOME_TAUGHT)
        .exclude(cases__isnull=False)
        .exclude(absences__isnull=False)
        .order_by("id")[0]
    )
    school_class = child.enrolments.select_related("school_class").get(last_day__isnull=True).school_class
    teacher = scene.actor(Role.CLASS_TEACHER, school_class)
    data = said("help_begun", person=teacher.name)
    event = NewEvent(kind=EventKind.HELP_BEGUN, happened_on=made, data=data, token=f"scene-help-{child.pk}")
    case = begin_case(by=teacher, student=child, event=event, now=moment(made, 10))
    _plan(scene, with_units([case.pk])[0], made, teacher.name)


def a_child_is_categorised(scene: Set) -> None:
    """Under the plan that has categories a case is found to be one of its seven."""
    case = scene.open_case(scene.plans["category"], EventKind.HOME_VISIT)
    by = scene.actor(Role.BUREAU_OFFICER, scene.county)
    data = said("category_decided", by=by.name) | {"category": Category.WEARY.value}
    _record(by, case, EventKind.CATEGORY_DECIDED, scene.on, data, 11)
