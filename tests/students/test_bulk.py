"""Many registers at once say of each day who was on the list, as one by one."""

from datetime import date, timedelta
from typing import Any

import pytest

from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from students.actions.bulk import Registers, take_registers
from students.actions.children import enrol
from students.actions.leave import NewLeave, record_leave
from students.actions.register import RollRefusedError
from students.choices import EnrolmentStatus, LeaveKind
from students.models import Absence, RollCall, Student
from students.rules.roll import Value
from tests import make

pytestmark = pytest.mark.django_db

# Monday to Friday.
WEEK = [date(2026, 11, 9) + timedelta(days=day) for day in range(5)]


def moving_class(school: Unit, name: str) -> tuple[Unit, list[Student]]:
    """One child stays, one is away for a time, one moves on, one comes, one has leave."""
    here, beside = make.school_class(school, name), make.school_class(school, f"{name}旁")
    stays, away, goes, ill = (make.child(here, f"安小{word}") for word in "甲乙丙丁")
    comes = make.child(here, "安小戊", first_day=WEEK[4])
    moved: dict[str, Any] = {"by": make.SYSTEM, "now": make.moment(WEEK[0], 7)}
    enrol(**moved, student=away, school_class=here, status=EnrolmentStatus.SUSPENDED, on=WEEK[1], until=WEEK[2])
    enrol(**moved, student=goes, school_class=beside, status=EnrolmentStatus.IN_SCHOOL, on=WEEK[2])
    leave = NewLeave(LeaveKind.SICK, WEEK[1], WEEK[2], "安父", "父亲")
    record_leave(by=make.SYSTEM, school_class=here, student=ill, leave=leave, now=make.moment(WEEK[0], 7))
    return here, [stays, away, goes, ill, comes]


def said(of: Unit) -> tuple[list[Any], list[Any]]:
    """The registers of a class and its marks."""
    marks = Absence.objects.filter(school_class=of).order_by("day", "student__name")
    return (
        list(RollCall.objects.filter(school_class=of).order_by("day").values_list("day", "expected", "absent")),
        list(marks.values_list("day", "student__name", "reason", "part", "recorded_at")),
    )


def test_who_comes_goes_is_away_or_has_leave_is_counted_day_by_day() -> None:
    school = make.school(make.township(make.county()))
    one, (first, *_) = moving_class(school, "五（1）班")
    other, (second, *_, late) = moving_class(school, "五（2）班")
    for day in WEEK:
        make.roll(one, day, {first: "unexcused"} if day == WEEK[4] else {})
    calendar = calendar_of(other, WEEK[4])

    def take(absent: dict[date, dict[int, Value]]) -> None:
        row = Registers(make.SYSTEM, other, calendar, tuple(WEEK), absent)
        take_registers(by=make.SYSTEM, registers=[row], at=make.moment)

    with pytest.raises(RollRefusedError, match="1名学生2026-11-11（周三）不在本班名单"):
        take({WEEK[2]: {late.pk: Value("sick")}})
    assert said(other) == ([], [])
    take({WEEK[4]: {second.pk: Value("unexcused")}})
    registers, marks = said(other)
    assert [expected for _, expected, _ in registers] == [4, 3, 2, 3, 4]
    assert (registers, marks) == said(one)
    assert [(day, reason) for day, _, reason, *_ in marks] == [
        (WEEK[1], "sick"), (WEEK[2], "sick"), (WEEK[4], "unexcused"),
    ]  # fmt: skip
