"""Bring a case's caches up to date with its derived standing; `caches` writes them and the duty rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from agencies.models import Unit
from agencies.queries.kept import KeptQuery
from agencies.scope import Actor
from cases.actions.caches import save_caches, save_duties
from cases.choices import Cause, DutyState, Stage
from cases.models import Case, DutyRow
from cases.queries.facts import Known, known_of_cases
from cases.rules.standing import Duty, Standing
from cases.rules.units import answering
from cases.rules.wording import advice_of, today_sentence

CHUNK = 500


def root_of(unit: Unit | None) -> int | None:
    """Id of the county a unit lies in."""
    return unit.ancestor_ids[0] if unit else None


def owner_unit_id(case: Case, duty: Duty) -> int | None:
    """Id of the unit that owes a duty; a missing unit's duties fall to the next above, at last to the county."""
    for place in answering(duty.owner):
        found: int | None = getattr(case, f"{place}_id")
        if found:
            return found
    return root_of(case.school or case.township or case.village)


def _cause(known: Known) -> str:
    for event in reversed(known.events):
        if cause := event.data.get("cause"):
            return str(cause) if cause in Cause.values else Cause.OTHER
    return Cause.NOT_KNOWN


def fill(case: Case, known: Known, standing: Standing, now: datetime) -> None:
    """Set the caches of a case from its standing (not saved)."""
    waiting = standing.waiting
    first = next((duty for duty in waiting if not duty.beside), next(iter(waiting), None))
    if standing.helped_since is not None:
        # A helped child's case is 立案 with its first round; until then the record dates from the help.
        case.opened_on = standing.started_on or standing.helped_since
    case.stage = Stage.CLOSED if case.closed_on else standing.stage
    case.step = first.step_key if first else ""
    case.step_name = first.name if first else ""
    case.owner_role = first.owner if first else ""
    case.owner_unit_id = owner_unit_id(case, first) if first else None
    case.next_due_on = standing.next_due_on
    case.overdue = any(duty.state == DutyState.OVERDUE for duty in waiting)
    case.absent_half_days = standing.counted_halves
    case.dropped_out_on = standing.dropped_out_on
    case.relapses = standing.relapses
    case.cause = _cause(known)
    case.sentence = today_sentence(standing, known.events, advice_of(known.policy, standing))[:200]
    case.changes_on = None if case.closed_on else standing.changes_on
    case.refreshed_at = now


def duty_rows(case: Case, standing: Standing) -> list[DutyRow]:
    """The duties that were ever opened, as cache rows (not saved)."""
    return [
        DutyRow(
            case=case,
            step=duty.step_key,
            name=duty.name,
            owner_role=duty.owner,
            owner_unit_id=owner_unit_id(case, duty),
            stage=duty.stage,
            state=duty.state,
            round=duty.round,
            cycle=duty.cycle,
            opened_on=duty.opened_on,
            due_on=duty.due_on,
            done_on=duty.done_on,
            delay_days=max(duty.delay_days, 0),
        )
        for duty in standing.duties
        if duty.opened_on is not None
    ]


def refresh_cases(
    *, by: Actor, cases: Iterable[Case], on: date, now: datetime, known: Mapping[int, Known] | None = None
) -> dict[int, Standing]:
    """Derive these cases anew and store the caches; returns their standings by case id.

    At most a few hundred cases a call; longer work goes through `refresh_stale`. A cache: it writes no audit row.
    """
    rows = list(cases)
    if not rows:
        return {}
    standings = derive(rows, on, now, known if known is not None else known_of_cases(rows, on))
    store(by=by, cases=rows, standings=standings)
    return standings


def derive(cases: list[Case], on: date, now: datetime, known: Mapping[int, Known]) -> dict[int, Standing]:
    """Set the caches of these cases from what is known (not saved); their standings by case id."""
    standings = {case.pk: known[case.pk].standing(case.closed_on or on) for case in cases}
    for case in cases:
        fill(case, known[case.pk], standings[case.pk], now)
    return standings


def store(*, by: Actor, cases: list[Case], standings: Mapping[int, Standing]) -> None:
    """Write the caches and duty rows of derived cases (3 queries)."""
    with transaction.atomic(savepoint=False):
        save_caches(by=by, cases=cases)
        rows = [row for case in cases for row in duty_rows(case, standings[case.pk])]
        save_duties(by=by, rows=rows, of=[case.pk for case in cases])


def mark_stale(*, by: Actor, closed: list[int], on: date) -> None:
    """Have these closed cases derived anew before they are shown next: a fact of theirs may have changed (1 query).

    A cache: it writes no audit row.
    """
    if closed:
        Case.objects.filter(pk__in=closed).update(changes_on=on)


@KeptQuery
def _stale(on: date) -> QuerySet[Case, int]:
    closed = Q(closed_on__isnull=False, changes_on__isnull=False)
    rows = Case.objects.filter(Q(closed_on__isnull=True, changes_on__lte=on) | closed)
    return rows.order_by("id").values_list("pk", flat=True)


def stale_cases(on: date) -> list[int]:
    """Ids of the open cases whose standing may have changed by the day alone, and of the closed ones marked stale."""
    return _stale(on=on)


@KeptQuery
def _with_units(ids: list[int]) -> QuerySet[Case]:
    units = ("school", "school_class", "village", "township")
    unread = ("policy__content", *(f"{unit}__settings" for unit in units))
    return Case.objects.filter(pk__in=ids).select_related("policy", *units).defer(*unread)


def with_units(ids: Iterable[int]) -> list[Case]:
    """Cases with everything the ladder and the owner look-up need (1 query)."""
    return _with_units(ids=list(ids))


def refresh_stale(*, by: Actor, on: date, now: datetime, limit: int | None = None) -> int:
    """Refresh every case whose cached standing has run out by `on`, in chunks; returns how many."""
    ids = stale_cases(on)[:limit]
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            refresh_cases(by=by, cases=with_units(ids[start : start + CHUNK]), on=on, now=now)
    return len(ids)
