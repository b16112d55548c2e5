"""What holds for every story: order of recording, later facts, closed days, announced changes."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.choices import DayType
from agencies.rules.calendar import Calendar
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import FixedDate, Span
from agencies.rules.policy_words import APPLICATIONS, CATEGORIES
from cases.choices import EventKind
from cases.rules.derivation import explain
from cases.rules.facts import Event
from cases.rules.ladder import evaluate
from cases.rules.standing import Standing
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import Mark, RollFacts
from tests.cases.stories import CALENDAR, at
from tests.cases.whole import WHOLE
from tests.counties import KEYS, policy_of

pytestmark = pytest.mark.long

FIRST, SPAN = date(2026, 9, 1), 150
DAYS = [FIRST + timedelta(days=i) for i in range(SPAN)]
DAY = re.compile(r"\d{4}-\d\d-\d\d")
COUNTED = re.compile(
    r"自(?P<start>[-\d]{10})（周.）(?P<begin>次日|当日)起算，第(?P<number>\d+)个(?P<kind>..日) = (?P<end>[-\d]{10})"
)
RESULTS = ["connected", "no_answer", "empty_number"]

often = settings(max_examples=150)
# A whole autumn, one evaluation a day.
seldom = settings(max_examples=30)

days = st.sampled_from(DAYS)
policies = st.sampled_from([*(policy_of(key) for key in KEYS), WHOLE])
marks = st.builds(
    lambda day, part, reason, late: Mark(day, part, reason, at(day + timedelta(days=late))),
    days,
    st.sampled_from(list(PartOfDay)),
    st.sampled_from([AbsenceReason.UNEXCUSED] * 4 + [AbsenceReason.SICK, AbsenceReason.WHEREABOUTS_UNKNOWN]),
    st.integers(0, 3),
)


def _spell(start: date, length: int) -> list[Mark]:
    every = (start + timedelta(days=i) for i in range(length))
    return [Mark(day, PartOfDay.DAY, AbsenceReason.UNEXCUSED, at(day)) for day in every]


spells = st.builds(_spell, days, st.integers(1, 25))


def _event(kind: EventKind, day: date, result: str, pause: int, choice: tuple[str, ...]) -> Event:
    data: dict[str, Any] = {"result": result, "until": (day + timedelta(days=pause)).isoformat(), "time": "18:30"}
    data |= dict(zip(CHOSEN, choice, strict=True))
    return Event(0, kind, day, at(day), data)


CHOSEN = ("category", "application", "decision", "route", "remedies", "way", "conclusion", "paper", "cause")
choices = st.tuples(
    st.sampled_from(sorted(CATEGORIES)),
    st.sampled_from(sorted(APPLICATIONS)),
    st.sampled_from(["approved", "approved", "refused"]),
    st.sampled_from(["civil", "enforcement"]),
    st.sampled_from(["told", "not_told"]),
    st.sampled_from(["in_class", "home_taught", "unable"]),
    st.sampled_from(["not_found", "died", "found"]),
    st.sampled_from(["entry_notice", "proposal"]),
    st.sampled_from(["weary", "missing"]),
)


# CLOSED and LEFT_SCOPE would end most stories at once; they come as often as one other kind each.
events = st.lists(
    st.builds(_event, st.sampled_from(list(EventKind)), days, st.sampled_from(RESULTS), st.integers(0, 9), choices)
)


@st.composite
def stories(draw: st.DrawFn) -> tuple[Policy, RollFacts, tuple[Event, ...]]:
    """A plan, a roll with gaps, and events of every kind."""
    found = [*draw(st.lists(marks, max_size=8)), *(m for s in draw(st.lists(spells, max_size=3)) for m in s)]
    missing = draw(st.sets(days, max_size=20))
    taken = {d: at(d) for d in CALENDAR.school_days(DAYS[0], DAYS[-1]) if d not in missing}
    happened = tuple(replace(e, id=i) for i, e in enumerate(draw(events)))
    return draw(policies), RollFacts(tuple(found), taken), happened


def shown(standing: Standing) -> Standing:
    """A standing without the numbers of events, which depend on the order of recording."""
    return replace(standing, duties=tuple(d._replace(done_by_event=None) for d in standing.duties))


def still(standing: Standing) -> tuple[Any, ...]:
    """What must not change unannounced; the delay of an overdue duty grows by itself."""
    duties = tuple((d.step_key, d.round, d.cycle, d.state, d.opened_on, d.due_on) for d in standing.duties)
    return duties, standing.stage, standing.closable, standing.missing_for_closing, standing.paused_until


@often
@given(stories(), days, st.randoms(use_true_random=False))
def test_the_order_of_recording_never_matters(story: Any, on: date, chance: Any) -> None:
    policy, roll, happened = story
    mixed, shuffled = list(happened), list(roll.marks)
    chance.shuffle(mixed)
    chance.shuffle(shuffled)
    renumbered = [replace(e, id=i) for i, e in enumerate(mixed)]
    one = evaluate(policy, CALENDAR, roll, happened, on)
    other = evaluate(policy, CALENDAR, RollFacts(tuple(shuffled), dict(reversed(roll.taken.items()))), renumbered, on)
    assert shown(one) == shown(other)


@often
@given(stories(), days)
def test_later_facts_never_change_an_earlier_day(story: Any, on: date) -> None:
    policy, roll, happened = story
    before = RollFacts(tuple(m for m in roll.marks if m.day <= on), {d: t for d, t in roll.taken.items() if d <= on})
    earlier = [e for e in happened if e.happened_on <= on]
    assert evaluate(policy, CALENDAR, roll, happened, on) == evaluate(policy, CALENDAR, before, earlier, on)


@seldom
@given(stories(), days)
def test_evaluating_day_by_day_equals_evaluating_once(story: Any, on: date) -> None:
    policy, roll, happened = story
    walked, day = Calendar(CALENDAR.entries), FIRST
    while day <= on:
        facts = RollFacts(
            tuple(m for m in roll.marks if m.day <= day), {d: t for d, t in roll.taken.items() if d <= day}
        )
        daily = evaluate(policy, walked, facts, [e for e in happened if e.happened_on <= day], day)
        day += timedelta(days=1)
    assert daily == evaluate(policy, Calendar(CALENDAR.entries), roll, happened, on)


@often
@given(stories(), days)
def test_limits_in_working_days_never_end_on_a_closed_day(story: Any, on: date) -> None:
    policy, roll, happened = story
    for duty in evaluate(policy, CALENDAR, roll, happened, on).duties:
        step = policy.step(duty.step_key)
        if step is None or duty.due_on is None:
            continue
        if isinstance(step.due, FixedDate) and policy.fixed_date_roll != "none":
            assert CALENDAR.is_working(duty.due_on)
        if not isinstance(step.due, Span) or step.due.days == 0:
            continue
        assert duty.opened_on is not None
        assert duty.due_on > duty.opened_on
        if DayType.WORKING in (step.due.day_type, step.due.roll):
            assert CALENDAR.is_working(duty.due_on)
        if step.due.day_type == DayType.SCHOOL:
            assert CALENDAR.is_school_day(duty.due_on)


@often
@given(stories(), days)
def test_nothing_changes_before_the_announced_day(story: Any, on: date) -> None:
    policy, roll, happened = story
    known = RollFacts(tuple(m for m in roll.marks if m.day <= on), {d: t for d, t in roll.taken.items() if d <= on})
    earlier = [e for e in happened if e.happened_on <= on]
    now = evaluate(policy, CALENDAR, known, earlier, on)
    for ahead in range(1, 25):
        day = on + timedelta(days=ahead)
        if now.changes_on is not None and day >= now.changes_on:
            break
        assert still(evaluate(policy, CALENDAR, known, earlier, day)) == still(now)


@often
@given(stories(), days, days)
def test_what_was_known_then_ignores_what_was_recorded_since(story: Any, on: date, known: date) -> None:
    policy, roll, happened = story
    moment = at(known, 23)
    then = RollFacts(
        tuple(m for m in roll.marks if m.recorded_at <= moment), {d: t for d, t in roll.taken.items() if t <= moment}
    )
    earlier = [e for e in happened if e.recorded_at <= moment]
    assert evaluate(policy, CALENDAR, roll, happened, on, moment) == evaluate(policy, CALENDAR, then, earlier, on)


@often
@given(stories(), days)
def test_a_correction_and_its_undo_give_the_same_standing(story: Any, on: date) -> None:
    policy, roll, happened = story
    undone = tuple(replace(m, superseded_at=at(on)) for m in roll.marks)
    again = RollFacts((*undone, *roll.marks), roll.taken)
    withdrawn = [replace(e, id=1000 + e.id, superseded_at=at(on)) for e in happened]
    assert evaluate(policy, CALENDAR, again, [*withdrawn, *happened], on) == evaluate(
        policy, CALENDAR, roll, happened, on
    )


@often
@given(stories(), days)
def test_each_printed_derivation_adds_up_to_its_due_date(story: Any, on: date) -> None:
    policy, roll, happened = story
    for duty in evaluate(policy, CALENDAR, roll, happened, on, born_on=date(2010, 10, 20)).duties:
        if duty.opened_on is None:
            continue
        said = explain(policy, CALENDAR, duty, roll)
        assert said.opened_because
        if duty.due_on is None:
            continue
        assert DAY.findall(said.due_sentence)[-1] == duty.due_on.isoformat()
        if counted := COUNTED.search(said.due_sentence):
            assert added_up(*counted.groups()) == date.fromisoformat(counted["end"])


def added_up(start: str, begin: str, number: str, kind: str, end: str) -> date:
    """The day one reaches by counting the printed days one by one on the fingers."""
    day, left = date.fromisoformat(start) - timedelta(days=begin == "当日"), int(number)
    opens = {"自然日": lambda _: True, "工作日": CALENDAR.is_working, "上课日": CALENDAR.is_school_day}[kind]
    while left:
        day += timedelta(days=1)
        left -= opens(day)
    return day


@often
@given(stories(), days, st.integers(1, 40))
def test_an_unrelated_later_note_changes_nothing_but_the_timeline(story: Any, on: date, later: int) -> None:
    policy, roll, happened = story
    noted = Event(999, EventKind.NOTE, on + timedelta(days=later), at(on + timedelta(days=later)), {"text": "x"})
    assert evaluate(policy, CALENDAR, roll, (*happened, noted), on) == evaluate(policy, CALENDAR, roll, happened, on)
