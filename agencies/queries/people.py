"""Reads about people: the acting person, the demo's accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from agencies.choices import Permission, Role, UnitKind
from agencies.fields import blind_index
from agencies.models import Deputy, Post, Unit, User
from agencies.rules.accounts import Known, Place
from agencies.scope import Actor, HeldPost, current, not_over

# Asked with every request, so written by hand: Django takes fifteen times as long to put it together as the database
# to answer it (docs/decisions/0013-sql-by-hand.md). The ids as one list: PostgreSQL reads the whole table for an OR.
_POSTS = """
SELECT p.user_id, holder.name, p.id, p.unit_id, unit.name, unit.kind, unit.path, p.role
FROM agencies_post p
JOIN agencies_user holder ON holder.id = p.user_id
JOIN agencies_unit unit ON unit.id = p.unit_id
WHERE p.first_day <= %(on)s AND (p.last_day IS NULL OR p.last_day >= %(on)s)
AND p.id IN (
  SELECT own.id FROM agencies_post own WHERE own.user_id = %(user)s
  UNION ALL
  SELECT d.post_id FROM agencies_deputy d
  WHERE d.user_id = %(user)s AND d.first_day <= %(on)s AND d.last_day >= %(on)s
)
ORDER BY CASE WHEN p.user_id = %(user)s THEN 0 ELSE 1 END, p.id
"""


def actor_for(user: User, on: date, *, request_id: str = "") -> Actor:
    """The acting person with the posts held on `on`, own ones first, then those he stands in for (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, {"user": user.pk, "on": on})
        held = tuple(
            HeldPost(post_id, unit_id, unit_name, UnitKind(kind), path, Role(role), "" if holder == user.pk else name)
            for holder, name, post_id, unit_id, unit_name, kind, path, role in cursor.fetchall()
        )
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


def places(actor: Actor, permission: Permission) -> list[Place]:
    """The units in sight as a table of people may name them (1 query)."""
    rows = Unit.objects.visible_to(actor, permission).filter(last_day__isnull=True)
    return [
        Place(pk, UnitKind(kind), path, name, above or "")
        for pk, kind, path, name, above in rows.values_list("pk", "kind", "path", "name", "parent__name")
    ]


def known_phones(phones: Iterable[str]) -> dict[str, Known]:
    """Whose account a phone number belongs to; of several the open one, then the oldest (1 query)."""
    wanted = {blind_index(phone): phone for phone in set(phones) if phone}
    rows = User.objects.filter(phone_index__in=wanted).order_by("is_active", "-id")
    return {wanted[row.phone_index]: Known(row.pk, row.name, row.is_active) for row in rows}


def posts_on(users: Iterable[User], on: date) -> dict[int, list[Post]]:
    """The posts these people hold on a day, by the person's id (1 query)."""
    found: dict[int, list[Post]] = {}
    held = Post.objects.filter(current(on), user__in=[user.pk for user in users]).select_related("unit__parent")
    for post in held.order_by("id"):
        found.setdefault(post.user_id, []).append(post)
    return found


def holds_post(on: date) -> Exists:
    """Condition “a post of this person runs on the day or is to begin”."""
    posts = Post.objects.filter(not_over(on), user=OuterRef("pk"))
    return Exists(posts)


def by_username(username: str) -> User | None:
    """The active account of exactly this name."""
    return User.objects.filter(username=username.strip(), is_active=True).first()


def by_name(name: str) -> list[User]:
    """Active accounts of people called exactly this; two are enough to know that the name does not tell (1 query)."""
    return list(User.objects.filter(name=name.strip(), is_active=True).order_by("pk")[:2])


def colleagues_of(actor: Actor, on: date) -> list[tuple[int, str]]:
    """The actor's colleagues, (id, “name · role”) for a choice, one entry a person (1 query)."""
    return [(row.user_id, label) for row, label in _colleagues(actor, on)]


def colleague_accounts(actor: Actor, on: date) -> list[tuple[str, str]]:
    """The actor's colleagues, (account, “name · role”) to be suggested where an account is typed (1 query)."""
    return [(row.user.username, label) for row, label in _colleagues(actor, on)]


def _colleagues(actor: Actor, on: date) -> list[tuple[Post, str]]:
    """People of the same houses as the actor's own posts: a school or village whole, of a township its own hall."""
    near = Q(pk__in=[])
    for post in actor.posts:
        if post.deputy_of:
            continue
        if post.unit_kind in (UnitKind.CLASS, UnitKind.GRID):
            near |= Q(unit__path__startswith=post.unit_path.rstrip("/").rpartition("/")[0] + "/")
        elif post.unit_kind in (UnitKind.SCHOOL, UnitKind.VILLAGE):
            near |= Q(unit__path__startswith=post.unit_path)
        else:
            near |= Q(unit_id=post.unit_id)
    rows = Post.objects.filter(near, current(on), user__is_active=True).exclude(user=actor.user_id)
    found: dict[int, Post] = {}
    for row in rows.select_related("user", "unit").order_by("user__username", "id"):
        found.setdefault(row.user_id, row)
    return [(row, f"{row.user.name} · {row.unit.name} {row.get_role_display()}") for row in found.values()]


def deputies_of(actor: Actor, post_ids: Iterable[int], on: date) -> list[Deputy]:
    """Who stands in for the actor's own posts, or for these, today or later (1 query)."""
    rows = Deputy.objects.filter(Q(post__user=actor.user_id) | Q(post__in=list(post_ids)), last_day__gte=on)
    return list(rows.select_related("user", "post__unit").order_by("first_day", "id"))


def active_user(pk: int) -> User | None:
    """An active account."""
    return User.objects.filter(pk=pk, is_active=True).first()


def open_posts(user: User) -> list[Post]:
    """The posts a person holds without an end (1 query)."""
    return list(Post.objects.filter(user=user, last_day__isnull=True).select_related("unit__parent").order_by("id"))


def own_posts(actor: Actor) -> list[Post]:
    """The posts the actor holds himself today, not those he stands in for (1 query)."""
    own = [post.post_id for post in actor.posts if not post.deputy_of]
    return list(Post.objects.filter(pk__in=own).select_related("unit", "user").order_by("pk"))
