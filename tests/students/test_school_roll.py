"""The registrar's day page: a child found and marked, silence shown, classes confirmed; who is silent."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from agencies.models import AuditRow, Unit
from cases.models import Case
from students.choices import LeaveKind
from students.models import Absence, Leave, RollCall, Spell
from students.queries.silence import silent_classes
from tests import make
from tests.students.pages import House, clock_at, house, open_class, signed_in, text_of

pytestmark = pytest.mark.django_db
YESTERDAY = make.DAY - timedelta(days=1)
PART = {"HX-Request": "true"}


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def registrar(place: House) -> Client:
    return signed_in(Role.REGISTRAR, place.school, "李老师")


def url_of(place: House, act: str = "") -> str:
    return f"/schools/{place.school.pk}/roll/" + (f"{act}/" if act else "")


def mark(client: Client, place: House, child: Any, reason: str = "unexcused", **extra: str) -> Any:
    sent = {"child": str(child.pk), "reason": reason, "part": "day", **extra}
    return client.post(url_of(place, "mark"), sent, headers=PART)


def test_a_class_without_children_owes_no_register_and_is_not_called_silent(place: House) -> None:
    make.school_class(place.school, "六（2）班", 6)
    registrar = signed_in(Role.REGISTRAR, place.school)
    with clock_at():
        page = text_of(registrar.get(f"/schools/{place.school.pk}/roll/"))
    assert page.count("没有学生，不需点名") == 2
    assert ">未报</span>" not in page


def test_a_class_that_has_not_reported_counts_as_unknown_not_as_present(place: House) -> None:
    for name in ("安小明", "白小红"):
        make.child(place.school_class, name)
    registrar = signed_in(Role.REGISTRAR, place.school)
    with clock_at():
        page = text_of(registrar.get(f"/schools/{place.school.pk}/roll/"))
    assert 'data-testid="day-present">0</strong>' in page
    assert "2人是否到校未知" in page


def test_a_child_is_found_by_name_initials_pinyin_and_number(place: House, registrar: Client) -> None:
    make.child(place.school_class, "张小明", class_number="0312")
    make.child(place.school_class, "李大海")
    make.child(place.other_class, "张小明")
    with clock_at():
        for query in ("张", "小明", "zxm", "ZX", "zhangxiao", "xm", "0312"):
            html = text_of(registrar.get(url_of(place, "suggest"), {"q": query}, headers=PART))
            assert html.count("data-hit data-testid") == 1, query
            assert "张小明" in html
        nobody = text_of(registrar.get(url_of(place, "suggest"), {"q": "钱"}, headers=PART))
        assert "没有找到“钱”" in nobody
        assert "data-hit" not in text_of(registrar.get(url_of(place, "suggest"), {"q": ""}, headers=PART))
        whole = text_of(registrar.get(url_of(place), {"q": "zxm"}))
    assert "张小明" in whole


def test_a_mark_is_a_fact_but_no_report_of_its_class(place: House, registrar: Client) -> None:
    absent, present = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    with clock_at():
        html = text_of(mark(registrar, place, absent))
        assert "已记：安小明 五（1）班 无故" in html
        assert "已登记1人缺勤" in html
        assert not RollCall.objects.exists()
        assert Absence.objects.get().student == absent
        page = open_class(signed_in(Role.CLASS_TEACHER, place.school_class), place.school_class)
        assert "未报（已登记1人缺勤）" in page.html
        assert page.seen[absent.pk] == "unexcused:day:"
        page.save()
    call = RollCall.objects.get()
    assert (call.expected, call.absent) == (2, 1)
    assert Absence.objects.count() == 1
    assert not Absence.objects.filter(student=present).exists()
    assert AuditRow.objects.filter(object_kind="student", verb="roll_taken", child_number=absent.number).count() == 1


def test_a_mark_without_a_register_counts_and_opens_the_case(place: House, registrar: Client) -> None:
    child = make.child(place.school_class, "安小明", residence=place.village)
    make.rolls(place.school_class, [date(2026, 11, 9), YESTERDAY], {child: "unexcused"})
    with clock_at():
        mark(registrar, place, child)
    assert Case.objects.get(student=child).absent_half_days == 6


def test_a_mark_the_teacher_takes_back_leaves_no_run_behind(place: House, registrar: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        mark(registrar, place, child)
        page = open_class(signed_in(Role.CLASS_TEACHER, place.school_class), place.school_class)
        page.mark(child, "")
        page.save()
    assert not Spell.objects.exists()
    assert RollCall.objects.get().absent == 0


def test_the_remaining_classes_are_confirmed_and_the_marked_stay_absent(place: House, registrar: Client) -> None:
    other = make.school_class(place.school, "五（2）班")
    empty = make.school_class(place.school, "五（3）班")
    absent = make.child(place.school_class, "安小明")
    make.child(other, "白小红")
    with clock_at():
        mark(registrar, place, absent, "sick")
        html = text_of(registrar.get(url_of(place)))
        assert "其余2个班级确认全勤" in html
        sent = {"class": [str(place.school_class.pk), str(other.pk), str(place.other_class.pk)]}
        done = registrar.post(url_of(place, "confirm"), sent, headers=PART)
    assert "已确认2个班级点名" in text_of(done)
    calls = {call.school_class: call.absent for call in RollCall.objects.all()}
    assert calls == {place.school_class: 1, other: 0}
    assert empty not in calls


def test_a_child_on_leave_and_marked_already_is_not_asked_about_when_confirmed(
    place: House, registrar: Client
) -> None:
    child = make.child(place.school_class, "安小明")
    Leave.objects.create(
        student=child,
        kind=LeaveKind.SICK,
        first_day=make.DAY,
        last_day=make.DAY,
        asked_by="周母",
        recorded_at=make.moment(make.DAY, 7),
        recorded_by="王老师",
    )
    with clock_at():
        mark(registrar, place, child, "personal")
        registrar.post(url_of(place, "confirm"), {"class": str(place.school_class.pk)})
    assert Absence.objects.get().reason == "personal"
    assert RollCall.objects.get().absent == 1


def test_todays_mark_is_taken_back_in_one_tap(place: House, registrar: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        mark(registrar, place, child)
        sent = {"child": str(child.pk), "seen": "unexcused:day:"}
        html = text_of(registrar.post(url_of(place, "unmark"), sent, headers=PART))
    assert "已改：安小明 五（1）班 到校" in html
    assert not Absence.objects.filter(superseded_at__isnull=True).exists()
    assert not RollCall.objects.exists()


def test_somebody_elses_word_is_not_overwritten_unseen(place: House, registrar: Client) -> None:
    child = make.child(place.school_class, "安小明")
    make.roll(place.school_class, make.DAY, {child: "sick"})
    with clock_at():
        answer = mark(registrar, place, child)
        assert answer.status_code == 400
        assert "刚才已被别人登记为“病假”" in text_of(answer)
        assert mark(registrar, place, child, seen="sick:day:").status_code == 200
    assert Absence.objects.get(superseded_at__isnull=True).reason == "unexcused"
    assert RollCall.objects.get().absent == 1


def test_a_past_day_takes_new_facts_but_corrections_need_the_class_page(place: House, registrar: Client) -> None:
    first, second = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    with clock_at():
        assert mark(registrar, place, first, day=YESTERDAY.isoformat()).status_code == 200
        back = {"child": str(first.pk), "seen": "unexcused:day:", "day": YESTERDAY.isoformat()}
        refused = registrar.post(url_of(place, "unmark"), back, headers=PART)
        assert refused.status_code == 400
        assert "更正请到班级点名页办理并写明理由" in text_of(refused)
        page = open_class(registrar, place.school_class, YESTERDAY)
        page.mark(first, "")
        assert page.save().status_code == 400
        make.roll(place.school_class, YESTERDAY, {first: "unexcused"})
        assert mark(registrar, place, second, day=YESTERDAY.isoformat()).status_code == 400
    assert Absence.objects.filter(superseded_at__isnull=True).count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"child": "abc", "reason": "sick"},
        {"child": "99999999999999999999", "reason": "sick"},
        {"child": "12345", "reason": "sick"},
        {"reason": "holiday"},
        {"reason": ""},
        {"reason": "sick", "part": "night"},
        {"reason": "sick", "seen": "x"},
    ],
)
def test_broken_marks_get_a_sentence(place: House, registrar: Client, sent: dict[str, str]) -> None:
    child = make.child(place.school_class)
    with clock_at():
        answer = registrar.post(url_of(place, "mark"), {"child": str(child.pk), **sent} if sent else {}, headers=PART)
        whole = registrar.post(url_of(place, "mark"), {"child": str(child.pk), **sent} if sent else {})
    assert answer.status_code == whole.status_code == 400
    assert "没有保存，请改正" in text_of(answer)
    assert not Absence.objects.exists()


def test_a_child_of_the_sister_school_cannot_be_marked(place: House, registrar: Client) -> None:
    stranger = make.child(place.other_class)
    with clock_at():
        assert mark(registrar, place, stranger).status_code == 400
        assert registrar.get(f"/schools/{place.other_school.pk}/roll/").status_code == 404
        for act in ("mark", "unmark", "confirm"):
            assert registrar.post(f"/schools/{place.other_school.pk}/roll/{act}/", {}).status_code == 404
    assert not Absence.objects.exists()


def test_confirming_nothing_or_on_a_holiday_is_refused(place: House, registrar: Client) -> None:
    make.child(place.school_class)
    with clock_at():
        assert registrar.post(url_of(place, "confirm"), {}).status_code == 400
        sent = {"class": str(place.school_class.pk), "day": "2026-10-02"}
        answer = registrar.post(url_of(place, "confirm"), sent)
        assert answer.status_code == 400
        assert "国庆节放假" in text_of(answer)
        assert "国庆节放假" in text_of(registrar.get(url_of(place), {"day": "2026-10-02"}))
    assert not RollCall.objects.exists()


def test_the_bureau_reads_the_page_and_a_class_teacher_does_not_reach_it(place: House) -> None:
    make.child(place.school_class)
    with clock_at():
        html = text_of(signed_in(Role.BUREAU_OFFICER, place.county).get(url_of(place)))
        assert "各班上报" in html
        assert 'data-testid="day-q"' not in html
        assert "rest-confirm" not in html
        teacher = signed_in(Role.CLASS_TEACHER, place.school_class)
        assert teacher.get(url_of(place)).status_code == 404
        assert teacher.post(url_of(place, "confirm"), {}).status_code == 403
        assert signed_in(Role.VILLAGE_SECRETARY, place.village).get(url_of(place)).status_code == 403


def test_classes_that_have_not_reported_stand_first_and_say_since_when(place: House, registrar: Client) -> None:
    silent = make.school_class(place.school, "五（2）班")
    make.child(place.school_class)
    make.child(silent)
    make.roll(silent, date(2026, 11, 6))
    make.rolls(place.school_class, [date(2026, 11, day) for day in (6, 9, 10, 11)])
    with clock_at():
        html = text_of(registrar.get(url_of(place)))
    assert "11-09（周一）起2个上课日未报" in html
    body = html[html.index('data-testid="classes"') :]
    assert body.index("五（2）班") < body.index("五（1）班")


def owners(unit: Unit, on: date) -> dict[str, str]:
    return {row.school_class.name: row.owner for row in silent_classes(unit, on)}


def test_silence_is_owed_by_the_principal_after_a_day_and_by_the_bureau_after_three(place: House) -> None:
    make.child(place.school_class)
    make.school_class(place.school, "五（2）班")
    make.roll(place.school_class, date(2026, 11, 5))
    assert owners(place.school, date(2026, 11, 6)) == {}
    assert owners(place.school, date(2026, 11, 9)) == {"五（1）班": "principal"}
    assert owners(place.school, date(2026, 11, 10)) == {"五（1）班": "principal"}
    assert owners(place.county, date(2026, 11, 11)) == {"五（1）班": "bureau"}
    make.rolls(place.school_class, [date(2026, 11, 9), date(2026, 11, 10)])
    said = silent_classes(place.school, date(2026, 11, 11))[0].silence
    assert (said.days, said.missing, said.text) == (0, 1, "本学期另缺1天")


def test_a_school_that_never_reported_is_silent_since_the_term_began(place: House) -> None:
    make.child(place.school_class)
    said = silent_classes(place.township, date(2026, 9, 4))[0]
    assert (said.silence.since, said.silence.days, said.owner) == (make.TERM_START, 3, "bureau")
    assert silent_classes(place.township, date(2026, 8, 20)) == []


def test_the_page_costs_the_same_for_one_and_for_three_classes(place: House, registrar: Client) -> None:
    costs = []
    for number in range(3):
        made = make.school_class(place.school, f"六（{number + 1}）班", 6)
        child = make.child(made)
        make.roll(made, YESTERDAY)
        make.roll(made, make.DAY, {child: "sick"})
        with clock_at(), CaptureQueriesContext(connection) as spent:
            assert registrar.get(url_of(place)).status_code == 200
        costs.append(len(spent))
        with CaptureQueriesContext(connection) as counted:
            silent_classes(place.county, make.DAY)
        assert len(counted) == 6
    assert costs == [10, 10, 10]
