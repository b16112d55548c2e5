"""Service of an order is recorded as its 送达回证 says; the guardian's days run from the day it takes effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from agencies.choices import Permission, Verb
from agencies.rules.calendar import dated
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from cases.actions.events import EventRefusedError, NewEvent, record_event, require_sight
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import known_of_cases
from notices.actions.papers import PaperRefusedError, form_for, lock, note, withdraw_event
from notices.actions.receipts import finish_receipt, number_receipt, strike_receipt
from notices.choices import NoticeState, PaperLayout, ServiceMethod, ServiceResult
from notices.models import Notice, Service
from notices.queries.papers import thawed
from notices.rules.demanding import last_day
from notices.rules.issuers import LETTERS, SERVED, is_served
from notices.rules.service import ServiceFacts, refusals, served_on
from students.actions.proofs import NO_PROOFS, NewProofs

# How a failed attempt is called in the case.
_FAILURES = {
    ServiceResult.REFUSED: "refused",
    ServiceResult.NOT_FOUND: "absent",
    ServiceResult.RETURNED: "address",
}


def failures_of(notice: Notice) -> int:
    """Attempts on record that did not serve this paper."""
    rows = Service.objects.filter(notice=notice, superseded_at__isnull=True)
    return rows.exclude(result=ServiceResult.SERVED).count()


def record_service(
    *,
    by: Actor,
    notice: Notice,
    facts: ServiceFacts,
    happened_at: datetime,
    token: str,
    now: datetime,
    proofs: NewProofs = NO_PROOFS,
) -> Service:
    """Record one attempt with the case's event, to which its proofs belong; the same token gives the same row.

    Service fills a 送达回证.

    Raises PaperRefusedError with everything missing at once, PermissionDenied.
    """
    require_sight(by=by, student_id=notice.case.student_id, permissions=(Permission.RECORD_SERVICE,))
    with transaction.atomic():
        lock(notice)
        if token and (twin := _twin(notice, token)):
            return twin
        _check(notice, facts, happened_at, now)
        service = _row(notice, facts, happened_at, by.name, now)
        try:
            event = replace(_event(notice, facts, happened_at, token), proofs=proofs)
            service.event = record_event(by=by, case=notice.case, event=event, now=now)
        except EventRefusedError as refused:
            raise PaperRefusedError(refused.sentences) from refused
        set_deadline(by=by, notice=notice, served_on=service.effective_on, now=now)
        if facts.result == ServiceResult.SERVED:
            service.receipt = number_receipt(by=by, service=service, facts=facts, now=now)
        service.save()
        note(by=by, verb=Verb.PAPER_SERVED, notice=notice, now=now, method=facts.method, result=facts.result)
    if service.receipt_id:
        finish_receipt(by=by, pk=service.receipt_id, now=now)
    return service


def _twin(notice: Notice, token: str) -> Service | None:
    event = Event.objects.filter(case_id=notice.case_id, token=token).first()
    return Service.objects.filter(event=event).first() if event else None


def _check(notice: Notice, facts: ServiceFacts, happened_at: datetime, now: datetime) -> None:
    if not is_served(form_for(notice).layout, to_guardian=bool(notice.addressee_id)):
        raise PaperRefusedError(["只有限期通知书、催告书和给监护人的撤回函、更正函需要登记送达。"])
    if notice.state != NoticeState.ISSUED:
        raise PaperRefusedError([f"这份文书是“{notice.get_state_display()}”，签发之后才能送达。"])
    done = Service.objects.filter(notice=notice, result=ServiceResult.SERVED, superseded_at__isnull=True).first()
    if done:
        day = timezone.localtime(done.happened_at).date()
        raise PaperRefusedError([f"这份文书已登记于{dated(day)}送达；登记有误的，请先更正原登记。"])
    found = list(refusals(facts, on=now.date()))
    if happened_at > now and not found:
        found.append(FieldSentence("送达时间晚于现在，请填写实际时间。", "happened_time"))
    if notice.issued_on and facts.happened_on < notice.issued_on:
        found.append(FieldSentence(f"送达日期早于签发日期{dated(notice.issued_on)}，请核对。", "happened_on"))
    if found:
        raise PaperRefusedError(found)


def _row(notice: Notice, facts: ServiceFacts, happened_at: datetime, recorded: str, now: datetime) -> Service:
    age = f"代收人{facts.receiver_age}周岁，与受送达人同住" if facts.receiver_age is not None else ""
    notes = (age, facts.entrusted_to, facts.announced_in)
    return Service(
        notice=notice,
        method=facts.method,
        result=facts.result,
        happened_at=happened_at,
        effective_on=served_on(facts),
        place=facts.place[:120],
        servers="、".join(name for name in facts.servers if name)[:80],
        receiver=facts.receiver[:60],
        receiver_relation=facts.receiver_relation[:30],
        refusal=facts.refusal_reason[:200],
        witness=facts.witness[:80],
        witness_unit=facts.witness_office[:80],
        evidence=(facts.photo or facts.post_number or facts.consent)[:120],
        note="；".join(text for text in notes if text)[:200],
        recorded_at=now,
        recorded_name=recorded,
    )


def _event(notice: Notice, facts: ServiceFacts, happened_at: datetime, token: str) -> NewEvent:
    at = timezone.localtime(happened_at).time().replace(second=0, microsecond=0)
    kind, data = _told(notice, facts)
    if kind in (EventKind.NOTICE_SERVED, EventKind.DEMAND_SERVED):
        data["time"] = f"{at:%H:%M}"
    said = {name: str(value) for name, value in data.items() if value}
    return NewEvent(kind=kind, happened_on=facts.happened_on, happened_at=at, data=said, token=token)


def _told(notice: Notice, facts: ServiceFacts) -> tuple[EventKind, dict[str, str]]:
    """What the case is told of an attempt: the service of an order alone starts the guardian's time."""
    form = form_for(notice)
    if form.layout in LETTERS:
        how = ServiceMethod(facts.method).label if facts.result == ServiceResult.SERVED else "送达未成："
        how += "" if facts.result == ServiceResult.SERVED else str(ServiceResult(facts.result).label)
        return EventKind.NOTE, {"text": f"《{notice.title}》{notice.number}送{facts.addressee}：{how}"}
    data = {"addressee": facts.addressee, "number": notice.number}
    if facts.result != ServiceResult.SERVED:
        return EventKind.SERVICE_FAILED, data | {"reason": _FAILURES[facts.result], "note": facts.refusal_reason}
    receiver = facts.receiver + (f"（{facts.receiver_relation}）" if facts.receiver_relation else "")
    data |= {"mode": facts.method, "receiver": receiver, "witness": facts.witness, "place": facts.place}
    if form.layout == PaperLayout.DEMAND:
        return EventKind.DEMAND_SERVED, data
    # From here run the months to sue, and so those to have the order enforced: what the paper told counts.
    return EventKind.NOTICE_SERVED, data | {"remedies": "told" if form.remedies else "not_told"}


def set_deadline(*, by: Actor, notice: Notice, served_on: date | None, now: datetime) -> None:
    """Keep the guardian's last day beside the paper: from service once it is served, until then as printed."""
    layout = form_for(notice).layout
    if layout not in SERVED:
        return
    last = _running_to(notice, layout, served_on, now.date()) if served_on else _printed(notice)
    if last:
        Notice.objects.filter(pk=notice.pk).update(deadline_on=last)


def _running_to(notice: Notice, layout: PaperLayout, served_on: date, on: date) -> date:
    cases = Case.objects.select_related("policy", "school_class", "school", "village", "township")
    known = known_of_cases([cases.get(pk=notice.case_id)], on)[notice.case_id]
    return last_day(layout, known.policy, known.calendar, served_on, case_due=known.standing(on).guardian_due_on)


def _printed(notice: Notice) -> date | None:
    """The last day as the paper itself has it, for the day its service was planned."""
    day = (thawed(notice).get("facts") or {}).get("deadline")
    return date.fromisoformat(day) if day else None


def withdraw_service(*, by: Actor, service: Service, why: str, now: datetime) -> None:
    """Take a wrong record of service back with a reason; it stays on record, the clock is derived anew."""
    notice = service.notice
    require_sight(by=by, student_id=notice.case.student_id, permissions=(Permission.RECORD_SERVICE,))
    if not why.strip():
        raise PaperRefusedError(["请写明更正理由。"])
    if notice.state == NoticeState.WITHDRAWN:
        raise PaperRefusedError(["这份文书已经撤回，其送达不再计入，不必更正。"])
    with transaction.atomic():
        won = Service.objects.filter(pk=service.pk, superseded_at__isnull=True).update(
            superseded_at=now, superseded_by=by.name
        )
        if not won:
            raise PaperRefusedError(["这条送达登记已经更正过了，请刷新页面。"])
        strike_receipt(by=by, service=service, why=why, now=now)
        if service.event:
            withdraw_event(by=by, event=service.event, why=why, now=now)
        set_deadline(by=by, notice=notice, served_on=None, now=now)
        note(by=by, verb=Verb.PAPER_SERVED, notice=notice, now=now, withdrawn=service.pk)


def receive_report(*, by: Actor, notice: Notice, now: datetime) -> Event:
    """The township takes a school's report in, in one tap; a second tap changes nothing while the first one stands.

    Raises PaperRefusedError where there is no standing report, PermissionDenied.
    """
    if notice.state != NoticeState.ISSUED or not notice.event or notice.event.kind != EventKind.REPORT_SENT:
        raise PaperRefusedError(["这份文书不是已报送的报告单，无需签收。"])
    new = NewEvent(
        kind=EventKind.REPORT_RECEIVED,
        happened_on=now.date(),
        data={"receiver": by.name, "time": f"{timezone.localtime(now):%H:%M}", "notice": notice.pk},
        token=_receipt_token(notice),
    )
    try:
        return record_event(by=by, case=notice.case, event=new, now=now)
    except EventRefusedError as refused:
        raise PaperRefusedError(refused.sentences) from refused


def _receipt_token(report: Notice) -> str:
    """The same for two taps; another one once a receipt was taken back, so that the report can be signed for anew."""
    receipts = Event.objects.filter(case_id=report.case_id, kind=EventKind.REPORT_RECEIVED)
    gone = receipts.filter(superseded_at__isnull=False, data__notice=report.pk).count()
    return f"received-{report.pk}" + (f"-{gone}" if gone else "")
