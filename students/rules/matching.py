"""Decide whether an imported row meets a child already on record, and say why.

Order: document number, student number (学籍号), then name + date of birth, confirmed by a guardian's telephone or the
school, then a child put on the class's list by its name alone. What is not certain is asked, never guessed: children
of one name and one birthday are common in a county.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rapidfuzz import fuzz

from students.rules.names import read_name, surname_of

# Two names at or above this ratio (0-100) are taken for one name with a slip.
ALIKE = 60


class Meeting(StrEnum):
    """What a row meets: nobody, one certain child, or children someone must choose between."""

    NOBODY = "nobody"
    CHILD = "child"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Person:
    """What matching looks at; numbers and phones are keys (plain or keyed digests), compared only for equality."""

    id: int
    name: str
    birth_date: date | None = None
    document: str = ""
    record: str = ""
    phones: frozenset[str] = frozenset()
    school_id: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The answer: the child met (`child_id`), or the `candidates` to ask about, with reasons in Chinese."""

    meeting: Meeting
    child_id: int | None = None
    candidates: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Register:
    """Children on record, indexed by each thing a row can be met by."""

    by_document: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_record: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[tuple[str, date | None], list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_phone: dict[tuple[str, date | None], list[Person]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, people: Iterable[Person]) -> "Register":
        """Index these children."""
        register = cls()
        for person in people:
            register.add(person)
        return register

    def add(self, person: Person) -> None:
        """Index one more child."""
        if person.document:
            self.by_document[person.document].append(person)
        if person.record:
            self.by_record[person.record].append(person)
        self.by_name[person.name, person.birth_date].append(person)
        for phone in person.phones:
            self.by_phone[phone, person.birth_date].append(person)


def meet(row: Person, register: Register) -> Match:
    """Say which child on record the row is about."""
    numbered = _found(register.by_document, row.document, "证件号")
    numbered = numbered or _found(register.by_record, row.record, "学籍号")
    if numbered:
        return _by_number(row, *numbered)
    namesakes = register.by_name.get((row.name, row.birth_date), []) if row.birth_date else []
    others = [p for p in namesakes if row.document and p.document]
    nearer = [p for p in namesakes if not (row.document and p.document)]
    if nearer:
        return _by_name(row, nearer)
    if unlisted := _unlisted(row, register):
        return _by_list(row, unlisted)
    if others:
        return _namesakes_with_other_documents(row, others)
    return _slip(row, register)


def _found(index: Mapping[str, list[Person]], key: str, what: str) -> tuple[list[Person], str] | None:
    people = index.get(key) if key else None
    return (people, what) if people else None


def _by_number(row: Person, people: list[Person], what: str) -> Match:
    if len(people) > 1:
        return _ask(people, f"{what}与 {len(people)} 名在册学生相同，须先查清是否重复建档")
    (child,) = people
    if child.name == row.name:
        return Match(Meeting.CHILD, child.id, reasons=(f"{what}、姓名相同",))
    if names_alike(child.name, row.name):
        return Match(Meeting.CHILD, child.id, reasons=(f"{what}相同；姓名由“{child.name}”改为“{row.name}”",))
    return _ask(people, f"{what}与在册的“{child.name}”相同，但姓名完全不同：可能是改名，也可能号码填错")


def _by_name(row: Person, people: list[Person]) -> Match:
    certain = [p for p in people if row.phones & p.phones]
    why = "姓名、出生日期、监护人电话相同"
    if not certain and len(people) == 1 and row.school_id is not None and people[0].school_id == row.school_id:
        certain, why = people, "姓名、出生日期、学校相同"
    if len(certain) == 1:
        return Match(Meeting.CHILD, certain[0].id, reasons=(why,))
    if len(certain) > 1:
        return _ask(certain, f"有 {len(certain)} 名在册学生的{why}")
    return _ask(people, "姓名、出生日期相同，但没有证件号或监护人电话可以确认是同一人")


def _unlisted(row: Person, register: Register) -> list[Person]:
    """Namesakes at the row's school of whom no date of birth is known: put on a class's list by name (人在无籍)."""
    if row.school_id is None or not row.birth_date:
        return []
    undated = register.by_name.get((row.name, None), [])
    return [p for p in undated if p.school_id == row.school_id and not (row.document and p.document)]


def _by_list(row: Person, people: list[Person]) -> Match:
    certain = [p for p in people if row.phones & p.phones]
    if len(certain) == 1:
        return Match(Meeting.CHILD, certain[0].id, reasons=("姓名、监护人电话、学校与名单外登记的学生相同",))
    return _ask(people, "姓名、学校与名单外登记的学生相同，在册的还没有出生日期可以核对")


def _namesakes_with_other_documents(row: Person, people: list[Person]) -> Match:
    related = [p for p in people if row.phones & p.phones]
    if related:
        return _ask(related, "姓名、出生日期、监护人电话都相同，证件号却不同：请核对证件号")
    return Match(Meeting.NOBODY, reasons=("另有同名同日出生的学生，证件号不同，按新学生处理",))


def _slip(row: Person, register: Register) -> Match:
    if row.document or not row.birth_date:
        return Match(Meeting.NOBODY)
    family = {p.id: p for phone in row.phones for p in register.by_phone.get((phone, row.birth_date), [])}
    alike = [p for p in family.values() if names_alike(p.name, row.name)]
    if alike:
        return _ask(alike, "出生日期、监护人电话相同，姓名相近：可能是写错的字，也可能是双胞胎")
    return Match(Meeting.NOBODY)


def _ask(people: list[Person], reason: str) -> Match:
    return Match(Meeting.ASK, candidates=tuple(sorted(p.id for p in people)), reasons=(reason,))


def names_alike(one: str, other: str) -> bool:
    """Whether two names may be one name with a slip: same sound, or same surname with much in common."""
    if read_name(one).pinyin == read_name(other).pinyin:
        return True
    return surname_of(one) == surname_of(other) and fuzz.ratio(one, other) >= ALIKE
