"""Say what is wrong with a record of teaching at home, and count what was taught in a span of days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from agencies.rules.calendar import dated

# A lesson (课时) at home is shorter than one in class; under this many minutes it is none.
SHORTEST_LESSON: Final = 20
# How long after the day a visit may still be put on record, in natural days.
LATEST: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as written on the record form of 送教上门."""

    visited_on: date
    starts_at: time
    ends_at: time
    lessons: int
    place: str
    teacher: str
    second_teacher: str
    content: str
    performance: str
    feedback: str = ""
    next_on: date | None = None
    next_plan: str = ""


class Taught(NamedTuple):
    """What was taught in a span of days: how many visits, how many lessons (课时)."""

    visits: int
    lessons: int


def minutes(starts_at: time, ends_at: time) -> int:
    """Length of a visit in minutes; negative where it ends before it begins."""
    day = date(2000, 1, 1)
    return int((datetime.combine(day, ends_at) - datetime.combine(day, starts_at)).total_seconds() // 60)


def mistakes(visit: Visit, today: date, now: time) -> dict[str, str]:
    """Sentences by field, each with its remedy; empty if the record can stand.

    Two teachers go together and sign (送教上门记录表); `now` is the hour of `today`.
    """
    found: dict[str, str] = {}
    if visit.visited_on > today:
        found["visited_on"] = f"{dated(visit.visited_on)}还没有到；尚未进行的请填在“下次送教”。"
    elif visit.visited_on < today - LATEST:
        found["visited_on"] = f"只能补登{dated(today - LATEST)}以后的送教，请核对日期。"
    length = minutes(visit.starts_at, visit.ends_at)
    if length <= 0:
        found["ends_at"] = "结束时间应晚于开始时间，请改正。"
    elif visit.visited_on == today and visit.starts_at > now:
        found["starts_at"] = "开始时间还没有到，请送教结束后再登记。"
    elif visit.lessons * SHORTEST_LESSON > length:
        found["lessons"] = f"{length}分钟上不了{visit.lessons}课时（每课时不少于{SHORTEST_LESSON}分钟），请核对。"
    if visit.teacher == visit.second_teacher:
        found["second_teacher"] = "送教须两名教师同行，请填写另一名教师的姓名。"
    if visit.next_on and visit.next_on <= visit.visited_on:
        found["next_on"] = f"下次送教应晚于本次（{dated(visit.visited_on)}），请改正。"
    return found


def taught(visits: Iterable[tuple[date, int]], first: date, last: date) -> Taught:
    """Count (day, lessons) pairs from `first` to `last`, both included."""
    lessons = [count for day, count in visits if first <= day <= last]
    return Taught(len(lessons), sum(lessons))
