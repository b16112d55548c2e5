"""When leave has become long: the run of days on leave that a plan asks about (长期请假)."""

from agencies.choices import DayType
from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import LeaveTrigger
from cases.rules.prepared import prepared
from students.rules.attendance import EXCUSED, PAUSED, UNKNOWN, RollDay, is_new_term


def long_leave(trigger: LeaveTrigger, calendar: Calendar, rows: list[RollDay]) -> list[RollDay] | None:
    """The days of the first leave that is long enough, up to the day it became so; None while there is none.

    Whole days on leave in a row, of whatever reason. A day at school (half of one too), a day without leave and a
    new term end the leave; a day nobody kept a register of neither counts nor ends it.
    """
    days: list[RollDay] = []
    for row in rows:
        if row.kind == EXCUSED and row.excused == row.halves:
            if days and is_new_term(calendar, days[-1].day, row.day):
                days = []
            days.append(row)
            if _is_long(trigger, calendar, days):
                return days
        elif days and not (row.kind in (UNKNOWN, PAUSED) or row.excused + row.unknown == row.halves):
            days = []
    return None


def first_long_leave(policy: Policy, calendar: Calendar, rows: list[RollDay]) -> list[RollDay] | None:
    """The long leave that begins earliest under any step of the plan."""
    found = [days for trigger in prepared(policy).leaves if (days := long_leave(trigger, calendar, rows)) is not None]
    return min(found, key=lambda days: days[-1].day, default=None)


def _is_long(trigger: LeaveTrigger, calendar: Calendar, days: list[RollDay]) -> bool:
    count = len(days)
    if trigger.day_type == DayType.NATURAL:
        count = (days[-1].day - days[0].day).days + 1
    elif trigger.day_type == DayType.WORKING:
        span = (days[0].day + ONE_DAY * i for i in range((days[-1].day - days[0].day).days + 1))
        count = sum(calendar.is_working(day) for day in span)
    return count > trigger.days if trigger.comparison == "more_than" else count >= trigger.days
