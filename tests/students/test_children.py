"""Children get a number of their own that is never given twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stdnum.iso7064 import mod_11_10

from students.actions.children import enrol
from students.choices import EnrolmentStatus
from students.models import Enrolment, Guardian, Sight, Student
from tests import make

pytestmark = pytest.mark.django_db


def test_a_number_is_not_given_again_after_the_newest_child_is_gone() -> None:
    in_class = make.school_class(make.school(make.township(make.county())))
    make.child(in_class)
    newest = make.child(in_class)
    number = newest.number
    for model in (Guardian, Enrolment, Sight):
        model.objects.filter(student=newest).delete()
    newest.delete()
    assert make.child(in_class).number != number


def test_every_number_carries_the_county_and_its_check_digit() -> None:
    in_class = make.school_class(make.school(make.township(make.county(code="990101"))))
    child = make.child(in_class)
    assert mod_11_10.is_valid(child.number.removeprefix("B"))
    assert child.number.startswith("B990101")
    assert Student.objects.get(pk=child.pk).number == child.number


def test_of_two_enrolments_on_one_day_another_class_takes_the_place_and_another_standing_follows() -> None:
    school = make.school(make.township(make.county()))
    first, second = make.school_class(school), make.school_class(school, "五（2）班")
    child = make.child(first, first_day=make.DAY)
    for status in (EnrolmentStatus.IN_SCHOOL, EnrolmentStatus.SUSPENDED):
        enrol(
            by=make.SYSTEM,
            student=child,
            school_class=second,
            status=status,
            on=make.DAY,
            now=make.moment(make.DAY),
        )
    rows = child.enrolments.order_by("first_day").values_list("school_class", "status", "first_day", "last_day")
    next_day = make.DAY + timedelta(days=1)
    assert list(rows) == [
        (second.pk, EnrolmentStatus.IN_SCHOOL, make.DAY, make.DAY),
        (second.pk, EnrolmentStatus.SUSPENDED, next_day, None),
    ]
