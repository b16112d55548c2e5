"""Document numbers such as 某镇限返〔2026〕3号: how they look and which comes next."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PREFIX = re.compile(r"^[\u3400-\u9fff\U00020000-\U0003ffff]{2,20}$")
_NUMBER = re.compile(
    r"^(?P<prefix>[\u3400-\u9fff\U00020000-\U0003ffff]{2,20})〔(?P<year>\d{4})〕(?P<serial>[1-9]\d{0,5})号$"
)


class NumberGapError(Exception):
    """The register of a series has a hole or a number twice: a fault of the stored data, never of the user."""


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A document number; `prefix` is the 机关代字 with its kind word, and prefix and year make one series."""

    prefix: str
    year: int
    serial: int

    def __str__(self) -> str:
        """Six-cornered brackets round the year, no leading zero, no 第 (GB/T 9704-2012, 7.2.5)."""
        return f"{self.prefix}〔{self.year}〕{self.serial}号"


def next_number(prefix: str, year: int, used: Iterable[int]) -> Number:
    """The next number of a series; void numbers stay in `used`, so none is given twice and none is left out.

    Raises NumberGapError when `used` is not exactly 1 … n, ValueError when the prefix cannot stand in a number.
    """
    if mistake := prefix_mistake(prefix):
        raise ValueError(mistake)
    taken = sorted(used)
    if taken != list(range(1, len(taken) + 1)):
        raise NumberGapError(f"series {prefix}〔{year}〕 is not gapless: {len(taken)} numbers, highest {taken[-1]}")
    return Number(prefix, year, len(taken) + 1)


def prefix_mistake(prefix: str) -> str:
    """What is wrong with a 机关代字, as a Chinese sentence; empty when it may be used."""
    if _PREFIX.match(prefix):
        return ""
    return f"机关代字“{prefix}”应为2至20个汉字，不含年份、括号、数字和空格，例如“某镇限返”。"


def parse_number(text: str) -> Number | None:
    """The number a text states, or None; brackets other than 〔〕 are not a number of this form."""
    found = _NUMBER.match(text.strip())
    return Number(found["prefix"], int(found["year"]), int(found["serial"])) if found else None
