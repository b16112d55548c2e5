"""The scan of a paper as signed and sealed, put to it after it was issued."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agencies.web import actor_of, needs, now
from cases.web import head_of, names_for
from notices.actions.scans import add_scans
from notices.queries.papers import READERS, maker_layout
from notices.web import may_scan, paper_or_404
from students.choices import ProofKind
from students.web import later_proofs, takes_files


@needs(*READERS)
@takes_files
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the scan of the sealed copy to a paper."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    if not may_scan(actor, row, maker_layout(row)):
        raise PermissionDenied(f"盖章件由{row.unit.name}有权人员在签发之后上传。")
    return later_proofs(
        request,
        keep=lambda new: add_scans(by=actor, notice=row, new=new, now=now()),
        back_to=reverse("notices:notice", args=[row.pk]),
        kind=ProofKind.SCAN,
        page={
            "title": "上传盖章件扫描",
            "head": head_of(row.case, names_for(actor, [row.case])[row.case_id]),
            "said": f"《{row.title}》{row.number}",
        },
    )
