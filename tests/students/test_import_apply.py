"""An upload is checked against the register and written in chunks, once, whoever presses and whatever dies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from agencies.actions.mergers import merge_unit
from agencies.actions.running import run_job
from agencies.choices import JobState, Permission, Role
from agencies.models import AuditRow, Job, Unit
from agencies.scope import Actor
from students.actions import import_rows, imports
from students.actions.imports import ImportRefusedError
from students.choices import BatchState, EnrolmentStatus
from students.models import Enrolment, GroupMembership, Guardian, ImportBatch, Sight, Student
from tests import make, workbooks
from tests.students import imported
from tests.students.imported import apply, pupil, sheet, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Unit:
    return make.county()


@pytest.fixture
def township(county: Unit) -> Unit:
    return make.township(county)


@pytest.fixture
def village(township: Unit) -> Unit:
    return make.village(township)


@pytest.fixture
def school(township: Unit, village: Unit) -> Unit:
    return make.school(township)


@pytest.fixture
def school_class(school: Unit) -> Unit:
    return make.school_class(school)


@pytest.fixture
def registrar(school: Unit, school_class: Unit) -> Actor:
    return imported.registrar(school)


def counted(batch: ImportBatch) -> dict[str, int]:
    return {key: batch.counts[key] for key in ("create", "update", "same", "ambiguous", "faulty")}


def test_a_sheet_becomes_children_with_family_class_village_and_groups(
    registrar: Actor, school: Unit, school_class: Unit, village: Unit
) -> None:
    batch = upload(registrar, school, sheet([pupil(1, 是否留守儿童="是"), pupil(2)]))
    assert (batch.state, counted(batch)["create"], Student.objects.count()) == (BatchState.CHECKED, 2, 0)
    apply(registrar, batch)
    first = Student.objects.get(name=pupil(1)[0])
    assert batch.state == BatchState.APPLIED
    assert (first.birth_date, first.residence, first.hukou) == (date(2015, 1, 12), village, None)
    assert first.document_number == imported.number(1, "20150112")
    assert first.record["就读方式"] == "走读"
    enrolment = first.enrolments.get()
    assert (enrolment.school_class, enrolment.first_day) == (school_class, make.TERM_START)
    mother = first.guardians.get()
    assert (mother.relation, mother.phone, mother.is_guardian) == ("母亲", "13900000001", True)
    assert [group.group for group in first.groups.all()] == ["left_behind"]
    assert Student.objects.visible_to(registrar, Permission.VIEW_CHILD).count() == 2


def test_personal_words_of_the_sheet_stay_out_of_the_plain_record(registrar: Actor, school: Unit) -> None:
    headers = (*imported.HEADERS, "通信地址", "残疾类型", "电子信箱", "联系电话")
    row = (*pupil(1, 成员1联系电话=""), "秘密路 1 号", "听力残疾", "a@b.cn", "13811112222")
    apply(registrar, upload(registrar, school, workbooks.xlsx([row], headers=headers)))
    child = Student.objects.get()
    assert set(child.record) <= {"是否留守儿童", "就读方式"}
    assert child.guardians.get().phone == "13811112222"


def test_the_same_sheet_again_changes_nothing(registrar: Actor, school: Unit) -> None:
    content = sheet([pupil(1), pupil(2)])
    apply(registrar, upload(registrar, school, content))
    again = upload(registrar, school, content)
    assert counted(again)["same"] == 2
    with pytest.raises(ImportRefusedError, match="没有可以写入的行"):
        apply(registrar, again)
    assert Student.objects.count() == 2


def test_an_update_changes_only_what_the_sheet_says_and_shows_it_covered(registrar: Actor, school: Unit) -> None:
    apply(registrar, upload(registrar, school, sheet([pupil(1)])))
    other = make.school_class(school, "五（2）班")
    changed = pupil(1, 班级="五（2）班", 成员1联系电话="13800005678", 就读方式="住校", 现住址="")
    batch = upload(registrar, school, sheet([changed]))
    (row,) = batch.rows.all()
    shown = {change["field"]: (change["old"], change["new"]) for change in row.changes}
    assert shown == {
        "班级": ("五（1）班", "五（2）班"),
        "成员1联系电话": ("139****0001", "138****5678"),
        "就读方式": ("走读", "住校"),
    }
    apply(registrar, batch)
    child = Student.objects.get()
    assert child.residence_address == "清河县云溪镇柳树村3组"
    assert child.record["就读方式"] == "住校"
    assert [e.school_class for e in child.enrolments.filter(last_day=None)] == [other]
    assert Guardian.objects.get().phone == "13800005678"
    assert Sight.objects.filter(student=child, unit=other).exists()


def test_a_child_taught_at_home_stays_so_in_its_new_class(registrar: Actor, school: Unit) -> None:
    apply(registrar, upload(registrar, school, sheet([pupil(1)])))
    Enrolment.objects.update(status=EnrolmentStatus.HOME_TAUGHT)
    make.school_class(school, "五（2）班")
    apply(registrar, upload(registrar, school, sheet([pupil(1, 班级="五（2）班")])))
    assert Enrolment.objects.get(last_day=None).status == EnrolmentStatus.HOME_TAUGHT


def test_everything_wrong_is_listed_at_once_and_nothing_is_written(registrar: Actor, school: Unit) -> None:
    rows = [pupil(1, 性别="未知"), pupil(2), pupil(3, 身份证件号="990101201501120099", 班级="九（9）班")]
    batch = upload(registrar, school, sheet(rows))
    assert {(m["row"], m["column"]) for m in batch.mistakes} == {(2, "性别"), (4, "身份证件号"), (4, "班级")}
    assert all(m["remedy"] for m in batch.mistakes)
    with pytest.raises(ImportRefusedError, match="还有 2 行"):
        apply(registrar, batch)
    assert not Student.objects.exists()


def test_the_right_rows_may_go_first(registrar: Actor, school: Unit) -> None:
    batch = upload(registrar, school, sheet([pupil(1, 性别="未知"), pupil(2)]))
    apply(registrar, batch, partly=True)
    assert [child.name for child in Student.objects.all()] == [pupil(2)[0]]
    assert [row.applied for row in batch.rows.order_by("row")] == [False, True]


def test_a_registrar_does_not_write_into_another_school(registrar: Actor, school: Unit, township: Unit) -> None:
    make.school(township, "大坪小学", code="2199010002")
    headers = (*imported.HEADERS, "学校标识码")
    batch = upload(registrar, school, workbooks.xlsx([(*pupil(1), "2199010002")], headers=headers))
    assert [(m["column"], m["value"]) for m in batch.mistakes] == [("学校标识码", "2199010002")]
    with pytest.raises(PermissionDenied):
        imports.open_import(
            by=registrar, unit=township, file_name="a.xlsx", content=[b"x"], now=imported.NOW
        )  # fmt: skip


def test_a_child_of_another_school_is_refused_and_nothing_of_it_is_told(
    registrar: Actor, school: Unit, township: Unit
) -> None:
    other = make.school_class(make.school(township, "大坪小学", code="2199010002"))
    make.child(other, "秘密名", document_kind="resident_card", document_number=imported.number(1, "20150112"))
    batch = upload(registrar, school, sheet([pupil(1)]))
    assert [m["message"] for m in batch.mistakes] == ["证件号或学籍号与县内其他学校在读的学生相同"]
    (row,) = batch.rows.all()
    assert "秘密名" not in row.values + str(row.changes) + str(batch.mistakes)


def test_the_bureau_moves_a_child_between_schools(county: Unit, school_class: Unit, township: Unit) -> None:
    other = make.school(township, "大坪小学", code="2199010002")
    make.school_class(other)
    child = make.child(
        school_class, str(pupil(1)[0]), document_kind="resident_card", document_number=imported.number(1, "20150112")
    )
    officer = make.actor(make.person(Role.BUREAU_OFFICER, county))
    rows = [(*pupil(1), "2199010002"), (*pupil(2), "2199010001")]
    batch = upload(officer, county, workbooks.xlsx(rows, headers=(*imported.HEADERS, "学校标识码")))
    assert (counted(batch)["update"], counted(batch)["create"]) == (1, 1)
    apply(officer, batch)
    assert Enrolment.objects.get(student=child, last_day=None).school == other


def test_missing_classes_are_made_from_the_list_and_the_rows_become_right(registrar: Actor, school: Unit) -> None:
    rows = [pupil(1, 班级="六年级2班"), pupil(2, 班级="602"), pupil(3, 班级="七1班")]
    batch = upload(registrar, school, sheet(rows))
    assert [(c["name"], c["grade"], c["rows"]) for c in batch.counts["new_classes"]] == [
        ("六（2）班", 6, 2),
        ("七（1）班", 7, 1),
    ]
    assert imports.make_classes(by=registrar, batch=batch, chosen=[0], now=imported.NOW) == 1
    imported.work()
    batch.refresh_from_db()
    assert (counted(batch)["create"], counted(batch)["faulty"]) == (2, 1)
    made = Unit.objects.get(name="六（2）班")
    assert (made.parent, made.grade) == (school, 6)
    assert AuditRow.objects.filter(verb="unit_created", object_id=str(made.pk), actor__contains="导入").exists()


def merge(unit: Unit, into: Unit) -> None:
    merge_unit(by=make.SYSTEM, unit=unit, into=into, on=make.DAY, number="清教〔2026〕12号", now=imported.NOW)


def test_no_class_is_made_in_a_school_merged_since_the_check(county: Unit, school: Unit, township: Unit) -> None:
    officer = make.actor(make.person(Role.BUREAU_OFFICER, county))
    rows = [(*pupil(1, 班级="六年级2班"), school.code)]
    batch = upload(officer, county, workbooks.xlsx(rows, headers=(*imported.HEADERS, "学校标识码")))
    merge(school, make.school(township, "大坪小学", code="2199010002"))
    with pytest.raises(ImportRefusedError, match=f"“{school.name}”已经撤并.*重新上传"):
        imports.make_classes(by=officer, batch=batch, chosen=[0], now=imported.NOW)
    assert not Unit.objects.filter(name="六（2）班").exists()


def test_nobody_is_put_into_a_class_merged_since_the_check(registrar: Actor, school: Unit, school_class: Unit) -> None:
    second = make.school_class(school, "五（2）班")
    known = make.child(
        second, str(pupil(1)[0]), document_kind="resident_card", document_number=imported.number(1, "20150112")
    )
    batch = upload(registrar, school, sheet([pupil(1), pupil(2)]))
    assert (counted(batch)["update"], counted(batch)["create"]) == (1, 1)
    merge(school_class, second)
    apply(registrar, batch)
    assert Enrolment.objects.get(student=known, last_day=None).school_class == second
    assert Student.objects.count() == 1
    assert [note for note in batch.notes if "所在班级已经撤并" in note and "没有写入" in note] == batch.notes[-2:]


def test_an_uncertain_row_waits_for_an_answer(registrar: Actor, school: Unit, school_class: Unit) -> None:
    known = make.child(None, "王小明", birth_date=date(2013, 5, 12), residence=school_class.parent)
    row = pupil(1, 姓名="王小明", 出生日期="20130512", 身份证件类型="无证件", 身份证件号="")
    batch = upload(registrar, school, sheet([row, pupil(2)]))
    assert counted(batch)["ambiguous"] == 1
    with pytest.raises(ImportRefusedError, match="待确认"):
        apply(registrar, batch)
    imports.check_again(by=registrar, batch=batch, answers={2: known.pk}, now=imported.NOW)
    imported.work()
    batch.refresh_from_db()
    assert (counted(batch)["ambiguous"], counted(batch)["update"]) == (0, 1)
    apply(registrar, batch)
    assert Enrolment.objects.get(student=known).school_class == school_class
    assert Student.objects.count() == 2


def test_a_worker_that_dies_in_the_middle_leaves_a_job_that_ends_the_same(
    registrar: Actor, school: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "CHUNK", 3)
    batch = upload(registrar, school, sheet([pupil(n) for n in range(1, 11)]))
    imports.start_apply(by=registrar, batch=batch, partly=False, first_day=make.TERM_START, now=imported.NOW)
    whole = import_rows.write_rows
    calls: list[int] = []

    def dies(**given: object) -> object:
        calls.append(1)
        result = whole(**given) if len(calls) < 3 else None  # type: ignore[arg-type]
        if result is None:
            raise SystemError("killed")
        return result

    monkeypatch.setattr(import_rows, "write_rows", dies)
    job = imported.work(dies=True)
    assert (job.state, Student.objects.count()) == (JobState.RUNNING, 6)
    monkeypatch.setattr(import_rows, "write_rows", whole)
    Job.objects.filter(pk=job.pk).update(lease_until=imported.NOW.replace(year=2000))
    assert run_job(by=make.SYSTEM, job_id=job.pk) is not None
    batch.refresh_from_db()
    assert (batch.state, Student.objects.count(), Guardian.objects.count()) == (BatchState.APPLIED, 10, 10)


def test_a_chunk_killed_inside_its_transaction_has_written_nothing(
    registrar: Actor, school: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = upload(registrar, school, sheet([pupil(1), pupil(2)]))
    imports.start_apply(by=registrar, batch=batch, partly=False, first_day=make.TERM_START, now=imported.NOW)

    def breaks(*_: object, **__: object) -> None:
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(import_rows, "_update", breaks)
        imported.work(dies=True)
        assert not Student.objects.exists()
        assert not GroupMembership.objects.exists()


def test_pressing_twice_writes_once(registrar: Actor, school: Unit) -> None:
    batch = upload(registrar, school, sheet([pupil(1)]))
    stale = ImportBatch.objects.get(pk=batch.pk)
    apply(registrar, batch)
    for same in (batch, stale):
        with pytest.raises(ImportRefusedError, match="不会重复写入"):
            apply(registrar, same)
    assert Student.objects.count() == 1
    assert Job.objects.filter(kind="import_apply").count() == 1


def test_a_file_uploaded_twice_and_checked_before_either_is_written_makes_each_child_once(
    registrar: Actor, school: Unit
) -> None:
    content = sheet([pupil(1), pupil(2, 身份证件类型="无证件", 身份证件号="")])
    first, second = upload(registrar, school, content), upload(registrar, school, content)
    apply(registrar, first)
    apply(registrar, second)
    assert Student.objects.count() == 2
    assert sum("没有写入" in note for note in second.notes) == 2


def test_a_child_changed_since_the_check_is_not_overwritten(registrar: Actor, school: Unit) -> None:
    apply(registrar, upload(registrar, school, sheet([pupil(1)])))
    batch = upload(registrar, school, sheet([pupil(1, 就读方式="住校")]))
    child = Student.objects.get()
    child.changed_at = make.moment(make.DAY, 9)
    child.save()
    apply(registrar, batch)
    assert Student.objects.get().record["就读方式"] == "走读"
    assert "信息又有更改" in batch.notes[-1]


def test_the_upload_is_kept_outside_the_static_folders_and_removed_once_written(
    registrar: Actor, school: Unit
) -> None:
    batch = upload(registrar, school, sheet([pupil(1)]))
    path = Path(settings.MEDIA_ROOT) / batch.stored_file
    assert path.name.startswith(batch.file_digest)
    assert path.stat().st_mode & 0o077 == 0
    assert not path.is_relative_to(settings.STATIC_ROOT)
    apply(registrar, batch)
    assert not path.exists()


def test_an_upload_never_written_is_removed_after_thirty_days(registrar: Actor, school: Unit) -> None:
    batch = upload(registrar, school, sheet([pupil(1)]))
    assert imports.discard_old_files(by=make.SYSTEM, now=imported.NOW + imports.KEEP_FILE) == 0
    assert imports.discard_old_files(by=make.SYSTEM, now=imported.NOW.replace(year=2027)) == 1
    batch.refresh_from_db()
    with pytest.raises(ImportRefusedError, match="重新上传"):
        imports.check_again(by=registrar, batch=batch, answers={}, now=imported.NOW)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空的"),
        (workbooks.csv_text(), "CSV"),
        (workbooks.html_table(), "HTML"),
        (workbooks.docx(), "Word"),
        (sheet([pupil(1)])[:3000], "损坏"),
        (workbooks.encrypted(sheet([pupil(1)])), "密码"),
        (workbooks.far_cell(), "1048576"),
        (workbooks.billion_laughs(), "外部定义"),
        (workbooks.xlsx([("a", "b")], headers=("甲", "乙")), "表头"),
    ],
    ids=["empty", "csv", "html", "word", "cut", "encrypted", "far", "laughs", "no-head"],
)
def test_a_bad_file_is_refused_with_a_sentence_and_not_kept(
    registrar: Actor, school: Unit, content: bytes, sentence: str
) -> None:
    batch = upload(registrar, school, content)
    assert batch.state == BatchState.REFUSED
    assert sentence in batch.notes[0]
    assert (batch.stored_file, batch.rows.count()) == ("", 0)


def test_a_missing_column_is_named(registrar: Actor, school: Unit) -> None:
    headers = [head for head in imported.HEADERS if head != "班级"]
    batch = upload(registrar, school, workbooks.xlsx([["x"] * len(headers)], headers=headers))
    assert (batch.state, [m["column"] for m in batch.mistakes]) == (BatchState.REFUSED, ["班级"])


def test_a_person_who_lost_the_post_meanwhile_ends_with_a_sentence(registrar: Actor, school: Unit) -> None:
    batch = upload(registrar, school, sheet([pupil(1)]))
    imports.start_apply(by=registrar, batch=batch, partly=False, first_day=make.TERM_START, now=imported.NOW)
    Job.objects.update(started_by=make.user().pk)
    job = imported.work()
    assert (job.state, Student.objects.count()) == (JobState.FAILED, 0)
    assert "权限" in job.error
