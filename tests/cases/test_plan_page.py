"""The page of the support plan (一生一策): made in one form, a measure done in one tap, reviewed, late, returned."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.choices import Role
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from cases.models import Event
from tests import make
from tests.cases.plans import edit_url, finish, form, plan_url, planned, read
from tests.cases.scene import absent_scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db
# Who asks included; the same for any number of measures.
PLAN_QUERIES = 13


def test_a_plan_made_in_one_form_is_read_on_one_page() -> None:
    place, case = planned()
    page = read(place, case)
    for said in (
        "每周补数学两次",
        "跟不上数学",
        "2026-11-20（周五）前返校",
        "到课率95%",
        "2026-12-11（周五）",
        "王老师",
    ):
        assert said in page
    assert Event.objects.get(case=case, kind=EventKind.SUPPORT_PLAN).data["measures"] == (
        "学业：每周补数学两次（王老师，至2026-11-30（周一））"
    )
    assert Event.objects.get(case=case, kind=EventKind.COMPANION_NAMED).data["person"] == "王老师"


def test_before_there_is_a_plan_the_page_says_so_and_offers_to_make_one_from_the_record() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.PHONE_CALL, result="connected", cause="weary")
    assert "还没有制定一生一策" in read(place, case)
    with at(hour=16):
        page = text_of(client(place.teacher).get(edit_url(case)))
    assert "厌学，2026-11-11（周三）电话联系" in page
    assert '<option value="mind" selected>' in page
    assert 'name="review_on" value="2026-12-11"' in page
    assert "30天后（遇休息日顺延）是2026-12-11（周五）" in page
    assert f'name="person" value="{place.teacher.name}"' in page


def test_the_same_form_sent_twice_is_one_plan() -> None:
    place, case = absent_scene()
    with at():
        browser, sent = client(place.teacher), form(case)
        browser.post(edit_url(case), sent)
        assert browser.post(edit_url(case), sent).status_code == 302
    assert Event.objects.filter(case=case).count() == 2


def test_who_was_overtaken_is_told_and_keeps_what_was_typed() -> None:
    place, case = absent_scene()
    sent = form(case)
    make.event(case, EventKind.PHONE_CALL, result="no_answer")
    with at(hour=16):
        answer = client(place.teacher).post(edit_url(case), sent)
    assert answer.status_code == 409
    assert "电话联系（未接）" in text_of(answer)
    assert "每周补数学两次" in text_of(answer)
    assert not Event.objects.filter(case=case, kind=EventKind.SUPPORT_PLAN).exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"m0-what": ""}, "请至少写明一项措施"),
        ({"m0-person": ""}, "请填写这项措施的责任人"),
        ({"m0-last": "2026-11-01"}, "完成日期早于开始日期"),
        ({"m0-kind": "gold"}, "类别不能是“gold”"),
        ({"return_on": "2026-11-01"}, "目标返校日期已经过去"),
        ({"review_on": "2026-11-11"}, "下次复查应晚于制定日期"),
        ({"review_on": ""}, "请填写下次复查日期"),
        ({"person": ""}, "请填写包保责任人"),
        ({"happened_on": "2026-11-12"}, "还没有到"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_with_the_place_and_the_remedy(change: dict[str, str], sentence: str) -> None:
    place, case = absent_scene()
    with at():
        answer = client(place.teacher).post(edit_url(case), form(case, **change))
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert "aria-invalid" in text_of(answer)
    assert not Event.objects.filter(case=case).exists()


def test_one_more_row_keeps_what_was_typed_and_saves_nothing() -> None:
    place, case = absent_scene()
    with at():
        page = text_of(client(place.teacher).post(edit_url(case), form(case, add="1")))
    assert page.count('data-testid="measure-row"') == 2
    assert "每周补数学两次" in page
    assert "跟不上数学" in page
    assert not Event.objects.filter(case=case).exists()


def test_one_tap_puts_a_measure_on_record_and_the_same_tap_twice_is_one_entry() -> None:
    place, case = planned()
    page = read(place, case)
    assert finish(place, case, page) == 302
    assert finish(place, case, page) == 302
    assert Event.objects.filter(case=case, kind=EventKind.MEASURE_DONE).count() == 1
    done = read(place, case)
    assert "2026-11-11（周三） 已落实" in done
    assert 'data-testid="measure-done"' not in done


def test_a_tap_on_a_page_overtaken_by_another_entry_shows_that_entry_first() -> None:
    place, case = planned()
    page = read(place, case)
    make.event(case, EventKind.PHONE_CALL, result="no_answer")
    assert finish(place, case, page) == 409
    assert not Event.objects.filter(case=case, kind=EventKind.MEASURE_DONE).exists()


def test_a_measure_that_is_gone_or_done_is_refused_in_words() -> None:
    place, case = planned()
    with at(hour=10):
        browser = client(place.teacher)
        answer = browser.post(reverse("cases:measure_done", args=[case.pk]), {"measure": "none"})
        assert answer.status_code == 400
        assert "方案里没有这项措施" in text_of(answer)
    finish(place, case, read(place, case))
    key = Event.objects.get(kind=EventKind.MEASURE_DONE).data["measure"]
    with at(hour=10):
        answer = client(place.teacher).post(reverse("cases:measure_done", args=[case.pk]), {"measure": key})
    assert answer.status_code == 400
    assert "已经登记落实" in text_of(answer)


def test_a_late_measure_and_a_late_review_are_said_on_the_plan_and_on_the_case() -> None:
    place, case = planned()
    day = date(2026, 12, 16)
    said = (
        "一生一策应于2026-12-11（周五）复查，已过5天",
        "一生一策措施“每周补数学两次”应于2026-11-30（周一）落实，已过16天",
    )
    page = read(place, case, day=day)
    with at(day):
        on_case = text_of(client(place.teacher).get(reverse("cases:case", args=[case.pk])))
    for sentence in said:
        assert sentence in page
        assert sentence in on_case
    assert "已过" not in read(place, case, day=date(2026, 11, 30))


def test_a_review_comes_with_the_next_day_filled_in_and_leads_back_to_the_plan() -> None:
    place, case = planned()
    day = date(2026, 12, 11)
    with at(day):
        browser = client(place.teacher)
        url = f"{reverse('cases:event_new', args=[case.pk, 'plan_reviewed'])}?next={plan_url(case)}"
        # Thirty days on is Sunday, 10 January: nobody reviews a plan on a Sunday.
        assert 'name="review_on" value="2027-01-11"' in text_of(browser.get(url))
        sent = {
            "happened_on": "2026-12-11",
            "result": "数学及格",
            "changes": "改为每周一次",
            "review_on": "2027-01-10",
        }
        assert browser.post(url, sent | {"next": plan_url(case)})["Location"] == plan_url(case)
        hint = "所选复查日期2027-01-10（周日）是休息日，如当天不便办理，可改为2027-01-11（周一）。"
        assert hint in text_of(browser.get(plan_url(case)))
    page = read(place, case, day=day)
    for said in ("数学及格", "改为每周一次", "2027-01-10（周日）"):
        assert said in page
    assert 'data-testid="plan-reminder"' in page
    assert "复查，已过" not in page


def test_a_changed_plan_is_a_new_entry_that_keeps_what_was_done_and_the_one_before_to_read() -> None:
    place, case = planned()
    finish(place, case, read(place, case))
    with at(hour=11):
        browser = client(place.teacher)
        page = text_of(browser.get(edit_url(case)))
        key = re.search(r'name="m0-key" value="([^"]+)"', page)
        assert key is not None
        second = {"rows": "2", "m1-kind": "mind", "m1-what": "每周谈心", "m1-person": "李老师"}
        sent = form(case, token="plan-2", **{"m0-key": key.group(1)}, **second)
        assert browser.post(edit_url(case), sent).status_code == 302
    page = read(place, case)
    assert "2026-11-11（周三） 已落实" in page
    assert "每周谈心" in page
    assert "调整前的方案（1）" in page
    assert Event.objects.filter(kind=EventKind.COMPANION_NAMED).count() == 1


def test_a_plan_taken_back_leaves_the_page_and_the_entry_stays_struck_through() -> None:
    place, case = planned()
    event = Event.objects.get(kind=EventKind.SUPPORT_PLAN)
    with at(hour=11):
        browser, url = client(place.teacher), reverse("cases:event_supersede", args=[event.pk])
        assert "这份方案作废" in text_of(browser.get(url))
        assert browser.post(url, {"correction": "填错学生"}).status_code == 302
    assert "还没有制定一生一策" in read(place, case)
    event.refresh_from_db()
    assert event.superseded_why == "填错学生"


def test_a_plan_in_plain_words_reads_as_before_and_becomes_rows_when_changed() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.SUPPORT_PLAN, measures="每周家访一次", person="王老师")
    assert "每周家访一次" in read(place, case)
    with at(hour=16):
        assert "原方案：每周家访一次" in text_of(client(place.teacher).get(edit_url(case)))


def test_after_the_return_the_page_shows_the_status_to_restore_and_the_observation() -> None:
    place, case = planned()
    back = make.DAY + timedelta(days=1)
    make.roll(place.school_class, back)
    make.event(case, EventKind.RETURNED, back)
    page = read(place, case, day=back)
    assert "返校以后" in page
    assert "观察中" in page
    make.event(case, EventKind.ENROLMENT_RESTORED, back, act="normal")
    assert "已办" in read(place, case, day=back).partition("返校以后")[2].partition("观察</dt>")[0]


def test_a_child_taught_at_home_shows_visits_lessons_teachers_and_the_next_one() -> None:
    place, case = absent_scene()
    make.home_visit(case.student, make.DAY, next_on=make.DAY + timedelta(days=7))
    head = place.person(Role.TOWNSHIP_HEAD)
    with at(make.DAY + timedelta(days=8)):
        page = text_of(client(head).get(plan_url(case)))
    for said in (
        "2课时",
        "李老师、王老师",
        "认识数字",
        "照片0张",
        "下次送教 <b>2026-11-18（周三）</b>",
        "本月已送教1次",
    ):
        assert said in page


@pytest.mark.parametrize("measures", [1, 3])
def test_the_page_costs_the_same_queries_for_one_measure_and_for_three(measures: int) -> None:
    place, case = absent_scene()
    more = {f"m{n}-{k}": v for n in range(measures) for k, v in (("what", f"措施{n}"), ("person", "王老师"))}
    with at():
        browser = client(place.teacher)
        assert browser.post(edit_url(case), form(case, rows=str(measures), **more)).status_code == 302
        browser.get(plan_url(case))
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(plan_url(case)).status_code == 200
    assert len(seen) == PLAN_QUERIES


def test_the_persuasion_of_the_month_stands_against_the_least_the_county_asks_for() -> None:
    place = scene(plan="xx-2024")
    (case,) = place.absent(place.child())
    first, later = date(2026, 12, 2), date(2026, 12, 3)
    assert "本月应不少于1次，已0次" in read(place, case, "officer", first)
    data = {"place": "家中", "people": "镇专干", "record": "谈话", "recorder": "镇专干", "result": "continue"}
    make.event(case, EventKind.PERSUASION, first, **data)
    assert "本月应不少于1次，已1次" in read(place, case, "officer", later)
    # This plan lets a visit to the home count as well.
    visit = NewEvent(
        kind=EventKind.HOME_VISIT,
        happened_on=later,
        data={"by": "镇专干", "guardian_attitude": "同意", "methods": "谈心"},
    )
    record_event(by=make.SYSTEM, case=case, event=visit, now=make.moment(later, 8))
    assert "本月应不少于1次，已2次" in read(place, case, "officer", later)


def test_the_visits_of_the_week_stand_against_the_least_the_county_asks_for() -> None:
    place = scene(plan="xx-2024")
    (case,) = place.absent(place.child())
    who = {"by": "县教育局"}
    away = {"application": "home_teaching", "from": "2026-11-11", "until": "2027-07-10"}
    story = (
        (EventKind.CATEGORY_DECIDED, {"category": "disabled", "why": "诊断证明", **who}),
        (EventKind.ENROLMENT_RESTORED, {"act": "rebuilt"}),
        (EventKind.EVALUATED, {"way": "home_taught", "number": "评〔2026〕3号", **who}),
        (EventKind.APPLIED, {"guardian": "周母", "reason": "行动不便", "proof": "诊断证明", **away}),
        (EventKind.APPLICATION_DECIDED, {"decision": "approved", **who, **away}),
    )
    for kind, data in story:
        new = NewEvent(kind=kind, happened_on=make.DAY, data=data)
        record_event(by=make.SYSTEM, case=case, event=new, now=make.moment(make.DAY, 15))
    monday = date(2026, 11, 16)
    make.home_visit(case.student, monday)
    head = place.person(Role.BUREAU_HEAD, place.county)
    with at(monday + timedelta(days=1)):
        page = text_of(client(head).get(plan_url(case)))
        assert "本周应不少于1次，已1次" in page
        assert "建议送教上门" in page
        covered = text_of(client(place.secretary).get(plan_url(case)))
    assert "建议送教上门" not in covered
    with at(monday + timedelta(days=8)):
        assert "本周应不少于1次，已0次" in text_of(client(head).get(plan_url(case)))
