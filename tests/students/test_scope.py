"""Who sees which child: a county by its whole sight, a school by its own, neither anybody else's."""

import pytest

from agencies.choices import Permission, Role
from students.models import Student
from tests import make

pytestmark = pytest.mark.django_db


def test_a_bureau_sees_its_county_and_no_other() -> None:
    here, there = make.county(), make.county("邻县", code="990102")
    mine = make.child(make.school_class(make.school(make.township(here))))
    make.child(make.school_class(make.school(make.township(there), code="2199010099")))
    officer = make.actor(make.person(Role.BUREAU_OFFICER, here))
    assert list(Student.objects.visible_to(officer, Permission.VIEW_CHILD)) == [mine]


def test_a_county_post_that_carries_no_such_permission_sees_nobody() -> None:
    here = make.county()
    make.child(make.school_class(make.school(make.township(here))))
    leader = make.actor(make.person(Role.COUNTY_LEADER, here))
    assert not Student.objects.visible_to(leader, Permission.VIEW_CHILD).exists()


def test_a_school_sees_its_own_children() -> None:
    township = make.township(make.county())
    school, other = make.school(township), make.school(township, "第二小学", code="2199010002")
    mine = make.child(make.school_class(school))
    make.child(make.school_class(other))
    principal = make.actor(make.person(Role.PRINCIPAL, school))
    assert list(Student.objects.visible_to(principal, Permission.VIEW_CHILD)) == [mine]
