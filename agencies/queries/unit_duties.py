"""What units owe of their plan's recurring duties on a day, and what they have done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from agencies.choices import Permission, UnitKind
from agencies.models import Adoption, PolicyVersion, Unit, UnitDutyDone
from agencies.queries.calendars import calendars_of
from agencies.queries.policies import adoptions_reaching, policy_of, unit_plan_of
from agencies.rules.calendar import Calendar
from agencies.rules.unit_occurrences import Occurrence, occurrences
from agencies.rules.unit_schema import UnitDuty, UnitPlan
from agencies.rules.unit_state import LOOK_BACK, is_member, is_owed, is_shown, state_of
from agencies.scope import Actor, not_over, under

SEES = (Permission.RECORD_UNIT_DUTY, Permission.VIEW_FIGURES)


@dataclass(frozen=True, slots=True)
class UnitDutyRow:
    """One period of one duty of one unit: by when, and how it stands."""

    unit: Unit
    version: PolicyVersion
    duty: UnitDuty
    occurrence: Occurrence
    done: UnitDutyDone | None
    state: str


def units_seen(actor: Actor, permission: Permission | None = None) -> list[str]:
    """Paths of the units whose duties this person sees (or, with a permission, may act on)."""
    wanted = (permission,) if permission else SEES
    return sorted({path for one in wanted for path in actor.paths(one)})


def duty_rows(paths: Iterable[str], on: date, *, below: bool = True) -> list[UnitDutyRow]:
    """The periods that run or stand undone on a day, for the units at these paths (and below).

    4 queries whatever their number (1 where no plan there asks anything of units), and once per process the contents
    of each plan. A unit is judged by the plan in force on the day at the lowest unit above it.
    """
    paths = list(paths)
    adoptions = {row.unit_id: row for row in adoptions_reaching(paths, on)}
    asked = {duty.owner_unit for row in adoptions.values() for duty in unit_plan_of(row.version).duties}
    if not asked:
        return []
    owed = _owed(_units(paths, asked, on, below=below), adoptions, on)
    done = _done(paths, owed)
    rows = [
        UnitDutyRow(unit, version, duty, occurrence, record, state_of(occurrence, _day(record), on))
        for unit, version, duty, occurrence in owed
        for record in (done.get(_key(unit.pk, version.key, duty.key, duty.every, occurrence.first)),)
    ]
    return [row for row in rows if is_shown(row.occurrence, row.state, on)]


def duty_of(unit: Unit, key: str, day: date, on: date) -> UnitDutyRow | None:
    """The period of one duty of one unit in which `day` lies, shown or long past; None if it is not owed."""
    adoptions = {row.unit_id: row for row in adoptions_reaching([unit.path], on)}
    owed = _owed([unit], adoptions, on, look_back=(on - day).days)
    for at, version, duty, occurrence in owed:
        if duty.key == key and occurrence.first <= day <= occurrence.last:
            record = _done([unit.path], owed).get(_key(at.pk, version.key, key, duty.every, occurrence.first))
            return UnitDutyRow(at, version, duty, occurrence, record, state_of(occurrence, _day(record), on))
    return None


def _units(paths: list[str], kinds: set[UnitKind], on: date, *, below: bool) -> list[Unit]:
    reach = under(paths) if below else Q(path__in=paths)
    return list(Unit.objects.filter(reach, not_over(on), kind__in=kinds).order_by("path"))


Owed = tuple[Unit, PolicyVersion, UnitDuty, Occurrence]


def _owed(units: list[Unit], adoptions: dict[int, Adoption], on: date, look_back: int = LOOK_BACK) -> list[Owed]:
    calendars = calendars_of(units, on)
    made: dict[tuple[int, int, str], list[Occurrence]] = {}  # thousands of units share a few calendars
    found = []
    for unit in units:
        adoption = next((adoptions[pk] for pk in reversed(unit.ancestor_ids) if pk in adoptions), None)
        if adoption is None:
            continue
        version, calendar, adopted = adoption.version, calendars[unit.pk], _adopted(adoption)
        plan = unit_plan_of(version)
        for duty in plan.duties:
            if not owns(plan, duty, unit):
                continue
            key = (version.pk, id(calendar), duty.key)
            if key not in made:
                made[key] = _occurrences(version, calendar, duty, on, look_back)
            found += [
                (unit, version, duty, occurrence)
                for occurrence in made[key]
                if is_owed(occurrence, unit.first_day, unit.last_day, adopted)
            ]
    return found


def _adopted(adoption: Adoption) -> date:
    """The day from which units owe what the plan asks: adopted for an earlier day, that on which this was recorded."""
    recorded = adoption.recorded_at
    return max(adoption.first_day, timezone.localtime(recorded).date()) if recorded else adoption.first_day


def _occurrences(
    version: PolicyVersion, calendar: Calendar, duty: UnitDuty, on: date, look_back: int
) -> list[Occurrence]:
    first = on - timedelta(days=max(look_back, 0))
    return [one for one in occurrences(policy_of(version), calendar, duty, first, on) if one.first <= on]


def owns(plan: UnitPlan, duty: UnitDuty, unit: Unit) -> bool:
    """Whether the duty is one of this unit: of its kind and, for a member unit, of its name in the plan."""
    if duty.owner_unit != unit.kind:
        return False
    return not duty.agency or any(a.key == duty.agency and is_member(a, unit.name, unit.code) for a in plan.agencies)


DoneKey = tuple[int, str, str, date | None]


def _key(unit_id: int, plan: str, duty: str, every: str, period_first: date) -> DoneKey:
    # What is owed once stays done when a later version moves the plan's first day.
    return unit_id, plan, duty, None if every == "once" else period_first


def _done(paths: list[str], owed: list[Owed]) -> dict[DoneKey, UnitDutyDone]:
    if not owed:
        return {}
    once = {duty.key for _, _, duty, _ in owed if duty.every == "once"}
    since = min(occurrence.first for _, _, _, occurrence in owed)
    records = (
        UnitDutyDone.objects.standing()
        .filter(under(paths, "unit__path"), Q(period_first__gte=since) | Q(duty__in=once))
        .select_related("version")
        .defer("version__content")
    )
    every = {(version.key, duty.key): duty.every for _, version, duty, _ in owed}
    return {
        _key(row.unit_id, row.version.key, row.duty, every.get((row.version.key, row.duty), ""), row.period_first): row
        for row in records
    }


def _day(record: UnitDutyDone | None) -> date | None:
    return record.done_on if record else None
