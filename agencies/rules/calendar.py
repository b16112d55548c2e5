"""Which days are natural, working and school days, and how a limit counts them."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from agencies.choices import CalendarKind, DayType

ONE_DAY = timedelta(days=1)
WEEKDAYS = "一二三四五六日"
# A limit in school days that runs past every known term is counted on working days, marked provisional.
TERM_NOT_KNOWN = "校历未载入"
# Half days as bits: which of them a school day has, which of them a register or a mark covers.
MORNING, AFTERNOON = 1, 2
BOTH = MORNING | AFTERNOON
_CLOSES = {CalendarKind.CLOSED_AM: MORNING, CalendarKind.CLOSED_PM: AFTERNOON}
_HALVES = {MORNING: "上午", AFTERNOON: "下午"}
SEARCH_LIMIT = 800
SHORTEST_MONTH = 28
# Natural days; a longer “term” is a whole year typed by mistake.
LONGEST_TERM = 240
# Holidays on fixed dates, known before the yearly notice (全国年节及纪念日放假办法 art. 2, from 2025).
FIXED_HOLIDAYS = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a calendar: what it says about the days from `first_day` to `last_day`, both included.

    `depth` is nearness to the child: 0 national, then county, township, school, class. `grade` narrows the line
    to one grade; `narrowed` drops the lines of other grades.
    """

    kind: CalendarKind
    first_day: date
    last_day: date
    name: str
    source: str
    depth: int = 0
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class DayNote:
    """One day of an arithmetic: the how-manieth it is (0 = not counted) and why, as a Chinese word."""

    day: date
    number: int
    note: str

    @property
    def counted(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Due:
    """A date reached by counting, with every day walked over; `provisional` = 暂算, holidays not yet published."""

    on: date
    steps: tuple[DayNote, ...]
    provisional: bool


@dataclass(frozen=True, slots=True)
class _Day:
    working: bool
    school: bool
    provisional: bool
    work_note: str
    school_note: str


def dated(day: date) -> str:
    """A date as every screen shows it: 2026-10-10（周六）."""
    return f"{day.isoformat()}（周{WEEKDAYS[day.weekday()]}）"


def add_months(day: date, months: int) -> date:
    """The day of the same number so many months later (or earlier), else that month's last (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_end(day: date, months: int, *, count_first: bool = False) -> date:
    """The last day of a limit of months that runs from `day`; a day earlier where that day itself counts."""
    end = add_months(day, months)
    return end - ONE_DAY if count_first else end


def _each_day(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    return (first + timedelta(days=i) for i in range((last - first).days + 1))


def narrowed(entries: Iterable[Entry], grade: int | None) -> tuple[Entry, ...]:
    """The lines that concern one grade: those for all grades and those for this one."""
    return tuple(e for e in entries if e.grade is None or e.grade == grade)


def _nearness(entry: Entry) -> tuple[int, bool]:
    return entry.depth, entry.grade is not None


def _effective_terms(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """A nearer term replaces the farther ones it overlaps: a school's own dates beat the county's."""
    kept: list[Entry] = []
    for term in sorted((e for e in entries if e.kind == CalendarKind.TERM), key=_nearness, reverse=True):
        overlapped = any(
            k.first_day <= term.last_day and term.first_day <= k.last_day and _nearness(k) > _nearness(term)
            for k in kept
        )
        if not overlapped:
            kept.append(term)
    return tuple(sorted(kept, key=lambda e: (e.first_day, e.last_day)))


@dataclass(frozen=True)
class Calendar:
    """The days as one school (or class) lives them; immutable, answers are remembered inside.

    The entries are already narrowed to one school or class. A working day is a weekday that is no holiday, or a
    make-up workday (调休上班). A school day is a working day inside a term, then overridden by 停课 and 补课
    lines, the nearest winning. Where no term is known nothing is a school day.
    """

    entries: tuple[Entry, ...]
    _terms: tuple[Entry, ...] = field(init=False, repr=False, compare=False)
    _days: dict[date, _Day] = field(init=False, repr=False, compare=False, default_factory=dict)
    _sums: dict[tuple[date, int, DayType, bool], Due] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _school: list[date] = field(init=False, repr=False, compare=False, default_factory=list)
    # School days with one half only (放半天假): which half is open. Empty for nearly every class.
    half_days: dict[date, int] = field(init=False, repr=False, compare=False, default_factory=dict)
    # The first school day of each term, in order.
    term_starts: tuple[date, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_terms", _effective_terms(self.entries))
        spans = [e for e in (*self._terms, *self.entries) if e.kind in (CalendarKind.TERM, CalendarKind.OPEN)]
        if spans:
            first, last = min(e.first_day for e in spans), max(e.last_day for e in spans)
            self._school.extend(day for day in _each_day(first, last) if self._day(day).school)
        firsts = [(term, self.school_days(term.first_day, term.last_day)[:1]) for term in self._terms]
        starts = tuple(day for term, days in firsts for day in days if self.term_of(day) is term)
        object.__setattr__(self, "term_starts", starts)
        for entry in self.entries:
            if entry.kind in _CLOSES:
                days = _each_day(entry.first_day, entry.last_day)
                self.half_days.update({day: self.halves_open(day) for day in days if self._day(day).school})

    def is_working(self, day: date) -> bool:
        """A 工作日: a weekday that is no holiday, or a make-up workday."""
        return self._day(day).working

    def is_school_day(self, day: date) -> bool:
        """A day the school is open for this class."""
        return self._day(day).school

    def halves_open(self, day: date) -> int:
        """Which halves of a school day there is school, as bits: BOTH but for a 上午停课 or 下午停课."""
        closed = 0
        for entry in self.entries:
            if entry.kind in _CLOSES and entry.first_day <= day <= entry.last_day:
                closed |= _CLOSES[entry.kind]
        return BOTH & ~closed

    @property
    def halved(self) -> bool:
        """Whether a register of half a day may be owed at some time: most calendars know of none."""
        return any(e.kind in _CLOSES or e.kind == CalendarKind.HALVES for e in self.entries)

    def registers(self, day: date) -> tuple[int, ...]:
        """The registers a school day owes, each as the half days it covers: one of the whole day, or one each half."""
        is_open = self.half_days.get(day, BOTH)
        if is_open != BOTH:
            return (is_open,)
        said = [
            e
            for e in self.entries
            if e.kind in (CalendarKind.HALVES, CalendarKind.WHOLE) and e.first_day <= day <= e.last_day
        ]
        keeps_halves = bool(said) and max(said, key=_nearness).kind == CalendarKind.HALVES
        return (MORNING, AFTERNOON) if keeps_halves else (BOTH,)

    def is_provisional(self, day: date) -> bool:
        """No published holiday table covers the day, so anything computed on it is 暂算."""
        return self._day(day).provisional

    def why_closed(self, day: date) -> str:
        """Why the day is no school day (国庆节放假, 周六, 暑假, 停课…); empty on a school day."""
        info = self._day(day)
        return "" if info.school else info.school_note

    def why_not_working(self, day: date) -> str:
        """Why the day is no working day (国庆节放假, 周六); empty on a working day."""
        info = self._day(day)
        return "" if info.working else info.work_note

    def label(self, day: date) -> str:
        """The date with its weekday and what is special about it: 2026-10-10（周六，调休上班）."""
        note = self._day(day).work_note
        special = f"，{note}" if note and not note.startswith("周") else ""
        if is_open := self.half_days.get(day):
            special += f"，只上{_HALVES[is_open]}"
        return f"{day.isoformat()}（周{WEEKDAYS[day.weekday()]}{special}）"

    def term_of(self, day: date) -> Entry | None:
        """The term the day lies in, or None in a break or where no term is known."""
        return next((t for t in self._terms if t.first_day <= day <= t.last_day), None)

    def term_at(self, day: date) -> Entry | None:
        """The term the day lies in or, in a break, the next; None where none is known."""
        return next((t for t in self._terms if t.last_day >= day), None)

    def begins_term(self, day: date) -> bool:
        """Whether the day is the first school day of its term."""
        return day in self.term_starts

    def counts(self, day: date, day_type: DayType) -> bool:
        """Whether a limit in days of this type counts the day."""
        if day_type == DayType.NATURAL:
            return True
        info = self._day(day)
        if day_type == DayType.WORKING:
            return info.working
        return info.school or (info.working and self._beyond_terms(day))

    def add(self, day: date, n: int, day_type: DayType, *, count_first: bool = False) -> Due:
        """The n-th day of the given type after `day` (`day` itself is the first one if `count_first`).

        n = 0 is `day` itself (当天). Source of the rule that the starting day is not counted: 民法典 art. 201.
        """
        key = (day, n, day_type, count_first)
        due = self._sums.get(key)
        if due is None:
            due = self._sums[key] = self._add(day, n, day_type, count_first)
        return due

    def back(self, day: date, n: int, day_type: DayType) -> date:
        """The n-th day of the type before `day`, which is not counted."""
        while n > 0:
            day -= ONE_DAY
            if self.counts(day, day_type):
                n -= 1
        return day

    def roll_forward(self, day: date, to: DayType) -> date:
        """The day itself, or the next day of the type (民法典 art. 203: a limit never ends on a closed day)."""
        return self._roll(day, to, ONE_DAY)

    def roll_back(self, day: date, to: DayType) -> date:
        """The day itself, or the nearest earlier day of the type (reporting dates that may not slip)."""
        return self._roll(day, to, -ONE_DAY)

    def school_days(self, first: date, last: date) -> list[date]:
        """The school days from `first` to `last`, both included, in order."""
        return self._school[bisect_left(self._school, first) : bisect_right(self._school, last)]

    def same_term(self, earlier: date, later: date) -> bool:
        """Whether no term break lies between two school days."""
        return self.term_of(earlier) == self.term_of(later)

    def _roll(self, day: date, to: DayType, step: timedelta) -> date:
        for _ in range(SEARCH_LIMIT):
            if self.counts(day, to):
                return day
            day += step
        return day

    def _add(self, day: date, n: int, day_type: DayType, count_first: bool) -> Due:
        if n <= 0:
            return Due(day, (), False)
        notes: list[DayNote] = []
        number, current = 0, day if count_first else day + ONE_DAY
        for _ in range(SEARCH_LIMIT):
            counted = self.counts(current, day_type)
            number += counted
            notes.append(DayNote(current, number if counted else 0, self._note(current, day_type)))
            if number == n:
                break
            current += ONE_DAY
        unsure = day_type != DayType.NATURAL and any(self._unsure(s.day, day_type) for s in notes)
        return Due(notes[-1].day, tuple(notes), unsure)

    def _unsure(self, day: date, day_type: DayType) -> bool:
        return self.is_provisional(day) or (day_type == DayType.SCHOOL and self._beyond_terms(day))

    def _note(self, day: date, day_type: DayType) -> str:
        info = self._day(day)
        if day_type == DayType.NATURAL:
            return ""
        if day_type == DayType.WORKING:
            return info.work_note
        if info.school_note == TERM_NOT_KNOWN and info.working:
            return "校历未载入，暂按工作日"
        return info.school_note

    def _beyond_terms(self, day: date) -> bool:
        return not self._terms or day > self._terms[-1].last_day

    def _day(self, day: date) -> _Day:
        info = self._days.get(day)
        if info is None:
            info = self._days[day] = self._look_up(day)
        return info

    def _look_up(self, day: date) -> _Day:
        over = [e for e in self.entries if e.first_day <= day <= e.last_day]
        working, work_note = self._working(day, over)
        school, school_note = self._in_school(day, over, working, work_note)
        published = any(e.kind == CalendarKind.PUBLISHED for e in over)
        return _Day(working, school, not published, work_note, school_note)

    @staticmethod
    def _working(day: date, over: list[Entry]) -> tuple[bool, str]:
        said = [e for e in over if e.kind in (CalendarKind.HOLIDAY, CalendarKind.MAKEUP_WORKDAY)]
        if said:
            nearest = max(said, key=_nearness)
            if nearest.kind == CalendarKind.HOLIDAY:
                return False, f"{nearest.name}放假"
            return True, "调休上班"
        fixed = FIXED_HOLIDAYS.get((day.month, day.day))
        if fixed and not any(e.kind == CalendarKind.PUBLISHED for e in over):
            return False, f"{fixed}放假"
        return (day.weekday() < 5), ("" if day.weekday() < 5 else f"周{WEEKDAYS[day.weekday()]}")

    def _in_school(self, day: date, over: list[Entry], working: bool, work_note: str) -> tuple[bool, str]:
        said = [e for e in over if e.kind in (CalendarKind.CLOSED, CalendarKind.OPEN)]
        if said:
            nearest = max(said, key=_nearness)
            if nearest.kind == CalendarKind.OPEN:
                return True, nearest.name or "补课上课"
            return False, f"停课：{nearest.name}" if nearest.name else "停课"
        if self.term_of(day) is None:
            return False, self._break_name(day)
        if working and not self.halves_open(day):
            return False, "停课：上午、下午均停课"
        return working, work_note

    def _break_name(self, day: date) -> str:
        before = [t for t in self._terms if t.last_day < day]
        after = [t for t in self._terms if t.first_day > day]
        if not before or not after:
            return TERM_NOT_KNOWN
        middle = before[-1].last_day + (after[0].first_day - before[-1].last_day) / 2
        return "暑假" if 6 <= middle.month <= 9 else "寒假"
