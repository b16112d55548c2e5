"""Rates with their formula, and whether a plan's target is met by the exact fraction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from agencies.choices import CalendarKind
from agencies.rules.calendar import Calendar, Entry
from agencies.rules.policy_names import RATE_NAMES

NO_VALUE = "—"
# School days in a row without leave that a list can ask for, and days absent in a term that call for attention.
RUN_CHOICES = (3, 5, 10)
TERM_DAYS = 10
_WORDS = {"at_least": "不低于", "at_most": "不高于"}
_CENT = Decimal("0.01")
# Plain digits alone: an exponent would make a fraction of as many digits as it says.
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Target:
    """What a plan asks of a rate, in per cent, with the words it stands on and the plan they are taken over from."""

    comparison: str
    percent: Fraction
    clause: str
    quote: str
    source: str = ""

    @property
    def text(self) -> str:
        """不低于98%."""
        return f"{_WORDS[self.comparison]}{_plain(self.percent)}%"

    def met_by(self, value: Fraction) -> bool:
        """Whether the exact fraction meets it: 97.995 % prints as 98.00 % and is still below 98 %."""
        percent = value * 100
        return percent >= self.percent if self.comparison == "at_least" else percent <= self.percent


@dataclass(frozen=True, slots=True)
class Rate:
    """A share: how many of how many, under a printed formula."""

    key: str
    label: str
    formula: str
    part: int
    whole: int
    target: Target | None = None

    @property
    def value(self) -> Fraction | None:
        """The exact fraction; None where there is nothing to divide by."""
        return Fraction(self.part, self.whole) if self.whole > 0 else None

    @property
    def text(self) -> str:
        """98.00%, or a dash where the denominator is 0: neither 0 % nor 100 % would be true."""
        return NO_VALUE if self.value is None else f"{rounded(self.value * 100)}%"

    @property
    def exact(self) -> str:
        """The fraction the figure stands on: 1960/2000."""
        return f"{self.part}/{self.whole}"

    @property
    def met(self) -> bool | None:
        """Whether the plan's target is met; None without a target or a value."""
        if self.target is None or self.value is None:
            return None
        return self.target.met_by(self.value)

    @property
    def impossible(self) -> bool:
        """More than the whole: a fault of the data that is shown, never cut to 100 %."""
        return self.value is not None and self.value > 1


def rounded(percent: Fraction) -> Decimal:
    """Two decimals, half up, as it is printed (never compared)."""
    return (Decimal(percent.numerator) / Decimal(percent.denominator)).quantize(_CENT, ROUND_HALF_UP)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{rounded(value).normalize():f}"


def attendance(present: int, expected: int) -> Rate:
    """Share of the expected children who were at school, in the classes whose register was taken."""
    return Rate("attendance", "到校率", "（应到−缺勤）÷应到，只计已点名班级", present, expected)


def reporting(reported: int, owed: int) -> Rate:
    """Share of the classes in school that day whose register was taken."""
    return Rate("reporting", "点名上报率", "已点名班级÷当日应点名班级", reported, owed)


def return_rate(returned: int, still_out: int, target: Target | None = None) -> Rate:
    """劝返率: of those who should come back, how many are back (confirmed, observed or closed off)."""
    return Rate(
        "return",
        "劝返率",
        "本学期已返校（观察中、已销号）÷（本学期已返校＋尚未返校）",
        returned,
        returned + still_out,
        target,
    )


def dropout_rate(still_out: int, enrolled: int, target: Target | None = None) -> Rate:
    """疑似辍学率: children with an open case who are not back, of all on the books."""
    return Rate("dropout", "疑似辍学率", "尚未返校的在办个案÷在册学生", still_out, enrolled, target)


def timely(on_time: int, due: int) -> Rate:
    """Share of the duties that fell due this term and were done by their day."""
    return Rate("timely", "按时办结率", "按期办结事项÷本学期已到期事项", on_time, due)


def load_targets(data: Mapping[str, Any]) -> tuple[dict[str, Target], list[str]]:
    """Targets of a county's `indicators.toml` by key of the rate, and a sentence for every mistake in it.

    [return] at_least = "100"  clause = "…"  quote = "…" — per cent as text, so that nothing is lost in floats.
    """
    found: dict[str, Target] = {}
    mistakes: list[str] = []
    for key, table in data.items():
        try:
            found[key] = _target(key, table)
        except ValueError as error:
            mistakes.append(f"[{key}] {error}")
    return found, mistakes


def _target(key: str, table: Any) -> Target:
    if key not in RATE_NAMES:
        raise ValueError(f"没有可设目标的指标“{key}”，可用：{'、'.join(RATE_NAMES)}")
    if not isinstance(table, Mapping) or len(named := [word for word in _WORDS if word in table]) != 1:
        raise ValueError('请写 at_least 或 at_most 之一，如 at_least = "100"')
    if unknown := set(table) - {named[0], "clause", "quote", "source"}:
        raise ValueError(f"不认识的键：{'、'.join(sorted(unknown))}")
    if not all(isinstance(table.get(word), str) and table[word] for word in (named[0], "clause", "quote")):
        raise ValueError("数值、clause、quote 都要写成文字，且不能为空")
    if not _PERCENT.fullmatch(table[named[0]]):
        raise ValueError(f'“{table[named[0]][:20]}”不是百分数，请写成 "98" 或 "99.5"')
    percent = Fraction(table[named[0]])
    if not 0 <= percent <= 100:
        raise ValueError("百分数应在 0 到 100 之间")
    return Target(named[0], percent, table["clause"], table["quote"], str(table.get("source", "")))


def term_for(calendar: Calendar, on: date) -> Entry | None:
    """The term a day lies in; in a break the last one before it; None where no term is known."""
    before = [e for e in calendar.entries if e.kind == CalendarKind.TERM and e.last_day < on]
    return calendar.term_of(on) or max(before, key=lambda term: term.last_day, default=None)
