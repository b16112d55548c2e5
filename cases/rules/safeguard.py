"""What a child whose whereabouts are unknown, or who may have been harmed, asks for at once, beside the ladder."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agencies.rules.calendar import dated
from cases.choices import Cause, EventKind
from cases.rules.event_fields import POLICE
from cases.rules.facts import Event
from cases.rules.privacy import cause_words
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import CHINA, RollFacts
from students.rules.roll import BITS

# Guardian called within the hour, 110 on record (未成年人保护法 art. 11).
WANTED = (EventKind.PHONE_CALL, EventKind.POLICE_REPORTED)
HOUR = timedelta(hours=1)
# 强制报告: whoever learns of it at work reports at once and waits for no step (未成年人保护法 art. 11).
TO_REPORT = frozenset({Cause.HARMED, Cause.MARRIAGE})


@dataclass(frozen=True, slots=True)
class Missing:
    """A child whose whereabouts are unknown: since which day, put on record when, and what is still wanted.

    The clock is that of the wall: it starts when the mark (or the entry) was recorded and does not stop for the night.
    """

    since: date
    told_at: datetime
    wanted: tuple[EventKind, ...]

    @property
    def due_at(self) -> datetime:
        """The moment by which the guardian is called and, where the child is not found, the police told."""
        return self.told_at + HOUR


@dataclass(frozen=True, slots=True)
class Alarm:
    """What must be done at once: in one sentence, with the entries that do it, and whether its time is over."""

    text: str
    kinds: tuple[EventKind, ...]
    late: bool
    is_harm: bool = False


def missing(roll: RollFacts, events: Iterable[Event], on: date, *, since: date | None = None) -> Missing | None:
    """How a child whose whereabouts are unknown stands; None where they are known, or all that is wanted was done.

    `since`: facts before this day belong to a case that is closed.
    """
    rows = [event for event in events if event.superseded_at is None and event.happened_on <= on]
    told = [(event.happened_on, event.recorded_at) for event in rows if event.data.get("cause") == Cause.MISSING]
    told += _marked_missing(roll, on)
    found = [event.happened_on for event in rows if _tells_where(event)]
    last = max([*found, *_seen(roll, on)], default=None)
    still = [(day, at) for day, at in told if (last is None or day > last) and (since is None or day >= since)]
    if not still:
        return None
    day, told_at = min(still)
    done = {e.kind for e in rows if e.happened_on >= day and e.recorded_at >= told_at and _counts(e)}
    wanted = tuple(kind for kind in WANTED if kind not in done)
    return Missing(day, told_at, wanted) if wanted else None


def _marked_missing(roll: RollFacts, on: date) -> list[tuple[date, datetime]]:
    """The marks 去向不明 that stand, unless a register of the same afternoon shows the child there."""
    rows = [mark for mark in roll.marks if mark.superseded_at is None and mark.day <= on]
    whole = {mark.day for mark in rows if mark.part != PartOfDay.MORNING}
    return [
        (mark.day, mark.recorded_at)
        for mark in rows
        if mark.reason == AbsenceReason.WHEREABOUTS_UNKNOWN
        and (mark.day in whole or BITS[PartOfDay.AFTERNOON] not in roll.halves.get(mark.day, {}))
    ]


def _tells_where(event: Event) -> bool:
    concluded = event.kind == EventKind.POLICE_CONCLUSION and event.data.get("conclusion") == "found"
    return concluded or event.kind in (EventKind.WHEREABOUTS_FOUND, EventKind.RETURNED)


def _seen(roll: RollFacts, on: date) -> list[date]:
    """Days whose register shows the child at school."""
    away = {mark.day for mark in roll.marks if mark.superseded_at is None}
    return [day for day in {*roll.taken, *roll.halves} if day <= on and day not in away]


def _counts(event: Event) -> bool:
    """A report to another authority than the police is no search for the child."""
    return event.kind != EventKind.POLICE_REPORTED or event.data.get("authority", POLICE) == POLICE


def unreported(events: Iterable[Event], on: date) -> Event | None:
    """The latest entry that names harm or an early marriage and after which no report to an authority is on record."""
    rows = [event for event in events if event.superseded_at is None and event.happened_on <= on]
    told = [event for event in rows if event.data.get("cause") in TO_REPORT]
    last = max(told, key=lambda event: (event.happened_on, event.id), default=None)
    reported = [event.happened_on for event in rows if event.kind == EventKind.POLICE_REPORTED]
    return last if last and not any(day >= last.happened_on for day in reported) else None


def missing_alarm(found: Missing, now: datetime) -> Alarm:
    """The hour's clock in words: marked when, what is to be done by when, and by how much that is over."""
    told, due = found.told_at.astimezone(CHINA), found.due_at.astimezone(CHINA)
    by = f"{due:%H:%M}" if due.date() == told.date() else f"{dated(due.date())}{due:%H:%M}"
    head = f"学生去向不明，{dated(told.date())}{told:%H:%M}登记"
    late = now > found.due_at
    over = f"（已超时{_span(now - found.due_at)}）" if late else ""
    call, police = (kind in found.wanted for kind in WANTED)
    if not call:
        text = f"{head}，已电话联系监护人：仍未找到的，{by}前向110报警并登记{over}；已找到的，登记去向查明。"
        return Alarm(text, (EventKind.POLICE_REPORTED, EventKind.WHEREABOUTS_FOUND), late)
    then = "；仍未找到的，立即向110报警并登记" if police else ""
    return Alarm(f"{head}：{by}前电话联系监护人{over}{then}。", found.wanted, late)


def _span(time: timedelta) -> str:
    if time.days:
        return f"{time.days}天"
    minutes = time.seconds // 60
    return f"{minutes // 60}小时" if minutes >= 60 else f"{max(minutes, 1)}分钟"


def harm_alarm(told: Event, now: datetime) -> Alarm:
    """强制报告 in words, due the day on which it was put on record (natural days), for a reader who may know of it."""
    day = told.recorded_at.astimezone(CHINA).date()
    days = (now.astimezone(CHINA).date() - day).days
    cause = cause_words(told.data["cause"], knows=True)
    over = f"，已超时{days}天" if days > 0 else ""
    text = (
        f"已登记{cause}：须立即（{dated(day)}当天{over}）向公安、民政、教育等部门报告（未成年人保护法第十一条），"
        "不等逐级劝返。"
    )
    return Alarm(text, (EventKind.POLICE_REPORTED,), days > 0, is_harm=True)


def alarms(
    roll: RollFacts,
    events: Iterable[Event],
    now: datetime,
    *,
    knows: Callable[[Event], bool],
    since: date | None = None,
) -> list[Alarm]:
    """Everything a case asks for at once, as this reader may know it (`knows` says so of an entry)."""
    rows, on = list(events), now.astimezone(CHINA).date()
    lost, harm = missing(roll, rows, on, since=since), unreported(rows, on)
    found = [missing_alarm(lost, now)] if lost else []
    return [*found, harm_alarm(harm, now)] if harm and knows(harm) else found
