"""The ledgers of the plans in force: listed, looked at, taken out as Excel or PDF."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies import xlsx
from agencies.choices import Permission
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, sent_word, today
from notices.actions.exports import (
    Export,
    ExportRefusedError,
    check_export,
    content_of,
    made_at_once,
    note_export,
    start_export,
)
from notices.filters import LedgerFilter
from notices.ledgers.adopted import Kept, kept_by, sheet_of, units_for
from notices.queries.ledgers import row_ids

SHOWN = 50
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def _kept_or_404(actor: Actor, key: str, plan: str) -> Kept:
    """The ledger of this key; `plan` picks one where several plans have it (version and unit)."""
    found = [kept for kept in kept_by(actor, today()) if kept.ledger.key == key]
    chosen = [kept for kept in found if _plan(kept) == plan]
    if not found or (plan and not chosen):
        raise Http404("现行方案没有这本台账，或不在您的职责范围内。")
    return (chosen or found)[0]


def _plan(kept: Kept) -> str:
    return f"{kept.version.pk}-{kept.unit.pk}"


@needs(Permission.VIEW_LEDGER)
def ledgers(request: HttpRequest) -> HttpResponse:
    """The ledgers this person keeps or reads, plan by plan."""
    plans: dict[str, dict[str, Any]] = {}
    for kept in kept_by(actor_of(request), today()):
        plan = plans.setdefault(_plan(kept), {"title": kept.version.title, "unit": kept.unit.label, "rows": []})
        address = reverse("notices:ledger", args=[kept.ledger.key])
        plan["rows"].append({"ledger": kept.ledger, "url": f"{address}?{urlencode({'plan': _plan(kept)})}"})
    return render(request, "notices/ledgers.html", {"plans": list(plans.values())})


@needs(Permission.VIEW_LEDGER)
def ledger(request: HttpRequest, key: str) -> HttpResponse:
    """The first rows of a ledger, covered, with the ways to take it out."""
    actor = actor_of(request)
    kept = _kept_or_404(actor, key, request.GET.get("plan", ""))
    form = LedgerFilter(kept.ledger.kind.key, units_for(actor, kept), request.GET.dict(), on=today())
    return _page(request, kept, form)


def _page(request: HttpRequest, kept: Kept, form: LedgerFilter, error: str = "") -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {
        "ledger": kept.ledger,
        "plan": _plan(kept),
        "plan_title": kept.version.title,
        "form": form,
        "error": error,
        "token": secrets.token_hex(12),
    }
    valid = form.is_valid()
    if valid:
        wanted = kept.wanted(actor, form.unit, form.cleaned_data["first"], form.cleaned_data["last"])
        ids = row_ids(kept.ledger.kind.key, wanted)
        restricted = actor.can(Permission.SEE_RESTRICTED)
        made = sheet_of(kept, wanted, ids[:SHOWN], on=today(), full=False, restricted=restricted)
        context |= {
            "head": xlsx.head(made),
            "rows": [tuple(zip(_labels(made), row, strict=True)) for row in xlsx.table(made).rows],
            "total": len(ids),
            "shown": min(len(ids), SHOWN),
            "unit": form.unit,
            "period": f"{day_label(wanted.first)} 至 {day_label(wanted.last)}",
            "keep": {
                "unit": form.unit.pk,
                "first": wanted.first.isoformat(),
                "last": wanted.last.isoformat(),
                "plan": _plan(kept),
            },
            "may_full": kept.ledger.needs_full_identity
            and actor.can_at(Permission.EXPORT_FULL_IDENTITY, form.unit.path),
        }
    return render(request, "notices/ledger.html", context, status=200 if valid and not error else 400)


def _labels(made: xlsx.Sheet) -> tuple[str, ...]:
    """The heads of the columns as a phone says them, with their group where the head alone says too little."""
    heads = [column.head for column in made.columns]
    return (
        "序号",
        *(
            f"{column.group}·{column.head}" if column.group and heads.count(column.head) > 1 else column.head
            for column in made.columns
        ),
    )


@require_POST
@needs(Permission.VIEW_LEDGER)
def ledger_file(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Take a ledger out: a short one at once, a long one by a job; whole only with the right and a purpose."""
    actor = actor_of(request)
    if form not in TYPES:
        raise Http404("台账只能导出为 Excel 或 PDF。")
    kept = _kept_or_404(actor, key, request.POST.get("plan", ""))
    asked = LedgerFilter(kept.ledger.kind.key, units_for(actor, kept), request.POST.dict(), on=today())
    if not asked.is_valid():
        return _page(request, kept, asked)
    wanted = kept.wanted(actor, asked.unit, asked.cleaned_data["first"], asked.cleaned_data["last"])
    ids = row_ids(kept.ledger.kind.key, wanted)
    export = Export(kept, wanted, form, request.POST.get("full") == "yes", request.POST.get("purpose", "")[:100])
    try:
        check_export(export, len(ids))
    except ExportRefusedError as refused:
        return _page(request, kept, asked, str(refused))
    note_export(by=actor, export=export, count=len(ids), now=now())
    if not made_at_once(export, len(ids)):
        token = sent_word(request, "token") or secrets.token_hex(12)
        job = start_export(by=actor, export=export, token=f"{form}/{token}", now=now())
        messages.info(request, f"共 {len(ids)} 行，正在后台生成。")
        return redirect("agencies:job", job.pk)
    restricted = actor.can(Permission.SEE_RESTRICTED)
    made = sheet_of(kept, wanted, ids, on=today(), full=export.full, restricted=restricted)
    answer = HttpResponse(content_of(made, form), content_type=TYPES[form])
    answer["Content-Disposition"] = (
        f"attachment; filename=\"ledger.{form}\"; filename*=UTF-8''{quote(export.file_name)}"
    )
    return answer
