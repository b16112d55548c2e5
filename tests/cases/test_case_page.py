"""The case page: who sees it and what, the ladder, the derivation, the timeline, and as known on a day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.choices import Role, Verb
from agencies.models import AuditRow
from cases.choices import EventKind
from cases.models import Case
from students.choices import SpecialGroup
from students.rules.privacy import RESTRICTED_GROUPS
from tests import make
from tests.cases.scene import ABSENT_DAYS, Scene, absent_scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db


def page(place: Scene, case: Case, who: str = "teacher", query: str = "") -> str:
    response = client(getattr(place, who)).get(reverse("cases:case", args=[case.pk]) + query)
    assert response.status_code == 200
    return text_of(response)


def test_each_duty_shows_clause_quotation_counted_days_and_how_its_date_was_reached() -> None:
    place, case = absent_scene()
    with at():
        text = page(place, case)
    assert "四（二）1" in text
    assert "无故3日未到校学生，班主任联合学校德育处入户劝返" in text
    assert "2026-11-09（周一） 无故，计1天" in text
    assert "第1个工作日 = 2026-11-12（周四）" in text
    assert "<b>3</b> 天" in text


def test_a_sister_township_learns_nothing_and_who_sees_no_case_is_refused() -> None:
    place = scene()
    other = scene(place.county, "青石")
    (case,) = place.absent(place.child())
    admin = make.person(Role.SYSTEM_ADMIN, place.county)
    url = reverse("cases:case", args=[case.pk])
    with at():
        assert client(other.officer).get(url).status_code == 404
        assert client(other.teacher).get(url).status_code == 404
        assert client(admin).get(url).status_code == 403
        assert client(place.officer).get(url).status_code == 200


def test_an_inspector_sees_the_case_but_not_the_name_nor_a_number() -> None:
    place = scene()
    (case,) = place.absent(place.child("周小安"))
    make.event(case, EventKind.PHONE_CALL, result="connected", note="接通了奶奶")
    inspector = make.person(Role.INSPECTOR, place.county)
    with at(hour=16):
        text = text_of(client(inspector).get(reverse("cases:case", args=[case.pk])))
    assert "周小安" not in text
    assert "周*安" in text
    assert "接通了奶奶" not in text
    assert "13812345678" not in text
    assert "周母" not in text


def test_only_who_owes_a_duty_sees_the_number_whole_and_that_is_logged() -> None:
    place, case = absent_scene()
    with at():
        assert "tel:13812345678" in page(place, case, "teacher")
        assert AuditRow.objects.filter(verb=Verb.IDENTITY_REVEALED, child_number=case.student.number).count() == 1
        officers = page(place, case, "officer")
    assert "13812345678" not in officers
    assert "138****5678" in officers
    assert AuditRow.objects.filter(verb=Verb.IDENTITY_REVEALED).count() == 1


def test_buttons_lead_to_what_fulfils_the_duties_and_only_to_what_one_may_record() -> None:
    place, case = absent_scene()
    with at():
        teachers, secretarys = page(place, case, "teacher"), page(place, case, "secretary")
    assert reverse("cases:event_new", args=[case.pk, "phone_call"]) in teachers
    assert reverse("cases:event_new", args=[case.pk, "village_verification"]) not in teachers
    assert reverse("cases:event_new", args=[case.pk, "village_verification"]) in secretarys


def test_a_superseded_entry_stays_struck_through_with_its_reason() -> None:
    place, case = absent_scene()
    event = make.event(case, EventKind.PHONE_CALL, result="connected", note="接通了奶奶")
    with at(hour=16):
        browser = client(place.teacher)
        browser.post(
            reverse("cases:event_supersede", args=[event.pk]),
            {"correction": "打错号码", "mend": "void", "happened_on": "2026-11-11"},
        )
        text = page(place, case)
    assert "is-void" in text
    assert "已更正：打错号码" in text
    assert "接通了奶奶" in text


def test_only_entries_of_kinds_one_may_record_offer_to_be_corrected() -> None:
    place, case = absent_scene()
    event = make.event(case, EventKind.PHONE_CALL, result="connected")
    with at(hour=16):
        assert reverse("cases:event_supersede", args=[event.pk]) in page(place, case, "teacher")
        verified = make.event(case, EventKind.VILLAGE_VERIFICATION, people="书记", cause="weary", record="属实")
        assert reverse("cases:event_supersede", args=[verified.pk]) not in page(place, case, "teacher")


def test_what_was_typed_in_late_says_by_how_much() -> None:
    place, case = absent_scene()
    with at(make.DAY + timedelta(days=2), 16):
        client(place.teacher).post(
            reverse("cases:event_new", args=[case.pk, "phone_call"]),
            {"happened_on": "2026-11-11", "result": "no_answer"},
        )
        assert "2026-11-13（周五）16:10录入，晚2天" in page(place, case)


def test_as_known_on_a_day_leaves_out_what_was_recorded_later() -> None:
    place, case = absent_scene()
    with at(make.DAY + timedelta(days=2), 16):
        client(place.teacher).post(
            reverse("cases:event_new", args=[case.pk, "home_visit"]),
            {"happened_on": "2026-11-11", "by": "王老师", "guardian_attitude": "同意返校", "methods": "上门"},
        )
        now_known = page(place, case, query="?on=2026-11-12")
        then_known = page(place, case, query="?on=2026-11-12&known=2026-11-12")
    assert "同意返校" in now_known
    assert "同意返校" not in then_known
    assert "按2026-11-12（周四）的情况显示" in then_known


def test_a_day_that_is_no_day_is_said_and_a_future_one_is_today() -> None:
    place, case = absent_scene()
    browser = client(place.teacher)
    url = reverse("cases:case", args=[case.pk])
    with at():
        assert browser.get(f"{url}?on=heute").status_code == 404
        assert "情况显示" not in text_of(browser.get(f"{url}?on=2030-01-01"))
        assert browser.get(f"{url}?known=99999-99-99").status_code == 404


def test_whereabouts_unknown_asks_for_the_call_and_the_police_at_once() -> None:
    place = scene()
    child = place.child()
    make.roll(place.school_class, make.DAY, {child: "whereabouts_unknown"})
    case = Case.objects.get(student=child)
    with at():
        text = page(place, case)
        said = "学生去向不明，2026-11-11（周三）08:10登记：09:10前电话联系监护人；仍未找到的，立即向110报警并登记。"
        assert said in text
    make.event(case, EventKind.PHONE_CALL, result="no_answer")
    make.event(case, EventKind.POLICE_REPORTED, station="云溪派出所")
    with at(hour=16):
        assert "学生去向不明" not in page(place, case)


@pytest.mark.parametrize(("cause", "word"), [("harmed", "遭受侵害"), ("marriage", "早婚早育")])
def test_harm_and_early_marriage_are_to_be_reported_at_once_by_who_may_know(cause: str, word: str) -> None:
    place, case = absent_scene()
    head = make.person(Role.BUREAU_HEAD, place.county)
    make.event(case, EventKind.VILLAGE_VERIFICATION, people="村书记", cause=cause, record="入户了解")
    url = reverse("cases:case", args=[case.pk])
    said = f"已登记{word}：须立即（2026-11-11（周三）当天）向公安、民政、教育等部门报告（未成年人保护法第十一条）"
    with at():
        assert said in text_of(client(head).get(url))
        assert (said in text_of(client(place.officer).get(url))) == (cause == "marriage")
    make.event(case, EventKind.POLICE_REPORTED, station="云溪派出所")
    with at(hour=16):
        assert f"已登记{word}" not in text_of(client(head).get(url))


@pytest.mark.parametrize("group", sorted(RESTRICTED_GROUPS))
def test_restricted_groups_are_kept_from_who_may_not_see_them(group: SpecialGroup) -> None:
    place = scene()
    (case,) = place.absent(place.child(groups=(group.value, "left_behind")))
    head = make.person(Role.BUREAU_HEAD, place.county)
    with at():
        for url in (reverse("cases:case", args=[case.pk]), reverse("cases:plan", args=[case.pk])):
            covered, whole = (text_of(client(who).get(url)) for who in (place.teacher, head))
            assert str(group.label) not in covered
            assert "留守儿童" in covered
            assert str(group.label) in whole


@pytest.mark.parametrize("role", [Role.CLASS_TEACHER, Role.TOWNSHIP_HEAD, Role.BUREAU_HEAD])
def test_the_page_costs_at_most_fifteen_queries_however_much_has_happened(role: Role) -> None:
    place = scene()
    at_unit = {Role.CLASS_TEACHER: place.school_class, Role.TOWNSHIP_HEAD: place.township}.get(role, place.county)
    who = place.teacher if role == Role.CLASS_TEACHER else make.person(role, at_unit)
    (case,) = place.absent(place.child(groups=("left_behind",)))
    browser, url = client(who), reverse("cases:case", args=[case.pk])

    def count() -> int:
        with at(hour=16), CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    count()
    before = count()
    for result in ("no_answer", "refused", "connected"):
        make.event(case, EventKind.PHONE_CALL, ABSENT_DAYS[2], result=result)
    assert count() == before <= 15


def test_the_person_in_charge_is_named_from_the_case_s_own_units() -> None:
    place = scene()
    other = scene(place.county, "青石")
    (case,) = place.absent(place.child())
    url = reverse("cases:assign", args=[case.pk])
    with at():
        browser = client(place.officer)
        assert place.secretary.name in text_of(browser.get(url))
        assert browser.post(url, {"person": other.secretary.pk}).status_code == 400
        assert browser.post(url, {"person": place.secretary.pk}).status_code == 302
        assert client(other.officer).get(url).status_code == 404
        assert client(place.teacher).get(url).status_code == 403
    case.refresh_from_db()
    assert case.person == place.secretary


def test_the_other_plan_speaks_in_its_own_words_on_the_same_page() -> None:
    place = scene(plan="datian-2023")
    (case,) = place.absent(place.child())
    with at():
        text = page(place, case)
    assert "上门动员返校" in text
    assert "蛟潭" not in text


def test_the_address_is_whole_only_for_who_owes_a_duty() -> None:
    place = scene()
    (case,) = place.absent(place.child(residence_address="清河县云溪镇云溪村3组12号"))
    with at():
        assert "云溪村3组12号" in page(place, case, "teacher")
        assert "云溪村3组12号" not in page(place, case, "officer")


def test_everything_else_to_record_stands_under_headings_and_only_what_the_post_may_record() -> None:
    place, case = absent_scene()
    with at():
        teachers, officers = page(place, case, "teacher"), page(place, case, "officer")
    for title in ("联系与核查", "一生一策与送教", "返校与安置"):
        assert f"{title} <span" in teachers
    assert "司法 <span" not in teachers
    assert "司法 <span" in officers
    assert teachers.count(reverse("cases:event_new", args=[case.pk, "note"])) == 1


def test_the_case_leads_to_its_support_plan() -> None:
    place, case = absent_scene()
    with at():
        assert "先定一生一策" in page(place, case)
    make.event(case, EventKind.SUPPORT_PLAN, measures="每周家访一次", person="王老师", review_on="2026-11-20")
    with at(hour=16):
        assert "下次复查 2026-11-20（周五）" in page(place, case)


def test_of_the_duties_ahead_the_next_three_are_shown_and_the_rest_is_folded() -> None:
    place = scene(plan="hulin-2020")
    (case,) = place.absent(place.child())
    with at():
        text = page(place, case, "officer")
    shown, _, folded = text.partition('data-testid="later"')
    ahead = [part.count(">未到</span>") for part in (shown.partition('data-testid="duties"')[2], folded)]
    assert ahead[0] == 3
    assert ahead[1] > 3
    assert f"以后还可能有 {ahead[1]} 项" in folded
