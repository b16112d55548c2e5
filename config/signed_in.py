"""Who is signed in: Django's own session and account, each read by a query that is put together once a process.

Every page asks both, and Django spends a tenth of a page on putting the two together. Nothing else of them changes.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import User
from agencies.queries.kept import KeptQuery


@KeptQuery
def _sessions(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)


@KeptQuery
def _users(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    def _validate_session_key(self, key: str) -> bool:
        # A made-up key may hold a NUL, which PostgreSQL answers with an error.
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Any:
        row = next(iter(_sessions(key=self.session_key or "")), None)
        if row and row.expire_date > timezone.now():
            return row
        # None, or run out: Django says what that means.
        return super()._get_session_from_db()  # type: ignore[misc] # the stubs leave it out


class AccountBackend(ModelBackend):
    """Django's accounts."""

    def get_user(self, user_id: Any) -> User | None:
        """The active account of this id."""
        row = next(iter(_users(pk=int(user_id))), None)
        return row if row and self.user_can_authenticate(row) else None
