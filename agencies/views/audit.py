"""The audit trail, for the audit administrator: filtered list and the check of its seals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agencies import hooks
from agencies.choices import Permission
from agencies.filters import AuditFilter, filter_context
from agencies.models import AuditRow
from agencies.queries.seals import broken_seals, recent_seals
from agencies.rules.audit_words import detail_text, kind_name
from agencies.web import actor_of, day_label, needs, page_of

MAY = Permission.VIEW_AUDIT


@needs(MAY)
def index(request: HttpRequest) -> HttpResponse:
    """Who did what when, newest first; POST checks the seals."""
    if request.method == "POST":
        _say(request)
        return redirect("agencies:audit")
    found = AuditFilter(request.GET or None, queryset=AuditRow.objects.visible_to(actor_of(request), MAY))
    page = page_of(request, found.qs, newest_first=True)
    rows = [
        {
            "day": day_label(timezone.localtime(row.at).date()),
            "time": f"{timezone.localtime(row.at):%H:%M:%S}",
            "actor": row.actor,
            "post": row.post,
            "verb": row.get_verb_display(),
            "what": f"{kind_name(row.object_kind)} {row.object_id}".strip(),
            "child": row.child_number,
            "detail": detail_text(row.detail, hooks.audit_codes),
        }
        for row in page.rows
    ]
    seals = [{"day": day_label(seal.day), "rows": seal.rows, "digest": seal.digest[:16]} for seal in recent_seals()]
    context = {"rows": rows, "page": page, "seals": seals}
    context["filter"] = filter_context(found, reverse("agencies:audit"))
    return render(request, "agencies/audit.html", context)


def _say(request: HttpRequest) -> None:
    broken = broken_seals()
    if broken:
        days = "、".join(day_label(seal.day) for seal in broken[:10])
        messages.error(request, f"核验不符：{days} 的审计记录或封存值与封存时不同。请保全数据库备份并立即上报。")
    else:
        messages.success(request, "核验通过：封存以来的审计记录没有增、删、改。")
