"""Each number of duties.toml and indicators.toml stands in the words it rests on, and no other would."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.counties import KEYS, folder_data

RHYTHMS = {"每周": "week", "每月": "month", "每季度": "quarter", "每学期": "term", "每年": "year", "每学年": "year"}
DAYS_OF_MONTH = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
NUMBERS = ("date_month", "date_day", "term_day")

Row = tuple[str, dict[str, Any], str, str]


def rows(key: str) -> Iterator[Row]:
    """What recurs in a plan's duties.toml: its name, its limit with the rhythm, its quotation, what is assumed."""
    data = folder_data(key).get("duties", {})
    for duty in data.get("duties", []):
        yield duty["key"], {"every": duty["every"], **duty.get("due", {})}, duty["quote"], said(duty)
    for agency in data.get("agencies", []):
        for row in agency.get("hands_over", []):
            if "when" in row:
                yield f"{agency['key']} {row['data']}", row["when"], row.get("quote", ""), said(row)


def said(row: dict[str, Any]) -> str:
    return f"{row.get('quote', '')}；{row.get('assumed_reason', '')}".replace(" ", "")


def stands(limit: dict[str, Any], words: str) -> bool:
    """Whether the words name the limit: 开学后10日内; 每月25日; 8月31日, 8月底, 每年8月 or 每年9月前."""
    if "term_day" in limit:
        return limit["day_type"] == ("working" if "工作日" in words else "natural") and bool(
            re.search(rf"开学后{limit['term_day']}[日天]内", words)
        )
    if "date_day" not in limit:
        return True
    month, day = limit.get("date_month"), limit["date_day"]
    if month is None:
        return f"每月{day}日" in words
    if f"{month}月{day}日" in words:
        return True
    whole = (
        f"{month}月底",
        f"每年{month}月负责",
        f"每年{month}月向",
        f"每年{month}月发放",
        f"每年{month % 12 + 1}月前",
    )
    return DAYS_OF_MONTH.get(month) == day and any(word in words for word in whole)


def others(limit: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The limit with one of its numbers or its day type changed."""
    for name in NUMBERS:
        if name in limit:
            yield from ({**limit, name: limit[name] + step} for step in (1, -1))
    if "day_type" in limit:
        yield {**limit, "day_type": "working"}


@pytest.mark.parametrize("key", KEYS)
def test_each_number_of_a_unit_s_duty_is_one_its_words_name(key: str) -> None:
    assert [name for name, limit, _, words in rows(key) if not stands(limit, words)] == []


@pytest.mark.parametrize("key", KEYS)
def test_no_other_number_or_day_type_would_pass(key: str) -> None:
    wrong = [(name, other) for name, limit, _, words in rows(key) for other in others(limit) if stands(other, words)]
    assert wrong == []


@pytest.mark.parametrize("key", KEYS)
def test_the_rhythm_of_a_duty_is_the_one_its_quotation_names(key: str) -> None:
    named = [
        (name, limit["every"], {every for word, every in RHYTHMS.items() if word in quote})
        for name, limit, quote, _ in rows(key)
    ]
    assert [(name, every, words) for name, every, words in named if words and every not in words] == []


@pytest.mark.parametrize("key", KEYS)
def test_each_target_is_the_one_its_quotation_names(key: str) -> None:
    for name, target in folder_data(key).get("indicators", {}).items():
        number = int(target.get("at_least", target.get("at_most")))
        words = target["quote"]
        for value in (number - 1, number, number + 1):
            stands_there = bool(re.search(rf"(?<!\d){value}%", words)) or f"为{value}、" in words
            assert stands_there == (value == number), (name, value)
        assert ("at_most" in target) == (name in ("dropout",)), name
