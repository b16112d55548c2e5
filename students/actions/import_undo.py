"""Take written rows of an import back: made children are removed, changed ones get back what stood before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from agencies import audit, hooks
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.scope import Actor
from students.actions.import_rows import GUARDIAN_KEYS, companions, set_fields
from students.actions.sight import rebuild_sight
from students.choices import SightWhy
from students.models import (
    Enrolment,
    GroupMembership,
    Guardian,
    Household,
    HouseholdMember,
    ImportBatch,
    ImportRow,
    Sight,
    Student,
)
from students.queries.imports import county_of
from students.queries.undoing import obstacles
from students.rules.undoing import Obstacle

CHUNK = 200


def undo_rows(*, by: Actor, batch: ImportBatch, row_ids: Sequence[int], now: datetime) -> list[Obstacle]:
    """Take one chunk back; returns the children that stay because something has been built on them meanwhile.

    Rows already taken back are passed over, so a chunk repeated after a crash changes nothing.
    """
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=county_of(batch.unit).pk)
        in_the_way = obstacles(batch, row_ids)
        kept = {obstacle.row for obstacle in in_the_way}
        rows = [r for r in batch.rows.filter(pk__in=row_ids, applied=True).order_by("row") if r.row not in kept]
        made = [row.student_id for row in rows if row.student_id and not row.before]
        changed = {row.student_id: json.loads(row.before) for row in rows if row.student_id and row.before}
        numbers = dict(Student.objects.filter(pk__in=[*made, *changed]).values_list("pk", "number"))
        _remove(made)
        moved = _restore(by, changed)
        batch.rows.filter(pk__in=[row.pk for row in rows]).update(applied=False, before="")
        audit.record_many(
            by=by,
            verb=Verb.IMPORT_UNDONE,
            kind="student",
            now=now,
            rows=(
                {"object_id": pk, "child": number, "detail": {"import": batch.pk}} for pk, number in numbers.items()
            ),
        )
        hooks.child_facts_changed(moved, by=by, now=now)
    return in_the_way


def _remove(ids: Sequence[int]) -> None:
    # A row of a later import that met such a child without changing it forgets it.
    ImportRow.objects.filter(student__in=ids).update(student=None)
    homes = set(HouseholdMember.objects.filter(student__in=ids).values_list("household", flat=True))
    for model in (Sight, Guardian, GroupMembership, Enrolment, HouseholdMember):
        model.objects.filter(student__in=ids).delete()
    Household.objects.filter(pk__in=homes, members__isnull=True).delete()
    Student.objects.filter(pk__in=ids).delete()


def _restore(by: Actor, changed: Mapping[int, dict[str, Any]]) -> list[int]:
    """Children back to what stood before; returns those that are back in another class."""
    students = list(Student.objects.select_for_update().filter(pk__in=list(changed)))
    moved, resettled = [], []
    for student in students:
        before = changed[student.pk]
        fields = before["fields"]
        if fields.get("birth_date"):
            fields = {**fields, "birth_date": date.fromisoformat(fields["birth_date"])}
        set_fields(student, fields)
        # As if it had not been: an earlier import of this child can be taken back after this one.
        student.changed_at = datetime.fromisoformat(before["changed_at"])
        student.save(update_fields=[*fields, *companions(fields), "changed_at"])
        _restore_family(before["guardians"])
        GroupMembership.objects.filter(pk__in=before.get("groups", [])).delete()
        changed_class = _restore_enrolment(before["enrolment"])
        if changed_class:
            moved.append(student.pk)
        if changed_class or {"residence_id", "hukou_id"} & set(fields):
            resettled.append(student)
    # Whoever saw the child through the mistaken place has not given it away and keeps no row.
    kept = (SightWhy.FORMER, SightWhy.REFERRAL)
    Sight.objects.filter(student__in=[student.pk for student in resettled]).exclude(why__in=kept).delete()
    rebuild_sight(by=by, students=resettled)
    return moved


def _restore_family(before: Mapping[str, Any]) -> None:
    Guardian.objects.filter(pk__in=before["added"]).delete()
    for guardian in Guardian.objects.filter(pk__in=[int(pk) for pk in before["changed"]]):
        old = before["changed"][str(guardian.pk)]
        set_fields(guardian, old)
        guardian.save(update_fields=[*old, *GUARDIAN_KEYS])


def _restore_enrolment(before: Mapping[str, Any]) -> bool:
    """The enrolment as it stood; whether the child is in another class by that."""
    if "made" not in before:
        fields = {"class_number": before["class_number"]}
        if moved := "school_class" in before:
            school_class = Unit.objects.get(pk=before["school_class"])
            fields |= {
                "school_class": school_class,
                "school_id": school_class.parent_id or 0,
                "status": before["status"],
            }
        Enrolment.objects.filter(pk=before["kept"]).update(**fields)
        return moved
    Enrolment.objects.filter(pk=before["made"]).delete()
    if before["ended"]:
        Enrolment.objects.filter(pk=before["ended"]).update(last_day=None)
    return True
