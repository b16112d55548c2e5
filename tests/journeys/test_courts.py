"""The two ways to a court, on foot: every rung before, the township's choice, the papers, the result, the return."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from agencies.choices import Role
from cases.choices import EventKind, Outcome
from tests.journeys.road import Road, set_out

pytestmark = [pytest.mark.django_db, pytest.mark.long]

TEACHER, REGISTRAR, PRINCIPAL = Role.CLASS_TEACHER, Role.REGISTRAR, Role.PRINCIPAL
OFFICER, DEPUTY, HEAD = Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY, Role.TOWNSHIP_HEAD
VILLAGE, CHIEF = Role.VILLAGE_SECRETARY, Role.BUREAU_HEAD


def test_huarong_sues_after_police_and_departments_failed(traveller: time_machine.Traveller) -> None:
    """人盯人, the written report, 督促, 批评教育, the order, 公安联合, 训诫, suit, mediation, twenty days watched."""
    road = set_out(traveller, "huarong-2024", date(2026, 9, 28))
    road.register(date(2026, 9, 28), absent="unexcused")
    road.act(TEACHER, EventKind.PHONE_CALL, result="connected")
    road.register(date(2026, 9, 29), date(2026, 9, 30), absent="unexcused")
    road.act(PRINCIPAL, EventKind.COMPANION_NAMED, person="德老师")
    road.register(date(2026, 10, 8), absent="unexcused")
    road.act(TEACHER, EventKind.HOME_VISIT)
    # Three school days after the visit: 10-09, the working Saturday 10-10, Monday 10-12.
    road.register(date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 12), absent="unexcused")
    road.duty(PRINCIPAL, "学校书面报告乡镇政府和区教育局", "2026-10-13（周二）")
    the_report_has_no_form_of_its_own(road)
    road.duty(OFFICER, "乡镇督促监护人送子女复学", "2026-10-15（周四）")
    road.at(date(2026, 10, 13))
    road.act(OFFICER, EventKind.PERSUASION, result="continue")
    road.register(date(2026, 10, 14), date(2026, 10, 15), absent="unexcused")
    road.act(OFFICER, EventKind.CRITICISM)
    road.register(date(2026, 10, 16), absent="unexcused")
    road.order("限期复学通知书")
    # Seven days of the guardian end on Friday 10-23.
    road.at(date(2026, 10, 26))
    road.duty(DEPUTY, "乡镇牵头公安、司法机关等部门督促", "2026-10-30（周五）")
    road.act(DEPUTY, EventKind.JOINT_PERSUASION, agencies="公安、司法所", result="continue")
    road.at(date(2026, 10, 29))
    road.act(DEPUTY, EventKind.ADMONITION, kind="police")
    road.at(date(2026, 11, 5))
    road.refused(DEPUTY, EventKind.COURT_RESULT, "没有法院结果可登记", result="mediated")
    road.act(HEAD, EventKind.ROUTE_CHOSEN, route="civil")
    # Thirty days end on Saturday 12-05, so on Monday.
    road.duty(HEAD, "向人民法院提起民事诉讼", "2026-12-07（周一）")
    road.at(date(2026, 11, 20))
    road.act(HEAD, EventKind.SUIT_FILED, court="区人民法院", materials="起诉状、通知书、送达回证")
    road.duty(OFFICER, "跟踪法院审理并登记结果", "2027-05-20（周四）")
    road.at(date(2026, 12, 15))
    road.act(OFFICER, EventKind.COURT_RESULT, result="mediated", record="监护人承诺次日送返")
    road.comes_back(date(2026, 12, 16), TEACHER, REGISTRAR)
    road.watched(20)
    road.close(HEAD, Outcome.RETURNED)


def the_report_has_no_form_of_its_own(road: Road) -> None:
    """The plan names no form for it: the school types that it went out; the township, that it came in."""
    road.by(PRINCIPAL).open(f"/cases/{road.case.pk}/").follow("学校书面报告")
    road.act(PRINCIPAL, EventKind.REPORT_SENT, to="西畈镇人民政府、区教育局")
    mine = road.case_page(PRINCIPAL)
    assert mine.tree.xpath("//a[contains(@href, '/supersede/')]"), "what was typed may be put right"
    road.act(OFFICER, EventKind.REPORT_RECEIVED, receiver="镇专干", time="10:00")


def test_hulin_has_its_order_enforced_by_the_court(traveller: time_machine.Traveller) -> None:
    """班主任, 校长, 村, 乡长, 局长, 市长; then 催告 after the six months, the application, what the court did."""
    road = set_out(traveller, "hulin-2020", date(2026, 3, 9))
    road.register(date(2026, 3, 9), absent="unexcused")
    road.act(TEACHER, EventKind.PHONE_CALL, result="connected")
    road.register(date(2026, 3, 10), absent="unexcused")
    road.act(PRINCIPAL, EventKind.HOME_VISIT)
    road.register(date(2026, 3, 11), date(2026, 3, 12), absent="unexcused")
    road.prepare(PRINCIPAL, "义务教育阶段学生疑似辍学报告单", "出具并报送").says("已出具")
    road.act(VILLAGE, EventKind.VILLAGE_VERIFICATION)
    road.register(date(2026, 3, 13), absent="unexcused")
    road.act(HEAD, EventKind.PERSUASION, result="continue")
    road.register(date(2026, 3, 16), date(2026, 3, 17), absent="unexcused")
    road.act(OFFICER, EventKind.CRITICISM)
    road.register(date(2026, 3, 18), absent="unexcused")
    road.refused(HEAD, EventKind.DEMAND_SERVED, "尚未送达")
    road.order("责令送子女或被监护人入学接受义务教育通知书")
    # Seven days end on Wednesday 03-25; the day after it goes up.
    road.at(date(2026, 3, 26))
    road.act(HEAD, EventKind.REPORTED_UP, to="市教育局")
    road.at(date(2026, 3, 27))
    road.act(CHIEF, EventKind.JOINT_PERSUASION, result="continue")
    road.at(date(2026, 4, 1))
    road.duty(CHIEF, "报市长（市政府）研究", "2026-04-07（周二）")
    road.act(CHIEF, EventKind.REPORTED_UP, to="市政府")
    # Five working days, the Qingming holidays of 04-04 to 04-06 left out: 04-02, 03, 07, 08, 09.
    road.at(date(2026, 4, 9))
    road.act(HEAD, EventKind.ROUTE_CHOSEN, route="enforcement")
    road.refused(HEAD, EventKind.ENFORCEMENT_APPLIED, "催告书尚未送达，不能申请强制执行")
    # Six months to sue end on 09-18; three more from 09-19, known from the day the way is chosen.
    road.case_page(HEAD).says("自2026-09-19（周六）起3个月（起算当日计入），期满日 = 2026-12-18（周五）")
    # Fifteen days from 09-19 end in the holidays, so on 10-08.
    road.at(date(2026, 9, 28))
    road.duty(HEAD, "送达催告书", "2026-10-08（周四）")
    road.act(HEAD, EventKind.DEMAND_SERVED, mode="direct")
    # Ten working days: 09-29, 30, after the holidays 10-08, 09, the working Saturday 10-10, 10-12 to 16.
    road.at(date(2026, 10, 16))
    road.duty(HEAD, "申请人民法院强制执行", "未到", "2026-10-17（周六）")
    road.at(date(2026, 10, 17))
    # Three months from the first day on which it could be asked for, 09-19.
    road.duty(HEAD, "申请人民法院强制执行", "2026-12-18（周五）")
    road.act(HEAD, EventKind.ENFORCEMENT_APPLIED, court="市人民法院", materials="申请书、通知书、送达回证、催告书")
    road.at(date(2026, 11, 5))
    road.refused(OFFICER, EventKind.PENALTY, "没有罚款", legal_basis="义务教育法第五十八条")
    road.act(OFFICER, EventKind.COURT_RESULT, result="executed", record="准予执行，学生已送返")
    road.comes_back(date(2026, 11, 6), TEACHER, REGISTRAR)
    road.plans(PRINCIPAL)
    road.watched(10)
    road.close(CHIEF, Outcome.RETURNED)
