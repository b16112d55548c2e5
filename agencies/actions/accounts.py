"""Accounts: made in bulk, reset, closed; sign-ins noted."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from axes.utils import reset as axes_reset
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from agencies import audit
from agencies.choices import Permission, Role, Verb
from agencies.fields import blind_index
from agencies.models import Deputy, Post, User
from agencies.rules.passwords import spelled
from agencies.scope import Actor, not_over


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for a person's first sign-in; the password exists nowhere else in plain text."""

    name: str
    username: str
    password: str
    posts: str = ""


def create_account(
    *,
    by: Actor,
    username: str,
    name: str,
    now: datetime,
    phone: str = "",
    password: str | None = None,
    hashed: str = "",
) -> tuple[User, str]:
    """Make one account with a first password that must be changed; returns the account and that password.

    `password` is one its owner has chosen already; `hashed` a first password hashed before and not returned.
    """
    by.require(Permission.MANAGE_ACCOUNTS)
    plain = "" if hashed else password or spelled(secrets.token_bytes(12))
    with transaction.atomic():
        user = User(
            username=username,
            name=name,
            phone=phone,
            phone_index=blind_index(phone),
            must_change_password=password is None,
            password_changed_at=now if password else None,
            password=hashed or make_password(plain),
        )
        user.save()
        audit.record(by=by, verb=Verb.ACCOUNT_CREATED, kind="user", object_id=user.pk, now=now)
    return user, plain


def _require_may_touch(by: Actor, user: User, now: datetime) -> None:
    """PermissionDenied where a system administrator would take over the security or audit administrator (三员分立)."""
    by.require(Permission.MANAGE_ACCOUNTS)
    if by.system or Role.SECURITY_ADMIN in by.roles():
        return
    if _is_guarded(user, timezone.localtime(now).date()):
        raise PermissionDenied("安全管理员、审计管理员的账号只能由安全管理员办理（三员分立）。")


def _is_guarded(user: User, on: date) -> bool:
    """Whether somebody holds one of the two posts, will hold it, or stands in for its holder, today or later."""
    guarded = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    return (
        Post.objects.filter(not_over(on), user=user, role__in=guarded).exists()
        or Deputy.objects.filter(user=user, last_day__gte=on, post__role__in=guarded).exists()
    )


def reset_account(*, by: Actor, user: User, now: datetime, hashed: str = "") -> Slip:
    """A new first password for somebody who forgot it; unlocks the account, opens a closed one, ends its sessions."""
    _require_may_touch(by, user, now)
    plain = "" if hashed else spelled(secrets.token_bytes(12))
    with transaction.atomic():
        user.password = hashed or make_password(plain)
        user.must_change_password = True
        user.is_active = True
        user.save(update_fields=["password", "must_change_password", "is_active"])
        axes_reset(username=user.username)
        audit.record(by=by, verb=Verb.ACCOUNT_RESET, kind="user", object_id=user.pk, now=now)
    return Slip(name=user.name, username=user.username, password=plain)


def close_account(*, by: Actor, user: User, now: datetime) -> None:
    """The account can no longer sign in, open sessions end; its record stays. ValueError for one's own account."""
    _require_may_touch(by, user, now)
    if user.pk == by.user_id:
        raise ValueError("不能停用自己的账号；请另一位管理员办理。")
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        audit.record(by=by, verb=Verb.ACCOUNT_CLOSED, kind="user", object_id=user.pk, now=now)


def change_password(*, by: Actor, user: User, password: str, now: datetime) -> None:
    """A person sets his own password."""
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = False
        user.password_changed_at = now
        user.save(update_fields=["password", "must_change_password", "password_changed_at"])
        audit.record(by=by, verb=Verb.PASSWORD_CHANGED, kind="user", object_id=user.pk, now=now)


def note_login(*, by: Actor, now: datetime, own_device: bool) -> None:
    """Put a sign-in on record."""
    audit.record(
        by=by, verb=Verb.LOGGED_IN, kind="user", object_id=by.user_id, now=now, detail={"own_device": own_device}
    )


def note_failed_login(*, by: Actor, user: User, now: datetime) -> None:
    """Put on record that a password given for an account was wrong; the caller leaves out what the lock refuses."""
    audit.record(by=by, verb=Verb.LOGIN_FAILED, kind="user", object_id=user.pk, now=now)


def note_logout(*, by: Actor, now: datetime) -> None:
    """Put a sign-out on record."""
    audit.record(by=by, verb=Verb.LOGGED_OUT, kind="user", object_id=by.user_id, now=now)
