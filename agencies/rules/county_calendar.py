"""Reads calendar entries from a county's calendar file, every mistake at once."""

from typing import Any

from agencies.choices import CalendarKind
from agencies.rules.calendar import LONGEST_TERM, Entry
from agencies.rules.county_text import Report, Table
from agencies.rules.policy_schema import Mistake

KINDS = frozenset(CalendarKind.values)


def load_entries(
    data: dict[str, Any], source: str, text: str = "", depth: int = 0
) -> tuple[tuple[Entry, ...], list[Mistake]]:
    """The `[[days]]` of a calendar file at one nearness (0 national, 1 county …); none if any is wrong."""
    report = Report(source, text)
    table = Table(data, (), report)
    entries = tuple(read_entry(t, depth) for t in table.tables("days", required=True))
    table.finish()
    return (() if report.mistakes else entries), report.mistakes


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
        name=table.text("name"),
        source=table.text("source", required=False),
        depth=depth,
        grade=table.whole("grade", 1, 12, required=False),
    )
    if entry.kind == CalendarKind.TERM and (last - first).days > LONGEST_TERM:
        table.wrong("last_day", f"学期超过{LONGEST_TERM}天", "请核对 first_day 与 last_day，一个学期写一条")
    table.finish()
    return entry
