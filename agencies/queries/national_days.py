"""The published national holidays and make-up workdays of a year, as calendar entries."""

from datetime import date, timedelta
from itertools import groupby

import chinese_calendar

from agencies.choices import CalendarKind
from agencies.rules.calendar import Entry

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def _days_of(year: int) -> list[tuple[date, CalendarKind, str]]:
    found: list[tuple[date, CalendarKind, str]] = []
    day = date(year, 1, 1)
    while day.year == year:
        off, name = chinese_calendar.get_holiday_detail(day)
        if off and name:
            found.append((day, CalendarKind.HOLIDAY, _NAMES.get(name, name)))
        elif not off and day.weekday() >= 5:
            found.append((day, CalendarKind.MAKEUP_WORKDAY, f"{_NAMES.get(name or '', '')}调休"))
        day += timedelta(days=1)
    return found


def _spans(days: list[tuple[date, CalendarKind, str]]) -> list[tuple[date, date, CalendarKind, str]]:
    def run(item: tuple[int, tuple[date, CalendarKind, str]]) -> tuple[int, str, str]:
        index, (day, kind, name) = item
        return day.toordinal() - index, kind, name

    spans = []
    for _, grouped in groupby(enumerate(days), key=run):
        members = [day for _, day in grouped]
        spans.append((members[0][0], members[-1][0], members[0][1], members[0][2]))
    return spans


def national_entries(year: int) -> tuple[Entry, ...]:
    """The holidays, the make-up workdays and the line that the year is published; empty for one not yet published.

    Source: 国务院办公厅关于部分节假日安排的通知, by way of the chinesecalendar table.
    """
    try:
        spans = _spans(_days_of(year))
    except NotImplementedError:
        return ()
    whole = (date(year, 1, 1), date(year, 12, 31), CalendarKind.PUBLISHED, f"{year}年")
    return tuple(
        Entry(kind=kind, first_day=first, last_day=last, name=name, source=f"国务院办公厅{year}年通知")
        for first, last, kind, name in (*spans, whole)
    )
