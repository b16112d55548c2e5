"""Posts: given, ended, stood in for; all open duties handed over in one act."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from agencies import audit, hooks
from agencies.choices import Role, UnitKind, Verb
from agencies.models import Deputy, Post, Unit, User
from agencies.rules.roles import NOT_FOR_ONESELF, UNIT_KINDS, may_appoint
from agencies.scope import Actor


def _may_appoint(by: Actor, role: Role, unit: Unit, taker: User | None = None) -> None:
    """Refuse who may not appoint; for himself nobody uses a post he only stands in for, nor the administrator's."""
    if by.system:
        return
    oneself = taker is not None and taker.pk == by.user_id
    held = [post for post in by.posts if not (oneself and (post.deputy_of or post.role in NOT_FOR_ONESELF))]
    if may_appoint([(post.role, post.unit_path) for post in held], role, unit.path):
        return
    if oneself:
        raise PermissionDenied(f"不能为自己任命{unit.name}的“{role.label}”，请由另一位有任命权的人员办理。")
    raise PermissionDenied(f"您不能任命{unit.name}的“{role.label}”。")


def give_post(*, by: Actor, user: User, unit: Unit, role: Role, first_day: date, now: datetime) -> Post:
    """Give `user` the role at `unit` from `first_day`; raises ValueError where the role does not fit the unit.

    Giving it twice returns the post that stands.
    """
    _may_appoint(by, role, unit, user)
    if UnitKind(unit.kind) not in UNIT_KINDS[role]:
        kinds = "、".join(kind.label for kind in sorted(UNIT_KINDS[role]))
        raise ValueError(f"“{role.label}”只能设在：{kinds}；“{unit.name}”是{unit.get_kind_display()}。")
    with transaction.atomic():
        post, made = Post.objects.get_or_create(
            user=user, unit=unit, role=role, last_day=None, defaults={"first_day": first_day}
        )
        if made:
            audit.record(
                by=by,
                verb=Verb.POST_GIVEN,
                kind="post",
                object_id=post.pk,
                unit_path=unit.path,
                now=now,
                detail={"role": role, "user": user.pk, "from": first_day.isoformat()},
            )
    return post


def end_post(*, by: Actor, post: Post, last_day: date, now: datetime) -> None:
    """The post ends with `last_day`; its undealt duties go to the unit's head."""
    _may_appoint(by, Role(post.role), post.unit)
    with transaction.atomic():
        post.last_day = max(last_day, post.first_day)
        post.save(update_fields=["last_day"])
        audit.record(
            by=by,
            verb=Verb.POST_ENDED,
            kind="post",
            object_id=post.pk,
            unit_path=post.unit.path,
            now=now,
            detail={"last_day": post.last_day.isoformat()},
        )


def name_deputy(
    *, by: Actor, post: Post, user: User, first_day: date, last_day: date, why: str, now: datetime
) -> Deputy:
    """Somebody acts for the holder for some days (代课, 出差); the holder may name one himself.

    Naming the same person for the same days twice returns the deputy that stands.
    """
    if by.user_id != post.user_id:
        _may_appoint(by, Role(post.role), post.unit, user)
    if user.pk == post.user_id:
        raise ValueError("代理人不能是本人，请另选一人。")
    if last_day < first_day:
        raise ValueError("代理的结束日期早于开始日期，请改正。")
    with transaction.atomic():
        deputy, made = Deputy.objects.get_or_create(
            post=post, user=user, first_day=first_day, last_day=last_day, defaults={"why": why}
        )
        if made:
            audit.record(
                by=by,
                verb=Verb.DEPUTY_NAMED,
                kind="post",
                object_id=post.pk,
                unit_path=post.unit.path,
                now=now,
                detail={"user": user.pk, "from": first_day.isoformat(), "to": last_day.isoformat()},
            )
    return deputy


def end_deputy(*, by: Actor, deputy: Deputy, now: datetime) -> None:
    """Take a deputy back at once: what he did stands, from now on he sees nothing of the post.

    The holder does it himself, or whoever appoints the post. Days already served stay; the audit trail keeps all.
    """
    post = deputy.post
    if by.user_id != post.user_id:
        _may_appoint(by, Role(post.role), post.unit)
    yesterday = timezone.localtime(now).date() - timedelta(days=1)
    with transaction.atomic():
        detail = {"user": deputy.user_id, "from": deputy.first_day.isoformat(), "to": deputy.last_day.isoformat()}
        if deputy.first_day > yesterday:
            deputy.delete()
        else:
            deputy.last_day = min(deputy.last_day, yesterday)
            deputy.save(update_fields=["last_day"])
        audit.record(
            by=by,
            verb=Verb.DEPUTY_ENDED,
            kind="post",
            object_id=post.pk,
            unit_path=post.unit.path,
            now=now,
            detail=detail,
        )


def hand_over(*, by: Actor, giver: User, taker: User, on: date, now: datetime) -> list[Post]:
    """All open posts of `giver` pass to `taker` on `on` in one act; duties follow the posts.

    Returns the new posts; PermissionDenied where one of the posts is not yours to give, ValueError without any post.
    """
    posts = list(Post.objects.filter(user=giver, last_day__isnull=True).select_related("unit"))
    if not posts:
        raise ValueError(f"{giver.name}没有在任岗位，没有可移交的职责。")
    for post in posts:
        _may_appoint(by, Role(post.role), post.unit, taker)
    made: list[Post] = []
    with transaction.atomic():
        for post in posts:
            post.last_day = max(on - timedelta(days=1), post.first_day)
            post.save(update_fields=["last_day"])
            made.append(
                Post.objects.get_or_create(
                    user=taker, unit=post.unit, role=post.role, last_day=None, defaults={"first_day": on}
                )[0]
            )
        audit.record(
            by=by,
            verb=Verb.DUTIES_HANDED_OVER,
            kind="user",
            object_id=giver.pk,
            now=now,
            detail={"to": taker.pk, "posts": [post.pk for post in made], "on": on.isoformat()},
        )
        hooks.handed_over(giver.pk, taker.pk, by=by, now=now)
    return made
