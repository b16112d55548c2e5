"""A case is closed off (销号) by whoever may approve it, or handed to a person in charge."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.models import User
from agencies.scope import Actor, HeldPost
from cases.actions.events import EventRefusedError, hand_of, require_sight, with_units_locked
from cases.actions.proofs import attach
from cases.actions.refresh import refresh_cases
from cases.choices import EventKind, Outcome
from cases.models import Case, Event
from cases.queries.facts import known_of_cases
from cases.queries.named_posts import acts_as, named_post
from cases.rules.closing import check_closing
from students.actions.proofs import NO_PROOFS, NewProofs


def close_case(
    *,
    by: Actor,
    case: Case,
    outcome: Outcome,
    proof: str,
    now: datetime,
    note: str = "",
    proofs: NewProofs = NO_PROOFS,
) -> Case:
    """Close the case with an outcome; raises EventRefusedError with what is missing, PermissionDenied.

    What must be on record and who approves is the plan's (`cases.rules.closing`); closing twice changes nothing.
    """
    on = now.date()
    with transaction.atomic():
        locked = with_units_locked(case.pk)
        if locked.closed_on:
            return locked
        known = known_of_cases([locked], on)[locked.pk]
        check = check_closing(known.policy, known.standing(on), outcome, proof, born_on=locked.student.birth_date)
        if not acts_as(by, locked, check.approver):
            raise PermissionDenied(f"本案销号须由{check.approver.label}（或其上级）批准。")
        if not check.allowed:
            raise EventRefusedError(list(check.missing))
        said = {"outcome": outcome, "proof": proof, "note": note}
        event = _closed(by, locked, named_post(by, locked, check.approver), said, now)
        attach(by=by, case=locked, event=event, new=proofs, now=now)
        locked.closed_on, locked.outcome = on, outcome
        locked.version += 1
        locked.save(update_fields=["closed_on", "outcome", "version"])
        refresh_cases(by=by, cases=[locked], on=on, now=now)
        audit.record(
            by=by,
            verb=Verb.CASE_CLOSED,
            kind="case",
            object_id=locked.pk,
            child=locked.student.number,
            now=now,
            detail={"outcome": outcome},
        )
    return locked


def _closed(by: Actor, case: Case, post: HeldPost | None, said: dict[str, str], now: datetime) -> Event:
    return Event.objects.create(
        case=case,
        kind=EventKind.CLOSED,
        happened_on=now.date(),
        **hand_of(by, post, now),
        data=said,
    )


def assign_person(*, by: Actor, case: Case, person: User | None, now: datetime) -> None:
    """Name the person in charge (责任人, 包保人) of an open case; None takes the name away.

    Raises EventRefusedError for a closed case, PermissionDenied.
    """
    require_sight(by=by, student_id=case.student_id, permissions=(Permission.OPEN_CASE,))
    with transaction.atomic():
        if not Case.objects.filter(pk=case.pk, closed_on__isnull=True).update(person=person):
            raise EventRefusedError(["个案已销号，不再指定责任人。"])
        audit.record(
            by=by,
            verb=Verb.CASE_ASSIGNED,
            kind="case",
            object_id=case.pk,
            child=case.student.number,
            now=now,
            detail={"person": person.pk if person else None},
        )
