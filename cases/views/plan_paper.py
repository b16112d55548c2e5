"""The support plan of a child (一生一策) as a paper for signature: what the page says, in the usual form."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from agencies import pdf
from agencies.choices import Permission
from agencies.web import day_label, needs, now, pdf_answer
from cases.actions.viewing import note_plan_printed
from cases.views.support_plan import Read, read_plan, shown

BASE = settings.BASE_DIR / "config" / "static"
# Rows the form has at least; those not filled are for the pen.
MEASURES, REVIEWS = 4, 3
# 送教 of a term is a file of its own; the form lists the latest.
VISITS = 8


@needs(Permission.VIEW_CASE)
def plan_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as PDF, covered as its page is; before one is made, the child's data and empty rows for the pen.

    Each printing is on record: a child's file leaves the system.
    """
    read = read_plan(request, pk)
    said = _paper(read)
    content = pdf.render("cases/print/plan.html", said, base=BASE)
    note_plan_printed(by=read.actor, case=read.case, named=said["named"], now=now())
    name = quote(f"一生一策（{said['name']}）{read.on:%Y%m%d}.pdf")
    return pdf_answer(request, content, hashlib.sha256(content).hexdigest(), name)


def _paper(read: Read) -> dict[str, Any]:
    said = shown(read)
    visits = said["teaching"].get("visits", [])
    return said | {
        "title": "控辍保学“一生一策”工作方案",
        "on": day_label(read.on),
        "measures": said["measures"] + [{}] * (MEASURES - len(said["measures"])),
        "reviews": said["reviews"] + [{}] * (REVIEWS - len(said["reviews"])),
        "visits": visits[:VISITS],
        "visit_count": len(visits),
    }
