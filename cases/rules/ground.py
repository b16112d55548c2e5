"""What the steps of one round stand on: its roll, its events, and how days are counted in it."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from agencies.choices import DayType
from agencies.rules.calendar import ONE_DAY, Calendar
from agencies.rules.policy_dates import fixed_date_from, rolled, span_end, term_day_of
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import FixedDate, Limit, Span, TermDay, Where
from cases.choices import EventKind
from cases.rules.facts import Event
from cases.rules.prepared import prepared
from cases.rules.rounds import Round
from students.rules.attendance import EXCUSED, PRESENT, RollDays, local_day

ANNOUNCEMENT_TAKES = timedelta(days=30)  # 民事诉讼法 art. 95: service by announcement takes effect after 30 days
NOT_SERVED = "refused"


def counted_known_on(moments: Iterable[datetime | None], day: date) -> date:
    """The first day on which all that was counted up to `day` was on record."""
    recorded = [moment for moment in moments if moment is not None]
    return max(local_day(max(recorded)), day) if recorded else day


def known_on(event: Event) -> date:
    """The first day an event was on record."""
    return max(local_day(event.recorded_at), event.happened_on)


def in_effect_on(service: Event) -> date:
    """The day a service took effect."""
    announced = service.data.get("mode") == "announcement"
    return service.happened_on + (ANNOUNCEMENT_TAKES if announced else timedelta())


def fits(event: Event, where: Where) -> bool:
    """Whether each named field of the event has one of the named values."""
    for name, values in where:  # noqa: SIM110 - asked of each event anew, where all() takes three times as long
        if str(event.data.get(name)) not in values:
            return False
    return True


class Ground:
    """The facts of one round and the plan's arithmetic on them."""

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
        self.policy, self.calendar, self.round, self.roll, self.paused = policy, calendar, round_, roll, paused
        self.born_on, self.prepared = born_on, prepared(policy)
        first, following = round_.first, round_.next_first or date.max
        self.events = [e for e in events if first <= e.happened_on < following]
        # Also those before the round: what was done in 帮扶.
        self._all = events
        self.by_kind: dict[str, list[Event]] = {}
        for event in self.events:
            self.by_kind.setdefault(event.kind, []).append(event)

    def recorded(self) -> frozenset[EventKind]:
        """The kinds of the events of this round."""
        return frozenset(events[0].kind for events in self.by_kind.values())

    def first(self, kind: str, where: Where = ()) -> Event | None:
        """The first event of a kind in this round whose fields fit."""
        for event in self.by_kind.get(kind, ()):
            if fits(event, where):
                return event
        return None

    def acts(self, kinds: tuple[str, ...]) -> Iterable[Event]:
        """The events of these kinds in the order they happened."""
        found = [kind for kind in kinds if kind in self.by_kind]
        if len(found) <= 1:
            return self.by_kind[found[0]] if found else ()
        asked = set(found)
        return (event for event in self.events if event.kind in asked)

    def done_in_help(self, kinds: tuple[str, ...]) -> Event | None:
        """The latest of these while the child was helped (帮扶), before the record came onto the ladder."""
        if self.round.number > 1:
            return None
        before = [event for event in self._all if event.happened_on < self.round.first]
        begun = next((place for place, event in enumerate(before) if event.kind == EventKind.HELP_BEGUN), None)
        found = [] if begun is None else [event for event in before[begun:] if event.kind in kinds]
        return found[-1] if found else None

    def served(self) -> Event | None:
        """The first valid service of the order; 留置 counts, a mere refusal does not."""
        orders = self.by_kind.get(EventKind.NOTICE_SERVED, ())
        return next((e for e in orders if e.data.get("mode") != NOT_SERVED), None)

    def served_on(self) -> date | None:
        """The day the first valid service of the order took effect."""
        event = self.served()
        return None if event is None else in_effect_on(event)

    def guardian_due_on(self) -> date | None:
        """The guardian's last day, counted from service and moved off closed days (民法典 art. 203)."""
        served = self.served_on()
        return None if served is None else self.count(served, self.policy.deadline.span)[0]

    def received_on(self) -> tuple[date, str, Event] | None:
        """When the report counts as received: signed for, or presumed after the plan's days."""
        signed = self.first(EventKind.REPORT_RECEIVED)
        sent = self.first(EventKind.REPORT_SENT)
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

    def due(self, day: date, limit: Limit) -> tuple[date, bool]:
        """By when something that opens on `day` is due, and whether that is provisional."""
        if isinstance(limit, FixedDate):
            due = fixed_date_from(self.policy, self.calendar, limit, day)
            return due, self.calendar.is_provisional(due)
        if isinstance(limit, TermDay):
            found = term_day_of(self.calendar, limit, day)
            if found is not None and found[0] >= day:
                return found
            return self.count(day, limit.late) if limit.late else (day, False)
        return self.count(day, limit)

    def count(self, day: date, span: Span) -> tuple[date, bool]:
        """The end of a span that starts after `day`, paused days left out, and whether it is provisional."""
        if self.paused and not span.months:
            end, provisional = self._count_around_pauses(day, span)
            return rolled(self.calendar, end, span, provisional=provisional)
        return span_end(self.calendar, day, span)

    def first_day_away(self, day: date) -> date | None:
        """The first day from `day` on which the roll does not show the child at school, None if none yet.

        The plans say 仍未返校: a child seen at school is not persuaded further, even before the return is recorded.
        """
        days, said, away = self.roll.days, self.roll.said, self.prepared.away
        following = bisect_right(days, day)
        for place in range(following - 1, -1, -1):
            if days[place] < self.round.first or said[place].kind in away:
                return day
            if said[place].kind in (PRESENT, EXCUSED):
                break
        else:
            return day
        return next((days[place] for place in range(following, len(days)) if said[place].kind in away), None)

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
