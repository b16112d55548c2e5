"""Children follow a merged or moved unit: the past keeps the old school, whoever saw them sees them on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.actions.mergers import merge_unit, move_unit
from agencies.choices import Permission, Role
from agencies.models import Unit
from students.actions.proofs import withdraw_proof
from students.actions.sight import rebuild_sight
from students.actions.standing import send_away, take_back_standing
from students.choices import EnrolmentStatus, HomeFact, ProofKind, SightWhy
from students.models import Absence, Enrolment, HomeChange, Proof, RollCall, Sight, Spell, Student
from students.queries.roll import roll_facts_of
from tests import make
from tests.agencies.people import Places, places

pytestmark = pytest.mark.django_db

NUMBER = "清教〔2026〕12号"
BEFORE = make.DAY - timedelta(days=1)
NEXT = make.DAY + timedelta(days=1)


@pytest.fixture
def here() -> Places:
    return places()


def merge(unit: Unit, into: Unit) -> None:
    merge_unit(by=make.SYSTEM, unit=unit, into=into, on=make.DAY, number=NUMBER, now=make.moment(make.DAY, 9))


def move(unit: Unit, parent: Unit) -> None:
    move_unit(by=make.SYSTEM, unit=unit, parent=parent, on=make.DAY, number=NUMBER, now=make.moment(make.DAY, 9))


def spans(child: Student) -> list[tuple[str, str, object]]:
    rows = Enrolment.objects.filter(student=child).order_by("first_day")
    return [(row.school.name, row.school_class.name, row.last_day) for row in rows]


def sight(child: Student) -> set[tuple[int, str]]:
    return set(Sight.objects.filter(student=child).values_list("unit_id", "why"))


def sees(role: Role, at: Unit, child: Student) -> bool:
    who = make.actor(make.person(role, at))
    return Student.objects.visible_to(who, Permission.VIEW_CHILD).filter(pk=child.pk).exists()


def test_the_books_say_the_old_school_until_the_day_before(here: Places) -> None:
    child = make.child(here.school_class)
    merge(here.school, here.sister_school)
    assert spans(child) == [("云溪中心学校", "五（1）班", BEFORE), ("青山小学", "五（1）班", None)]
    now = Enrolment.objects.get(student=child, last_day__isnull=True)
    assert (now.first_day, now.proof, now.status) == (make.DAY, NUMBER, EnrolmentStatus.IN_SCHOOL)


def test_a_child_enrolled_on_that_very_day_has_no_empty_span(here: Places) -> None:
    child = make.child(here.school_class, first_day=make.DAY)
    merge(here.school, here.sister_school)
    assert spans(child) == [("青山小学", "五（1）班", None)]


def test_the_children_of_a_class_go_into_the_receiving_class(here: Places) -> None:
    child, second = make.child(here.school_class), make.school_class(here.school, "五（2）班")
    merge(here.school_class, second)
    assert spans(child) == [("云溪中心学校", "五（1）班", BEFORE), ("云溪中心学校", "五（2）班", None)]


def test_a_run_of_absence_goes_on_and_the_roll_is_taken_at_the_new_school(here: Places) -> None:
    child = make.child(here.school_class)
    make.rolls(here.school_class, [BEFORE, make.DAY], {child: "unexcused"})
    merge(here.school, here.sister_school)
    moved = Unit.objects.get(pk=here.school_class.pk)
    make.roll(moved, NEXT, {child: "unexcused"})
    assert RollCall.objects.get(day=NEXT).school == here.sister_school
    assert set(roll_facts_of([child.pk], BEFORE)[child.pk].taken) == {BEFORE, make.DAY, NEXT}
    assert Absence.objects.filter(student=child, superseded_at__isnull=True).count() == 3
    (run,) = Spell.objects.filter(student=child)
    assert (run.first_day, run.last_day, run.school) == (BEFORE, NEXT, here.sister_school)


def test_whoever_saw_through_the_old_school_sees_as_the_new_one(here: Places) -> None:
    child, left = make.child(here.school_class), make.child(here.school_class)
    Sight.objects.filter(student=left, unit__in=[here.school, here.school_class]).update(why=SightWhy.FORMER)
    merge(here.school, here.sister_school)
    assert sees(Role.PRINCIPAL, here.sister_school, child)
    assert sees(Role.PRINCIPAL, here.sister_school, left)
    assert sees(Role.TOWNSHIP_OFFICER, here.sister, child)
    assert sees(Role.CLASS_TEACHER, here.school_class, child)
    assert not sees(Role.REGISTRAR, here.school, child)
    assert not Sight.objects.filter(unit=here.school).exists()


def test_the_township_that_loses_a_school_keeps_reading_what_it_saw(here: Places) -> None:
    child = make.child(here.school_class)
    merge(here.school, here.sister_school)
    row = Sight.objects.get(student=child, unit=here.township)
    assert (row.why, row.may_write) == (SightWhy.FORMER, False)


@pytest.mark.parametrize("kind", ["school", "township", "village", "class", "moved class", "moved village"])
def test_sight_is_what_a_rebuild_would_make_of_it(here: Places, kind: str) -> None:
    second = make.school_class(here.school, "五（2）班")
    hamlet = make.village(here.sister, "河湾村")
    children = [
        make.child(here.school_class, residence=here.grid),
        make.child(second, residence=here.village, hukou=hamlet),
        make.child(None, residence=hamlet, hukou=here.village),
    ]
    acts: dict[str, Callable[[], None]] = {
        "school": lambda: merge(here.school, here.sister_school),
        "township": lambda: merge(here.township, here.sister),
        "village": lambda: merge(here.village, hamlet),
        "class": lambda: merge(here.school_class, second),
        "moved class": lambda: move(here.school_class, here.sister_school),
        "moved village": lambda: move(here.village, here.sister),
    }
    acts[kind]()
    found = [sight(child) for child in children]
    rebuild_sight(by=make.SYSTEM, students=Student.objects.filter(pk__in=[child.pk for child in children]))
    assert found == [sight(child) for child in children]


def test_children_of_a_merged_village_live_in_the_receiving_one_and_the_home_says_so(here: Places) -> None:
    hamlet = make.village(here.township, "河湾村")
    child = make.child(here.school_class, residence=here.village, hukou=here.village)
    in_grid = make.child(here.school_class, residence=here.grid)
    merge(here.village, hamlet)
    child.refresh_from_db()
    assert (child.residence, child.hukou) == (hamlet, hamlet)
    in_grid.refresh_from_db()
    assert in_grid.residence == here.grid
    note = HomeChange.objects.get(student=child)
    assert note.fact == HomeFact.MOVED
    assert "柳树村自2026-11-11（周三）起并入河湾村" in note.why
    assert sees(Role.VILLAGE_SECRETARY, hamlet, in_grid)


def test_a_class_put_under_another_school_takes_its_children_along(here: Places) -> None:
    child = make.child(here.school_class)
    move(here.school_class, here.sister_school)
    assert spans(child) == [("云溪中心学校", "五（1）班", BEFORE), ("青山小学", "五（1）班", None)]
    assert sees(Role.REGISTRAR, here.sister_school, child)


def test_a_standing_begun_before_is_taken_back_whole(here: Places) -> None:
    child = make.child(here.school_class)
    send_away(
        by=make.SYSTEM,
        student=child,
        status=EnrolmentStatus.SUSPENDED,
        first=BEFORE - timedelta(days=7),
        until=None,
        proof="休学证明",
        begun_by="event/17",
        now=make.moment(BEFORE),
    )
    merge(here.school, here.sister_school)
    assert take_back_standing(by=make.SYSTEM, student=child, begun_by="event/17", now=make.moment(make.DAY, 10))
    assert spans(child) == [("云溪中心学校", "五（1）班", BEFORE), ("青山小学", "五（1）班", None)]
    statuses = Enrolment.objects.filter(student=child).values_list("status", flat=True)
    assert set(statuses) == {EnrolmentStatus.IN_SCHOOL}


def test_a_standing_begun_on_the_very_day_is_taken_back_at_the_new_school(here: Places) -> None:
    child = make.child(here.school_class)
    send_away(
        by=make.SYSTEM,
        student=child,
        status=EnrolmentStatus.SUSPENDED,
        first=make.DAY,
        until=None,
        proof="休学证明",
        begun_by="event/17",
        now=make.moment(make.DAY, 8),
    )
    merge(here.school, here.sister_school)
    assert take_back_standing(by=make.SYSTEM, student=child, begun_by="event/17", now=make.moment(make.DAY, 10))
    assert spans(child) == [("云溪中心学校", "五（1）班", BEFORE), ("青山小学", "五（1）班", None)]
    assert Enrolment.objects.get(student=child, last_day__isnull=True).status == EnrolmentStatus.IN_SCHOOL
    assert sees(Role.PRINCIPAL, here.sister_school, child)


def test_the_receiving_school_withdraws_a_proof_the_closed_one_gave(here: Places) -> None:
    child = make.child(here.school_class)
    proof = Proof.objects.create(
        student=child, kind=ProofKind.PHOTO, size=1, unit=here.school, recorded_at=make.moment(BEFORE)
    )
    merge(here.school, here.sister_school)
    taker = make.actor(make.person(Role.REGISTRAR, here.sister_school))
    withdraw_proof(by=taker, proof=Proof.objects.get(pk=proof.pk), why="传错了学生", now=make.moment(make.DAY, 10))
    assert Proof.objects.get(pk=proof.pk).withdrawn_by == taker.name


def test_a_merger_costs_the_same_for_one_and_for_three_children(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    other = make.school(here.township, "第三小学", code="2199010003")
    for school_class in (here.school_class, *[make.school_class(other, "六（1）班", 6)] * 3):
        make.child(school_class)
    with CaptureQueriesContext(connection) as one:
        merge(here.school, here.sister_school)
    with django_assert_num_queries(len(one)):
        merge(other, here.sister_school)
