"""The pages of an import: upload, everything wrong at once, preview, answers, writing, taking back; bad input."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from agencies.actions import jobs
from agencies.choices import JobState, Role
from agencies.models import Job, Unit
from students.choices import BatchState
from students.imports.columns import catalogue
from students.models import ImportBatch, Student
from tests import make, workbooks
from tests.students import imported
from tests.students.imported import pupil, sheet
from tests.students.pages import House, clock_at, found, house, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def registrar(place: House) -> Client:
    return signed_in(Role.REGISTRAR, place.school, "学籍员")


def send(client: Client, unit: Unit, content: bytes, name: str = "学籍.xlsx") -> Any:
    return client.post("/imports/new/", {"unit": unit.pk, "file": SimpleUploadedFile(name, content)})


def checked(client: Client, unit: Unit, rows: list[tuple[object, ...]]) -> ImportBatch:
    """Upload and check."""
    assert send(client, unit, sheet(rows)).status_code == 302
    imported.work()
    return ImportBatch.objects.first() or ImportBatch()


def page(client: Client, batch: ImportBatch, query: str = "") -> str:
    answer = client.get(f"/imports/{batch.pk}/{query}")
    assert answer.status_code == 200
    return text_of(answer)


def test_a_registrar_uploads_looks_writes_and_takes_back(place: House, registrar: Client) -> None:
    with clock_at():
        answer = send(registrar, place.school, sheet([pupil(1), pupil(2)]))
        batch = ImportBatch.objects.get()
        assert answer["Location"] == f"/imports/{batch.pk}/"
        assert 'hx-trigger="every 2s"' in page(registrar, batch)
        imported.work()
        preview = page(registrar, batch)
        assert "将写入 2 名学生" in preview
        assert pupil(1)[0] in preview
        assert not Student.objects.exists()
        registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": "2026-11-11"})
        imported.work()
        after = page(registrar, batch)
        assert "已写入" in after
        assert "撤销这次导入" in after
        registrar.post(f"/imports/{batch.pk}/undo/")
        assert "撤销中" in page(registrar, batch)
        imported.work()
    assert "已撤销" in page(registrar, batch)
    assert not Student.objects.exists()


def test_while_a_job_works_only_the_progress_is_sent_and_at_its_end_the_page_is_loaded_anew(
    place: House, registrar: Client
) -> None:
    send(registrar, place.school, sheet([pupil(1)]))
    batch = ImportBatch.objects.get()
    part = registrar.get(f"/imports/{batch.pk}/", headers={"HX-Request": "true"})
    assert "<html" not in text_of(part)
    imported.work()
    done = registrar.get(f"/imports/{batch.pk}/", headers={"HX-Request": "true"})
    assert (text_of(done), done["HX-Refresh"]) == ("", "true")


def test_everything_wrong_is_listed_sorted_and_filtered(place: House, registrar: Client) -> None:
    rows = [pupil(1, 性别="未知"), pupil(2, 班级="九（9）班"), pupil(3, 性别="", 身份证件号="12")]
    batch = checked(registrar, place.school, rows)
    listed = page(registrar, batch)
    assert "错误（4处）" in listed
    by_column = page(registrar, batch, "?show=mistakes&sort=column")
    columns = [text.split("<")[0] for text in by_column.split('data-label="列">')[1:]]
    assert columns == sorted(columns)
    only = page(registrar, batch, "?show=mistakes&column=班级")
    assert "错误（1处）" in only
    assert "第3行" in only
    assert "第2行" not in only


def test_the_workbook_of_faulty_rows_says_what_is_wrong_and_can_be_uploaded_when_mended(
    place: House, registrar: Client
) -> None:
    batch = checked(registrar, place.school, [pupil(1), pupil(2, 性别="未知", 班级="五(1)班", 就读方式="@SUM(1)")])
    answer = registrar.get(f"/imports/{batch.pk}/faulty/")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    lines = [[cell.value for cell in row] for row in book.active.iter_rows()]
    heads = next(line for line in lines if "姓名" in line)
    (row,) = [dict(zip(heads, line, strict=True)) for line in lines if pupil(2)[0] in line]
    assert row["错误"].startswith("性别：")
    assert row["身份证件号"] == pupil(2)[4]
    assert row["就读方式"] == "@SUM(1)"
    line = next(cells for cells in book.active.iter_rows() if pupil(2)[0] in [c.value for c in cells])
    assert {c.data_type for c in line if isinstance(c.value, str)} == {"s"}
    line[heads.index("性别")].value = "女"
    mended = io.BytesIO()
    book.save(mended)
    send(registrar, place.school, mended.getvalue())
    imported.work()
    newest = ImportBatch.objects.order_by("-id")[0]
    assert (newest.mistakes, newest.counts["create"]) == ([], 1)


def test_the_template_has_the_71_heads_and_is_read_again(place: House, registrar: Client) -> None:
    answer = registrar.get("/imports/template/")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    page_, options = book["学籍信息表"], book["字典"]
    heads = [str(cell.value).lstrip("★") for cell in page_[1]]
    assert heads == [column.header for column in catalogue().columns]
    assert len(heads) == 71
    assert {cell.value for cell in options[1]} >= {"性别", "民族", "身份证件类型"}
    row = dict(zip(imported.HEADERS, pupil(1), strict=True))
    for number, head in enumerate(heads, start=1):
        if row.get(head):
            page_.cell(row=2, column=number, value=str(row[head]))
    send(registrar, place.school, workbooks.saved(book))
    imported.work()
    assert ImportBatch.objects.get().counts["create"] == 1


def test_an_uncertain_row_is_decided_on_the_page(place: House, registrar: Client) -> None:
    known = make.child(place.school_class, "王小明", document_kind="none")
    make.child(place.school_class, "王小明", document_kind="none")
    row = pupil(1, 姓名="王小明", 出生日期="20150512", 身份证件类型="无证件", 身份证件号="")
    batch = checked(registrar, place.school, [row])
    shown = page(registrar, batch)
    assert "是不是在册的这一名" in shown
    assert f'value="{known.pk}"' in shown
    nothing = registrar.post(f"/imports/{batch.pk}/answers/", {"row-2": "abc"})
    assert nothing.status_code == 400
    assert "还没有选择" in text_of(nothing)
    registrar.post(f"/imports/{batch.pk}/answers/", {"row-2": "new"})
    imported.work()
    batch.refresh_from_db()
    assert (batch.counts["ambiguous"], batch.counts["create"]) == (0, 1)


def test_missing_classes_are_offered_and_made(place: House, registrar: Client) -> None:
    batch = checked(registrar, place.school, [pupil(1, 班级="六年级1班")])
    assert "六（1）班" in page(registrar, batch)
    assert registrar.post(f"/imports/{batch.pk}/classes/").status_code == 400
    registrar.post(f"/imports/{batch.pk}/classes/", {"class": ["0"]})
    imported.work()
    assert "将写入 1 名学生" in page(registrar, batch)


def test_faulty_rows_hold_the_rest_back_unless_the_box_is_ticked(place: House, registrar: Client) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1), pupil(2, 性别="未知")])
        refused = registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": "2026-11-11"})
        assert refused.status_code == 400
        assert "先导入无误的行" in text_of(refused)
        registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": "2026-11-11", "partly": "on"})
        imported.work()
    assert Student.objects.count() == 1


@pytest.mark.parametrize("day", ["", "昨天", "1926-11-11", "2026-02-30"])
def test_a_wrong_first_day_is_a_form_error(place: House, registrar: Client, day: str) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1)])
        answer = registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": day})
    assert answer.status_code == 400
    assert "field-error" in text_of(answer)
    assert not Job.objects.filter(kind="import_apply").exists()


def test_pressing_write_twice_starts_one_job(place: House, registrar: Client) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1)])
        data = {"first_day": "2026-11-11"}
        assert registrar.post(f"/imports/{batch.pk}/apply/", data).status_code == 302
        again = registrar.post(f"/imports/{batch.pk}/apply/", data)
    assert (again.status_code, Job.objects.filter(kind="import_apply").count()) == (409, 1)
    assert "不会重复写入" in text_of(again)


def test_a_job_that_was_given_up_can_be_continued(place: House, registrar: Client) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1)])
        registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": "2026-11-11"})
        assert registrar.post(f"/imports/{batch.pk}/resume/").status_code == 409
        job = Job.objects.get(kind="import_apply")
        jobs.fail(by=make.SYSTEM, job=job, now=imported.NOW, sentence="多次中断，已停止。")
        assert "多次中断" in page(registrar, batch)
        registrar.post(f"/imports/{batch.pk}/resume/")
        imported.work()
    batch.refresh_from_db()
    assert (batch.state, Student.objects.count()) == (BatchState.APPLIED, 1)


def test_what_stands_in_the_way_of_an_undo_is_named_child_by_child(place: House, registrar: Client) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1)])
        registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": "2026-11-11"})
        imported.work()
        make.roll(place.school_class, at=make.moment(make.DAY, 9))
        registrar.post(f"/imports/{batch.pk}/undo/")
        imported.work()
        shown = page(registrar, batch)
    assert "没有撤销" in shown
    assert "所在班级已点名：2026-11-11（周三）" in shown
    assert Student.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "空的"), (b"x" * ((30 << 20) + 1), "超过 30 MB")],
    ids=["empty", "huge"],
)
def test_an_empty_or_huge_file_is_a_form_error(place: House, registrar: Client, content: bytes, words: str) -> None:
    answer = send(registrar, place.school, content)
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not ImportBatch.objects.exists()


def test_a_form_without_a_file_or_for_another_school_is_refused(place: House, registrar: Client) -> None:
    assert registrar.post("/imports/new/", {"unit": place.school.pk}).status_code == 400
    assert send(registrar, place.other_school, sheet([pupil(1)])).status_code == 400
    assert registrar.post("/imports/new/", {"unit": "x" * 100, "file": "text"}).status_code == 400


@pytest.mark.parametrize(
    "content",
    [workbooks.csv_text(), workbooks.encrypted(sheet([pupil(1)])), workbooks.far_cell(), workbooks.bomb(32)],
    ids=["csv", "encrypted", "far", "bomb"],
)
def test_a_hostile_or_mislabelled_file_is_refused_on_the_page(place: House, registrar: Client, content: bytes) -> None:
    send(registrar, place.school, content)
    job = imported.work()
    batch = ImportBatch.objects.get()
    assert (job.state, batch.state) == (JobState.DONE, BatchState.REFUSED)
    assert "这个文件不能导入" in page(registrar, batch)


def test_more_than_20000_rows_are_refused(place: House, registrar: Client) -> None:
    send(
        registrar,
        place.school,
        workbooks.xlsx([("王小明", "男", "三（1）班")] * 20_001, headers=("姓名", "性别", "班级")),
    )
    imported.work()
    assert "20001 行，超过一次 20000 行" in ImportBatch.objects.get().notes[0]


def test_a_name_of_script_is_text(place: House, registrar: Client) -> None:
    name = "<script>alert(1)</script>.xlsx"
    send(registrar, place.school, sheet([pupil(1, 班级="<b>五</b>")]), name)
    imported.work()
    shown = page(registrar, ImportBatch.objects.get())
    assert "<b>五" not in shown
    assert "<script>alert" not in shown


def test_no_page_shows_a_whole_number_or_phone(place: House, registrar: Client) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1), pupil(2, 身份证件号="990101201501120099")])
        registrar.post(f"/imports/{batch.pk}/apply/", {"first_day": "2026-11-11", "partly": "on"})
        imported.work()
        newer = checked(registrar, place.school, [pupil(1, 成员1联系电话="13800009999")])
    shown = page(registrar, batch) + page(registrar, batch, "?show=mistakes") + page(registrar, newer)
    assert "138****9999" in shown
    for secret in (str(pupil(1)[4]), "990101201501120099", "13900000001", "13800009999"):
        assert secret not in shown


@pytest.mark.parametrize("query", ["", "?show=create", "?show=update", "?show=mistakes"])
def test_one_row_costs_as_many_queries_as_three(place: House, registrar: Client, query: str) -> None:
    counts = []
    for number in (1, 3):
        rows = [pupil(number * 10 + n) for n in range(number)] + [
            pupil(number * 10 + 5 + n, 性别="未知") for n in range(number)
        ]
        batch = checked(registrar, place.school, rows)
        page(registrar, batch, query)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(registrar, batch, query)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_asking_about_one_row_costs_as_many_queries_as_about_three(place: House, registrar: Client) -> None:
    counts = []
    for number in (1, 3):
        for n in range(number):
            make.child(place.school_class, f"王小{'一二三'[n]}", document_kind="none")
            make.child(place.school_class, f"王小{'一二三'[n]}", document_kind="none")
        rows = [
            pupil(n, 姓名=f"王小{'一二三'[n]}", 出生日期="20150512", 身份证件类型="无证件", 身份证件号="")
            for n in range(number)
        ]
        batch = checked(registrar, place.school, rows)
        assert batch.counts["ambiguous"] == number
        with CaptureQueriesContext(connection) as queries:
            page(registrar, batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_costs_as_many_queries_for_three_imports_as_for_one(place: House, registrar: Client) -> None:
    counts = []
    for number in (1, 2):
        for _ in range(number):
            checked(registrar, place.school, [pupil(1)])
        with CaptureQueriesContext(connection) as queries:
            assert "学籍.xlsx" in text_of(registrar.get("/imports/"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_long_preview_is_turned_page_by_page(place: House, registrar: Client) -> None:
    batch = checked(registrar, place.school, [pupil(n) for n in range(1, 131)])
    first = page(registrar, batch, "?show=create")
    assert first.count('<th scope="row">') == 100
    later = found(first, r'href="(\?[^"]*after=[^"]*)"').replace("&amp;", "&")
    assert page(registrar, batch, later).count('<th scope="row">') == 30


@pytest.mark.parametrize("query", ["?show=drop", "?after=x", "?after=99999999999999999999", "?from=-1", "?sort=x"])
def test_a_strange_address_is_no_error(place: House, registrar: Client, query: str) -> None:
    batch = checked(registrar, place.school, [pupil(1, 性别="未知")])
    page(registrar, batch, query)


def test_the_bureau_uploads_for_the_county_and_a_teacher_for_nobody(place: House, registrar: Client) -> None:
    officer = signed_in(Role.BUREAU_OFFICER, place.county)
    assert "全部学校，按学校标识码" in text_of(officer.get("/imports/new/"))
    batch = checked(registrar, place.school, [pupil(1)])
    assert officer.get(f"/imports/{batch.pk}/").status_code == 200
    sister = signed_in(Role.REGISTRAR, place.other_school)
    assert sister.get(f"/imports/{batch.pk}/").status_code == 404
    assert sister.post(f"/imports/{batch.pk}/undo/").status_code == 404
    teacher = signed_in(Role.CLASS_TEACHER, place.school_class)
    assert teacher.get("/imports/").status_code == 403


def test_the_empty_list_says_what_to_do(registrar: Client) -> None:
    assert "还没有导入过学籍表" in text_of(registrar.get("/imports/"))


def test_an_upload_left_alone_stays_in_the_list_without_its_file(place: House, registrar: Client) -> None:
    with clock_at():
        batch = checked(registrar, place.school, [pupil(1, 班级="六年级1班")])
        job = jobs.start_job(
            by=make.SYSTEM,
            kind="discard_uploads",
            key="discard_uploads/test",
            payload={"now": make.moment(make.DAY + timedelta(days=31)).isoformat()},
            now=imported.NOW,
        )
        assert imported.work().pk == job.pk
        answer = registrar.post(f"/imports/{batch.pk}/classes/", {"class": ["0"]})
    assert answer.status_code == 400
    assert "重新上传" in text_of(answer)
    assert not Unit.objects.filter(name="六（1）班").exists()
