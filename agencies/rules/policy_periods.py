"""The weeks, months, quarters, terms and years in which something recurs."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar, add_months

WEEK = timedelta(days=7)
MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Period(NamedTuple):
    """A week, month, quarter, term or year; both days included."""

    first: date
    last: date


def period_of(calendar: Calendar, every: str, day: date) -> Period | None:
    """The week (from Monday), month, quarter, year or term of a day; in a break the next term; None if unknown."""
    if every == "term":
        term = calendar.term_at(day)
        return None if term is None else Period(term.first_day, term.last_day)
    return _by_date(every, day)


@lru_cache(maxsize=4096)
def _by_date(every: str, day: date) -> Period:
    """The week, month, quarter or year of a day: the same for every child, asked for each of its periods."""
    if every == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + WEEK - ONE_DAY)
    months = MONTHS[every]
    start = day.replace(month=day.month - (day.month - 1) % months, day=1)
    return Period(start, add_months(start, months) - ONE_DAY)
