"""The generated rulebook follows the shipped plans."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command

from agencies.rules import policy_words
from config.counties import County, read_county
from config.management.commands.write_rulebook import rulebook, unit_chapter, vocabulary
from tests.agencies import unit_plan


def test_the_rulebook_in_docs_is_the_one_the_plans_give() -> None:
    call_command("write_rulebook", "--check")


def chapter_of(**files: Any) -> str:
    shipped = read_county("datian-2023")
    return unit_chapter(County(shipped.path, files, shipped.policy, (), shipped.calendar, (), ()))


def test_it_says_what_units_owe_and_where_each_clause_stands() -> None:
    text = chapter_of(duties=unit_plan.duties(), clauses=unit_plan.clauses())
    assert "- **村级摸排**：排查；由村（社区）书记办理；每月20日前；形成：摸排台账；留痕：台账" in text
    assert "- **镇联席会议**：会议；由乡镇分管领导办理；每季度（期末前）" in text
    assert "| 四（二） | 学校每月25日前报送 | 办理并留痕 | duties.toml duties.school-report |" in text


def test_a_folder_without_them_gets_no_heading() -> None:
    assert chapter_of() == ""


def test_it_quotes_the_plan_and_says_where_the_plan_is_silent() -> None:
    text = rulebook()
    assert "班主任当日电话联系监护人" in text
    assert "本方案未规定" in text


def test_it_ends_with_every_word_a_plan_may_say() -> None:
    said = vocabulary()
    assert rulebook().endswith(said)
    lists = [value for name, value in vars(policy_words).items() if name.isupper() and isinstance(value, frozenset)]
    beside = policy_words.DUTY_KINDS | policy_words.RHYTHMS | policy_words.RECIPIENTS | policy_words.DOCUMENTS
    words = {str(word) for words in lists for word in words} - beside - policy_words.CALL_RESULTS
    assert [word for word in sorted(words) if f"`{word}`" not in said] == []
    assert "| `applied` | 监护人申请 |" in said
    assert "| `absence` | Opens on the day the counted absence reaches the threshold" in said
