"""Mergers of units (撤点并校) and moves under another parent: what is refused, what names and past days become."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from agencies.choices import CalendarKind, UnitKind
from agencies.rules.calendar import AFTERNOON, BOTH, MORNING, ONE_DAY, Calendar, dated
from agencies.rules.refusals import FieldSentence
from agencies.rules.tree import CHILDREN

# What a unit may be called (Unit.name).
LONGEST_NAME: Final = 80
# Natural days; an act entered later than a year after it took effect is a wrong year, not a late entry.
FURTHEST_BACK: Final = 366
# Natural days of the past that a class keeps as its old calendar had them: the running school year and the one before.
KEPT_BACK: Final = 730
# The kinds whose own calendar a case goes by.
CALENDAR_KINDS: Final = (UnitKind.CLASS, UnitKind.VILLAGE)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as these rules see it; `path` ends in its own id."""

    id: int
    kind: UnitKind
    name: str
    path: str
    grade: int | None = None
    closed: bool = False
    parent_id: int | None = None

    @property
    def above(self) -> tuple[int, ...]:
        """Ids of the units above it, from the root down."""
        return tuple(int(segment) for segment in self.path.strip("/").split("/"))[:-1]


@dataclass(frozen=True, slots=True)
class Replaced:
    """Of one kind of unit above: which it was and which it is now (None = there was or is none)."""

    kind: UnitKind
    was: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class UnitMove:
    """A unit was merged into another (`into`), or it stands under another parent (`into` None), from the day `on`.

    `gone` and `come` are the units that ceased or began to stand above it; `replaced` the same by kind. `sentence`
    says the act in Chinese, `number` is that of the document it rests on.
    """

    unit: int
    kind: UnitKind
    into: int | None
    on: date
    number: str
    sentence: str
    gone: tuple[int, ...] = ()
    come: tuple[int, ...] = ()
    replaced: tuple[Replaced, ...] = ()

    def instead_of(self, kind: UnitKind) -> Replaced | None:
        """What became of the unit of this kind above, where it changed."""
        return next((row for row in self.replaced if row.kind == kind), None)


def closed_refusal(name: str) -> str:
    """Why nothing new is begun at a unit that was merged, with the remedy."""
    return f"“{name}”已经撤并，请到承接它的单位办理。"


def merge_refusal(unit: Place, into: Place) -> str:
    """Why a unit cannot be merged into another, with the remedy; empty where it can."""
    if unit.kind == UnitKind.COUNTY:
        return "县（市、区）不能在本系统内撤并。"
    if unit.id == into.id:
        return f"不能把“{unit.name}”并入它自己，请选择另一个单位。"
    if sentence := _closed(unit, into):
        return sentence
    if into.path.startswith(unit.path):
        return f"“{into.name}”是“{unit.name}”的下级，请选择同级的单位。"
    if into.kind != unit.kind:
        return f"{unit.kind.label}只能并入{unit.kind.label}；“{into.name}”是{into.kind.label}，请另选。"
    if into.grade != unit.grade:
        return f"“{unit.name}”是{unit.grade}年级，“{into.name}”是{into.grade}年级；请选择同一年级的班级。"
    return _other_county(unit, into)


def move_refusal(unit: Place, parent: Place) -> str:
    """Why a unit cannot be put under another parent, with the remedy; empty where it can."""
    if unit.kind in (UnitKind.COUNTY, UnitKind.TOWNSHIP):
        return f"{unit.kind.label}不能划转到别的单位之下。"
    if parent.path.startswith(unit.path):
        return f"不能把“{unit.name}”划到它自己或其下级之下，请另选。"
    if sentence := _closed(unit, parent):
        return sentence
    if unit.kind not in CHILDREN.get(parent.kind, frozenset()):
        return f"{unit.kind.label}不能设在{parent.kind.label}之下，请另选。"
    if unit.parent_id == parent.id:
        return f"“{unit.name}”现在就在“{parent.name}”之下，不必划转。"
    return _other_county(unit, parent)


def _closed(unit: Place, other: Place) -> str:
    for place in (unit, other):
        if place.closed:
            return f"“{place.name}”已经撤并，请选择仍在的单位。"
    return ""


def _other_county(unit: Place, other: Place) -> str:
    if unit.path.split("/")[0] != other.path.split("/")[0]:
        return f"“{other.name}”不在本县（市、区），跨县的调整请分别在两县办理。"
    return ""


def day_refusal(on: date, today: date, first: date | None) -> str:
    """Why the act cannot take effect on this day; empty where it can. `first`: first day of the unit, if known."""
    if on > today:
        return FieldSentence(f"生效日期{dated(on)}还没有到：可以先查看变动，到当天再确认办理。", "on")
    if (today - on).days > FURTHEST_BACK:
        return FieldSentence(f"生效日期{dated(on)}在一年以前，请核对年份。", "on")
    if first and on <= first:
        return FieldSentence(f"该单位{dated(first)}才启用，生效日期须在此之后。", "on")
    return ""


def kept_name(name: str, taken: Collection[str], origin: str) -> str:
    """The name a unit keeps under its new parent; where it is taken there, where it came from is added."""
    wanted, number = name, 1
    while wanted in taken:
        tail = f"（原{origin}{'' if number == 1 else number}）"
        wanted, number = f"{name[: max(0, LONGEST_NAME - len(tail))]}{tail}"[:LONGEST_NAME], number + 1
        origin = origin[: LONGEST_NAME - 10]
    return wanted


def kept_days(before: Calendar, after: Calendar, first: date, last: date) -> list[tuple[CalendarKind, date, date]]:
    """The lines that keep the past of a class as its old calendar had it, though it now stands under another.

    Only of days on which the two differ, neighbours of one kind together: (kind, first, last). A half day on which
    the new parent alone was closed stays closed: no line of a calendar opens one half.
    """
    spans: dict[CalendarKind, list[tuple[date, date]]] = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for kind in _lines_for(_open(before, day), _open(after, day)):
            found = spans.setdefault(kind, [])
            begun = found.pop()[0] if found and found[-1][1] == day - ONE_DAY else day
            found.append((begun, day))
    return sorted(((kind, *span) for kind, found in spans.items() for span in found), key=lambda line: line[1:])


def _open(calendar: Calendar, day: date) -> int:
    return calendar.halves_open(day) if calendar.is_school_day(day) else 0


def _lines_for(was: int, now: int) -> tuple[CalendarKind, ...]:
    """The lines that make a day with the halves `now` open what it was; a half day opened anew needs two."""
    if was == now:
        return ()
    if was == 0:
        return (CalendarKind.CLOSED,)
    opened = (CalendarKind.OPEN,) if now == 0 else ()
    closed = {MORNING: CalendarKind.CLOSED_AM, AFTERNOON: CalendarKind.CLOSED_PM}.get((now or BOTH) & ~was)
    return (*opened, closed) if closed else opened
