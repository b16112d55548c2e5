"""Makes the papers of the tales: reports and orders drafted, signed, printed, served and signed for, as people do."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from agencies.choices import Role
from agencies.scope import Actor
from cases.choices import EventKind
from cases.models import Case
from config.demo.story import Cast
from notices.actions.drafting import draft_papers
from notices.actions.issuing import issue
from notices.actions.serving import receive_report, record_service
from notices.choices import NoticeState, PaperLayout, ServiceMethod, ServiceResult
from notices.models import Notice
from notices.queries.papers import forms_of
from notices.rules.issuers import REPORTS
from notices.rules.service import ServiceFacts
from notices.rules.told import Typed
from students.models import Guardian

BY_PAPER = frozenset(
    {EventKind.REPORT_SENT, EventKind.REPORT_RECEIVED, EventKind.NOTICE_ISSUED, EventKind.NOTICE_SERVED}
)
ORDER = frozenset({PaperLayout.ORDER})


def form_key(case: Case, layouts: frozenset[PaperLayout]) -> str:
    """Key of the case's form in one of these layouts."""
    return next(key for key, form in forms_of(case.policy).items() if form.layout in layouts)


def latest(case: Case, layouts: frozenset[PaperLayout]) -> Notice:
    """The last issued paper of the case in one of these layouts."""
    rows = Notice.objects.filter(case=case, kind=form_key(case, layouts), state=NoticeState.ISSUED)
    return rows.select_related("case", "event", "unit").order_by("-id")[0]


def by_paper(cast: Cast, case: Case, kind: EventKind, by: Actor, now: datetime) -> None:
    """Make the paper that records this event, or what is done with it."""
    if kind == EventKind.REPORT_SENT:
        made = draft_papers(
            by=by, case=case, key=form_key(case, REPORTS), typed=[Typed()], token=f"demo-report-{now:%m%d}", now=now
        )
        issue(by=by, notice=made[0], now=now)
    elif kind == EventKind.REPORT_RECEIVED:
        receive_report(by=by, notice=latest(case, REPORTS), now=now)
    elif kind == EventKind.NOTICE_ISSUED:
        _order(cast, case, by, now)
    else:
        _serve(cast, case, by, now)


def _order(cast: Cast, case: Case, by: Actor, now: datetime) -> None:
    """The officer drafts, whoever may sign signs."""
    guardian = Guardian.objects.filter(student_id=case.student_id, is_guardian=True).order_by("order")[0]
    officer = cast.actor(case, Role.TOWNSHIP_OFFICER)
    office = case.township.settings if case.township else {}
    typed = Typed(
        guardian=guardian.pk,
        planned_service=timezone.localtime(now).date() + timedelta(days=1),
        contact=officer.name,
        phone=office.get("phone", ""),
    )
    made = draft_papers(
        by=officer, case=case, key=form_key(case, ORDER), typed=[typed], token=f"demo-order-{now:%m%d}", now=now
    )
    issue(by=by, notice=made[0], now=now)


def _serve(cast: Cast, case: Case, by: Actor, now: datetime) -> None:
    """Two officers hand it to the guardian at home."""
    notice = latest(case, ORDER)
    facts = ServiceFacts(
        method=ServiceMethod.DIRECT,
        result=ServiceResult.SERVED,
        happened_on=timezone.localtime(now).date(),
        addressee=notice.addressee_name,
        place="学生家中",
        servers=(by.name, cast.actor(case, Role.TOWNSHIP_DEPUTY).name),
        receiver=notice.addressee_name,
        receiver_relation="本人",
    )
    record_service(by=by, notice=notice, facts=facts, happened_at=now, token=f"demo-serve-{notice.pk}", now=now)
