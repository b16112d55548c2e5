"""One support plan from 厌学 to the return: made without absence, late, reviewed, a measure done, the child back."""

from datetime import date

import pytest
import time_machine

from agencies.choices import Role
from cases.choices import EventKind
from tests import make
from tests.journeys.road import set_out

pytestmark = [pytest.mark.django_db, pytest.mark.long]
TEACHER, OFFICER, REGISTRAR = Role.CLASS_TEACHER, Role.TOWNSHIP_OFFICER, Role.REGISTRAR
DAYS = (date(2026, 9, 21), date(2026, 9, 22), date(2026, 9, 23))


def test_a_plan_is_made_falls_late_is_reviewed_and_follows_the_child_back_to_school() -> None:
    with time_machine.travel(make.moment(DAYS[0], 7), tick=False) as traveller:
        road = set_out(traveller, "huarong-2024", DAYS[0])
        page = road.by(TEACHER).open(f"/students/{road.child.pk}/begin/{EventKind.FLAGGED}/")
        form = page.form("begin-form").fill(why="厌学，常说不想来", cause="weary")
        page = form.send("登记并定一生一策").says("制定一生一策")
        measure = {"m0-what": "每周谈心一次", "m0-person": "王老师", "m0-last": "2026-10-12"}
        made = page.form("plan-form").fill(person="王老师", review_on="2026-10-13", **measure).send()
        made.says("一生一策已保存，2026-10-13（周二）复查", "厌学，2026-09-21（周一）发现辍学倾向", "包保责任人王老师")
        for day in DAYS:
            road.register(day, absent="unexcused")

        road.at(date(2026, 10, 18))
        today = road.by(TEACHER).open("/today/")
        today.says(
            "一生一策应于2026-10-13（周二）复查，已过5天",
            "一生一策措施“每周谈心一次”应于2026-10-12（周一）落实，已过6天",
        )
        page = today.follow("一生一策应于").follow("登记复查")
        page = page.form("event-form").fill(result="愿意返校", changes="增加数学辅导").send()
        page.says("愿意返校", "增加数学辅导", "下次复查 2026-11-17（周二）")
        page = page.form(button="已落实").send().says("2026-10-18（周日） 已落实")
        assert "已过" not in road.by(TEACHER).open("/today/").text

        road.comes_back(date(2026, 10, 19), TEACHER, REGISTRAR)
        page = road.by(OFFICER).open(f"/cases/{road.case.pk}/plan/")
        page.says("返校以后", "返校2026-10-19（周一）", "观察中", "愿意返校", "未结案")
