"""The family of a child is written down: members added, corrected, taken out; where the child lives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.fields import blind_index
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from students.actions.children import NewGuardian, guardian_rows
from students.actions.sight import rebuild_sight
from students.choices import HomeFact
from students.models import Guardian, HomeChange, Student
from students.queries.homes import may_change

# Which right carries which field of a family member; whoever keeps the child's record may change them all.
CARRIES: Mapping[Permission, frozenset[str]] = {
    Permission.EDIT_CHILD: frozenset({"name", "relation", "is_guardian", "is_carer", "workplace"}),
    Permission.EDIT_PHONE: frozenset({"phone", "spare_phone"}),
    Permission.EDIT_RESIDENCE: frozenset({"lives_away", "away_place"}),
}
RESIDENCE = frozenset({"residence_id", "residence_address"})


def _require(by: Actor, student: Student, permission: Permission) -> None:
    if not may_change(by, student, permission):
        raise PermissionDenied(f"您的岗位对这名学生没有“{permission.label}”权限。")


def note_change(
    *,
    by: Actor,
    student: Student,
    fact: HomeFact,
    now: datetime,
    why: str = "",
    guardian: Guardian | None = None,
    before: Mapping[str, Any] | None = None,
    fields: tuple[str, ...] = (),
) -> None:
    """Keep what stood before, mark the child as changed, write the audit row (inside the caller's transaction)."""
    HomeChange.objects.create(
        student=student,
        guardian=guardian,
        fact=fact,
        before=json.dumps(dict(before), ensure_ascii=False) if before else "",
        why=why,
        recorded_at=now,
        recorded_by=by.name,
    )
    Student.objects.filter(pk=student.pk).update(changed_at=now)
    audit.record(
        by=by,
        verb=Verb.CHILD_CHANGED,
        kind="student",
        object_id=student.pk,
        child=student.number,
        now=now,
        detail={"what": fact.label, "fields": sorted(fields), "why": why[:60]},
    )


def add_guardian(*, by: Actor, student: Student, guardian: NewGuardian, now: datetime) -> Guardian:
    """Add a member of the family. ValueError for a namesake on record; PermissionDenied without EDIT_CHILD."""
    _require(by, student, Permission.EDIT_CHILD)
    with transaction.atomic():
        Student.objects.select_for_update().only("pk").get(pk=student.pk)
        current = Guardian.objects.filter(student=student, ended_on__isnull=True)
        if current.filter(name=guardian.name).exists():
            raise ValueError(FieldSentence(f"家庭成员中已有“{guardian.name}”，请直接更正该成员的信息。", "name"))
        (row,) = guardian_rows(student, (guardian,))
        row.order = (Guardian.objects.filter(student=student).aggregate(last=Max("order"))["last"] or 0) + 1
        row.save()
        note_change(by=by, student=student, fact=HomeFact.ADDED, guardian=row, now=now)
    return row


def change_guardian(*, by: Actor, guardian: Guardian, values: Mapping[str, Any], why: str, now: datetime) -> list[str]:
    """Correct a member of the family; what stood before is kept. Returns the fields that changed.

    PermissionDenied for a field the post does not carry; ValueError for a member who has ended, or a namesake.
    """
    student = guardian.student
    for permission, names in CARRIES.items():
        if names & set(values):
            _require(by, student, permission)
    with transaction.atomic():
        row = Guardian.objects.select_for_update().get(pk=guardian.pk)
        if row.ended_on:
            raise ValueError("该成员已移出，不能再更正；请刷新页面。")
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        if not changed:
            return []
        others = Guardian.objects.filter(student=student, ended_on__isnull=True).exclude(pk=row.pk)
        if "name" in changed and others.filter(name=values["name"]).exists():
            raise ValueError(FieldSentence(f"家庭成员中已有“{values['name']}”，请核对姓名。", "name"))
        before = {name: getattr(row, name) for name in changed}
        for name in changed:
            setattr(row, name, values[name])
        row.phone_index = blind_index(row.phone)
        row.save(update_fields=[*changed, "phone_index"])
        note_change(
            by=by,
            student=student,
            fact=HomeFact.CHANGED,
            guardian=row,
            before=before,
            fields=tuple(changed),
            why=why,
            now=now,
        )
    return changed


def end_guardian(*, by: Actor, guardian: Guardian, why: str, now: datetime) -> None:
    """Take a member out of the family from today on; the row stays. A second time changes nothing.

    ValueError for the last legal guardian: papers would have no addressee.
    """
    student = guardian.student
    _require(by, student, Permission.EDIT_CHILD)
    with transaction.atomic():
        Student.objects.select_for_update().only("pk").get(pk=student.pk)
        current = list(Guardian.objects.filter(student=student, ended_on__isnull=True))
        row = next((one for one in current if one.pk == guardian.pk), None)
        if row is None:
            return
        if row.is_guardian and not any(one.is_guardian for one in current if one.pk != row.pk):
            raise ValueError(f"“{row.name}”是唯一的法定监护人，请先增加另一位监护人再移出。")
        row.ended_on = now.date()
        row.save(update_fields=["ended_on"])
        note_change(by=by, student=student, fact=HomeFact.ENDED, guardian=row, why=why, now=now)


def change_residence(*, by: Actor, student: Student, values: Mapping[str, Any], why: str, now: datetime) -> list[str]:
    """Say where the child lives now (`residence_id`, `residence_address`); sight moves with it.

    What stood before is kept. Returns the fields that changed; PermissionDenied without EDIT_RESIDENCE at the child.
    """
    if set(values) - RESIDENCE:
        raise ValueError("只能更正居住村和现住址。")
    _require(by, student, Permission.EDIT_RESIDENCE)
    with transaction.atomic():
        row = Student.objects.select_for_update().get(pk=student.pk)
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        if not changed:
            return []
        before = {name: getattr(row, name) for name in changed}
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        if "residence_id" in changed:
            rebuild_sight(by=by, students=[row])
        note_change(by=by, student=row, fact=HomeFact.MOVED, before=before, fields=tuple(changed), why=why, now=now)
    return changed
