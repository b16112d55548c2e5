"""Teaching at home is put on record; a wrong record is superseded by a right one, never rewritten."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import audit, hooks
from agencies.choices import Permission, Verb
from agencies.scope import Actor
from students.actions.proofs import NO_PROOFS, NewProofs, record_proofs
from students.models import Enrolment, HomeVisit, Proof, Student, VisitProof
from students.queries.homes import may_change
from students.rules.visits import Visit, mistakes


def record_home_visit(
    *, by: Actor, student: Student, visit: Visit, now: datetime, token: str = "", proofs: NewProofs = NO_PROOFS
) -> HomeVisit:
    """Put a visit on record; the same form sent twice (`token`) is one visit.

    ValueError with every mistake as a sentence; PermissionDenied without RECORD_HOME_VISIT at the child.
    """
    return _write(by, student, visit, now, token=token, proofs=proofs)


def supersede_home_visit(
    *, by: Actor, wrong: HomeVisit, visit: Visit, why: str, now: datetime, proofs: NewProofs = NO_PROOFS
) -> HomeVisit:
    """Write the right record in the place of a wrong one, which stays with who replaced it and why.

    What was given as proof for the wrong one goes on with the right one. ValueError where somebody has replaced it
    already.
    """
    return _write(by, wrong.student, visit, now, wrong=wrong, why=why, proofs=proofs)


def add_visit_proofs(*, by: Actor, visit: HomeVisit, new: NewProofs, now: datetime) -> list[Proof]:
    """Put proofs to a visit that stands. All are restricted: who is taught at home is ill or disabled (clause 20).

    ValueError for a visit that was replaced; PermissionDenied without RECORD_HOME_VISIT at the child.
    """
    _require(by, visit.student)
    with transaction.atomic():
        if not HomeVisit.objects.standing().select_for_update().filter(pk=visit.pk).exists():
            raise ValueError("这条送教记录已经更正，请把材料附到更正后的记录上。")
        return _attach(by, visit, new, now)


def _attach(by: Actor, visit: HomeVisit, new: NewProofs, now: datetime) -> list[Proof]:
    known = [link.proof for link in VisitProof.objects.filter(visit=visit).select_related("proof")]
    rows = record_proofs(
        by=by,
        student=visit.student,
        unit_id=visit.school_id,
        new=replace(new, restricted=True),
        known=known,
        of=f"visit/{visit.pk}",
        now=now,
    )
    VisitProof.objects.bulk_create([VisitProof(visit=visit, proof=row) for row in rows])
    return rows


def _require(by: Actor, student: Student) -> None:
    if not may_change(by, student, Permission.RECORD_HOME_VISIT):
        raise PermissionDenied(f"您的岗位对这名学生没有“{Permission.RECORD_HOME_VISIT.label}”权限。")


def _write(
    by: Actor,
    student: Student,
    visit: Visit,
    now: datetime,
    *,
    token: str = "",
    wrong: HomeVisit | None = None,
    why: str = "",
    proofs: NewProofs,
) -> HomeVisit:
    _require(by, student)
    if found := mistakes(visit, now.date(), now.time()):
        raise ValueError("".join(found.values()))
    with transaction.atomic():
        Student.objects.select_for_update().only("pk").get(pk=student.pk)
        rows = HomeVisit.objects.filter(student=student)
        if token and (same := rows.filter(token=token).first()):
            return same
        if wrong:
            _end(by, wrong, why, now)
        school = Enrolment.objects.filter(student=student, last_day__isnull=True).values_list("school", flat=True)
        row = HomeVisit.objects.create(
            student=student,
            school_id=school.first(),
            token=token,
            recorded_at=now,
            recorded_by=by.name,
            replaces=wrong,
            **asdict(visit),
        )
        if wrong:
            links = VisitProof.objects.filter(visit=wrong, proof__withdrawn_at__isnull=True)
            VisitProof.objects.bulk_create([VisitProof(visit=row, proof_id=link.proof_id) for link in links])
        _attach(by, row, proofs, now)
        audit.record(
            by=by,
            verb=Verb.HOME_VISIT_CORRECTED if wrong else Verb.HOME_VISIT_RECORDED,
            kind="student",
            object_id=student.pk,
            child=student.number,
            now=now,
            detail={"day": visit.visited_on.isoformat(), "lessons": visit.lessons, "why": why[:60]},
        )
        hooks.child_facts_changed([student.pk], by=by, now=now)
    return row


def _end(by: Actor, wrong: HomeVisit, why: str, now: datetime) -> None:
    """Mark the wrong record as replaced."""
    done = HomeVisit.objects.standing().filter(pk=wrong.pk)
    if not done.update(superseded_at=now, superseded_by=by.name, superseded_why=why):
        raise ValueError("这条送教记录已被更正过，请刷新页面后再看。")
