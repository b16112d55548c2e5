"""The number register of one's units, and drafts signed out many at a time."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.pdf import MERGE_LIMIT
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, page_of, sent_word, today
from notices.actions.bulk import start_signing
from notices.choices import NoticeState
from notices.filters import RegisterFilter
from notices.models import Notice
from notices.queries.papers import READERS, layout_of, maker_layout, received_reports
from notices.queries.register import register_rows, register_units, seen_papers
from notices.queries.unit_reports import reports_together
from notices.rules.issuers import ISSUING, SIGNERS
from notices.web import holds, state_words
from students.rules.masks import mask_name


@needs(*READERS)
def register(request: HttpRequest) -> HttpResponse:
    """Every paper of one's units with its number, void ones too; drafts can be ticked and signed together."""
    actor = actor_of(request)
    listed = RegisterFilter(request.GET, register_rows(actor), units=register_units(actor))
    page = page_of(request, listed.qs, newest_first=True)
    seen = seen_papers(actor, [row.pk for row in page.rows])
    applied = sum(bool(request.GET.get(name)) for name in listed.filters)
    received = received_reports(page.rows)
    rows = [_line(actor, row, row.pk in seen, row.pk in received) for row in page.rows]
    context = {
        "form": listed.form,
        "applied": applied,
        "clear_url": reverse("notices:register"),
        "rows": rows,
        "page": page,
        "signable": any(row["signable"] for row in rows),
        "reports": reports_together(actor, today()),
        "drafts_url": f"{reverse('notices:register')}?state={NoticeState.DRAFT}",
        "token": secrets.token_hex(12),
    }
    return render(request, "notices/register.html", context)


def _line(actor: Actor, row: Notice, seen: bool, received: bool) -> dict[str, Any]:
    layout = layout_of(row)
    words, tone = state_words(row, layout, received=received)
    name = row.case.student.name
    maker = maker_layout(row)
    signs = maker is not None and row.state == NoticeState.DRAFT and holds(actor, row.unit, (ISSUING[maker],))
    return {
        "pk": row.pk,
        "title": row.title,
        "number": row.number,
        "url": reverse("notices:notice", args=[row.pk]) if seen else "",
        "child": name if seen else mask_name(name),
        "addressee": row.addressee_name if seen else mask_name(row.addressee_name),
        "unit": row.unit.label,
        "on": day_label(row.issued_on),
        "by": row.issued_name or row.drafted_name,
        "words": words,
        "tone": tone,
        "why": row.void_reason,
        "signable": seen and signs,
    }


@require_POST
@needs(*SIGNERS)
def sign(request: HttpRequest) -> HttpResponse:
    """Sign the ticked drafts out in the background; the merged file is offered on the job's page."""
    actor = actor_of(request)
    asked = {pk for pk in map(whole, request.POST.getlist("notice")) if pk is not None}
    found = seen_papers(actor, asked)
    if not found:
        messages.error(request, "没有选中可签发的拟稿，请勾选后再签发。")
        return redirect("notices:register")
    if len(found) > MERGE_LIMIT:
        messages.error(request, f"一次最多签发{MERGE_LIMIT}份，请分批办理。")
        return redirect("notices:register")
    token = sent_word(request, "token") or secrets.token_hex(12)
    job = start_signing(by=actor, notice_ids=found, token=token, now=now())
    return redirect("agencies:job", job.pk)
