"""Read the dates people type into spreadsheets: 20130512, 2013.5.12, 2013年5月, 41406."""

import datetime
import re
from dataclasses import dataclass

EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
SIX_DIGITS = re.compile(r"(\d{4})(\d{2})(?:\.0)?")
PARTS = re.compile(
    r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*(?:[-./月]\s*(\d{1,2})\s*[日号]?|月)?\s*(?:T?\s*0?0:00(?::00)?(?:\.0+)?)?"
)
SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
# Day 0 of the 1900 date system of spreadsheets, its invented 29 February 1900 allowed for.
SERIAL_ZERO = datetime.date(1899, 12, 30)
LOWEST_SERIAL, HIGHEST_SERIAL = 18264, 54788  # 1950-01-01 to 2049-12-31


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as far as it was written; `day` is None where only year and month stand there."""

    year: int
    month: int
    day: int | None

    @property
    def date(self) -> datetime.date | None:
        """The whole date, or None where the day is missing."""
        return None if self.day is None else datetime.date(self.year, self.month, self.day)


def read_date(text: str) -> ReadDate | None:
    """Read a cleaned text as a date; None where it is none.

    `2013.1` is refused: a spreadsheet writes January and October (2013.10) alike.
    """
    if serial := SERIAL.fullmatch(text):
        return _from_serial(int(serial[1]))
    for shape in (EIGHT_DIGITS, SIX_DIGITS, PARTS):
        if found := shape.fullmatch(text):
            return None if is_ambiguous_month(text) else _checked(found.groups())
    return None


def is_ambiguous_month(text: str) -> bool:
    """Whether the text is a year and `.1`: January, or October whose last zero a spreadsheet dropped."""
    return re.fullmatch(r"\d{4}\.1", text) is not None


def _from_serial(days: int) -> ReadDate | None:
    if not LOWEST_SERIAL <= days <= HIGHEST_SERIAL:
        return None
    day = SERIAL_ZERO + datetime.timedelta(days=days)
    return ReadDate(day.year, day.month, day.day)


def _checked(groups: tuple[str | None, ...]) -> ReadDate | None:
    year, month = int(groups[0] or 0), int(groups[1] or 0)
    day = int(groups[2]) if len(groups) > 2 and groups[2] else None
    try:
        datetime.date(year, month, day or 1)
    except ValueError:
        return None
    return ReadDate(year, month, day if day else None)
