"""Everything a child's page shows, read once, as far as the acting person may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from agencies.choices import Permission, UnitKind
from agencies.queries.calendars import calendar_of
from agencies.rules.tree import RESIDENCES
from agencies.scope import Actor
from students.models import Absence, Enrolment, GroupMembership, Guardian, Leave, Student
from students.rules.attendance import open_halves
from students.rules.privacy import RESTRICTED_GROUPS

SHOWN_ABSENCES, SHOWN_LEAVES = 20, 10
# A school year has about 200 school days: enough to count a term, whatever was marked.
READ_ABSENCES = 200
# A home in one of these has somebody who answers for it; a member agency (林业局, 农场) has no such post.
HOME_KINDS = (UnitKind.TOWNSHIP, *RESIDENCES)


def without_home(prefix: str = "") -> Q:
    """Condition “no unit answers for where the child lives”: no residence, else no 户籍, in a place of these kinds.

    `prefix` leads to the child, with its two underscores.
    """

    def nowhere(field: str) -> Q:
        return ~Q(**{f"{prefix}{field}__kind__in": HOME_KINDS})

    unknown = Q(**{f"{prefix}residence__isnull": True})
    no_register = Q(**{f"{prefix}hukou__isnull": True})
    return (unknown & (no_register | nowhere("hukou"))) | (~unknown & nowhere("residence"))


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """A child with family, enrolments, absences, leaves and groups; empty where the posts do not reach."""

    student: Student
    guardians: list[Guardian]
    enrolments: list[Enrolment]
    absences: list[Absence]
    term_halves: int | None
    leaves: list[Leave]
    groups: list[GroupMembership]

    @property
    def enrolment(self) -> Enrolment | None:
        """The open enrolment."""
        return next((row for row in self.enrolments if row.last_day is None), None)


def facts_of(actor: Actor, student: Student, on: date) -> ChildFacts:
    """The facts of a child in sight (at most 6 queries beside the child's own)."""
    guardians = Guardian.objects.visible_to(actor, Permission.VIEW_CHILD).filter(student=student)
    enrolments = Enrolment.objects.visible_to(actor, Permission.VIEW_CHILD).filter(student=student)
    absences = Absence.objects.visible_to(actor, Permission.VIEW_ROLL).filter(
        student=student, superseded_at__isnull=True
    )
    leaves = Leave.objects.visible_to(actor, Permission.VIEW_ROLL).filter(student=student)
    groups = GroupMembership.objects.visible_to(actor, Permission.VIEW_CHILD).filter(student=student)
    if not actor.can(Permission.SEE_RESTRICTED):
        groups = groups.exclude(group__in=RESTRICTED_GROUPS)
    spans = list(enrolments.select_related("school_class", "school"))
    marks = list(absences.select_related("school_class").order_by("-day")[:READ_ABSENCES])
    standing = next((row for row in spans if row.last_day is None), None)
    return ChildFacts(
        student=student,
        guardians=list(guardians.filter(ended_on__isnull=True)),
        enrolments=spans,
        absences=marks[:SHOWN_ABSENCES],
        term_halves=_term_halves(standing, marks, on) if marks else None,
        leaves=list(leaves[:SHOWN_LEAVES]),
        groups=list(groups.filter(last_day__isnull=True)),
    )


def _term_halves(standing: Enrolment | None, marks: list[Absence], on: date) -> int | None:
    calendar = calendar_of(standing.school_class, on) if standing else None
    term = calendar.term_of(on) if calendar else None
    if calendar is None or term is None:
        return None
    return sum(open_halves(calendar, mark.day, mark.part) for mark in marks if mark.day >= term.first_day)
