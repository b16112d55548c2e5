"""Understand how schools write a class: 三（2）班, 三年级2班, 301班, 2301班, 初一（3）班, 2023级1班."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DIGITS = "零一二三四五六七八九"
NUMERAL = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
SCHOOL_YEAR_BEGINS = 8  # August: rosters of the coming year are loaded before 1 September

GRADE_AND_NUMBER = re.compile(rf"(初|小|小学|初中)?{NUMERAL}(?:年级|年)?[\s.(\-]*{NUMERAL}\)?\s*班?")
GRADE_ONLY = re.compile(rf"(初|小|小学|初中)?{NUMERAL}(?:年级|年)?班?")
COHORT = re.compile(rf"(?:初|小|小学|初中)?(?:20)?(\d{{2}})(?:级|届)[\s(]*{NUMERAL}\)?\s*班?")
FOUR_DIGITS = re.compile(r"(\d{2})(\d{2})班?")
THREE_DIGITS = re.compile(r"([1-9])(\d{2})班?")
NUMBER_ONLY = re.compile(rf"\(?{NUMERAL}\)?班")


@dataclass(frozen=True, slots=True)
class ClassName:
    """A class as written: `grade` 1-9 or the year of entry `cohort`, and its `number`; None where it is not said."""

    grade: int | None = None
    cohort: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class of a school, as the unit tree has it."""

    id: int
    school_id: int
    name: str
    grade: int | None = None


def plain(text: str) -> str:
    """The name without spaces, full-width forms and decoration, for comparing."""
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def numeral(text: str) -> int:
    """Value of a number up to 99 in digits or Chinese characters."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return DIGITS.index(text[0]) if len(text) == 1 else 0
    return (DIGITS.index(tens) if tens in DIGITS and tens else 1) * 10 + (DIGITS.index(ones) if ones else 0)


def read_class(text: str) -> ClassName:
    """Read a class name; what cannot be read stays None."""
    name = plain(text)
    if found := COHORT.fullmatch(name):
        return ClassName(cohort=2000 + int(found[1]), number=numeral(found[2]))
    if found := THREE_DIGITS.fullmatch(name):
        return ClassName(grade=int(found[1]), number=int(found[2]))
    if found := FOUR_DIGITS.fullmatch(name):
        return ClassName(cohort=2000 + int(found[1]), number=int(found[2]))
    if found := NUMBER_ONLY.fullmatch(name):
        return ClassName(number=numeral(found[1]))
    return _by_grade(name)


def _by_grade(name: str) -> ClassName:
    if found := GRADE_AND_NUMBER.fullmatch(name):
        return ClassName(grade=_grade(found[1], found[2]), number=numeral(found[3]))
    return ClassName(grade=read_grade(name))


def read_grade(text: str) -> int | None:
    """Grade 1-9 from 三年级, 初一, 七年级, 9; None where it is none."""
    found = GRADE_ONLY.fullmatch(plain(text))
    return _grade(found[1], found[2]) if found else None


def _grade(stage: str | None, written: str) -> int | None:
    grade = numeral(written) + (6 if stage in {"初", "初中"} and numeral(written) <= 3 else 0)
    return grade if 1 <= grade <= 9 else None


def school_year(on: date) -> int:
    """Year in which the school year of a day began; from August it is the coming one."""
    return on.year - (on.month < SCHOOL_YEAR_BEGINS)


def cohort_of(grade: int, on: date) -> int:
    """Year in which the children of a grade entered their stage (grade 1 or grade 7)."""
    return school_year(on) - (grade - 1 if grade <= 6 else grade - 7)


def find_class(text: str, classes: Iterable[KnownClass], *, on: date, grade: int | None = None) -> list[KnownClass]:
    """Classes of one school that the text can mean; `grade` is what a 年级 column says. One = certain."""
    pool = list(classes)
    wanted = plain(text).removesuffix("班")
    if exact := [c for c in pool if plain(c.name).removesuffix("班") == wanted]:
        return exact
    read = read_class(text)
    return [c for c in pool if _fits(read, c, on, grade)]


def _fits(read: ClassName, known: KnownClass, on: date, said_grade: int | None) -> bool:
    own = read_class(known.name)
    grade = known.grade or own.grade
    if read.number is None or own.number != read.number or grade is None:
        return False
    if read.cohort is not None:
        return cohort_of(grade, on) == read.cohort
    return {read.grade, said_grade} <= {grade, None}
