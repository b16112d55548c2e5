"""Proofs that come after an event: a photo that was still on the phone, a receipt that came by post."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agencies.choices import Permission
from agencies.web import actor_of, day_label, needs, now, one_or_404
from cases.actions.events import add_event_proofs, require_writable
from cases.choices import EventKind
from cases.queries.casepage import events_in_sight
from cases.rules.transitions import permissions_for
from cases.web import head_of, names_for, title_for
from students.web import later_proofs, takes_files


@needs(Permission.VIEW_CASE)
@takes_files
def event_proofs(request: HttpRequest, pk: int) -> HttpResponse:
    """Put proofs to an event that stands; nothing else of it changes."""
    actor = actor_of(request)
    event = one_or_404(events_in_sight(actor), pk=pk)
    kind = EventKind(event.kind)
    wanted = permissions_for(kind)
    if not any(actor.can(permission) for permission in wanted):
        raise PermissionDenied(f"您的岗位没有“{wanted[0].label}”权限，不能为“{kind.label}”补材料。")
    require_writable(actor, event.case, kind)
    return later_proofs(
        request,
        keep=lambda new: add_event_proofs(by=actor, event=event, new=new, now=now()),
        back_to=reverse("cases:case", args=[event.case_id]),
        page={
            "title": "补照片、材料",
            "head": head_of(event.case, names_for(actor, [event.case])[event.case_id]),
            "said": f"附到：{day_label(event.happened_on)} {title_for(actor, event)}",
        },
    )
