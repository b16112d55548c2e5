"""Proofs of a leave: given with it or later, shown to whom they may be shown, opened with a trace, withdrawn."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.choices import Role, Verb
from agencies.models import AuditRow
from students.gateways import blobs
from students.models import Leave, Proof, Student
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of
from tests.students import files

pytestmark = pytest.mark.django_db
LEAVE = {"kind": "personal", "first_day": "2026-11-11", "last_day": "2026-11-12", "asked_by": "周母"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Any) -> Any:
    logging.disable(logging.CRITICAL)
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path
    logging.disable(logging.NOTSET)


@pytest.fixture
def place() -> Scene:
    return scene()


@pytest.fixture
def child(place: Scene) -> Student:
    return place.child()


def ask(place: Scene, child: Student, *sent: Any, **changes: Any) -> Any:
    """The class teacher puts a leave on record with files."""
    data = {**LEAVE, "student": child.pk, "attached": list(sent), **changes}
    with at():
        return client(place.teacher).post(f"{reverse('students:leave_new')}?student={child.pk}", data)


def test_a_leave_is_put_on_record_with_its_photos(place: Scene, child: Student) -> None:
    taken = files.upload(files.jpeg(taken="2026:11:10 18:00:00"), "假条.jpg")
    answer = ask(place, child, taken, files.upload(files.pdf(), "通知.pdf"))
    assert answer.status_code == 302
    first, second = Proof.objects.all()
    assert [link.proof for link in Leave.objects.get().proof_links.all()] == [first, second]
    assert (first.kind, first.file_name, str(first.taken_on), first.restricted) == (
        "photo",
        "假条.jpg",
        "2026-11-10",
        False,
    )
    assert (second.kind, second.content_type, second.taken_on) == ("scan", "application/pdf", None)
    added = AuditRow.objects.filter(verb=Verb.PROOF_ADDED, child_number=child.number)
    assert [row.detail["sha256"] for row in added.order_by("id")] == [first.sha256, second.sha256]
    with at():
        page = text_of(client(place.teacher).get(reverse("students:child", args=[child.pk])))
    assert page.count('data-testid="proof"') == 2
    assert reverse("students:proof_small", args=[first.pk]) in page


BAD = [
    (b"", "照片.jpg", "“照片.jpg”是空的（0 字节）"),
    (files.EXE, "假条.jpg", "“假条.jpg”不是可以保存的文件"),
    (files.bomb(), "bomb.png", "像素"),
    (files.jpeg()[:2000], "断.jpg", "没有传完整或已损坏"),
    (files.HEIC, "IMG_1.heic", "兼容性最佳"),
    (files.EXE, "../../x\x01y\u202egpj.exe", "“xygpj.exe”不是可以保存的文件"),
]


@pytest.mark.parametrize(("content", "name", "says"), BAD)
def test_a_bad_file_is_said_in_a_sentence_and_nothing_is_written(
    place: Scene, child: Student, content: bytes, name: str, says: str, folder: Any
) -> None:
    answer = ask(place, child, files.upload(files.jpeg()), files.upload(content, name))
    assert answer.status_code == 400
    assert says in text_of(answer)
    assert "请重新选择照片和文件" in text_of(answer)
    assert not Leave.objects.exists()
    assert not Proof.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_every_bad_file_is_named_at_once(place: Scene, child: Student) -> None:
    answer = ask(place, child, files.upload(b"", "一.jpg"), files.upload(files.EXE, "二.jpg"))
    assert "“一.jpg”" in text_of(answer)
    assert "“二.jpg”" in text_of(answer)


def test_too_many_and_too_large_files_are_refused(place: Scene, child: Student) -> None:
    many = ask(place, child, *(files.upload(files.jpeg(), f"{number}.jpg") for number in range(10)))
    assert "一次选了 10 个文件，最多 9 个" in text_of(many)
    with override_settings(PROOF_PICTURE_BYTES=1000):
        assert "每个最多" in text_of(ask(place, child, files.upload(files.jpeg())))
    assert not Leave.objects.exists()


def test_files_are_to_be_chosen_again_only_where_some_were_chosen(place: Scene, child: Student) -> None:
    for sent, again in (([], False), ([files.upload(files.jpeg())], True)):
        answer = ask(place, child, *sent, last_day="2026-11-01")
        assert ("请重新选择照片和文件" in text_of(answer)) == again


def test_a_refused_leave_keeps_no_proof(place: Scene, child: Student) -> None:
    ask(place, child)
    answer = ask(place, child, files.upload(files.jpeg()))
    assert answer.status_code == 400
    assert "重叠" in text_of(answer)
    assert not Proof.objects.exists()


def test_the_script_is_told_where_to_go_on_and_keeps_the_message(place: Scene, child: Student) -> None:
    data = {**LEAVE, "student": child.pk, "attached": files.upload(files.jpeg())}
    with at():
        browser = client(place.teacher)
        url = f"{reverse('students:leave_new')}?student={child.pk}"
        answer = browser.post(url, data, headers={"Baoxue-Upload": "1"})
        assert answer.status_code == 204
        assert "已登记事假" in text_of(browser.get(answer["Baoxue-Location"]))


def test_a_sick_note_comes_later_and_only_who_may_see_such_opens_it(place: Scene, child: Student) -> None:
    ask(place, child, kind="sick")
    leave = Leave.objects.get()
    head = make.person(Role.BUREAU_HEAD, place.county)
    with at(hour=15):
        teacher = client(place.teacher)
        url = reverse("students:leave_proofs", args=[leave.pk])
        data = {"attached": files.upload(files.jpeg(), "诊断.jpg"), "taken_on": "2026-11-11", "note": "县医院"}
        assert teacher.post(url, data).status_code == 302
        again = {"attached": files.upload(files.jpeg(), "再传.jpg")}
        assert "先前已经附上" in text_of(teacher.post(url, again, follow=True))
        (proof,) = Proof.objects.all()
        assert proof.restricted
        colleague = client(make.person(Role.CLASS_TEACHER, place.school_class))
        page = text_of(colleague.get(reverse("students:child", args=[child.pk])))
        assert "限制材料（照片）" in page
        assert "诊断.jpg" not in page
        assert "县医院" not in page
        for name in ("proof", "proof_small"):
            refused = colleague.get(reverse(f"students:{name}", args=[proof.pk]))
            assert refused.status_code == 403
        assert "只有授权人员能打开" in text_of(colleague.get(reverse("students:proof", args=[proof.pk])))
        assert client(head).get(reverse("students:proof", args=[proof.pk])).status_code == 200


def test_a_sick_note_opens_to_its_giver_and_to_the_school_s_office(place: Scene, child: Student) -> None:
    ask(place, child, kind="sick")
    registrar = make.person(Role.REGISTRAR, place.school)
    colleague = make.person(Role.CLASS_TEACHER, place.school_class)
    with at(hour=15):
        teacher = client(place.teacher)
        data = {"attached": files.upload(files.jpeg(), "诊断.jpg")}
        teacher.post(reverse("students:leave_proofs", args=[Leave.objects.get().pk]), data)
        url = reverse("students:proof", args=[Proof.objects.get().pk])
        assert [client(who).get(url).status_code for who in (place.teacher, registrar, colleague)] == [200, 200, 403]
        assert "诊断.jpg" in text_of(teacher.get(reverse("students:child", args=[child.pk])))


def test_no_file_a_future_day_and_an_early_day_are_said(place: Scene, child: Student) -> None:
    ask(place, child)
    url = reverse("students:leave_proofs", args=[Leave.objects.get().pk])
    with at(hour=15):
        teacher = client(place.teacher)
        assert "请选择照片或文件" in text_of(teacher.post(url, {}))
        for day in ("2026-11-12", "1999-01-01"):
            data = {"attached": files.upload(files.jpeg()), "taken_on": day}
            answer = teacher.post(url, data)
            assert answer.status_code == 400
            assert "之间的日期" in text_of(answer)
    assert not Proof.objects.exists()


def test_the_original_opens_whole_with_its_name_and_leaves_a_trace(place: Scene, child: Student) -> None:
    content = files.jpeg(taken="2026:11:10 18:00:00", place=True)
    proof = files.photo(child, place.school_class, content)
    with at():
        browser = client(place.teacher)
        answer = browser.get(reverse("students:proof", args=[proof.pk]), headers={"Accept-Encoding": "gzip"})
        small = browser.get(reverse("students:proof_small", args=[proof.pk]))
    assert answer.getvalue() == content
    assert answer["Content-Length"] == str(len(content))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline; ")
    assert "filename*=UTF-8''%E9%97%A8%E5%8F%A3.jpg" in answer["Content-Disposition"]
    for sent in (answer, small):
        assert sent["X-Content-Type-Options"] == "nosniff"
        assert sent["Cache-Control"] == "private, no-store"
        assert "sandbox" in sent["Content-Security-Policy"]
    assert AuditRow.objects.filter(verb=Verb.PROOF_OPENED, child_number=child.number).count() == 1


def test_what_is_no_picture_is_saved_and_not_shown(place: Scene, child: Student) -> None:
    proof = files.photo(child, place.school_class, files.pdf())
    with at():
        answer = client(place.teacher).get(reverse("students:proof", args=[proof.pk]))
        assert answer["Content-Disposition"].startswith("attachment; ")
        assert client(place.teacher).get(reverse("students:proof_small", args=[proof.pk])).status_code == 404


def test_a_sister_unit_learns_nothing(place: Scene, child: Student) -> None:
    proof = files.photo(child, place.school_class)
    other = scene(place.county, "青石")
    with at():
        for name in ("proof", "proof_small", "proof_withdraw"):
            assert client(other.teacher).get(reverse(f"students:{name}", args=[proof.pk])).status_code == 404


def test_lost_and_changed_bytes_are_said_and_never_sent(place: Scene, child: Student) -> None:
    proof = files.photo(child, place.school_class)
    path = blobs.path_of(proof.sha256)
    path.chmod(0o600)
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with at():
        browser, url = client(place.teacher), reverse("students:proof", args=[proof.pk])
        changed = browser.get(url)
        path.unlink()
        missing = browser.get(url)
    for answer in (changed, missing):
        assert answer.status_code == 404
        assert "文件缺失或已损坏" in text_of(answer)
    assert not AuditRow.objects.filter(verb=Verb.PROOF_OPENED).exists()


def test_its_giver_s_unit_withdraws_a_wrong_one_with_a_reason_and_its_bytes_stay(place: Scene, child: Student) -> None:
    ask(place, child, files.upload(files.jpeg()))
    (proof,) = Proof.objects.all()
    url = reverse("students:proof_withdraw", args=[proof.pk])
    with at(hour=15):
        assert client(place.officer).post(url, {"why": "不是我的"}).status_code == 403
        teacher = client(place.teacher)
        assert "请写明撤下理由" in text_of(teacher.post(url, {"why": " "}))
        assert teacher.post(url, {"why": "传错了学生"}).status_code == 302
        page = text_of(teacher.get(reverse("students:child", args=[child.pk])))
        again = teacher.post(url, {"why": "再撤一次"})
    assert "已撤下：传错了学生" in page
    assert reverse("students:proof_small", args=[proof.pk]) not in page
    assert "已经撤下" in text_of(again)
    assert blobs.is_whole(proof.sha256)
    assert AuditRow.objects.filter(verb=Verb.PROOF_WITHDRAWN).count() == 1


def test_one_photo_and_three_cost_the_child_s_page_the_same(place: Scene, child: Student) -> None:
    ask(place, child, files.upload(files.jpeg()))
    browser, url = client(place.teacher), reverse("students:child", args=[child.pk])

    def count() -> int:
        with at(hour=15), CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    count()
    before = count()
    with at(hour=15):
        later = reverse("students:leave_proofs", args=[Leave.objects.get().pk])
        browser.post(later, {"attached": [files.upload(files.png()), files.upload(files.pdf(), "a.pdf")]})
    assert Proof.objects.count() == 3
    assert count() == before


def test_a_body_that_is_no_form_gets_a_page_and_not_an_error(place: Scene, child: Student) -> None:
    url = f"{reverse('students:leave_new')}?student={child.pk}"
    with at():
        for body in (
            b"--x\r\n",
            b'--x\r\nContent-Disposition: form-data; name="attached"; filename="a.jpg"\r\n\r\n',
            b"",
        ):
            answer = client(place.teacher).post(url, body, content_type="multipart/form-data; boundary=x")
            assert answer.status_code in (400, 404)
