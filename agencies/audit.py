"""The one writer of the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from agencies.bulk import insert_all
from agencies.choices import Verb
from agencies.models import AuditRow
from agencies.scope import Actor


def row_of(
    *,
    by: Actor,
    verb: Verb,
    kind: str,
    object_id: object = "",
    child: str = "",
    unit_path: str = "",
    detail: dict[str, Any] | None = None,
    now: datetime | None = None,
) -> AuditRow:
    """One audit row, not written yet: for `write`, where several belong to one act.

    `child` is the internal number, never a name; `detail` must hold no personal data.
    """
    post = by.posts[0] if by.posts else None
    return AuditRow(
        at=now or timezone.now(),
        actor=by.name,
        actor_id=by.user_id,
        post=f"{post.unit_name} {post.role_label}" if post else "",
        verb=Verb(verb),
        object_kind=kind,
        object_id=str(object_id),
        child_number=child,
        unit_path=unit_path,
        detail=detail or {},
        request_id=by.request_id,
    )


def record(**said: Any) -> AuditRow:
    """Write one audit row inside the caller's transaction; the keywords are those of `row_of`."""
    row = row_of(**said)
    row.save(force_insert=True)
    return row


def write(rows: Iterable[AuditRow]) -> None:
    """Write the rows of one act inside the caller's transaction (1 query)."""
    insert_all(list(rows))


def record_many(*, by: Actor, verb: Verb, kind: str, rows: Iterable[dict[str, Any]], now: datetime) -> int:
    """Write many rows of one verb at once (bulk actions); each dict as the keywords of `record`.

    A row may name its own `by` and `now`, where one statement writes what several people did on several days.
    """
    made = [row_of(**{"by": by, "verb": verb, "kind": kind, "now": now, **row}) for row in rows]
    write(made)
    return len(made)
