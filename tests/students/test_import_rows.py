"""Rows of a sheet meet children on record: corrected before their first day, on no list yet, in other care."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from agencies.models import Unit
from agencies.scope import Actor
from students.actions import imports
from students.actions.children import NewGuardian
from students.choices import BatchState, EnrolmentStatus
from students.models import Enrolment, Guardian, Student
from tests import make, workbooks
from tests.students import imported
from tests.students.imported import apply, pupil, sheet, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_class() -> Unit:
    return make.school_class(make.school(make.township(make.county())))


@pytest.fixture
def school(school_class: Unit) -> Unit:
    assert school_class.parent
    return school_class.parent


@pytest.fixture
def registrar(school: Unit) -> Actor:
    return imported.registrar(school)


def test_a_second_row_about_the_same_child_stays_faulty_whatever_else_it_says(
    registrar: Actor, school: Unit, school_class: Unit
) -> None:
    record = "L990101201501128731"
    card = {"document_kind": "resident_card", "document_number": imported.number(1, "20150112")}
    make.child(school_class, str(pupil(1)[0]), birth_date=date(2015, 1, 12), record_number=record, **card)
    second = pupil(1, 身份证件类型="无证件", 身份证件号="", 就读方式="住校")
    rows = [(*pupil(1), ""), (*second, record)]
    batch = upload(registrar, school, workbooks.xlsx(rows, headers=(*imported.HEADERS, "学籍号")))
    assert (batch.counts["update"], batch.counts["faulty"]) == (1, 1)
    assert [m["message"] for m in batch.mistakes] == ["与第 2 行认定为同一名在册学生"]


def test_a_roster_corrected_before_its_first_day_leaves_each_child_on_one_list(
    registrar: Actor, school: Unit, school_class: Unit
) -> None:
    begins, other = timezone.localdate() + timedelta(days=5), make.school_class(school, "五（2）班")
    for row in (pupil(1), pupil(1, 班级="五（2）班")):
        batch = upload(registrar, school, sheet([row]))
        imports.start_apply(by=registrar, batch=batch, partly=False, first_day=begins, now=imported.NOW)
        imported.work()
    assert list(Enrolment.objects.values_list("school_class", "first_day", "last_day")) == [(other.pk, begins, None)]
    batch.refresh_from_db()
    assert imported.undo(registrar, batch).state == BatchState.UNDONE
    assert Enrolment.objects.get().school_class == school_class


@pytest.mark.parametrize("days_ago", [0, 7])
def test_a_child_that_sat_in_class_on_no_list_is_the_child_of_the_sheet(
    registrar: Actor, school: Unit, school_class: Unit, days_ago: int
) -> None:
    today = timezone.localdate()
    child = make.child(
        school_class,
        str(pupil(1)[0]),
        birth_date=None,
        status=EnrolmentStatus.UNREGISTERED,
        first_day=today - timedelta(days=days_ago),
        guardians=(NewGuardian("（待补）", "监护人", "13900000001"),),
    )
    batch = apply(registrar, upload(registrar, school, sheet([pupil(1)])))
    assert (batch.counts["update"], Student.objects.count()) == (1, 1)
    assert Student.objects.get().birth_date == date(2015, 1, 12)
    assert Enrolment.objects.get(last_day=None).status == EnrolmentStatus.IN_SCHOOL
    assert imported.undo(registrar, batch).state == BatchState.UNDONE
    assert Enrolment.objects.get(student=child).status == EnrolmentStatus.UNREGISTERED
    assert Student.objects.get().birth_date is None


def test_a_blank_cell_does_not_take_the_guardianship_from_a_grandfather(registrar: Actor, school: Unit) -> None:
    member = {"成员1姓名": "王爷爷", "成员1关系": "祖父"}
    headers = (*imported.HEADERS, "成员1是否监护人")
    for said, changes in (("是", {}), ("", {"就读方式": "住校"})):
        row = (*pupil(1, **member, **changes), said)
        apply(registrar, upload(registrar, school, workbooks.xlsx([row], headers=headers)))
        assert Guardian.objects.get().is_guardian
    assert Student.objects.get().record["就读方式"] == "住校"
