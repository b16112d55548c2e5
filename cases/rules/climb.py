"""Opens the steps of one round: when each opened, by when it is due, who fulfilled it."""

from bisect import bisect_left
from datetime import date, timedelta
from typing import NamedTuple

from agencies.choices import DayType
from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import (
    AbsenceTrigger,
    EventTrigger,
    FlaggedTrigger,
    Policy,
    ReturnedTrigger,
    Span,
    Step,
    Trigger,
    WaitTrigger,
)
from cases.choices import EventKind, Stage
from cases.rules.facts import Event
from cases.rules.rounds import RETURNED, Round, counted_days, is_reached
from cases.rules.standing import Derivation
from students.rules.attendance import ABSENT, EXCUSED, PRESENT, RollDay, local_day

ANNOUNCEMENT_TAKES = timedelta(days=30)  # 民事诉讼法 art. 95: service by announcement takes effect after 30 days
NOT_SERVED = "refused"


class Opening(NamedTuple):
    """The day a step opens (it may lie ahead), the day its facts were on record, and why."""

    day: date
    known_on: date
    derivation: Derivation
    provisional: bool = False


class Rung(NamedTuple):
    """One step as it stands in one round."""

    step: Step
    opening: Opening | None
    due_on: date | None
    provisional: bool
    done: Event | None

    @property
    def done_on(self) -> date | None:
        return self.done.happened_on if self.done else None


class Anchor(NamedTuple):
    """The day a wait runs from, the earliest day it may open, when it was known, and why."""

    on: date
    not_before: date
    known_on: date
    why: str


class Climb:
    """The steps of one round, each worked out once and remembered."""

    def __init__(
        self,
        policy: Policy,
        calendar: Calendar,
        round_: Round,
        rows: list[RollDay],
        events: list[Event],
        paused: frozenset[date],
    ) -> None:
        self.policy, self.calendar, self.round, self.rows, self.paused = policy, calendar, round_, rows, paused
        self.events = [e for e in events if self._is_mine(e)]
        self._rungs: dict[str, Rung] = {}
        self._skipped = self._skipped_keys()

    def _is_mine(self, event: Event) -> bool:
        following = self.round.next_first
        return event.happened_on >= self.round.first and (following is None or event.happened_on < following)

    def _skipped_keys(self) -> frozenset[str]:
        """The steps before the one at which an old case entered the ladder."""
        flag = self.round.flag
        keys = [s.key for s in self.policy.steps]
        if flag is None or flag.step not in keys:
            return frozenset()
        return frozenset(keys[: keys.index(flag.step)])

    def rungs(self) -> list[Rung]:
        """Every step of the plan that is not skipped, in the plan's order."""
        return [self.rung(s) for s in self.policy.steps if s.key not in self._skipped]

    def rung(self, step: Step) -> Rung:
        """One step, worked out once."""
        found = self._rungs.get(step.key)
        if found is None:
            found = self._rungs[step.key] = self._work_out(step)
        return found

    def served_on(self) -> date | None:
        """The day the first valid service of the order took effect; 留置 counts, a mere refusal does not."""
        for event in self.events:
            if event.kind == EventKind.NOTICE_SERVED and event.data.get("mode") != NOT_SERVED:
                announced = event.data.get("mode") == "announcement"
                return event.happened_on + (ANNOUNCEMENT_TAKES if announced else timedelta())
        return None

    def guardian_due_on(self) -> date | None:
        """The guardian's last day, counted from service and moved off closed days (民法典 art. 203)."""
        served = self.served_on()
        return None if served is None else self.count(served, self.policy.deadline.span)[0]

    def received_on(self) -> tuple[date, str, Event] | None:
        """When the report counts as received: signed for, or presumed after the plan's days."""
        signed = self._first(EventKind.REPORT_RECEIVED)
        sent = self._first(EventKind.REPORT_SENT)
        presumed: date | None = None
        if sent is not None and self.policy.clock.unsigned_receipt is not None:
            presumed = self.count(sent.happened_on, self.policy.clock.unsigned_receipt)[0]
        if signed is not None:
            day = self._within_hours(signed)
            if presumed is None or day <= presumed:
                return day, "received", signed
        if sent is not None and presumed is not None:
            return presumed, "presumed", sent
        return None

    def count(self, day: date, span: Span) -> tuple[date, bool]:
        """The end of a span that starts after `day`, paused days left out, and whether it is provisional."""
        if self.paused:
            end, unsure = self._count_around_pauses(day, span)
        else:
            due = self.calendar.add(day, span.days, span.day_type, count_first=span.count_first)
            end, unsure = due.on, due.provisional
        if span.roll is not None:
            rolled = self.calendar.roll_forward(end, span.roll)
            return rolled, unsure or (rolled != end and self.calendar.is_provisional(rolled))
        return end, unsure

    def first_day_away(self, day: date) -> date | None:
        """The first day from `day` on which the roll does not show the child at school, None if none yet.

        The plans say 仍未返校: a child seen at school is not persuaded further, even before the return is recorded.
        """
        place = bisect_left(self.rows, (day + ONE_DAY,))
        for row in reversed(self.rows[:place]):
            if row.day < self.round.first or self._is_away(row):
                return day
            if row.kind in (PRESENT, EXCUSED):
                break
        else:
            return day
        return next((row.day for row in self.rows[place:] if self._is_away(row)), None)

    def _is_away(self, row: RollDay) -> bool:
        return row.kind == ABSENT or (row.kind == EXCUSED and self.policy.counting.excused == "counts")

    def _count_around_pauses(self, day: date, span: Span) -> tuple[date, bool]:
        left, current, unsure = span.days, day if span.count_first else day + ONE_DAY, False
        if left <= 0:
            return day, False
        while True:
            if current not in self.paused and self.calendar.counts(current, span.day_type):
                left -= 1
            unsure = unsure or (span.day_type != DayType.NATURAL and self.calendar.is_provisional(current))
            if left <= 0:
                return current, unsure
            current += ONE_DAY

    def _within_hours(self, event: Event) -> date:
        """A receipt at or after the cut-off hour is one of the next working day (民法典 art. 203 para 2)."""
        hour, text = self.policy.clock.cut_off_hour, str(event.data.get("time") or "")
        if hour is None or not text[:2].isdigit() or int(text[:2]) < hour:
            return event.happened_on
        return self.calendar.add(event.happened_on, 1, DayType.WORKING).on

    def _first(self, kind: EventKind) -> Event | None:
        return next((e for e in self.events if e.kind == kind), None)

    def _work_out(self, step: Step) -> Rung:
        opening = self._opening(step)
        if opening is None:
            return Rung(step, None, None, False, self._done(step, None))
        due, unsure = (None, False) if step.due is None else self.count(opening.day, step.due)
        return Rung(step, opening, due, unsure or opening.provisional, self._done(step, opening.day))

    def _done(self, step: Step, opened_on: date | None) -> Event | None:
        """The first event that fulfils the step: of its kinds, with a counting result, not before it opened."""
        for event in self.events:
            if event.kind not in step.done_by or (event.step is not None and event.step != step.key):
                continue
            called = event.kind == EventKind.PHONE_CALL and bool(step.done_results)
            if called and event.data.get("result") not in step.done_results:
                continue
            in_time = opened_on is not None and event.happened_on >= opened_on
            if in_time or step.early_counts or event.step == step.key:
                return event
        return None

    def _opening(self, step: Step) -> Opening | None:
        flag = self.round.flag
        if flag is not None and flag.step == step.key:
            return Opening(flag.happened_on, self._known(flag), Derivation(0, flag.happened_on, "entered"))
        found = [self._trigger(place, t) for place, t in enumerate(step.triggers)]
        return min((o for o in found if o is not None), key=lambda o: (o.day, o.derivation.trigger), default=None)

    def _trigger(self, place: int, trigger: Trigger) -> Opening | None:
        if isinstance(trigger, AbsenceTrigger):
            return self._by_absence(place, trigger)
        if isinstance(trigger, WaitTrigger):
            return self._by_wait(place, trigger)
        if isinstance(trigger, ReturnedTrigger):
            ended = self.round.ended_on if self.round.ended_by == RETURNED else None
            return None if ended is None else Opening(ended, ended, Derivation(place, ended, "returned"))
        flagged = isinstance(trigger, FlaggedTrigger)
        kind = (
            EventKind.FLAGGED if flagged else EventKind(trigger.event) if isinstance(trigger, EventTrigger) else None
        )
        event = None if kind is None else self._first(kind)
        if event is None or (flagged and event.step is not None):
            return None
        why = "flagged" if flagged else "event"
        return Opening(event.happened_on, self._known(event), Derivation(place, event.happened_on, why))

    def _by_absence(self, place: int, trigger: AbsenceTrigger) -> Opening | None:
        counted = self.round.tally.counted
        reached = next((i for i, entry in enumerate(counted) if is_reached(trigger, entry)), None)
        if reached is None:
            return None
        days = counted_days(trigger, counted, reached)
        day = days[-1].day
        known = max([local_day(c.recorded_at) for c in days if c.recorded_at is not None] or [day])
        derivation = Derivation(place, day, "absence", "", tuple(c.day for c in days))
        for key in trigger.needs:
            settled = self._settled(key)
            if settled is None:
                return None
            if settled > day:
                day, derivation = settled, Derivation(place, settled, "needed", key, derivation.counted)
        away = self.first_day_away(day)
        return None if away is None else Opening(away, max(known, away), derivation)

    def _settled(self, key: str) -> date | None:
        """The day an earlier step no longer holds the next: done, or the day after it fell overdue."""
        step = self.policy.step(key)
        if step is None or key in self._skipped:
            return self.round.first
        anchor = self._done_anchor(self.rung(step))
        return None if anchor is None else anchor.not_before

    def _by_wait(self, place: int, trigger: WaitTrigger) -> Opening | None:
        anchor = self._anchor(trigger)
        if anchor is None:
            return None
        end, unsure = self.count(anchor.on, trigger.span)
        day = max(end + ONE_DAY if trigger.opens == "next_day" else end, anchor.not_before)
        away = self.first_day_away(day)
        if away is None:
            return None
        return Opening(
            away, max(away, anchor.known_on), Derivation(place, anchor.on, anchor.why, trigger.after), unsure
        )

    def _anchor(self, trigger: WaitTrigger) -> Anchor | None:
        if trigger.since == "served":
            return self._served_anchor(self.served_on(), "served")
        if trigger.since == "deadline":
            return self._served_anchor(self.guardian_due_on(), "deadline")
        if trigger.since == "received":
            received = self.received_on()
            if received is not None:
                day, why, event = received
                return Anchor(day, day, self._known(event), why)
        step = self.policy.step(trigger.after)
        if step is None or step.key in self._skipped:
            return None
        rung = self.rung(step)
        if trigger.since == "due":
            return None if rung.due_on is None else Anchor(rung.due_on, rung.due_on, rung.due_on, "due")
        return self._done_anchor(rung, may_be_done=trigger.since == "done")

    def _served_anchor(self, day: date | None, why: str) -> Anchor | None:
        served = self._first(EventKind.NOTICE_SERVED)
        return None if day is None or served is None else Anchor(day, day, self._known(served), why)

    def _done_anchor(self, rung: Rung, *, may_be_done: bool = True) -> Anchor | None:
        """Done in time counts from the doing; overdue counts from the due date where overdue opens the next."""
        done, due = rung.done, rung.due_on
        if due is not None and self.policy.clock.overdue_opens_next and (done is None or done.happened_on > due):
            return Anchor(due, due + ONE_DAY, due, "overdue")
        if not may_be_done or done is None:
            return None
        return Anchor(done.happened_on, done.happened_on, self._known(done), "done")

    @staticmethod
    def _known(event: Event) -> date:
        return max(local_day(event.recorded_at), event.happened_on)


def is_after_return(step: Step) -> bool:
    """Whether the step is owed after the return (学籍), so that the return does not drop it."""
    return step.stage == Stage.RETURNED
