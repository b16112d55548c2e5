"""Reads calendar entries from a county's calendar file, every mistake at once."""

from itertools import combinations
from typing import Any

from agencies.choices import CalendarKind
from agencies.rules.calendar import LONGEST_TERM, Entry, dated
from agencies.rules.county_text import Report, Table
from agencies.rules.policy_schema import Mistake

KINDS = frozenset(CalendarKind.values)
# What one file cannot say of one day; which of the two would hold is nobody's to guess.
_CLASHES = (
    {CalendarKind.TERM},
    {CalendarKind.HOLIDAY, CalendarKind.MAKEUP_WORKDAY},
    {CalendarKind.CLOSED, CalendarKind.OPEN},
    {CalendarKind.HALVES, CalendarKind.WHOLE},
)
# Letters, as many as the record of an entry keeps.
LONGEST_NAME, LONGEST_SOURCE = 60, 120


def load_entries(
    data: dict[str, Any], source: str, text: str = "", depth: int = 0
) -> tuple[tuple[Entry, ...], list[Mistake]]:
    """The `[[days]]` of a calendar file at one nearness (0 national, 1 county …); none if any is wrong."""
    report = Report(source, text)
    table = Table(data, (), report)
    entries = tuple(read_entry(t, depth) for t in table.tables("days", required=True))
    table.finish()
    _refuse_clashes(entries, report)
    return (() if report.mistakes else entries), report.mistakes


def _refuse_clashes(entries: tuple[Entry, ...], report: Report) -> None:
    for (_, one), (place, other) in combinations(enumerate(entries), 2):
        same_days = one.first_day <= other.last_day and other.first_day <= one.last_day
        if same_days and one.grade == other.grade and {one.kind, other.kind} in _CLASHES:
            said = f"与“{one.name}”（{dated(one.first_day)}至{dated(one.last_day)}）的日期重叠"
            report.add(("days", place, "first_day"), said, "同一天只能写一种，请核对两处的日期")


def read_entry(table: Table, depth: int) -> Entry:
    """One `[[days]]` table; a single day may be written as `day` instead of first_day and last_day."""
    if table.has("day"):
        first = last = table.day("day")
    else:
        first, last = table.day("first_day"), table.day("last_day")
    if last < first:
        table.wrong("last_day", "末日早于首日", "请核对 first_day 与 last_day")
    entry = Entry(
        kind=CalendarKind(table.word("kind", KINDS) or CalendarKind.HOLIDAY),
        first_day=first,
        last_day=last,
        name=table.text("name", most=LONGEST_NAME),
        source=table.text("source", required=False, most=LONGEST_SOURCE),
        depth=depth,
        grade=table.whole("grade", 1, 12, required=False),
    )
    if entry.kind == CalendarKind.TERM and (last - first).days > LONGEST_TERM:
        table.wrong("last_day", f"学期超过{LONGEST_TERM}天", "请核对 first_day 与 last_day，一个学期写一条")
    table.finish()
    return entry
