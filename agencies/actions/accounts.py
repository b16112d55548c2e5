"""Accounts: made in bulk, reset, closed; sign-ins noted."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.fields import blind_index
from agencies.models import User
from agencies.scope import Actor

# No look-alikes (0 O 1 l I): a first password is typed from paper.
_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for a person's first sign-in; the password exists nowhere else in plain text."""

    name: str
    username: str
    password: str
    posts: str = ""


def first_password() -> str:
    """Twelve characters in three groups, all four kinds, easy to type from paper."""
    groups = ["".join(secrets.choice(letters) for _ in range(4)) for letters in (_LETTERS, _DIGITS, _CAPITALS)]
    return "-".join(groups)


def create_account(
    *, by: Actor, username: str, name: str, now: datetime, phone: str = "", password: str | None = None
) -> tuple[User, str]:
    """Make one account with a first password that must be changed; returns the account and that password."""
    by.require(Permission.MANAGE_ACCOUNTS)
    plain = password or first_password()
    with transaction.atomic():
        user = User(
            username=username,
            name=name,
            phone=phone,
            phone_index=blind_index(phone),
            must_change_password=password is None,
            password_changed_at=now if password else None,
        )
        user.set_password(plain)
        user.save()
        audit.record(by=by, verb=Verb.ACCOUNT_CREATED, kind="user", object_id=user.pk, now=now)
    return user, plain


def reset_account(*, by: Actor, user: User, now: datetime) -> Slip:
    """A new first password for somebody who forgot it."""
    by.require(Permission.MANAGE_ACCOUNTS)
    plain = first_password()
    with transaction.atomic():
        user.set_password(plain)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        audit.record(by=by, verb=Verb.ACCOUNT_RESET, kind="user", object_id=user.pk, now=now)
    return Slip(name=user.name, username=user.username, password=plain)


def close_account(*, by: Actor, user: User, now: datetime) -> None:
    """The account can no longer sign in; its record stays."""
    by.require(Permission.MANAGE_ACCOUNTS)
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


def note_logout(*, by: Actor, now: datetime) -> None:
    """Put a sign-out on record."""
    audit.record(by=by, verb=Verb.LOGGED_OUT, kind="user", object_id=by.user_id, now=now)
