"""Posts: given, ended, stood in for; all open duties handed over in one act."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from agencies import audit, hooks
from agencies.choices import Role, UnitKind, Verb
from agencies.models import Deputy, Post, Unit, User
from agencies.queries.people import colleagues_of
from agencies.rules.calendar import add_months, dated
from agencies.rules.refusals import FieldSentence
from agencies.rules.roles import NOT_FOR_ONESELF, UNIT_KINDS, may_appoint
from agencies.scope import Actor

# A stand-in of more months is an appointment.
LONGEST_MONTHS = 12


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
            detail = {"role": role, "user": user.pk, "from": first_day.isoformat()}
            _record(by, Verb.POST_GIVEN, post, now, detail)
    return post


def end_post(*, by: Actor, post: Post, last_day: date, now: datetime) -> None:
    """The post ends with `last_day`; its undealt duties go to the unit's head. ValueError where it is over already."""
    _may_appoint(by, Role(post.role), post.unit)
    if post.last_day and post.last_day < timezone.localtime(now).date():
        raise ValueError(f"这个岗位已于{dated(post.last_day)}结束，不能再改；要重新任职，请另行任命。")
    with transaction.atomic():
        post.last_day = max(last_day, post.first_day)
        post.save(update_fields=["last_day"])
        _record(by, Verb.POST_ENDED, post, now, {"last_day": post.last_day.isoformat()})


def name_deputy(
    *, by: Actor, post: Post, user: User, first_day: date, last_day: date, why: str, now: datetime
) -> Deputy:
    """Somebody acts for the holder for some days (代课, 出差; a year at most); the holder himself names a colleague.

    Whoever appoints the post may name anybody: what the post sees leaves the house only by the word of its head
    (未成年人网络保护条例 art. 36). Naming the same person for the same days twice returns the deputy that stands.
    """
    if by.user_id != post.user_id:
        _may_appoint(by, Role(post.role), post.unit, user)
    if user.pk == post.user_id:
        raise ValueError(FieldSentence("代理人不能是本人，请另选一人。", "user"))
    if last_day < first_day:
        raise ValueError(FieldSentence("代理的结束日期早于开始日期，请改正。", "last_day"))
    if last_day >= add_months(first_day, LONGEST_MONTHS):
        raise ValueError(
            FieldSentence("代理一次最长一年，请改代理止的日期；更久的请用“移交职责”或另行任命。", "last_day")
        )
    if by.user_id == post.user_id and not _is_colleague(by, post, user, now):
        raise ValueError(
            FieldSentence("代理人须是本单位同事；要请外单位人员代理，请任命您的负责人在“岗位”页代为指定。", "user")
        )
    with transaction.atomic():
        deputy, made = Deputy.objects.get_or_create(
            post=post, user=user, first_day=first_day, last_day=last_day, defaults={"why": why}
        )
        if made:
            _record(by, Verb.DEPUTY_NAMED, post, now, _days_of(deputy))
    return deputy


def _is_colleague(by: Actor, post: Post, user: User, now: datetime) -> bool:
    """Whether the holder names him without his head: one of the same house, or the holder appoints to the post."""
    if may_appoint([(held.role, held.unit_path) for held in by.posts], Role(post.role), post.unit.path):
        return True
    return any(pk == user.pk for pk, _ in colleagues_of(by, timezone.localtime(now).date()))


def end_deputy(*, by: Actor, deputy: Deputy, now: datetime) -> None:
    """Take a deputy back at once: what he did stands, from now on he sees nothing of the post.

    The holder does it himself, or whoever appoints the post. Days already served stay; the audit trail keeps all.
    """
    post = deputy.post
    if by.user_id != post.user_id:
        _may_appoint(by, Role(post.role), post.unit)
    yesterday = timezone.localtime(now).date() - timedelta(days=1)
    with transaction.atomic():
        detail = _days_of(deputy)
        if deputy.first_day > yesterday:
            deputy.delete()
        else:
            deputy.last_day = min(deputy.last_day, yesterday)
            deputy.save(update_fields=["last_day"])
        _record(by, Verb.DEPUTY_ENDED, post, now, detail)


def _days_of(deputy: Deputy) -> dict[str, Any]:
    return {"user": deputy.user_id, "from": deputy.first_day.isoformat(), "to": deputy.last_day.isoformat()}


def _record(by: Actor, verb: Verb, post: Post, now: datetime, detail: dict[str, Any]) -> None:
    audit.record(by=by, verb=verb, kind="post", object_id=post.pk, unit_path=post.unit.path, now=now, detail=detail)


def hand_over(*, by: Actor, giver: User, taker: User, on: date, now: datetime) -> list[Post]:
    """All open posts of `giver` pass to `taker` on `on` in one act; duties follow the posts.

    Returns the new posts; PermissionDenied where one of the posts is not yours to give, ValueError without any post.
    """
    made: list[Post] = []
    with transaction.atomic():
        # Locked, so that of two hand-overs at once the later one finds nothing left to give.
        held = Post.objects.select_for_update(of=("self",), no_key=True).filter(user=giver, last_day__isnull=True)
        posts = list(held.select_related("unit"))
        if not posts:
            raise ValueError(f"{giver.name}没有在任岗位，没有可移交的职责。")
        for post in posts:
            _may_appoint(by, Role(post.role), post.unit, taker)
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
