"""Check an upload against what is on record and plan its rows, ready to be kept and written.

Reads the stored file and the database, decides with the pure side (`plan.py`), writes nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from agencies.fields import blind_index
from agencies.models import Unit
from agencies.scope import Actor
from students.choices import RowVerdict
from students.imports.cells import Mistake
from students.imports.columns import Column, anchor_heads, known_heads, map_heads
from students.imports.plan import Change, Known, KnownChild, Plan, RowPlan, make_plan
from students.imports.workbook import Row, Sheet, open_sheet
from students.models import ImportRow
from students.queries.imports import (
    Keys,
    Recorded,
    children_met,
    classes_of,
    county_of,
    digests,
    last_child_id,
    schools_under,
    villages_of,
)
from students.rules.identity import clean_number, clean_phone
from students.rules.names import clean_name
from students.rules.new_classes import NewClass, class_to_make
from students.rules.places import Villages

ELSEWHERE = (
    "证件号或学籍号与县内其他学校在读的学生相同",
    "请先请原就读学校办理转出，或把本表交教育局导入；号码填错的请改正",
)
UNKNOWN = ("证件号或学籍号与已建档的另一名学生相同，但姓名不同", "请核对号码和姓名；确是改名的，请交教育局导入")


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check: unsaved rows, everything wrong, counts by verdict, remarks, classes that are missing."""

    rows: list[ImportRow]
    mistakes: list[dict[str, Any]]
    counts: dict[str, int]
    notes: list[str]
    new_classes: list[dict[str, Any]]


def check(
    path: Path, *, file_name: str, unit: Unit, actor: Actor, on: date, answers: Mapping[int, int | None]
) -> Checked:
    """Plan the import of a stored file for a unit; raises WorkbookRefused where it cannot be read."""
    last_child = last_child_id()
    sheet = open_sheet(path, file_name=file_name, known=known_heads(), anchors=anchor_heads())
    sheet = dataclasses.replace(sheet, rows=list(sheet.rows))
    schools = schools_under(unit)
    recorded = {child.person.id: child for child in children_met(_keys(sheet), actor)}
    known = Known(
        schools={school.code: school.pk for school in schools if school.code},
        classes=classes_of(school.pk for school in schools),
        children=[KnownChild(c.person, c.facts, c.guardians, c.class_id) for c in recorded.values()],
        school=schools[0].pk if len(schools) == 1 else None,
        key_of=blind_index,
    )
    plan = make_plan(sheet, known, on=on, answers=answers)
    rows = [_settled(row, recorded) for row in plan.rows]
    names = {school.pk: school.name for school in schools}
    missing = _missing_classes(rows, known, names, on)
    checked = _checked(plan, rows, sheet, recorded, villages_of(county_of(unit)), missing)
    return dataclasses.replace(checked, counts={**checked.counts, "last_child": last_child})


def _keys(sheet: Sheet) -> Keys:
    """What the rows can meet children by; a cheap reading, the careful one follows."""
    used = map_heads(sheet.headers).used
    names = [head for head, column in used.items() if column.key == "name"]
    numbers = {key: [h for h, c in used.items() if c.key == key] for key in ("document_number", "record_number")}
    phones = [head for head, column in used.items() if _is_child_or_family_phone(column)]
    rows = list(sheet.rows)
    return Keys(
        documents=digests(clean_number(text) for text in _texts(rows, numbers["document_number"])),
        records=digests(clean_number(text) for text in _texts(rows, numbers["record_number"])),
        phones=digests(clean_phone(text) for text in _texts(rows, phones)),
        names={clean_name(text) for text in _texts(rows, names)},
    )


def _is_child_or_family_phone(column: Column) -> bool:
    return column.key.rpartition(".")[2] == "phone"


def _texts(rows: Iterable[Row], heads: list[str]) -> Iterable[str]:
    return (text for row in rows for head in heads if (text := row.cells.get(head, "")))


def _settled(row: RowPlan, recorded: Mapping[int, Recorded]) -> RowPlan:
    """The row after looking at what the sheet alone cannot say: other schools' children, the plain record, groups."""
    met = [recorded[pk] for pk in {row.child_id or 0, *row.candidates} if pk in recorded]
    if any(not child.ours for child in met):
        return _outside(row, met)
    if row.child_id is None or row.verdict == RowVerdict.FAULTY:
        return row
    child = recorded[row.child_id]
    labels = {head: value for head, value in row.record.items() if child.record.get(head) != value}
    changes = [Change(head, head, child.record.get(head, ""), value) for head, value in labels.items()]
    if new := [group for group in row.groups if group not in child.groups]:
        changes.append(Change("groups", "特殊群体", "", f"增加 {len(new)} 类"))
    if not changes:
        return row
    return dataclasses.replace(row, verdict=RowVerdict.UPDATE, changes=(*row.changes, *changes))


def _outside(row: RowPlan, met: list[Recorded]) -> RowPlan:
    """A number met a child the importer does not see: nothing of that child is shown.

    A child that is enrolled nowhere and has the same name is taken over; any other is refused.
    """
    if row.verdict == RowVerdict.FAULTY:
        return dataclasses.replace(row, child_id=None, candidates=(), reasons=())
    if row.child_id is not None and not any(child.enrolled for child in met):
        (child,) = met
        if child.person.name == row.name:
            return dataclasses.replace(row, verdict=RowVerdict.UPDATE, reasons=("证件号与已建档、未在读的学生相同",))
    message, remedy = ELSEWHERE if any(child.enrolled and not child.ours for child in met) else UNKNOWN
    mistake = Mistake(row.row, "身份证件号", "", message, remedy)
    return dataclasses.replace(
        row,
        verdict=RowVerdict.FAULTY,
        child_id=None,
        candidates=(),
        reasons=(),
        changes=(),
        mistakes=(*row.mistakes, mistake),
    )


def _missing_classes(
    rows: Iterable[RowPlan], known: Known, names: Mapping[int, str], on: date
) -> list[dict[str, Any]]:
    """Classes that rows name and the school does not have, as far as their grade is certain."""
    taken = {(c.school_id, c.name) for c in known.classes}
    wanted: Counter[tuple[int, NewClass]] = Counter()
    for row in rows:
        if row.school_id is None or row.class_id is not None or not row.class_name:
            continue
        made = class_to_make(row.class_name, row.values.get("grade", ""), on=on)
        if made and (row.school_id, made.name) not in taken:
            wanted[row.school_id, made] += 1
    return [
        {"school": school, "school_name": names[school], "name": made.name, "grade": made.grade, "rows": count}
        for (school, made), count in sorted(wanted.items())
    ]


def _checked(
    plan: Plan,
    rows: list[RowPlan],
    sheet: Sheet,
    recorded: Mapping[int, Recorded],
    villages: Villages,
    new_classes: list[dict[str, Any]],
) -> Checked:
    cells = {row.number: row.cells for row in sheet.rows}
    kept = [_kept(row, cells, recorded, villages) for row in rows]
    found = Counter(row.verdict for row in kept)
    counts = {verdict.value: found[verdict.value] for verdict in RowVerdict}
    # Row 0 is the file as a whole: a column that is missing.
    mistakes = sorted({*(m for row in rows for m in row.mistakes), *(m for m in plan.mistakes if m.row == 0)})
    return Checked(
        rows=kept,
        mistakes=[dataclasses.asdict(mistake) for mistake in mistakes],
        counts=counts,
        notes=[*plan.notes, *_village_note(kept)],
        new_classes=new_classes,
    )


def _kept(
    row: RowPlan, cells: Mapping[int, Mapping[str, str]], recorded: Mapping[int, Recorded], villages: Villages
) -> ImportRow:
    faulty, same = row.verdict == RowVerdict.FAULTY, row.verdict == RowVerdict.SAME
    data: dict[str, Any] = {"reasons": row.reasons, "candidates": row.candidates}
    if faulty:
        # The cells as they were sent: the faulty rows go back in a workbook of their own.
        data |= {"cells": cells[row.row], "mistakes": [dataclasses.asdict(m) for m in row.mistakes]}
    elif not same:
        home = row.values.get("residence_address") or row.values.get("home_address", "")
        data |= {
            "values": row.values,
            "record": row.record,
            "groups": row.groups,
            "guardians": [dict(guardian) for guardian in row.guardians],
            "school_class": row.class_id,
            "residence": villages.find(home),
            "hukou": villages.find(row.values.get("hukou_address", "")),
        }
    if row.child_id is not None and not faulty:
        child = recorded[row.child_id]
        data |= {"changed_at": child.changed_at, "was_in": child.class_id}
    return ImportRow(
        row=row.row,
        verdict=row.verdict,
        name=row.name[:60],
        class_name=row.class_name[:60],
        values=json.dumps(data, ensure_ascii=False, default=list),
        changes=[{"field": c.label, "old": c.old, "new": c.new} for c in row.changes],
        student_id=row.child_id if row.verdict in {RowVerdict.UPDATE, RowVerdict.SAME} else None,
    )


def _village_note(rows: Iterable[ImportRow]) -> list[str]:
    new = [json.loads(row.values) for row in rows if row.verdict == RowVerdict.CREATE]
    if not new:
        return []
    placed = sum(data["residence"] is not None for data in new)
    left = f"，{len(new) - placed} 名由村（社区）或学校补填" if placed < len(new) else ""
    return [f"新增的学生中，{placed} 名已按现住址认出居住村（社区）{left}"]
