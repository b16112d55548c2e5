"""Counts absence from the roll: runs, window sums, unknown and excused days, as the plan says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from agencies.rules.calendar import BOTH, Calendar, dated
from agencies.rules.policy_schema import Counting
from students.choices import AbsenceReason, PartOfDay
from students.rules.roll import BITS

CHINA = timezone(timedelta(hours=8))
WHOLE_DAY = 2
PRESENT, ABSENT, EXCUSED, UNKNOWN, PAUSED = range(5)
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


class RollDay(NamedTuple):
    """One school day of a child: what the roll says, and the half days absent without and with excuse.

    `unknown`: half days of which no register says anything; `halves`: half days the school was open.
    """

    day: date
    kind: int
    unexcused: int
    excused: int
    recorded_at: datetime | None
    unknown: int = 0
    halves: int = WHOLE_DAY


class Counted(NamedTuple):
    """One counted day: its half days, the run it belongs to so far, and the sum within the window."""

    day: date
    halves: int
    run_halves: int
    run_from: int
    window_halves: int
    recorded_at: datetime | None


# Hundreds are made for each standing: as a bare tuple each costs a quarter of calling the class.
_roll_day: Callable[[tuple[date, int, int, int, datetime | None, int, int]], RollDay] = partial(tuple.__new__, RollDay)
_counted: Callable[[tuple[date, int, int, int, int, datetime | None]], Counted] = partial(tuple.__new__, Counted)


class Tally(NamedTuple):
    """Everything counted up to a day; `counted` indexes runs, `run_from` being the index of a run's first day."""

    counted: list[Counted]
    run_halves: int
    run_since: date | None
    window_halves: int


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


def roll_days(
    counting: Counting,
    calendar: Calendar,
    roll: RollFacts,
    first: date,
    on: date,
    known_at: datetime | None = None,
    paused: frozenset[date] = frozenset(),
) -> list[RollDay]:
    """The child's school days from `first` to `on`, in order; marks on closed days do not appear."""
    marked = _marked(counting, roll.marks, first, on, known_at)
    taken, short = roll.taken, calendar.half_days
    by_half = roll.halves.keys() | short.keys() if roll.halves or short else ()
    days: list[RollDay] = []
    for day in calendar.school_days(first, on):
        mask = marked.get(day)
        if day in paused:
            days.append(RollDay(day, PAUSED, 0, 0, None))
        elif day in by_half:
            days.append(_by_halves(day, mask, roll, short.get(day, BOTH), known_at))
        elif mask is not None:
            absent, excused, recorded = mask
            kind = ABSENT if absent else EXCUSED
            days.append(_roll_day((day, kind, HALVES[absent], HALVES[excused & ~absent], recorded, 0, WHOLE_DAY)))
        else:
            when = taken.get(day)
            known = when is not None and (known_at is None or when <= known_at)
            bare = (
                (day, PRESENT, 0, 0, when, 0, WHOLE_DAY) if known else (day, UNKNOWN, 0, 0, None, WHOLE_DAY, WHOLE_DAY)
            )
            days.append(_roll_day(bare))
    return days


def _by_halves(
    day: date, mask: tuple[int, int, datetime] | None, roll: RollFacts, is_open: int, known_at: datetime | None
) -> RollDay:
    """A day with registers of its halves, or with one half only: an unknown half is neither present nor absent."""
    absent, excused, recorded = mask or (0, 0, None)
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
    return RollDay(day, kind, HALVES[absent], HALVES[excused], max(moments, default=None), unknown, HALVES[is_open])


def _marked(
    counting: Counting, marks: Iterable[Mark], first: date, on: date, known_at: datetime | None
) -> dict[date, tuple[int, int, datetime]]:
    """Per day the halves absent without and with excuse as bit masks, and when the last of them was recorded."""
    unexcused, found = counting.unexcused, dict[date, tuple[int, int, datetime]]()
    for mark in marks:
        day, recorded = mark.day, mark.recorded_at
        if not first <= day <= on:
            continue
        # Asked for every mark: the usual question, what is now known, is answered without a call.
        if (
            mark.superseded_at is not None
            if known_at is None
            else not was_valid(recorded, mark.superseded_at, known_at)
        ):
            continue
        bits = BITS[mark.part]
        absent, excused = (bits, 0) if mark.reason in unexcused else (0, bits)
        before = found.get(day)
        if before is not None:
            absent, excused, recorded = absent | before[0], excused | before[1], max(recorded, before[2])
        found[day] = (absent, excused, recorded)
    return found


def halves_counted(counting: Counting, row: RollDay) -> int:
    """How many half days a day of the roll adds to the count."""
    extra = (row.excused if counting.excused == "counts" else 0) + (row.unknown if counting.unknown == "counts" else 0)
    if row.kind == ABSENT:
        if row.unexcused == WHOLE_DAY:
            return WHOLE_DAY
        # All of a short day (放半天假) is more than half a day's absence, and no more than its one half.
        alone = row.unexcused if row.unexcused == row.halves else 0
        return {"half": row.unexcused + extra, "whole": WHOLE_DAY, "none": alone}[counting.half_day]
    return extra if row.kind in (EXCUSED, UNKNOWN) else 0


def _ends_run(counting: Counting, row: RollDay) -> bool:
    """Whether a day that adds nothing ends the run (else it only pauses it)."""
    if row.kind == PRESENT:
        return True
    if row.kind == EXCUSED:
        return counting.excused == "ends" or (row.excused + row.unknown < row.halves)
    return row.kind == UNKNOWN and counting.unknown == "ends"


def tally(counting: Counting, calendar: Calendar, rows: list[RollDay]) -> Tally:
    """Counts the given school days: runs in a row and the sum within the plan's window (the term, if none)."""
    if not rows:
        return Tally([], 0, None, 0)
    places, halves, runs, froms = _runs(counting, calendar, rows)
    sums = _window_sums(counting, calendar, rows, places, halves)
    counted_rows = [rows[place] for place in places]
    days, moments = [row.day for row in counted_rows], [row.recorded_at for row in counted_rows]
    counted = list(map(_counted, zip(days, halves, runs, froms, sums, moments, strict=False)))
    return Tally(counted, runs[-1], days[froms[-1]] if runs[-1] else None, sums[-1])


def _runs(
    counting: Counting, calendar: Calendar, rows: list[RollDay]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Places of the rows that count, the half days of each; length and first of the run so far, the present last."""
    places, counts, runs, froms = list[int](), list[int](), list[int](), list[int]()
    run, run_from, before = 0, 0, None
    breaks = counting.term_break == "ends"
    for place, row in enumerate(rows):
        day, kind, unexcused, _, _, _, _ = row
        if breaks and before is not None and is_new_term(calendar, before, day):
            run, run_from = 0, len(places)
        before = day
        if kind == PRESENT:
            run, run_from = 0, len(places)
            continue
        # A whole day without leave counts two halves whatever the plan's switches; it is by far the usual mark.
        halves = WHOLE_DAY if kind == ABSENT and unexcused == WHOLE_DAY else halves_counted(counting, row)
        if halves:
            run += halves
            places.append(place)
            counts.append(halves)
            runs.append(run)
            froms.append(run_from)
        elif _ends_run(counting, row):
            run, run_from = 0, len(places)
    return places, counts, [*runs, run], [*froms, run_from]


def _window_sums(
    counting: Counting, calendar: Calendar, rows: list[RollDay], places: list[int], counts: list[int]
) -> list[int]:
    """The half days within the window that ends with each counted row, and with the last row of all."""
    size, sums = counting.window_days, list[int]()
    total, tail, first, until = 0, 0, date.min, date.min
    for place, halves in zip([*places, len(rows) - 1], [*counts, 0], strict=True):
        day = rows[place].day
        total += halves
        if size is not None:
            first = rows[max(place - size + 1, 0)].day
        elif day > until:
            term = calendar.term_of(day)
            first, until = (term.first_day, term.last_day) if term else (day, day)
        while tail < len(places) and rows[places[tail]].day < first:
            total -= counts[tail]
            tail += 1
        sums.append(total)
    return sums


def is_new_term(calendar: Calendar, before: date, day: date) -> bool:
    """Whether the later of two school days lies in another term."""
    return day - before > BREAK_GAP and not calendar.same_term(before, day)


def spells(roll: RollFacts, calendar: Calendar, on: date, counting: Counting = DEFAULT_COUNTING) -> list[Spell]:
    """The runs of unexcused school days up to `on`, oldest first."""
    days = [mark.day for mark in roll.marks]
    if not days:
        return []
    counted = tally(counting, calendar, roll_days(counting, calendar, roll, min(days), on)).counted
    found: dict[int, Spell] = {}
    for entry in counted:
        start = counted[entry.run_from].day
        found[entry.run_from] = Spell(start, entry.day, entry.run_halves)
    return [found[key] for key in sorted(found)]


def explain_days(
    counting: Counting, calendar: Calendar, roll: RollFacts, first: date, last: date, known_at: datetime | None = None
) -> list[str]:
    """One Chinese line per day from `first` to `last`: counted or not, and why; closed days are named too."""
    rows = {row.day: row for row in roll_days(counting, calendar, roll, first, last, known_at)}
    reasons = {m.day: str(m.reason.label) for m in roll.marks if was_valid(m.recorded_at, m.superseded_at, known_at)}
    lines = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        row = rows.get(day)
        said = calendar.why_closed(day) + "，不计" if row is None else _say(counting, row, reasons.get(day, ""))
        lines.append(f"{dated(day)} {said}")
    return lines


def _say(counting: Counting, row: RollDay, reason: str) -> str:
    halves = halves_counted(counting, row)
    if row.kind == PRESENT:
        return "到校"
    if row.kind == UNKNOWN:
        reason = "未点名" if row.unknown == row.halves else "半天未点名"
    if halves:
        return f"{reason}，计{in_days(halves)}天"
    return f"{reason}，不计，连续中断" if _ends_run(counting, row) else f"{reason}，不计，不中断"
