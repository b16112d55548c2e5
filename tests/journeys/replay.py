"""Lives a worked example through the application: registers, acts and calendar, day by day as they were recorded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from agencies.choices import CalendarKind
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from agencies.rules.calendar import Entry
from cases.actions.events import NewEvent, record_event, supersede_event
from cases.actions.opening import BEGINNINGS, begin_case, enter_old_case
from cases.actions.refresh import refresh_stale
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import known_of_cases, known_of_children, places_of
from cases.rules.event_fields import FIELDS
from cases.rules.facts import Event as Fact
from cases.rules.scenario import Scenario
from cases.rules.standing import Standing
from students.actions.bulk import Registers, take_registers
from students.actions.decisions import decide_correction
from students.choices import PartOfDay
from students.models import Student
from tests import make
from tests.counties import FIXTURES

# What the application asks to be on record before, and the examples leave unsaid.
BEFORE = {
    EventKind.NOTICE_SERVED: EventKind.NOTICE_ISSUED,
    EventKind.SERVICE_FAILED: EventKind.NOTICE_ISSUED,
    EventKind.APPLICATION_DECIDED: EventKind.APPLIED,
    EventKind.PLAN_REVIEWED: EventKind.SUPPORT_PLAN,
    EventKind.RETURN_CONFIRMED: EventKind.RETURNED,
}
ONE_DAY = timedelta(days=1)


class Life:
    """One child of one class under one plan, and the case that may come of it."""

    def __init__(self, key: str, scenario: Scenario) -> None:
        self.scenario = scenario
        self.county = make.county(terms=False)
        self.township = make.township(self.county)
        self.village = make.village(self.township)
        self.school_class = make.school_class(make.school(self.township))
        first = min([*(a for a, _ in scenario.taken), *(e.happened_on for e in scenario.events)], default=make.DAY)
        self._calendar(key)
        make.plan(self.township, key, on=first - timedelta(days=200))
        enrolled = self.school_class if scenario.taken else None
        born = {"birth_date": scenario.born_on} if scenario.born_on else {}
        self.child = make.child(
            enrolled, "周小安", residence=self.village, first_day=first - timedelta(days=150), **born
        )
        self.recorded: dict[int, Event] = {}
        self.unsaid: list[Fact] = []

    def _calendar(self, key: str) -> None:
        own = tomllib.loads((FIXTURES / "counties" / key / "calendar.toml").read_text(encoding="utf-8"))
        for line in own["days"]:
            day = line.get("day")
            self._line(self.county, line["kind"], day or line["first_day"], day or line["last_day"], line["name"])
        for entry in self.scenario.days:
            self._entry(entry)

    def _entry(self, entry: Entry) -> None:
        self._line(self.school_class, entry.kind, entry.first_day, entry.last_day, entry.name)

    @staticmethod
    def _line(unit: Unit, kind: str, first: date, last: date, name: str) -> None:
        make.calendar_line(unit, CalendarKind(kind), first, last, name)

    def days(self) -> Iterator[date]:
        """Every day of the story on which something was recorded or is asked."""
        first = min([*(a for a, _ in self.scenario.taken), *(e.recorded_at.date() for e in self.scenario.events)])
        corrected = [d for a in self.scenario.absent for d in (a.recorded_on, a.superseded_on) if d]
        corrected += [e.superseded_at.date() for e in self.scenario.events if e.superseded_at]
        last = max([*(e.on for e in self.scenario.expects), *corrected])
        day = first
        while day <= last:
            yield day
            day += ONE_DAY

    def case(self) -> Case | None:
        """The child's latest case."""
        return Case.objects.filter(student=self.child).order_by("-id").first()

    def before_the_first_mark(self) -> list[date]:
        """Registers of the days before anything happened, taken at once; returns those days."""
        marked = [a.first for a in self.scenario.absent] + [e.happened_on for e in self.scenario.events]
        calm = [day for day in self.taken() if not marked or day < min(marked)]
        years: dict[int, list[date]] = {}
        for day in calm:
            years.setdefault(day.year + (day.month >= 8), []).append(day)
        for days in years.values():
            row = Registers(make.SYSTEM, self.school_class, self._own(days[-1]), tuple(days), {})
            take_registers(by=make.SYSTEM, registers=[row], at=lambda day: make.moment(day, 8))
        return calm

    def _own(self, day: date) -> Any:
        return calendar_of(self.school_class, day)

    def taken(self) -> list[date]:
        """The days on which the story says the register was taken."""
        found = []
        for first, last in self.scenario.taken:
            found += [d for d in self._own(last).school_days(first, last) if d not in self.scenario.not_taken]
        return sorted(set(found))

    def live(self, day: date, taken: set[date]) -> None:
        """What was recorded on this day: the register, late and corrected marks, acts."""
        if day in taken:
            make.roll(self.school_class, day, self._absent(day, day), at=make.moment(day, 8))
        for late in sorted(self._corrected_on(day)):
            saved = make.roll(self.school_class, late, self._absent(late, day), at=make.moment(day, 12), why="更正")
            for correction in saved.waiting:
                own = self._own(late)
                decide_correction(
                    by=make.SYSTEM,
                    correction=correction,
                    approve=True,
                    why="属实",
                    calendar=own,
                    now=make.moment(day, 12),
                )
        for fact in self.scenario.events:
            if fact.recorded_at.date() == day:
                self.unsaid.append(fact)
        self._act_on(day)
        for fact in self.scenario.events:
            if fact.superseded_at is not None and fact.superseded_at.date() == day:
                supersede_event(by=make.SYSTEM, event=self.recorded[fact.id], why="误记", now=make.moment(day, 12))
        refresh_stale(by=make.SYSTEM, on=day, now=make.moment(day, 23))

    def _absent(self, day: date, known: date) -> dict[Student, str]:
        for absent in self.scenario.absent:
            gone = absent.superseded_on is not None and absent.superseded_on <= known
            if absent.first <= day <= absent.last and (absent.recorded_on or day) <= known and not gone:
                part = "" if absent.part == PartOfDay.DAY else f"{absent.part}:"
                return {self.child: f"{part}{absent.reason}"}
        return {}

    def _corrected_on(self, day: date) -> set[date]:
        found: set[date] = set()
        for absent in self.scenario.absent:
            if day in (absent.recorded_on, absent.superseded_on):
                found |= set(self._own(absent.last).school_days(absent.first, min(absent.last, day)))
        return {d for d in found if d < day or self.scenario.not_taken & {d}}

    def _act_on(self, day: date) -> None:
        """Write down what was done; an act before there is a case is written down once there is one."""
        left = []
        for fact in self.unsaid:
            begins = fact.kind in BEGINNINGS
            if begins or self.case() is not None:
                self._act(fact, make.moment(day, 12))
            else:
                left.append(fact)
        self.unsaid = left

    def _act(self, fact: Fact, now: datetime) -> None:
        case = self.case()
        if case is None or case.closed_on is not None:
            self._begin(fact, now)
            return
        before = BEFORE.get(fact.kind)
        kinds = set(Event.objects.filter(case=case, superseded_at__isnull=True).values_list("kind", flat=True))
        if before is not None and before not in kinds:
            self._record(
                case, before, fact.happened_on, self._filled(before, dict(fact.data), fact.happened_on), now, None
            )
        data = self._filled(fact.kind, dict(fact.data), fact.happened_on)
        if "withdraws" in data:
            data["withdraws"] = [self.recorded[number].pk for number in data["withdraws"]]
        self.recorded[fact.id] = self._record(case, fact.kind, fact.happened_on, data, now, fact.step)

    def _begin(self, fact: Fact, now: datetime) -> None:
        filled = self._filled(fact.kind, dict(fact.data), fact.happened_on)
        if fact.kind == EventKind.FLAGGED and fact.step:
            enter_old_case(
                by=make.SYSTEM, student=self.child, step=fact.step, started_on=fact.happened_on, data={}, now=now
            )
        else:
            event = NewEvent(kind=fact.kind, happened_on=fact.happened_on, data=filled)
            begin_case(by=make.SYSTEM, student=self.child, event=event, now=now)

    @staticmethod
    def _record(case: Case, kind: EventKind, on: date, data: dict[str, Any], now: datetime, step: str | None) -> Event:
        new = NewEvent(kind=kind, happened_on=on, data=data, step=step or "")
        return record_event(by=make.SYSTEM, case=Case.objects.get(pk=case.pk), event=new, now=now)

    @staticmethod
    def _filled(kind: EventKind, given: dict[str, Any], on: date) -> dict[str, Any]:
        """The example's fields, and something in those that the form requires and the example leaves open."""
        data = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
        for field in FIELDS[kind]:
            begins = kind == EventKind.APPLICATION_DECIDED and field.name == "from"
            if (field.required or begins) and not data.get(field.name):
                day = on.isoformat() if field.kind == "date" else "有"
                data[field.name] = field.choices[0][0] if field.choices else day
        return data

    def standing(self, on: date, known_at: datetime | None) -> Standing:
        """How the application sees the child on a day."""
        case = self.case()
        if case is None:
            places = places_of([self.child.pk], on)
            return known_of_children(places.values(), on)[self.child.pk].standing(on, known_at)
        return known_of_cases([case], on, history=True)[case.pk].standing(on, known_at)
