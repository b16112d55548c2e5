"""One plan that uses every word of the vocabulary, for tests of the rules alone."""

import tomllib

from agencies.rules.policy_schema import Policy
from tests.counties import load, policy_data

STEPS = """
[[steps]]
key = "visit"
name = "入户劝返"
stage = "school"
owner = "class_teacher"
trigger = [{ kind = "absence", days = 3, comparison = "at_least" }, { kind = "flagged" }]
due = { days = 2, day_type = "working" }
done_by = ["home_visit", "phone_call"]
advice = "入户"
clause = "〇"
quote = "无故3日未到校"

[[steps]]
key = "order"
name = "送达限期通知书"
stage = "township"
owner = "township_officer"
trigger = { kind = "wait", after = "visit", since = "done", days = 3, day_type = "school" }
due = { days = 3, day_type = "working" }
done_by = ["notice_served"]
advice = "送达"
clause = "〇"
quote = "责令3日内送学生返校"

[[steps]]
key = "registered"
name = "核实未报到学生"
stage = "school"
owner = "registrar"
trigger = { kind = "not_registered", days = 1 }
due = { term_day = 10, day_type = "natural", late = { days = 5, day_type = "school" } }
done_by = ["phone_call"]
advice = "核实"
clause = "一"
quote = "开学后10日内完成报到核查"

[[steps]]
key = "leave"
name = "为长期请假学生制定一生一策"
stage = "school"
owner = "principal"
trigger = { kind = "leave", days = 5, comparison = "more_than", day_type = "school" }
due = { days = 3, day_type = "working" }
done_by = ["support_plan"]
advice = "制定一生一策"
clause = "〇"
quote = "长期请假"

[[steps]]
key = "monthly"
name = "每月劝返"
stage = "township"
owner = "township_officer"
trigger = { kind = "cycle", every = "month", during = "away", first = "next", breaks = "keep" }
done_by = ["persuasion"]
advice = "本月劝返一次"
clause = "二"
quote = "每月不少于1次"

[[steps]]
key = "autumn"
name = "8月底前登记"
stage = "county"
owner = "bureau_officer"
trigger = { kind = "fixed_date", date_month = 8, date_day = 31 }
due = { date_day = 25 }
done_by = ["reported_up"]
advice = "登记"
clause = "三"
quote = "每年8月底前"

[[steps]]
key = "fifty"
name = "制定方案"
stage = "school"
owner = "principal"
trigger = { kind = "term_day", term_day = 50, day_type = "natural" }
due = { days = 0 }
done_by = ["support_plan"]
advice = "制定方案"
clause = "四"
quote = "开学后50日内"

[[steps]]
key = "status"
name = "办理学籍注册"
stage = "county"
owner = "bureau_officer"
trigger = { kind = "category", categories = ["no_status_here"] }
due = { days = 10, day_type = "working" }
done_by = ["enrolment_restored"]
advice = "办理学籍"
clause = "五"
quote = "尽快办理转学和学籍注册工作"

[[steps]]
key = "grown"
name = "核对年龄"
stage = "township"
owner = "township_officer"
trigger = { kind = "age", years = 16 }
due = { days = 3, day_type = "working" }
done_by = ["note"]
advice = "核对"
clause = "六"
quote = "已超龄"

[[steps]]
key = "lapse"
name = "到期核查"
stage = "placed"
owner = "township_officer"
trigger = { kind = "lapse", applications = ["postponement"], before = { months = 1 } }
due = { days = 10, day_type = "natural" }
done_by = ["applied", "returned"]
advice = "核查去向"
clause = "七"
quote = "到期后按照相关规定入学"

[[steps]]
key = "teaching"
name = "每周送教"
stage = "placed"
owner = "home_teacher"
done_by = ["home_teaching"]
times = 2
advice = "送教"
clause = "八"
quote = "每周送教上户不少于1次"

[steps.trigger]
kind = "cycle"
every = "week"
during = "placed"
first = "next"
breaks = "skip"
applications = ["home_teaching"]

[[categories]]
key = "no_status_here"
name = "市域内就读无学籍"
holds_ladder = true
needs = ["enrolment_restored"]
outcomes = ["status_made"]
clause = "五"
quote = "确保在就读学校有学籍"

[[applications]]
key = "postponement"
name = "缓学"
deciders = ["township_head"]
longest = { months = 12 }
clause = "七"
quote = "监护人提出书面申请"

[[applications]]
key = "home_teaching"
name = "送教上门"
deciders = ["bureau_head"]
longest = { months = 12 }
clause = "八"
quote = "送教上门"
"""


def whole_plan() -> Policy:
    """A township's plan with steps by calendar, cycle, category, lapse, age and law."""
    own = tomllib.loads(STEPS)
    policy, mistakes = load({**policy_data("jiaotan-2025"), **own, "include": ["judicial"]})
    assert policy is not None, [str(m) for m in mistakes]
    return policy


WHOLE = whole_plan()
