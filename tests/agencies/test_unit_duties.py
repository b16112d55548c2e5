"""What a plan asks of units is read whole, and every mistake in it is said at once with its place and remedy."""

import tomllib

import pytest

from agencies.choices import Role, UnitKind
from agencies.rules.policy_triggers import FixedDate
from agencies.rules.unit_duties import load_unit_plan
from tests.agencies import unit_plan

TERM_DAY = 'term_day = 10, day_type = "natural", late = { days = 3, day_type = "natural" }'


def mistakes_of(text: str) -> str:
    _, mistakes = load_unit_plan(tomllib.loads(text), "duties.toml", text)
    return "\n".join(str(mistake) for mistake in mistakes)


def test_everything_written_is_read() -> None:
    plan, mistakes = load_unit_plan(unit_plan.duties(), "duties.toml")
    assert mistakes == []
    assert plan is not None
    duty = plan.duty("school-report")
    assert duty is not None
    assert (duty.owner_unit, duty.owner_role, duty.every) == (UnitKind.SCHOOL, Role.PRINCIPAL, "month")
    assert (duty.due, duty.to, duty.document, duty.proof) == (
        FixedDate(25),
        "镇民生服务办",
        "月报表",
        "报送回执",
    )
    assert duty.contradiction is not None
    assert plan.duty("nothing") is None
    first, second = plan.agencies[0].hands_over
    assert (first.every, first.due) == ("year", FixedDate(31, 8))
    assert (second.every, second.due, second.basis.assumed) == ("", None, True)
    assert [letter.goals for letter in plan.letters] == [("辍学率为0",)]
    assert plan.groups[0].posts[0].post == "副县长"


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('kind = "survey"', 'kind = "surwey"', "duties[3].kind：不认识的词 'surwey'。是否应为 survey？"),
        ('every = "quarter"', 'every = "decade"', "duties[4].every：不认识的词 'decade'"),
        ('owner_unit = "village"', 'owner_unit = "hamlet"', "duties[3].owner_unit：不认识的词 'hamlet'"),
        ('key = "village-survey"', 'key = "Village Survey"', "编号 'Village Survey' 不合规"),
        ('key = "village-survey"', 'key = "school-report"', "编号 'school-report' 写了2次"),
        ('agency = "civil-affairs"', 'agency = "police"', "没有成员单位 'police'。可用：civil-affairs"),
        ('agency = "civil-affairs"', "", "owner_unit 为 agency 时须写 agency"),
        ('quote = "各村每月20日前摸排一次"', "", "duties[3].quote：缺少条款号或原文"),
        ('proof = "台账"', 'prove = "台账"', "缺少 proof"),
        ('proof = "台账"', 'prove = "台账"', "不认识的键 'prove'"),
        ('goals = ["辍学率为0"]', "goals = []", "应为文字列表，至少一项"),
        ('every = "year", date_month = 8, date_day = 31', "date_month = 8, date_day = 31", "缺少 every"),
        ("due = { date_day = 20 }", "due = { date_day = 42 }", "due.date_day"),
        ('every = "quarter"', 'every = "quarter"\nbreaks = "never"', "不认识的词 'never'"),
        ('every = "year"\ndue', 'every = "year"\nbreaks = "skip"\ndue', "只有每周、每月、每季度的任务可以跳过假期"),
        ("due = { date_day = 20 }", f"due = {{ {TERM_DAY} }}", "duties[3].due.late：单位任务取期内或其后第一个"),
        ("date_month = 8, date_day = 31 }", f"{TERM_DAY} }}", "agencies[1].hands_over[1].when.due.late：单位任务"),
        ('against = "unit"', 'against = "village"', "不认识的词 'village'"),
    ],
)
def test_a_mistake_is_said_with_its_place(good: str, bad: str, said: str) -> None:
    assert good in unit_plan.DUTIES
    assert said in mistakes_of(unit_plan.DUTIES.replace(good, bad, 1))


def test_all_mistakes_come_at_once() -> None:
    text = unit_plan.DUTIES.replace('kind = "survey"', 'kind = "x"').replace('every = "quarter"', 'every = "y"')
    said = mistakes_of(text)
    assert "'x'" in said
    assert "'y'" in said
