"""Rates: exact fractions, a dash for nothing, targets compared before rounding."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from agencies.choices import CalendarKind
from agencies.rules.calendar import Calendar, Entry
from cases.rules.indicators import Rate, Target, load_targets, return_rate, rounded, term_for

GOOD = {"return": {"at_least": "98", "clause": "二、4", "quote": "稳定在98%以上"}}


def rate(part: int, whole: int, target: Target | None = None) -> Rate:
    return Rate("return", "劝返率", "甲÷乙", part, whole, target)


def at_least(percent: str) -> Target:
    return Target("at_least", Fraction(percent), "二", "…")


def test_nothing_to_divide_by_is_a_dash_and_meets_no_target() -> None:
    empty = rate(0, 0, at_least("98"))
    assert (empty.value, empty.text, empty.exact, empty.met) == (None, "—", "0/0", None)


def test_a_figure_that_prints_as_the_target_may_still_miss_it() -> None:
    short = rate(97995, 100000, at_least("98"))
    assert (short.text, short.met) == ("98.00%", False)
    assert rate(98, 100, at_least("98")).met is True
    assert rate(49, 50, at_least("98")).exact == "49/50"


def test_a_ceiling_is_met_from_below() -> None:
    ceiling = Target("at_most", Fraction("0.6"), "二", "…")
    assert [rate(n, 1000, ceiling).met for n in (0, 6, 7)] == [True, True, False]
    assert ceiling.text == "不高于0.6%"
    assert at_least("100").text == "不低于100%"


def test_more_than_the_whole_is_shown_not_cut() -> None:
    odd = rate(11, 10)
    assert (odd.text, odd.impossible) == ("110.00%", True)
    assert not rate(10, 10).impossible
    assert rate(1, 1).met is None


def test_rounding_is_half_up_on_two_decimals() -> None:
    assert [str(rounded(Fraction(n, 1000))) for n in (12345, 12344, 5)] == ["12.35", "12.34", "0.01"]


def test_the_return_rate_divides_by_those_who_should_be_back() -> None:
    assert (return_rate(3, 1).text, return_rate(0, 0).text) == ("75.00%", "—")


def test_targets_are_read_as_text_so_that_no_float_bends_them() -> None:
    found, mistakes = load_targets(GOOD)
    assert not mistakes
    assert found["return"] == Target("at_least", Fraction(98), "二、4", "稳定在98%以上")
    assert load_targets({}) == ({}, [])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"at_least": "98", "at_most": "99", "clause": "一", "quote": "…"}, "之一"),
        ({"clause": "一", "quote": "…"}, "之一"),
        ({"at_least": 98, "clause": "一", "quote": "…"}, "文字"),
        ({"at_least": "98", "clause": "", "quote": "…"}, "文字"),
        ({"at_least": "ninety", "clause": "一", "quote": "…"}, "不是百分数"),
        ({"at_least": "NaN", "clause": "一", "quote": "…"}, "不是百分数"),
        # As a fraction it would fill the memory.
        ({"at_least": "1e-99999999", "clause": "一", "quote": "…"}, "不是百分数"),
        ({"at_least": "101", "clause": "一", "quote": "…"}, "0 到 100"),
        ({"at_least": "98", "clause": "一", "quote": "…", "note": "…"}, "note"),
        ("98", "之一"),
    ],
)
def test_every_mistake_of_a_target_is_a_sentence(table: Any, said: str) -> None:
    found, mistakes = load_targets({"return": table})
    assert not found
    assert said in mistakes[0]


def test_a_rate_without_a_target_is_named() -> None:
    assert "consolidation" in load_targets({"consolidation": GOOD["return"]})[1][0]


def test_in_a_break_the_term_before_it_is_meant() -> None:
    spring = Entry(CalendarKind.TERM, date(2026, 2, 23), date(2026, 7, 3), "第二学期", "", 1)
    autumn = Entry(CalendarKind.TERM, date(2026, 9, 1), date(2027, 1, 22), "第一学期", "", 1)
    calendar = Calendar((spring, autumn))
    assert term_for(calendar, date(2026, 10, 10)) == autumn
    assert term_for(calendar, date(2026, 8, 1)) == spring
    assert term_for(calendar, date(2026, 1, 1)) is None
