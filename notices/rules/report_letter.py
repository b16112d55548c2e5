"""学生失学辍学信息报告: one numbered letter of a school with its figures, and the list of the children it reports."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from notices.rules.papers import day_text, plain_day


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the letter as it is printed; 「—」 where it cannot be told."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column of the list, as the plan's ledger has it."""

    head: str
    group: str
    width: float
    align: str


@dataclass(frozen=True, slots=True)
class ChildList:
    """The list behind the letter: the plan's ledger, cut down to the reported children."""

    title: str
    paper: str
    unit_line: str
    date_line: str
    columns: tuple[ListColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    signatures: tuple[str, ...]

    @property
    def size(self) -> Literal["A3", "A4"]:
        """The size of its pages, landscape."""
        return "A4" if self.paper == "A4" else "A3"


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """The letter to those a plan sends it to; `counted_on` is the day of the figures, `more` what the school adds."""

    number: str
    to: str
    school: str
    term: str
    counted_on: date
    figures: tuple[Figure, ...]
    more: str
    children: ChildList
    issuer: str
    issued_on: date
    contact: str
    phone: str

    @property
    def count(self) -> int:
        """How many children it reports."""
        return len(self.children.rows)

    @property
    def issued_text(self) -> str:
        """The day of issue under the issuer's name."""
        return plain_day(self.issued_on)

    @property
    def counted_text(self) -> str:
        """The day of the figures, with its weekday."""
        return day_text(self.counted_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCounts:
    """What a school's figures are made of on a day; `expected` is None where no class has called its roll."""

    enrolled: int
    expected: int | None
    absent: int
    unexcused: int
    suspended: int
    postponed: int
    home_taught: int
    suspected: int
    dropped_out: int


def figures(counts: SchoolCounts) -> tuple[Figure, ...]:
    """The figures of the letter in their order; what depends on a roll nobody has called yet is 「—」."""
    called = counts.expected is not None
    rows = (
        ("在籍学生", counts.enrolled, True),
        ("应到", counts.expected or 0, called),
        ("实到", (counts.expected or 0) - counts.absent, called),
        ("未到", counts.absent, called),
        ("无故未到", counts.unexcused, called),
        ("休学", counts.suspended, True),
        ("缓学", counts.postponed, True),
        ("送教上门", counts.home_taught, True),
        ("疑似辍学", counts.suspected, True),
        ("辍学", counts.dropped_out, True),
    )
    return tuple(Figure(label, f"{number}人" if told else "—") for label, number, told in rows)


def term_words(first_day: date) -> str:
    """2026—2027学年度第一学期, by the first day of the term (or of the school year where no term is entered)."""
    autumn = first_day.month >= 7
    year = first_day.year if autumn else first_day.year - 1
    return f"{year}—{year + 1}学年度第{'一' if autumn else '二'}学期"
