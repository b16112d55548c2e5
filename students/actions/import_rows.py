"""Write the rows of an import and take them back: one short transaction a chunk, each as good as not begun until done.

A chunk looks again at what the check saw; a child somebody worked on since is left as it is and said so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from agencies import audit, hooks
from agencies.choices import Permission, Verb
from agencies.fields import blind_index
from agencies.models import Unit
from agencies.scope import Actor
from students.actions.children import NewChild, NewGuardian, create_children, guardian_rows, name_fields, take_place_of
from students.actions.sight import rebuild_sight
from students.choices import DocumentKind, EnrolmentStatus, RowVerdict, Sex
from students.models import Enrolment, GroupMembership, Guardian, ImportBatch, ImportRow, Student
from students.queries.imports import FACTS, GUARDIAN_FACTS, county_of
from students.rules.households import is_legal_guardian
from students.rules.status import ENDED

# A chunk stays well under a second, on a small machine and with every row a child that changes class.
CHUNK = 200
# Stored with the numbers of a family member whenever one of them is set.
GUARDIAN_KEYS = ("phone_index", "document_index")
WRITTEN = (RowVerdict.CREATE, RowVerdict.UPDATE)
TWICE = "检查之后，同一名学生已由别人建档，未重复建立"
CLOSED = "检查之后，所在班级已经撤并，请按承接的班级改正后重新上传"
CHANGED = "检查之后，这名学生的信息又有更改，未覆盖"

Data = dict[str, Any]


@dataclass(slots=True)
class _Chunk:
    """The rows of one transaction with their data, and what writing them touched."""

    by: Actor
    batch: ImportBatch
    first_day: date
    now: datetime
    rows: list[ImportRow]
    data: dict[int, Data]
    classes: Mapping[int, Unit]
    places: Mapping[int, Unit]
    moved: list[Student] = field(default_factory=list)
    resettled: list[Student] = field(default_factory=list)
    changed: list[Student] = field(default_factory=list)


def left_to_write(batch: ImportBatch) -> list[int]:
    """Ids of the rows still to be written, in the order of the sheet."""
    rows = batch.rows.filter(verdict__in=WRITTEN, applied=False).order_by("row")
    return list(rows.values_list("pk", flat=True))


def write_rows(
    *, by: Actor, batch: ImportBatch, row_ids: Sequence[int], first_day: date, now: datetime
) -> list[tuple[int, str]]:
    """Write one chunk of planned rows; returns (row number, why) of those left out.

    Rows already written are passed over, so a chunk repeated after a crash changes nothing.
    """
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    with transaction.atomic():
        # Imports of one county write one after the other: two files with the same child make one child.
        Unit.objects.select_for_update().get(pk=county_of(batch.unit).pk)
        chunk = _chunk(by, batch, row_ids, first_day, now)
        left_out = [*_merged_since(chunk), *_create(chunk), *_update(chunk)]
        for row in chunk.rows:
            row.applied = row.student_id is not None and bool(row.before or row.verdict == RowVerdict.CREATE)
        ImportRow.objects.bulk_update(chunk.rows, ["student", "applied", "before"], batch_size=300)
        if chunk.moved:
            hooks.child_facts_changed([child.pk for child in chunk.moved], by=by, now=now)
    return left_out


def _chunk(by: Actor, batch: ImportBatch, row_ids: Sequence[int], first_day: date, now: datetime) -> _Chunk:
    rows = list(batch.rows.filter(pk__in=row_ids, applied=False).order_by("row"))
    data: dict[int, Data] = {row.pk: json.loads(row.values) for row in rows}
    classes = Unit.objects.in_bulk({d["school_class"] for d in data.values() if d["school_class"]})
    places = Unit.objects.in_bulk({d[key] for d in data.values() for key in ("residence", "hukou") if d[key]})
    return _Chunk(by, batch, first_day, now, rows, data, classes, places)


def _merged_since(chunk: _Chunk) -> list[tuple[int, str]]:
    """Leave out the rows whose class has been merged since the check."""
    closed = {pk for pk, unit in chunk.classes.items() if unit.last_day}
    out = [row for row in chunk.rows if chunk.data[row.pk]["school_class"] in closed]
    chunk.rows = [row for row in chunk.rows if row not in out]
    return [(row.row, CLOSED) for row in out]


def _create(chunk: _Chunk) -> list[tuple[int, str]]:
    rows = [row for row in chunk.rows if row.verdict == RowVerdict.CREATE]
    twice = _born_since(chunk, [chunk.data[row.pk] for row in rows])
    fresh = [row for row in rows if not _marks(chunk.data[row.pk]) & twice]
    if fresh:
        children = create_children(
            by=chunk.by,
            rows=[_new_child(chunk, chunk.data[row.pk]) for row in fresh],
            county_code=county_of(chunk.batch.unit).code,
            first_day=chunk.first_day,
            now=chunk.now,
        )
        for row, child in zip(fresh, children, strict=True):
            row.student = child
    made = {row.pk for row in fresh}
    return [(row.row, TWICE) for row in rows if row.pk not in made]


def _marks(data: Data) -> set[tuple[str, ...]]:
    """By what a child of a row would be known again: its numbers; without a document its name and birthday."""
    values = data["values"]
    document = blind_index(values.get("document_number", ""))
    record = blind_index(values.get("record_number", ""))
    marks: set[tuple[str, ...]] = {("number", mark) for mark in (document, record) if mark}
    return marks if document else {*marks, ("name", values["name"], values["birth_date"])}


def _born_since(chunk: _Chunk, rows: Iterable[Data]) -> set[tuple[str, ...]]:
    """Marks of the children made since the check read the register."""
    wanted = set().union(*(_marks(data) for data in rows))
    if not wanted:
        return set()
    numbers = [mark[1] for mark in wanted if mark[0] == "number"]
    names = [mark[1] for mark in wanted if mark[0] == "name"]
    met = Student.objects.filter(pk__gt=chunk.batch.counts.get("last_child", 0)).filter(
        Q(document_index__in=numbers) | Q(record_index__in=numbers) | Q(name__in=names)
    )
    seen = list(met.values_list("pk", "document_index", "record_index", "name", "birth_date"))
    # Two rows of one file were compared when it was checked, and namesakes without a document were asked about.
    own = set(chunk.batch.rows.filter(student__in=[row[0] for row in seen]).values_list("student_id", flat=True))
    found: set[tuple[str, ...]] = set()
    for pk, document, record, name, born in seen:
        if pk not in own:
            found |= {("number", document), ("number", record), ("name", name, born.isoformat() if born else "")}
    return found & wanted


def _new_child(chunk: _Chunk, data: Data) -> NewChild:
    values = data["values"]
    return NewChild(
        name=values["name"],
        sex=Sex(values["sex"]),
        birth_date=date.fromisoformat(values["birth_date"]),
        school_class=chunk.classes[data["school_class"]],
        residence=chunk.places.get(data["residence"]),
        hukou=chunk.places.get(data["hukou"]),
        document_kind=DocumentKind(values["document_kind"]),
        document_number=values.get("document_number", ""),
        record_number=values.get("record_number", ""),
        class_number=values.get("class_number", "")[:8],
        ethnicity=values.get("ethnicity", ""),
        former_name=values.get("former_name", ""),
        residence_address=values.get("residence_address") or values.get("home_address", ""),
        hukou_address=values.get("hukou_address", ""),
        guardians=_family(data),
        groups=tuple(data["groups"]),
        record=data["record"],
    )


def _family(data: Data) -> tuple[NewGuardian, ...]:
    """Family members of a row; the child's own 联系电话 goes to the first where none has a number."""
    members = data["guardians"]
    spare = "" if any(member.get("phone") for member in members) else data["values"].get("phone", "")
    return tuple(
        NewGuardian(
            name=member["name"],
            relation=member.get("relation", "")[:20],
            phone=member.get("phone") or (spare if place == 0 else ""),
            is_guardian=is_legal_guardian(member.get("relation", ""), member.get("is_guardian", "")),
            document_kind=member.get("document_kind", ""),
            document_number=member.get("document_number", ""),
            address=member.get("address", ""),
            workplace=member.get("workplace", "")[:80],
        )
        for place, member in enumerate(members)
    )


def _update(chunk: _Chunk) -> list[tuple[int, str]]:
    rows = [row for row in chunk.rows if row.verdict == RowVerdict.UPDATE]
    ids = [row.student_id for row in rows if row.student_id]
    if not ids:
        return []
    children = {c.pk: c for c in Student.objects.select_for_update().filter(pk__in=ids)}
    enrolments = {e.student_id: e for e in Enrolment.objects.filter(student__in=ids, last_day__isnull=True)}
    families: dict[int, list[Guardian]] = defaultdict(list)
    for member in Guardian.objects.filter(student__in=ids, ended_on__isnull=True):
        families[member.student_id].append(member)
    left_out = []
    for row in rows:
        child, data = children.get(row.student_id or 0), chunk.data[row.pk]
        enrolment = enrolments.get(row.student_id or 0)
        standing = enrolment.school_class_id if enrolment else None
        if child is None or (child.changed_at.isoformat(), standing) != (data["changed_at"], data["was_in"]):
            left_out.append((row.row, CHANGED))
            continue
        before = _Rewriting(chunk, child, data).write(enrolment, families[child.pk])
        row.before = json.dumps(before, ensure_ascii=False)
    _join_groups(chunk, rows)
    rebuild_sight(by=chunk.by, students={c.pk: c for c in (*chunk.moved, *chunk.resettled)}.values())
    _tell(chunk)
    return left_out


@dataclass(slots=True)
class _Rewriting:
    """One child brought to what its row says; `write` returns what stood before."""

    chunk: _Chunk
    child: Student
    data: Data

    def write(self, enrolment: Enrolment | None, family: list[Guardian]) -> Data:
        """Change what the row says differently; a blank cell changes nothing."""
        before: Data = {"changed_at": self.child.changed_at.isoformat(), "fields": self._fields()}
        before["enrolment"] = self._enrolment(enrolment)
        before["guardians"] = self._family(family)
        before["written_at"] = self.chunk.now.isoformat()
        self.chunk.changed.append(self.child)
        return before

    def _fields(self) -> Data:
        child, values = self.child, self.data["values"]
        fresh: Data = {key: values[key] for key in FACTS if values.get(key) and values[key] != getattr(child, key)}
        if values.get("birth_date") and date.fromisoformat(values["birth_date"]) != child.birth_date:
            fresh["birth_date"] = date.fromisoformat(values["birth_date"])
        if record := {k: v for k, v in self.data["record"].items() if child.record.get(k) != v}:
            fresh["record"] = {**child.record, **record}
        for key in ("residence_id", "hukou_id"):
            # What a village has confirmed stays; an address only fills a gap.
            if getattr(child, key) is None and self.data[key.removesuffix("_id")]:
                fresh[key] = self.data[key.removesuffix("_id")]
        before = set_fields(child, fresh)
        child.changed_at = self.chunk.now
        child.save(update_fields=[*fresh, *companions(fresh), "changed_at"])
        if {"residence_id", "hukou_id"} & set(fresh):
            self.chunk.resettled.append(child)
        return before

    def _enrolment(self, standing: Enrolment | None) -> Data:
        target, number = self.data["school_class"], self.data["values"].get("class_number", "")[:8]
        # Who sat in class on no list (人在无籍) has a record from now on.
        unlisted = standing is not None and standing.status == EnrolmentStatus.UNREGISTERED
        if standing and standing.school_class_id == target and not unlisted:
            before = {"kept": standing.pk, "class_number": standing.class_number}
            if number and number != standing.class_number:
                standing.class_number = number
                standing.save(update_fields=["class_number"])
            return before
        chunk, school_class = self.chunk, self.chunk.classes[target]
        chunk.by.require_at(Permission.IMPORT_CHILDREN, school_class.path)
        chunk.moved.append(self.child)
        # A child on sick leave or taught at home stays so in its new class.
        stays = standing if standing and not unlisted and standing.status not in ENDED else None
        stood = _seat(standing) if standing else {}
        made = take_place_of(
            by=chunk.by,
            standing=standing,
            new=Enrolment(
                student=self.child,
                school_id=school_class.parent_id or 0,
                school_class=school_class,
                status=stays.status if stays else EnrolmentStatus.IN_SCHOOL,
                until=stays.until if stays else None,
                class_number=number,
                first_day=chunk.now.date() if standing else chunk.first_day,
                proof="导入学籍表",
            ),
        )
        if standing and made.pk == standing.pk:
            return {"kept": standing.pk, **stood}
        return {"ended": standing.pk if standing else None, "made": made.pk}

    def _family(self, family: list[Guardian]) -> Data:
        """Members of the same name are brought up to date, others added; nobody is struck off."""
        known = {member.name: member for member in family}
        before: Data = {"changed": {}, "added": []}
        for member, said in zip(_family(self.data), self.data["guardians"], strict=True):
            standing = known.get(member.name)
            if standing is None:
                (added,) = guardian_rows(self.child, (member,))
                added.order = len(family) + len(before["added"]) + 1
                added.save()
                before["added"].append(added.pk)
                continue
            fresh: Data = {key: said[key] for key in GUARDIAN_FACTS if said.get(key)}
            if said.get("is_guardian"):
                fresh["is_guardian"] = said["is_guardian"] == "是"
            if old := set_fields(standing, fresh):
                standing.save(update_fields=[*old, *GUARDIAN_KEYS])
                before["changed"][str(standing.pk)] = old
        return before


def _seat(standing: Enrolment) -> Data:
    """The class an enrolment is in, with what else changes with it, for JSON."""
    return {
        "class_number": standing.class_number,
        "school_class": standing.school_class_id,
        "status": standing.status,
    }


def set_fields(row: Student | Guardian, values: Mapping[str, Any]) -> Data:
    """Set what differs, with the keys and readings that follow from it; returns what stood there, for JSON."""
    before: Data = {}
    for key, value in values.items():
        old = getattr(row, key)
        if old != value:
            before[key] = old.isoformat() if isinstance(old, date) else old
            setattr(row, key, value)
    for key, value in _following(row, before).items():
        setattr(row, key, value)
    return before


def _following(row: Student | Guardian, changed: Iterable[str]) -> Data:
    values: Data = {}
    for key, index in (("document_number", "document_index"), ("record_number", "record_index")):
        if key in changed and isinstance(row, Student):
            values[index] = blind_index(getattr(row, key))
    if isinstance(row, Guardian):
        values |= {"phone_index": blind_index(row.phone), "document_index": blind_index(row.document_number)}
    elif "name" in changed:
        values |= name_fields(row.name)
    return values


def companions(changed: Iterable[str]) -> list[str]:
    """Fields that are stored with others: readings of the name, keys of the numbers."""
    companions = {
        "name": ["pinyin", "initials", "sort_key"],
        "document_number": ["document_index"],
        "record_number": ["record_index"],
    }
    return [name for key in changed for name in companions.get(key, ())]


def _join_groups(chunk: _Chunk, rows: Sequence[ImportRow]) -> None:
    wanted = {
        (row.student_id or 0, group): row for row in rows if row.before for group in chunk.data[row.pk]["groups"]
    }  # fmt: skip
    standing = set(
        GroupMembership.objects.filter(
            student__in={pk for pk, _ in wanted}, last_day__isnull=True
        ).values_list("student_id", "group")
    )  # fmt: skip
    fresh = [
        GroupMembership(student_id=pk, group=group, first_day=chunk.now.date(), source="导入")
        for pk, group in wanted
        if (pk, group) not in standing
    ]
    GroupMembership.objects.bulk_create(fresh)
    joined: dict[int, list[int]] = defaultdict(list)
    for membership in fresh:
        joined[membership.student_id].append(membership.pk)
    for row in rows:
        if row.before:
            row.before = json.dumps({**json.loads(row.before), "groups": joined.get(row.student_id or 0, [])})


def _tell(chunk: _Chunk) -> None:
    moved = {child.pk for child in chunk.moved}
    for verb, children in (
        (Verb.CHILD_CHANGED, [child for child in chunk.changed if child.pk not in moved]),
        (Verb.CHILD_MOVED, chunk.moved),
    ):
        audit.record_many(
            by=chunk.by,
            verb=verb,
            kind="student",
            now=chunk.now,
            rows=(
                {"object_id": child.pk, "child": child.number, "detail": {"import": chunk.batch.pk}}
                for child in children
            ),
        )
