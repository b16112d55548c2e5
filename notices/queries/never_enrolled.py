"""The register of children never enrolled: found by a survey, or of school age and on the books of no school."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agencies.choices import Permission
from cases.choices import EventKind
from cases.models import Case, Event
from notices.queries.ledger_children import Gathered, Wanted, child_cells, children_of_age, gather
from notices.queries.ledger_events import happenings_of
from notices.rules.enrolling import ENTRY_RESULTS
from notices.rules.ledger_words import box_words, due_grade, event_cells
from notices.rules.told import Happening
from students.choices import SpecialGroup
from students.models import Enrolment, GroupMembership, Student


def _found(**of: Any) -> Any:
    return Event.objects.filter(kind=EventKind.NOT_ENROLLED, superseded_at__isnull=True, **of)


def never_enrolled_ids(wanted: Wanted) -> list[int]:
    """Children of the unit entered as 未入学 whose case stood in the period, and those never on any books (1 query).

    Who goes to school outside the county by the records is left out of the second kind.
    """
    found = _found(case__student_id=OuterRef("pk"), case__opened_on__lte=wanted.last)
    stood = found.filter(Q(case__closed_on__isnull=True) | Q(case__closed_on__gte=wanted.first))
    books = Enrolment.objects.filter(student_id=OuterRef("pk"))
    outside = GroupMembership.objects.filter(
        student_id=OuterRef("pk"), group=SpecialGroup.OUTSIDE, last_day__isnull=True
    )
    here, of_age = children_of_age(wanted)
    rows = Student.objects.visible_to(wanted.actor, Permission.VIEW_LEDGER).filter(here)
    rows = rows.filter(Q(Exists(stood)) | (of_age & ~Exists(books) & ~Exists(outside)))
    return list(rows.order_by("residence__path", "sort_key", "pk").values_list("pk", flat=True))


def never_enrolled_rows(ids: list[int], wanted: Wanted) -> Iterator[dict[str, Any]]:
    """One row per child: who it is, why it is not at school, what the township did (12 queries for any number)."""
    known = gather(ids)
    cases = _cases(ids)
    events = happenings_of(case.pk for case in cases.values())
    for pk in ids:
        case = cases.get(pk)
        told = events[case.pk] if case else []
        yield {**child_cells(pk, known), **_cells(pk, known, case, told, wanted)}


def _cases(ids: list[int]) -> dict[int, Case]:
    """The latest case of each child that was begun by the survey, or met its entry on the way."""
    rows = Case.objects.filter(Exists(_found(case_id=OuterRef("pk"))), student_id__in=ids)
    return {row.student_id: row for row in rows.select_related("school").order_by("opened_on", "pk")}


def _cells(pk: int, known: Gathered, case: Case | None, told: list[Happening], wanted: Wanted) -> dict[str, Any]:
    child, cells = known.students[pk], event_cells(told)
    found = next((row for row in reversed(told) if row.kind == EventKind.NOT_ENROLLED), None)
    results = [row.said("result") for row in told if row.kind == EventKind.PERSUASION]
    grade = due_grade(child.birth_date, wanted.last) if child.birth_date else ""
    school = case.school.name if case and case.school else ""
    whole, plain = box_words(known.groups.get(pk, []))
    return {
        **cells,
        "township_result": ENTRY_RESULTS.get(results[-1], cells["township_result"]) if results else "",
        "not_enrolled_reason": found.said("why") if found else "",
        "found_on": timezone.localtime(case.opened_at).date() if case else None,
        "due_grade": "".join(part for part in (school, grade) if part),
        "group_boxes": whole,
        "group_boxes_open": plain,
        "remark": "" if case else "未登记，待核查",
    }
