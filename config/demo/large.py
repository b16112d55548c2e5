"""Plays the days of the large county by bulk actions: all registers of some classes at once, events day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, islice

from django.utils import timezone

from agencies.choices import DayType, Role
from agencies.models import Unit
from agencies.queries.calendars import calendars_of
from cases.actions.bulk import Act, open_cases, record_events
from cases.actions.closing import close_case
from cases.actions.refresh import CHUNK, with_units
from cases.choices import EventKind, Outcome
from cases.models import Case
from cases.queries.facts import Known, known_of_cases
from cases.rules.closing import approver_of
from cases.rules.standing import Standing
from config.demo.absences import Marks
from config.demo.days import moment
from config.demo.small import ACTS_A_DAY, FIRST_ACT, LATER, finish
from config.demo.story import RECORDER, Cast, new_event, next_kind
from students.actions.bulk import Registers, take_registers
from students.queries.roll import school_year_start

# Classes a transaction: a hundred days of twenty classes are about four thousand rows.
CLASSES = 20


@dataclass(slots=True)
class Live:
    """A case of a tale while it is open."""

    case: Case
    known: Known
    opened: date
    _seen: tuple[Known, date, Standing] | None = None

    def standing(self, day: date) -> Standing:
        """How the case stands on a day, derived once as long as nothing more is known."""
        if self._seen is None or self._seen[0] is not self.known or self._seen[1] != day:
            self._seen = (self.known, day, self.known.standing(day))
        return self._seen[2]


def play_days(
    cast: Cast,
    classes: list[Unit],
    marks: dict[int, Marks],
    silent: set[tuple[int, date]],
    *,
    on: date,
    say: Callable[[str], None],
) -> None:
    """All registers from the first day to `on`, then what is owed, day by day."""
    take_all(cast, classes, marks, silent, on=on, say=say)
    live = tale_cases(cast, on)
    say(f"  由考勤立案，其中 {len(live)} 件有后续办理")
    calendar = next(iter(calendars_of(classes[:1], on).values()))
    day = cast.days[0]
    while day <= on:
        if calendar.counts(day, DayType.WORKING):
            play(cast, live, day)
        day += timedelta(days=1)
    finish(cast, on)


def _chunks(classes: list[Unit]) -> Iterator[list[Unit]]:
    rest = iter(classes)
    while chunk := list(islice(rest, CLASSES)):
        yield chunk


def take_all(
    cast: Cast,
    classes: list[Unit],
    marks: dict[int, Marks],
    silent: set[tuple[int, date]],
    *,
    on: date,
    say: Callable[[str], None],
) -> None:
    """The registers of all classes, some classes and one school year a transaction."""
    years = [tuple(days) for _, days in groupby(cast.days, key=school_year_start)]
    calendars = calendars_of(classes, on)
    for number, chunk in enumerate(_chunks(classes), start=1):
        for days in years:
            registers = [
                Registers(
                    by=cast.staff.actor(Role.CLASS_TEACHER, row.pk) or cast.system,
                    school_class=row,
                    calendar=calendars[row.pk],
                    days=tuple(day for day in days if (row.pk, day) not in silent),
                    absent=marks.get(row.pk, {}),
                )
                for row in chunk
            ]
            news = take_registers(by=cast.system, registers=registers, at=lambda day: moment(day, 8, 10))
            told = [(row.by, news[row.school_class.pk]) for row in registers if row.school_class.pk in news]
            open_cases(by=cast.system, news=told, at=lambda day: moment(day, 8, 10))
        if number % 20 == 0:
            say(f"  已登记 {number * CLASSES} 个班级的考勤")


def tale_cases(cast: Cast, on: date) -> dict[int, Live]:
    """The cases of the tales with all that is known of them, read once."""
    ids = list(Case.objects.filter(student_id__in=cast.told, closed_on__isnull=True).values_list("pk", flat=True))
    live = {}
    for start in range(0, len(ids), CHUNK):
        cases = with_units(ids[start : start + CHUNK])
        known = known_of_cases(cases, on)
        for case in cases:
            live[case.pk] = Live(case, known[case.pk], timezone.localtime(case.opened_at).date())
    return live


def play(cast: Cast, live: dict[int, Live], day: date) -> None:
    """What is owed on a day, then the closings; as in the small county, but all cases of a round at once."""
    todo = [row for row in live.values() if row.opened <= day]
    for number in range(ACTS_A_DAY):
        acts = [act for row in todo if (act := _act(cast, row, day, number))]
        if not acts:
            break
        known = record_events(by=cast.system, acts=acts, now=moment(day, FIRST_ACT + LATER * number))
        for pk, fact in known.items():
            live[pk].known = fact
        todo = [live[pk] for pk in known]
    for row in [row for row in live.values() if row.opened <= day and cast.told[row.case.student_id].tale.close]:
        if _close(cast, row, day):
            del live[row.case.pk]


def _act(cast: Cast, row: Live, day: date, number: int) -> Act | None:
    one = cast.told[row.case.student_id]
    kind = next_kind(one, row.known.policy, row.standing(day), day, cast.days)
    if kind is None or (number and kind != EventKind.CRITICISM):
        return None
    by = cast.actor(row.case, RECORDER[kind])
    return Act(by, row.case, new_event(one, kind, row.case, by, cast, day), row.known)


def _close(cast: Cast, row: Live, day: date) -> bool:
    standing = row.standing(day)
    if not (standing.closable and standing.returned_on):
        return False
    by = cast.actor(row.case, approver_of(row.known.policy, standing))
    close_case(by=by, case=row.case, outcome=Outcome.RETURNED, proof="", now=moment(day, 16))
    return True
