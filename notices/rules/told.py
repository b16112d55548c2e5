"""What is on record about a case, as the plain values papers are filled from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agencies.rules.calendar import Calendar
from agencies.rules.policy_schema import Policy
from cases.choices import EventKind
from cases.rules.rounds import as_day
from notices.choices import IssuerKind, PaperLayout
from students.choices import SpecialGroup


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of the family; `is_guardian` = legal guardian, the only one a paper is addressed to."""

    pk: int
    name: str
    relation: str
    phone: str
    is_guardian: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """A valid event of the case; `by` is who recorded it."""

    kind: EventKind
    on: date
    data: Mapping[str, Any]
    by: str
    pk: int = 0

    def said(self, name: str) -> str:
        """A field of the event's form as text, empty where it was not filled in."""
        value = self.data.get(name)
        return "" if value is None else str(value).strip()

    def day(self, name: str) -> date | None:
        """A day of the event's form, None where it was not filled in."""
        return as_day(self.data.get(name))


@dataclass(frozen=True, slots=True)
class Issuer:
    """The body in whose name a paper leaves: its kind, its name on papers, its 机关代字 and whom to call."""

    kind: IssuerKind
    name: str
    code_word: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """The issued paper that a letter withdraws or corrects, and to whom it went."""

    title: str
    number: str
    on: date
    recipients: tuple[str, ...]
    issuer: str


@dataclass(frozen=True, slots=True)
class Held:
    """An issued paper of the case, as later papers name it; `told_remedies` = it says where it can be contested.

    `pages` is counted only for a list of materials, `scans` are those of the sealed paper, `about` is the layout of
    the paper a 送达回证 tells of.
    """

    layout: PaperLayout
    title: str
    number: str
    on: date | None
    addressee: int | None
    addressee_name: str
    served_on: date | None
    deadline: date | None
    told_remedies: bool
    pages: int = 0
    scans: int = 0
    about: PaperLayout | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One child and its case; the plan and calendar give the guardian's days."""

    policy: Policy
    calendar: Calendar
    county: str
    township: str
    government: str
    bureau: str
    school: str
    grade: int | None
    class_name: str
    name: str
    sex: str
    birth_date: date | None
    id_number: str
    student_number: str
    hukou: str
    address: str
    village: str
    family: tuple[Relative, ...]
    groups: tuple[SpecialGroup, ...]
    happenings: tuple[Happening, ...]
    first_absent: date | None
    absent_days: str
    principal: str = ""
    about: About | None = None
    sees_restricted: bool = False
    held: tuple[Held, ...] = ()
    on: date = date.min

    @property
    def guardians(self) -> tuple[Relative, ...]:
        """The legal guardians."""
        return tuple(person for person in self.family if person.is_guardian)

    def of(self, *kinds: EventKind) -> tuple[Happening, ...]:
        """The happenings of these kinds, oldest first."""
        return tuple(item for item in self.happenings if item.kind in kinds)

    def last(self, *kinds: EventKind) -> Happening | None:
        """The latest happening of these kinds."""
        return next(reversed(self.of(*kinds)), None)

    def latest(self, name: str) -> str:
        """The latest non-empty value of a field, whichever event has it (cause, whereabouts)."""
        return next((text for item in reversed(self.happenings) if (text := item.said(name))), "")


@dataclass(frozen=True, slots=True)
class Typed:
    """What the drafting officer adds to what is on record; `guardian` is the addressee's id.

    `reason`, `wrong` and `right` belong to a 撤回函 or 更正函, `report_by` and `report_at` (by when, where) to a paper
    that asks.
    """

    guardian: int | None = None
    planned_service: date | None = None
    contact: str = ""
    phone: str = ""
    opinion: str = ""
    reason: str = ""
    wrong: str = ""
    right: str = ""
    report_by: date | None = None
    report_at: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing on a paper: what, whether it bars the paper, and where it is mended (`mend`).

    `mend`: `event:<kind>` for the form of an event, `entry:<id>` for the correction of one on record, `child` for the
    child's page, `unit` for the issuing unit.
    """

    text: str
    mend: str = ""
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preview."""

    label: str
    value: str
    covered: bool = False
