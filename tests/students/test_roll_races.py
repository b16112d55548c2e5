"""Two hands on one class at once: what moved between reading and writing is read again, nothing doubled or lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections

from agencies import hooks
from agencies.models import AuditRow
from agencies.queries.calendars import calendar_of
from agencies.scope import Actor
from cases.actions.events import NewEvent, record_event
from cases.choices import Cause, EventKind
from cases.models import Case
from students.actions.children import enrol
from students.actions.marks import mark_child
from students.actions.register import TRIES
from students.actions.roll import RollRefusedError, save_roll
from students.choices import EnrolmentStatus
from students.models import Absence, RollCall, Spell, Student
from students.rules.roll import Change, Value
from tests import make
from tests.students.pages import House, house

pytestmark = pytest.mark.django_db(transaction=True)
HERE, GONE, SICK = Value(), Value("unexcused"), Value("sick")
YESTERDAY = make.DAY - timedelta(days=1)


def save(place: House, changes: list[Change], day: date = make.DAY, why: str = "") -> Any:
    return save_roll(
        by=make.SYSTEM,
        school_class=place.school_class,
        day=day,
        changes=changes,
        calendar=calendar_of(place.school_class, day),
        now=make.moment(make.DAY),
        why=why,
    )


def mark(place: House, change: Change) -> Any:
    return mark_child(
        by=make.SYSTEM,
        school_class=place.school_class,
        day=make.DAY,
        change=change,
        calendar=calendar_of(place.school_class, make.DAY),
        now=make.moment(make.DAY),
    )


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[list[int]]:
    """Another hand acts once, after the first has read and decided and before it writes; the children told so far."""
    told: list[int] = []

    def step_in(ids: list[int], _by: Actor, _now: Any, _news: Any) -> hooks.Write:
        told.append(len(ids))
        if len(told) == 1:
            act()
        return list

    hooks.after_child_facts.append(step_in)
    try:
        yield told
    finally:
        hooks.after_child_facts.remove(step_in)


def at_once(*acts: Callable[[], object]) -> list[Exception]:
    """Run acts in threads that start together; what they raised."""
    start, wrong = threading.Barrier(len(acts)), list[Exception]()

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(10)
            act()
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def marks_of_today() -> dict[int, str]:
    rows = Absence.objects.filter(day=make.DAY, superseded_at__isnull=True)
    return dict(rows.values_list("student_id", "reason"))


def test_a_register_taken_between_reading_and_writing_is_merged() -> None:
    place = house()
    first, second = make.child(place.school_class), make.child(place.school_class)
    with meanwhile(lambda: save(place, [Change(second.pk, HERE, SICK)])):
        save(place, [Change(first.pk, HERE, GONE)])
    assert marks_of_today() == {first.pk: "unexcused", second.pk: "sick"}
    call = RollCall.objects.get()
    assert (call.version, call.absent) == (2, 2)
    assert AuditRow.objects.filter(verb__in=("roll_taken", "roll_corrected")).count() == 2


def test_a_child_marked_in_between_is_counted_by_the_register() -> None:
    place = house()
    first, second = make.child(place.school_class), make.child(place.school_class)
    with meanwhile(lambda: mark(place, Change(second.pk, HERE, SICK))):
        save(place, [Change(first.pk, HERE, GONE)])
    assert (RollCall.objects.get().version, RollCall.objects.get().absent) == (1, 2)


def test_the_same_child_marked_otherwise_in_between_is_asked() -> None:
    place = house()
    child, other = make.child(place.school_class), make.child(place.school_class)
    with meanwhile(lambda: mark(place, Change(child.pk, HERE, SICK))):
        saved = save(place, [Change(child.pk, HERE, GONE), Change(other.pk, HERE, GONE)])
    assert [(asked.theirs, asked.mine) for asked in saved.conflicts] == [(SICK, GONE)]
    assert marks_of_today() == {child.pk: "sick", other.pk: "unexcused"}


def test_a_mark_ended_in_between_is_not_ended_twice() -> None:
    place = house()
    child, other = make.child(place.school_class), make.child(place.school_class)
    mark(place, Change(child.pk, HERE, SICK))
    with meanwhile(lambda: mark(place, Change(child.pk, SICK, HERE))):
        save(place, [Change(child.pk, SICK, HERE), Change(other.pk, HERE, GONE)])
    assert Absence.objects.filter(student=child).count() == 1
    assert (marks_of_today(), RollCall.objects.get().absent) == ({other.pk: "unexcused"}, 1)


def test_a_child_that_left_the_class_in_between_stops_the_save() -> None:
    place = house()
    child = make.child(place.school_class)

    def leave() -> None:
        at = make.moment(make.DAY)
        status = EnrolmentStatus.IN_SCHOOL
        enrol(by=make.SYSTEM, student=child, school_class=place.other_class, status=status, on=make.DAY, now=at)

    with meanwhile(leave), pytest.raises(RollRefusedError, match="已不在本班名单中"):
        save(place, [Change(child.pk, HERE, GONE)])
    assert not RollCall.objects.exists()
    assert not Absence.objects.exists()


def test_an_event_recorded_in_between_is_in_the_cases_caches() -> None:
    place = house()
    child = make.child(place.school_class, residence=place.village)
    days = [date(2026, 11, 6), date(2026, 11, 9), YESTERDAY]
    make.rolls(place.school_class, days, {child: "unexcused"})
    case = Case.objects.get()
    event = NewEvent(EventKind.PHONE_CALL, make.DAY, {"result": "connected", "cause": Cause.values[0]})
    with meanwhile(lambda: record_event(by=make.SYSTEM, case=case, event=event, now=make.moment(make.DAY))) as told:
        save(place, [Change(child.pk, HERE, GONE)])
    assert len(told) == 2
    case.refresh_from_db()
    assert (case.version, case.absent_half_days, case.cause) == (2, 8, Cause.values[0])


def test_where_the_facts_never_stand_still_the_save_says_so_and_leaves_nothing() -> None:
    place = house()
    child = make.child(place.school_class)
    tried: list[int] = []

    def moved(*_: Any) -> hooks.Write:
        def write() -> list[AuditRow]:
            tried.append(1)
            raise hooks.FactsMovedError

        return write

    hooks.after_child_facts.append(moved)
    try:
        with pytest.raises(RollRefusedError, match="请再按一次保存"):
            save(place, [Change(child.pk, HERE, GONE)])
    finally:
        hooks.after_child_facts.remove(moved)
    assert len(tried) == TRIES
    assert not (Absence.objects.exists() or RollCall.objects.exists() or Spell.objects.exists())


@pytest.mark.parametrize("round_", range(3))
def test_four_phones_at_once_save_one_register(round_: int) -> None:
    place = house()
    children: list[Student] = [make.child(place.school_class, residence=place.village) for _ in range(4)]
    days = [date(2026, 11, 6), date(2026, 11, 9), YESTERDAY][round_:]
    make.rolls(place.school_class, days, dict.fromkeys(children, "unexcused"))
    opened = Case.objects.count()

    def phone(child: Student) -> Callable[[], object]:
        return lambda: save(place, [Change(child.pk, HERE, GONE)])

    assert at_once(*(phone(child) for child in children)) == []
    assert marks_of_today() == dict.fromkeys((child.pk for child in children), "unexcused")
    call = RollCall.objects.get(day=make.DAY)
    assert (call.version, call.absent) == (4, 4)
    assert Case.objects.filter(closed_on__isnull=True).count() == max(opened, 4)
    halves = 2 * (len(days) + 1)
    assert set(Case.objects.values_list("absent_half_days", flat=True)) == {halves}
    assert list(Spell.objects.values_list("half_days", flat=True)) == [halves] * 4
    assert AuditRow.objects.filter(verb="roll_taken", detail__day=make.DAY.isoformat()).count() == 1


def test_the_form_sent_four_times_at_once_is_one_register_and_one_case() -> None:
    place = house()
    child = make.child(place.school_class, residence=place.village)
    make.rolls(place.school_class, [date(2026, 11, 9), YESTERDAY], {child: "sick"})
    assert at_once(*[lambda: save(place, [Change(child.pk, HERE, GONE)])] * 4) == []
    assert (Absence.objects.filter(day=make.DAY).count(), RollCall.objects.get(day=make.DAY).version) == (1, 1)
    assert Case.objects.count() <= 1


def test_two_days_of_one_class_at_once_leave_the_run_whole() -> None:
    place = house()
    child = make.child(place.school_class, residence=place.village)
    make.rolls(place.school_class, [date(2026, 11, 6), date(2026, 11, 9)], {child: "unexcused"})
    days = (YESTERDAY, make.DAY)
    wrong = at_once(*[lambda day=day: save(place, [Change(child.pk, HERE, GONE)], day, "当日漏点") for day in days])
    assert wrong == []
    assert Spell.objects.get().half_days == 8
    assert Case.objects.get().absent_half_days == 8
