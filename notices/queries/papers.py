"""The papers of a plan and of a case: which forms a plan has, which papers a person sees, which drafts wait."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Prefetch

from agencies.choices import Permission
from agencies.models import PolicyVersion
from agencies.queries.calendars import calendars_of
from agencies.queries.policies import content_of, policy_of
from agencies.rules.policy_dates import span_end
from agencies.scope import Actor
from cases.choices import EventKind
from cases.models import Case, Event
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice, Service
from notices.models.notice import NoticeQuerySet
from notices.rules.common import with_common
from notices.rules.wording import PaperForm, load_papers

# A paper shows a child whole: whoever makes or serves papers may open it, not everybody who sees the case.
READERS = (
    Permission.ISSUE_SCHOOL_PAPER,
    Permission.DRAFT_ORDER,
    Permission.ISSUE_ORDER,
    Permission.RECORD_SERVICE,
)


# A paper, the one it is about, and the one that is about: a 送达回证 of a letter.
_BEHIND = ("", "about__", "about__about__")


@lru_cache(maxsize=64)
def _forms(version_id: int, digest: str) -> dict[str, PaperForm]:
    version = PolicyVersion.objects.defer("content").get(pk=version_id)
    forms, _ = load_papers(content_of(version).get("notices", {}), f"version {version_id}")
    return with_common({form.key: form for form in forms})


def forms_of(version: PolicyVersion) -> dict[str, PaperForm]:
    """The papers of a plan's version by key, in its order, after them the common wording of those it is silent about.

    Read once per process: versions never change.
    """
    return _forms(version.pk, version.digest)


def form_in(version: PolicyVersion, layout: PaperLayout) -> PaperForm:
    """The one paper of a version in this layout; for layouts every plan has (letters, 送达回证)."""
    return next(form for form in forms_of(version).values() if form.layout == layout)


def layout_of(notice: Notice) -> PaperLayout | None:
    """The layout of a paper; None where no plan knows it any more."""
    return layout_under(notice.case.policy, notice)


def layout_under(version: PolicyVersion, notice: Notice) -> PaperLayout | None:
    """The layout of a paper of a case under this plan: of a case moved since, by the plan it was made under."""
    form = forms_of(version).get(notice.kind) or form_made_from(notice)
    return form.layout if form else None


def thawed(notice: Notice) -> dict[str, Any]:
    """The frozen facts of a paper; empty where there are none."""
    found: dict[str, Any] = json.loads(notice.facts) if notice.facts else {}
    return found


def form_made_from(notice: Notice) -> PaperForm | None:
    """The form by the plan that was frozen with the paper; None where it has none (2 queries)."""
    plan = thawed(notice).get("plan")
    return form_of(int(plan), notice.kind) if plan else None


def maker_layout(notice: Notice) -> PaperLayout | None:
    """The layout that says who makes, signs and seals a paper: of a letter or 送达回证 that of the paper behind it."""
    behind = notice
    while behind.about:
        behind = behind.about
    return layout_under(notice.case.policy, behind)


def form_of(version_id: int, key: str) -> PaperForm | None:
    """One paper of a version by its key."""
    version = PolicyVersion.objects.defer("content").filter(pk=version_id).first()
    return forms_of(version).get(key) if version else None


def with_all(rows: NoticeQuerySet) -> NoticeQuerySet:
    """With what a list or page of papers shows; the bytes stay in the database."""
    services = Service.objects.filter(superseded_at__isnull=True).order_by("happened_at", "id")
    return (
        rows.select_related(
            "unit",
            "addressee",
            "event",
            "about__about",
            "case__student",
            "case__policy",
            "case__school",
            "case__school_class",
            "case__village",
            "case__township",
        )
        .defer("case__policy__content", *(f"{of}{name}" for of in _BEHIND for name in ("pdf", "facts")))
        .prefetch_related(Prefetch("services", queryset=services, to_attr="standing_services"))
    )


def visible_papers(actor: Actor) -> NoticeQuerySet:
    """The papers of cases this person sees."""
    return with_all(Notice.objects.visible_to(actor, Permission.VIEW_CASE))


def papers_of(case: Case) -> list[Notice]:
    """The papers of one case already in sight, newest first (2 queries)."""
    return list(with_all(Notice.objects.filter(case=case)).order_by("-id"))


def followers_of(notice: Notice) -> list[Notice]:
    """What was made about a paper: 撤回函, 更正函 and filled 送达回证, oldest first (2 queries)."""
    return list(with_all(Notice.objects.filter(about=notice)).order_by("id"))


def services_of(notice: Notice) -> list[Service]:
    """Every attempt to serve a paper, those taken back too (1 query)."""
    return list(Service.objects.filter(notice=notice).select_related("event").order_by("happened_at", "id"))


def pdf_of(notice: Notice) -> bytes:
    """The bytes as issued; empty where the paper has none (1 query)."""
    found = Notice.objects.filter(pk=notice.pk).values_list("pdf", flat=True).first()
    return bytes(found) if found else b""


def happened_kinds(case: Case) -> set[EventKind]:
    """The kinds of events that stand in a case (1 query)."""
    rows = Event.objects.filter(case=case, superseded_at__isnull=True).order_by().values_list("kind", flat=True)
    return {EventKind(kind) for kind in rows.distinct()}


def received_reports(notices: Iterable[Notice]) -> set[int]:
    """Which of these papers the township has taken in: a receipt stands in the case after their event (1 query)."""
    rows = list(notices)
    receipts = Event.objects.filter(
        case_id__in={row.case_id for row in rows}, kind=EventKind.REPORT_RECEIVED, superseded_at__isnull=True
    )
    latest: dict[int, int] = {}
    for pk, case_id in receipts.order_by("id").values_list("pk", "case_id"):
        latest[case_id] = pk
    return {row.pk for row in rows if row.event_id and row.event_id < latest.get(row.case_id, 0)}


def presumed_reports(notices: Iterable[Notice], on: date) -> set[int]:
    """Which issued reports count as received by the day though nobody signed for them, as the plan has it (1 query).

    What the clock of the township runs on is not voided any more, it is withdrawn by a letter.
    """
    rows = [row for row in notices if row.state == NoticeState.ISSUED and _sent(row)]
    calendars = calendars_of([row.unit for row in rows], on) if rows else {}
    found = set()
    for row in rows:
        span = policy_of(row.case.policy).clock.unsigned_receipt
        if span is None or row.event is None:
            continue
        if span_end(calendars[row.unit_id], row.event.happened_on, span)[0] <= on:
            found.add(row.pk)
    return found


def _sent(row: Notice) -> bool:
    return row.event is not None and row.event.kind == EventKind.REPORT_SENT and row.event.superseded_at is None
