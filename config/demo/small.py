"""Plays the days of the small county one register and one event at a time, as people would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from agencies.choices import DayType, Role
from agencies.models import Unit
from agencies.queries.calendars import calendars_of
from agencies.rules.calendar import Calendar, dated
from cases.actions.closing import close_case
from cases.actions.events import record_event
from cases.actions.refresh import CHUNK, refresh_cases, with_units
from cases.choices import EventKind, Outcome
from cases.models import Case
from cases.queries.facts import Known, known_of_cases
from cases.rules.closing import approver_of
from config.demo.absences import Marks
from config.demo.days import moment
from config.demo.papers import BY_PAPER, by_paper
from config.demo.story import RECORDER, Cast, new_event, next_kind
from students.actions.roll import save_roll
from students.rules.roll import Change, Value

# Rounds of acts a day: each sees what the one before recorded.
ACTS_A_DAY = 2
# Hour of the first act, and hours until the next.
FIRST_ACT, LATER = 10, 4


def play_days(
    cast: Cast,
    classes: list[Unit],
    marks: dict[int, Marks],
    silent: set[tuple[int, date]],
    *,
    on: date,
    say: Callable[[str], None],
) -> None:
    """From the first day to `on`: the registers of each school day, then what is owed is done on working days."""
    calendars = calendars_of(classes, on)
    school_days, anywhere = set(cast.days), next(iter(calendars.values()))
    day, month = cast.days[0], 0
    while day <= on:
        if day in school_days:
            take_registers(cast, classes, calendars, marks, silent, day)
        if anywhere.counts(day, DayType.WORKING):
            play(cast, day)
        if day.month != month:
            month = day.month
            say(f"  点名与办理进行到 {dated(day)}")
        day += timedelta(days=1)
    finish(cast, on)


def take_registers(
    cast: Cast,
    classes: Iterable[Unit],
    calendars: dict[int, Calendar],
    marks: dict[int, Marks],
    silent: set[tuple[int, date]],
    day: date,
) -> None:
    """Every class teacher takes the register at ten past eight; the silent ones do not."""
    for school_class in classes:
        if (school_class.pk, day) in silent:
            continue
        absent = marks.get(school_class.pk, {}).get(day, {})
        save_roll(
            by=cast.staff.actor(Role.CLASS_TEACHER, school_class.pk) or cast.system,
            school_class=school_class,
            day=day,
            changes=[Change(pk, Value(), value) for pk, value in sorted(absent.items())],
            calendar=calendars[school_class.pk],
            now=moment(day, 8, 10),
        )


def open_cases(cast: Cast) -> dict[int, Case]:
    """The open cases of the tales' children, by case id."""
    ids = Case.objects.filter(student_id__in=cast.told, closed_on__isnull=True).values_list("pk", flat=True)
    return {case.pk: case for case in with_units(ids)}


def play(cast: Cast, day: date) -> None:
    """What is owed on a day is recorded, each act seeing the one before; then what may be closed is closed."""
    cases = open_cases(cast)
    for act in range(ACTS_A_DAY):
        known = known_of_cases(cases.values(), day) if cases else {}
        moved = {pk: case for pk, case in cases.items() if _act(cast, case, known[pk], day, act)}
        if not moved:
            break
        cases = {case.pk: case for case in with_units(moved)}
    close_ripe(cast, day)


def _act(cast: Cast, case: Case, known: Known, day: date, number: int) -> bool:
    one = cast.told[case.student_id]
    kind = next_kind(one, known.policy, known.standing(day), day, cast.days)
    if kind is None or (number and kind != EventKind.CRITICISM):
        return False
    by = cast.actor(case, RECORDER[kind])
    now = moment(day, FIRST_ACT + LATER * number)
    if cast.papers and kind in BY_PAPER:
        by_paper(cast, case, kind, by, now)
    else:
        record_event(by=by, case=case, event=new_event(one, kind, case, by, cast, day), now=now)
    return True


def close_ripe(cast: Cast, day: date) -> None:
    """Cases whose tale ends well are closed off by the post the plan names, once nothing is missing."""
    ripe = {pk: case for pk, case in open_cases(cast).items() if cast.told[case.student_id].tale.close}
    known = known_of_cases(ripe.values(), day) if ripe else {}
    for pk, case in ripe.items():
        standing = known[pk].standing(day)
        if standing.closable and standing.returned_on:
            approver = approver_of(known[pk].policy, standing)
            close_case(
                by=cast.actor(case, approver), case=case, outcome=Outcome.RETURNED, proof="", now=moment(day, 16)
            )


def finish(cast: Cast, on: date) -> None:
    """Bring every open case up to the evening of the last day, 500 a transaction."""
    ids = list(Case.objects.filter(closed_on__isnull=True).order_by("id").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        cases = with_units(ids[start : start + CHUNK])
        refresh_cases(by=cast.system, cases=cases, on=on, now=moment(on, 18))
