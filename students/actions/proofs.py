"""Proofs: bytes kept before the transaction, rows written inside the act they belong to; opened, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.scope import Actor
from students.choices import LeaveKind, ProofKind, ProofType
from students.gateways import blobs
from students.gateways.looking import Looked
from students.models import Leave, LeaveProof, Proof, Sight, Student
from students.queries.proofs import is_named
from students.rules.proofs import for_leave, kind_of

# Whoever records something about a child may withdraw what his own post gave.
GIVERS = (
    Permission.TAKE_ROLL,
    Permission.RECORD_SCHOOL_EVENT,
    Permission.RECORD_VILLAGE_EVENT,
    Permission.RECORD_TOWNSHIP_EVENT,
    Permission.RECORD_JUSTICE_EVENT,
    Permission.RECORD_HOME_VISIT,
    Permission.RECORD_SERVICE,
    Permission.CLOSE_CASE,
)
# An upload whose act was refused may be sent again soon; then the bytes are there already.
UNNAMED_FOR = timedelta(days=2)
# Sentences that bar a withdrawal, filled once by the apps that know why a proof is needed ("" = nothing).
withdrawal_bars: list[Callable[[Proof], str]] = []


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file whose bytes are kept already; only its row is still to be written."""

    name: str
    content_type: ProofType
    size: int
    sha256: str
    has_small: bool
    taken_on: date | None


@dataclass(frozen=True, slots=True)
class NewProofs:
    """What one act gives as proof, and what is said about it; empty where nothing is given."""

    files: tuple[KeptFile, ...] = ()
    restricted: bool = False
    kind: ProofKind | None = None
    taken_on: date | None = None
    note: str = ""

    @property
    def types(self) -> tuple[ProofType, ...]:
        """The types of the files."""
        return tuple(file.content_type for file in self.files)


NO_PROOFS = NewProofs()


def keep_files(*, files: Iterable[Looked]) -> tuple[KeptFile, ...]:
    """Keep the bytes of files that were looked into, before any transaction: a large one takes seconds.

    Nothing shows them until `record_proofs`; if the act is refused, `discard_unnamed` removes them. The same bytes are
    kept once.
    """
    kept: dict[str, KeptFile] = {}
    for file in files:
        sha256, size = blobs.keep(file.source)
        if file.small:
            blobs.keep_small(sha256, file.small)
        kept.setdefault(sha256, KeptFile(file.name, file.content_type, size, sha256, bool(file.small), file.taken_on))
    return tuple(kept.values())


def record_proofs(
    *, by: Actor, student: Student, unit_id: int | None, new: NewProofs, known: Iterable[Proof], of: str, now: datetime
) -> list[Proof]:
    """Write the rows of new proofs inside the caller's transaction; `of` names the act in the audit trail (event/12).

    `known`: what the act has already; the same bytes are not put there a second time.
    """
    there = {proof.sha256 for proof in known if proof.withdrawn_at is None}
    rows = [
        Proof(
            student=student,
            kind=kind_of(file.content_type, new.kind),
            file_name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            has_small=file.has_small,
            restricted=new.restricted,
            taken_on=new.taken_on or file.taken_on,
            note=new.note[:200],
            unit_id=unit_id,
            recorded_at=now,
            recorded_by=by.name,
            recorded_by_id=by.user_id,
        )
        for file in new.files
        if file.sha256 not in there
    ]
    for row in rows:
        row.save(force_insert=True)
    # The hash stands in the sealed trail: bytes exchanged together with their row would still show.
    details = [
        {"object_id": row.pk, "child": student.number, "detail": {"of": of, "size": row.size, "sha256": row.sha256}}
        for row in rows
    ]
    audit.record_many(by=by, verb=Verb.PROOF_ADDED, kind="proof", rows=details, now=now)
    return rows


def add_leave_proofs(*, by: Actor, school_class: Unit, leave: Leave, new: NewProofs, now: datetime) -> list[Proof]:
    """Put proofs to a leave (a sick note may come later); those of a sick leave are restricted. PermissionDenied."""
    by.require_at(Permission.TAKE_ROLL, school_class.path)
    with transaction.atomic():
        known = [link.proof for link in LeaveProof.objects.filter(leave=leave).select_related("proof")]
        rows = record_proofs(
            by=by,
            student=leave.student,
            unit_id=school_class.pk,
            new=replace(new, restricted=for_leave(LeaveKind(leave.kind), asked=new.restricted)),
            known=known,
            of=f"leave/{leave.pk}",
            now=now,
        )
        LeaveProof.objects.bulk_create([LeaveProof(leave=leave, proof=row) for row in rows])
    return rows


def note_opened(*, by: Actor, proof: Proof, now: datetime) -> None:
    """Put on record that the original was opened."""
    audit.record(
        by=by,
        verb=Verb.PROOF_OPENED,
        kind="proof",
        object_id=proof.pk,
        child=proof.student.number,
        now=now,
        detail={"sha256": proof.sha256},
    )


def may_withdraw(by: Actor, proof: Proof) -> bool:
    """Whoever gave a proof may withdraw it, and so may a recording post of the same unit (its giver may have left).

    Of a unit merged since, the receiving unit's posts do.
    """
    if by.system or (proof.recorded_by_id is not None and proof.recorded_by_id == by.user_id):
        return True
    giving = proof.unit.line if proof.unit else ()
    return any(pk in by.units(permission) for pk in giving for permission in GIVERS)


def withdraw_proof(*, by: Actor, proof: Proof, why: str, now: datetime) -> None:
    """Take a wrong proof back with a reason; row and bytes stay.

    PermissionDenied for anybody but its giver's unit; ValueError without a reason, twice, or where the act needs it.
    """
    _require_giver(by, proof)
    if not why.strip():
        raise ValueError("请写明撤下理由，例如：传错了别的学生的照片。")
    with transaction.atomic():
        Student.objects.select_for_update().only("pk").get(pk=proof.student_id)
        if barred := next((said for bar in withdrawal_bars if (said := bar(proof))), ""):
            raise ValueError(barred)
        won = Proof.objects.filter(pk=proof.pk, withdrawn_at__isnull=True).update(
            withdrawn_at=now, withdrawn_by=by.name, withdrawn_why=why.strip()[:200]
        )
        if not won:
            raise ValueError("这份材料已经撤下，请刷新页面。")
        audit.record(
            by=by,
            verb=Verb.PROOF_WITHDRAWN,
            kind="proof",
            object_id=proof.pk,
            child=proof.student.number,
            now=now,
            detail={"sha256": proof.sha256},
        )


def discard_unnamed(*, by: Actor, now: datetime) -> int:
    """Remove bytes that were kept for acts that were then refused; returns how many files went."""
    gone = 0
    # Each is removed as soon as it was asked about: the same bytes may be given again at any moment.
    for name in blobs.untouched_since(now - UNNAMED_FOR):
        if not is_named(name):
            blobs.discard(name)
            gone += 1
    return gone


def _require_giver(by: Actor, proof: Proof) -> None:
    if not may_withdraw(by, proof):
        raise PermissionDenied("只有附上这份材料的本人或同单位经办人可以撤下。")
    units = {unit for permission in GIVERS for unit in by.units(permission)}
    sees = Sight.objects.filter(student_id=proof.student_id, unit_id__in=units, may_write=True)
    if not by.system and not sees.exists():
        raise PermissionDenied("您对该生只有查看权限（已转出或转介结束），不能撤下材料。")
