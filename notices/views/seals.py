"""用印: entered on the page of a paper, listed per unit, taken out as Excel."""

from __future__ import annotations

import io
import secrets
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies import xlsx
from agencies.choices import Permission
from agencies.rules.numbers import whole
from agencies.web import actor_of, needs, now, one_or_404, page_of, say_refused, today
from cases.web import head_of, names_for
from notices.actions.exports import ROWS_AT_ONCE
from notices.actions.papers import PaperRefusedError
from notices.actions.sealing import NewSeal, note_seals_exported, record_seal, strike_seal
from notices.choices import NoticeState, PaperLayout
from notices.filters import SealFilter
from notices.forms import SealForm, WhyForm
from notices.ledgers.seals import seal_sheet
from notices.models import Notice, Seal
from notices.queries.acting import acting_unit, whose
from notices.queries.papers import READERS, form_made_from, layout_of, maker_layout
from notices.queries.register import seen_papers
from notices.queries.seals import seal_rows, seal_units
from notices.queries.story import issuer_name
from notices.rules.issuers import making
from notices.web import holds, paper_or_404, seal_line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs(*READERS)
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter which seal was set on a paper, by whom, when, on how many copies."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    maker = maker_layout(row)
    if maker is None or not holds(actor, acting_unit(row, actor), making(maker)):
        raise PermissionDenied(f"{whose(row, actor)}登记用印。")
    if request.method != "POST":
        paper = form_made_from(row)
        first = {
            "token": secrets.token_hex(16),
            "name": f"{issuer_name(row.unit)}印章",
            "sealed_on": today(),
            "copies": paper.copies if paper else 1,
            "sealed_by": actor.name,
            "approved_by": row.issued_name,
        }
        return _seal_page(request, row, SealForm(on=today(), initial=first))
    form = SealForm(request.POST, on=today())
    if not form.is_valid():
        return _seal_page(request, row, form, status=400)
    said = {name: value for name, value in form.cleaned_data.items() if name != "token"}
    try:
        record_seal(by=actor, notice=row, said=NewSeal(**said), token=form.cleaned_data["token"], now=now())
    except PaperRefusedError as refused:
        say_refused(form, refused)
        return _seal_page(request, row, form, status=400)
    messages.success(request, f"已登记用印：{said['name']}，{said['copies']}份。")
    return redirect("notices:notice", row.pk)


def _seal_page(request: HttpRequest, row: Notice, form: SealForm, *, status: int = 200) -> HttpResponse:
    barred = ""
    if layout_of(row) == PaperLayout.RECEIPT:
        barred = "送达回证由送达人签名，不登记用印。"
    elif row.state != NoticeState.ISSUED:
        barred = f"这份文书是“{row.get_state_display()}”，签发之后才能登记用印。"
    context = {
        "notice": row,
        "form": form,
        "barred": barred,
        "head": head_of(row.case, names_for(actor_of(request), [row.case])[row.case_id]),
        "cancel_url": reverse("notices:notice", args=[row.pk]),
    }
    return render(request, "notices/seal.html", context, status=status)


@needs(*READERS)
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    """Cross a wrong entry out with a reason."""
    actor = actor_of(request)
    rows = Seal.objects.visible_to(actor, Permission.VIEW_CASE)
    entry: Seal = one_or_404(rows, pk=pk)
    entry.notice = paper_or_404(actor, entry.notice_id)
    form = WhyForm("更正理由", request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            strike_seal(by=actor, seal=entry, why=form.cleaned_data["why"], now=now())
        except PaperRefusedError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, "原用印登记已划线保留，请重新登记。")
            return redirect("notices:notice", entry.notice_id)
    context = {
        "notice": entry.notice,
        "entry": seal_line(entry),
        "form": form,
        "head": head_of(entry.notice.case, names_for(actor, [entry.notice.case])[entry.notice.case_id]),
        "cancel_url": reverse("notices:notice", args=[entry.notice_id]),
    }
    return render(request, "notices/seal_strike.html", context, status=400 if form.errors else 200)


@needs(*READERS)
def seals(request: HttpRequest) -> HttpResponse:
    """The seal register of one's units, newest entry first."""
    actor = actor_of(request)
    listed = SealFilter(request.GET, seal_rows(actor), units=seal_units(actor))
    page = page_of(request, listed.qs, newest_first=True)
    seen = seen_papers(actor, [row.notice_id for row in page.rows])
    rows = [
        {
            **seal_line(row),
            "title": row.notice.title,
            "number": row.notice.number,
            "unit": row.unit.label,
            "url": reverse("notices:notice", args=[row.notice_id]) if row.notice_id in seen else "",
        }
        for row in page.rows
    ]
    context = {
        "form": listed.form,
        "applied": sum(bool(request.GET.get(name)) for name in listed.filters),
        "clear_url": reverse("notices:seals"),
        "rows": rows,
        "page": page,
        "keep": {name: request.GET.get(name, "") for name in listed.filters},
    }
    return render(request, "notices/seals.html", context)


@require_POST
@needs(*READERS)
def seals_file(request: HttpRequest) -> HttpResponse:
    """The seal register as Excel, narrowed as the page is; the export is on record."""
    actor = actor_of(request)
    units = seal_units(actor)
    listed = SealFilter(request.POST, seal_rows(actor), units=units)
    if not listed.is_valid():
        messages.error(request, "筛选条件有误，没有导出：" + "；".join(e for es in listed.errors.values() for e in es))
        return redirect("notices:seals")
    rows = list(listed.qs.order_by("sealed_on", "id")[: ROWS_AT_ONCE + 1])
    if len(rows) > ROWS_AT_ONCE:
        messages.error(request, f"超过{ROWS_AT_ONCE}行，请按单位或日期缩小范围后再导出。")
        return redirect("notices:seals")
    asked = {name: str(request.POST.get(name) or "")[:40] for name in listed.filters}
    note_seals_exported(by=actor, count=len(rows), asked=asked, now=now())
    names = dict(units)
    chosen = whole(request.POST.get("unit", ""))
    unit = "、".join(names.values())[:60] if chosen is None else names.get(chosen, "")
    target = io.BytesIO()
    xlsx.write(seal_sheet(rows, unit=unit, on=today()), target)
    answer = HttpResponse(target.getvalue(), content_type=XLSX)
    name = quote(f"用印登记簿{today():%Y%m%d}.xlsx")
    answer["Content-Disposition"] = f"attachment; filename=\"seals.xlsx\"; filename*=UTF-8''{name}"
    return answer
