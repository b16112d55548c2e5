"""A paper is voided (作废): it keeps its number and its reason, the event it made is taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from agencies.choices import Verb
from agencies.scope import Actor
from cases.choices import EventKind
from cases.models import Event
from notices.actions.papers import PaperRefusedError, lock, maker_of, note, require_acting, withdraw_event
from notices.choices import NoticeState, ServiceResult
from notices.models import Notice, Service
from notices.queries.papers import presumed_reports
from notices.rules.issuers import DRAFTING, ISSUING


def void_paper(*, by: Actor, notice: Notice, why: str, now: datetime) -> None:
    """Void a draft or an issued paper with a reason; voiding twice changes nothing.

    Raises PaperRefusedError without a reason, for an order already served, for a report already received or, by the
    plan, deemed so.
    """
    maker = maker_of(notice)
    with transaction.atomic():
        lock(notice)
        needed = (ISSUING[maker], *(DRAFTING[maker] if notice.state == NoticeState.DRAFT else ()))
        require_acting(by, notice, needed)
        if not why.strip():
            raise PaperRefusedError(["请写明作废理由。"])
        _check_free(notice, now)
        _void(by=by, notice=notice, why=why, now=now)


def void_unfinished(*, by: Actor, notice: Notice, why: str, now: datetime) -> None:
    """Void a paper whose issuing could not be finished; the number stays in the register with the reason."""
    with transaction.atomic():
        _void(by=by, notice=notice, why=why, now=now)


def _check_free(notice: Notice, now: datetime) -> None:
    if notice.state == NoticeState.WITHDRAWN:
        raise PaperRefusedError(["这份文书已经撤回，不必作废。"])
    if notice.about_id and notice.state != NoticeState.DRAFT:
        raise PaperRefusedError(
            [
                "撤回函、更正函、送达回证不能作废：更正有误的，请对原文书再出具更正函；撤回有误的，请重新出具原文书；送达有误的，请更正送达登记。"
            ]
        )
    served = Service.objects.filter(notice=notice, result=ServiceResult.SERVED, superseded_at__isnull=True)
    if served.exists():
        raise PaperRefusedError(
            ["这份文书已登记送达，不能作废；送达登记有误的，请先更正送达；文书有误的，请出具撤回函或更正函。"]
        )
    if notice.event and notice.event.kind == EventKind.REPORT_SENT:
        later = Event.objects.filter(case=notice.case, kind=EventKind.REPORT_RECEIVED, superseded_at__isnull=True)
        if later.filter(id__gt=notice.event.pk).exists():
            raise PaperRefusedError(["乡镇已签收这份报告单，不能作废；请出具撤回函或更正函。"])
        if presumed_reports([notice], timezone.localtime(now).date()):
            raise PaperRefusedError(
                ["这份报告单报送后按本方案已视为乡镇收到，办理期限已经起算，不能作废；请出具撤回函或更正函。"]
            )


def _void(*, by: Actor, notice: Notice, why: str, now: datetime) -> None:
    won = Notice.objects.filter(pk=notice.pk).exclude(state=NoticeState.VOID)
    if not won.update(state=NoticeState.VOID, voided_at=now, voided_by=by.name, void_reason=why.strip()[:200]):
        return
    note(by=by, verb=Verb.PAPER_VOIDED, notice=notice, now=now)
    if notice.event and notice.event.superseded_at is None:
        withdraw_event(by=by, event=notice.event, why=f"文书作废：{why}", now=now)
