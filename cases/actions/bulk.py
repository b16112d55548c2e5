"""Cases from many registers at once, and many events at once: the same rules, many rows a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from agencies import audit
from agencies.choices import Verb
from agencies.models import Adoption, Unit
from agencies.queries.policies import policy_of
from agencies.scope import Actor
from cases.actions.caches import save_duties
from cases.actions.events import EventRefusedError, NewEvent, _check_day, event_of
from cases.actions.opening import _new_case, numbers_of
from cases.actions.refresh import duty_rows, fill, refresh_cases
from cases.choices import CaseOrigin, EventKind, Outcome
from cases.models import Case, Event
from cases.queries.facts import ChildPlace, Known, as_fact, ids_of, place_among, since_after
from cases.rules.standing import Standing
from cases.rules.transitions import permissions_for, refusals
from students.models import Sight
from students.queries.roll import RollNews


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as opened from the registers, with what was known of it."""

    case: Case
    known: Known


@dataclass(frozen=True, slots=True)
class Found:
    """A child whose roll asks for a case, how it stood on that day, and who took that roll."""

    taker: Actor
    place: ChildPlace
    known: Known
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Ground:
    """The units on some paths and all plans they ever ran: read once, asked for many days."""

    units: Mapping[int, Unit]
    adoptions: tuple[Adoption, ...]

    def place(self, news: RollNews, pk: int, on: date) -> ChildPlace:
        """Where a child of these registers belonged on a day, and the plan in force there."""
        running = (row for row in self.adoptions if row.first_day <= on and (not row.last_day or on <= row.last_day))
        plans = {row.unit_id: row.version for row in running}
        return place_among(pk, news.school_class, news.homes[pk], self.units, plans)


@dataclass(frozen=True, slots=True)
class Act:
    """An event to record: by whom, in which case, and what is known of that case so far."""

    by: Actor
    case: Case
    event: NewEvent
    known: Known


def open_cases(*, by: Actor, news: Iterable[tuple[Actor, RollNews]], at: Callable[[date], datetime]) -> list[Opened]:
    """Open the cases that saving these registers day by day would have opened; in one transaction.

    `news` names with each class who took its registers. Each case opens on the day its child's roll first asked for
    it, under the plan in force that day, with the caches of that day; whoever calls brings them up to date
    (`refresh_cases`). Children with an open case are left out.
    """
    told = list(news)
    children = [pk for _, row in told for pk in row.rolls]
    standing: set[int] = set()
    ended: dict[int, date] = {}
    before = Case.objects.exclude(outcome=Outcome.HELP_ENDED).filter(student_id__in=children)
    before = before.order_by("closed_on", "id")
    for pk, closed_on in before.values_list("student_id", "closed_on"):
        if closed_on is None:
            standing.add(pk)
        else:
            ended[pk] = closed_on
    ground = _ground([row for _, row in told])
    found: list[Found] = []
    for taker, row in told:
        free = [pk for pk in row.rolls if pk not in standing]
        found += [Found(taker, *due) for due in _due(row, free, ended, ground)]
    return _write_cases(by, found, at) if found else []


def _ground(news: list[RollNews]) -> _Ground:
    """The ground of these classes and their children's homes (2 queries)."""
    paths = {row.school_class.path for row in news} | {home for row in news for home in row.homes.values()}
    ids = {pk for path in paths for pk in ids_of(path)}
    adopted = Adoption.objects.filter(unit__in=ids).select_related("version").defer("version__content")
    return _Ground(Unit.objects.in_bulk(ids), tuple(adopted))


def _due(
    news: RollNews, ids: list[int], ended: Mapping[int, date], ground: _Ground
) -> list[tuple[ChildPlace, Known, Standing]]:
    """The children whose roll asks for a case, each with its standing on the day it first did."""
    last = max(next(iter(news.rolls.values())).taken) if ids else None
    if last is None:
        return []
    found = []
    for pk in ids:
        place = ground.place(news, pk, last)
        known = _known(news, pk, place, ended)
        if known is None or not (end := known.standing(last)).opens_case:
            continue
        first = min(duty.opened_on for duty in end.duties if duty.opened_on)
        days = [day for day in sorted(known.roll.taken) if day >= first]
        day, standing = next((day, at_day) for day in days if (at_day := known.standing(day)).opens_case)
        then = ground.place(news, pk, day)
        if then.version and then.version != place.version:
            place, known = then, replace(known, policy=policy_of(then.version))
            standing = known.standing(day)
        found.append((place, known, standing))
    return found


def _known(news: RollNews, pk: int, place: ChildPlace, ended: Mapping[int, date]) -> Known | None:
    if place.version is None:
        return None
    return Known(policy_of(place.version), news.calendar, news.rolls[pk], (), since_after(ended.get(pk)))


def _write_cases(by: Actor, found: list[Found], at: Callable[[date], datetime]) -> list[Opened]:
    opened, duties = [], []
    for row in found:
        now = at(row.standing.on)
        case = _new_case(row.place, row.standing, row.standing.on, now, CaseOrigin.ROLL)
        fill(case, row.known, row.standing, now)
        opened.append(Opened(case, row.known))
    with transaction.atomic():
        Case.objects.bulk_create([row.case for row in opened], batch_size=500)
        for made, row in zip(opened, found, strict=True):
            duties += duty_rows(made.case, row.standing)
        save_duties(by=by, rows=duties)
        numbers = numbers_of(made.case for made in opened)
        audit.record_many(
            by=by,
            verb=Verb.CASE_OPENED,
            kind="case",
            now=max(made.case.opened_at for made in opened),
            rows=(
                {
                    "by": row.taker,
                    "now": made.case.opened_at,
                    "object_id": made.case.pk,
                    "child": numbers[made.case.student_id],
                    "unit_path": made.case.school_class.path if made.case.school_class else "",
                    "detail": {"policy": made.case.policy.key, "version": made.case.policy.version},
                }
                for made, row in zip(opened, found, strict=True)
            ),
        )
    return opened


def record_events(*, by: Actor, acts: Iterable[Act], now: datetime) -> dict[int, Known]:
    """Record one event in each of these cases in one transaction; what is known of each case afterwards, by case id.

    The checks of `record_event`: right to write, day, what is missing. Raises EventRefusedError or PermissionDenied
    and writes nothing where one of them fails. A few hundred acts a call.
    """
    rows = list(acts)
    on = now.date()
    _require_sight(rows)
    for row in rows:
        _check_day(row.case, row.event.happened_on, on)
        if sentences := refusals(row.known.standing(on), row.event.kind, row.event.data):
            raise EventRefusedError(sentences)
    with transaction.atomic():
        made = Event.objects.bulk_create([event_of(row.by, row.case, row.event, now) for row in rows], batch_size=500)
        Case.objects.filter(pk__in=[row.case.pk for row in rows]).update(version=F("version") + 1)
        audit.record_many(
            by=by,
            verb=Verb.EVENT_RECORDED,
            kind="case",
            now=now,
            rows=(
                {
                    "by": row.by,
                    "object_id": row.case.pk,
                    "child": row.case.student.number,
                    "detail": {"event": row.event.kind, "on": row.event.happened_on.isoformat()},
                }
                for row in rows
            ),
        )
        known = {row.case.pk: _with_event(row.known, event) for row, event in zip(rows, made, strict=True)}
        refresh_cases(by=by, cases=[row.case for row in rows], on=on, now=now, known=known)
    return known


def _with_event(known: Known, event: Event) -> Known:
    events = sorted((*known.events, as_fact(event)), key=lambda fact: (fact.happened_on, fact.id))
    return replace(known, events=tuple(events))


def _require_sight(rows: list[Act]) -> None:
    """PermissionDenied unless each writer may write about each child (1 query)."""
    people = [row for row in rows if not row.by.system]
    sights = Sight.objects.filter(student_id__in={row.case.student_id for row in people}, may_write=True)
    seen = set(sights.values_list("student_id", "unit_id")) if people else set()
    for row in people:
        units = {
            unit for permission in permissions_for(EventKind(row.event.kind)) for unit in row.by.units(permission)
        }
        if not any((row.case.student_id, unit) in seen for unit in units):
            raise PermissionDenied("您对该生只有查看权限（已转出或转介结束），不能登记。")
