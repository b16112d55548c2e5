"""Every clause of a plan carries one mark, and what is named as its place stands in the folder."""

import tomllib

import pytest

from agencies.rules.clauses import load_clauses
from tests.agencies import unit_plan

FILES = {
    "duties": unit_plan.duties(),
    "policy": {"closing": {"approver": "township_deputy"}, "steps": [{"key": "ask"}]},
}


def mistakes_of(text: str) -> str:
    _, mistakes = load_clauses(tomllib.loads(text), FILES, "clauses.toml", text)
    return "\n".join(str(mistake) for mistake in mistakes)


def test_clauses_are_read_in_the_plan_s_order() -> None:
    found, mistakes = load_clauses(unit_plan.clauses(), FILES, "clauses.toml")
    assert mistakes == []
    assert [(c.number, c.mark) for c in found] == [("四（二）", "duty"), ("一（一）", "text"), ("八（二）", "refused")]


@pytest.mark.parametrize(
    "place", ["policy.toml", "policy.toml steps", "policy.toml steps.ask", "policy.toml closing.approver"]
)
def test_a_place_is_a_file_a_table_or_a_key(place: str) -> None:
    assert mistakes_of(unit_plan.CLAUSES.replace("duties.toml duties.school-report", place)) == ""


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("duties.school-report", "duties.school-rapport", "找不到 'duties.toml duties.school-rapport'"),
        ("duties.toml duties.school-report", "ledgers.toml", "找不到 'ledgers.toml'"),
        ("duties.toml duties.school-report", "somewhere else!", "找不到 'somewhere else!'"),
        ('where = ["duties.toml duties.school-report"]', "", "没有写明落在哪里"),
        ('reason = "指导思想，不产生事项"', "", "没有写明理由"),
        ('mark = "text"', 'mark = "maybe"', "不认识的词 'maybe'"),
        ('number = "一（一）"\nquote = "为深入贯彻"', 'number = "八（二）"\nquote = "对家长罚款"', "写了2次"),
    ],
)
def test_a_mistake_is_said(good: str, bad: str, said: str) -> None:
    assert good in unit_plan.CLAUSES
    assert said in mistakes_of(unit_plan.CLAUSES.replace(good, bad, 1))


def test_a_stored_version_is_read_without_its_folder() -> None:
    found, mistakes = load_clauses(unit_plan.clauses(), None, "version 1")
    assert (len(found), mistakes) == (3, [])
