"""Service of orders and receipt of reports: recorded in one form, corrected with a reason."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.web import actor_of, back, day_label, needs, now, one_or_404, say_refused, today
from cases.web import head_of, names_for
from notices.actions.papers import PaperRefusedError
from notices.actions.serving import failures_of, receive_report, record_service, withdraw_service
from notices.choices import NoticeState, PaperLayout, ServiceMethod, ServiceResult
from notices.forms import ServiceForm, WhyForm
from notices.models import Notice, Service
from notices.queries.papers import layout_of
from notices.rules.issuers import is_served
from notices.web import paper_or_404, served
from students.forms.proofs import ProofsForm
from students.web import takes_files


@needs(Permission.RECORD_SERVICE)
@takes_files
def serve(request: HttpRequest, pk: int) -> HttpResponse:
    """Record how an order was served, or that it was not; the guardian's last day is said at once."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    if not is_served(layout_of(row), to_guardian=bool(row.addressee_id)):
        raise Http404("只有限期通知书、催告书和给监护人的撤回函、更正函需要登记送达。")
    if request.method != "POST":
        first = {
            "token": secrets.token_hex(16),
            "server_1": actor.name,
            "happened_on": today(),
            "happened_time": f"{_rounded(now()):%H:%M}",
            "method": ServiceMethod.DIRECT,
            "receiver": row.addressee_name,
        }
        return _page(request, row, ServiceForm(on=today(), initial=first), ProofsForm(on=today()))
    form = ServiceForm(request.POST, on=today())
    proofs = ProofsForm(request.POST, request.FILES, on=today())
    if not form.is_valid() & proofs.is_valid():
        return _page(request, row, form, proofs, status=400)
    facts = form.facts(row.addressee_name, failures_of(row), proofs.pictures)
    try:
        done = record_service(
            by=actor,
            notice=row,
            facts=facts,
            happened_at=form.happened_at(),
            token=form.cleaned_data["token"],
            now=now(),
            proofs=proofs.kept(),
        )
    except PaperRefusedError as refused:
        say_refused(form, refused)
        return _page(request, row, form, proofs, status=400)
    _say(request, paper_or_404(actor, pk), done)
    return redirect("notices:notice", row.pk)


def _rounded(moment: datetime) -> datetime:
    """The last full five minutes: nobody serves at 16:43, and a minute ahead of the clock would be refused."""
    local = timezone.localtime(moment)
    return local.replace(minute=local.minute - local.minute % 5)


def _say(request: HttpRequest, row: Notice, done: Service) -> None:
    if done.result != ServiceResult.SERVED:
        messages.warning(request, f"已登记送达未成：{done.get_result_display()}。可改用其他方式再次送达。")
        return
    began = ""
    if done.effective_on and done.effective_on != timezone.localtime(done.happened_at).date():
        began = f"公告满30日，自{day_label(done.effective_on)}视为送达。"
    messages.success(request, f"已登记送达。{began}{_what_follows(row)}")


def _what_follows(row: Notice) -> str:
    """What the service of an order or demand starts; nothing for a letter."""
    last = day_label(row.deadline_on)
    if layout_of(row) == PaperLayout.DEMAND:
        return f"催告期至 {last}，期满仍不履行的，可以申请人民法院强制执行。"
    return f"监护人应于 {last}前送学生返校。" if layout_of(row) == PaperLayout.ORDER else ""


def _page(
    request: HttpRequest, row: Notice, form: ServiceForm, proofs: ProofsForm, *, status: int = 200
) -> HttpResponse:
    barred = ""
    if row.state != NoticeState.ISSUED:
        barred = f"这份文书是“{row.get_state_display()}”，签发之后才能登记送达。"
    elif done := served(row):
        on = day_label(timezone.localtime(done.happened_at).date())
        barred = f"这份文书已于{on}送达；登记有误的，请在文书页更正原登记。"
    context = {
        "notice": row,
        "form": form,
        "proofs": proofs,
        "head": head_of(row.case, names_for(actor_of(request), [row.case])[row.case_id]),
        "barred": barred,
        "cancel_url": reverse("notices:notice", args=[row.pk]),
    }
    return render(request, "notices/serve.html", context, status=status)


@needs(Permission.RECORD_SERVICE)
def service_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a wrong record of service: it is crossed out with a reason, then the right one is recorded."""
    actor = actor_of(request)
    rows = Service.objects.visible_to(actor, Permission.VIEW_CASE).select_related(
        "event", "notice__unit", "notice__case__student", "notice__case__policy"
    )
    service: Service = one_or_404(rows.defer("notice__case__policy__content", "notice__pdf"), pk=pk)
    row = paper_or_404(actor, service.notice_id)
    form = WhyForm("更正理由", request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_service(by=actor, service=service, why=form.cleaned_data["why"], now=now())
        except PaperRefusedError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, "原送达登记已划线保留，请重新登记送达。")
            return redirect("notices:serve", row.pk)
    context = {
        "notice": row,
        "form": form,
        "head": head_of(row.case, names_for(actor, [row.case])[row.case_id]),
        "cancel_url": reverse("notices:notice", args=[row.pk]),
    }
    return render(request, "notices/withdraw.html", context, status=400 if form.errors else 200)


@require_POST
@needs(Permission.RECORD_TOWNSHIP_EVENT)
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """The township signs a report in with one tap."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    try:
        event = receive_report(by=actor, notice=row, now=now())
    except PaperRefusedError as refused:
        messages.error(request, "；".join(refused.sentences))
    else:
        door = reverse("cases:event_proofs", args=[event.pk])
        said = '已签收报告单，乡镇的办理期限从此起算。有签收照片或扫描件的，可<a href="{}">现在附上</a>。'
        messages.success(request, format_html(said, door))
    return back(request, "cases:case", row.case_id)
