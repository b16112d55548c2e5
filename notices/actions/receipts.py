"""The filled 送达回证: once service is recorded, everything on record stands on a paper of its own, frozen."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone

from agencies.rules.calendar import dated
from agencies.scope import Actor
from notices.actions.issuing import make_paper
from notices.actions.papers import PaperRefusedError, form_for, frozen
from notices.choices import NoticeState, PaperLayout, ServiceResult
from notices.models import Notice, Service
from notices.queries.papers import form_in, thawed, with_all
from notices.rules.facts import freeze, thaw
from notices.rules.papers import Receipt
from notices.rules.receipts import Attempt, filled_receipt
from notices.rules.service import ServiceFacts
from notices.rules.told import Typed

logger = logging.getLogger("baoxue.papers")


def number_receipt(*, by: Actor, service: Service, facts: ServiceFacts, now: datetime) -> Notice:
    """The filled 送达回证 with its frozen facts, not rendered yet; runs inside the caller's transaction.

    It carries the number of the blank one that left with the order.
    """
    order = Notice.objects.select_related("case__policy", "unit").get(pk=service.notice_id)
    form = form_in(order.case.policy, PaperLayout.RECEIPT)
    receipt = filled_receipt(
        _blank(order),
        facts,
        happened_at=timezone.localtime(service.happened_at),
        deadline=order.deadline_on,
        effective_on=service.effective_on,
        earlier=_earlier(order),
        recorded=f"{by.name} {dated(timezone.localtime(now).date())}{timezone.localtime(now):%H:%M}",
    )
    return Notice.objects.create(
        case=order.case,
        kind=form.key,
        title=form.title,
        state=NoticeState.NUMBERED,
        unit=order.unit,
        about=order,
        addressee_id=order.addressee_id,
        addressee_name=order.addressee_name,
        facts=frozen(plan=order.case.policy_id, typed=Typed(), facts=freeze(receipt)),
        drafted_by_id=by.user_id,
        drafted_name=by.name,
        drafted_at=now,
        issued_by_id=by.user_id,
        issued_name=by.name,
        issued_at=now,
        issued_on=now.date(),
    )


def _blank(order: Notice) -> Receipt:
    """The 送达回证 as it left with the order; an order from before it was kept gets one from its row."""
    for row in thawed(order).get("receipts") or []:
        found = thaw(PaperLayout.RECEIPT, row)
        if isinstance(found, Receipt):
            return found
    return Receipt(
        number="",
        document_title=form_for(order).title,
        document_number=order.number,
        copies=1,
        addressee=order.addressee_name,
        relation=order.addressee.relation if order.addressee else "",
        student=order.case.student.name,
        issuer=order.unit.name,
    )


def _earlier(order: Notice) -> tuple[Attempt, ...]:
    """The attempts on record that did not serve it, oldest first."""
    rows = Service.objects.filter(notice=order, superseded_at__isnull=True).exclude(result=ServiceResult.SERVED)
    return tuple(
        Attempt(timezone.localtime(row.happened_at).date(), str(row.get_result_display()), row.refusal)
        for row in rows.order_by("happened_at", "id")
    )


def finish_receipt(*, by: Actor, pk: int, now: datetime) -> None:
    """Render it; what cannot be rendered now is left to the sweeper: the service stands in any case."""
    notice = with_all(Notice.objects.all()).get(pk=pk)
    try:
        make_paper(by=by, notice=notice, now=now)
    except PaperRefusedError as refused:
        logger.warning("receipt %s waits for the sweeper: %s", pk, type(refused).__name__)


def strike_receipt(*, by: Actor, service: Service, why: str, now: datetime) -> None:
    """The service was corrected: its 送达回证 stays, marked 已更正."""
    Notice.objects.filter(pk=service.receipt_id or 0).exclude(state=NoticeState.VOID).update(
        state=NoticeState.VOID, voided_at=now, voided_by=by.name, void_reason=f"送达登记已更正：{why.strip()}"[:200]
    )
