"""Write the caches and duty rows of cases, a class full in one statement each; the only writer of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from django.db import connection

from agencies.hooks import FactsMovedError
from agencies.scope import Actor
from cases.models import Case, DutyRow

CACHES = (
    "opened_on",
    "cause",
    "stage",
    "step",
    "step_name",
    "owner_role",
    "owner_unit",
    "next_due_on",
    "overdue",
    "absent_half_days",
    "dropped_out_on",
    "relapses",
    "sentence",
    "changes_on",
    "refreshed_at",
)
DUTY = ("name", "owner_role", "owner_unit", "stage", "state", "opened_on", "due_on", "done_on", "delay_days")
# Cases a statement: 30 values each, under what SQLite takes (config/sqlite.py) and what libraries before it took.
BATCH = 500
FIELDS = Case._meta.concrete_fields  # noqa: SLF001 - Django's own name for its public model description


@dataclass(frozen=True, slots=True)
class Had:
    """The duty rows some cases had when they were read: how many, and the highest id."""

    count: int
    last: int


@cache
def _statement(rows: int, *, as_seen: bool) -> str:
    """Insert so many cases, each of which meets its own id and becomes an update: a fifth of the CPU of `bulk_update`,
    which writes a CASE … WHEN for every column.

    By hand, for Django can put no condition on such an update (docs/decisions/0013-sql-by-hand.md).
    """
    quoted = {field.name: connection.ops.quote_name(field.column) for field in FIELDS}
    row = f"({', '.join(['%s'] * len(FIELDS))})"
    kept = ", ".join(f"{quoted[name]} = excluded.{quoted[name]}" for name in CACHES)
    only = " WHERE cases_case.version = excluded.version AND cases_case.closed_on IS NULL" if as_seen else ""
    into = f"INSERT INTO cases_case ({', '.join(quoted.values())}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - names
    return f"{into} ON CONFLICT (id) DO UPDATE SET {kept}{only}"


def save_caches(*, by: Actor, cases: Sequence[Case], as_seen: bool = False) -> None:
    """Write the caches of these cases (1 query for any class).

    With `as_seen` raises FactsMovedError, for the caller to undo what it wrote, unless all are open and of the version
    they were read with; they are locked from here on.
    """
    rows = sorted(cases, key=lambda case: case.pk)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        values = [
            field.get_db_prep_save(getattr(case, field.attname), connection) for case in batch for field in FIELDS
        ]
        with connection.cursor() as cursor:
            cursor.execute(_statement(len(batch), as_seen=as_seen), values)
            if as_seen and cursor.rowcount != len(batch):
                raise FactsMovedError


def save_duties(*, by: Actor, rows: list[DutyRow], of: Collection[int] = (), had: Had | None = None) -> None:
    """Write duty rows in place of those that the cases with the ids `of` had (2 queries, 1 for new cases alone).

    An insert that meets a row updates it: on PostgreSQL two refreshes of one case may overlap. Who knows what the
    cases had says so: then nothing is deleted where every row of theirs was met (1 query).
    """
    gone = DutyRow.objects.filter(case_id__in=of)
    if of and had is None:
        gone.delete()
    DutyRow.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["case", "step", "round", "cycle"],
        update_fields=DUTY,
    )
    # A row met keeps its id, a new one has an id above all that were there.
    if had and sum(row.pk <= had.last for row in rows) < had.count:
        gone.exclude(pk__in=[row.pk for row in rows]).delete()
