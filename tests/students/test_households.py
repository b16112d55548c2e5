"""Which children share a home: joined by the guardian's document, proposed by name and phone, decided by people."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from agencies.choices import Role
from agencies.models import AuditRow
from agencies.scope import Actor
from students.actions.children import NewGuardian
from students.actions.households import join_household, leave_household, part_household
from students.models import Apart, HomeChange, Household, HouseholdMember, Student
from students.queries.homes import home_of, siblings_of
from students.rules.households import BY_DOCUMENT, BY_NAME, Kin, families, proposals
from tests import make
from tests.students.pages import House, house

pytestmark = pytest.mark.django_db
FATHER_CARD = "110105198001010016"
NOW = make.moment(make.DAY)


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def registrar(place: House) -> Actor:
    return make.actor(make.person(Role.REGISTRAR, place.school))


def father(card: str = "", phone: str = "13900000001", **fields: object) -> tuple[NewGuardian, ...]:
    kind = "resident_card" if card else ""
    row = NewGuardian(name="林大山", relation="父亲", phone=phone, document_kind=kind, document_number=card)
    return (NewGuardian(**{**{name: getattr(row, name) for name in row.__slots__}, **fields}),)  # type: ignore[arg-type]


def in_home(student: Student) -> int | None:
    row = HouseholdMember.objects.filter(student=student, last_day__isnull=True).first()
    return row.household_id if row else None


def test_the_same_document_joins_and_the_name_alone_proposes() -> None:
    own = [Kin(1, "林大山", document="d", phone="p", residence_id=7)]
    others = [
        Kin(2, "林大山", document="d"),
        Kin(3, "林大山", phone="p", residence_id=7),
        Kin(4, "林大山", phone="p", residence_id=8),
        Kin(5, "林大山", residence_id=7),
        Kin(6, "别人", phone="p", residence_id=7),
    ]
    assert proposals(own, others) == {2: BY_DOCUMENT, 3: BY_NAME}


def test_only_legal_guardians_join_children_and_a_number_typed_for_a_class_joins_nobody() -> None:
    rows = [Kin(1, "父", document="a"), Kin(2, "父", document="a"), Kin(3, "祖父", document="a", is_guardian=False)]
    assert families(rows) == [frozenset({1, 2})]
    chain = [
        Kin(1, "父", document="a"),
        Kin(2, "父", document="a"),
        Kin(2, "母", document="b"),
        Kin(3, "母", document="b"),
    ]
    assert families(chain) == [frozenset({1, 2, 3})]
    assert families(Kin(pk, "老师", document="x") for pk in range(1, 9)) == []


def test_children_written_with_the_same_guardians_document_are_one_household(place: House) -> None:
    elder = make.child(place.school_class, "林小一", residence=place.village, guardians=father(FATHER_CARD))
    assert in_home(elder) is None
    younger = make.child(place.school_class, "林小二", residence=place.village, guardians=father(FATHER_CARD, ""))
    assert in_home(elder) == in_home(younger) is not None
    home = Household.objects.get()
    assert (home.head_name, home.unit) == ("林大山", place.village)
    third = make.child(place.school_class, "林小三", guardians=father(FATHER_CARD))
    assert in_home(third) == home.pk


@pytest.mark.parametrize("card", ["", "无", "110105198001010017"])
def test_no_document_or_a_wrong_one_joins_nobody(place: House, card: str) -> None:
    for name in ("林小一", "林小二"):
        make.child(place.school_class, name, residence=place.village, guardians=father(card))
    assert not Household.objects.exists()


def test_a_likely_sibling_is_proposed_until_somebody_answers(place: House, registrar: Actor) -> None:
    one = make.child(place.school_class, "林小一", residence=place.village, guardians=father())
    two = make.child(place.school_class, "林小二", residence=place.village, guardians=father())
    far = make.child(place.school_class, "林小远", guardians=father())

    def proposed(student: Student) -> list[Student]:
        people = list(student.guardians.all())
        return [other for other, _ in home_of(registrar, Student.objects.get(pk=student.pk), people).proposed]

    assert proposed(one) == [two]
    assert proposed(far) == []
    part_household(by=registrar, student=one, other=two, now=NOW)
    part_household(by=registrar, student=two, other=one, now=NOW)
    assert (proposed(one), proposed(two), Apart.objects.count()) == ([], [], 1)
    join_household(by=registrar, student=two, other=one, now=NOW)
    assert (in_home(one), Apart.objects.count()) == (in_home(two), 0)
    assert proposed(one) == []


def test_two_households_become_one_and_a_second_tap_changes_nothing(place: House, registrar: Actor) -> None:
    names = ("林小一", "林小二", "林小三", "林小四")
    one, two, three, four = (make.child(place.school_class, name, guardians=father()) for name in names)
    join_household(by=registrar, student=one, other=two, now=NOW)
    join_household(by=registrar, student=three, other=four, now=NOW)
    for _ in range(2):
        join_household(by=registrar, student=one, other=three, now=NOW)
    assert len({in_home(child) for child in (one, two, three, four)}) == 1
    assert HouseholdMember.objects.filter(last_day__isnull=True).count() == 4
    assert HomeChange.objects.filter(student=one, fact="joined").count() == 2
    assert AuditRow.objects.filter(child_number=one.number, verb="child_changed").count() == 2


def test_who_leaves_a_household_stands_alone_and_is_not_proposed_again(place: House, registrar: Actor) -> None:
    one, two = (make.child(place.school_class, name, residence=place.village, guardians=father()) for name in "甲乙")
    join_household(by=registrar, student=one, other=two, now=NOW)
    leave_household(by=registrar, student=one, why="已分家", now=NOW)
    assert (in_home(one), in_home(two) is not None) == (None, True)
    assert home_of(registrar, one, list(one.guardians.all())).proposed == []
    assert HouseholdMember.objects.get(student=one).last_day == make.DAY


def test_brothers_and_sisters_show_only_to_who_may_see_them(place: House, registrar: Actor) -> None:
    here = make.child(place.school_class, "林小一", residence=place.village, guardians=father(FATHER_CARD))
    there = make.child(place.other_class, "林小二", guardians=father(FATHER_CARD))
    assert in_home(here) == in_home(there)
    assert siblings_of(registrar, here.pk) == []
    officer = make.actor(make.person(Role.BUREAU_OFFICER, place.county))
    assert [hit.student for hit in siblings_of(officer, here.pk)] == [there]


def test_a_class_teacher_or_a_stranger_joins_nobody(place: House) -> None:
    one, two = (make.child(place.school_class, name, residence=place.village) for name in "甲乙")
    for role, at in ((Role.CLASS_TEACHER, place.school_class), (Role.REGISTRAR, place.other_school)):
        with pytest.raises(PermissionDenied):
            join_household(by=make.actor(make.person(role, at)), student=one, other=two, now=NOW)
    secretary = make.actor(make.person(Role.VILLAGE_SECRETARY, place.village))
    assert join_household(by=secretary, student=one, other=two, now=NOW).head_name == "周母"
    assert HouseholdMember.objects.filter(first_day=date(2026, 11, 11)).count() == 2
