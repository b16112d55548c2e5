"""A rehearsed story: clicked days and events become text of the examples' format, bounded, read back the same."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from agencies.rules.calendar import dated
from cases.choices import EventKind
from cases.rules.ladder import evaluate
from cases.rules.standing_difference import differences, differing
from cases.rules.story import (
    MOST_EVENTS,
    MOST_TEXT,
    Story,
    add_event,
    begin_story,
    drop_event,
    mark_of,
    read_story,
    tap,
    write_story,
)
from tests.cases.stories import CALENDAR, COUNTY, TOWN
from tests.counties import FIXTURES, KEYS, county_calendar

MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)
EXAMPLES = sorted(path for key in KEYS for path in (FIXTURES / "counties" / key / "examples").glob("*.toml"))


def read(text: str) -> Story:
    story, mistakes = read_story(text)
    assert story is not None, [str(m) for m in mistakes]
    return story


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_a_worked_example_written_and_read_again_is_the_same_story(path: object) -> None:
    story = read(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    assert read(write_story(story.data)).scenario == story.scenario


def test_a_tap_turns_a_day_round_and_the_fifth_leaves_the_child_at_school() -> None:
    data = begin_story(MONDAY)
    said = []
    for _ in range(5):
        data = tap(data, MONDAY, CALENDAR)
        said.append(mark_of(data, MONDAY))
    assert said == ["无故", "上午", "下午", "病假", "到校"]
    assert data["absent"] == []


def test_days_tapped_over_a_weekend_are_one_line_and_one_taken_out_makes_two() -> None:
    data = begin_story(MONDAY)
    for day in (FRIDAY, date(2026, 3, 16), date(2026, 3, 17)):
        data = tap(data, day, CALENDAR)
    assert data["absent"] == [{"from": FRIDAY, "to": date(2026, 3, 17)}]
    for _ in range(4):
        data = tap(data, date(2026, 3, 16), CALENDAR)
    assert mark_of(data, date(2026, 3, 16)) == "到校"
    assert [row["from"] for row in data["absent"]] == [FRIDAY, date(2026, 3, 17)]


def test_a_day_outside_the_register_stretches_it() -> None:
    data = tap(begin_story(date(2026, 4, 1)), MONDAY, CALENDAR)
    assert data["roll"][0]["from"] == MONDAY
    assert read(write_story(data)).scenario.roll(CALENDAR).taken


def test_whatever_is_tapped_the_text_says_what_the_calendar_shows() -> None:
    chance, days = random.Random(7), CALENDAR.school_days(date(2026, 3, 2), date(2026, 4, 30))
    data = begin_story(date(2026, 3, 2))
    for _ in range(300):
        data = tap(data, chance.choice(days), CALENDAR)
    again = read(write_story(data)).data
    assert [mark_of(again, day) for day in days] == [mark_of(data, day) for day in days]
    marks = {m.day for m in read(write_story(data)).scenario.roll(CALENDAR).marks}
    assert marks == {day for day in days if mark_of(data, day) != "到校"}


def test_events_are_added_in_order_and_taken_out_by_number() -> None:
    data = add_event(begin_story(MONDAY), EventKind.HOME_VISIT, FRIDAY, {})
    data = add_event(data, EventKind.PHONE_CALL, MONDAY, {"result": "no_answer", "note": ""})
    assert [row["kind"] for row in data["event"]] == ["phone_call", "home_visit"]
    assert data["event"][0]["data"] == {"result": "no_answer"}
    assert [row["kind"] for row in drop_event(data, 1)["event"]] == ["home_visit"]
    assert drop_event(data, 99) == data


def test_a_withdrawal_follows_the_events_it_names_when_their_numbers_change() -> None:
    data = add_event(begin_story(MONDAY), EventKind.REPORT_SENT, FRIDAY, {})
    data = add_event(data, EventKind.PAPER_WITHDRAWN, FRIDAY, {"withdraws": [1]})
    data = add_event(data, EventKind.PHONE_CALL, MONDAY, {"result": "connected"})
    assert data["event"][2]["data"]["withdraws"] == [2]
    assert drop_event(data, 2)["event"][1]["data"]["withdraws"] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "不是有效的 TOML"),
        ("x" * (MOST_TEXT + 1), "超过40000字"),
        ('title = "t"\n' + '[[event]]\non=2026-03-09\nkind="note"\n' * (MOST_EVENTS + 1), "最多120条"),
        ('title = "t"\nabsent = [{ day = 9999-12-31 }]', "不在 2000 年至 2100 年"),
        ('title = "t"\nabsent = [{ day = 2001-01-01 }, { day = 2099-01-01 }]', "请核对年份"),
        ('title = "t"\nabsent = [' + "{ from = 2026-01-01, to = 2026-12-31 }," * 100 + "]", "缺课合计超过"),
        ('title = "t"\nevent = [{ on = 2026-03-09, kind = "fly" }]', "不认识的词"),
        ('title = "t"\nevent = [{ on = 2026-03-09, kind = "paused", data = { until = 9999-12-31 } }]', "相距太远"),
        ('title = "t"\nevent = [{ on = 2026-03-09, kind = "phone_call", data = { result = [1] } }]', "单个值"),
        ('title = "t"\nevent = [{ on = 2026-03-09, kind = "phone_call", data = { result = "x" } }]', "不能是"),
        ("event = 3", "event"),
        ('title = "t"\nroll = [{ day = 2026-03-09, except = 5 }]', "应为日期列表"),
        ('title = "t"\ncluster = [{ opened = 5, on = 2026-03-09, told = true }]', "应为日期列表"),
        ('title = "t"\ncluster = [{ opened = ["x"], on = 2026-03-09, told = true }]', "不是日期"),
        ('title = "t"\nexpect = [{ on = 2026-03-09, waiting = 5 }]', "应为步骤的列表"),
        ("title = [[[[[[", "TOML"),
    ],
)
def test_what_cannot_be_rehearsed_is_a_sentence(text: str, sentence: str) -> None:
    story, mistakes = read_story(text)
    assert story is None
    assert sentence in "；".join(map(str, mistakes))


def test_two_plans_on_one_story_differ_in_words_and_one_plan_not_from_itself() -> None:
    story = read((FIXTURES / "counties/datian-2023/examples/01-national-day-whole-ladder.toml").read_text("utf-8"))
    calendar = story.scenario.calendar(county_calendar("datian-2023"))
    facts, on = story.scenario.roll(calendar), date(2026, 10, 15)
    mine, other = (evaluate(plan, calendar, facts, story.scenario.events, on) for plan in (COUNTY, TOWN))
    said = "\n".join(differences(mine, other))
    assert "不再有“" in said
    assert "新有“班主任当日电话联系监护人”" in said
    assert {"report", "phone"} <= differing(mine, other)
    # Of a duty on both sides only what is otherwise is said.
    town = next(duty for duty in mine.duties if duty.due_on)
    later = replace(mine, duties=(town._replace(due_on=town.due_on + timedelta(days=1)),))
    (line,) = differences(replace(mine, duties=(town,)), later)
    assert line == f"“{town.name}”：{dated(town.due_on)}到期 → {dated(later.duties[0].due_on)}到期"
    assert differences(mine, mine) == ()
    assert not differing(mine, mine)
