"""Children: created one by one or many at a time, moved, given another standing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from django.db import transaction

from agencies import audit, hooks
from agencies.bulk import insert_all, update_all
from agencies.choices import Permission, Verb
from agencies.fields import blind_index
from agencies.models import Unit
from agencies.rules.calendar import ONE_DAY
from agencies.scope import Actor
from students.actions.kinship import join_by_document
from students.actions.sight import Places, rebuild_sight, rows_for
from students.choices import DocumentKind, EnrolmentStatus, Sex
from students.models import Enrolment, GroupMembership, Guardian, Student
from students.rules.identity import internal_number
from students.rules.names import read_name


@dataclass(frozen=True, slots=True)
class NewGuardian:
    """A family member as typed or imported."""

    name: str
    relation: str
    phone: str = ""
    is_guardian: bool = True
    document_kind: str = ""
    document_number: str = ""
    address: str = ""
    workplace: str = ""
    is_carer: bool = False
    spare_phone: str = ""
    lives_away: bool = False
    away_place: str = ""


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child as typed or imported, already checked by students.rules; `school_class` None = not enrolled.

    `sex` is empty where nobody has said it yet (a child on no list).
    """

    name: str
    sex: Sex | Literal[""]
    birth_date: date | None
    school_class: Unit | None
    residence: Unit | None = None
    hukou: Unit | None = None
    document_kind: DocumentKind = DocumentKind.NONE
    document_number: str = ""
    record_number: str = ""
    class_number: str = ""
    ethnicity: str = ""
    former_name: str = ""
    residence_address: str = ""
    hukou_address: str = ""
    status: EnrolmentStatus = EnrolmentStatus.IN_SCHOOL
    guardians: tuple[NewGuardian, ...] = ()
    groups: tuple[str, ...] = ()
    record: dict[str, str] = field(default_factory=dict)


def name_fields(name: str) -> dict[str, str]:
    """The name with its reading, as stored for search and sorting."""
    reading = read_name(name)
    return {"name": name, "pinyin": reading.pinyin, "initials": reading.initials, "sort_key": reading.sort_key}


def _student(row: NewChild, number: str, now: datetime) -> Student:
    return Student(
        number=number,
        sex=row.sex,
        birth_date=row.birth_date,
        document_kind=row.document_kind,
        document_number=row.document_number,
        document_index=blind_index(row.document_number),
        record_number=row.record_number,
        record_index=blind_index(row.record_number),
        ethnicity=row.ethnicity,
        former_name=row.former_name,
        residence=row.residence,
        hukou=row.hukou,
        residence_address=row.residence_address,
        hukou_address=row.hukou_address,
        record=row.record,
        created_at=now,
        changed_at=now,
        **name_fields(row.name),
    )


def guardian_rows(student: Student, guardians: tuple[NewGuardian, ...]) -> list[Guardian]:
    """Unsaved guardian rows of a child."""
    return [
        Guardian(
            student_id=student.pk,
            name=guardian.name,
            relation=guardian.relation,
            is_guardian=guardian.is_guardian,
            is_carer=guardian.is_carer,
            phone=guardian.phone,
            phone_index=blind_index(guardian.phone),
            spare_phone=guardian.spare_phone,
            document_kind=guardian.document_kind,
            document_number=guardian.document_number,
            document_index=blind_index(guardian.document_number),
            address=guardian.address,
            workplace=guardian.workplace,
            lives_away=guardian.lives_away,
            away_place=guardian.away_place,
            order=order,
        )
        for order, guardian in enumerate(guardians, start=1)
    ]


def _enrolment(student: Student, row: NewChild, first_day: date) -> Enrolment | None:
    if row.school_class is None:
        return None
    return Enrolment(
        student_id=student.pk,
        school_id=row.school_class.parent_id or 0,
        school_class_id=row.school_class.pk,
        status=row.status,
        class_number=row.class_number,
        first_day=first_day,
    )


def create_children(
    *, by: Actor, rows: list[NewChild], county_code: str, first_day: date, now: datetime
) -> list[Student]:
    """Create children with guardians, enrolments, groups and sight in one short transaction (at most 500 rows).

    `first_day` is the first day of their enrolments. A child gets an internal number whatever document it has.
    """
    if len(rows) > 500:
        raise ValueError("一次最多建立500名学生，请分批。")
    for school_class in {row.school_class for row in rows if row.school_class}:
        by.require_at(Permission.IMPORT_CHILDREN, school_class.path)
    return write_children(by=by, rows=rows, county_code=county_code, first_day=first_day, now=now)


def write_children(
    *, by: Actor, rows: list[NewChild], county_code: str, first_day: date, now: datetime
) -> list[Student]:
    """What `create_children` writes, for actions that have asked for their own permission."""
    with transaction.atomic():
        students = Student.objects.bulk_create(
            [_student(row, f"{secrets.token_hex(8)}{i}", now) for i, row in enumerate(rows)]
        )
        # From the row's own id: never given twice, also after an undone import or beside another import.
        for student in students:
            student.number = internal_number(county_code, student.pk)
        update_all(students, "number")
        pairs = list(zip(students, rows, strict=True))
        family = [guardian for student, row in pairs for guardian in guardian_rows(student, row.guardians)]
        insert_all(family)
        insert_all([e for student, row in pairs if (e := _enrolment(student, row, first_day))])
        insert_all(
            [
                GroupMembership(student_id=student.pk, group=group, first_day=first_day, source="导入")
                for student, row in pairs
                for group in row.groups
            ]
        )
        insert_all(
            [
                sight
                for student, row in pairs
                for sight in rows_for(Places(student.pk, row.school_class, row.residence, row.hukou))
            ]
        )
        audit.record_many(
            by=by,
            verb=Verb.CHILD_CREATED,
            kind="student",
            now=now,
            rows=({"object_id": student.pk, "child": student.number} for student in students),
        )
        join_by_document(by=by, guardians=family, now=now)
    return students


def take_place_of(*, by: Actor, standing: Enrolment | None, new: Enrolment) -> Enrolment:
    """Write an enrolment in the place of the one that stands, which ends the day before; returns the row that holds.

    One that begins on that day or later in another class is put into the new one: the child never sat there (the
    roster of September, corrected in August). In the same class it lasts its first day, so that a standing begun on
    that day can be taken back; what follows begins the day after. The caller's act holds the right and the audit row.
    """
    if standing is None:
        new.save(force_insert=True)
        return new
    if standing.school_class_id != new.school_class_id and standing.first_day >= new.first_day:
        standing.school_class, standing.school_id = new.school_class, new.school_id
        standing.status, standing.until = new.status, new.until
        standing.class_number = new.class_number or standing.class_number
        standing.save(update_fields=["school_class", "school", "status", "until", "class_number"])
        return standing
    new.first_day = max(new.first_day, standing.first_day + ONE_DAY)
    standing.last_day = new.first_day - ONE_DAY
    standing.save(update_fields=["last_day"])
    new.save(force_insert=True)
    return new


def enrol(
    *,
    by: Actor,
    student: Student,
    school_class: Unit,
    status: EnrolmentStatus,
    on: date,
    now: datetime,
    proof: str = "",
    class_number: str = "",
    until: date | None = None,
    begun_by: str = "",
) -> Enrolment:
    """Move a child to a class or give it another standing; the enrolment before ends the day before `on`.

    `until` is the last day of a standing for a time, `begun_by` the act that brings it about.
    """
    by.require_at(Permission.EDIT_CHILD, school_class.path)
    with transaction.atomic():
        standing = Enrolment.objects.select_for_update().filter(student=student, last_day__isnull=True).first()
        wanted = (school_class.pk, status, until)
        if standing and (standing.school_class_id, standing.status, standing.until) == wanted:
            return standing
        new = Enrolment(
            student=student,
            school_id=school_class.parent_id or 0,
            school_class=school_class,
            status=status,
            class_number=class_number,
            first_day=on,
            until=until,
            proof=proof,
            begun_by=begun_by,
        )
        made = take_place_of(by=by, standing=standing, new=new)
        rebuild_sight(by=by, students=[student])
        audit.record(
            by=by,
            verb=Verb.CHILD_MOVED,
            kind="student",
            object_id=student.pk,
            child=student.number,
            unit_path=school_class.path,
            now=now,
            detail={"status": status, "on": made.first_day.isoformat(), "proof": proof[:40]},
        )
        hooks.child_facts_changed([student.pk], by=by, now=now)
    return made
