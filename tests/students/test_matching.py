"""Whether an imported row meets a child on record."""

import datetime

import pytest

from students.choices import EnrolmentStatus as Status
from students.rules import classes, status
from students.rules.classes import KnownClass
from students.rules.matching import Meeting, Person, Register, meet

BORN = datetime.date(2013, 5, 12)
ON = datetime.date(2026, 10, 10)


def person(number: int = 1, name: str = "王小明", **facts: object) -> Person:
    facts = {"birth_date": BORN} | facts
    return Person(number, name, **facts)


def meets(row: Person, *known: Person) -> tuple[Meeting, int | None, tuple[int, ...]]:
    match = meet(row, Register.of(known))
    assert match.reasons or match.meeting == Meeting.NOBODY
    return match.meeting, match.child_id, match.candidates


def test_the_same_document_is_the_same_child():
    assert meets(person(document="A"), person(7, document="A")) == (Meeting.CHILD, 7, ())


def test_a_slip_in_the_name_is_forgiven_when_the_document_agrees():
    row = person(document="A", name="王晓明")
    assert meets(row, person(7, document="A")) == (Meeting.CHILD, 7, ())
    assert "改为" in meet(row, Register.of([person(7, document="A")])).reasons[0]


def test_the_same_document_under_quite_another_name_is_asked():
    assert meets(person(document="A", name="李芳"), person(7, document="A")) == (Meeting.ASK, None, (7,))


def test_one_document_on_two_children_is_asked():
    known = person(7, document="A"), person(8, document="A")
    assert meets(person(document="A"), *known) == (Meeting.ASK, None, (7, 8))


def test_the_student_number_counts_where_the_document_is_missing():
    assert meets(person(record="G1"), person(7, record="G1")) == (Meeting.CHILD, 7, ())


def test_a_name_and_birthday_need_a_telephone_or_the_school():
    assert meets(person(), person(7)) == (Meeting.ASK, None, (7,))
    assert meets(person(phones=frozenset("1")), person(7, phones=frozenset("12"))) == (Meeting.CHILD, 7, ())
    assert meets(person(school_id=3), person(7, school_id=3)) == (Meeting.CHILD, 7, ())
    assert meets(person(school_id=3), person(7, school_id=4)) == (Meeting.ASK, None, (7,))


def test_a_child_that_now_has_a_document_is_the_child_that_had_none():
    assert meets(person(document="A", school_id=3), person(7, school_id=3)) == (Meeting.CHILD, 7, ())


def test_namesakes_with_different_documents_are_different_children():
    assert meets(person(document="A"), person(7, document="B")) == (Meeting.NOBODY, None, ())
    related = person(document="A", phones=frozenset("1")), person(7, document="B", phones=frozenset("1"))
    assert meets(*related) == (Meeting.ASK, None, (7,))


def test_two_namesakes_are_asked_about():
    known = person(7, school_id=3), person(8, school_id=3)
    assert meets(person(school_id=3), *known) == (Meeting.ASK, None, (7, 8))


def test_twins_without_documents_are_asked_about():
    row = person(name="王小红", phones=frozenset("1"))
    assert meets(row, person(7, phones=frozenset("1"))) == (Meeting.ASK, None, (7,))


def test_a_child_on_the_class_list_by_its_name_alone_is_asked_about_or_known_by_the_telephone():
    listed = person(7, birth_date=None, school_id=3, phones=frozenset("1"))
    assert meets(person(document="A", school_id=3), listed) == (Meeting.ASK, None, (7,))
    assert meets(person(document="A", school_id=3, phones=frozenset("1")), listed) == (Meeting.CHILD, 7, ())
    assert meets(person(document="A", school_id=4, phones=frozenset("1")), listed) == (Meeting.NOBODY, None, ())


def test_a_stranger_is_nobody():
    assert meets(person(name="赵六"), person(7)) == (Meeting.NOBODY, None, ())
    assert meets(person(birth_date=None), person(7)) == (Meeting.NOBODY, None, ())


SCHOOL = [
    KnownClass(1, 9, "三（1）班", 3),
    KnownClass(2, 9, "三（2）班", 3),
    KnownClass(3, 9, "四（2）班", 4),
    KnownClass(4, 9, "七（2）班", 7),
    KnownClass(5, 9, "三（12）班", 3),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("三（2）班", [2]), ("三(2)班", [2]), ("三年级2班", [2]), ("三年级（2）班", [2]), ("3.2班", [2]),
        ("三年2班", [2]),
        ("302班", [2]), ("302", [2]), ("三年级二班", [2]), ("２４０２班", [2]), ("2024级2班", [2]), ("2302班", [3]),
        ("初一（2）班", [4]), ("七年级2班", [4]), ("初2026级2班", [4]), ("三（12）班", [5]), ("三年级十二班", [5]),
        ("2班", [2, 3, 4]), ("三（9）班", []), ("高一（2）班", []), ("火箭班", []), ("", []),
    ],
)  # fmt: skip
def test_a_class_is_found_however_it_is_written(text, found):
    assert [c.id for c in classes.find_class(text, SCHOOL, on=ON)] == found


def test_a_grade_column_settles_a_bare_class_number():
    assert [c.id for c in classes.find_class("2班", SCHOOL, on=ON, grade=classes.read_grade("三年级"))] == [2]


def test_the_year_of_a_class_moves_in_august():
    assert classes.cohort_of(3, datetime.date(2026, 7, 31)) == 2023
    assert classes.cohort_of(3, datetime.date(2026, 8, 1)) == 2024


def test_who_is_expected_on_the_roll():
    assert status.is_expected(Status.IN_SCHOOL)
    assert status.is_expected(Status.UNREGISTERED)
    assert not status.is_expected(Status.HOME_TAUGHT)
    assert not status.is_expected(Status.SUSPENDED, last_day=ON, on=ON)
    assert status.is_expected(Status.SUSPENDED, last_day=ON, on=ON + datetime.timedelta(days=1))
    assert status.why_not_expected(Status.SUSPENDED, last_day=ON, on=ON) == "休学至2026-10-10（周六）"
    assert status.why_not_expected(Status.IN_SCHOOL) == ""
