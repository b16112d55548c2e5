"""The school years around a day: terms as counties usually set them, and the days a demonstration fills."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from agencies.actions import calendars
from agencies.choices import CalendarKind
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from agencies.rules.calendar import Calendar
from agencies.scope import Actor

# The tales reach this many school days back, across a term break if need be.
LEAST_DAYS = 45
# As many as a whole term has, whatever day it is: what peers were measured with.
LARGE_DAYS = 100


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """An aware moment of a day in the county's time zone."""
    return datetime.combine(day, time(hour, minute), timezone.get_default_timezone())


def _on_or_before(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def terms_of(year: int) -> list[tuple[date, date, str]]:
    """The terms that begin in a year: spring from the last Monday of February to 5 July, autumn to 22 January."""
    spring = date(year, 2, 22) + timedelta(days=-date(year, 2, 22).weekday() % 7)
    return [
        (spring, _on_or_before(date(year, 7, 5), 4), f"{year - 1}-{year}学年第二学期"),
        (date(year, 9, 1), _on_or_before(date(year + 1, 1, 22), 4), f"{year}-{year + 1}学年第一学期"),
    ]


def seed_calendar(*, by: Actor, county: Unit, on: date, now: datetime) -> Calendar:
    """Enter the national table and the terms of the years around `on`; the county's calendar."""
    years = [on.year - 1, on.year, on.year + 1]
    calendars.seed_national(by=by, years=years, now=now)
    for year in years:
        for first, last, name in terms_of(year):
            calendars.add_entry(
                by=by, unit=county, kind=CalendarKind.TERM, first_day=first, last_day=last, name=name, now=now
            )
    return calendar_of(county, on)


def days_to_fill(calendar: Calendar, on: date, least: int = LEAST_DAYS) -> list[date]:
    """The school days of the term of the last school day up to `on`, at least `least`: earlier terms lend the rest."""
    back = calendar.school_days(on - timedelta(days=400), on)
    if not back:
        raise ValueError("这一天之前没有上课日，无法生成演示数据，请换一个日期。")
    term = calendar.term_of(back[-1])
    first = term.first_day if term else back[-1]
    in_term = [day for day in back if day >= first]
    return in_term if len(in_term) >= least else back[-least:]
