"""The whole way under 蛟潭镇's plan around the National Day of 2026: roster, roll, ladder, papers, closing."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from agencies.choices import Role
from agencies.models import PolicyVersion
from tests.journeys.story import CHILD, DOCUMENT, Story, begin, days_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

TEACHER, REGISTRAR, PRINCIPAL, SECRETARY = Role.CLASS_TEACHER, Role.REGISTRAR, Role.PRINCIPAL, Role.VILLAGE_SECRETARY
OFFICER, DEPUTY, HEAD, JUSTICE = Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY, Role.TOWNSHIP_HEAD, Role.JUSTICE_OFFICE
REPORT, ORDER = "义务教育阶段学生辍学情况报告单", "限期返校通知书"


def day(month: int, of: int) -> date:
    """A day of 2026."""
    return date(2026, month, of)


def test_from_roster_to_closed_case_and_ledgers(traveller: time_machine.Traveller) -> None:
    story = begin(traveller, "jiaotan-2025")
    the_plan_runs_past_its_end(story)
    story.roster().says("已写入")
    story.person(TEACHER, story.school_class, "王老师")
    the_school_tries(story)
    the_village_looks(story)
    the_school_reports(story)
    the_township_orders(story)
    the_order_is_left_at_the_door(story)
    the_justice_office_helps(story)
    the_child_comes_back(story)
    the_case_is_closed(story)
    the_ledgers_tell_it(story)


def the_plan_runs_past_its_end(story: Story) -> None:
    plan = story.by(HEAD).open(f"/policies/{PolicyVersion.objects.get().pk}/")
    plan.says("蛟潭镇2025-2026学年控辍保学工作实施方案", "责令3日内送学生返校", "本方案未规定")
    adopted = plan.form("adopt").fill({"采用单位": "乡镇 · 云溪镇", "采用日期": "2026-09-01"}).send()
    adopted.says("云溪镇", "2026-09-01（周二）", "方案已于2026-08-31（周一）到期")


def the_school_tries(story: Story) -> None:
    """Ordinary days, then the child stays away from the 28th of September: a call that day, a visit after three."""
    story.at(day(9, 24), 8)
    story.take_roll().says("已登记：应到7 实到7 缺0")
    story.at(day(9, 25))
    shut = story.by(TEACHER).open(f"/roll/{story.school_class.pk}/")
    shut.says("2026-09-25（周五，中秋节放假）", "不上课")
    story.at(day(9, 28), 8, 10)
    story.take_roll(CHILD).says("已登记：应到7 实到6 缺1")
    said = story.work_item(TEACHER)
    assert "今天前电话联系监护人" in said
    assert "2026-09-28（周一）" in said
    quote = "对有辍学倾向或无故1日未到校学生，班主任当日电话联系监护人"
    story.duty(TEACHER, "班主任当日电话联系监护人", "四（二）1", quote)
    story.record(TEACHER, "电话联系", result="接通", spoke_with="周母", cause="厌学", whereabouts="在家")
    story.idle(TEACHER)
    story.school_days(days_of(9, 29, 30), CHILD)
    reckoning = ("第1个工作日", "2026-10-08（周四）", "10-01至10-07", "放假", "09-28", "09-30")
    story.duty(TEACHER, "班主任联合德育处入户劝返", *reckoning)
    story.school_days(days_of(10, 8), CHILD)
    story.record(
        TEACHER,
        "家访",
        guardian_attitude="想让她去打工",
        methods="告知义务教育法规定",
        told_duty=True,
        effect="未返校",
    )


def the_village_looks(story: Story) -> None:
    """From the next school day; due on the working Saturday."""
    story.school_days(days_of(10, 9), CHILD)
    assert "明天前与网格员、村干部入户核查原因" in story.work_item(SECRETARY)
    story.duty(SECRETARY, "村书记牵头入户核查辍学原因", "2026-10-10（周六", "调休")
    story.school_days(days_of(10, 10), CHILD)
    found = "父母外出，随祖母生活"
    story.record(SECRETARY, "村级入户核查", people="村书记、网格员", cause="厌学", whereabouts="在家", record=found)


def the_school_reports(story: Story) -> None:
    """On the day the village was there; the township signs for it the same afternoon."""
    assert "填写报告单报镇政府" in story.work_item(PRINCIPAL)
    story.duty(PRINCIPAL, "学校填写报告单报镇政府", "2026-10-12（周一）")
    sent = story.prepare(PRINCIPAL, REPORT, "出具并报送")
    sent.says("已出具并报送《义务教育阶段学生辍学情况报告单》", "已报送，待乡镇签收", "SHA-256")
    story.printed(PRINCIPAL, REPORT, CHILD, DOCUMENT, "云溪中心学校", "厌学", "2026年10月10日")
    story.at(day(10, 10), 17, 30)
    signed = story.paper(OFFICER, REPORT).form(button="签收报告单").send()
    signed.says("已签收报告单，乡镇的办理期限从此起算")
    quote = "镇政府于3日内向监护人发放《限期返校通知书》"
    story.duty(OFFICER, "镇政府向监护人发放限期返校通知书", "自然日", "2026-10-13（周二）", quote)


def the_township_orders(story: Story) -> None:
    """Persuasion, then no order without criticism on record; the officer drafts, the deputy head signs."""
    story.school_days(days_of(10, 12), CHILD)
    tried = {"place": "周家", "people": "镇专干、村书记", "record": "讲明法律后果", "recorder": "镇专干"}
    story.record(OFFICER, "劝返", **tried, result="继续劝返")
    early = story.by(OFFICER).open(f"/cases/{story.case.pk}/papers/").follow(f"拟制《{ORDER}》")
    early.says("现在还不能出具", "批评教育")
    story.record(OFFICER, "批评教育", by="镇专干", guardian="周母", place="镇政府", signed=True)
    draft = story.prepare(OFFICER, ORDER, "存为拟稿", planned_service="2026-10-13")
    draft.says("已拟稿《限期返校通知书》", "拟稿待签发")
    assert not draft.tree.xpath("//form[contains(@action, '/issue/')]"), "the officer may not sign"
    issued = story.paper(DEPUTY, ORDER).form(button="签发").send()
    issued.says("已签发《限期返校通知书》云政限返〔2026〕1号", "2026-10-16（周五）")
    printed = story.printed(DEPUTY, ORDER, "云政限返〔2026〕1号", "周母", CHILD, "第五十八条", "2026年10月16日")
    assert "送达回证" in printed
    assert "自收到本通知书之日起3日内" in printed
    assert "罚款" not in printed


def the_order_is_left_at_the_door(story: Story) -> None:
    """The mother refuses to take it: it is left with a witness, and counts from that day."""
    story.school_days(days_of(10, 13), CHILD)
    at = {"happened_on": "2026-10-13", "happened_time": "07:50", "place": "柳树村3组周家", "server_1": "镇专干"}
    story.serve(ORDER, method="留置送达（见证人）", **at).says("没有保存", "请填写两名送达人")
    served = story.serve(
        ORDER,
        method="留置送达（见证人）",
        **at,
        server_2="村书记",
        receiver="",
        refusal_reason="监护人拒绝签收",
        witness="李主任",
        witness_office="柳树村村民委员会主任",
    )
    served.says("已登记送达", "监护人应于 2026-10-16（周五）前送学生返校", "留置送达（见证人）", "监护人拒绝签收")
    story.case_page(OFFICER).says("等待监护人送返，限期至2026-10-16（周五）")


def the_justice_office_helps(story: Story) -> None:
    """The guardian's days pass; the day after is a Saturday."""
    story.school_days(days_of(10, 14, 15, 16), CHILD)
    story.at(day(10, 17), 9)
    assert "请司法所协助宣传教育" in story.work_item(JUSTICE)
    story.school_days(days_of(10, 19), CHILD)
    story.record(JUSTICE, "司法", people="司法员、镇专干", record="宣讲义务教育法，监护人同意送返")


def the_child_comes_back(story: Story) -> None:
    """The roll says so first, then the school records it, and the record is put right."""
    story.at(day(10, 20), 8)
    story.take_roll().says("缺0")
    assert "点名显示2026-10-20（周二）已到校，请登记返校" in story.work_item(TEACHER)
    story.record(TEACHER, "登记返校", how="母亲送到学校")
    story.case_page(TEACHER).says("返校观察至2026-10-27（周二）")
    story.duty(REGISTRAR, "完成学籍补建或恢复", "2026-10-23（周五）", "在3日内完成学籍补建或恢复")
    story.record(REGISTRAR, "学籍", act="恢复学籍")
    story.school_days(days_of(10, 21, 22, 23, 26, 27))


def the_case_is_closed(story: Story) -> None:
    """By the township's officer, in two clicks."""
    story.at(day(10, 28), 9)
    assert "可报请销号" in story.work_item(OFFICER)
    page = story.case_page(OFFICER).follow("办理销号").says("云溪镇 乡镇控辍保学专干", "“实行‘一人一档、销号管理’”")
    page = page.form("close-form").fill({"销号结果": "已返校", "证明材料": "点名册、返校登记表"}).send()
    page.says("请核对后确认销号", "已返校").form("close-sure").send().says("已销号")
    story.case_page(TEACHER).says("2026-10-28（周三） 已销号", "村级入户核查", "批评教育")
    assert story.case.closed_on == day(10, 28)


def the_ledgers_tell_it(story: Story) -> None:
    """Taken out whole by the deputy head: title, the ID number as text, what was done."""
    for title in ("适龄儿童少年底数台账", "控辍保学总台账"):
        sheet, row = story.ledger(DEPUTY, title)
        assert title in str(sheet["A1"].value)
        assert DOCUMENT in row, "the ID number is text"
        assert row[0] == 1 or title == "适龄儿童少年底数台账"
    assert "周母" in row
    assert "已返校" in row
