"""The support plan of one child (一生一策) as its recorded events leave it: measures, reviews, what is late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from agencies.choices import DayType
from agencies.rules.calendar import Calendar, dated
from cases.choices import EventKind, MeasureKind
from cases.rules.facts import Event
from cases.rules.rounds import as_day, valid_events

# The events a support plan is derived from.
KINDS = (
    *(EventKind.SUPPORT_PLAN, EventKind.PLAN_REVIEWED, EventKind.MEASURE_DONE, EventKind.COMPANION_NAMED),
    EventKind.HELP_BEGUN,
)
# One plan holds at most so many measures; more are no plan any more.
MOST_MEASURES = 10
NO_MEASURE = "请至少写明一项措施。"
# A plan is looked at again after so many natural days, or on the working day after them, unless another day is chosen;
# no source names a number.
REVIEW_AFTER = 30
# Rehabilitation tells of illness or disability (残疾人教育条例 art. 20).
RESTRICTED_KINDS = frozenset({MeasureKind.REHABILITATION})
DONE, LATE, NOW, AHEAD = "done", "late", "now", "ahead"


def review_after(calendar: Calendar, on: date) -> date:
    """The day proposed to look at a plan again: REVIEW_AFTER natural days on, moved to the next working day."""
    return calendar.roll_forward(on + timedelta(days=REVIEW_AFTER), DayType.WORKING)


def rest_day_hint(calendar: Calendar, chosen: date) -> str:
    """What to say of a review day that is no working day, with the working day after it; "" on a working day."""
    if calendar.is_working(chosen):
        return ""
    after = calendar.roll_forward(chosen, DayType.WORKING)
    return f"所选复查日期{dated(chosen)}是休息日，如当天不便办理，可改为{dated(after)}。"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the plan: who does it, from when until when; `key` is kept when the plan is changed."""

    key: str
    kind: MeasureKind
    what: str
    person: str
    first: date | None = None
    last: date | None = None
    done_on: date | None = None
    note: str = ""

    @property
    def is_restricted(self) -> bool:
        """Whether the measure tells of illness or disability."""
        return self.kind in RESTRICTED_KINDS

    def state(self, on: date) -> str:
        """done, late (its last day has passed), now or ahead; by natural days."""
        if self.done_on is not None:
            return DONE
        if self.last is not None and self.last < on:
            return LATE
        return AHEAD if self.first is not None and self.first > on else NOW

    def as_row(self) -> dict[str, str]:
        """The measure as an event's `rows` keep it; what was done about it is a fact of its own."""
        days = {"first": self.first, "last": self.last}
        kept = {"key": self.key, "kind": str(self.kind), "what": self.what, "person": self.person}
        return kept | {name: day.isoformat() for name, day in days.items() if day}


@dataclass(frozen=True, slots=True)
class Review:
    """One stage review (阶段评估)."""

    on: date
    result: str
    changes: str
    next_on: date | None


@dataclass(frozen=True, slots=True)
class SupportPlan:
    """The plan that stands: the last one made, with the reviews since the first and the earlier versions.

    `text` is how the timeline and the ledgers say the measures; older plans have nothing else. `review_due_on` is
    the day of the next review, None where none was fixed.
    """

    event_id: int
    made_on: date
    text: str
    analysis: str
    analysis_restricted: bool
    return_on: date | None
    attendance: str
    companion: str
    companion_unit: str
    measures: tuple[Measure, ...]
    reviews: tuple[Review, ...]
    earlier: tuple[tuple[date, str], ...]
    review_due_on: date | None

    def measure(self, key: str) -> Measure | None:
        """The measure with this key, or None."""
        return next((m for m in self.measures if m.key == key), None)


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a plan asks for now: the sentence, the day it was due, the natural days since, and whose measure it is."""

    text: str
    due_on: date
    late_days: int
    person: str = ""


def support_plan(events: Iterable[Event], on: date, known_at: datetime | None = None) -> SupportPlan | None:
    """The plan as it stands on a day; None where none was made.

    Superseded entries leave; the order in which things were recorded does not matter (the days they happened do).
    """
    valid = [e for e in valid_events(events, on, known_at) if e.kind in KINDS]
    made = [e for e in valid if e.kind == EventKind.SUPPORT_PLAN]
    if not made:
        return None
    last = made[-1]
    data = last.data
    named = next((e.data for e in reversed(valid) if e.kind == EventKind.COMPANION_NAMED), {})
    reviews = [e for e in valid if e.kind == EventKind.PLAN_REVIEWED and e.happened_on >= made[0].happened_on]
    return SupportPlan(
        event_id=last.id,
        made_on=last.happened_on,
        text=str(data.get("measures") or ""),
        analysis=str(data.get("analysis") or ""),
        analysis_restricted=bool(data.get("analysis_restricted")),
        return_on=as_day(data.get("return_on")),
        attendance=str(data.get("attendance") or ""),
        companion=str(named.get("person") or data.get("person") or ""),
        companion_unit=str(named.get("unit") or ""),
        measures=_measures(data.get("rows"), [e for e in valid if e.kind == EventKind.MEASURE_DONE]),
        reviews=tuple(_review(e) for e in reviews),
        earlier=tuple((e.happened_on, str(e.data.get("measures") or "")) for e in reversed(made[:-1])),
        review_due_on=_review_due(valid),
    )


def _review(event: Event) -> Review:
    data = event.data
    said = str(data.get("result") or ""), str(data.get("changes") or "")
    return Review(event.happened_on, *said, as_day(data.get("review_on")))


def _review_due(valid: list[Event]) -> date | None:
    """The day last named by a plan or a review; a review that names none leaves a day that still lies ahead of it."""
    due = None
    for event in valid:
        day = as_day(event.data.get("review_on"))
        if event.kind == EventKind.PLAN_REVIEWED and day is None and due is not None and due <= event.happened_on:
            due = None
        elif event.kind in (EventKind.SUPPORT_PLAN, EventKind.PLAN_REVIEWED):
            due = day or due
    return due


def _measures(rows: Any, done: list[Event]) -> tuple[Measure, ...]:
    if not isinstance(rows, list | tuple):
        return ()
    by_key = {str(event.data.get("measure")): event for event in reversed(done)}
    return tuple(_measure(row, by_key.get(str(row.get("key")))) for row in rows if isinstance(row, Mapping))


def _measure(row: Mapping[str, Any], done: Event | None) -> Measure:
    kind = str(row.get("kind"))
    return Measure(
        key=str(row.get("key") or ""),
        kind=MeasureKind(kind) if kind in MeasureKind.values else MeasureKind.OTHER,
        what=str(row.get("what") or ""),
        person=str(row.get("person") or ""),
        first=as_day(row.get("first")),
        last=as_day(row.get("last")),
        done_on=done.happened_on if done else None,
        note=str(done.data.get("note") or "") if done else "",
    )


def mistakes_in_rows(rows: Any) -> list[str]:
    """What is wrong with the measures of a plan, a sentence each with its remedy; none for a plan in plain words."""
    said = []
    measures = _measures(rows, [])
    if len(measures) > MOST_MEASURES:
        said.append(f"一份方案最多{MOST_MEASURES}项措施，请合并相近的措施")
    for number, measure in enumerate(measures, 1):
        if not measure.what.strip() or not measure.person.strip():
            said.append(f"第{number}项措施请写明内容和责任人")
        if measure.first and measure.last and measure.last < measure.first:
            said.append(
                f"第{number}项措施的截止日期{dated(measure.last)}早于开始日期{dated(measure.first)}，请改正其中一个"
            )
    return said


def measures_text(measures: Iterable[Measure]) -> str:
    """The measures as the timeline and the ledgers say them; of restricted ones only how many there are."""
    shown, hidden = [], 0
    for measure in measures:
        if measure.is_restricted:
            hidden += 1
            continue
        until = f"，至{dated(measure.last)}" if measure.last else ""
        shown.append(f"{measure.kind.label}：{measure.what}（{measure.person}{until}）")
    if hidden:
        shown.append(f"另有{hidden}项限制信息" if shown else f"限制信息{hidden}项")
    return "；".join(shown)


def reminders(plan: SupportPlan | None, on: date) -> tuple[Reminder, ...]:
    """What is due today or late by the plan, the longest late first; days are natural days, nothing is stored."""
    if plan is None:
        return ()
    found = []
    if plan.review_due_on is not None and plan.review_due_on <= on:
        found.append(_reminder("一生一策", "复查", plan.review_due_on, on))
    for measure in plan.measures:
        if measure.done_on is None and measure.last is not None and measure.last <= on:
            what = "一生一策的一项措施" if measure.is_restricted else f"一生一策措施“{_short(measure.what)}”"
            found.append(replace(_reminder(what, "落实", measure.last, on), person=measure.person))
    return tuple(sorted(found, key=lambda r: r.due_on))


def without_plan(events: Iterable[Event], on: date) -> tuple[Reminder, ...]:
    """That help (帮扶) has begun and no plan was made; none where there is a plan, or no help."""
    begun = [e.happened_on for e in valid_events(events, on, None) if e.kind == EventKind.HELP_BEGUN]
    if not begun:
        return ()
    return (Reminder(f"{dated(begun[0])}开始帮扶，还没有制定一生一策", begun[0], (on - begun[0]).days),)


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:19]}…"


def _reminder(what: str, act: str, due: date, on: date) -> Reminder:
    late = (on - due).days
    when = f"{what}应于{dated(due)}{act}，已过{late}天" if late else f"{what}今天（{dated(due)}）应{act}"
    return Reminder(when, due, late)
