"""One story for each way a case can end, through the pages, by those who may: what is missing is said first.

| the way | the plan | its stories |
|---|---|---|
| enrolled child, to a civil suit, with 人盯人, 公安联合, 训诫 | 华容 | test_courts |
| enrolled child, seven levels, to enforcement by the court | 虎林 | test_courts |
| enrolled child, 司法所 after 责令限期改正 | 蛟潭 | test_jiaotan |
| enrolled child, back within the guardian's days | 大田 | test_datian |
| never enrolled, found in a survey | 大田 | below: 已入学 |
| the seven categories, each with its proofs and its end | 虎林 | below |
| moved away, died, over age, recorded by mistake | any | below |
| helped in school, never in the ladder | 蛟潭 | below: 帮扶结束 |
| each application, its longest time, its lapse, what comes after | all five | test_examples, test_ways |
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine

from agencies.choices import Role
from cases.choices import Application, Category, EventKind, Outcome
from tests.journeys.road import Road, set_out

pytestmark = [pytest.mark.django_db, pytest.mark.long]

TEACHER, REGISTRAR, PRINCIPAL = Role.CLASS_TEACHER, Role.REGISTRAR, Role.PRINCIPAL
VILLAGE, OFFICER, DEPUTY = Role.VILLAGE_SECRETARY, Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY
BUREAU, CHIEF = Role.BUREAU_OFFICER, Role.BUREAU_HEAD
Story = Callable[[time_machine.Traveller], None]
ORDER = "限期复学通知书"


def found_in_a_survey(traveller: time_machine.Traveller, on: date, category: Category) -> Road:
    """The village finds a child of 虎林 that no school has, and the bureau decides where it belongs."""
    road = set_out(traveller, "hulin-2020", on, enrolled=False)
    road.begin(VILLAGE, EventKind.NOT_ENROLLED, found_by="入户摸排")
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=category)
    return road


def away(traveller: time_machine.Traveller, key: str, *days: date) -> Road:
    """A child of a class without leave on some days, its mother called on the first."""
    road = set_out(traveller, key, days[0])
    for day in days:
        road.register(day, absent="unexcused")
        if day == days[0]:
            road.act(TEACHER, EventKind.PHONE_CALL, result="connected")
    return road


def enrolled(traveller: time_machine.Traveller) -> None:
    """大田 attachments 1 and 2: found, mobilised, criticised, ordered; the order is obeyed."""
    road = set_out(traveller, "datian-2023", date(2026, 9, 14), enrolled=False)
    road.begin(VILLAGE, EventKind.NOT_ENROLLED, found_by="入户摸排", why="随父母回流，未报名")
    road.duty(OFFICER, "乡镇组织动员未入学儿童入学", "2026-09-17（周四）")
    road.at(date(2026, 9, 16))
    road.act(OFFICER, EventKind.PERSUASION, result="continue")
    road.at(date(2026, 9, 21))
    road.act(OFFICER, EventKind.CRITICISM)
    road.at(date(2026, 9, 22))
    road.duty(OFFICER, "乡镇下达限期复学通知书", "2026-09-28（周一）")
    road.order(ORDER)
    road.at(date(2026, 9, 28))
    road.closing(DEPUTY, Outcome.ENROLLED).says("缺少证明材料：学校报到凭证和学籍号")
    road.close(DEPUTY, Outcome.ENROLLED, "云溪中心学校报到凭证、学籍号")


def status_made(traveller: time_machine.Traveller) -> None:
    """Studies here without 学籍: no persuasion, the school registers it."""
    road = found_in_a_survey(traveller, date(2026, 7, 13), Category.NO_STATUS_HERE)
    road.closing(CHIEF, Outcome.STATUS_MADE, "学籍注册凭证").says("尚缺：学籍恢复")
    road.at(date(2026, 7, 24))
    road.act(BUREAU, EventKind.ENROLMENT_RESTORED, act="rebuilt")
    road.closing(CHIEF, Outcome.STUDIES_ELSEWHERE, "证明").says("只能以已建立学籍销号")
    road.close(CHIEF, Outcome.STATUS_MADE, "学籍注册凭证")


def studies_elsewhere(traveller: time_machine.Traveller) -> None:
    """Studies in another province: verified one by one, reported up, only then struck off."""
    road = away(traveller, "hulin-2020", date(2026, 5, 11), date(2026, 5, 12))
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=Category.NO_STATUS_ELSEWHERE)
    road.at(date(2026, 5, 18))
    road.act(BUREAU, EventKind.PLACE_CONFIRMED, place="外省某小学", proof="在读证明")
    road.closing(CHIEF, Outcome.STUDIES_ELSEWHERE, "在读证明").says("尚缺：逐级上报")
    road.at(date(2026, 5, 22))
    road.act(BUREAU, EventKind.REPORTED_UP, to="上级教育部门")
    road.close(CHIEF, Outcome.STUDIES_ELSEWHERE, "就读地学校在读证明")


def postponed(traveller: time_machine.Traveller) -> None:
    """缓学: applied for, decided by the bureau alone, for a year at most."""
    road = set_out(traveller, "hulin-2020", date(2026, 8, 10), enrolled=False)
    first, until = date(2026, 9, 1), date(2027, 8, 31)
    road.applies(VILLAGE, Application.POSTPONEMENT, first, until)
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=Category.POSTPONED)
    road.refused(
        Role.TOWNSHIP_HEAD,
        EventKind.APPLICATION_DECIDED,
        "您的岗位不能审批",
        **{"application": "postponement", "decision": "approved", "from": "2026-09-01", "until": "2027-08-31"},
    )
    road.refused(
        CHIEF,
        EventKind.APPLICATION_DECIDED,
        "最长至2027-08-31",
        **{"application": "postponement", "decision": "approved", "from": "2026-09-01", "until": "2027-09-01"},
    )
    road.decides(CHIEF, Application.POSTPONEMENT, first, until)
    assert "安置期内" in road.seen(BUREAU)
    road.close(CHIEF, Outcome.POSTPONED, "市教育局批准")


def abroad(traveller: time_machine.Traveller) -> None:
    """短期出国 with 学籍 kept."""
    road = set_out(traveller, "hulin-2020", date(2026, 5, 11))
    first, until = date(2026, 5, 18), date(2026, 7, 10)
    road.applies(REGISTRAR, Application.ABROAD, first, until)
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=Category.ABROAD)
    road.closing(CHIEF, Outcome.ABROAD, "出国证明").says("尚缺：申请审批")
    road.decides(CHIEF, Application.ABROAD, first, until)
    road.closing(CHIEF, Outcome.RETURNED).says("安置期至2026-07-10（周五），期间不销号")
    road.close(CHIEF, Outcome.ABROAD, "出国证明、市教育局批准，学籍保留")


def suspended(traveller: time_machine.Traveller) -> None:
    """因病: persuasion stops, the guardian applies for 休学."""
    road = away(traveller, "hulin-2020", date(2026, 3, 9), date(2026, 3, 10))
    road.at(date(2026, 3, 11))
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=Category.ILL)
    road.duty(REGISTRAR, "指导监护人申请休学", "2026-03-18（周三）")
    first, until = date(2026, 3, 18), date(2026, 6, 30)
    road.at(date(2026, 3, 16))
    road.applies(REGISTRAR, Application.SUSPENSION, first, until, reason="住院治疗", proof="县医院诊断证明")
    road.at(date(2026, 3, 18))
    road.decides(Role.TOWNSHIP_HEAD, Application.SUSPENSION, first, until)
    road.close(CHIEF, Outcome.SUSPENDED, "诊断证明、批准文号")


def returned(traveller: time_machine.Traveller) -> None:
    """Suspended, asked before it lapses, resumed, watched for ten school days, and only then closed."""
    road = away(traveller, "hulin-2020", date(2026, 3, 9), date(2026, 3, 10))
    road.at(date(2026, 3, 11))
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=Category.ILL)
    first, until = date(2026, 3, 18), date(2026, 6, 12)
    road.applies(REGISTRAR, Application.SUSPENSION, first, until, proof="县医院诊断证明")
    road.decides(CHIEF, Application.SUSPENSION, first, until)
    road.at(date(2026, 5, 28))
    assert road.name in road.by(REGISTRAR).open("/today/").text, "15 days before 06-12 it is 05-28"
    road.applies(REGISTRAR, Application.RESUMPTION, date(2026, 6, 8), None)
    road.at(date(2026, 6, 5))
    road.decides(CHIEF, Application.RESUMPTION, date(2026, 6, 8), None)
    road.comes_back(date(2026, 6, 8), TEACHER, REGISTRAR)
    road.closing(CHIEF, Outcome.RETURNED).says("返校观察期未满")
    road.watched(10)
    road.close(CHIEF, Outcome.RETURNED)


def in_class(traveller: time_machine.Traveller) -> None:
    """因残: evaluated by the committee, placed in class."""
    road = found_in_a_survey(traveller, date(2026, 7, 6), Category.DISABLED)
    road.closing(CHIEF, Outcome.IN_CLASS, "学校证明").says("尚无残疾人教育专家委员会评估")
    road.at(date(2026, 7, 30))
    road.act(BUREAU, EventKind.EVALUATED, way="in_class")
    road.at(date(2026, 8, 12))
    road.act(BUREAU, EventKind.PLACED, outcome="in_class", proof="学校接收证明")
    road.close(CHIEF, Outcome.IN_CLASS, "专家委员会评估意见、学校接收证明")


def special_school(traveller: time_machine.Traveller) -> None:
    """因残: evaluated for the special school, which confirms that the child is there."""
    road = found_in_a_survey(traveller, date(2026, 7, 6), Category.DISABLED)
    road.at(date(2026, 7, 30))
    road.act(BUREAU, EventKind.EVALUATED, way="special_school")
    road.act(BUREAU, EventKind.PLACED, outcome="special_school", proof="特殊教育学校就读证明")
    road.close(CHIEF, Outcome.SPECIAL_SCHOOL, "特殊教育学校就读证明")


def remote(traveller: time_machine.Traveller) -> None:
    """因残: evaluated for lessons at a distance (残疾人教育条例 art. 17), not before the evaluation."""
    road = found_in_a_survey(traveller, date(2026, 7, 6), Category.DISABLED)
    road.closing(CHIEF, Outcome.REMOTE, "远程教育安排").says("尚无残疾人教育专家委员会评估")
    road.at(date(2026, 7, 30))
    road.act(BUREAU, EventKind.EVALUATED, way="remote")
    road.act(BUREAU, EventKind.PLACED, outcome="remote", proof="远程教育安排")
    road.close(CHIEF, Outcome.REMOTE, "专家委员会评估意见、远程教育安排")


def home_taught(traveller: time_machine.Traveller) -> None:
    """重病重残: no approval of 送教上门 without the evaluation."""
    road = found_in_a_survey(traveller, date(2026, 3, 2), Category.UNABLE)
    first, until = date(2026, 3, 9), date(2027, 2, 28)
    road.applies(VILLAGE, Application.HOME_TEACHING, first, until)
    data = {"application": "home_teaching", "decision": "approved", "from": "2026-03-09", "until": "2027-02-28"}
    road.refused(CHIEF, EventKind.APPLICATION_DECIDED, "送教上门须先有：专家委员会评估", **data)
    road.act(BUREAU, EventKind.EVALUATED, way="home_taught")
    road.decides(CHIEF, Application.HOME_TEACHING, first, until)
    road.closing(CHIEF, Outcome.IN_CLASS, "证明").says("只能以免予入学、送教上门、缓学销号")
    road.close(CHIEF, Outcome.HOME_TAUGHT, "评估意见、送教方案")


def exempted(traveller: time_machine.Traveller) -> None:
    """免予入学: only where the plan has it, only with the evaluation, only for a year."""
    road = found_in_a_survey(traveller, date(2026, 7, 13), Category.UNABLE)
    road.act(BUREAU, EventKind.EVALUATED, way="unable")
    first, until = date(2026, 8, 1), date(2027, 7, 31)
    road.applies(VILLAGE, Application.EXEMPTION, first, until)
    road.closing(CHIEF, Outcome.EXEMPTED, "评估意见").says("尚缺：申请审批")
    road.decides(CHIEF, Application.EXEMPTION, first, until)
    road.close(CHIEF, Outcome.EXEMPTED, "评估意见、市教育局批准")


def register_corrected(traveller: time_machine.Traveller) -> None:
    """户籍原因: a double registration, ended only by the police."""
    by_the_police(traveller, Category.HOUSEHOLD_REGISTER, "double", Outcome.REGISTER_CORRECTED)


def missing(traveller: time_machine.Traveller) -> None:
    """失踪失联: ended only by the police."""
    by_the_police(traveller, Category.MISSING, "missing", Outcome.MISSING)


def died(traveller: time_machine.Traveller) -> None:
    """The police conclude that the child has died."""
    by_the_police(traveller, Category.HOUSEHOLD_REGISTER, "died", Outcome.DIED)


def by_the_police(traveller: time_machine.Traveller, category: Category, conclusion: str, outcome: Outcome) -> None:
    """However good the proof named, nothing ends before the conclusion; then the register is put right."""
    road = found_in_a_survey(traveller, date(2026, 7, 6), category)
    road.closing(CHIEF, outcome, "村委会证明").says("尚无公安机关结论，不能以此销号")
    road.at(date(2026, 7, 22))
    road.act(BUREAU, EventKind.POLICE_CONCLUSION, conclusion=conclusion, by="市公安局")
    road.at(date(2026, 7, 31))
    road.act(BUREAU, EventKind.LEFT_SCOPE, outcome=outcome, proof="公安机关结论")
    assert "可报请销号" in road.by(CHIEF).open("/today/").text
    road.close(CHIEF, outcome, "公安机关结论、学籍变更凭证")


def vocational(traveller: time_machine.Traveller) -> None:
    """学困厌学: persuasion goes on; where it fails, a vocational school with 学籍 kept."""
    days = [date(2026, 4, day) for day in (13, 14, 15)]
    road = away(traveller, "hulin-2020", *days)
    road.act(PRINCIPAL, EventKind.HOME_VISIT)
    road.act(BUREAU, EventKind.CATEGORY_DECIDED, category=Category.WEARY)
    first, until = date(2026, 5, 11), date(2027, 1, 15)
    road.at(date(2026, 4, 23))
    road.applies(REGISTRAR, Application.VOCATIONAL, first, until)
    data = {"application": "vocational", "decision": "approved", "from": "2026-05-11", "until": "2027-01-15"}
    road.refused(CHIEF, EventKind.APPLICATION_DECIDED, "须先有：劝返", **data)
    road.act(OFFICER, EventKind.PERSUASION, result="continue")
    road.decides(CHIEF, Application.VOCATIONAL, first, until)
    road.closing(CHIEF, Outcome.VOCATIONAL, "就读证明").says("尚缺：个性化保学方案")
    road.plans(PRINCIPAL)
    road.close(CHIEF, Outcome.VOCATIONAL, "职业学校就读证明，学籍保留在原校")


def transferred(traveller: time_machine.Traveller) -> None:
    """Moved away: nothing but the receipt of the school that has the child now."""
    road = away(traveller, "datian-2023", date(2026, 9, 28), date(2026, 9, 29))
    road.act(TEACHER, EventKind.HOME_VISIT, guardian_attitude="已举家迁往外县")
    road.closing(PRINCIPAL, Outcome.TRANSFERRED).says("缺少证明材料：接收学校回执或学籍转接凭证")
    road.close(PRINCIPAL, Outcome.TRANSFERRED, "外县中心小学接收回执")


def over_age(traveller: time_machine.Traveller) -> None:
    """Past the last birthday the plan covers, with the date of birth compared."""
    road = set_out(traveller, "jiaotan-2025", date(2026, 9, 14), enrolled=False, born=date(2010, 3, 1))
    road.begin(VILLAGE, EventKind.NOT_ENROLLED, found_by="入户摸排")
    road.closing(OFFICER, Outcome.OVER_AGE).says("缺少证明材料：出生日期核对")
    road.close(OFFICER, Outcome.OVER_AGE, "户口簿，未完成义务教育")


def mistake(traveller: time_machine.Traveller) -> None:
    """The register was wrong: not struck off as an error before it is put right."""
    road = away(traveller, "jiaotan-2025", date(2026, 9, 28))
    road.closing(PRINCIPAL, Outcome.MISTAKE, "复核").says("须先更正考勤并经复核")
    road.corrected(date(2026, 9, 28))
    road.close(PRINCIPAL, Outcome.MISTAKE, "点名更正和复核记录")


def help_ended(traveller: time_machine.Traveller) -> None:
    """At school every day and wary of it: helped by a plan, never in the ladder, until the goal is reached."""
    road = set_out(traveller, "jiaotan-2025", date(2026, 9, 28))
    road.helped(TEACHER, difficulty="weary", why="上课睡觉，说读书没意思")
    road.register(date(2026, 9, 28), date(2026, 9, 29))
    road.refused(OFFICER, EventKind.PERSUASION, "没有缺课，不登记“劝返”")
    road.act(TEACHER, EventKind.PLAN_REVIEWED, result="愿意学了", review_on="2026-10-30")
    assert not road.case.duties.exists()
    road.closing(PRINCIPAL, Outcome.HELP_ENDED).says("缺少证明材料：帮扶评估结果")
    page = road.closing(PRINCIPAL, Outcome.HELP_ENDED, "9月29日复查：到课率100%，目标已达成")
    page.says("请核对后确认结束帮扶").form("close-sure").send().says("帮扶已结束")
    assert (road.case.outcome, road.case.closed_on) == (Outcome.HELP_ENDED, date(2026, 9, 29))


ENDINGS: dict[Outcome, Story] = {
    Outcome.RETURNED: returned,
    Outcome.ENROLLED: enrolled,
    Outcome.STATUS_MADE: status_made,
    Outcome.STUDIES_ELSEWHERE: studies_elsewhere,
    Outcome.TRANSFERRED: transferred,
    Outcome.POSTPONED: postponed,
    Outcome.SUSPENDED: suspended,
    Outcome.IN_CLASS: in_class,
    Outcome.HOME_TAUGHT: home_taught,
    Outcome.SPECIAL_SCHOOL: special_school,
    Outcome.REMOTE: remote,
    Outcome.VOCATIONAL: vocational,
    Outcome.ABROAD: abroad,
    Outcome.EXEMPTED: exempted,
    Outcome.REGISTER_CORRECTED: register_corrected,
    Outcome.MISSING: missing,
    Outcome.DIED: died,
    Outcome.OVER_AGE: over_age,
    Outcome.MISTAKE: mistake,
    Outcome.HELP_ENDED: help_ended,
}


@pytest.mark.parametrize("outcome", Outcome)
def test_a_case_ends_this_way(outcome: Outcome, traveller: time_machine.Traveller) -> None:
    ENDINGS[outcome](traveller)
