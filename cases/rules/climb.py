"""Opens the steps of one round: when each opened, by when it is due, who fulfilled it."""

from datetime import date
from typing import NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import Policy, Step
from agencies.rules.policy_triggers import (
    AbsenceTrigger,
    AgeTrigger,
    CategoryTrigger,
    CycleTrigger,
    EventTrigger,
    LapseTrigger,
    LeaveTrigger,
    NotRegisteredTrigger,
    ReturnedTrigger,
    Trigger,
    WaitTrigger,
)
from cases.choices import EventKind
from cases.rules.cycles import recurring
from cases.rules.facts import Event
from cases.rules.ground import Ground, Opening, Rung, fits, known_on
from cases.rules.openings import BY_KIND, again
from cases.rules.rounds import Round, counted_days, is_reached
from cases.rules.standing import Derivation
from students.rules.attendance import RollDay, local_day

# Steps that only such triggers open belong to a path of their own; a category that holds the ladder leaves them.
OWN_PATH = (CategoryTrigger, LapseTrigger, LeaveTrigger, AgeTrigger, EventTrigger, ReturnedTrigger)


# A step that such triggers alone open comes with a record or not at all: it is nobody's next step before.
UNFORESEEN = (CategoryTrigger, LapseTrigger, LeaveTrigger, EventTrigger, NotRegisteredTrigger)


class Anchor(NamedTuple):
    """The day a wait runs from, the earliest day it may open, when it was known, and why."""

    on: date
    not_before: date
    known_on: date
    why: str


def _stands_back(rung: Rung, held: tuple[date, date | None]) -> bool:
    """Whether a period of a recurring step, not done before, reaches into this time and is over within it."""
    first, last = held
    over, done = rung.last or date.max, rung.done_on
    return over >= first and (last is None or over < last) and not (done is not None and done < first)


class Climb(Ground):
    """The steps of one round, each worked out once and remembered."""

    def __init__(
        self,
        policy: Policy,
        calendar: Calendar,
        round_: Round,
        rows: list[RollDay],
        events: list[Event],
        paused: frozenset[date],
        born_on: date | None = None,
    ) -> None:
        super().__init__(policy, calendar, round_, rows, events, paused, born_on)
        self._steps = {step.key: step for step in policy.steps}
        self._rungs: dict[str, Rung] = {}
        self._foreseen: dict[str, bool] = {}
        self._skipped = self._skipped_keys()
        self._holds = self._held_spans() if policy.categories else []

    def _skipped_keys(self) -> frozenset[str]:
        """The steps before the one at which an old case entered the ladder."""
        flag = self.round.flag
        if flag is None or flag.step not in self._steps:
            return frozenset()
        keys = list(self._steps)
        return frozenset(keys[: keys.index(flag.step)])

    def recorded(self) -> frozenset[EventKind]:
        """The kinds of the events of this round; an order served before an old case was entered counts as served."""
        served = EventKind.NOTICE_SERVED
        earlier = any(served in self._steps[key].done_by for key in self._skipped)
        return super().recorded() | {served} if earlier else super().recorded()

    def _held_spans(self) -> list[tuple[date, date | None]]:
        """From when to when (None = still) the child's category makes the ladder stand back; 归类 may change."""
        spans: list[tuple[date, date | None]] = []
        for event in self.by_kind.get(EventKind.CATEGORY_DECIDED, ()):
            category = self.policy.category(str(event.data.get("category")))
            holds = category is not None and category.holds_ladder
            if spans and spans[-1][1] is None and not holds:
                spans[-1] = (spans[-1][0], event.happened_on)
            elif holds and (not spans or spans[-1][1] is not None):
                spans.append((event.happened_on, None))
        return spans

    def rungs(self, on: date) -> list[Rung]:
        """Every step of the plan that is not skipped, in the plan's order; a recurring one once per period."""
        found: list[Rung] = []
        for step in self.policy.steps:
            if step.key in self._skipped:
                continue
            cycle = next((t for t in step.triggers if isinstance(t, CycleTrigger)), None)
            if cycle is None:
                found.extend(self._turns(step, self.rung(step)))
            else:
                owed = recurring(self, step, cycle, self._cycle_anchor(cycle), on)
                found.extend(owed if cycle.during == "placed" else self._held_periods(owed))
        return found

    def _turns(self, step: Step, first: Rung) -> list[Rung]:
        """The step, and once more for each later record of what opens it that came after it had been done.

        A record of the same day or before the doing is answered by it; so is any where `early_counts`.
        """
        turns = [first]
        while turns[-1].done_on is not None and not step.early_counts:
            opening = again(self, step, turns[-1].done_on)
            if opening is not None and step.only_after is not None:
                opening = self._after(step.only_after, opening)
            if opening is None:
                break
            rung = self._held(self._from(step, opening, anew=True))
            if rung.opening is None:
                break
            turns.append(rung._replace(cycle=len(turns) + 1))
        return turns

    def _cycle_anchor(self, trigger: CycleTrigger) -> date | None:
        before = self._steps.get(trigger.after)
        return None if before is None else self.rung(before).done_on

    def rung(self, step: Step) -> Rung:
        """One step that does not recur, worked out once."""
        found = self._rungs.get(step.key)
        if found is None:
            found = self._rungs[step.key] = self._held(self._work_out(step))
        return found

    def _work_out(self, step: Step) -> Rung:
        return self._from(step, self._opening(step))

    def _from(self, step: Step, opening: Opening | None, *, anew: bool = False) -> Rung:
        """The step opened so: its due date and what fulfils it; opened anew, nothing done before does."""
        if opening is None:
            return Rung(step, None, None, False, self._done(step, None))
        begins = self._due_begins(step)
        due, unsure = (None, False) if step.due is None else self.due(begins or opening.day, step.due)
        done = self._done(step, opening.day, anew=anew)
        return Rung(step, opening, due, unsure or opening.provisional, done, due_from=begins)

    def _due_begins(self, step: Step) -> date | None:
        """The opening of the step from which the limit runs (行政强制法 art. 53: from the end of the time to sue)."""
        before = self._steps.get(step.due_since) if step.due_since else None
        opening = self.rung(before).opening if before else None
        return opening.day if opening else None

    def _held(self, rung: Rung) -> Rung:
        """The step as the child's category leaves it: dropped while the ladder stands back, opened anew after."""
        if not self._holds or rung.opening is None or self._is_own_path(rung.step):
            return rung
        opening = rung.opening
        for first, last in self._holds:
            over = rung.done_on is not None and rung.done_on < first
            if over or (last is not None and opening.day >= last):
                continue
            if last is None:
                if opening.day >= first:
                    return Rung(rung.step, None, None, False, None)
                return rung._replace(done=None, dropped_on=first)
            return self._from(rung.step, opening._replace(day=last, known_on=max(opening.known_on, last)))
        return rung

    def _held_periods(self, owed: list[Rung]) -> list[Rung]:
        """The periods of a recurring step that the child's category leaves: none begins while the ladder stands back.

        One that had begun is dropped from then on, unless the ladder runs again before it is over.
        """
        if not owed or not self._holds or self._is_own_path(owed[0].step):
            return owed
        kept: list[Rung] = []
        for rung in owed:
            held = next((span for span in self._holds if _stands_back(rung, span)), None)
            if held is None:
                kept.append(rung)
            elif rung.opening is not None and rung.opening.day < held[0]:
                kept.append(rung._replace(done=None, dropped_on=held[0]))
        return kept

    def _is_own_path(self, step: Step) -> bool:
        """Whether a step belongs to a handling path, directly or by waiting for a step that does."""
        for trigger in step.triggers:
            if isinstance(trigger, WaitTrigger | CycleTrigger):
                before = self._steps.get(trigger.after)
                if before is None or not self._is_own_path(before):
                    return False
            elif not isinstance(trigger, OWN_PATH):
                return False
        return True

    def is_foreseen(self, step: Step) -> bool:
        """Whether the step may come of itself, by time and absence, and not only once something is recorded."""
        found = self._foreseen.get(step.key)
        if found is None:
            found = self._foreseen[step.key] = self._may_come_alone(step)
        return found

    def _may_come_alone(self, step: Step) -> bool:
        if step.only_after is not None and self.first(EventKind(step.only_after.event), step.only_after.where) is None:
            return False
        before = [self._steps.get(t.after) for t in step.triggers if isinstance(t, WaitTrigger)]
        if any(earlier is not None and self.is_foreseen(earlier) for earlier in before):
            return True
        return any(not isinstance(t, (*UNFORESEEN, WaitTrigger)) for t in step.triggers)

    def _done(self, step: Step, opened_on: date | None, *, anew: bool = False) -> Event | None:
        """The event that fulfils the step (the n-th where it must be done n times).

        Of its kinds, with a counting result and fields that fit, not before the step opened.
        """
        left = step.times
        for event in self._acts(step.done_by):
            if event.step is not None and event.step != step.key:
                continue
            if not self._result_counts(step, event):
                continue
            in_time = opened_on is not None and event.happened_on >= opened_on
            if in_time or (not anew and (step.early_counts or event.step == step.key)):
                left -= 1
                if left == 0:
                    return event
        return None

    def _acts(self, kinds: tuple[str, ...]) -> list[Event]:
        """The events of these kinds in the order they happened."""
        found = [kind for kind in self.by_kind if kind in kinds]
        if len(found) <= 1:
            return self.by_kind[found[0]] if found else []
        return [event for event in self.events if event.kind in kinds]

    @staticmethod
    def _result_counts(step: Step, event: Event) -> bool:
        called = event.kind == EventKind.PHONE_CALL and bool(step.done_results)
        if called and event.data.get("result") not in step.done_results:
            return False
        return fits(event, step.done_where)

    def _opening(self, step: Step) -> Opening | None:
        flag = self.round.flag
        if flag is not None and flag.step == step.key:
            return Opening(flag.happened_on, known_on(flag), Derivation(0, flag.happened_on, "entered"))
        found = [self._trigger(place, t) for place, t in enumerate(step.triggers)]
        opening = min((o for o in found if o is not None), key=lambda o: (o.day, o.derivation.trigger), default=None)
        return opening if step.only_after is None or opening is None else self._after(step.only_after, opening)

    def _after(self, asked: EventTrigger, opening: Opening) -> Opening | None:
        """The opening once such an event is on record; None before."""
        event = self.first(EventKind(asked.event), asked.where)
        if event is None:
            return None
        day = max(opening.day, event.happened_on)
        return opening._replace(day=day, known_on=max(opening.known_on, known_on(event)))

    def _trigger(self, place: int, trigger: Trigger) -> Opening | None:
        if isinstance(trigger, AbsenceTrigger):
            return self._by_absence(place, trigger)
        if isinstance(trigger, WaitTrigger):
            return self._by_wait(place, trigger)
        opening: Opening | None = BY_KIND[type(trigger)](self, place, trigger)
        return opening

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
        step = self._steps.get(key)
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
        if trigger.since in ("served", "deadline"):
            day = self.served_on() if trigger.since == "served" else self.guardian_due_on()
            return self._event_anchor(day, self.served(), trigger)
        if trigger.since == "received":
            received = self.received_on()
            if received is not None:
                day, why, event = received
                return Anchor(day, day, known_on(event), why)
        step = self._steps.get(trigger.after)
        if step is None or step.key in self._skipped:
            return None
        rung = self.rung(step)
        if trigger.since == "due":
            return None if rung.due_on is None else Anchor(rung.due_on, rung.due_on, rung.due_on, "due")
        if trigger.where and trigger.since == "done":
            return self._event_anchor(rung.done_on, rung.done, trigger)
        return self._done_anchor(rung, may_be_done=trigger.since == "done")

    @staticmethod
    def _event_anchor(day: date | None, event: Event | None, trigger: WaitTrigger) -> Anchor | None:
        """The day itself, where the event's fields are those the trigger asks for."""
        if day is None or event is None or not fits(event, trigger.where):
            return None
        return Anchor(day, day, known_on(event), trigger.since)

    def _done_anchor(self, rung: Rung, *, may_be_done: bool = True) -> Anchor | None:
        """Done in time counts from the doing; overdue counts from the due date where overdue opens the next."""
        done, due = rung.done, rung.due_on
        if due is not None and self.policy.clock.overdue_opens_next and (done is None or done.happened_on > due):
            return Anchor(due, due + ONE_DAY, due, "overdue")
        if not may_be_done or done is None:
            return None
        return Anchor(done.happened_on, done.happened_on, known_on(done), "done")
