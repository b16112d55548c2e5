"""Teaching at home: two teachers, hours that fit the lessons, a record that can be counted and is never rewritten."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from agencies.models import AuditRow
from students.actions.visits import supersede_home_visit
from students.choices import EnrolmentStatus
from students.models import HomeVisit, Proof, Student
from students.rules.visits import Taught, Visit, mistakes, taught
from tests import make
from tests.students import files
from tests.students.pages import House, clock_at, found, house, signed_in, text_of

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "visited_on": make.DAY,
    "starts_at": time(14, 0),
    "ends_at": time(15, 30),
    "lessons": 2,
    "place": "学生家中",
    "teacher": "李老师",
    "second_teacher": "王老师",
    "content": "认识数字",
    "performance": "能数到十",
}
TYPED = {**GOOD, "visited_on": "2026-11-11", "starts_at": "14:00", "ends_at": "15:30"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Any) -> Any:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def child(place: House) -> Student:
    return make.child(place.school_class, "安小明", status=EnrolmentStatus.HOME_TAUGHT)


@pytest.fixture
def teacher(place: House) -> Client:
    return signed_in(Role.HOME_TEACHER, place.school, "李老师")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"visited_on": make.DAY + timedelta(days=1)}, "visited_on", "还没有到"),
        ({"visited_on": make.DAY - timedelta(days=181)}, "visited_on", "只能补登"),
        ({"ends_at": time(13, 0)}, "ends_at", "结束时间应晚于开始时间"),
        ({"starts_at": time(18, 0), "ends_at": time(19, 0)}, "starts_at", "还没有到"),
        ({"lessons": 5}, "lessons", "90分钟上不了5课时"),
        ({"second_teacher": "李老师"}, "second_teacher", "两名教师同行"),
        ({"next_on": make.DAY}, "next_on", "晚于本次"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    found = mistakes(Visit(**{**GOOD, **changes}), make.DAY, time(17, 0))
    assert list(found) == [field]
    assert words in found[field]
    assert mistakes(Visit(**GOOD), make.DAY, time(17, 0)) == {}


def test_visits_are_counted_by_any_span_of_days() -> None:
    rows = [(date(2026, 10, 30), 2), (date(2026, 11, 3), 2), (date(2026, 11, 10), 3)]
    assert taught(rows, date(2026, 11, 1), date(2026, 11, 30)) == Taught(2, 5)
    assert taught([], date(2026, 11, 1), date(2026, 11, 30)) == Taught(0, 0)


def test_the_home_teacher_lands_on_her_children_and_records_a_visit(child: Student, teacher: Client) -> None:
    with clock_at(hour=17):
        assert teacher.get("/")["Location"] == "/home-teaching/"
        assert "还没有记录" in text_of(teacher.get("/home-teaching/"))
        page = text_of(teacher.get(f"/students/{child.pk}/visits/new/"))
        assert found(page, r'name="teacher" value="([^"]*)"') == "李老师"
        token = found(page, r'name="token" value="([0-9a-f]{32})"')
        for _ in range(2):
            answer = teacher.post(f"/students/{child.pk}/visits/new/", {**TYPED, "token": token})
            assert answer["Location"] == f"/students/{child.pk}/"
        listed = text_of(teacher.get("/home-teaching/"))
        shown = text_of(teacher.get(f"/students/{child.pk}/"))
    visit = HomeVisit.objects.get()
    assert (visit.lessons, visit.school, visit.recorded_by) == (2, child.enrolments.get().school, "李老师")
    assert "1次 2课时" in listed
    assert "2026-11-11（周三） 2课时" in listed
    for words in ("14:00–15:30", "李老师、王老师", "认识数字", "能数到十"):
        assert words in shown
    row = AuditRow.objects.get(verb="home_visit_recorded")
    assert (row.child_number, row.detail["lessons"]) == (child.number, 2)


def test_photos_go_with_a_visit_and_only_who_teaches_or_may_know_opens_them(
    place: House, child: Student, teacher: Client
) -> None:
    with clock_at(hour=17):
        url = f"/students/{child.pk}/visits/new/"
        assert 'data-testid="files"' in text_of(teacher.get(url))
        refused = teacher.post(url, {**TYPED, "token": "a", "attached": files.upload(files.EXE)})
        assert (refused.status_code, HomeVisit.objects.count()) == (400, 0)
        for _ in range(2):
            teacher.post(url, {**TYPED, "token": "a", "attached": files.upload(files.jpeg(), "上课.jpg")})
        visit, proof = HomeVisit.objects.get(), Proof.objects.get()
        assert proof.restricted
        colleague = signed_in(Role.HOME_TEACHER, place.school, "王老师")
        assert f"/proofs/{proof.pk}/small/" in text_of(colleague.get(f"/students/{child.pk}/"))
        assert colleague.get(f"/proofs/{proof.pk}/").status_code == 200
        assert signed_in(Role.CLASS_TEACHER, place.school_class).get(f"/proofs/{proof.pk}/").status_code == 403
        later = teacher.post(f"/visits/{visit.pk}/proofs/", {"attached": files.upload(files.png(), "作业.png")})
        assert later["Location"] == f"/students/{child.pk}/"
        assert signed_in(Role.HOME_TEACHER, place.other_school).get(f"/visits/{visit.pk}/proofs/").status_code == 404
    assert [link.proof.file_name for link in visit.proof_links.all()] == ["上课.jpg", "作业.png"]


def test_a_replaced_record_hands_its_photos_on_and_takes_no_more(child: Student, teacher: Client) -> None:
    wrong = make.home_visit(child)
    with clock_at(hour=18):
        door = f"/visits/{wrong.pk}/proofs/"
        teacher.post(door, {"attached": files.upload(files.jpeg(), "上课.jpg")})
        right = {**TYPED, "lessons": "3", "why": "课时填错", "attached": files.upload(files.png(), "作业.png")}
        assert teacher.post(f"/visits/{wrong.pk}/supersede/", right).status_code == 302
        late = teacher.post(door, {"attached": files.upload(files.pdf(), "迟.pdf", "application/pdf")})
    assert (late.status_code, "附到更正后的记录" in text_of(late)) == (400, True)
    standing = HomeVisit.objects.standing().get()
    assert [link.proof.file_name for link in standing.proof_links.all()] == ["上课.jpg", "作业.png"]


def test_the_child_page_costs_the_same_for_one_visit_with_a_photo_and_for_three(
    child: Student, teacher: Client
) -> None:
    def cost() -> int:
        with clock_at(hour=18), CaptureQueriesContext(connection) as spent:
            assert teacher.get(f"/students/{child.pk}/").status_code == 200
        return len(spent)

    def taught(day: date) -> None:
        visit = make.home_visit(child, day)
        with clock_at(hour=18):
            teacher.post(f"/visits/{visit.pk}/proofs/", {"attached": files.upload(files.jpeg())})

    taught(make.DAY)
    first = cost()
    for days in (1, 2):
        taught(make.DAY - timedelta(days=days))
    assert Proof.objects.count() == 3
    assert cost() == first


@pytest.mark.parametrize(("me", "beside_me"), [("李老师", "王老师"), ("王老师", "李老师"), ("赵老师", "王老师")])
def test_the_next_visit_is_offered_as_the_last_one_was(place: House, child: Student, me: str, beside_me: str) -> None:
    make.home_visit(child, make.DAY - timedelta(days=7), lessons=3, place="村文化站", second_teacher="王老师")
    with clock_at(hour=17):
        page = text_of(signed_in(Role.HOME_TEACHER, place.school, me).get(f"/students/{child.pk}/visits/new/"))
    offered = {
        name: found(page, rf'name="{name}" value="([^"]*)"')
        for name in ("starts_at", "ends_at", "lessons", "place", "teacher", "second_teacher")
    }
    assert offered == {
        "starts_at": "14:00",
        "ends_at": "15:30",
        "lessons": "3",
        "place": "村文化站",
        "teacher": me,
        "second_teacher": beside_me,
    }


def test_a_wrong_form_says_everything_at_once_and_writes_nothing(child: Student, teacher: Client) -> None:
    with clock_at(hour=17):
        answer = teacher.post(f"/students/{child.pk}/visits/new/", {"lessons": "99", "starts_at": "25:61"})
        wrong = teacher.post(
            f"/students/{child.pk}/visits/new/", {**TYPED, "lessons": "8", "second_teacher": "李老师"}
        )
    assert (answer.status_code, wrong.status_code) == (400, 400)
    for words in ("时间请写成 14:30 这样", "请填写送教内容", "请填写另一名教师的姓名"):
        assert words in text_of(answer)
    assert "上不了8课时" in text_of(wrong)
    assert not HomeVisit.objects.exists()


def test_a_wrong_record_is_replaced_once_and_stays(child: Student, teacher: Client) -> None:
    wrong = make.home_visit(child)
    with clock_at(hour=18):
        page = text_of(teacher.get(f"/visits/{wrong.pk}/supersede/"))
        assert 'value="14:00"' in page
        teacher.post(f"/visits/{wrong.pk}/supersede/", {**TYPED, "lessons": "3", "why": "课时填错"})
        again = teacher.post(f"/visits/{wrong.pk}/supersede/", {**TYPED, "lessons": "1", "why": "课时填错"})
    wrong.refresh_from_db()
    assert (wrong.lessons, wrong.superseded_by, wrong.superseded_why) == (2, "李老师", "课时填错")
    assert list(HomeVisit.objects.standing().values_list("lessons", "replaces")) == [(3, wrong.pk)]
    assert again.status_code == 400
    assert "已被更正过" in text_of(again)


def test_only_who_teaches_records_and_the_class_page_of_the_child_stays_silent(place: House, child: Student) -> None:
    wrong = make.home_visit(child)
    secretary = make.actor(make.person(Role.VILLAGE_SECRETARY, place.village))
    with pytest.raises(PermissionDenied):
        supersede_home_visit(by=secretary, wrong=wrong, visit=Visit(**GOOD), why="课时", now=make.moment(make.DAY, 18))
    with clock_at(hour=18):
        class_teacher = text_of(signed_in(Role.CLASS_TEACHER, place.school_class).get(f"/students/{child.pk}/"))
        head = text_of(signed_in(Role.BUREAU_HEAD, place.county).get(f"/students/{child.pk}/"))
    assert "认识数字" not in class_teacher
    assert "认识数字" in head
    sister = signed_in(Role.HOME_TEACHER, place.other_school)
    assert sister.get(f"/students/{child.pk}/visits/new/").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three(place: House, child: Student, teacher: Client) -> None:
    def cost() -> int:
        with clock_at(), CaptureQueriesContext(connection) as spent:
            assert teacher.get("/home-teaching/").status_code == 200
        return len(spent)

    make.home_visit(child, make.DAY - timedelta(days=1))
    first = cost()
    for _ in range(2):
        other = make.child(place.school_class, status=EnrolmentStatus.HOME_TAUGHT)
        make.home_visit(other, make.DAY - timedelta(days=1))
    assert cost() == first <= 10
