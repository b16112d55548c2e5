"""Open cases follow a merged or moved unit: the derived owner is the new one, whoever answered for the old is out."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from agencies.actions.mergers import merge_unit, move_unit
from agencies.choices import Permission, Role
from agencies.hooks import all_held
from agencies.models import Unit, User
from cases.actions.events import NewEvent, supersede_event
from cases.actions.opening import begin_case
from cases.actions.refresh import refresh_cases, with_units
from cases.choices import EventKind
from cases.models import Case, DutyRow, Event
from tests import make
from tests.cases.scene import Scene, absent_scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db

NUMBER = "清教〔2026〕12号"
NEXT = make.DAY + timedelta(days=1)


def merge(unit: Unit, into: Unit) -> None:
    merge_unit(by=make.SYSTEM, unit=unit, into=into, on=make.DAY, number=NUMBER, now=make.moment(make.DAY, 9))


def move(unit: Unit, parent: Unit) -> None:
    move_unit(by=make.SYSTEM, unit=unit, parent=parent, on=make.DAY, number=NUMBER, now=make.moment(make.DAY, 9))


def school_beside(place: Scene, township: Unit | None = None) -> Unit:
    return make.school(township or place.township, "石桥小学", code="2199010077")


def sees(user: User, case: Case) -> bool:
    return Case.objects.visible_to(make.actor(user), Permission.VIEW_CASE).filter(pk=case.pk).exists()


def derived(case: Case) -> dict[str, Any]:
    """Who owes what after the case was derived anew."""
    refresh_cases(by=make.SYSTEM, cases=with_units([case.pk]), on=make.DAY, now=make.moment(make.DAY, 10))
    return owners(case)


def owners(case: Case) -> dict[str, Any]:
    return dict(DutyRow.objects.filter(case=case).values_list("step", "owner_unit__name"))


def test_a_school_with_an_open_case_is_merged_and_the_work_goes_on_at_the_new_school() -> None:
    place, case = absent_scene()
    school = school_beside(place)
    registrar, principal = make.person(Role.REGISTRAR, place.school), make.person(Role.PRINCIPAL, school)
    bureau = make.person(Role.BUREAU_OFFICER, place.county)
    assert sees(registrar, case)
    merge(place.school, school)
    case.refresh_from_db()
    assert (case.school, case.school_class) == (school, place.school_class)
    assert [sees(who, case) for who in (principal, place.officer, bureau, place.teacher)] == [True] * 4
    assert not sees(registrar, case)
    assert place.school.name not in owners(case).values()
    assert owners(case) == derived(case)
    with at(NEXT):
        page = text_of(client(principal).get(f"/cases/{case.pk}/"))
        assert f"{place.school.name}自2026-11-11（周三）起并入石桥小学（{NUMBER}）" in page
        assert client(registrar).get(f"/cases/{case.pk}/").status_code == 403
        assert (
            client(place.teacher).get(reverse("students:roll_class", args=[place.school_class.pk])).status_code == 200
        )
    make.roll(Unit.objects.get(pk=place.school_class.pk), NEXT, {case.student: "unexcused"})
    case.refresh_from_db()
    assert case.absent_half_days == 8


def test_a_note_on_each_timeline_says_what_happened_and_starts_no_clock() -> None:
    place, case = absent_scene()
    before = DutyRow.objects.filter(case=case).order_by("step").values_list("step", "state", "due_on")
    stood = list(before)
    merge(place.school, school_beside(place))
    derived(case)
    assert list(before.all()) == stood
    note = Event.objects.get(case=case, kind=EventKind.NOTE)
    assert "并入石桥小学" in note.data["text"]


def test_a_merger_of_villages_hands_the_case_to_the_receiving_village_and_its_township() -> None:
    place, case = absent_scene()
    sister = make.township(place.county, "青山镇")
    hamlet = make.village(sister, "河湾村")
    merge(place.village, hamlet)
    case.refresh_from_db()
    assert (case.village, case.township) == (hamlet, sister)
    assert owners(case) == derived(case)
    assert sees(make.person(Role.VILLAGE_SECRETARY, hamlet), case)
    assert not sees(place.secretary, case)


def test_a_merger_of_townships_takes_every_case_along() -> None:
    place, case = absent_scene()
    sister = make.township(place.county, "青山镇")
    merge(place.township, sister)
    case.refresh_from_db()
    assert (case.township, case.village, case.school) == (sister, place.village, place.school)
    assert owners(case) == derived(case)
    assert sees(make.person(Role.TOWNSHIP_OFFICER, sister), case)
    assert not sees(place.officer, case)


def test_the_township_of_a_pupil_with_a_home_stays_that_of_the_home() -> None:
    place, case = absent_scene()
    merge(place.school, school_beside(place, make.township(place.county, "青山镇")))
    case.refresh_from_db()
    assert case.township == place.township


def test_a_class_put_under_another_school_brings_its_cases() -> None:
    place, case = absent_scene()
    school = school_beside(place)
    move(place.school_class, school)
    case.refresh_from_db()
    assert (case.school, case.school_class) == (school, place.school_class)
    assert owners(case) == derived(case)


def test_a_grid_put_under_another_village_brings_its_cases() -> None:
    place, _ = absent_scene()
    grid, hamlet = make.unit("grid", "第一网格", place.village), make.village(place.township, "河湾村")
    (case,) = place.absent(make.child(place.school_class, residence=grid), days=[make.DAY])
    move(grid, hamlet)
    case.refresh_from_db()
    assert case.village == hamlet


def test_a_closed_case_keeps_the_school_it_had() -> None:
    place, case = absent_scene()
    Case.objects.filter(pk=case.pk).update(closed_on=make.DAY, outcome="returned")
    school = school_beside(place)
    merge(place.school, school)
    case.refresh_from_db()
    assert case.school == place.school
    assert sees(make.person(Role.PRINCIPAL, school), case)


def test_a_case_whose_closing_is_taken_back_is_owed_by_the_units_of_today() -> None:
    place, case = absent_scene()
    closing = Event.objects.create(
        case=case,
        kind=EventKind.CLOSED,
        happened_on=make.DAY,
        recorded_at=make.moment(make.DAY),
        data={"outcome": "returned"},
    )
    Case.objects.filter(pk=case.pk).update(closed_on=make.DAY, outcome="returned")
    school, sister = school_beside(place), make.township(place.county, "青山镇")
    merge(place.school, school)
    move(place.village, sister)
    supersede_event(by=make.SYSTEM, event=closing, why="销错了", now=make.moment(make.DAY, 11))
    case.refresh_from_db()
    assert (case.school, case.school_class) == (school, place.school_class)
    assert (case.village, case.township) == (place.village, sister)
    assert not {place.school.name, place.township.name} & set(owners(case).values())


def test_a_case_follows_the_calendar_of_its_school_wherever_its_home_is() -> None:
    place, case = absent_scene()
    far = make.township(place.county, "远山镇")
    Case.objects.filter(pk=case.pk).update(township=far, village=None, changes_on=None)
    merge(place.township, make.township(place.county, "青山镇"))
    case.refresh_from_db()
    assert case.changes_on == make.DAY


def test_a_case_of_the_receiving_grid_is_told_nothing_of_the_merger() -> None:
    place = scene()
    first, second = make.unit("grid", "第一网格", place.village), make.unit("grid", "第二网格", place.village)
    children = [make.child(place.school_class, residence=grid) for grid in (first, second)]
    moved, stayed = place.absent(*children)
    merge(first, second)
    assert Event.objects.filter(case=moved, kind=EventKind.NOTE).exists()
    assert not Event.objects.filter(case=stayed, kind=EventKind.NOTE).exists()


def test_a_school_of_the_county_merged_into_one_of_a_township_gets_that_township() -> None:
    place = scene()
    make.plan(place.county)
    school = make.school(place.county, "实验小学", code="2199010088")
    child = make.child(make.school_class(school), residence=None)
    case = begin_case(
        by=make.SYSTEM,
        student=child,
        event=NewEvent(EventKind.FLAGGED, make.DAY, {"why": "厌学"}),
        now=make.moment(make.DAY),
    )
    assert case.township is None
    merge(school, place.school)
    case.refresh_from_db()
    assert case.township == place.township


def test_the_preview_counts_what_goes_along_and_what_stays() -> None:
    place, _ = absent_scene()
    found = {held.label: held.count for held in all_held(place.school)}
    assert found["在读学生（名）"] == 1
    assert found["未销号的个案（件）"] == 1
    at_home = {held.label: held.count for held in all_held(place.village)}
    assert at_home["居住或户籍在此的儿童（名）"] == 1


def test_the_page_says_which_cases_an_outgoing_person_holds_himself() -> None:
    place, case = absent_scene()
    school = school_beside(place)
    principal, admin = (
        make.person(Role.PRINCIPAL, place.school, "李校长"),
        make.person(Role.SYSTEM_ADMIN, place.county),
    )
    Case.objects.filter(pk=case.pk).update(person=principal)
    with at():
        data = {"to": school.pk, "on": make.DAY.isoformat(), "number": NUMBER}
        page = text_of(client(admin).post(reverse("agencies:unit_merge", args=[place.school.pk]), data))
    assert "校长 李校长（账号保留，可另行任命）；另有任责任人的在办个案 1 件，请另行移交" in page
