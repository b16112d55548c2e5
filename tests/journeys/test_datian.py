"""The whole way under 大田县's plan around the National Day of 2026: roll, ladder, papers, closing."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.management import call_command

from agencies.choices import Role
from cases.choices import EventKind
from tests.journeys.story import CHILD, begin

pytestmark = pytest.mark.django_db

TEACHER, REGISTRAR, PRINCIPAL = Role.CLASS_TEACHER, Role.REGISTRAR, Role.PRINCIPAL
OFFICER, DEPUTY = Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY


def day(month: int, of: int) -> date:
    """A day of 2026."""
    return date(2026, month, of)


def test_from_roster_to_closed_case(traveller: time_machine.Traveller) -> None:
    story = begin(traveller, "datian-2023")
    call_command("load_county", "datian-2023", adopt="云溪镇", on="2026-09-01", verbosity=0)
    plans = story.by(OFFICER).open("/policies/").says("加强控辍保学工作健全联控联保机制", "田政办规〔2023〕8号")
    assert "到期，仍按原方案运行" not in plans.text

    story.roster()
    story.person(TEACHER, story.school_class, "王老师")
    story.at(day(9, 24), 8)
    story.take_roll()

    # The first day away: reported and asked about on the same day.
    story.at(day(9, 28), 8)
    story.take_roll(CHILD)
    duty = story.duty(TEACHER, "教师当天报告学校并向家长了解情况")
    for words in ("三（四）", "教师必须于当天向学校报告，并向家长(监护人)了解情况", "2026-09-28（周一）"):
        assert words in duty, duty
    story.record(TEACHER, "电话联系", result="未接")

    # The second day: on the doorstep by the next school day.
    story.at(day(9, 29), 8)
    story.take_roll(CHILD)
    assert "明天前上门动员返校" in story.work_item(TEACHER)
    story.at(day(9, 30), 8)
    story.take_roll(CHILD)
    story.record(TEACHER, "入户家访", guardian_attitude="支持返校", methods="讲明学校资助政策", effect="答应节后返校")

    # Three working days after the visit end on the working Saturday.
    story.at(day(10, 9), 8)
    story.take_roll(CHILD)
    story.idle(PRINCIPAL)
    story.at(day(10, 10), 8)
    story.take_roll(CHILD)
    duty = story.duty(PRINCIPAL, "学校书面报告乡镇政府")
    for words in ("2026-10-10（周六", "经说服动员后3个工作日内仍未返校的，应书面向当地乡镇政府报告", "附件4说明"):
        assert words in duty, duty
    story.paper(PRINCIPAL, EventKind.REPORT_SENT, number="1", to="云溪镇人民政府")
    story.at(day(10, 10), 10)
    story.record(OFFICER, "签收报告单", receiver="镇专干", time="10:00")
    duty = story.duty(OFFICER, "乡镇组织劝返")
    for words in ("第3个工作日", "2026-10-14（周三）"):
        assert words in duty, duty

    # The township persuades, then criticises, then orders.
    story.at(day(10, 13), 8)
    story.take_roll(CHILD)
    story.record(
        OFFICER, "劝返", place="周家", people="镇专干、村书记", record="未见学生", recorder="镇专干", result="继续劝返"
    )
    for of in (14, 15):
        story.at(day(10, of), 8)
        story.take_roll(CHILD)
    duty = story.duty(OFFICER, "乡镇对监护人批评教育")
    assert "2026-10-19（周一）" in duty, duty
    story.record(OFFICER, "批评教育", by="镇专干", guardian="周母", statement="愿意送返")
    story.at(day(10, 16), 8)
    story.take_roll(CHILD)
    duty = story.duty(OFFICER, "乡镇下达限期复学通知书")
    assert "2026-10-21（周三）" in duty, duty
    story.paper(DEPUTY, EventKind.NOTICE_ISSUED, number="云政限学〔2026〕1号")
    for of in (19, 20):
        story.at(day(10, of), 8)
        story.take_roll(CHILD)
    story.paper(OFFICER, EventKind.NOTICE_SERVED, mode="direct", addressee="周母")
    story.case_page(OFFICER).says("等待监护人送返，限期至2026-10-27（周二）")
    for of in (21, 22, 23):
        story.at(day(10, of), 8)
        story.take_roll(CHILD)

    # Back within the guardian's days; half a day away would be a relapse, so ten whole days are watched.
    story.at(day(10, 26), 8)
    story.take_roll()
    story.record(TEACHER, "登记返校", how="父亲送到学校")
    story.case_page(TEACHER).says("返校观察至2026-11-09（周一）")
    for month, of in ((10, 27), (10, 28), (10, 29), (10, 30), (11, 2), (11, 3), (11, 4), (11, 5), (11, 6), (11, 9)):
        story.at(day(month, of), 8)
        story.take_roll()
    refused = story.by(DEPUTY).open(f"/cases/{story.case.pk}/close/").says("有缺")
    assert "观察" in refused.text
    story.at(day(11, 10), 9)

    # The officer sees who approves; the deputy head of the township approves.
    story.by(OFFICER).open(f"/cases/{story.case.pk}/close/").says("云溪镇 乡镇分管领导", "您的岗位不能批准本案销号")
    assert "可报请销号" in story.work_item(DEPUTY)
    page = story.by(DEPUTY).open(f"/cases/{story.case.pk}/close/")
    page = page.form("close-form").fill({"销号结果": "已返校", "证明材料": "点名册"}).send()
    page.says("请核对后确认销号").form("close-sure").send().says("已销号")
    assert story.case.closed_on == day(11, 10)
