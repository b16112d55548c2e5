"""The acts themselves: who may take a register, what they leave behind, and that a failed one leaves nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from agencies import hooks
from agencies.choices import Role
from agencies.models import AuditRow
from agencies.queries.calendars import calendar_of
from students.actions.decisions import decide_correction
from students.actions.extra import add_unlisted
from students.actions.leave import NewLeave, end_leave, record_leave
from students.actions.marks import mark_child
from students.actions.reveal import reveal
from students.actions.roll import RollRefusedError, confirm_all_present, save_roll
from students.choices import LeaveKind
from students.models import Absence, Correction, Leave, RollCall, Spell, Student
from students.rules.roll import Change, Value
from tests import make
from tests.students.pages import House, house

pytestmark = pytest.mark.django_db
SICK, GONE, HERE = Value("sick"), Value("unexcused"), Value()


@pytest.fixture
def place() -> House:
    return house()


def act_of(place: House, day: date = make.DAY, **more: Any) -> dict[str, Any]:
    """What every act on the class wants: class, day, its calendar, the time."""
    calendar = calendar_of(place.school_class, day)
    return {
        "school_class": place.school_class,
        "day": day,
        "calendar": calendar,
        "now": make.moment(make.DAY),
        **more,
    }


def test_a_register_leaves_marks_runs_and_one_audit_row(place: House) -> None:
    child = make.child(place.school_class)
    before = AuditRow.objects.filter(verb="roll_taken").count()
    saved = save_roll(by=make.SYSTEM, changes=[Change(child.pk, HERE, GONE)], **act_of(place))
    assert (saved.call.expected, saved.call.absent, saved.touched) == (1, 1, (child.pk,))
    assert Spell.objects.get().half_days == 2
    rows = AuditRow.objects.filter(verb="roll_taken")
    assert rows.count() == before + 1
    assert child.name not in str(list(rows.values_list("detail", flat=True)))


def test_a_teacher_of_another_class_may_not_take_it(place: House) -> None:
    stranger = make.actor(make.person(Role.CLASS_TEACHER, place.other_class))
    officer = make.actor(make.person(Role.TOWNSHIP_OFFICER, place.township))
    for actor in (stranger, officer):
        with pytest.raises(PermissionDenied):
            save_roll(by=actor, changes=[], **act_of(place))
        with pytest.raises(PermissionDenied):
            mark_child(by=actor, change=Change(1, HERE, SICK), **act_of(place))
        with pytest.raises(PermissionDenied):
            add_unlisted(
                by=actor,
                school_class=place.school_class,
                name="苏小梅",
                phone="",
                on=make.DAY,
                calendar=calendar_of(place.school_class, make.DAY),
                now=make.moment(make.DAY),
            )
    assert not RollCall.objects.exists()


def test_a_class_teacher_may_not_mark_from_the_schools_page(place: House) -> None:
    child = make.child(place.school_class)
    teacher = make.actor(make.person(Role.CLASS_TEACHER, place.school_class))
    with pytest.raises(PermissionDenied):
        mark_child(by=teacher, change=Change(child.pk, HERE, SICK), **act_of(place))


def test_a_child_no_longer_in_the_class_stops_the_whole_save(place: House) -> None:
    child, stranger = make.child(place.school_class), make.child(place.other_class)
    changes = [Change(child.pk, HERE, SICK), Change(stranger.pk, HERE, SICK)]
    with pytest.raises(RollRefusedError, match="有1名学生已不在本班名单中"):
        save_roll(by=make.SYSTEM, changes=changes, **act_of(place))
    assert not Absence.objects.exists()
    assert not RollCall.objects.exists()
    with pytest.raises(RollRefusedError, match="已不在本校名单中"):
        mark_child(by=make.SYSTEM, change=changes[1], **act_of(place))


def test_a_save_that_breaks_half_way_leaves_nothing(place: House) -> None:
    child = make.child(place.school_class)

    def fails(*_: Any) -> hooks.Write:
        def write() -> list[AuditRow]:
            raise RuntimeError("the case could not be opened")

        return write

    hooks.after_child_facts.append(fails)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            save_roll(by=make.SYSTEM, changes=[Change(child.pk, HERE, GONE)], **act_of(place))
    finally:
        hooks.after_child_facts.remove(fails)
    assert not RollCall.objects.exists()
    assert not Absence.objects.exists()


def test_the_database_itself_refuses_a_second_current_mark(place: House) -> None:
    child = make.child(place.school_class)
    save_roll(by=make.SYSTEM, changes=[Change(child.pk, HERE, GONE)], **act_of(place))
    mark = Absence.objects.get()
    mark.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        mark.save(force_insert=True)


def test_a_mark_before_the_register_and_the_register_itself_are_told_apart(place: House) -> None:
    child = make.child(place.school_class)
    assert mark_child(by=make.SYSTEM, change=Change(child.pk, HERE, GONE), **act_of(place)) is None
    assert not RollCall.objects.exists()
    assert Spell.objects.get().half_days == 2
    asked = mark_child(by=make.SYSTEM, change=Change(child.pk, HERE, SICK), **act_of(place))
    assert asked is not None
    assert (asked.theirs, asked.mine) == (GONE, SICK)
    save_roll(by=make.SYSTEM, changes=[], **act_of(place))
    mark_child(by=make.SYSTEM, change=Change(child.pk, GONE, HERE), **act_of(place))
    assert RollCall.objects.get().absent == 0
    assert not Spell.objects.exists()


def test_the_same_mark_twice_is_nothing_new(place: House) -> None:
    child = make.child(place.school_class)
    for _ in range(2):
        mark_child(by=make.SYSTEM, change=Change(child.pk, HERE, GONE), **act_of(place))
    assert Absence.objects.count() == 1
    assert AuditRow.objects.filter(object_kind="student", verb="roll_taken").count() == 1


def test_no_mark_on_a_holiday_or_in_the_future(place: House) -> None:
    child = make.child(place.school_class)
    for day in (date(2026, 10, 2), make.DAY + timedelta(days=1)):
        with pytest.raises(RollRefusedError):
            mark_child(by=make.SYSTEM, change=Change(child.pk, HERE, GONE), **act_of(place, day))


def test_confirming_leaves_out_classes_without_school_that_day(place: House) -> None:
    calendars = {place.school_class.pk: calendar_of(place.school_class, make.DAY)}
    wanted = {"by": make.SYSTEM, "classes": [place.school_class], "calendars": calendars, "now": make.moment(make.DAY)}
    assert confirm_all_present(day=date(2026, 10, 2), **wanted) == 0
    assert confirm_all_present(day=make.DAY, **wanted) == 1
    assert confirm_all_present(day=make.DAY, **wanted) == 0


def test_a_correction_for_a_child_that_has_left_the_class_is_refused(place: House) -> None:
    child = make.child(place.other_class)
    waiting = Correction.objects.create(
        school_class=place.school_class,
        student=child,
        day=make.DAY,
        wanted={"reason": "", "part": "day", "note": ""},
        why="误登记",
        asked_by="王老师",
        asked_at=make.moment(make.DAY),
    )
    calendar = calendar_of(place.school_class, make.DAY)
    with pytest.raises(RollRefusedError, match="该生当日已不在本班"), transaction.atomic():
        decide_correction(
            by=make.SYSTEM, correction=waiting, approve=True, why="", calendar=calendar, now=make.moment(make.DAY)
        )


def test_leave_is_at_most_180_days_and_ends_only_earlier(place: House) -> None:
    child, now = make.child(place.school_class), make.moment(make.DAY)
    first = make.DAY
    asked = NewLeave(LeaveKind.SICK, first, first + timedelta(days=181), "周母")
    wanted = {"by": make.SYSTEM, "school_class": place.school_class, "now": now}
    with pytest.raises(ValueError, match="办理休学"):
        record_leave(student=child, leave=asked, **wanted)
    leave = record_leave(student=child, leave=NewLeave(LeaveKind.SICK, first, first, "周母"), **wanted)
    with pytest.raises(ValueError, match="另行登记请假"):
        end_leave(leave=leave, last_day=first + timedelta(days=1), **wanted)
    end_leave(leave=leave, last_day=first - timedelta(days=1), **wanted)
    with pytest.raises(ValueError, match="已经撤销"):
        end_leave(leave=leave, last_day=first, **wanted)
    assert Leave.objects.get().ended_at == now


def test_an_unlisted_child_raises_the_expected_of_a_register_already_taken(place: House) -> None:
    make.child(place.school_class, "安小明")
    make.roll(place.school_class, make.DAY)
    wanted = {
        "by": make.SYSTEM,
        "school_class": place.school_class,
        "on": make.DAY,
        "calendar": calendar_of(place.school_class, make.DAY),
        "now": make.moment(make.DAY),
    }
    add_unlisted(name="苏小梅", phone="", **wanted)
    assert RollCall.objects.get().expected == 2
    with pytest.raises(ValueError, match="本班名单中已有“苏小梅”"):
        add_unlisted(name="苏小梅", phone="", **wanted)
    add_unlisted(name="苏小梅", phone="13900000001", **wanted)
    assert Student.objects.filter(name="苏小梅").count() == 2
    with pytest.raises(ValueError, match="不上课"):
        add_unlisted(name="苏小竹", phone="", **{**wanted, "on": date(2026, 10, 2)})
    place.school_class.last_day = make.TERM_START
    with pytest.raises(ValueError, match="已经撤并"):
        add_unlisted(name="苏小竹", phone="", **wanted)


def test_nothing_is_uncovered_without_the_permission(place: House) -> None:
    child = make.child(place.school_class)
    leader = make.actor(make.person(Role.COUNTY_LEADER, place.county))
    with pytest.raises(PermissionDenied):
        reveal(by=leader, student=child, field="document_number", reason="核对学籍", now=make.moment(make.DAY))
