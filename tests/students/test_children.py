"""Children get a number of their own that is never given twice."""

from __future__ import annotations

import pytest
from stdnum.iso7064 import mod_11_10

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
