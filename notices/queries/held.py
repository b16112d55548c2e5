"""The issued papers of a case as later papers name them."""

from __future__ import annotations

import io
from datetime import date

from django.utils import timezone

from agencies.pdf import page_count
from cases.models import Case
from notices.choices import NoticeState, ServiceResult
from notices.models import Notice, Service
from notices.queries.papers import form_made_from, forms_of, layout_under, with_all
from notices.queries.scans import scan_counts
from notices.rules.told import Held


def held_papers(case: Case, *, pages: bool) -> tuple[Held, ...]:
    """Every issued paper that stands, oldest first (3 queries); `pages` counts those of each (1 more)."""
    rows = list(with_all(Notice.objects.filter(case=case, state=NoticeState.ISSUED)).order_by("issued_at", "id"))
    scans, counts = scan_counts(rows), _pages(rows) if pages else {}
    forms = forms_of(case.policy)
    return tuple(
        Held(
            layout=form.layout,
            title=row.title,
            number=row.number or _number_of(row),
            on=row.issued_on,
            addressee=row.addressee_id,
            addressee_name=row.addressee_name,
            served_on=_served_on(row),
            deadline=row.deadline_on,
            told_remedies=bool(form.remedies),
            pages=counts.get(row.pk, 0),
            scans=scans.get(row.pk, 0),
            about=layout_under(case.policy, row.about) if row.about else None,
        )
        for row in rows
        if (form := forms.get(row.kind) or form_made_from(row))
    )


def _number_of(row: Notice) -> str:
    """A 送达回证 is named by the paper it tells of."""
    return f"（{row.about.number}）" if row.about else ""


def _served_on(row: Notice) -> date | None:
    services: tuple[Service, ...] = tuple(getattr(row, "standing_services", ()))
    done = next((service for service in services if service.result == ServiceResult.SERVED), None)
    return (done.effective_on or timezone.localtime(done.happened_at).date()) if done else None


def _pages(rows: list[Notice]) -> dict[int, int]:
    stored = Notice.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "pdf")
    return {pk: page_count(io.BytesIO(content)) for pk, content in stored if content}
