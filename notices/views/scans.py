"""The scan of a paper as signed and sealed, put to it after it was issued."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from agencies.web import actor_of, needs, now, today
from cases.web import head_of, names_for
from notices.actions.papers import PaperRefusedError
from notices.actions.scans import add_scans
from notices.queries.papers import READERS, maker_layout
from notices.web import may_scan, paper_or_404
from students.choices import ProofKind
from students.forms.proofs import LaterProofsForm
from students.web import takes_files


@needs(*READERS)
@takes_files
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the scan of the sealed copy to a paper."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    if not may_scan(actor, row, maker_layout(row)):
        raise PermissionDenied(f"盖章件由{row.unit.name}有权人员在签发之后上传。")
    sent = request.method == "POST"
    form = LaterProofsForm(request.POST if sent else None, request.FILES if sent else None, on=today())
    if sent and form.is_valid():
        try:
            made = add_scans(by=actor, notice=row, new=form.kept(ProofKind.SCAN), now=now())
        except PaperRefusedError as refused:
            for sentence in refused.sentences:
                form.add_error(None, sentence)
        else:
            messages.success(request, f"已附上盖章件{len(made)}份。" if made else "这些扫描件先前已经附上。")
            return redirect("notices:notice", row.pk)
    context = {
        "form": form,
        "title": "上传盖章件扫描",
        "head": head_of(row.case, names_for(actor, [row.case])[row.case_id]),
        "said": f"《{row.title}》{row.number}",
        "cancel_url": reverse("notices:notice", args=[row.pk]),
    }
    return render(request, "students/proofs_add.html", context, status=400 if sent else 200)
