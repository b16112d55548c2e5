"""The whole way under 蛟潭镇's plan around the National Day of 2026: roster, roll, ladder, papers, closing."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from agencies.choices import Role
from agencies.models import PolicyVersion
from cases.choices import EventKind
from tests.journeys.story import CHILD, begin

pytestmark = pytest.mark.django_db

TEACHER, REGISTRAR, SECRETARY = Role.CLASS_TEACHER, Role.REGISTRAR, Role.VILLAGE_SECRETARY
OFFICER, DEPUTY, HEAD, JUSTICE = Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY, Role.TOWNSHIP_HEAD, Role.JUSTICE_OFFICE


def day(month: int, of: int) -> date:
    """A day of 2026."""
    return date(2026, month, of)


def test_from_roster_to_closed_case(traveller: time_machine.Traveller) -> None:
    story = begin(traveller, "jiaotan-2025")

    # The township adopts the plan of last year: it runs on, and its owner is told.
    plan = story.by(HEAD).open(f"/policies/{PolicyVersion.objects.get().pk}/")
    plan.says("蛟潭镇2025-2026学年控辍保学工作实施方案", "责令3日内送学生返校", "本方案未规定")
    adopted = plan.form("adopt").fill({"采用单位": "乡镇 · 云溪镇", "采用日期": "2026-09-01"}).send()
    adopted.says("云溪镇", "2026-09-01（周二）", "方案已于2026-08-31（周一）到期")

    # The roster.
    story.roster().says("已写入")
    story.person(TEACHER, story.school_class, "王老师")

    # Ordinary days, then the child stays away: 28, 29, 30 September, holidays to 7 October.
    story.at(day(9, 24), 8)
    story.take_roll().says("已登记：应到7 实到7 缺0")
    story.at(day(9, 25))
    shut = story.by(TEACHER).open(f"/roll/{story.school_class.pk}/")
    shut.says("2026-09-25（周五，中秋节放假）", "不上课")
    story.at(day(9, 28), 8, 10)
    assert "班" in story.home(TEACHER).text
    story.take_roll(CHILD).says("已登记：应到7 实到6 缺1")

    # The case opens by itself, and the teacher has a duty for today.
    said = story.work_item(TEACHER)
    assert "今天前电话联系监护人" in said
    assert "2026-09-28（周一）" in said
    duty = story.duty(TEACHER, "班主任当日电话联系监护人")
    assert "四（二）1" in duty
    assert "对有辍学倾向或无故1日未到校学生，班主任当日电话联系监护人" in duty
    story.record(TEACHER, "电话联系", result="接通", spoke_with="周母", cause="厌学", whereabouts="在家")
    story.idle(TEACHER)
    story.at(day(9, 29), 8)
    story.take_roll(CHILD)
    story.at(day(9, 30), 8)
    story.take_roll(CHILD).says("缺1")

    # Three days: a visit by the first working day, which is the 8th of October.
    duty = story.duty(TEACHER, "班主任联合德育处入户劝返")
    for words in ("第1个工作日", "2026-10-08（周四）", "10-01至10-07", "放假", "09-28", "09-30"):
        assert words in duty, duty
    story.at(day(10, 8), 8)
    story.take_roll(CHILD)
    story.record(
        TEACHER,
        "家访",
        guardian_attitude="想让她去打工",
        methods="告知义务教育法规定",
        told_duty=True,
        effect="未返校",
    )
    story.at(day(10, 9), 8)
    story.take_roll(CHILD)

    # The village: from the next school day, due on the working Saturday.
    assert "明天前与网格员、村干部入户核查原因" in story.work_item(SECRETARY)
    duty = story.duty(SECRETARY, "村书记牵头入户核查辍学原因")
    assert "2026-10-10（周六" in duty
    assert "调休" in duty
    story.at(day(10, 10), 8)
    story.take_roll(CHILD)
    story.record(
        SECRETARY,
        "村级入户核查",
        people="村书记、网格员",
        cause="厌学",
        whereabouts="在家",
        record="父母外出，随祖母生活",
    )
    assert "填写报告单报镇政府" in story.work_item(Role.PRINCIPAL)

    # The report goes out on the day the village was there; the township signs for it the same afternoon.
    duty = story.duty(Role.PRINCIPAL, "学校填写报告单报镇政府")
    assert "2026-10-12（周一）" in duty
    story.paper(Role.PRINCIPAL, EventKind.REPORT_SENT, number="报〔2026〕1号", to="云溪镇人民政府、清河县教育局")
    story.at(day(10, 10), 17, 30)
    story.record(OFFICER, "签收报告单", receiver="镇专干", time="17:30")
    duty = story.duty(OFFICER, "镇政府向监护人发放限期返校通知书")
    for words in ("自然日", "2026-10-13（周二）", "镇政府于3日内向监护人发放《限期返校通知书》"):
        assert words in duty, duty

    # Persuasion and criticism, then the order.
    story.at(day(10, 12), 8)
    story.take_roll(CHILD)
    story.record(
        OFFICER,
        "劝返",
        place="周家",
        people="镇专干、村书记",
        record="讲明法律后果",
        recorder="镇专干",
        result="继续劝返",
    )
    story.record(OFFICER, "批评教育", by="镇专干", guardian="周母", place="镇政府", signed=True)
    story.paper(DEPUTY, EventKind.NOTICE_ISSUED, number="云镇限返〔2026〕1号")
    story.at(day(10, 13), 8)
    story.take_roll(CHILD)
    story.paper(
        OFFICER, EventKind.NOTICE_SERVED, mode="left_with_witness", addressee="周母", witness="村主任", place="周家"
    )
    story.case_page(OFFICER).says("等待监护人送返，限期至2026-10-16（周五）")
    for of in (14, 15, 16):
        story.at(day(10, of), 8)
        story.take_roll(CHILD)

    # The guardian's days are over: 司法所.
    story.at(day(10, 17), 9)
    assert "请司法所协助宣传教育" in story.work_item(JUSTICE)
    story.at(day(10, 19), 8)
    story.take_roll(CHILD)
    story.record(JUSTICE, "司法", people="司法员、镇专干", record="宣讲义务教育法，监护人同意送返")

    # Back: the roll says so first, then the school records it, and the record is put right.
    story.at(day(10, 20), 8)
    story.take_roll().says("缺0")
    assert "点名显示2026-10-20（周二）已到校，请登记返校" in story.work_item(TEACHER)
    story.record(TEACHER, "登记返校", how="母亲送到学校")
    story.case_page(TEACHER).says("返校观察至2026-10-27（周二）")
    duty = story.duty(REGISTRAR, "完成学籍补建或恢复")
    assert "2026-10-23（周五）" in duty
    story.record(REGISTRAR, "学籍", act="恢复学籍")
    for of in (21, 22, 23, 26, 27):
        story.at(day(10, of), 8)
        story.take_roll()

    # Closed off by the township's officer, in two clicks.
    story.at(day(10, 28), 9)
    assert "可报请销号" in story.work_item(OFFICER)
    page = story.case_page(OFFICER).follow("办理销号").says("云溪镇 乡镇控辍保学专干", "实行“一人一档、销号管理”")
    page = page.form("close-form").fill({"销号结果": "已返校", "证明材料": "点名册、返校登记表"}).send()
    page.says("请核对后确认销号", "返校").form("close-sure").send().says("已销号")
    story.case_page(TEACHER).says("2026-10-28（周三） 已销号", "村级入户核查", "批评教育")
    assert story.case.closed_on == day(10, 28)
