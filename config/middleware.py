"""Per-request safety: a strict content policy, and the acting person with today's posts."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from agencies.queries.people import actor_for
from agencies.web import today

Handler = Callable[[HttpRequest], HttpResponse]

_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """Send the policy with every page: no inline script or style, nothing from elsewhere; and let nobody cache it."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.handler(request)
        response.setdefault("Content-Security-Policy", _POLICY)
        # Pages with children's data must not stay in a shared computer's cache; static files are sent before this.
        response.setdefault("Cache-Control", "no-store")
        return response


class ActingPerson:
    """Set `request.actor`; send a first-time user to change the printed password before anything else."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.actor = (  # type: ignore[attr-defined]
            actor_for(user, today(), request_id=uuid.uuid4().hex) if user.is_authenticated else None
        )
        if user.is_authenticated and user.must_change_password and request.path not in self._open_paths():
            return redirect("agencies:password")
        return self.handler(request)

    @staticmethod
    def _open_paths() -> set[str]:
        return {reverse("agencies:password"), reverse("agencies:logout")}
