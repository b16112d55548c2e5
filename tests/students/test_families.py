"""The family is corrected by whoever may: what stood before stays, numbers stay covered, the village moves a child."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from agencies.choices import Role
from agencies.fields import blind_index
from agencies.models import AuditRow
from agencies.scope import Actor
from students.actions.children import NewGuardian
from students.actions.families import add_guardian, change_guardian, change_residence, end_guardian
from students.models import Guardian, HomeChange, Sight, Student
from tests import make
from tests.students.pages import House, house

pytestmark = pytest.mark.django_db
NOW = make.moment(make.DAY)


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def child(place: House) -> Student:
    return make.child(place.school_class, residence=place.village)


def holder(role: Role, at: Any) -> Actor:
    return make.actor(make.person(role, at))


def test_a_corrected_number_keeps_the_old_one_with_reason_and_author(place: House, child: Student) -> None:
    teacher, mother = holder(Role.CLASS_TEACHER, place.school_class), child.guardians.get()
    changed = change_guardian(by=teacher, guardian=mother, values={"phone": "13900009999"}, why="换号", now=NOW)
    mother.refresh_from_db()
    assert (changed, mother.phone, mother.phone_index) == (["phone"], "13900009999", blind_index("13900009999"))
    row = HomeChange.objects.get()
    assert (json.loads(row.before), row.why, row.recorded_by) == ({"phone": "13800000000"}, "换号", teacher.name)
    audit = AuditRow.objects.get(verb="child_changed")
    assert (audit.child_number, audit.detail["fields"]) == (child.number, ["phone"])
    assert "139" not in str(audit.detail)
    assert "138" not in str(audit.detail)


def test_the_same_value_again_writes_nothing(place: House, child: Student) -> None:
    teacher, mother = holder(Role.CLASS_TEACHER, place.school_class), child.guardians.get()
    assert change_guardian(by=teacher, guardian=mother, values={"phone": mother.phone}, why="换号", now=NOW) == []
    assert not HomeChange.objects.exists()


@pytest.mark.parametrize(
    ("role", "able"),
    [
        (Role.CLASS_TEACHER, {"phone"}),
        (Role.VILLAGE_SECRETARY, {"phone", "lives_away"}),
        (Role.REGISTRAR, {"phone", "lives_away", "name"}),
        (Role.TOWNSHIP_OFFICER, set()),
        (Role.HOME_TEACHER, set()),
    ],
)
def test_each_post_changes_what_it_carries(place: House, child: Student, role: Role, able: set[str]) -> None:
    at = {
        Role.CLASS_TEACHER: place.school_class,
        Role.VILLAGE_SECRETARY: place.village,
        Role.TOWNSHIP_OFFICER: place.township,
    }.get(role, place.school)
    by, mother = holder(role, at), child.guardians.get()
    done = set()
    for name, value in {"phone": "13900001111", "lives_away": True, "name": "周大妈"}.items():
        try:
            change_guardian(by=by, guardian=mother, values={name: value}, why="核实", now=NOW)
        except PermissionDenied:
            continue
        done.add(name)
    assert done == able


def test_a_member_is_added_and_taken_out_but_never_the_last_guardian(place: House, child: Student) -> None:
    registrar, mother = holder(Role.REGISTRAR, place.school), child.guardians.get()
    with pytest.raises(ValueError, match="唯一的法定监护人"):
        end_guardian(by=registrar, guardian=mother, why="已故", now=NOW)
    new = NewGuardian(name="周父", relation="父亲", phone="13900002222", lives_away=True, away_place="东莞市")
    father = add_guardian(by=registrar, student=child, guardian=new, now=NOW)
    assert (father.order, father.care.label, father.away_place) == (2, "法定监护人", "东莞市")
    with pytest.raises(ValueError, match="已有“周父”"):
        add_guardian(by=registrar, student=child, guardian=new, now=NOW)
    for _ in range(2):
        end_guardian(by=registrar, guardian=mother, why="已故", now=NOW)
    assert Guardian.objects.get(pk=mother.pk).ended_on == make.DAY
    assert list(HomeChange.objects.values_list("fact", flat=True)) == ["ended", "added"]
    with pytest.raises(ValueError, match="已移出"):
        change_guardian(by=registrar, guardian=mother, values={"phone": ""}, why="换号", now=NOW)


def test_the_village_says_where_the_child_lives_and_sight_moves(place: House, child: Student) -> None:
    next_village = make.village(place.township, "桃花村")
    secretary = holder(Role.VILLAGE_SECRETARY, place.village)
    values = {"residence_id": next_village.pk, "residence_address": "桃花村1组"}
    assert change_residence(by=secretary, student=child, values=values, why="搬家", now=NOW) == list(values)
    child.refresh_from_db()
    assert child.residence == next_village
    assert Sight.objects.filter(student=child, unit=next_village, may_write=True).exists()
    assert Sight.objects.get(student=child, unit=place.village).may_write is False
    with pytest.raises(PermissionDenied):
        change_residence(by=secretary, student=child, values={"residence_address": "别处"}, why="搬家", now=NOW)
    stood = json.loads(HomeChange.objects.get().before)
    assert stood == {"residence_id": place.village.pk, "residence_address": ""}
