"""Proofs opened and withdrawn: the original with a trace in the audit trail, its small picture without."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from agencies.choices import Permission
from agencies.web import actor_of, back, needs, now, one_or_404, say_refused
from students.actions.proofs import GIVERS, may_withdraw, note_opened, withdraw_proof
from students.choices import ProofType
from students.forms.proofs import WithdrawProofForm
from students.gateways import blobs
from students.models import Proof
from students.rules.proofs import PICTURES
from students.web import proof_lines, shown_name

LOST = "这份材料的文件缺失或已损坏，请联系系统管理员从备份恢复（manage.py check_proofs）。"
CLOSED = "这份材料属医疗诊断、残疾评估或涉案材料，只有授权人员能打开。"


def _proof(request: HttpRequest, pk: int) -> Proof:
    """A proof about a child in sight (404), which this person's posts may open (403)."""
    actor = actor_of(request)
    rows = Proof.objects.visible_to(actor, Permission.VIEW_CHILD).select_related("student")
    row: Proof = one_or_404(rows, pk=pk)
    if row.restricted and not rows.openable_by(actor).filter(pk=pk).exists():
        raise PermissionDenied(CLOSED)
    return row


def _bytes(row: Proof, *, small: bool = False) -> Iterator[bytes]:
    try:
        return blobs.opened(row.sha256, small=small)
    except (blobs.BlobMissingError, blobs.BlobChangedError) as error:
        raise Http404(LOST) from error


def _sealed_off(response: HttpResponseBase) -> HttpResponseBase:
    """Headers of bytes that somebody else made: shown as what they are, running nothing, kept by no cache."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # A browser lays a picture out with a style of its own.
    response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
    return response


@needs(Permission.VIEW_CHILD)
@require_safe
def proof(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The original as it was given; pictures open in the browser, everything else is saved."""
    row = _proof(request, pk)
    content = _bytes(row)
    note_opened(by=actor_of(request), proof=row, now=now())
    # Photos and recordings are compressed already; compressing them once more would hide their length.
    request.META["HTTP_ACCEPT_ENCODING"] = ""
    response = StreamingHttpResponse(content, content_type=row.content_type)
    response["Content-Length"] = str(row.size)
    how = "inline" if row.content_type in PICTURES else "attachment"
    name = quote(row.file_name, safe="")
    response["Content-Disposition"] = f"{how}; filename=\"proof-{row.pk}\"; filename*=UTF-8''{name}"
    return _sealed_off(response)


@needs(Permission.VIEW_CHILD)
@require_safe
def proof_small(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The small picture for pages: no place and no camera stand in it."""
    row = _proof(request, pk)
    if not row.has_small:
        raise Http404("这份材料没有缩略图。")
    request.META["HTTP_ACCEPT_ENCODING"] = ""
    response = HttpResponse(b"".join(_bytes(row, small=True)), content_type=ProofType.JPEG.value)
    response["Content-Disposition"] = f'inline; filename="proof-{row.pk}.jpg"'
    return _sealed_off(response)


@needs(*GIVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def proof_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wrong proof back with a reason; its giver may, without being let see a restricted one again."""
    actor = actor_of(request)
    rows = Proof.objects.visible_to(actor, Permission.VIEW_CHILD).select_related("student", "unit")
    row: Proof = one_or_404(rows, pk=pk)
    if not may_withdraw(actor, row):
        raise PermissionDenied("只有附上这份材料的本人或同单位经办人可以撤下。")
    form = WithdrawProofForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_proof(by=actor, proof=row, why=form.cleaned_data["why"], now=now())
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, "已撤下，材料划线保留。")
            return back(request, "students:child", row.student_id)
    if row.withdrawn_at and request.method != "POST":
        messages.info(request, "这份材料已经撤下。")
        return redirect("students:child", row.student_id)
    context = {
        "form": form,
        "name": shown_name(actor, row.student.name),
        "proofs": proof_lines(actor, [row]),
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    return render(request, "students/proof_withdraw.html", context, status=400 if form.errors else 200)
