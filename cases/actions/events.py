"""Events of a case: recorded, corrected by superseding, never edited; the later of two officers is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Coalesce

from agencies import audit
from agencies.choices import Permission, Role, Verb
from agencies.queries.policies import policy_of
from agencies.rules.calendar import dated
from agencies.rules.policy_schema import Policy
from agencies.rules.refusals import FieldSentence
from agencies.rules.roles import may
from agencies.scope import Actor, HeldPost
from cases.actions.placing import move_enrolment, take_back_enrolment
from cases.actions.proofs import attach, carry_over
from cases.actions.refresh import refresh_cases, with_units
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import known_of_cases
from cases.queries.mergers import units_of_today
from cases.queries.named_posts import confirms_dropout, reopens
from cases.rules.applications import refusals_of_approval
from cases.rules.closing import approver_of
from cases.rules.event_fields import completed
from cases.rules.rounds import as_day
from cases.rules.transitions import EVERY_LEVEL, fields_of, is_mended_by_paper, permissions_for, refusals
from students.actions.proofs import NO_PROOFS, NewProofs
from students.models import Proof, Sight

# Mended on the page of their paper, never as a mere entry.
MADE_BY_PAPERS = frozenset(
    {
        *(EventKind.REPORT_SENT, EventKind.NOTICE_ISSUED, EventKind.NOTICE_SERVED),
        *(EventKind.PAPER_WITHDRAWN, EventKind.PAPER_CORRECTED),
    }
)


class EventRefusedError(ValueError):
    """The case cannot take this event now; `sentences` say which fact is missing."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("；".join(sentences))
        self.sentences = sentences


class StaleCaseError(ValueError):
    """Somebody else recorded something since the page was opened; `events` are what the writer has not seen."""

    def __init__(self, events: list[Event], version: int) -> None:
        super().__init__("页面打开后有新的登记")
        self.events = events
        self.version = version


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a form sends: kind, day (and time), the fields of its form, and what the page had seen."""

    kind: EventKind
    happened_on: date
    data: dict[str, Any] = field(default_factory=dict)
    happened_at: time | None = None
    step: str = ""
    token: str = ""
    seen_version: int | None = None
    proofs: NewProofs = NO_PROOFS


def require_writable(by: Actor, case: Case, kind: EventKind) -> None:
    """PermissionDenied unless a post with one of the event's permissions sees the child with the right to write.

    认定辍学 is for the post the case's plan names, or its superior.
    """
    require_sight(by=by, student_id=case.student_id, permissions=permissions_for(kind))
    if kind == EventKind.DROPOUT_CONFIRMED and not confirms_dropout(by, case):
        rule = policy_of(case.policy).dropout
        who = f"认定辍学须由{rule.confirmer.label}（或其上级）作出。" if rule else "本方案没有认定辍学这一环节。"
        raise PermissionDenied(who)


def require_correctable(by: Actor, event: Event, on: date) -> None:
    """PermissionDenied unless `by` may correct this entry: whoever may record it; a 销号 who approves such.

    A principal approves what never left the school, though no post of a school has the right to close cases at large.
    """
    if event.kind != EventKind.CLOSED:
        require_writable(by, event.case, EventKind(event.kind))
        return
    case = event.case
    require_sight(by=by, student_id=case.student_id, permissions=EVERY_LEVEL)
    known = known_of_cases(with_units([case.pk]), on)[case.pk]
    standing = known.standing(case.closed_on or on)
    if not reopens(by, case, standing):
        approver = approver_of(known.policy, standing)
        raise PermissionDenied(f"本案销号由{approver.label}（或其上级）批准，也由其更正。")


def require_sight(*, by: Actor, student_id: int, permissions: tuple[Permission, ...]) -> None:
    """PermissionDenied unless a post with any of these permissions sees the child with the right to write."""
    if by.system:
        return
    units = {unit for permission in permissions for unit in by.units(permission)}
    if not units:
        by.require(permissions[0])
    if not Sight.objects.filter(student_id=student_id, unit_id__in=units, may_write=True).exists():
        raise PermissionDenied("您对该生只有查看权限（已转出或转介结束），不能登记。")


def post_of(by: Actor, kind: EventKind) -> HeldPost | None:
    """The post under which this was recorded: the first that may record it, in the order of the usual recorders."""
    fit = [post for permission in permissions_for(kind) for post in by.posts if may(post.role, permission)]
    return next(iter([*fit, *by.posts]), None)


def hand_of(by: Actor, post: HeldPost | None, now: datetime) -> dict[str, Any]:
    """Who records an event, under which post, when: fields of the event by name."""
    return {
        "recorded_at": now,
        "recorded_by_id": by.user_id,
        "recorded_name": by.name,
        "recorded_post": f"{post.unit_name} {post.role_label}" if post else "",
        "unit_id": post.unit_id if post else None,
    }


def event_of(by: Actor, case: Case, event: NewEvent, now: datetime) -> Event:
    """The event as this person records it, not saved."""
    return Event(
        case=case,
        kind=event.kind,
        happened_on=event.happened_on,
        happened_at=event.happened_at,
        step=event.step,
        data=completed(event.kind, event.data),
        token=event.token,
        **hand_of(by, post_of(by, event.kind), now),
    )


def _decider(by: Actor, policy: Policy, event: NewEvent) -> Role | None:
    """The post under which the person decides: one the plan names where there is one; None for the system."""
    application = policy.application(str(event.data.get("application")))
    roles = [Role(post.role) for post in by.posts if may(post.role, Permission.DECIDE_APPLICATION)]
    named = [role for role in roles if application and role in application.deciders]
    return next(iter([*named, *roles]), None)


def _check_day(case: Case, happened_on: date, on: date) -> None:
    if happened_on > on:
        raise EventRefusedError(
            [FieldSentence(f"发生日期{dated(happened_on)}还没有到，请改为今天或之前的日期。", "happened_on")]
        )
    birth = case.student.birth_date
    if birth and happened_on <= birth:
        raise EventRefusedError(
            [FieldSentence(f"发生日期{dated(happened_on)}早于学生出生日期，请检查年份。", "happened_on")]
        )


def record_event(*, by: Actor, case: Case, event: NewEvent, now: datetime, replaces: Event | None = None) -> Event:
    """Record what happened; returns the event (the one on record already if the same form came twice).

    Raises EventRefusedError (what is missing), StaleCaseError (others recorded meanwhile: look, then send again),
    PermissionDenied.
    """
    require_writable(by, case, event.kind)
    on = now.date()
    _check_day(case, event.happened_on, on)
    with transaction.atomic():
        locked = with_units_locked(case.pk)
        if event.token and (twin := Event.objects.filter(case=case, token=event.token).first()):
            return twin
        _check_seen(locked, event)
        _check_fits(by, locked, event, on)
        row = event_of(by, locked, event, now)
        row.replaces = replaces
        row.save(force_insert=True)
        attach(by=by, case=locked, event=row, new=event.proofs, now=now)
        audit.record(
            by=by,
            verb=Verb.EVENT_RECORDED,
            kind="case",
            object_id=case.pk,
            child=locked.student.number,
            now=now,
            detail={"event": event.kind, "on": event.happened_on.isoformat()},
        )
        move_enrolment(by=by, student=locked.student, event=row, now=now)
        touch(by=by, case=locked, now=now)
    return row


def add_event_proofs(*, by: Actor, event: Event, new: NewProofs, now: datetime) -> list[Proof]:
    """Put proofs to an event that stands, also after 销号 (a receipt comes late); the case is not derived anew.

    Raises EventRefusedError for a superseded event, PermissionDenied.
    """
    kind = EventKind(event.kind)
    require_writable(by, event.case, kind)
    with transaction.atomic():
        locked = Event.objects.select_for_update().only("superseded_at").get(pk=event.pk)
        if locked.superseded_at:
            raise EventRefusedError(["这条登记已经更正，请把材料附到更正后的登记上。"])
        post = post_of(by, kind)
        return attach(by=by, case=event.case, event=event, new=new, now=now, unit_id=post.unit_id if post else None)


def with_units_locked(case_id: int) -> Case:
    """The case, locked where the database can, with everything the ladder needs."""
    Case.objects.select_for_update().filter(pk=case_id).values_list("pk", flat=True).first()
    return with_units([case_id])[0]


def touch(*, by: Actor, case: Case, now: datetime) -> None:
    """Something was added to the case: count its version up and derive it anew."""
    case.version += 1
    case.save(update_fields=["version"])
    refresh_cases(by=by, cases=[case], on=now.date(), now=now)


def _check_seen(case: Case, event: NewEvent) -> None:
    if event.seen_version is None or event.seen_version >= case.version:
        return
    missed = case.version - event.seen_version
    rows = (
        Event.objects.filter(case=case)
        .select_related("unit")
        .annotate(touched=Coalesce("superseded_at", "recorded_at"))
    )
    latest = rows.order_by("-touched", "-id")[:missed]
    raise StaleCaseError(list(latest), case.version)


def _check_fits(by: Actor, case: Case, event: NewEvent, on: date) -> None:
    known = known_of_cases([case], on)[case.pk]
    standing = known.standing(on)
    sentences = refusals(standing, event.kind, event.data)
    if event.kind == EventKind.APPLICATION_DECIDED and event.data.get("decision") == "approved":
        sentences += refusals_of_approval(
            known.policy,
            known.calendar,
            str(event.data.get("application")),
            _decider(by, known.policy, event),
            as_day(event.data.get("from")),
            as_day(event.data.get("until")),
            standing.recorded,
        )
    if sentences:
        raise EventRefusedError(list(dict.fromkeys(sentences)))


def _reopen(case: Case) -> None:
    """The closing was a mistake: the case is open again, unless another one has begun for the child.

    A closed case keeps its units whatever became of them; an open one is owed by those of today.
    """
    if Case.objects.filter(student_id=case.student_id, closed_on__isnull=True).exists():
        raise EventRefusedError(["该生此后已另有未销号的个案，本次销号不能撤销；请在新个案中登记。"])
    Case.objects.filter(pk=case.pk).update(closed_on=None, outcome="", **units_of_today(case))


def _with_rest_of(event: Event, instead: NewEvent) -> NewEvent:
    """What stands in place of an entry keeps what its form does not ask: the counts of an old list."""
    asked = {field.name for field in fields_of(EventKind(event.kind))}
    rest = {name: value for name, value in event.data.items() if name not in asked}
    return replace(instead, data={**rest, **instead.data})


def _refuse_mending(event: Event, kind: EventKind, *, gone: bool) -> None:
    """EventRefusedError for an entry that is mended elsewhere, or cannot be taken away (`gone`) without another."""
    if kind in MADE_BY_PAPERS and is_mended_by_paper(policy_of(event.case.policy), kind, event.data):
        raise EventRefusedError(["文书的签发、送达和报告不能在此更正，请在文书页作废或更正送达记录。"])
    if kind == EventKind.HELP_BEGUN and gone:
        raise EventRefusedError(["帮扶登记有误的，请改正内容；不该建立的，以“帮扶结束”办结并写明误建。"])
    if event.data.get("moved_to"):
        raise EventRefusedError(["变更适用方案不能在此更正；需要改回的，请在“方案”页再变更一次。"])


def supersede_event(
    *, by: Actor, event: Event, why: str, now: datetime, instead: NewEvent | None = None
) -> Event | None:
    """Correct a wrong entry: the old one stays on record with the reason, the new one stands beside it.

    A superseded closing (销号) opens the case again. Raises EventRefusedError without a reason, for one already
    superseded, for one that issued a paper, and for any other of a closed case.
    """
    kind = EventKind(event.kind)
    require_correctable(by, event, now.date())
    if not why.strip():
        raise EventRefusedError(["请写明更正理由。"])
    _refuse_mending(event, kind, gone=instead is None)
    with transaction.atomic():
        if with_units_locked(event.case_id).closed_on and kind != EventKind.CLOSED:
            raise EventRefusedError(["个案已销号，办理记录不再更正；销号有误的，请先更正销号记录。"])
        won = Event.objects.filter(pk=event.pk, superseded_at__isnull=True).update(
            superseded_at=now, superseded_by=by.name, superseded_why=why.strip()[:200]
        )
        if not won:
            raise EventRefusedError(["这条登记已经被更正过了，请刷新页面。"])
        audit.record(
            by=by,
            verb=Verb.EVENT_SUPERSEDED,
            kind="case",
            object_id=event.case_id,
            child=event.case.student.number,
            now=now,
            detail={"event": event.pk, "kind": event.kind},
        )
        if kind == EventKind.CLOSED:
            _reopen(event.case)
        take_back_enrolment(by=by, student=event.case.student, event=event, now=now)
        if instead:
            right = record_event(by=by, case=event.case, event=_with_rest_of(event, instead), now=now, replaces=event)
            carry_over(by=by, old=event, new=right)
            return right
        touch(by=by, case=with_units_locked(event.case_id), now=now)
    return None
