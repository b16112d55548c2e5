"""Reads about people: the acting person, the demo's accounts."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from agencies.choices import Role, UnitKind
from agencies.models import Deputy, Post, User
from agencies.scope import Actor, HeldPost, current


def _held(post: Post, deputy_of: str = "") -> HeldPost:
    return HeldPost(
        post_id=post.pk,
        unit_id=post.unit_id,
        unit_name=post.unit.name,
        unit_kind=UnitKind(post.unit.kind),
        unit_path=post.unit.path,
        role=Role(post.role),
        deputy_of=deputy_of,
    )


def actor_for(user: User, on: date, *, request_id: str = "") -> Actor:
    """The acting person with the posts held on `on`, own ones first, then those he stands in for (1 query)."""
    stands_in = Deputy.objects.filter(current(on), user=user).values("post_id")
    rows = (
        Post.objects.filter(current(on))
        .filter(Q(user=user) | Q(pk__in=stands_in))
        .select_related("unit", "user")
        .order_by("id")
    )
    posts = sorted(rows, key=lambda post: post.user_id != user.pk)
    held = tuple(_held(post, "" if post.user_id == user.pk else post.user.name) for post in posts)
    return Actor(name=user.name, user_id=user.pk, posts=held, request_id=request_id)


def demo_accounts(on: date) -> list[dict[str, str]]:
    """One account per role for the demo's login page, in the order of the role table."""
    posts = Post.objects.filter(current(on), user__is_active=True).select_related("user", "unit").order_by("id")
    first: dict[str, Post] = {}
    for post in posts:
        first.setdefault(post.role, post)
    return [
        {
            "username": first[role].user.username,
            "name": first[role].user.name,
            "label": str(Role(role).label),
            "unit": first[role].unit.name,
        }
        for role in Role
        if role in first
    ]
