"""Somebody says which children are of one household and which are not."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from agencies.choices import Permission
from agencies.scope import Actor
from students.actions.families import note_change
from students.actions.kinship import found_household, member
from students.choices import HomeFact, HouseholdWhy
from students.models import Apart, Guardian, Household, HouseholdMember, Student
from students.queries.homes import may_change

MAY_SAY = (Permission.EDIT_CHILD, Permission.EDIT_RESIDENCE)


def _require(by: Actor, student: Student) -> None:
    if not any(may_change(by, student, permission) for permission in MAY_SAY):
        raise PermissionDenied("您的岗位不能登记这名学生的家庭住户。")


def join_household(*, by: Actor, student: Student, other: Student, now: datetime) -> Household:
    """The two children are of one household (合为一户); two households become one. A second time changes nothing.

    PermissionDenied unless the post may write the record or the residence of the first child.
    """
    _require(by, student)
    with transaction.atomic():
        homes = _locked(student, other)
        mine, theirs = homes.get(student.pk), homes.get(other.pk)
        if mine and mine == theirs:
            return Household.objects.get(pk=mine)
        Apart.objects.filter(_pair(student, other)).delete()
        household_id = mine or theirs or found_household(by=by, student=student, head=_head_of(student)).pk
        movers = {student.pk, other.pk} - {pk for pk, home in homes.items() if home == household_id}
        if mine and theirs:
            rest = HouseholdMember.objects.filter(household=theirs, last_day__isnull=True)
            movers |= set(rest.values_list("student_id", flat=True))
        _end(movers, now.date())
        HouseholdMember.objects.bulk_create(
            [member(pk, household_id, HouseholdWhy.CONFIRMED, now) for pk in sorted(movers)]
        )
        note_change(by=by, student=student, fact=HomeFact.JOINED, before={"household": mine}, now=now)
    return Household.objects.get(pk=household_id)


def part_household(*, by: Actor, student: Student, other: Student, now: datetime) -> None:
    """The two children are not of one household (不是一户); it is not proposed again. Twice changes nothing."""
    _require(by, student)
    with transaction.atomic():
        _locked(student, other)
        first, second = sorted((student.pk, other.pk))
        _, made = Apart.objects.get_or_create(
            student_id=first, other_id=second, defaults={"recorded_at": now, "recorded_by": by.name}
        )
        if made:
            note_change(by=by, student=student, fact=HomeFact.APART, now=now)


def leave_household(*, by: Actor, student: Student, why: str, now: datetime) -> None:
    """The child belongs to its household no more, from today on; nobody in it is proposed again by itself."""
    _require(by, student)
    with transaction.atomic():
        home = _locked(student).get(student.pk)
        if home is None:
            return
        rest = HouseholdMember.objects.filter(household=home, last_day__isnull=True).exclude(student=student)
        pairs = [sorted((student.pk, pk)) for pk in rest.values_list("student_id", flat=True)]
        _end({student.pk}, now.date())
        Apart.objects.bulk_create(
            [Apart(student_id=one, other_id=two, recorded_at=now, recorded_by=by.name) for one, two in pairs],
            ignore_conflicts=True,
        )
        note_change(by=by, student=student, fact=HomeFact.LEFT, before={"household": home}, why=why, now=now)


def _locked(*students: Student) -> dict[int, int]:
    """Wait for whoever writes these children, in one order for all; their households."""
    ids = sorted(row.pk for row in students)
    list(Student.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    rows = HouseholdMember.objects.filter(student__in=ids, last_day__isnull=True)
    return dict(rows.values_list("student_id", "household_id"))


def _end(student_ids: set[int], on: date) -> None:
    """End the places in a household."""
    HouseholdMember.objects.filter(student__in=student_ids, last_day__isnull=True).update(last_day=on)


def _pair(student: Student, other: Student) -> Q:
    first, second = sorted((student.pk, other.pk))
    return Q(student=first, other=second)


def _head_of(student: Student) -> str:
    rows = Guardian.objects.filter(student=student, ended_on__isnull=True).order_by("-is_guardian", "order")
    return rows.values_list("name", flat=True).first() or student.name
