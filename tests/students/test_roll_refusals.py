"""What the class page refuses: closed and coming days, strangers, missing permissions, broken forms."""

from datetime import date, timedelta

import pytest
from django.test import Client

from agencies.choices import CalendarKind, Role
from students.models import Absence, RollCall, Student
from tests import make
from tests.students.pages import House, clock_at, house, open_class, signed_in, text_of

pytestmark = pytest.mark.django_db
HOLIDAY = date(2026, 10, 2)


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def teacher(place: House) -> Client:
    return signed_in(Role.CLASS_TEACHER, place.school_class, "王老师")


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (HOLIDAY, "国庆节放假"),
        (date(2026, 11, 7), "2026-11-07（周六）不上课（周六）"),
        (date(2026, 8, 12), "不上课"),
        (make.DAY + timedelta(days=1), "还没有到，不能提前登记"),
    ],
)
def test_no_roll_on_closed_or_coming_days(place: House, teacher: Client, day: date, sentence: str) -> None:
    child = make.child(place.school_class)
    with clock_at():
        page = open_class(teacher, place.school_class, day)
        assert sentence in page.html
        assert 'data-testid="save"' not in page.html
        page.mark(child, "unexcused")
        answer = page.save()
    assert answer.status_code == 400
    assert not RollCall.objects.exists()
    assert not Absence.objects.exists()


def test_a_class_with_its_own_holiday_has_no_roll_that_day(place: House, teacher: Client) -> None:
    make.calendars.add_entry(
        by=make.SYSTEM,
        unit=place.school_class,
        kind=CalendarKind.CLOSED,
        first_day=make.DAY,
        last_day=make.DAY,
        name="九年级离校",
        now=make.moment(make.DAY, 7),
    )
    with clock_at():
        html = open_class(teacher, place.school_class).html
    assert "九年级离校" in html
    assert 'data-testid="save"' not in html


@pytest.mark.parametrize("day", ["gestern", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-11'"])
def test_a_day_that_is_none_is_not_found(place: House, teacher: Client, day: str) -> None:
    with clock_at():
        assert teacher.get(f"/roll/{place.school_class.pk}/", {"day": day}).status_code == 404


def test_unknown_and_foreign_classes_are_not_found(place: House, teacher: Client) -> None:
    for pk in (place.other_class.pk, place.school.pk, 99999, 2**70):
        assert teacher.get(f"/roll/{pk}/").status_code == 404
        assert teacher.post(f"/roll/{pk}/", {}).status_code == 404
        assert teacher.post(f"/roll/{pk}/extra/", {}).status_code == 404


def test_the_township_reads_the_roll_and_cannot_write_it(place: House) -> None:
    child = make.child(place.school_class, "安小明")
    officer = signed_in(Role.TOWNSHIP_OFFICER, place.township)
    with clock_at():
        page = open_class(officer, place.school_class)
        assert "安小明" in page.html
        assert 'data-testid="save"' not in page.html
        page.mark(child, "unexcused")
        assert page.save().status_code == 403
    assert not RollCall.objects.exists()


@pytest.mark.parametrize("role", [Role.VILLAGE_SECRETARY, Role.COUNTY_LEADER, Role.INSPECTOR, Role.SYSTEM_ADMIN])
def test_without_the_permission_the_page_is_forbidden(place: House, role: Role) -> None:
    at = place.village if role == Role.VILLAGE_SECRETARY else place.county
    client = signed_in(role, at)
    assert client.get(f"/roll/{place.school_class.pk}/").status_code == 403
    assert client.get("/roll/").status_code == 403


@pytest.mark.parametrize(
    "broken",
    [
        {"child": "abc"},
        {"child": "99999999999999999999"},
        {"child": "7", "seen-7": "", "reason-7": "unexcused"},
        {"child": "7", "seen-7": "??:??", "reason-7": "sick"},
        {"child": "7", "reason-7": "holiday"},
        {"child": "7", "reason-7": "sick", "part-7": "night"},
        {"child": "7", "reason-7": "sick", "note-7": "长" * 101},
        {"correction_reason": "长" * 101},
    ],
)
def test_broken_forms_get_a_sentence_and_write_nothing(place: House, teacher: Client, broken: dict[str, str]) -> None:
    make.child(place.school_class)
    with clock_at():
        answer = teacher.post(f"/roll/{place.school_class.pk}/", broken)
    assert answer.status_code == 400
    assert "没有保存，请改正" in text_of(answer)
    assert not RollCall.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": ""}, "姓名是空的"),
        ({"name": "苏小梅123"}, "姓名里有数字或符号"),
        ({"name": "苏小梅", "phone": "123"}, "联系电话不是手机号或座机号"),
        ({"name": "安小明"}, "本班名单中已有“安小明”"),
    ],
)
def test_a_wrong_extra_child_is_refused_where_messages_stand(
    place: House, teacher: Client, sent: dict[str, str], sentence: str
) -> None:
    make.child(place.school_class, "安小明")
    with clock_at():
        url = f"/roll/{place.school_class.pk}/extra/"
        part = teacher.post(url, sent, headers={"HX-Request": "true"})
        whole = teacher.post(url, sent)
    assert (part.status_code, part["HX-Retarget"], part["HX-Reswap"]) == (400, "#flash", "innerHTML")
    assert sentence in text_of(part)
    assert (whole.status_code, sentence in text_of(whole)) == (400, True)
    assert Student.objects.count() == 1


def test_characters_nobody_sees_are_left_out(place: House, teacher: Client) -> None:
    child = make.child(place.school_class)
    url = f"/roll/{place.school_class.pk}/"
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.mark(child, "sick", "day", "\x00发\u200b烧\r\n ")
        assert page.save().status_code == 302
        added = teacher.post(f"{url}extra/", {"name": "\x00苏小梅", "phone": "\x0013900000001"})
        assert added.status_code == 302
        sent = {"field": "document_number", "reason": "核对\x00学籍"}
        assert teacher.post(f"/students/{child.pk}/reveal/", sent).status_code == 200
    assert Absence.objects.get().note == "发烧"
    assert Student.objects.filter(name="苏小梅").exists()
