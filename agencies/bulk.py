"""Writes many rows of one model at once, for a fraction of what `bulk_create` takes; nobody learns their ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction

# Fields whose equal values are stored alike, so that each of them is made ready once. Encrypted text is none of them:
# every row has a nonce of its own, so that nobody sees who shares an address.
ALIKE = (models.DateField, models.CharField, models.IntegerField, models.BooleanField, models.ForeignKey)


# So many rows go into one statement: a copy is counted and logged nowhere, and gains nothing with few of them.
FEW = 64


def _about(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001 - Django's own name for its public model description


@cache
def _fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(field for field in _about(model).concrete_fields if not field.primary_key)


@cache
def _head(model: type[models.Model]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(_about(model).db_table)} ({', '.join(quote(field.column) for field in _fields(model))})"


def _ready(field: models.Field[Any, Any], values: Sequence[Any]) -> Iterable[Any]:
    """The values of one column as the database takes them, each by the field's own word."""
    if isinstance(field, ALIKE):
        known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
        return map(known.__getitem__, values)
    return [field.get_db_prep_save(value, connection) for value in values]


def insert_all(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model (1 query); their ids stay unknown.

    For what is written and not asked again: marks, sight, the audit trail. Who needs the ids, an upsert or a field
    that fills itself in on saving takes `bulk_create`. Some thousands of rows a call; in the caller's transaction, if
    there is one. Measured in docs/decisions/0018-rows-in-one-go.md.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = _fields(model)
    columns = zip(*map(attrgetter(*(field.attname for field in fields)), rows), strict=True)
    ready = list(zip(*(_ready(field, column) for field, column in zip(fields, columns, strict=True)), strict=True))
    # Names come from the models, not from anybody outside.
    into, places = f"INSERT INTO {_head(model)} VALUES ", f"({', '.join(['%s'] * len(fields))})"  # noqa: S608
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if len(rows) <= FEW:
            cursor.execute(into + ", ".join([places] * len(rows)), list(chain.from_iterable(ready)))
        elif connection.vendor == "postgresql":
            # Django turns the driver's errors into its own where it executes; a copy is none of its words.
            with connection.wrap_database_errors, cursor.copy(f"COPY {_head(model)} FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
        else:
            cursor.executemany(into + places, ready)


def update_all(rows: Sequence[models.Model], name: str) -> None:
    """Write one field of saved rows of one model, each row its own value (1 query)."""
    if not rows:
        return
    model = type(rows[0])
    field, quote = _about(model).get_field(name), connection.ops.quote_name
    table, key = quote(_about(model).db_table), quote(_about(model).pk.column)
    ready = _ready(field, [getattr(row, field.attname) for row in rows])
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        statement = f"UPDATE {table} SET {quote(field.column)} = %s WHERE {key} = %s"  # noqa: S608 - names of models
        cursor.executemany(statement, list(zip(ready, (row.pk for row in rows), strict=True)))
