"""Reads of teaching at home: the visits of a child, the children taught at home with what was taught."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from agencies.choices import Permission
from agencies.scope import Actor
from students.choices import EnrolmentStatus, ProofKind
from students.models import Enrolment, HomeVisit, Student, VisitProof
from students.queries.search import Hit, with_enrolments
from students.rules.visits import Taught, taught

SHOWN = 20
# Whoever records visits reads them; the rest is for those who may read what is restricted (clause 20).
READERS = (Permission.RECORD_HOME_VISIT, Permission.SEE_RESTRICTED)


@dataclass(frozen=True, slots=True)
class TaughtChild:
    """A child taught at home: the last visit, and what was taught this month."""

    hit: Hit
    last: HomeVisit | None
    month: Taught


def reader_permission(actor: Actor) -> Permission | None:
    """The permission under which this person reads visits, if any."""
    return next((permission for permission in READERS if actor.can(permission)), None)


def visits_of(actor: Actor, student: Student) -> list[HomeVisit]:
    """The latest visits to a child that stand, newest first (1 query; none without the permission)."""
    permission = reader_permission(actor)
    if permission is None:
        return []
    return list(HomeVisit.objects.visible_to(actor, permission).standing().filter(student=student)[:SHOWN])


def taught_at_home(actor: Actor) -> QuerySet[Student]:
    """Children in sight who are taught at home, or were visited while on the books."""
    permission = reader_permission(actor) or Permission.RECORD_HOME_VISIT
    enrolled = Enrolment.objects.filter(student=OuterRef("pk"), last_day__isnull=True)
    visited = HomeVisit.objects.standing().filter(student=OuterRef("pk"))
    status = Exists(enrolled.filter(status=EnrolmentStatus.HOME_TAUGHT))
    return Student.objects.visible_to(actor, permission).filter(Q(status) | (Exists(enrolled) & Exists(visited)))


def with_visits(actor: Actor, students: Iterable[Student], on: date) -> list[TaughtChild]:
    """These children with their classes and what was taught in the month of `on` (2 queries)."""
    rows = list(students)
    permission = reader_permission(actor) or Permission.RECORD_HOME_VISIT
    by_child: dict[int, list[HomeVisit]] = defaultdict(list)
    first = on.replace(day=1)
    visits = HomeVisit.objects.visible_to(actor, permission).standing().filter(student__in=rows)
    for visit in visits.defer("content", "performance", "feedback"):
        by_child[visit.student_id].append(visit)
    return [
        TaughtChild(
            hit,
            next(iter(by_child[hit.student.pk]), None),
            taught(((row.visited_on, row.lessons) for row in by_child[hit.student.pk]), first, on),
        )
        for hit in with_enrolments(rows)
    ]


def photos_of(visits: Iterable[HomeVisit]) -> dict[int, int]:
    """How many photos each of these visits carries, the withdrawn ones left out (1 query, none for no visit)."""
    wanted = [visit.pk for visit in visits]
    if not wanted:
        return {}
    photos = VisitProof.objects.filter(visit__in=wanted, proof__kind=ProofKind.PHOTO, proof__withdrawn_at__isnull=True)
    return dict(photos.order_by().values_list("visit").annotate(Count("id")))
