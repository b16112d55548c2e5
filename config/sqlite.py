"""Lets a statement on SQLite carry a whole class: Django stops at 999 values, today's library takes many more."""

import sqlite3
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# What SQLite takes unless built otherwise (since 3.32); a statement of a million places is nobody's need.
MOST = 32_766


def _widen(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        allowed = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = min(allowed, MOST)


def widen_statements() -> None:
    """Call once at the start: every connection opened from then on knows what its library takes."""
    connection_created.connect(_widen, dispatch_uid="widen_statements")
