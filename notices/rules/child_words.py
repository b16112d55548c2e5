"""How papers word a child, its class, its family and its groups."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from cases.choices import Cause
from cases.rules.privacy import RESTRICTED_CAUSES, cause_words
from notices.rules.told import Relative, Told, Typed
from students.choices import SpecialGroup
from students.rules.classes import DIGITS, read_class

# Six years of age by 31 August.
ENTRY_AGE, ENTRY_MONTH = 6, 8

# The boxes of 对象类别 on 附件3, by the common list of groups.
BOXES: Mapping[SpecialGroup, str] = {
    SpecialGroup.POVERTY: "建档立卡",
    SpecialGroup.LOW_INCOME: "低保",
    SpecialGroup.DISABLED: "残疾",
    SpecialGroup.ORPHAN: "孤儿",
    SpecialGroup.DE_FACTO_UNATTENDED: "事实无人抚养儿童",
}


def names_once(said: Iterable[str]) -> str:
    """The people of several entries, each once, in the order first named; an entry may name two (甲、乙)."""
    names = (name.strip() for text in said for name in text.split("、"))
    return "、".join(dict.fromkeys(name for name in names if name))


def grade_word(told: Told) -> str:
    """八, empty where the grade is not known."""
    return DIGITS[told.grade] if told.grade and told.grade < len(DIGITS) else ""


def class_word(told: Told) -> str:
    """The number of the class where its name has one, else the name."""
    number = read_class(told.class_name).number if told.class_name else None
    return str(number) if number else told.class_name


def grade_class(told: Told) -> str:
    """八年级3班; the class's own name where it cannot be taken apart."""
    grade, number = grade_word(told), class_word(told)
    if grade and number.isdigit():
        return f"{grade}年级{number}班"
    return told.class_name or (f"{grade}年级" if grade else "")


def cause_word(told: Told) -> str:
    """The latest cause on record; left to the pen where the maker of the paper may not know it."""
    cause = told.latest("cause")
    return "" if cause in ("", Cause.NOT_KNOWN) or cause_is_covered(told) else cause_words(cause, knows=True)


def cause_is_covered(told: Told) -> bool:
    """Whether the latest cause is restricted and the maker may not see such (残疾人教育条例 art. 20)."""
    return told.latest("cause") in RESTRICTED_CAUSES and not told.sees_restricted


def addressee(told: Told, typed: Typed) -> Relative | None:
    """The guardian the paper goes to: the chosen one, else the first on record."""
    chosen = [person for person in told.guardians if person.pk == typed.guardian]
    return next(iter([*chosen, *([] if typed.guardian else told.guardians)]), None)


def head(told: Told) -> dict[str, Any]:
    people = told.guardians or told.family[:1]
    return {
        "school": told.school,
        "name": told.name,
        "sex": told.sex,
        "guardian": "、".join(person.name for person in people),
        "phone": "、".join(dict.fromkeys(person.phone for person in people if person.phone)),
        "reason": cause_word(told),
    }


def birth_month(told: Told) -> str:
    return f"{told.birth_date.year}年{told.birth_date.month}月" if told.birth_date else ""


def family_line(told: Told) -> str:
    """父亲 周大山（13812345678）；母亲 吴小梅: every guardian, the first relative where there is none."""

    def one(person: Relative) -> str:
        phone = f"（{person.phone}）" if person.phone else ""
        return f"{person.relation} {person.name}".strip() + phone

    return "；".join(one(person) for person in told.guardians or told.family[:1])


def entry_year(told: Told) -> int | None:
    """The year in which the child was due to enter school: six years old by the end of August (义务教育法 art. 11)."""
    born = told.birth_date
    return due_year(born) if born else None


def due_year(born: date) -> int:
    """The same of a date of birth."""
    return born.year + ENTRY_AGE + (born.month > ENTRY_MONTH)
