"""A small invented plan for units: one duty of each kind of owner, a hand-over, a letter, a group, clauses."""

import tomllib
from datetime import date
from typing import Any

from agencies.actions.unit_duties import Done, record_unit_duty
from agencies.models import Unit, UnitDutyDone
from agencies.rules.calendar import Calendar
from agencies.rules.policy_schema import Policy
from config.counties import read_national
from tests import make
from tests.counties import load, policy_data

DUTIES = """
[[agencies]]
key = "civil-affairs"
name = "县民政局"
unit = "agency"
clause = "三（一）"
quote = "民政局负责孤儿和事实无人抚养儿童的救助"
duties = ["救助孤儿和事实无人抚养儿童"]
[[agencies.hands_over]]
data = "孤儿名单"
to = "县教育局"
when = { every = "year", date_month = 8, date_day = 31 }
clause = "三（一）"
quote = "每年8月底前将孤儿名单移交教育局"
[[agencies.hands_over]]
data = "困境儿童名单"
to = "县教育局"
assumed = true
assumed_reason = "方案未规定移交时间"

[[duties]]
key = "class-talk"
name = "班级控辍保学主题班会"
kind = "meeting"
owner_unit = "class"
owner_role = "class_teacher"
every = "month"
proof = "班会记录"
clause = "四（一）"
quote = "班主任每月召开一次主题班会"

[[duties]]
key = "school-report"
name = "学校报送控辍保学情况"
kind = "report"
owner_unit = "school"
owner_role = "principal"
every = "month"
due = { date_day = 25 }
to = "镇民生服务办"
document = "月报表"
proof = "报送回执"
clause = "四（二）"
quote = "学校每月25日前报送控辍保学情况"
[duties.contradiction]
other = "每月28日前报送"
clause = "六（一）"
quote = "每月28日前报送"
reason = "取较早的日期"

[[duties]]
key = "village-survey"
name = "村级摸排"
kind = "survey"
owner_unit = "village"
owner_role = "village_secretary"
every = "month"
due = { date_day = 20 }
document = "摸排台账"
proof = "台账"
clause = "四（三）"
quote = "各村每月20日前摸排一次"

[[duties]]
key = "township-meeting"
name = "镇联席会议"
kind = "meeting"
owner_unit = "township"
owner_role = "township_deputy"
every = "quarter"
proof = "会议纪要"
assumed = true
assumed_reason = "方案只说定期召开，取每季度一次"

[[duties]]
key = "orphan-list"
name = "移交孤儿名单"
kind = "handover"
owner_unit = "agency"
owner_role = "agency_liaison"
agency = "civil-affairs"
every = "year"
due = { date_month = 8, date_day = 31 }
to = "县教育局"
proof = "移交单"
clause = "三（一）"
quote = "每年8月底前将孤儿名单移交教育局"

[[letters]]
key = "township-school"
name = "控辍保学责任书"
from_unit = "township"
to_unit = "school"
goals = ["辍学率为0"]
clause = "五（一）"
quote = "镇与学校签订责任书"

[[accountability]]
name = "通报批评"
against = "unit"
by = "县人民政府"
clause = "七（一）"
quote = "工作不力的通报批评"

[[groups]]
name = "控辍保学领导小组"
unit = "county"
posts = [{ role = "组长", post = "副县长" }]
clause = "二（一）"
quote = "成立领导小组"
"""

CLAUSES = """
[[clauses]]
number = "四（二）"
quote = "学校每月25日前报送"
mark = "duty"
where = ["duties.toml duties.school-report"]

[[clauses]]
number = "一（一）"
quote = "为深入贯彻"
mark = "text"
reason = "指导思想，不产生事项"

[[clauses]]
number = "八（二）"
quote = "对家长罚款"
mark = "refused"
reason = "义务教育法第五十八条只规定批评教育和责令限期改正"
"""


def duties() -> dict[str, Any]:
    """The parsed `duties.toml`."""
    return tomllib.loads(DUTIES)


def clauses() -> dict[str, Any]:
    """The parsed `clauses.toml`."""
    return tomllib.loads(CLAUSES)


def only(*keys: str) -> dict[str, Any]:
    """The plan with these duties alone."""
    found = duties()
    return {**found, "duties": [row for row in found["duties"] if row["key"] in keys]}


def policy(**changes: Any) -> Policy:
    """A shipped plan with some top-level values changed."""
    found, mistakes = load({**policy_data("jiaotan-2025"), **changes})
    assert found is not None, mistakes
    return found


def national(*own: Any) -> Calendar:
    """The national calendar with these lines of a county."""
    entries, mistakes = read_national()
    assert not mistakes
    return Calendar((*entries, *own))


def talked(at: Unit, on: date = make.DAY, *, key: str = "class-talk", first: date | None = None) -> UnitDutyDone:
    """A unit put a duty of the month (or of the period from `first`) on record as done."""
    return record_unit_duty(
        by=make.SYSTEM,
        unit=at,
        duty=key,
        period_first=first or on.replace(day=1),
        done=Done(done_on=on, proof="记录"),
        now=make.moment(on, 9),
    )
