"""Opens the steps of one round: when each opened, by when it is due, who fulfilled it."""

from datetime import date
from typing import NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_schema import Policy, Step
from agencies.rules.policy_triggers import (
    AbsenceTrigger,
    CycleTrigger,
    EventTrigger,
    Trigger,
    WaitTrigger,
)
from cases.choices import EventKind
from cases.rules.cycles import recurring
from cases.rules.facts import Event
from cases.rules.ground import Ground, counted_known_on, fits, known_on
from cases.rules.openings import BY_KIND, again
from cases.rules.rounds import LAPSE, Round, counted_firsts, first_reached
from cases.rules.rung import Opening, Rung
from cases.rules.standing import Derivation
from students.rules.attendance import RollDays


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
        roll: RollDays,
        events: list[Event],
        paused: frozenset[date],
        born_on: date | None = None,
    ) -> None:
        super().__init__(policy, calendar, round_, roll, events, paused, born_on)
        self._steps = self.prepared.steps
        self._rungs: dict[str, Rung] = {}
        self._skipped = self._skipped_keys()
        self._holds = self._held_spans() if policy.categories else []
        tied = round_.flag is not None and round_.flag.step is not None
        # An event tied to a step fulfils it unopened, and a lapse is told by a decision of the round before.
        self._all_by_record = not (tied or round_.began == LAPSE or any(e.step is not None for e in self.events))
        conditions = self.prepared.conditions
        met = (key for key, kind, where in conditions if self.first(kind, where) is not None)
        self.foreseen = self.prepared.foreseen(frozenset(met))
        runs = round_.ended_on is None and round_.next_first is None
        self.ahead = self.prepared.ahead(round_.number, self.foreseen) if runs else {}

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
        for key, rule in self.prepared.rules.items():
            if key in self._skipped:
                continue
            if rule.cycle is not None:
                owed = recurring(self, rule.step, rule.cycle, self._cycle_anchor(rule.cycle), on)
                found.extend(owed if rule.cycle.during == "placed" else self._held_periods(owed))
                continue
            rung = self.rung(rule.step)
            if rung.done is None:
                found.append(rung)
            else:
                found.extend(self._turns(rule.step, rung))
        return found

    def _turns(self, step: Step, first: Rung) -> list[Rung]:
        """The step, and once more for each later record of what opens it that came after it had been done.

        A record of the same day or before the doing is answered by it; so is any where `early_counts`, and the first
        one where it had been done in 帮扶.
        """
        turns = [first]
        while (done_on := turns[-1].done_on) is not None and not step.early_counts:
            opened = turns[-1].opening
            opening = again(self, step, max(done_on, opened.day) if opened and step.help_counts else done_on)
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
            rule = self.prepared.rules[step.key]
            if rule.needs is not None and self._all_by_record and rule.needs.isdisjoint(self.by_kind):
                return rule.unopened
            found = self._rungs[step.key] = self._held(self._from(step, self._opening(step)))
        return found

    def _from(self, step: Step, opening: Opening | None, *, anew: bool = False) -> Rung:
        """The step opened so: its due date and what fulfils it; opened anew, nothing done before does."""
        if opening is None:
            may_be_done = step.early_counts or not self._all_by_record
            done = self._done(step, None) if may_be_done else None
            return Rung(step, None, None, False, done, due_from=self._due_begins(step))
        begins = self._due_begins(step) if step.due_since else opening
        due, unsure = (None, False) if step.due is None or begins is None else self.due(begins.day, step.due)
        done = self._done(step, opening.day, anew=anew)
        return Rung(
            step, opening, due, unsure or opening.provisional, done, due_from=begins if step.due_since else None
        )

    def _due_begins(self, step: Step) -> Opening | None:
        """When the wait of the step from which the limit runs is over, however late that step opens.

        行政强制法 art. 53: from the end of the time to sue, whatever day the way to the court is chosen.
        """
        before = self._steps.get(step.due_since)
        if before is None:
            return None
        waits = ((place, t) for place, t in enumerate(before.triggers) if isinstance(t, WaitTrigger))
        over = (self._wait_over(place, trigger) for place, trigger in waits)
        return min((one for one in over if one is not None), key=lambda one: one.day, default=None)

    def _held(self, rung: Rung) -> Rung:
        """The step as the child's category leaves it: dropped while the ladder stands back, opened anew after."""
        if not self._holds or rung.opening is None or self.prepared.rules[rung.step.key].on_own_path:
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
        if not owed or not self._holds or self.prepared.rules[owed[0].step.key].on_own_path:
            return owed
        kept: list[Rung] = []
        for rung in owed:
            held = next((span for span in self._holds if _stands_back(rung, span)), None)
            if held is None:
                kept.append(rung)
            elif rung.opening is not None and rung.opening.day < held[0]:
                kept.append(rung._replace(done=None, dropped_on=held[0]))
        return kept

    def _done(self, step: Step, opened_on: date | None, *, anew: bool = False) -> Event | None:
        """The event that fulfils the step (the n-th where it must be done n times).

        Of its kinds, with a counting result and fields that fit, not before the step opened, but where help counts.
        """
        if step.help_counts and opened_on is not None and not anew and (helped := self.done_in_help(step.done_by)):
            return helped
        left = step.times
        for event in self.acts(step.done_by):
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

    @staticmethod
    def _result_counts(step: Step, event: Event) -> bool:
        called = bool(step.done_results) and event.kind == EventKind.PHONE_CALL
        if called and event.data.get("result") not in step.done_results:
            return False
        return fits(event, step.done_where)

    def _opening(self, step: Step) -> Opening | None:
        flag = self.round.flag
        if flag is not None and flag.step == step.key:
            return Opening(flag.happened_on, known_on(flag), Derivation(0, flag.happened_on, "entered"))
        found = list[Opening]()
        for place, trigger, needs in self.prepared.rules[step.key].ways:
            if needs is not None and self._all_by_record and needs.isdisjoint(self.by_kind):
                continue
            opening = self._trigger(place, trigger)
            if opening is not None:
                found.append(opening)
        if not found:
            return None
        opening = found[0] if len(found) == 1 else min(found, key=lambda o: (o.day, o.derivation.trigger))
        return opening if step.only_after is None else self._after(step.only_after, opening)

    def _after(self, asked: EventTrigger, opening: Opening) -> Opening | None:
        """The opening once such an event is on record; None before."""
        event = self.first(asked.event, asked.where)
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
        count = self.round.tally
        reached = first_reached(trigger, count)
        if reached is None:
            return None
        days, day = slice(counted_firsts(trigger, count)[reached], reached + 1), count.days[reached]
        known = counted_known_on(count.moments[days], day)
        derivation = Derivation(place, day, "absence", "", tuple(count.days[days]))
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
        over = self._wait_over(place, trigger)
        away = None if over is None else self.first_day_away(over.day)
        if over is None or away is None:
            return None
        return over._replace(day=away, known_on=max(away, over.known_on))

    def _wait_over(self, place: int, trigger: WaitTrigger) -> Opening | None:
        """When a wait is over, whether or not the child is away that day."""
        anchor = self._anchor(trigger)
        if anchor is None:
            return None
        end, unsure = self.count(anchor.on, trigger.span)
        day = max(end + ONE_DAY if trigger.opens == "next_day" else end, anchor.not_before)
        why = Derivation(place, anchor.on, anchor.why, trigger.after)
        return Opening(day, max(day, anchor.known_on), why, unsure)

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
