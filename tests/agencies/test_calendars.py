"""The calendar page: a year in sight, terms, closures and extra classes by those who keep the calendar."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone

from agencies.choices import CalendarKind, Role
from agencies.models import CalendarEntry
from agencies.queries.calendars import calendar_of
from tests import make
from tests.agencies.people import Places, places, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Places:
    return places()


def closure(first: str, last: str, **more: str) -> dict[str, str]:
    return {"kind": "closed", "first_day": first, "last_day": last, "name": "台风停课", **more}


def test_the_year_shows_holidays_makeup_days_and_the_term(here: Places) -> None:
    page = signed_in(Role.REGISTRAR, here.school).get("/calendar/?year=2026").content.decode()
    assert "2026-10-01（周四） 国庆节放假" in page
    assert "2026-10-10（周六） 上课（调休或补课）" in page
    assert "2026-08-03（周一） 校历未载入" in page
    assert "第一学期" in page
    assert "暂算" not in page


def test_a_year_not_yet_published_is_marked_provisional(here: Places) -> None:
    page = signed_in(Role.REGISTRAR, here.school).get("/calendar/?year=2027").content.decode()
    assert "暂算" in page
    assert "尚未公布2027年放假安排" in page


def test_a_registrar_closes_her_school_for_a_day_and_takes_it_back(here: Places) -> None:
    registrar = signed_in(Role.REGISTRAR, here.school)
    answer = registrar.post(f"/calendar/?unit={here.school.pk}", closure("2026-11-11", "2026-11-11"))
    assert answer["Location"] == f"/calendar/?unit={here.school.pk}&year=2026"
    assert not calendar_of(here.school_class, date(2026, 11, 11)).is_school_day(date(2026, 11, 11))
    entry = CalendarEntry.objects.get(kind=CalendarKind.CLOSED)
    registrar.post(f"/calendar/{entry.pk}/remove/")
    assert calendar_of(here.school_class, date(2026, 11, 11)).is_school_day(date(2026, 11, 11))


def test_a_few_days_are_no_term_and_the_form_offers_a_closure_today_first(here: Places) -> None:
    registrar, address = signed_in(Role.REGISTRAR, here.school), f"/calendar/?unit={here.school.pk}"
    page = registrar.get(address).content.decode()
    assert page.index('<option value="closed"') < page.index('<option value="term"')
    assert f'value="{timezone.localdate().isoformat()}"' in page
    before = CalendarEntry.objects.count()
    refused = registrar.post(address, closure("2026-11-11", "2026-11-12") | {"kind": "term"})
    assert refused.status_code == 400
    assert "请改选类别" in refused.content.decode()
    assert CalendarEntry.objects.count() == before


def test_a_closure_of_one_grade_says_for_whom_and_which_days(here: Places) -> None:
    sent = closure("2026-11-11", "2026-11-12", grade="5")
    answer = signed_in(Role.REGISTRAR, here.school).post(f"/calendar/?unit={here.school.pk}", sent, follow=True)
    assert f"已为{here.school.name}5年级登记停课“台风停课”：2026-11-11（周三） 至 2026-11-12（周四）" in (
        answer.content.decode()
    )


def test_extra_classes_for_one_grade_count_for_that_grade_only(here: Places) -> None:
    other = make.school_class(here.school, "六（1）班", 6)
    sent = {"kind": "open", "first_day": "2026-11-14", "last_day": "2026-11-14", "name": "补课", "grade": "6"}
    signed_in(Role.REGISTRAR, here.school).post(f"/calendar/?unit={here.school.pk}", sent)
    saturday = date(2026, 11, 14)
    assert calendar_of(other, saturday).is_school_day(saturday)
    assert not calendar_of(here.school_class, saturday).is_school_day(saturday)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (closure("2026-11-12", "2026-11-11"), "结束日期早于开始日期"),
        (closure("0001-01-01", "2026-11-11"), "年份应在2000至2100之间"),
        (closure("2026-09-01", "2027-08-31", kind="term"), "一个学期不会超过240天"),
        (closure("2026-11-11", "2026-11-11", kind="holiday"), "不在可用的选项"),
        (closure("", ""), "必填"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_entered(here: Places, sent: dict[str, str], sentence: str) -> None:
    before = CalendarEntry.objects.count()
    answer = signed_in(Role.REGISTRAR, here.school).post(f"/calendar/?unit={here.school.pk}", sent)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert CalendarEntry.objects.count() == before


def test_a_teacher_looks_but_does_not_change(here: Places) -> None:
    teacher = signed_in(Role.CLASS_TEACHER, here.school_class)
    assert teacher.get("/calendar/").status_code == 200
    assert teacher.post("/calendar/", closure("2026-11-11", "2026-11-11")).status_code == 403


def test_a_sister_schools_calendar_and_the_national_table_are_out_of_reach(here: Places) -> None:
    registrar = signed_in(Role.REGISTRAR, here.school)
    assert registrar.get(f"/calendar/?unit={here.sister_school.pk}").status_code == 404
    national = CalendarEntry.objects.filter(unit__isnull=True).first()
    assert national is not None
    assert registrar.post(f"/calendar/{national.pk}/remove/").status_code == 404
    term = CalendarEntry.objects.get(unit=here.county)
    assert registrar.post(f"/calendar/{term.pk}/remove/").status_code == 404
    assert signed_in(Role.GRID_WORKER, here.grid).get("/calendar/").status_code == 403
    assert registrar.get("/calendar/?year=99999").status_code == 404


def test_the_page_costs_the_same_for_one_and_for_three_entries(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    registrar = signed_in(Role.REGISTRAR, here.school)
    registrar.get("/calendar/?year=2026")
    with django_assert_num_queries(7):
        registrar.get("/calendar/?year=2026")
    for day in ("2026-11-12", "2026-11-13"):
        registrar.post("/calendar/", closure(day, day))
    with django_assert_num_queries(7):
        registrar.get("/calendar/?year=2026")
