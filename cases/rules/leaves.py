"""When leave has become long: the run of days on leave that a plan asks about (长期请假)."""

from datetime import date

from agencies.choices import DayType
from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import LeaveTrigger
from cases.rules.prepared import prepared
from students.rules.attendance import EXCUSED, PAUSED, UNKNOWN, RollDays, is_new_term


def long_leave(trigger: LeaveTrigger, calendar: Calendar, roll: RollDays) -> list[int] | None:
    """The places of the days of the first leave that is long enough, up to the day it became so; None before.

    Whole days on leave in a row, of whatever reason. A day at school (half of one too), a day without leave and a
    new term end the leave; a day nobody kept a register of neither counts nor ends it.
    """
    days, places = roll.days, list[int]()
    for place, one in enumerate(roll.said):
        if one.kind == EXCUSED and one.excused == one.halves:
            if places and is_new_term(calendar, days[places[-1]], days[place]):
                places = []
            places.append(place)
            if _is_long(trigger, calendar, len(places), days[places[0]], days[place]):
                return places
        elif places and not (one.kind in (UNKNOWN, PAUSED) or one.excused + one.unknown == one.halves):
            places = []
    return None


def first_long_leave(policy: Policy, calendar: Calendar, roll: RollDays) -> date | None:
    """The first day of the leave that is the first to be long under any step of the plan."""
    triggers = prepared(policy).leaves
    found = [places for trigger in triggers if (places := long_leave(trigger, calendar, roll)) is not None]
    first = min(found, key=lambda places: places[-1], default=None)
    return None if first is None else roll.days[first[0]]


def _is_long(trigger: LeaveTrigger, calendar: Calendar, count: int, first: date, last: date) -> bool:
    """Whether a leave from `first` to `last`, of so many school days, is as long as the trigger asks."""
    if trigger.day_type == DayType.NATURAL:
        count = (last - first).days + 1
    elif trigger.day_type == DayType.WORKING:
        count = sum(calendar.is_working(first + ONE_DAY * i) for i in range((last - first).days + 1))
    return count > trigger.days if trigger.comparison == "more_than" else count >= trigger.days
