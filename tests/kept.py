"""Worlds built once: what a builder wrote into an empty database is written again, row by row, for the next test.

The first time, a builder under `kept` builds through the apps' own actions; its rows are read and the whole is taken
back. Then this test and every later one of the process that begins with the same world gets those rows as they stood,
and a copy of what the builder returned. So each test still has a database of its own, whatever ran before it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import connection, models, transaction

Given = ParamSpec("Given")
Made = TypeVar("Made")
Statement = tuple[str, Any]

APPS = {"agencies", "students", "cases", "notices", "config"}


@dataclass(frozen=True)
class World:
    """What a builder returned, and the statements that write its rows."""

    made: bytes
    statements: tuple[Statement, ...]

    def write(self) -> Any:
        """Put the rows into the empty database; returns a fresh copy of what was made."""
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, values in self.statements:
                cursor.execute(statement, values)
        return pickle.loads(self.made)  # noqa: S301 - our own, of this process


def kept(build: Callable[Given, Made]) -> Callable[Given, Made]:
    """A builder that builds once for each set of arguments, and anew where the database already holds something.

    The builder keeps to the database, names its days itself, and returns what can be copied (no client, no iterator).
    """
    worlds: dict[Any, World] = {}

    @wraps(build)
    def written(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        if _holds_rows():
            return build(*args, **kwargs)
        key = (args, tuple(sorted(kwargs.items())))
        if key not in worlds:
            worlds[key] = _world(lambda: build(*args, **kwargs))
        made: Made = worlds[key].write()
        return made

    return written


@cache
def our_tables() -> list[type[models.Model]]:
    """All of ours, the tables between two models included."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in APPS]


def _holds_rows() -> bool:
    """Whether any table of ours has a row."""
    tables = (connection.ops.quote_name(model._meta.db_table) for model in our_tables())
    one_row_each = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {one_row_each}")
        return bool(cursor.fetchone()[0])


def _world(build: Callable[[], Any]) -> World:
    """Build, read, take back; write once to learn the statements, take back."""
    with transaction.atomic():
        made = pickle.dumps(build())
        rows = [(model, list(model._base_manager.all())) for model in our_tables()]
        transaction.set_rollback(True)
    statements: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        statements.append((sql, values))
        return execute(sql, values, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        for model, found in rows:
            model._base_manager.bulk_create(found)
        transaction.set_rollback(True)
    return World(made, tuple(statements))
