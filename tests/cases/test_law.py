"""The steps that laws give to plans: worked by hand from the law's words, and no number or switch changes unnoticed.

2026: 05-01至05-05 劳动节, 05-09 补班; 09-20（周日）补班; 09-25至09-27 中秋节; 10-01至10-07 国庆节, 10-10 补班.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from cases.rules.scenario import Scenario, load_scenario
from cases.rules.scenario_check import check_scenario, compare
from tests.cases.test_examples import GONE, changed, changes
from tests.counties import county_calendar, law, load, policy_data

D = date
Story = dict[str, Any]
KEY = "xx-2024"
ORDER = {
    "key": "order",
    "name": "送达限期复学通知书",
    "stage": "township",
    "owner": "township_officer",
    "trigger": {"kind": "absence", "days": 3, "comparison": "at_least"},
    "due": {"days": 3, "day_type": "working"},
    "done_by": ["notice_served"],
    "advice": "送达通知书",
    "clause": "三",
    "quote": "满3天的，送达限期复学通知书",
}
ASK = ("bullying", "mistreated", "pushed_out")
NAMING = ("flagged", "not_registered", "not_enrolled", "phone_call", "village_verification")


def event(on: date, kind: str, **data: Any) -> dict[str, Any]:
    return {"on": on, "kind": kind, "data": data}


def duty(step: str, state: str, **days: Any) -> dict[str, Any]:
    return {"step": step, "state": state, "stage": "judicial", **days}


def away(first: date, last: date, *events: dict[str, Any], closed: tuple[date, ...] = (), **expects: Any) -> Story:
    """Three days away, and what followed; nobody calls the roll later, which neither counts nor ends a run."""
    return {
        "roll": [{"from": first, "to": last}],
        "absent": [{"from": first, "to": last}],
        "days": [{"kind": "closed", "day": day, "name": "校运会"} for day in closed],
        "event": list(events),
        **expects,
    }


def told(mode: str, on: date, **remedies: str) -> dict[str, Any]:
    return event(on, "notice_served", mode=mode, **remedies)


JUDICIAL: dict[str, Story] = {
    # 04-01次日起30日=05-01（放假）→05-06；学校当天停课不影响机关。立案之日起6个月：04-20至10-20。
    # 选了诉讼，起诉期满也不催告。
    "a suit, its limit moved off the holiday, and six months to judge": away(
        *(D(2026, 3, 2), D(2026, 3, 4), told("direct", D(2026, 3, 4), remedies="told")),
        *(event(D(2026, 4, 1), "route_chosen", route="civil"), event(D(2026, 4, 20), "suit_filed")),
        event(D(2026, 10, 12), "court_result", result="mediated"),
        closed=(D(2026, 5, 6),),
        expect=[
            {"on": D(2026, 4, 1), "duties": [duty("law-sue", "open", opened=D(2026, 4, 1), due=D(2026, 5, 6))]},
            {
                "on": D(2026, 4, 20),
                "duties": [
                    duty("law-sue", "done", done=D(2026, 4, 20)),
                    duty("law-judgment", "open", opened=D(2026, 4, 20), due=D(2026, 10, 20)),
                ],
            },
            {
                "on": D(2026, 10, 12),
                "duties": [
                    duty("law-judgment", "done", done=D(2026, 10, 12)),
                    *(duty(step, "ahead") for step in ("law-demand", "law-apply", "law-executed")),
                ],
            },
        ],
    ),
    # 04-08次日起30日=05-08（周五）。
    "a suit within thirty days": away(
        *(D(2026, 3, 2), D(2026, 3, 4), event(D(2026, 4, 8), "route_chosen", route="civil")),
        expect=[{"on": D(2026, 4, 8), "duties": [duty("law-sue", "open", due=D(2026, 5, 8))]}],
    ),
    # 03-04送达满6个月=09-04，次日催告，15日=09-20（周日补班）。09-14送达，10个工作日：09-15至18（学校09-15停课）、
    # 20至24、28；次日09-29可申请；自09-05起3个月（当日计入）=12-04（周五）。
    "told of both remedies: six months, a demand, ten working days, three months": away(
        *(D(2026, 3, 2), D(2026, 3, 4), told("direct", D(2026, 3, 4), remedies="told")),
        *(event(D(2026, 7, 1), "route_chosen", route="enforcement"), event(D(2026, 9, 14), "demand_served")),
        event(D(2026, 10, 8), "enforcement_applied"),
        event(D(2026, 10, 20), "court_result", result="executed"),
        closed=(D(2026, 9, 15),),
        expect=[
            {"on": D(2026, 9, 4), "duties": [duty("law-demand", "ahead"), duty("law-sue", "ahead")]},
            {"on": D(2026, 9, 5), "duties": [duty("law-demand", "open", opened=D(2026, 9, 5), due=D(2026, 9, 20))]},
            {"on": D(2026, 9, 28), "duties": [duty("law-demand", "done"), duty("law-apply", "ahead")]},
            {"on": D(2026, 9, 29), "duties": [duty("law-apply", "open", opened=D(2026, 9, 29), due=D(2026, 12, 4))]},
            {"on": D(2026, 10, 8), "duties": [duty("law-executed", "open", opened=D(2026, 10, 8))]},
            {
                "on": D(2026, 10, 20),
                "duties": [duty("law-executed", "done", done=D(2026, 10, 20)), duty("law-judgment", "ahead")],
            },
        ],
    ),
    # 03-04送达，起诉期限至09-04，自09-05起3个月（当日计入）=12-04，何时选定都一样。
    # 10-20选定，催告15日=11-04；同日送达，10个工作日：10-21至23、26至30、11-02、03，次日11-04可申请。
    "chosen late: the three months run from the end of the time to sue all the same": away(
        *(D(2026, 3, 2), D(2026, 3, 4), told("direct", D(2026, 3, 4), remedies="told")),
        *(event(D(2026, 10, 20), "route_chosen", route="enforcement"), event(D(2026, 10, 20), "demand_served")),
        expect=[
            {
                "on": D(2026, 10, 20),
                "duties": [duty("law-demand", "done", opened=D(2026, 10, 20), due=D(2026, 11, 4))],
            },
            {"on": D(2026, 11, 3), "duties": [duty("law-apply", "ahead", opens=D(2026, 11, 4))]},
            {"on": D(2026, 12, 4), "duties": [duty("law-apply", "open", opened=D(2026, 11, 4), due=D(2026, 12, 4))]},
            {"on": D(2026, 12, 5), "duties": [duty("law-apply", "overdue", due=D(2026, 12, 4))]},
        ],
    ),
    # 12-07选定，12-04已届满。12-07送达，10个工作日：12-08至11、14至18、21，次日12-22：启动即逾期。
    "chosen when the limit is over: it is late from its first day": away(
        *(D(2026, 3, 2), D(2026, 3, 4), told("direct", D(2026, 3, 4), remedies="told")),
        *(event(D(2026, 12, 7), "route_chosen", route="enforcement"), event(D(2026, 12, 7), "demand_served")),
        expect=[
            {
                "on": D(2026, 12, 22),
                "duties": [duty("law-apply", "overdue", opened=D(2026, 12, 22), due=D(2026, 12, 4))],
            },
        ],
    ),
    # 2025-09-18公告，满30日=10-18送达；6个月=04-18，次日04-19催告，15日=05-04（放假）→05-06（学校停课，机关上班）。
    # 05-06送达，10个工作日：05-07、08、09（补班）、11至15、18、19；自04-19起3个月=07-18（周六）→07-20（暑假）。
    "announced: the months run from the day it takes effect, limits move off closed days": away(
        *(D(2025, 9, 8), D(2025, 9, 10), told("announcement", D(2025, 9, 18), remedies="told")),
        event(D(2025, 11, 3), "route_chosen", route="enforcement"),
        event(D(2026, 5, 6), "demand_served"),
        closed=(D(2026, 5, 6),),
        expect=[
            {"on": D(2026, 4, 19), "duties": [duty("law-demand", "open", opened=D(2026, 4, 19), due=D(2026, 5, 6))]},
            {"on": D(2026, 5, 20), "duties": [duty("law-apply", "open", opened=D(2026, 5, 20), due=D(2026, 7, 20))]},
        ],
    ),
    # 未告知：2025-09-05公告，10-05送达，一年=2026-10-05，次日催告，15日=10-21；自10-06起3个月=2027-01-05。
    "untold: a year from the day it takes effect": away(
        *(D(2025, 9, 1), D(2025, 9, 3), told("announcement", D(2025, 9, 5), remedies="not_told")),
        event(D(2025, 12, 1), "route_chosen", route="enforcement"),
        event(D(2026, 10, 12), "demand_served"),
        expect=[
            {"on": D(2026, 10, 5), "duties": [duty("law-demand", "ahead")]},
            {"on": D(2026, 10, 6), "duties": [duty("law-demand", "open", opened=D(2026, 10, 6), due=D(2026, 10, 21))]},
            {"on": D(2026, 10, 27), "duties": [duty("law-apply", "open", opened=D(2026, 10, 27), due=D(2027, 1, 5))]},
        ],
    ),
    # 通知书是否告知救济途径没有登记：两种期限都不能算起。
    "an order of which nobody knows what it told": away(
        *(D(2025, 9, 1), D(2025, 9, 3), told("direct", D(2025, 9, 5))),
        event(D(2025, 12, 1), "route_chosen", route="enforcement"),
        expect=[{"on": D(2026, 10, 30), "duties": [duty("law-demand", "ahead")]}],
    ),
}


def inquiry(kind: str, cause: str) -> Story:
    """04-08（周三） named, 3个工作日：04-09（学校停课）、10、13（周一）; looked into on the 14th, no stage moved."""
    asked, day = cause in ASK, D(2026, 4, 8)
    data = {"result": "connected"} if kind == "phone_call" else {}
    found = {"step": "law-inquiry", "stage": "county"}
    opened = {**found, "state": "open", "opened": day, "due": D(2026, 4, 13)}
    return away(
        *(D(2026, 3, 30), D(2026, 4, 1), event(day, kind, cause=cause, **data)),
        event(D(2026, 4, 14), "inquired", result="in_part"),
        closed=(D(2026, 4, 9),),
        expect=[
            {
                "on": day,
                "stage": "township",
                "duties": [opened if asked else {"step": "law-inquiry", "state": "absent"}],
            },
            {"on": D(2026, 4, 14), "stage": "township", "duties": [found | {"state": "done_late"}] if asked else []},
        ],
    )


STORIES: dict[str, dict[str, Story]] = {
    "judicial": JUDICIAL,
    "inquiry": {f"{kind} {cause}": inquiry(kind, cause) for kind in NAMING for cause in (*ASK, "weary")},
}


def plan_data(name: str) -> dict[str, Any]:
    """A plan that has nothing of its own but the order, so that only the law speaks."""
    data = {k: v for k, v in policy_data(KEY).items() if k not in ("categories", "applications", "clusters")}
    return {**data, "steps": [ORDER], "include": [name]}


def stories(name: str) -> Iterator[Scenario]:
    for title, story in STORIES[name].items():
        scenario, mistakes = load_scenario({"title": title, "about": title, **story}, title)
        assert scenario is not None, [str(mistake) for mistake in mistakes]
        yield scenario


def test_every_file_of_law_has_stories() -> None:
    assert set(STORIES) == set(law())


@pytest.mark.parametrize("name", STORIES)
def test_a_step_of_law_comes_out_as_the_law_says(name: str) -> None:
    policy, mistakes = load(plan_data(name))
    assert policy is not None, [str(mistake) for mistake in mistakes]
    assert [said for story in stories(name) for said in check_scenario(policy, county_calendar(KEY), story)] == []


@pytest.mark.parametrize("name", STORIES)
def test_every_change_of_a_step_of_law_fails_a_story_or_is_refused(name: str) -> None:
    data, rules, county = plan_data(name), law()[name], county_calendar(KEY)
    told_of = [(story.calendar(county), story) for story in stories(name)]
    killed, survivors = 0, []
    for change in changes(rules):
        policy, _ = load(data, {name: changed(rules, change)})
        if policy is None:
            continue
        killer = next((one for one in told_of if compare(policy, *one)), None)
        if killer is not None:
            killed += 1
            told_of.remove(killer)
            told_of.insert(0, killer)
        else:
            survivors.append(f"{'.'.join(map(str, change[0]))} → {'gone' if change[1] is GONE else change[1]}")
    assert killed > 20
    assert survivors == []
