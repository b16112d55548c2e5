"""Newly written children are put into the household of the guardian they share, known by the same document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from agencies import audit
from agencies.choices import Verb
from agencies.scope import Actor
from students.choices import HomeFact, HouseholdWhy
from students.models import Apart, Guardian, Household, HouseholdMember, Student
from students.rules.households import Kin, families
from students.rules.identity import is_resident_number


def join_by_document(*, by: Actor, guardians: Iterable[Guardian], now: datetime) -> int:
    """Put newly written children into one household with those whose legal guardian has the same document.

    Runs inside the caller's transaction (at most 6 queries; none where no guardian has a document). Children who
    stand in different households already, or of whom somebody said 不是一户, are left to people. Returns how many
    children were joined.
    """
    documents = {
        row.document_index for row in guardians if row.is_guardian and is_resident_number(row.document_number)
    }
    if not documents:
        return 0
    met = Guardian.objects.filter(document_index__in=documents, ended_on__isnull=True, is_guardian=True)
    rows = list(met.select_related("student"))
    groups = families(
        Kin(row.student_id, row.name, document=row.document_index, is_guardian=row.is_guardian) for row in rows
    )
    children = {row.student_id: row.student for row in rows}
    homes = dict(
        HouseholdMember.objects.filter(student__in=children, last_day__isnull=True).values_list(
            "student_id", "household_id"
        )
    )
    parted = set(Apart.objects.filter(student__in=children, other__in=children).values_list("student_id", "other_id"))
    heads = {row.student_id: row.name for row in reversed(rows)}
    joined: list[HouseholdMember] = []
    for group in groups:
        known = {homes[pk] for pk in group if pk in homes}
        if len(known) > 1 or any({one, other} <= group for one, other in parted):
            continue
        household_id = (
            known.pop() if known else found_household(by=by, student=children[min(group)], head=heads[min(group)]).pk
        )
        joined += [member(pk, household_id, HouseholdWhy.SAME_DOCUMENT, now) for pk in group if pk not in homes]
    HouseholdMember.objects.bulk_create(joined)
    audit.record_many(
        by=by,
        verb=Verb.CHILD_CHANGED,
        kind="student",
        now=now,
        rows=(
            {
                "object_id": row.student_id,
                "child": children[row.student_id].number,
                "detail": {"what": HomeFact.JOINED.label, "why": HouseholdWhy.SAME_DOCUMENT.label},
            }
            for row in joined
        ),
    )
    return len(joined)


def found_household(*, by: Actor, student: Student, head: str) -> Household:
    """A new household where the child lives; the caller writes the audit row of what `by` does with it."""
    return Household.objects.create(unit_id=student.residence_id, head_name=head, address=student.residence_address)


def member(student_id: int, household_id: int, why: HouseholdWhy, now: datetime) -> HouseholdMember:
    """The unsaved place of a child in a household from today on."""
    return HouseholdMember(student_id=student_id, household_id=household_id, first_day=now.date(), why=why)
