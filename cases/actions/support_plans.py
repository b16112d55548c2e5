"""A support plan (一生一策) is made or changed, and a measure of it is put on record as done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from agencies.scope import Actor
from cases.actions.events import EventRefusedError, NewEvent, record_event, with_units_locked
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import as_fact
from cases.rules.support_plan import KINDS, NO_MEASURE, Measure, SupportPlan, measures_text, support_plan


def plan_on_record(case: Case, now: datetime) -> SupportPlan | None:
    """The plan that stands now (1 query)."""
    rows = Event.objects.filter(case=case, kind__in=KINDS, superseded_at__isnull=True)
    return support_plan([as_fact(row) for row in rows], now.date())


def make_plan(
    *, by: Actor, case: Case, plan: NewEvent, measures: list[Measure], companion_unit: str, now: datetime
) -> Event:
    """Put the plan on record, and who stands by the child where that is new (确定包保责任人).

    A changed plan is a new entry; the one before stays. `plan.data` holds the form without its measures. Raises
    EventRefusedError, StaleCaseError and PermissionDenied as any entry does.
    """
    if not measures:
        raise EventRefusedError([NO_MEASURE])
    rows = [measure.as_row() for measure in measures]
    data = {**plan.data, "measures": measures_text(measures), "rows": rows}
    with transaction.atomic():
        before = plan_on_record(case, now)
        event = record_event(by=by, case=case, event=replace(plan, data=data), now=now)
        if event.kind != EventKind.SUPPORT_PLAN:
            raise EventRefusedError(["本页已用于另一项登记，请重新打开后再保存。"])
        person = str(plan.data.get("person") or "")
        if person and (before is None or before.companion != person):
            named = {"person": person, **({"unit": companion_unit} if companion_unit else {})}
            token = f"{plan.token[:38]}-c" if plan.token else ""
            record_event(
                by=by,
                case=case,
                event=NewEvent(kind=EventKind.COMPANION_NAMED, happened_on=plan.happened_on, data=named, token=token),
                now=now,
            )
    return event


def finish_measure(*, by: Actor, case: Case, key: str, token: str, seen_version: int | None, now: datetime) -> Event:
    """Put on record that a measure of the plan that stands was carried out, today.

    The same tap twice is one entry. Raises EventRefusedError where no such measure waits, StaleCaseError and
    PermissionDenied as any entry does.
    """
    with transaction.atomic():
        if token and (twin := Event.objects.filter(case=case, token=token, kind=EventKind.MEASURE_DONE).first()):
            return twin
        with_units_locked(case.pk)
        plan = plan_on_record(case, now)
        measure = plan.measure(key) if plan else None
        if measure is None:
            raise EventRefusedError(["方案里没有这项措施，可能刚刚调整过，请看调整后的方案。"])
        if measure.done_on is not None:
            raise EventRefusedError(["这项措施已经登记落实，无需再登记。"])
        said = "限制信息" if measure.is_restricted else f"{measure.kind.label}：{measure.what}"[:120]
        done = NewEvent(
            kind=EventKind.MEASURE_DONE,
            happened_on=now.date(),
            data={"measure": key, "what": said},
            token=token,
            seen_version=seen_version,
        )
        return record_event(by=by, case=case, event=done, now=now)
