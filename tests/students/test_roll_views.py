"""The class page: opened, saved, corrected, merged from two phones; what bad input and strangers get."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from agencies.models import AuditRow
from students.choices import AbsenceReason, EnrolmentStatus, LeaveKind
from students.models import Absence, Correction, Leave, RollCall, Student
from tests import make
from tests.students.pages import House, clock_at, found, house, open_class, page_of, signed_in, text_of

pytestmark = pytest.mark.django_db
YESTERDAY = make.DAY - timedelta(days=1)
HOLIDAY = date(2026, 10, 2)


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def teacher(place: House) -> Client:
    return signed_in(Role.CLASS_TEACHER, place.school_class, "王老师")


def absent_today(day: date = make.DAY) -> dict[str, str]:
    marks = Absence.objects.filter(day=day, superseded_at__isnull=True).select_related("student")
    return {mark.student.name: f"{mark.part}:{mark.reason}" for mark in marks}


def test_everybody_is_present_until_somebody_says_otherwise(place: House, teacher: Client) -> None:
    for name in ("安小明", "白小红", "陈小亮"):
        make.child(place.school_class, name)
    with clock_at():
        page = open_class(teacher, place.school_class)
        assert "五（1）班 点名" in page.html
        assert "2026-11-11（周三）" in page.html
        assert "未报" in page.html
        assert list(page.seen.values()) == ["", "", ""]
        answer = page.save()
        assert (answer.status_code, answer["Location"]) == (302, f"/roll/{place.school_class.pk}/")
        again = text_of(teacher.get(answer["Location"]))
    assert "已登记：应到3 实到3 缺0" in again
    assert "08:10 王老师已报" in again
    call = RollCall.objects.get()
    assert (call.expected, call.absent, call.taken_by) == (3, 0, "王老师")
    assert absent_today() == {}


def test_the_counts_stand_on_the_page_without_script_too(place: House, teacher: Client) -> None:
    first, _ = (make.child(place.school_class, name) for name in ("安小明", "白小红"))
    make.roll(place.school_class, make.DAY, {first: "unexcused"})
    with clock_at():
        html = open_class(teacher, place.school_class).html
    assert 'data-testid="present">1</b>' in html
    assert 'data-testid="absent">1</b>' in html


def test_after_an_absence_without_leave_the_way_to_what_is_to_be_done_is_shown(place: House, teacher: Client) -> None:
    first, second = (make.child(place.school_class, name) for name in ("安小明", "白小红"))
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.mark(second, "sick")
        assert "要办的事见" not in text_of(teacher.get(page.save()["Location"]))
        page = open_class(teacher, place.school_class)
        page.mark(first, "unexcused")
        again = text_of(teacher.get(page.save()["Location"]))
    assert '无故缺课或去向不明1人，要办的事见<a href="/today/">今日工作</a>' in again


def test_a_day_without_school_is_not_called_silent(place: House, teacher: Client) -> None:
    make.child(place.school_class)
    with clock_at():
        html = text_of(teacher.get(f"/roll/{place.school_class.pk}/?day={HOLIDAY}"))
        assert 'data-testid="reported"' not in html
        assert 'data-testid="reported">未报' in text_of(teacher.get(f"/roll/{place.school_class.pk}/"))


def test_days_before_a_child_stood_on_the_list_are_not_shown_as_present(place: House, teacher: Client) -> None:
    make.child(place.school_class, "安小明")
    make.roll(place.school_class, YESTERDAY, {})
    with clock_at():
        teacher.post(f"/roll/{place.school_class.pk}/extra/", {"name": "赵小来"})
        html = open_class(teacher, place.school_class).html
    row = html[html.index('data-name="赵小来"') :]
    assert "11-10（周二）未列入本班名单" in row
    assert "mark-present" not in row


def test_two_absentees_with_reasons_are_on_record_and_shown_again(place: House, teacher: Client) -> None:
    first, second, _ = (make.child(place.school_class, name) for name in ("安小明", "白小红", "陈小亮"))
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.mark(first, "unexcused")
        page.mark(second, "sick", "am", "发烧")
        page.save()
        shown = open_class(teacher, place.school_class)
    assert "已登记：应到3 实到1 缺2" in shown.html
    assert absent_today() == {"安小明": "day:unexcused", "白小红": "am:sick"}
    assert shown.seen[first.pk] == "unexcused:day:"
    assert shown.seen[second.pk] == "sick:am:发烧"


def test_a_browser_without_script_sends_every_child_and_changes_only_the_changed(
    place: House, teacher: Client
) -> None:
    first, second = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    make.roll(place.school_class, make.DAY, {second: "sick"})
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.mark(first, "personal")
        assert page.save(everything=True).status_code == 302
    assert absent_today() == {"安小明": "day:personal", "白小红": "day:sick"}
    assert Absence.objects.count() == 2


def test_saving_twice_doubles_nothing(place: House, teacher: Client) -> None:
    child = make.child(place.school_class)
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.mark(child, "unexcused")
        first, second = page.save(), page.save()
    assert (first.status_code, second.status_code) == (302, 302)
    assert Absence.objects.count() == 1
    assert RollCall.objects.get().version == 1


def test_two_phones_merge_and_lose_nothing(place: House, teacher: Client) -> None:
    first, second = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    colleague = signed_in(Role.REGISTRAR, place.school, "李老师")
    with clock_at():
        mine, theirs = open_class(teacher, place.school_class), open_class(colleague, place.school_class)
        mine.mark(first, "unexcused")
        theirs.mark(second, "sick")
        assert theirs.save().status_code == 302
        assert mine.save().status_code == 302
    assert absent_today() == {"安小明": "day:unexcused", "白小红": "day:sick"}
    assert RollCall.objects.get().absent == 2


def test_the_same_child_marked_twice_is_asked_and_the_answer_holds(place: House, teacher: Client) -> None:
    child, other = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    colleague = signed_in(Role.REGISTRAR, place.school, "李老师")
    with clock_at():
        mine, theirs = open_class(teacher, place.school_class), open_class(colleague, place.school_class)
        theirs.mark(child, "sick")
        theirs.save()
        mine.mark(child, "unexcused")
        mine.mark(other, "personal")
        asked = mine.save()
        assert asked.status_code == 409
        html = text_of(asked)
        assert "李老师 08:10 记为病假" in html
        assert "您记为无故" in html
        # The page now stands against today's record and still shows what this person chose.
        again = page_of(teacher, mine.url, html)
        assert again.seen[child.pk] == "sick:day:"
        assert found(html, rf'id="r{child.pk}-1" aria-label="无故"( checked)') == " checked"
        assert absent_today() == {"安小明": "day:sick", "白小红": "day:personal"}
        again.mark(child, "unexcused")
        unanswered = again.save(**{f"asked-{child.pk}": "1"})
        assert unanswered.status_code == 400
        assert "安小明：别人也登记了这名学生，请先选定以哪个为准。" in text_of(unanswered)
        answer = again.save(**{f"asked-{child.pk}": "1", f"conflict-{child.pk}": "mine"})
        assert answer.status_code == 302
    assert absent_today() == {"安小明": "day:unexcused", "白小红": "day:personal"}


def test_the_other_answer_leaves_the_record_as_it_is(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        mine = open_class(teacher, place.school_class)
        make.roll(place.school_class, make.DAY, {child: "sick"})
        mine.mark(child, "unexcused")
        again = page_of(teacher, mine.url, text_of(mine.save()))
        again.mark(child, "unexcused")
        assert again.save(**{f"asked-{child.pk}": "1", f"conflict-{child.pk}": "theirs"}).status_code == 302
    assert absent_today() == {"安小明": "day:sick"}


def test_a_stale_page_takes_nothing_back(place: House, teacher: Client) -> None:
    first, second = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    with clock_at():
        stale = open_class(teacher, place.school_class)
        make.roll(place.school_class, make.DAY, {first: "unexcused"})
        stale.mark(second, "sick")
        stale.save(everything=True)
    assert absent_today() == {"安小明": "day:unexcused", "白小红": "day:sick"}


def test_yesterday_is_corrected_only_with_a_reason(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    make.roll(place.school_class, YESTERDAY, {child: "personal"})
    with clock_at():
        page = open_class(teacher, place.school_class, YESTERDAY)
        assert 'name="correction_reason"' in page.html
        page.mark(child, "sick")
        refused = page.save()
        assert refused.status_code == 400
        assert "须写明理由" in text_of(refused)
        assert absent_today(YESTERDAY) == {"安小明": "day:personal"}
        assert page.save(correction_reason="家长已补请假").status_code == 302
    assert absent_today(YESTERDAY) == {"安小明": "day:sick"}
    old = Absence.objects.get(superseded_at__isnull=False)
    assert (old.superseded_by, old.superseded_why) == ("王老师", "家长已补请假")


def test_a_correction_that_would_remove_an_opened_duty_waits_and_says_so(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明", residence=place.village)
    days = [date(2026, 11, day) for day in (6, 9, 10)]
    make.rolls(place.school_class, days, {child: "unexcused"})
    with clock_at():
        page = open_class(teacher, place.school_class, days[0])
        page.mark(child, "")
        answer = page.save(correction_reason="当日误登记")
        shown = text_of(teacher.get(answer["Location"]))
    assert "须由另一位校领导或学籍管理员复核后才生效" in shown
    assert "安小明改为“到校”会取消已产生的待办" in shown
    assert f'data-waiting="{child.pk}"' in shown
    assert "更正待复核" in shown
    with clock_at():
        again = page.save(correction_reason="当日误登记")
        assert "须由另一位校领导或学籍管理员复核后才生效" in text_of(teacher.get(again["Location"]))
    assert absent_today(days[0]) == {"安小明": "day:unexcused"}
    assert Correction.objects.get().why == "当日误登记"


def test_leave_fills_the_roll_and_the_teacher_may_say_otherwise(place: House, teacher: Client) -> None:
    away, back = make.child(place.school_class, "安小明"), make.child(place.school_class, "白小红")
    for child in (away, back):
        Leave.objects.create(
            student=child,
            kind=LeaveKind.SICK,
            first_day=make.DAY,
            last_day=make.DAY + timedelta(days=1),
            asked_by="周母",
            recorded_at=make.moment(make.DAY, 7),
            recorded_by="王老师",
        )
    with clock_at():
        page = open_class(teacher, place.school_class)
        assert "病假至 2026-11-12（周四）" in page.html
        assert page.seen[away.pk] == "sick:day:请假"
        page.mark(back, "")
        page.save()
    assert absent_today() == {"安小明": "day:sick"}


def test_those_who_need_not_come_stand_apart_and_are_not_expected(place: House, teacher: Client) -> None:
    make.child(place.school_class, "安小明")
    make.child(place.school_class, "白小红", status=EnrolmentStatus.SUSPENDED)
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.save()
    assert "不需到校 1 人" in page.html
    assert RollCall.objects.get().expected == 1


def test_the_last_five_days_and_the_terms_absences_stand_beside_the_name(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    make.roll(place.school_class, date(2026, 11, 5), {child: "unexcused"})
    make.roll(place.school_class, date(2026, 11, 6), {child: "pm:sick"})
    make.roll(place.school_class, YESTERDAY)
    with clock_at():
        html = open_class(teacher, place.school_class).html
    assert "1.5天" in html
    assert (
        "11-04（周三）未点名；11-05（周四）无故；11-06（周五）病假（下午）；11-09（周一）未点名；11-10（周二）到校"
        in html
    )


def test_a_mistake_keeps_what_was_chosen(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        page = open_class(teacher, place.school_class)
        page.mark(child, "other", "pm", "长" * 101)
        html = text_of(page.save())
    assert "安小明：说明最多100字" in html
    assert "长" * 101 in html
    assert page_of(teacher, "", html).seen[child.pk] == ""


def test_a_child_on_no_list_is_added_in_two_taps(place: House, teacher: Client) -> None:
    make.child(place.school_class, "安小明")
    with clock_at():
        url = f"/roll/{place.school_class.pk}/extra/"
        row = teacher.post(url, {"name": " 苏 小梅 ", "phone": "13900000001"}, headers={"HX-Request": "true"})
        assert row.status_code == 200
        assert "苏小梅" in text_of(row)
        assert "名单外" in text_of(row)
        assert "<html" not in text_of(row)
        student = Student.objects.get(name="苏小梅")
        page = open_class(teacher, place.school_class)
        page.mark(student, "sick")
        page.save()
    assert student.number.startswith("B990101")
    assert student.enrolments.get().status == EnrolmentStatus.UNREGISTERED
    assert student.guardians.get().phone == "13900000001"
    assert (RollCall.objects.get().expected, RollCall.objects.get().absent) == (2, 1)
    assert AuditRow.objects.filter(verb="child_created", child_number=student.number).exists()


def test_a_teacher_of_one_class_lands_on_it_and_of_two_on_the_list(place: House, teacher: Client) -> None:
    assert teacher.get("/roll/")["Location"] == f"/roll/{place.school_class.pk}/"
    second = make.school_class(place.school, "五（2）班")
    person = make.person(Role.CLASS_TEACHER, place.school_class)
    make.posts.give_post(
        by=make.SYSTEM,
        user=person,
        unit=second,
        role=Role.CLASS_TEACHER,
        first_day=make.TERM_START,
        now=make.moment(make.TERM_START),
    )
    make.roll(second, make.DAY)
    client = Client()
    client.force_login(person)
    with clock_at():
        html = text_of(client.get("/roll/"))
    assert "五（1）班" in html
    assert "五（2）班" in html
    assert (html.count("未报"), html.count("已报")) == (1, 1)


def test_the_page_switches_between_school_days(place: House, teacher: Client) -> None:
    monday = date(2026, 11, 9)
    with clock_at():
        html = open_class(teacher, place.school_class, monday).html
    assert f'href="/roll/{place.school_class.pk}/?day=2026-11-06" aria-label="前一上课日 2026-11-06（周五）"' in html
    assert f'href="/roll/{place.school_class.pk}/?day=2026-11-10" aria-label="后一上课日 2026-11-10（周二）"' in html


@pytest.mark.parametrize("absent", [1, 3, 45])
def test_the_page_costs_seven_queries_and_the_save_seventeen_for_one_absentee_as_for_a_class_full(
    place: House, teacher: Client, absent: int
) -> None:
    children = [make.child(place.school_class, residence=place.village) for _ in range(45)]
    make.rolls(place.school_class, [date(2026, 11, 9), YESTERDAY], dict.fromkeys(children[:absent], "unexcused"))
    with clock_at():
        with CaptureQueriesContext(
            connection,
        ) as opened:
            page = open_class(teacher, place.school_class)
        for child in children[:absent]:
            page.mark(child, AbsenceReason.UNEXCUSED)
        with CaptureQueriesContext(connection) as saved:
            assert page.save().status_code == 302
    assert len(opened) == 7
    assert len(saved) == 17
