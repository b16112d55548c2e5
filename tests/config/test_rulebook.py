"""The generated rulebook follows the shipped plans."""

from __future__ import annotations

from django.core.management import call_command

from config.management.commands.write_rulebook import rulebook


def test_the_rulebook_in_docs_is_the_one_the_plans_give() -> None:
    call_command("write_rulebook", "--check")


def test_it_quotes_the_plan_and_says_where_the_plan_is_silent() -> None:
    text = rulebook()
    assert "班主任当日电话联系监护人" in text
    assert "本方案未规定" in text
