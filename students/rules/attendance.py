"""Counts absence from the roll: runs, window sums, unknown and excused days, as the plan says."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import accumulate, compress, pairwise
from typing import NamedTuple, Protocol, TypeVar

from agencies.rules.calendar import BOTH, Calendar, dated
from agencies.rules.policy_schema import Counting
from students.choices import AbsenceReason, PartOfDay
from students.rules.roll import BITS

CHINA = timezone(timedelta(hours=8))
WHOLE_DAY = 2
PRESENT, ABSENT, EXCUSED, UNKNOWN, PAUSED = range(5)
ALL_DAY = PartOfDay.DAY
HALVES = (0, 1, 1, 2)
BREAK_GAP = timedelta(days=5)

# Counting where no plan speaks: the cached spell table, lists before a plan is adopted.
DEFAULT_COUNTING = Counting(
    absence="in_a_row",
    half_day="half",
    excused="ends",
    unknown="pauses",
    term_break="pauses",
    unexcused=frozenset({AbsenceReason.UNEXCUSED, AbsenceReason.WHEREABOUTS_UNKNOWN}),
)


class Recorded(Protocol):
    """A fact with the moments at which it became known and was taken back."""

    @property
    def recorded_at(self) -> datetime: ...
    @property
    def superseded_at(self) -> datetime | None: ...


Fact = TypeVar("Fact", bound=Recorded)


@dataclass(frozen=True, slots=True)
class Mark:
    """One child not present on one day or half day; a corrected mark carries `superseded_at`."""

    day: date
    part: PartOfDay
    reason: AbsenceReason
    recorded_at: datetime
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RollFacts:
    """The roll of one child: its marks, and the days on which the class register was taken, with when.

    `halves`: registers of half a day, by day and by the half they cover; most classes have none.
    """

    marks: tuple[Mark, ...] = ()
    taken: Mapping[date, datetime] = field(default_factory=dict)
    halves: Mapping[date, Mapping[int, datetime]] = field(default_factory=dict)


class Attendance(NamedTuple):
    """What the roll says of a child on one school day, and the half days absent without and with excuse.

    `unknown`: half days of which no register says anything; `halves`: half days the school was open.
    """

    kind: int
    unexcused: int = 0
    excused: int = 0
    unknown: int = 0
    halves: int = WHOLE_DAY


# Nearly every day is one of these.
THERE = Attendance(PRESENT)
AWAY = Attendance(ABSENT, unexcused=WHOLE_DAY)
ON_LEAVE = Attendance(EXCUSED, excused=WHOLE_DAY)
NOT_TAKEN = Attendance(UNKNOWN, unknown=WHOLE_DAY)
STOPPED = Attendance(PAUSED)


class RollDays(NamedTuple):
    """The school days of a child in order, a list for each thing said of them.

    `moments`: when that was recorded, None where no register says anything.
    """

    days: list[date]
    said: list[Attendance]
    moments: list[datetime | None]

    def since(self, first: date) -> "RollDays":
        """The school days from one day on."""
        place = bisect_left(self.days, first)
        return RollDays(self.days[place:], self.said[place:], self.moments[place:]) if place else self


class Tally(NamedTuple):
    """Everything counted up to a day.

    The counted days in order, a list for each thing said of them: when each was recorded, the half days counted before
    it (and in all), the place at which the run up to it begins, and that of the first day within its window.
    """

    days: list[date]
    moments: list[datetime | None]
    totals: list[int]
    runs: list[int]
    windows: list[int]
    run_halves: int
    run_since: date | None
    window_halves: int

    def halves(self, first: int, last: int) -> int:
        """The half days counted from one place to another, both included."""
        return self.totals[last + 1] - self.totals[first]


class Spell(NamedTuple):
    """A run of unexcused school days."""

    first_day: date
    last_day: date
    half_days: int


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in China (one time zone); a naive moment is taken as local."""
    return moment.date() if moment.tzinfo is None else moment.astimezone(CHINA).date()


def in_days(halves: int) -> Decimal:
    """Half days as days: 7 → 3.5."""
    whole, half = divmod(halves, 2)
    return Decimal(f"{whole}.5") if half else Decimal(whole)


def was_valid(recorded_at: datetime, superseded_at: datetime | None, known_at: datetime | None) -> bool:
    """Whether a fact counted: as now known (`known_at` None), or as known at that moment."""
    if known_at is None:
        return superseded_at is None
    return recorded_at <= known_at and (superseded_at is None or superseded_at > known_at)


def open_halves(calendar: Calendar, day: date, part: str) -> int:
    """How many half days of school a mark of a part of the day covers: one for 全天 where half the day is off."""
    return HALVES[BITS[PartOfDay(part)] & calendar.half_days.get(day, BOTH)]


def valid_facts(facts: Iterable[Fact], known_at: datetime | None) -> list[Fact]:
    """The facts that counted: as now known (`known_at` None), or as known at that moment."""
    # The usual question, what is now known, is answered without a call for each fact.
    if known_at is None:
        return [fact for fact in facts if fact.superseded_at is None]
    return [fact for fact in facts if was_valid(fact.recorded_at, fact.superseded_at, known_at)]


def roll_days(
    counting: Counting,
    calendar: Calendar,
    roll: RollFacts,
    first: date,
    on: date,
    known_at: datetime | None = None,
    paused: frozenset[date] = frozenset(),
) -> RollDays:
    """The child's school days from `first` to `on`, in order; marks on closed days do not appear."""
    whole, parted = _marked(roll.marks, known_at)
    apart = {*paused, *parted, *roll.halves, *calendar.half_days}
    taken, unexcused, days = roll.taken, counting.unexcused, calendar.school_days(first, on)
    said, moments = list[Attendance](), list[datetime | None]()
    for day in days:
        if day in apart:
            marks = parted.get(day) or ([whole[day]] if day in whole else [])
            one, when = _apart(counting, calendar, roll, day, marks, known_at, is_paused=day in paused)
        elif (mark := whole.get(day)) is not None:
            one, when = AWAY if mark.reason in unexcused else ON_LEAVE, mark.recorded_at
        elif (when := taken.get(day)) is not None and (known_at is None or when <= known_at):
            one = THERE
        else:
            one, when = NOT_TAKEN, None
        said.append(one)
        moments.append(when)
    return RollDays(days, said, moments)


def _marked(marks: Iterable[Mark], known_at: datetime | None) -> tuple[dict[date, Mark], dict[date, list[Mark]]]:
    """The mark of each day that has just one, of the whole day; the marks of each other day."""
    valid = valid_facts(marks, known_at)
    whole = {mark.day: mark for mark in valid if mark.part == ALL_DAY}
    if len(whole) == len(valid):
        return whole, {}
    by_day: dict[date, list[Mark]] = {}
    for mark in valid:
        by_day.setdefault(mark.day, []).append(mark)
    parted = {day: own for day, own in by_day.items() if len(own) > 1 or own[0].part != ALL_DAY}
    return {day: mark for day, mark in whole.items() if day not in parted}, parted


def _apart(
    counting: Counting,
    calendar: Calendar,
    roll: RollFacts,
    day: date,
    marks: list[Mark],
    known_at: datetime | None,
    *,
    is_paused: bool,
) -> tuple[Attendance, datetime | None]:
    """A day on which the clocks stand still, or that is not as one mark or one register of the whole day says."""
    if is_paused:
        return STOPPED, None
    absent, excused, recorded = _masked(counting, marks)
    if day in roll.halves or day in calendar.half_days:
        return _by_halves(day, (absent, excused, recorded), roll, calendar.half_days.get(day, BOTH), known_at)
    kind = ABSENT if absent else EXCUSED
    return Attendance(kind, HALVES[absent], HALVES[excused & ~absent]), recorded


def _masked(counting: Counting, marks: list[Mark]) -> tuple[int, int, datetime | None]:
    """The halves of a day absent without and with excuse as bit masks, and when the last of its marks was recorded."""
    absent = excused = 0
    for mark in marks:
        if mark.reason in counting.unexcused:
            absent |= BITS[mark.part]
        else:
            excused |= BITS[mark.part]
    return absent, excused, max((mark.recorded_at for mark in marks), default=None)


def _by_halves(
    day: date, mask: tuple[int, int, datetime | None], roll: RollFacts, is_open: int, known_at: datetime | None
) -> tuple[Attendance, datetime | None]:
    """A day with registers of its halves, or with one half only: an unknown half is neither present nor absent."""
    absent, excused, recorded = mask
    absent, excused = absent & is_open, excused & is_open & ~absent
    called, moments = absent | excused, [recorded] if recorded else []
    whole = {BOTH: roll.taken[day]} if day in roll.taken else {}
    for bits, when in (*whole.items(), *roll.halves.get(day, {}).items()):
        if known_at is None or when <= known_at:
            called, moments = called | bits, [*moments, when]
    unknown = HALVES[is_open & ~called]
    if absent:
        kind = ABSENT
    elif excused:
        kind = EXCUSED
    else:
        kind = UNKNOWN if unknown else PRESENT
    return Attendance(kind, HALVES[absent], HALVES[excused], unknown, HALVES[is_open]), max(moments, default=None)


def halves_counted(counting: Counting, one: Attendance) -> int:
    """How many half days a day of the roll adds to the count."""
    extra = (one.excused if counting.excused == "counts" else 0) + (one.unknown if counting.unknown == "counts" else 0)
    if one.kind == ABSENT:
        if one.unexcused == WHOLE_DAY:
            return WHOLE_DAY
        # All of a short day (放半天假) is more than half a day's absence, and no more than its one half.
        alone = one.unexcused if one.unexcused == one.halves else 0
        return {"half": one.unexcused + extra, "whole": WHOLE_DAY, "none": alone}[counting.half_day]
    return extra if one.kind in (EXCUSED, UNKNOWN) else 0


def _ends_run(counting: Counting, one: Attendance) -> bool:
    """Whether a day that adds nothing ends the run (else it only pauses it)."""
    if one.kind == PRESENT:
        return True
    if one.kind == EXCUSED:
        return counting.excused == "ends" or (one.excused + one.unknown < one.halves)
    return one.kind == UNKNOWN and counting.unknown == "ends"


def tally(counting: Counting, calendar: Calendar, roll: RollDays) -> Tally:
    """Counts the given school days: runs in a row and the sum within the plan's window (the term, if none)."""
    if not roll.days:
        return Tally([], [], [0], [], [], 0, None, 0)
    adds, cuts = _counted(counting, calendar, roll)
    days, totals = list(compress(roll.days, adds)), [0, *accumulate(filter(None, adds))]
    runs = _run_firsts(cuts, len(days))
    if counting.window_days is None:
        windows = _term_firsts(calendar, [*days, roll.days[-1]])
    else:
        windows = _window_firsts(counting.window_days, [*compress(range(len(adds)), adds), len(adds) - 1])
    run = totals[-1] - totals[runs[-1]]
    since = days[runs[-1]] if run else None
    moments = list(compress(roll.moments, adds))
    return Tally(days, moments, totals, runs[:-1], windows[:-1], run, since, totals[-1] - totals[windows[-1]])


def _counted(counting: Counting, calendar: Calendar, roll: RollDays) -> tuple[list[int], list[int]]:
    """The half days each day adds to the count; how many days had counted whenever a run was cut."""
    adds, cuts, counted, days = list[int](), list[int](), 0, roll.days
    breaks = counting.term_break == "ends"
    for place, one in enumerate(roll.said):
        if breaks and place and is_new_term(calendar, days[place - 1], days[place]):
            cuts.append(counted)
        # A whole day without leave counts two halves whatever the plan's switches; it is by far the usual mark.
        halves = WHOLE_DAY if one is AWAY else 0 if one is THERE else halves_counted(counting, one)
        adds.append(halves)
        if halves:
            counted += 1
        elif _ends_run(counting, one):
            cuts.append(counted)
    return adds, cuts


def _run_firsts(cuts: list[int], count: int) -> list[int]:
    """The place at which the run up to each counted day begins, that of the present run last."""
    firsts = list[int]()
    for first, end in pairwise(dict.fromkeys([0, *cuts, count])):
        firsts += [first] * (end - first)
    return [*firsts, cuts[-1] if cuts else 0]


def _window_firsts(size: int, places: list[int]) -> list[int]:
    """The first counted day within so many school days of each counted one, and of the last day of all."""
    return [bisect_left(places, place - size + 1, 0, len(places) - 1) for place in places]


def _term_firsts(calendar: Calendar, days: list[date]) -> list[int]:
    """The first counted day within the term of each counted one, and of the last day of all."""
    firsts = list[int]()
    while len(firsts) < len(days):
        day = days[len(firsts)]
        term = calendar.term_of(day)
        first, until = (term.first_day, term.last_day) if term else (day, day)
        firsts += [bisect_left(days, first)] * (bisect_right(days, until) - len(firsts))
    return firsts


def is_new_term(calendar: Calendar, before: date, day: date) -> bool:
    """Whether the later of two school days lies in another term."""
    return day - before > BREAK_GAP and not calendar.same_term(before, day)


def spells(roll: RollFacts, calendar: Calendar, on: date, counting: Counting = DEFAULT_COUNTING) -> list[Spell]:
    """The runs of unexcused school days up to `on`, oldest first."""
    days = [mark.day for mark in roll.marks]
    if not days:
        return []
    count = tally(counting, calendar, roll_days(counting, calendar, roll, min(days), on))
    # Of each run the last day counted is the one that stays.
    lasts = {first: place for place, first in enumerate(count.runs)}
    return [
        Spell(count.days[first], count.days[last], count.halves(first, last)) for first, last in sorted(lasts.items())
    ]


def explain_days(
    counting: Counting, calendar: Calendar, roll: RollFacts, first: date, last: date, known_at: datetime | None = None
) -> list[str]:
    """One Chinese line per day from `first` to `last`: counted or not, and why; closed days are named too."""
    rows = roll_days(counting, calendar, roll, first, last, known_at)
    told = dict(zip(rows.days, rows.said, strict=True))
    reasons = {mark.day: str(mark.reason.label) for mark in valid_facts(roll.marks, known_at)}
    lines = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        one = told.get(day)
        said = calendar.why_closed(day) + "，不计" if one is None else _say(counting, one, reasons.get(day, ""))
        lines.append(f"{dated(day)} {said}")
    return lines


def _say(counting: Counting, one: Attendance, reason: str) -> str:
    halves = halves_counted(counting, one)
    if one.kind == PRESENT:
        return "到校"
    if one.kind == UNKNOWN:
        reason = "未点名" if one.unknown == one.halves else "半天未点名"
    if halves:
        return f"{reason}，计{in_days(halves)}天"
    return f"{reason}，不计，连续中断" if _ends_run(counting, one) else f"{reason}，不计，不中断"
