"""The whole way under 大田县's plan around the National Day of 2026: roll, ladder, attachments 3 to 5, closing."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.management import call_command

from agencies.choices import Role
from tests.journeys.story import CHILD, Story, begin, days_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

TEACHER, PRINCIPAL = Role.CLASS_TEACHER, Role.PRINCIPAL
OFFICER, DEPUTY = Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY
ATTACHMENT_3, ATTACHMENT_4 = "疑似辍学学生劝返情况记录表（乡镇用）", "学校疑似辍学学生情况记录表（学校用）"
ATTACHMENT_5, ORDER = "疑似辍学学生报告单", "限期复学通知书"


def day(month: int, of: int) -> date:
    """A day of 2026."""
    return date(2026, month, of)


def test_from_roster_to_closed_case_and_ledger(traveller: time_machine.Traveller) -> None:
    story = begin(traveller, "datian-2023")
    call_command("load_county", "datian-2023", adopt="云溪镇", on="2026-09-01", verbosity=0)
    plans = story.by(OFFICER).open("/policies/").says("加强控辍保学工作健全联控联保机制", "田政办规〔2023〕8号")
    assert "到期，仍按原方案运行" not in plans.text
    story.roster()
    story.person(TEACHER, story.school_class, "王老师")
    the_school_persuades(story)
    the_school_reports(story)
    the_township_persuades_and_criticises(story)
    the_township_orders(story)
    the_child_comes_back(story)
    the_case_is_closed(story)
    the_register_of_persuasion_tells_it(story)


def the_school_persuades(story: Story) -> None:
    """Reported and asked about on the first day; on the doorstep by the next school day."""
    story.school_days(days_of(9, 24))
    story.school_days(days_of(9, 28), CHILD)
    quote = "教师必须于当天向学校报告，并向家长(监护人)了解情况"
    story.duty(TEACHER, "教师当天报告学校并向家长了解情况", "三（四）", quote, "2026-09-28（周一）")
    story.record(TEACHER, "电话联系", result="未接")
    story.school_days(days_of(9, 29), CHILD)
    assert "明天前上门动员返校" in story.work_item(TEACHER)
    story.school_days(days_of(9, 30), CHILD)
    story.record(TEACHER, "入户家访", guardian_attitude="支持返校", methods="讲明学校资助政策", effect="答应节后返校")


def the_school_reports(story: Story) -> None:
    """Three working days after the visit end on the working Saturday: attachment 4 stays, attachment 5 goes out."""
    story.school_days(days_of(10, 8, 9), CHILD)
    story.idle(PRINCIPAL)
    story.school_days(days_of(10, 10), CHILD)
    quote = "经说服动员后3个工作日内仍未返校的，应书面向当地乡镇政府报告"
    story.duty(PRINCIPAL, "学校书面报告乡镇政府", "2026-10-10（周六", quote, "附件4说明")
    story.prepare(PRINCIPAL, ATTACHMENT_4, "出具").says("已出具")
    story.printed(PRINCIPAL, ATTACHMENT_4, CHILD, "支持返校", "讲明学校资助政策", "云溪中心学校")
    story.prepare(PRINCIPAL, ATTACHMENT_5, "出具并报送").says("已报送，待乡镇签收")
    printed = story.printed(PRINCIPAL, ATTACHMENT_5, "存根")
    assert printed.count(CHILD) >= 2, "the slip and its stub name the child"
    story.at(day(10, 10), 10)
    story.paper(OFFICER, ATTACHMENT_5).form(button="签收报告单").send().says("乡镇的办理期限从此起算")


def the_township_persuades_and_criticises(story: Story) -> None:
    story.duty(OFFICER, "乡镇组织劝返", "第3个工作日", "2026-10-14（周三）")
    story.school_days(days_of(10, 12, 13), CHILD)
    tried = {"place": "周家", "people": "镇专干、村书记", "record": "未见学生", "recorder": "镇专干"}
    story.record(OFFICER, "劝返", **tried, result="继续劝返")
    story.school_days(days_of(10, 14, 15), CHILD)
    story.duty(OFFICER, "乡镇对监护人批评教育", "2026-10-19（周一）")
    story.record(OFFICER, "批评教育", by="镇专干", guardian="周母", statement="愿意送返")


def the_township_orders(story: Story) -> None:
    """Attachment 3, then the order: drafted, signed, served in person."""
    story.school_days(days_of(10, 16), CHILD)
    story.duty(OFFICER, "乡镇下达限期复学通知书", "2026-10-21（周三）")
    story.prepare(OFFICER, ATTACHMENT_3, "出具").says("已出具")
    story.printed(OFFICER, ATTACHMENT_3, CHILD, "10月13日", "未见学生")
    story.prepare(OFFICER, ORDER, "存为拟稿", planned_service="2026-10-20").says("拟稿待签发")
    story.paper(DEPUTY, ORDER).form(button="签发").send().says("云政限复〔2026〕1号", "2026-10-27（周二）")
    story.printed(DEPUTY, ORDER, "限期复学通知书", "周母", "2026年10月27日", "送达回证")
    story.school_days(days_of(10, 19, 20), CHILD)
    served = story.serve(
        ORDER,
        method="直接送达",
        result="已送达",
        happened_on="2026-10-20",
        happened_time="07:45",
        place="柳树村3组周家",
        server_1="镇专干",
        server_2="村书记",
        receiver="周母",
    )
    served.says("监护人应于 2026-10-27（周二）前送学生返校")
    story.case_page(OFFICER).says("等待监护人送返，限期至2026-10-27（周二）")


def the_child_comes_back(story: Story) -> None:
    """Within the guardian's days; half a day away would be a relapse, so ten whole days are watched."""
    story.school_days(days_of(10, 21, 22, 23), CHILD)
    story.school_days(days_of(10, 26))
    story.record(TEACHER, "登记返校", how="父亲送到学校")
    story.case_page(TEACHER).says("返校观察至2026-11-09（周一）")
    story.school_days([*days_of(10, 27, 28, 29, 30), *days_of(11, 2, 3, 4, 5, 6, 9)])


def the_case_is_closed(story: Story) -> None:
    """Not on the last day of observation; the officer sees who approves; the deputy head of the township does."""
    early = story.by(DEPUTY).open(f"/cases/{story.case.pk}/close/").says("有缺")
    assert "观察" in early.text
    story.at(day(11, 10), 9)
    refused = story.by(OFFICER).open(f"/cases/{story.case.pk}/close/")
    refused.says("云溪镇 乡镇分管领导", "您的岗位不能批准本案销号")
    assert "可报请销号" in story.work_item(DEPUTY)
    page = story.by(DEPUTY).open(f"/cases/{story.case.pk}/close/")
    page = page.form("close-form").fill({"销号结果": "已返校", "证明材料": "点名册"}).send()
    page.says("请核对后确认销号").form("close-sure").send().says("已销号")
    assert story.case.closed_on == day(11, 10)


def the_register_of_persuasion_tells_it(story: Story) -> None:
    sheet, row = story.ledger(DEPUTY, "疑似辍学学生劝返登记台账")
    assert "疑似辍学学生劝返登记台账" in str(sheet["A1"].value)
    assert "10-13（周二）未见学生" in " ".join(map(str, row)), row
