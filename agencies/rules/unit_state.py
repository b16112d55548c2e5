"""How a unit's recurring duty stands: owed or not, done, due or overdue; what a record of it must say."""

from datetime import date, timedelta
from typing import Final

from agencies.rules.calendar import dated
from agencies.rules.unit_occurrences import Occurrence
from agencies.rules.unit_schema import Agency, UnitDuty

OVERDUE, OPEN, DONE_LATE, DONE = "overdue", "open", "done_late", "done"
STATES: Final = {OVERDUE: "逾期未办", OPEN: "待办", DONE_LATE: "逾期办结", DONE: "已办"}
# Natural days back to which undone periods stay on the list: one quarter.
LOOK_BACK: Final = 92
# What falls due within so many natural days is shown unfolded beside what is overdue.
SOON: Final = 7
# Overdue periods of one duty that a list shows one by one; the older ones are one line.
SHOWN_LATE: Final = 3


def is_owed(occurrence: Occurrence, opened: date | None, closed: date | None, adopted: date) -> bool:
    """Whether a unit owes the period: on its due date the unit existed and the plan was already adopted.

    So a unit founded, closed or put under another plan in mid-period owes what falls due while it is both.
    """
    due = occurrence.due_on
    return due >= adopted and (opened is None or due >= opened) and (closed is None or due <= closed)


def state_of(occurrence: Occurrence, done_on: date | None, on: date) -> str:
    """How one period stands on a day."""
    if done_on is not None:
        return DONE if done_on <= occurrence.due_on else DONE_LATE
    return OVERDUE if occurrence.due_on < on else OPEN


def is_shown(occurrence: Occurrence, state: str, on: date) -> bool:
    """The periods that run or are still to fall due, and those that have passed undone."""
    return state == OVERDUE or max(occurrence.last, occurrence.due_on) >= on


def group_of(state: str, due_on: date, on: date) -> str:
    """Under which heading of the list a period stands: late, soon, later or done."""
    if state in (DONE, DONE_LATE):
        return "done"
    if state == OVERDUE:
        return "late"
    return "soon" if due_on <= on + timedelta(days=SOON) else "later"


def is_member(agency: Agency, name: str, code: str) -> bool:
    """Whether a unit of the tree is this member unit of the plan: by its name, or by the plan's key as its code."""
    return agency.name == name or agency.key == code


def record_mistakes(duty: UnitDuty, occurrence: Occurrence, done_on: date, on: date) -> dict[str, str]:
    """What is wrong with the day of a record, by field; {} where nothing is."""
    if done_on > on:
        return {"done_on": f"办理日期不能晚于今天（{dated(on)}），请改正。"}
    if done_on < occurrence.first and duty.every != "once":
        return {"done_on": f"办理日期早于本期首日（{dated(occurrence.first)}），请登记到相应的一期，或改正日期。"}
    return {}
