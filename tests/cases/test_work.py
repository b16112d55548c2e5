"""My work today: whose duty it is, in which order, what it says, what it shows of the people behind it."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.actions import posts
from agencies.choices import Role, Verb
from agencies.models import AuditRow, Post
from agencies.queries.calendars import calendar_of
from cases.choices import EventKind
from cases.models import Case, DutyRow
from tests import make
from tests.cases.scene import ABSENT_DAYS, Scene, absent_scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db
URL = "/today/"
SPELL = date(2026, 10, 12)


def items(page: str) -> list[str]:
    return re.findall(r"<article.*?</article>", page, re.S)


def test_the_teacher_reads_one_sentence_and_finds_the_form_one_tap_away() -> None:
    place = scene()
    (case,) = place.absent(place.child(), days=[make.DAY])
    with at():
        page = text_of(client(place.teacher).get(URL))
    assert "今天前电话联系监护人" in page
    assert reverse("cases:event_new", args=[case.pk, "phone_call"]) in page


def test_overdue_comes_before_due_today_and_due_today_before_later() -> None:
    place = scene()
    late, today, later = place.child("周逾期"), place.child("周今天"), place.child("周明天")
    make.roll(place.school_class, ABSENT_DAYS[0], {late: "unexcused", later: "unexcused"})
    make.event(Case.objects.get(student=later), EventKind.PHONE_CALL, ABSENT_DAYS[0], result="connected")
    make.roll(place.school_class, ABSENT_DAYS[1], {late: "unexcused", later: "unexcused"})
    make.roll(place.school_class, make.DAY, dict.fromkeys((late, today, later), "unexcused"))
    with at():
        page = text_of(client(place.teacher).get(URL))
    heads = [page.index(word) for word in ("已逾期 <", "周逾期", "今天到期 <", "周今天", "待办 <", "周明天")]
    assert heads == sorted(heads)


def test_whoever_owes_a_duty_may_dial_and_the_page_is_logged_once() -> None:
    place = scene()
    place.absent(place.child(), place.child("周小宝"), days=[make.DAY])
    with at():
        page = text_of(client(place.teacher).get(URL))
    assert page.count("tel:13812345678") == 2
    assert "138****5678" in page
    rows = AuditRow.objects.filter(verb=Verb.IDENTITY_REVEALED)
    assert rows.count() == 1
    assert len(rows.get().detail["cases"]) == 2


def test_nobody_sees_the_duties_of_another_township() -> None:
    place = scene()
    other = scene(place.county, "青石")
    place.absent(place.child(), days=[make.DAY])
    with at():
        assert items(text_of(client(other.teacher).get(URL))) == []
        assert items(text_of(client(place.secretary).get(URL))) == []


def test_the_duty_of_a_vacant_post_is_shown_to_the_head_of_the_unit() -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    place.absent(place.child(), days=[make.DAY])
    with at():
        assert items(text_of(client(principal).get(URL))) == []
    post = Post.objects.get(user=place.teacher)
    posts.end_post(by=make.SYSTEM, post=post, last_day=make.DAY - timedelta(days=1), now=make.moment(make.DAY))
    with at():
        page = text_of(client(principal).get(URL))
    assert "班主任岗位空缺，由您代为办理" in page


def test_without_a_principal_the_vacant_duty_climbs_to_the_township() -> None:
    place = scene()
    head = place.person(Role.TOWNSHIP_DEPUTY)
    place.absent(place.child(), days=[make.DAY])
    post = Post.objects.get(user=place.teacher)
    posts.end_post(by=make.SYSTEM, post=post, last_day=make.DAY - timedelta(days=1), now=make.moment(make.DAY))
    with at():
        assert len(items(text_of(client(head).get(URL)))) == 1
        assert items(text_of(client(place.officer).get(URL))) == []


def test_where_no_township_answers_for_a_child_its_duties_are_the_bureaus_never_the_schools() -> None:
    county = make.county()
    make.plan(county, "jiaotan-2025")
    school_class = make.school_class(make.school(county, "县直实验学校"))
    principal = make.person(Role.PRINCIPAL, school_class.parent)
    head = make.person(Role.BUREAU_HEAD, county)
    child = make.child(school_class, "周无家")
    make.rolls(school_class, calendar_of(school_class, make.DAY).school_days(SPELL, make.DAY), {child: "unexcused"})
    owners = dict(DutyRow.objects.values_list("step", "owner_unit__name"))
    assert (owners["phone"], owners["village"], owners["order"]) == (school_class.name, county.name, county.name)
    with at():
        (item,) = items(text_of(client(head).get(URL)))
        assert "岗位空缺，由您代为办理" in item
        assert "岗位空缺，由您代为办理" not in text_of(client(principal).get(URL))


def test_who_shares_a_duty_by_the_plan_sees_it_too() -> None:
    place = scene()
    office = place.person(Role.MORAL_EDUCATION, place.school)
    place.absent(place.child())
    with at():
        assert "会同班主任办理" in text_of(client(office).get(URL))


def test_the_person_in_charge_sees_the_case_without_owing_a_duty() -> None:
    place = scene()
    (case,) = place.absent(place.child(), days=[make.DAY])
    Case.objects.filter(pk=case.pk).update(person=place.secretary)
    with at():
        assert "您是责任人" in text_of(client(place.secretary).get(URL))


def test_a_child_seen_back_at_school_asks_for_the_return() -> None:
    place = scene()
    child = place.child()
    (case,) = place.absent(child, days=ABSENT_DAYS[:1])
    make.event(case, EventKind.PHONE_CALL, ABSENT_DAYS[0], result="connected")
    make.roll(place.school_class, ABSENT_DAYS[1])
    with at(ABSENT_DAYS[1]):
        page = text_of(client(place.teacher).get(URL))
    assert "请登记返校" in page
    assert reverse("cases:event_new", args=[case.pk, "returned"]) in page


def test_a_missed_night_does_not_hide_a_duty() -> None:
    place = scene()
    place.absent(place.child(), days=[make.DAY])
    with at(make.DAY + timedelta(days=1)):
        page = text_of(client(place.teacher).get(URL))
    assert "已逾期1天" in page


def test_a_report_of_the_school_waits_with_the_township_until_it_is_taken_in() -> None:
    place = scene()
    neighbour = scene(place.county, "青石")
    bureau = make.person(Role.BUREAU_OFFICER, place.county)
    (case,) = place.absent(place.child())
    make.event(case, EventKind.REPORT_SENT, to="云溪镇人民政府")
    with at(make.DAY, 16):
        (item,) = items(text_of(client(place.officer).get(URL)))
        assert item.count("学校已送报告单，请签收") == 1
        assert reverse("cases:event_new", args=[case.pk, "report_received"]) in item
        assert items(text_of(client(bureau).get(URL))) == []
        assert items(text_of(client(neighbour.officer).get(URL))) == []
    make.event(case, EventKind.REPORT_RECEIVED, receiver="专干", time="16:40")
    with at(make.DAY, 17):
        assert "请签收" not in text_of(client(place.officer).get(URL))


def test_who_records_nothing_has_no_such_page() -> None:
    place = scene()
    inspector = make.person(Role.INSPECTOR, place.county)
    with at():
        assert client(inspector).get(URL).status_code == 403


def test_the_list_costs_the_same_for_one_case_and_for_three() -> None:
    place = scene()
    place.absent(place.child(), days=[make.DAY])
    browser = client(place.teacher)

    def count() -> int:
        with at(), CaptureQueriesContext(connection) as seen:
            assert browser.get(URL).status_code == 200
        return len(seen)

    count()
    one = count()
    place.absent(place.child("周小宝"), place.child("周小晨"), days=[make.DAY])
    assert count() == one <= 20


def test_a_plan_to_look_at_again_is_on_the_list_of_the_unit_that_made_it_and_of_the_person_in_charge() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.PHONE_CALL, result="connected")
    rows = [{"key": "a1", "kind": "mind", "what": "每周谈心", "person": "王老师", "last": "2026-11-20"}]
    data = {"measures": "心理：每周谈心", "person": "王老师", "review_on": "2026-11-25", "rows": rows}
    make.event(case, EventKind.SUPPORT_PLAN, by=make.actor(place.teacher), **data)
    said = "一生一策应于2026-11-25（周三）复查，已过5天"
    with at(date(2026, 11, 30)):
        page = text_of(client(place.teacher).get(URL))
        assert said in page
        assert "一生一策措施“每周谈心”应于2026-11-20（周五）落实，已过10天" in page
        assert reverse("cases:plan", args=[case.pk]) in page
        assert said not in text_of(client(place.secretary).get(URL))
        Case.objects.filter(pk=case.pk).update(person=place.secretary)
        assert said in text_of(client(place.secretary).get(URL))
    with at(date(2026, 11, 19)):
        assert "一生一策" not in text_of(client(place.teacher).get(URL))


def test_whoever_is_named_for_a_measure_is_told_of_that_measure_alone() -> None:
    place, case = absent_scene()
    named = {"key": "a1", "kind": "aid", "what": "申请补助", "person": place.secretary.name, "last": "2026-11-20"}
    data = {"measures": "…", "person": "王老师", "review_on": "2026-11-25", "rows": [named]}
    make.event(case, EventKind.SUPPORT_PLAN, by=make.actor(place.teacher), **data)
    with at(date(2026, 11, 30)):
        page = text_of(client(place.secretary).get(URL))
        assert "一生一策措施“申请补助”应于2026-11-20（周五）落实，已过10天" in page
        assert "复查，已过" not in page
        assert "申请补助" not in text_of(client(place.officer).get(URL))


def test_plans_cost_the_list_the_same_queries_for_one_child_and_for_three() -> None:
    place = scene()
    counts = []
    for names in (["周一一"], ["周二二", "周三三"]):
        for case in place.absent(*(place.child(name) for name in names)):
            late = {"measures": "谈心", "person": "王老师", "review_on": "2026-11-20"}
            make.event(case, EventKind.SUPPORT_PLAN, by=make.actor(place.teacher), **late)
        with at(date(2026, 11, 30)):
            browser = client(place.teacher)
            assert text_of(browser.get(URL)).count("已过10天") >= len(names)
            with CaptureQueriesContext(connection) as seen:
                browser.get(URL)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def lost(place: Scene, *names: str) -> list[Case]:
    children = [place.child(name) for name in names]
    make.roll(place.school_class, make.DAY, dict.fromkeys(children, "whereabouts_unknown"))
    return [Case.objects.get(student=child) for child in children]


def test_a_missing_child_stands_first_with_the_clock_of_the_hour_until_called_and_reported() -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    place.absent(place.child("周逾期"), days=ABSENT_DAYS[:2])
    make.roll(place.school_class, make.DAY, {})
    (case,) = lost(place, "周小安")
    by = make.actor(place.teacher)
    with at():
        page = text_of(client(place.teacher).get(URL))
        first = items(page)[0]
        assert "周小安" in first
        assert "08:10登记：09:10前电话联系监护人；仍未找到的，立即向110报警并登记。" in first
        assert "is-late" not in first
        for kind in ("phone_call", "police_reported"):
            assert reverse("cases:event_new", args=[case.pk, kind]) in first
        assert "tel:13812345678" in items(text_of(client(principal).get(URL)))[0]
        for other in (place.secretary, place.officer):
            assert "去向不明" not in text_of(client(other).get(URL))
        Case.objects.filter(pk=case.pk).update(person=place.secretary)
        assert "09:10前电话联系监护人" in text_of(client(place.secretary).get(URL))
    with at(hour=11):
        late = items(text_of(client(place.teacher).get(URL)))[0]
        assert "is-late" in late
        assert "已超时2小时" in late
    make.event(case, EventKind.PHONE_CALL, by=by, result="no_answer")
    with at(hour=16):
        called = items(text_of(client(place.teacher).get(URL)))[0]
        assert "已电话联系监护人：仍未找到的，09:10前向110报警并登记（已超时7小时）" in called
        assert reverse("cases:event_new", args=[case.pk, "whereabouts_found"]) in called
    make.event(case, EventKind.POLICE_REPORTED, by=by, station="云溪派出所")
    with at(hour=16):
        assert "去向不明" not in text_of(client(place.teacher).get(URL))


def test_a_child_missing_for_half_a_day_has_no_case_yet_and_is_begun_one_from_the_list() -> None:
    place = scene()
    child = place.child()
    make.roll(place.school_class, make.DAY, {child: "am:whereabouts_unknown"})
    assert not Case.objects.filter(student=child).exists()
    with at():
        browser = client(place.teacher)
        (item,) = items(text_of(browser.get(URL)))
        assert "09:10前电话联系监护人" in item
        begin = reverse("cases:begin", args=[child.pk, "flagged"]) + "?cause=missing"
        assert begin in item
        form = browser.get(begin).context["form"]
        sent = {"happened_on": make.DAY, "cause": form.initial["cause"], "why": form.initial["why"]}
        browser.post(begin, sent)
        assert Case.objects.get(student=child).cause == "missing"
        (item,) = items(text_of(browser.get(URL)))
        assert "08:10登记：09:10前电话联系监护人" in item
        assert browser.get(begin.replace("missing", "x")).status_code in (200, 302)


def test_a_report_of_harm_is_asked_of_those_alone_who_may_know_and_names_its_receiver() -> None:
    place, case = absent_scene()
    head = make.person(Role.BUREAU_HEAD, place.county)
    data = {"people": "村书记", "cause": "harmed", "record": "入户了解"}
    make.event(case, EventKind.VILLAGE_VERIFICATION, by=make.actor(place.secretary), **data)
    said = "已登记遭受侵害：须立即（2026-11-11（周三）当天）向公安、民政、教育等部门报告"
    with at(hour=16):
        for who, may in ((head, True), (place.secretary, True), (place.teacher, False), (place.officer, False)):
            page = text_of(client(who).get(URL))
            assert (said in page) is may, who
            assert may or "立即办理" not in page
        form_url = reverse("cases:event_new", args=[case.pk, "police_reported"])
        assert said in text_of(client(head).get(form_url))
        assert "侵害：" not in text_of(client(place.teacher).get(form_url))
        assert client(head).get(form_url).context["form"].initial["authority"] == "police"
    with at(make.DAY + timedelta(days=1)):
        assert "当天，已超时1天" in text_of(client(head).get(URL))
    make.event(case, EventKind.POLICE_REPORTED, authority="civil_affairs", station="云溪镇民政办")
    with at(hour=16):
        assert said not in text_of(client(head).get(URL))
        assert "报告对象：民政部门" in text_of(client(head).get(reverse("cases:case", args=[case.pk])))


def test_alarms_cost_the_list_the_same_queries_for_one_missing_child_and_for_three() -> None:
    place = scene()
    counts = []
    for names in (["周一一"], ["周一二", "周一三", "周一四"]):
        lost(place, *names)
        with at():
            browser = client(place.teacher)
            browser.get(URL)
            with CaptureQueriesContext(connection) as seen:
                page = text_of(browser.get(URL))
        assert page.count("09:10前电话联系监护人") == len(names)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 24
