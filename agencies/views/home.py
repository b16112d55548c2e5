"""The first page: each role is sent to where its day begins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agencies.rules.navigation import landing, takes_unit
from agencies.web import actor_of, needs


@needs()
def home(request: HttpRequest) -> HttpResponse:
    """Send a person to the first post's page; without a post say whom to ask."""
    actor = actor_of(request)
    if actor.posts:
        first = actor.posts[0]
        target = landing(first.role)
        if target:
            return redirect(target, first.unit_id) if takes_unit(target) else redirect(target)
    return render(request, "agencies/home.html")
