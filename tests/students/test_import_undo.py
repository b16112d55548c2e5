"""An import is taken back whole while nothing has been built on it; otherwise each child says what stands there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agencies.actions.mergers import merge_unit
from agencies.actions.running import run_job
from agencies.choices import JobState, Permission
from agencies.models import AuditRow, Job, Unit
from agencies.scope import Actor
from students.actions import import_undo, imports
from students.actions.children import enrol
from students.actions.families import change_residence
from students.actions.imports import ImportRefusedError
from students.actions.leave import NewLeave, record_leave
from students.choices import BatchState, EnrolmentStatus, LeaveKind
from students.models import Enrolment, GroupMembership, Guardian, ImportBatch, Sight, Student
from tests import make
from tests.students import imported
from tests.students.imported import apply, pupil, sheet, undo, upload

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def school() -> Unit:
    county = make.county()
    township = make.township(county)
    make.village(township)
    made = make.school(township)
    make.school_class(made)
    return made


@pytest.fixture
def registrar(school: Unit) -> Actor:
    return imported.registrar(school)


def written(registrar: Actor, school: Unit, *rows: tuple[object, ...]) -> ImportBatch:
    return apply(registrar, upload(registrar, school, sheet(rows or [pupil(1), pupil(2)])))


def in_the_way() -> list[dict[str, Any]]:
    job = Job.objects.filter(kind="import_undo").order_by("-id").first()
    assert job is not None
    return list(job.result.get("obstacles", []))


def test_children_that_were_made_are_gone_with_all_that_came_with_them(registrar: Actor, school: Unit) -> None:
    batch = undo(registrar, written(registrar, school, pupil(1, 是否留守儿童="是"), pupil(2)))
    assert batch.state == BatchState.UNDONE
    for model in (Student, Guardian, Enrolment, Sight, GroupMembership):
        assert not model.objects.exists()
    assert AuditRow.objects.filter(verb="import_undone", object_kind="student").count() == 2


def test_children_that_were_changed_have_back_what_stood_before(registrar: Actor, school: Unit) -> None:
    written(registrar, school, pupil(1))
    other = make.school_class(school, "五（2）班")
    before = Student.objects.values().get(), Guardian.objects.values().get(), Enrolment.objects.values().get()
    seen = set(Sight.objects.values_list("unit", "why"))
    changed = pupil(
        1,
        班级="五（2）班",
        成员1联系电话="13800005678",
        就读方式="住校",
        是否留守儿童="是",
        现住址="别处",
    )
    batch = written(registrar, school, changed)
    assert Enrolment.objects.get(last_day=None).school_class == other
    assert undo(registrar, batch).state == BatchState.UNDONE
    assert before == (
        Student.objects.values().get(),
        Guardian.objects.values().get(),
        Enrolment.objects.values().get(),
    )
    assert set(Sight.objects.values_list("unit", "why")) == seen
    assert not GroupMembership.objects.exists()


def test_a_second_family_member_that_was_added_is_gone_again(registrar: Actor, school: Unit) -> None:
    written(registrar, school, pupil(1))
    batch = written(registrar, school, pupil(1, 成员1姓名="王父", 成员1关系="父亲"))
    assert Guardian.objects.count() == 2
    undo(registrar, batch)
    assert [g.relation for g in Guardian.objects.all()] == ["母亲"]


def roll_taken(child: Student, by: Actor) -> None:
    make.roll(child.enrolments.get().school_class)


def marked_absent(child: Student, by: Actor) -> None:
    make.roll(child.enrolments.get().school_class, absent={child: "sick"})


def on_leave(child: Student, by: Actor) -> None:
    record_leave(
        by=make.SYSTEM,
        school_class=child.enrolments.get().school_class,
        student=child,
        leave=NewLeave(LeaveKind.SICK, make.DAY, make.DAY, asked_by="王母"),
        now=make.moment(make.DAY, 9),
    )


def changed(child: Student, by: Actor) -> None:
    address = {"residence_address": "云溪镇柳树村9号"}
    change_residence(by=make.SYSTEM, student=child, values=address, why="已搬家", now=make.moment(make.DAY, 9))


def moved(child: Student, by: Actor) -> None:
    school = child.enrolments.get().school
    enrol(
        by=make.SYSTEM,
        student=child,
        school_class=make.school_class(school, "五（3）班"),
        status=EnrolmentStatus.IN_SCHOOL,
        on=date(2026, 11, 12),
        now=make.moment(make.DAY, 9),
    )


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (roll_taken, "所在班级已点名：2026-11-11（周三）"),
        (marked_absent, "已有缺勤登记"),
        (on_leave, "已有请假"),
        (changed, "导入之后信息又有更改"),
        (moved, "导入之后学籍又有变动"),
    ],
)
def test_what_was_built_on_a_child_is_named_and_nothing_is_taken_back(
    registrar: Actor, school: Unit, build: Any, why: str
) -> None:
    batch = written(registrar, school)
    child = Student.objects.get(name=pupil(1)[0])
    build(child, registrar)
    assert undo(registrar, batch).state == BatchState.APPLIED
    assert Student.objects.count() == 2
    named = {row["name"]: row["why"] for row in in_the_way()}
    assert why in named[child.name]


def test_a_child_does_not_go_back_into_a_class_that_was_merged_that_day(registrar: Actor, school: Unit) -> None:
    written(registrar, school, pupil(1))
    first, other = Unit.objects.get(name="五（1）班"), make.school_class(school, "五（2）班")
    batch = written(registrar, school, pupil(1, 班级="五（2）班"))
    merge_unit(by=make.SYSTEM, unit=first, into=other, on=make.DAY, number="清教〔2026〕12号", now=imported.NOW)
    undo(registrar, batch)
    assert [row["why"] for row in in_the_way()] == ["原来所在的“五（1）班”已撤并，不能退回"]
    assert Enrolment.objects.get(last_day=None).school_class == other


def test_a_case_stands_in_the_way(registrar: Actor, school: Unit) -> None:
    make.plan(Unit.objects.get(kind="county"))
    batch = written(registrar, school)
    child = Student.objects.get(name=pupil(1)[0])
    marked_absent_for_no_reason = {child: "unexcused"}
    make.roll(child.enrolments.get().school_class, absent=marked_absent_for_no_reason)
    undo(registrar, batch)
    assert "已有劝返个案" in next(row["why"] for row in in_the_way() if row["name"] == child.name)


def test_a_child_that_only_got_a_correction_is_taken_back_though_its_class_was_called(
    registrar: Actor, school: Unit
) -> None:
    written(registrar, school, pupil(1))
    batch = written(registrar, school, pupil(1, 就读方式="住校"))
    make.roll(Enrolment.objects.get().school_class)
    assert undo(registrar, batch).state == BatchState.UNDONE
    assert Student.objects.get().record["就读方式"] == "走读"


def test_pressing_twice_takes_back_once(registrar: Actor, school: Unit) -> None:
    batch = written(registrar, school)
    stale = ImportBatch.objects.get(pk=batch.pk)
    undo(registrar, batch)
    for same in (batch, stale):
        with pytest.raises(ImportRefusedError, match="已经撤销"):
            imports.start_undo(by=registrar, batch=same, now=imported.NOW)


def test_a_worker_that_dies_in_the_middle_leaves_an_undo_that_ends_the_same(
    registrar: Actor, school: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_undo, "CHUNK", 2)
    batch = written(registrar, school, *(pupil(n) for n in range(1, 6)))
    imports.start_undo(by=registrar, batch=batch, now=imported.NOW)
    whole = import_undo.undo_rows
    calls: list[int] = []

    def dies(**given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise SystemError("killed")
        return whole(**given)

    monkeypatch.setattr(import_undo, "undo_rows", dies)
    job = imported.work(dies=True)
    assert (job.state, Student.objects.count()) == (JobState.RUNNING, 3)
    Job.objects.filter(pk=job.pk).update(lease_until=imported.NOW.replace(year=2000))
    run_job(by=make.SYSTEM, job_id=job.pk)
    batch.refresh_from_db()
    assert (batch.state, Student.objects.count()) == (BatchState.UNDONE, 0)


def test_a_child_built_on_between_two_chunks_stays_and_the_rest_goes(
    registrar: Actor, school: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_undo, "CHUNK", 1)
    batch = written(registrar, school)
    whole = import_undo.undo_rows

    def meanwhile(**given: Any) -> Any:
        if (last := Student.objects.order_by("id").last()) and not last.leaves.exists():
            on_leave(last, registrar)
        return whole(**given)

    monkeypatch.setattr(import_undo, "undo_rows", meanwhile)
    assert undo(registrar, batch).state == BatchState.APPLIED
    assert [child.name for child in Student.objects.all()] == [pupil(2)[0]]
    assert [row["name"] for row in in_the_way()] == [pupil(2)[0]]


def test_two_imports_are_taken_back_one_after_the_other(registrar: Actor, school: Unit) -> None:
    first = written(registrar, school, pupil(1))
    second = written(registrar, school, pupil(1, 就读方式="住校"))
    assert undo(registrar, first).state == BatchState.APPLIED
    assert undo(registrar, second).state == BatchState.UNDONE
    assert undo(registrar, first).state == BatchState.UNDONE
    assert not Student.objects.exists()


def test_the_same_file_can_be_imported_again_afterwards(registrar: Actor, school: Unit) -> None:
    undo(registrar, written(registrar, school))
    batch = written(registrar, school)
    assert batch.counts["create"] == 2
    assert Student.objects.visible_to(registrar, Permission.VIEW_CHILD).count() == 2
