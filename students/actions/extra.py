"""A child who sits in the classroom but stands on no list (人在无籍) is put on the class's list."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.calendar import Calendar
from agencies.rules.mergers import closed_refusal
from agencies.scope import Actor
from students.actions.children import NewChild, NewGuardian, write_children
from students.choices import EnrolmentStatus
from students.models import Guardian, RollCall, Student
from students.queries.roll import enrolled_on, expected_on
from students.rules.identity import check_phone, clean_phone
from students.rules.names import check_name, clean_name
from students.rules.roll import refusal


def add_unlisted(
    *, by: Actor, school_class: Unit, name: str, phone: str, on: date, calendar: Calendar, now: datetime
) -> Student:
    """Put a child on a class's list from a school day on, with an internal number, expected at roll.

    ValueError with a Chinese sentence for a name or telephone that cannot be one, a namesake in the class without
    another telephone, a day without school; PermissionDenied without TAKE_ROLL at the class.
    """
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    if school_class.last_day:
        raise ValueError(closed_refusal(school_class.name))
    if sentence := refusal(calendar, on, now.date()):
        raise ValueError(sentence)
    name, phone = clean_name(name), clean_phone(phone) if phone.strip() else ""
    if problems := [*check_name(name), *(check_phone(phone) if phone else ())]:
        raise ValueError("；".join(f"{problem.message}，{problem.remedy}" for problem in problems) + "。")
    county = Unit.objects.get(pk=school_class.ancestor_ids[0])
    row = NewChild(
        name=name,
        sex="",
        birth_date=None,
        school_class=school_class,
        status=EnrolmentStatus.UNREGISTERED,
        guardians=(NewGuardian(name="（待补）", relation="监护人", phone=phone),) if phone else (),
    )
    return _write(by, row, phone, county.code[:6], on, now)


@transaction.atomic
def _write(by: Actor, row: NewChild, phone: str, county_code: str, on: date, now: datetime) -> Student:
    school_class = row.school_class
    if school_class is None:
        raise ValueError("请先选定班级。")
    # A button pressed twice, or a second teacher: the later one waits here and then meets the namesake.
    Unit.objects.select_for_update().get(pk=school_class.pk)
    _refuse_namesake(school_class, row.name, phone, on)
    student = write_children(by=by, rows=[row], county_code=county_code, first_day=on, now=now)[0]
    expected = enrolled_on(school_class, on).filter(expected_on(on)).count()
    RollCall.objects.filter(school_class=school_class, day=on).update(expected=expected)
    return student


def _refuse_namesake(school_class: Unit, name: str, phone: str, on: date) -> None:
    same = list(enrolled_on(school_class, on).filter(student__name=name).values_list("student_id", flat=True))
    if not same:
        return
    phones = set(Guardian.objects.filter(student_id__in=same).values_list("phone", flat=True))
    if not phone or phone in phones:
        raise ValueError(f"本班名单中已有“{name}”。如确是同名的另一名学生，请同时填写其监护人电话。")
