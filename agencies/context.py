"""What every page's frame needs: navigation, the acting person, today, the demo mark."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from agencies.choices import Permission
from agencies.rules import roles
from agencies.rules.navigation import DOORS, Door, nearest
from agencies.scope import Actor, HeldPost
from agencies.web import day_label, today


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who acts, where to go, which day it is, whether it is the demo; costs no query."""
    actor: Actor | None = getattr(request, "actor", None)
    day = today()
    return {
        "actor": actor,
        "current_post": actor.posts[0] if actor and actor.posts else None,
        "nav": nav_of(actor, request.path) if actor else [],
        "bar": _bar(),
        "may_search": bool(actor and actor.can(Permission.VIEW_CHILD)),
        "demo": settings.DEMO,
        "today": day,
        "today_label": day_label(day),
    }


@cache
def _bar() -> Mapping[str, str]:
    """The addresses of the bar over every page."""
    names = {"home": "home", "search": "students:search", "password": "agencies:password", "logout": "agencies:logout"}
    return {key: reverse(name) for key, name in names.items()}


def nav_of(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The entries this person's posts open, the one the page belongs to marked `active`."""
    entries = [entry for door in DOORS for entry in _entries(actor, door)]
    here = nearest([entry["url"] for entry in entries], path)
    for entry in entries:
        entry["active"] = entry["url"] == here
    return entries


def _entries(actor: Actor, door: Door) -> list[dict[str, Any]]:
    posts = [post for post in actor.posts if _opens(door, post)]
    if not posts:
        return []
    if not door.at_unit:
        return _entry(door.label, door.url)
    units = {post.unit_id: post.unit_name for post in posts}
    if len(units) == 1:
        return _entry(door.label, door.url, *units)
    return [entry for pk, name in units.items() for entry in _entry(f"{door.label}（{name}）", door.url, pk)]


def _opens(door: Door, post: HeldPost) -> bool:
    return any(roles.may(post.role, permission) for permission in door.permissions) and (
        not door.roles or post.role in door.roles
    )


def _entry(label: str, url: str, *args: int) -> list[dict[str, Any]]:
    address = _address(url, args)
    return [{"label": label, "url": address}] if address else []


@lru_cache(maxsize=4096)
def _address(url: str, args: tuple[int, ...]) -> str:
    """Where a door leads, worked out once a process; an address that is switched off has no entry (a test holds that
    all of them exist)."""
    try:
        return reverse(url, args=args)
    except NoReverseMatch:
        return ""
