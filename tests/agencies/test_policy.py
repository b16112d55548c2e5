"""Plan files: read completely or refused with every mistake at once."""

from datetime import date
from typing import Any, get_args

import pytest
from django.db.models import Model

from agencies.models import CalendarEntry, PolicyVersion, UnitDutyDone
from agencies.rules import county_calendar as county_calendar_file
from agencies.rules import policy, policy_words
from agencies.rules.county_calendar import load_entries
from agencies.rules.county_text import parse_toml
from agencies.rules.policy import load_policy
from agencies.rules.policy_dates import guardian_deadline, validity_warning
from agencies.rules.policy_sentences import opening
from agencies.rules.policy_trigger_reading import READERS
from agencies.rules.policy_triggers import (
    AbsenceTrigger,
    CycleTrigger,
    ReturnedTrigger,
    Trigger,
    WaitTrigger,
)
from cases.choices import EventKind, Stage
from cases.models import DutyRow
from cases.rules.event_fields import CALL_RESULTS, SERVICE_MODES
from cases.rules.openings import BY_KIND
from notices.choices import ServiceMethod
from students.choices import AbsenceReason, SpecialGroup
from tests.cases.whole import WHOLE
from tests.counties import FIXTURES, KEYS, county_calendar, load, policy_data, policy_of, toml


def messages(data: dict[str, Any]) -> list[str]:
    found, mistakes = load_policy(data, "policy.toml")
    assert found is None
    return [str(m) for m in mistakes]


def test_the_words_of_plans_are_the_choices_of_the_apps() -> None:
    assert set(EventKind.values) == policy_words.EVENTS
    assert set(Stage.values) - {"help", "closed"} == policy_words.STAGES
    assert set(AbsenceReason.values) == policy_words.ABSENCE_REASONS
    assert set(SpecialGroup.values) == policy_words.SPECIAL_GROUPS
    assert {value for value, _ in CALL_RESULTS} == policy_words.CALL_RESULTS
    assert {value for value, _ in SERVICE_MODES} == set(ServiceMethod.values)


@pytest.mark.parametrize("key", KEYS)
def test_every_step_says_which_clause_it_comes_from(key: str) -> None:
    assert all(step.clause and step.quote and step.advice for step in policy_of(key).steps)


def test_a_contradiction_inside_a_plan_stays_visible() -> None:
    step = policy_of("datian-2023").step("report")
    assert step is not None
    assert step.contradiction is not None
    assert "超过 3 天" in step.contradiction.quote


def test_every_mistake_is_reported_at_once_with_place_and_remedy() -> None:
    data = policy_data("jiaotan-2025")
    data["valid_to"] = data["valid_from"].replace(year=2020)
    data["colour"] = "red"
    data["counting"]["half_day"] = "hlf"
    data["steps"][0]["owner"] = "headmaster"
    data["steps"][1]["key"] = "phone"
    del data["steps"][2]["quote"]
    data["steps"][2]["assumed"] = False
    data["steps"][3]["due"]["day_type"] = "lunar"
    data["steps"][3]["done_by"] = ["report_snt"]
    del data["steps"][4]["assumed_reason"]
    found = "\n".join(messages(data))
    for expected in (
        "valid_to：失效日期早于生效日期",
        "colour：不认识的键",
        "是否应为 half？",
        "steps[1].owner：不认识的词 'headmaster'",
        "步骤编号 'phone' 重复",
        "steps[3].quote：缺少条款号或原文",
        "steps[4].due.day_type：不认识的词 'lunar'",
        "是否应为 report_sent？",
        "steps[5].assumed_reason：标为方案未规定",
        "引用了不存在的步骤 'visit'",
    ):
        assert expected in found


def test_what_a_record_could_not_keep_is_refused() -> None:
    data = policy_data("jiaotan-2025")
    data |= {"key": "k" * 61, "title": "长" * 121, "document_number": "号" * 61}
    data["steps"][0] |= {"key": "s" * 25, "name": "名" * 61}
    found = "\n".join(messages(data))
    for expected in (
        "key：过长，共61字。请缩短到60字以内",
        "title：过长，共121字",
        "document_number：过长，共61字",
        "steps[1].key：过长，共25字。请缩短到24字以内",
        "steps[1].name：过长，共61字",
    ):
        assert expected in found
    entry = {"kind": "closed", "day": date(2026, 9, 1), "name": "停" * 61, "source": "据" * 121}
    _, mistakes = load_entries({"days": [entry]}, "calendar.toml")
    assert [mistake.place for mistake in mistakes] == ["days[1].name", "days[1].source"]


@pytest.mark.parametrize(
    ("model", "field", "most"),
    [
        (PolicyVersion, "key", policy.LONGEST_NAME),
        (PolicyVersion, "title", policy.LONGEST_TITLE),
        (PolicyVersion, "document_number", policy.LONGEST_NAME),
        (UnitDutyDone, "duty", policy.LONGEST_NAME),
        (DutyRow, "step", policy.LONGEST_KEY),
        (DutyRow, "name", policy.LONGEST_NAME),
        (CalendarEntry, "name", county_calendar_file.LONGEST_NAME),
        (CalendarEntry, "source", county_calendar_file.LONGEST_SOURCE),
    ],
)
def test_a_record_keeps_what_a_file_may_say(model: type[Model], field: str, most: int) -> None:
    assert (model._meta.get_field(field).max_length or 0) >= most


def test_the_guardian_s_time_is_a_number_of_days_because_the_order_prints_it() -> None:
    data = policy_data("jiaotan-2025")
    for name in ("days", "day_type"):
        data["deadline"].pop(name, None)
    data["deadline"]["months"] = 1
    assert [text for text in messages(data) if "责令返校的期限不能按月写" in text]


def test_steps_that_wait_for_each_other_are_refused() -> None:
    data = policy_data("jiaotan-2025")
    data["steps"][1]["trigger"] = {"kind": "wait", "after": "village", "since": "done", "days": 0}
    assert any("成环" in text for text in messages(data))


def test_a_wait_for_service_needs_a_step_that_serves() -> None:
    data = policy_data("jiaotan-2025")
    data["steps"][5]["trigger"]["after"] = "phone"
    assert any("不由 notice_served 完成" in text for text in messages(data))


def test_a_limit_that_runs_from_a_wait_needs_a_step_that_waits_and_a_limit() -> None:
    data = policy_data("jiaotan-2025")
    waits = next(step for step in data["steps"] if step["key"] == "order")
    data["steps"][0]["due_since"] = waits["key"]
    said = messages(data)
    assert not any("不等待" in text or "自何时起算" in text for text in said)
    waits["trigger"] = {"kind": "flagged"}
    assert any("但 order 不等待" in text for text in messages(data))
    data["steps"][0]["due_since"] = "nothing"
    assert any("不存在的步骤 'nothing'" in text for text in messages(data))
    del data["steps"][0]["due"]
    assert any("却写了期限自何时起算" in text for text in messages(data))


def test_a_step_without_a_limit_must_say_that_the_plan_is_silent() -> None:
    data = policy_data("datian-2023")
    del data["steps"][0]["due"]
    assert any("没有期限" in text for text in messages(data))


@pytest.mark.parametrize("wrong", [{}, {"steps": 3}, {"steps": [4]}, {"counting": []}, {"steps": [{"trigger": [[]]}]}])
def test_nonsense_is_refused_without_falling_over(wrong: dict[str, Any]) -> None:
    assert messages(wrong)


def test_a_mistake_names_its_line() -> None:
    text = (FIXTURES / "counties" / "jiaotan-2025" / "policy.toml").read_text(encoding="utf-8")
    # The steps of law are added before a plan is read.
    text = text.replace('include = ["inquiry"]\n', "").replace('owner = "principal"', 'owner = "headmaster"')
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "headmaster" in row)
    data, _ = parse_toml(text, "policy.toml")
    _, mistakes = load_policy(data, "policy.toml", text)
    assert [m.line for m in mistakes] == [line]


@pytest.mark.parametrize("text", ["a = = 1", "a = " + "[" * 5000, "a = " + "9" * 5000, 'a = "'])
def test_a_broken_file_is_one_sentence(text: str) -> None:
    data, mistakes = parse_toml(text, "policy.toml")
    assert (data, len(mistakes)) == ({}, 1)


def test_a_calendar_with_wrong_days_is_refused() -> None:
    wrong = {"days": [{"kind": "holidy", "first_day": "2026-13-01", "last_day": "9999-01-01", "name": ""}]}
    entries, mistakes = load_entries(wrong, "calendar.toml")
    assert entries == ()
    assert len(mistakes) == 4


def test_a_term_as_long_as_a_year_is_refused_with_a_remedy() -> None:
    days = [{"kind": "term", "first_day": date(2026, 9, 1), "last_day": date(2027, 7, 9), "name": "学年"}]
    _, mistakes = load_entries({"days": days}, "calendar.toml")
    assert [mistake.message for mistake in mistakes] == ["学期超过240天"]


def test_a_plan_past_its_end_keeps_running_with_a_warning() -> None:
    plan = policy_of("jiaotan-2025")
    assert "已于2026-08-31（周一）到期" in validity_warning(None, plan.valid_to, plan.valid_to.replace(month=12))
    assert validity_warning(plan.valid_from, plan.valid_to, plan.valid_to) == ""


@pytest.mark.parametrize("key", KEYS)
def test_a_plan_survives_being_stored_as_json_text(key: str) -> None:
    data = toml(FIXTURES / "counties" / key / "policy.toml")
    as_text = {k: str(v) if k.startswith("valid") else v for k, v in data.items()}
    assert load(as_text)[0] == policy_of(key)


def test_the_date_an_order_prints_is_a_school_day() -> None:
    calendar = county_calendar("datian-2023")
    # 7 natural days from 2026-09-24 end on 10-01; school begins again on 10-08.
    assert guardian_deadline(policy_of("datian-2023"), calendar, date(2026, 9, 24)) == date(2026, 10, 8)
    # 3 natural days from Thursday end on Sunday; Monday is the next school day.
    assert guardian_deadline(policy_of("jiaotan-2025"), calendar, date(2026, 5, 21)) == date(2026, 5, 25)


def test_every_word_for_a_trigger_is_read_said_and_opened_and_stands_in_the_recipe() -> None:
    kinds = set(get_args(Trigger))
    assert set(READERS) | {"absence"} == policy_words.TRIGGERS
    assert len(kinds) == len(policy_words.TRIGGERS)
    assert {*BY_KIND, AbsenceTrigger, WaitTrigger, CycleTrigger} == kinds
    recipe = (FIXTURES.parent / "docs" / "add-a-county.md").read_text(encoding="utf-8")
    assert [kind for kind in policy_words.TRIGGERS if f"\n| `{kind}` |" not in recipe] == []
    assert {type(trigger) for step in WHOLE.steps for trigger in step.triggers} >= kinds - {ReturnedTrigger}
    assert all(opening(trigger, WHOLE) for step in WHOLE.steps for trigger in step.triggers)
