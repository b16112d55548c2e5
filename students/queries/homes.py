"""Reads of the home: brothers and sisters in sight, who else may live there, what was changed, who may change it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.rules.tree import RESIDENCES
from agencies.scope import Actor, under
from students.models import Apart, Enrolment, Guardian, HomeChange, HouseholdMember, Sight, Student
from students.queries.search import Hit, with_enrolments
from students.rules.households import Kin, proposals
from students.rules.status import ENDED

SHOWN_CHANGES = 20
MOST_PROPOSALS = 10
HOMES_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Home:
    """The home of a child as one person may see it: its brothers and sisters, and who may live there too."""

    household_id: int | None
    siblings: list[Hit]
    proposed: list[tuple[Student, str]]


def may_change(actor: Actor, student: Student, permission: Permission) -> bool:
    """Whether a post with the permission sees the child with the right to write (1 query)."""
    if actor.system:
        return True
    units = actor.units(permission)
    return bool(units) and Sight.objects.filter(student=student, unit_id__in=units, may_write=True).exists()


def changeable(actor: Actor, student: Student, permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Those of the permissions that hold for this child (1 query)."""
    wanted = {permission: set(actor.units(permission)) for permission in permissions}
    if actor.system:
        return frozenset(wanted)
    units = set().union(*wanted.values())
    rows = Sight.objects.filter(student=student, unit_id__in=units, may_write=True)
    reached = set(rows.values_list("unit_id", flat=True)) if units else set()
    return frozenset(permission for permission, at in wanted.items() if at & reached)


def siblings_of(actor: Actor, student_id: int) -> list[Hit]:
    """Other children of the household in the actor's sight, with their enrolments (2 queries)."""
    own = HouseholdMember.objects.filter(student_id=student_id, last_day__isnull=True)
    rows = Student.objects.visible_to(actor, Permission.VIEW_CHILD).filter(
        homes__last_day__isnull=True, homes__household__in=own.values("household")
    )
    return with_enrolments(rows.exclude(pk=student_id).order_by("birth_date", "pk"))


def in_school(hits: Iterable[Hit]) -> list[Hit]:
    """Those who stand on a school's books (在读)."""
    return [hit for hit in hits if hit.enrolment and hit.enrolment.status not in ENDED]


def home_of(actor: Actor, student: Student, guardians: list[Guardian]) -> Home:
    """The home of a child in sight (at most 6 queries for any size)."""
    siblings = siblings_of(actor, student.pk)
    own = HouseholdMember.objects.filter(student=student, last_day__isnull=True).values_list("household", flat=True)
    known = {hit.student.pk for hit in siblings}
    return Home(own.first(), siblings, _proposed(actor, student, guardians, known))


def kin_of(guardians: Iterable[Guardian]) -> list[Kin]:
    """Guardians as the rules compare them; their children must have been read with them."""
    return [
        Kin(
            student_id=row.student_id,
            name=row.name,
            document=row.document_index,
            phone=row.phone_index,
            residence_id=row.student.residence_id,
            address=row.student.residence_address,
            is_guardian=row.is_guardian,
        )
        for row in guardians
    ]


def _proposed(actor: Actor, student: Student, guardians: list[Guardian], known: set[int]) -> list[tuple[Student, str]]:
    marks = [Q(document_index=row.document_index) for row in guardians if row.document_index]
    marks += [Q(name=row.name, phone_index=row.phone_index) for row in guardians if row.phone_index]
    if not marks:
        return []
    met = Guardian.objects.visible_to(actor, Permission.VIEW_CHILD).filter(reduce(or_, marks), ended_on__isnull=True)
    others = list(met.exclude(student__in={*known, student.pk}).select_related("student").order_by("student_id"))
    if not others:
        return []
    for row in guardians:
        row.student = student
    apart = apart_from(student.pk)
    found = {pk: why for pk, why in proposals(kin_of(guardians), kin_of(others)).items() if pk not in apart}
    children = {row.student_id: row.student for row in others}
    return [(children[pk], why) for pk, why in list(found.items())[:MOST_PROPOSALS]]


def apart_from(student_id: int) -> set[int]:
    """Children of whom somebody said that they are of another household (1 query)."""
    rows = Apart.objects.filter(Q(student=student_id) | Q(other=student_id)).values_list("student_id", "other_id")
    return {pk for pair in rows for pk in pair} - {student_id}


def changes_of(actor: Actor, student: Student) -> list[HomeChange]:
    """The latest changes of the home, newest first (1 query)."""
    rows = HomeChange.objects.visible_to(actor, Permission.VIEW_CHILD).filter(student=student)
    return list(rows.select_related("guardian")[:SHOWN_CHANGES])


def possible_homes(student: Student, actor: Actor) -> QuerySet[Unit]:
    """Villages and grids the child may be said to live in: those of the townships of its school, home and 户籍,
    and those under the actor's own township (3 queries before its own).
    """
    held = Unit.objects.filter(pk__in={post.unit_id for post in actor.posts})
    enrolled = Enrolment.objects.filter(student=student, last_day__isnull=True).values("school")
    places = Unit.objects.filter(Q(pk__in=enrolled) | Q(pk__in=[student.residence_id or 0, student.hukou_id or 0]))
    above = {pk for unit in (*held, *places) for pk in unit.ancestor_ids}
    townships = Unit.objects.filter(pk__in=above, kind=UnitKind.TOWNSHIP).values_list("path", flat=True)
    rows = Unit.objects.filter(under(townships), kind__in=RESIDENCES, last_day__isnull=True)
    return rows.select_related("parent").order_by("path")


def homes_in(actor: Actor) -> QuerySet[Student]:
    """Children who live in the villages and grids of this person, household by household (clause 26)."""
    theirs = under(actor.paths(Permission.EDIT_RESIDENCE), "residence__path")
    return Student.objects.visible_to(actor, Permission.EDIT_RESIDENCE).filter(theirs)


@dataclass(slots=True)
class OneHome:
    """A line of the list of homes: who heads it, where it is, the children in sight."""

    head: str
    place: str
    children: list[Hit]


@dataclass(frozen=True, slots=True)
class HomesPage:
    """Some homes, and the key after which the next ones stand (0 = these were the last)."""

    homes: list[OneHome]
    after: int


def page_of_homes(actor: Actor, rows: QuerySet[Student], after: str) -> HomesPage:
    """The homes of these children, households first, then children who stand alone (5 queries).

    The key of a home is its household's id; that of a child alone is its own id below zero.
    """
    own = HouseholdMember.objects.filter(student=OuterRef("pk"), last_day__isnull=True).values("household")
    keyed = rows.annotate(home=Coalesce(Subquery(own), -F("pk"), output_field=BigIntegerField()))
    if re.fullmatch(r"-?[0-9]{1,18}", after, re.ASCII):
        keyed = keyed.filter(home__lt=int(after))
    keys = list(keyed.order_by("-home").values_list("home", flat=True).distinct()[: HOMES_A_PAGE + 1])
    shown = keys[:HOMES_A_PAGE]
    children = list(keyed.filter(home__in=shown).select_related("residence").order_by("-home", "birth_date", "pk"))
    heads = _heads(actor, children)
    found: dict[int, OneHome] = {}
    for child, hit in zip(children, with_enrolments(children), strict=True):
        key: int = child.home
        place = child.residence.name if child.residence else ""
        found.setdefault(key, OneHome(heads.get(child.pk, ""), place, [])).children.append(hit)
    return HomesPage(list(found.values()), shown[-1] if len(keys) > HOMES_A_PAGE else 0)


def _heads(actor: Actor, children: Sequence[Student]) -> dict[int, str]:
    """Who heads the home of each child: as the household says, else its first legal guardian (2 queries)."""
    members = Guardian.objects.visible_to(actor, Permission.VIEW_CHILD).filter(student__in=children)
    heads = {
        row.student_id: row.name
        for row in members.filter(ended_on__isnull=True).order_by("is_guardian", "-order").only("student_id", "name")
    }
    own = HouseholdMember.objects.filter(student__in=children, last_day__isnull=True).select_related("household")
    return heads | {row.student_id: row.household.head_name for row in own if row.household.head_name}
