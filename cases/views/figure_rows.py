"""How the rows behind a figure are told: a name, where it leads, and the words of the other columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from agencies.choices import Permission, Role
from agencies.models import Unit
from agencies.rules.calendar import dated
from agencies.scope import Actor
from cases.models import Case, DutyRow
from cases.queries import figure_lists as lists
from cases.queries.case_figures import units_named
from cases.queries.figure_lists import ChildNow
from cases.queries.figures import Ground, OftenAbsent
from cases.queries.worklists import named_children
from cases.web import cause_of, outcome_of
from students.choices import PartOfDay
from students.models import Absence
from students.queries.silence import SilentClass
from students.rules.attendance import in_days
from students.rules.masks import mask_name

# Who owes an answer for a class that missed registers.
OWNERS = {"principal": "校长答复", "bureau": "教育局核查"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and about what: enough to name and link a row."""

    actor: Actor
    ground: Ground


def _row(name: str, url: str, *cells: str) -> Row:
    return {"name": name, "url": url, "cells": cells}


def _names(reader: Reader, students: Iterable[Any]) -> dict[int, str]:
    rows = list(students)
    seen = named_children(reader.actor, [row.pk for row in rows])
    return {row.pk: row.name if row.pk in seen else mask_name(row.name) for row in rows}


def _child_url(reader: Reader, student_id: int, case_id: int | None) -> str:
    """The child's open case, else its page where the reader may see children."""
    if case_id:
        return reverse("cases:case", args=[case_id])
    if reader.actor.can_at(Permission.VIEW_CHILD, reader.ground.unit.path):
        return reverse("students:child", args=[student_id])
    return ""


def _place(*units: Any) -> str:
    return " ".join(unit.label for unit in units if unit) or "—"


def _of_class(reader: Reader, row: Unit, last: Mapping[int, date], people: Mapping[int, str], *cells: str) -> Row:
    return _row(
        _place(row.parent, row),
        _class_url(reader, row.pk),
        dated(last[row.pk]) if row.pk in last else "没有点过名",
        *cells,
        people.get(row.pk, "未任命"),
    )


def tell_unreported(reader: Reader, ids: list[int]) -> list[Row]:
    """Class with its school, last register, who teaches it (1 query more than these)."""
    classes = units_named(set(ids))
    last = lists.last_reported(ids, reader.ground.on)
    people = lists.people_at(ids, Role.CLASS_TEACHER, reader.ground.on)
    return [_of_class(reader, classes[pk], last, people) for pk in ids]


def tell_silent(reader: Reader, rows: list[SilentClass]) -> list[Row]:
    """Class with its school, last register, how long silent, who owes the answer, who teaches it."""
    ids = [row.school_class.pk for row in rows]
    last = lists.last_reported(ids, reader.ground.on)
    people = lists.people_at(ids, Role.CLASS_TEACHER, reader.ground.on)
    return [_of_class(reader, row.school_class, last, people, row.silence.text, OWNERS[row.owner]) for row in rows]


def _class_url(reader: Reader, class_id: int) -> str:
    if not reader.actor.can_at(Permission.VIEW_ROLL, reader.ground.unit.path):
        return ""
    return f"{reverse('students:roll_class', args=[class_id])}?day={reader.ground.on.isoformat()}"


def tell_reported(reader: Reader, rows: list[Any]) -> list[Row]:
    """Class, expected, absent, who took the register."""
    return [
        _row(
            _place(row.school, row.school_class),
            _class_url(reader, row.school_class_id),
            str(row.expected),
            str(row.absent),
            row.taken_by,
        )
        for row in rows
    ]


def tell_absent(reader: Reader, rows: list[Absence]) -> list[Row]:
    """Child, class, reason."""
    names = _names(reader, (row.student for row in rows))
    opened = lists.open_case_ids(row.student_id for row in rows)
    mornings = lists.mornings(rows)
    return [
        _row(
            names[row.student_id],
            _child_url(reader, row.student_id, opened.get(row.student_id)),
            _place(row.school_class.parent, row.school_class),
            _reason(row, mornings.get(row.student_id)),
            "有" if row.student_id in opened else "无",
        )
        for row in rows
    ]


def _reason(row: Absence, morning: Absence | None) -> str:
    """病假; of half a day with the half: 病假（下午）; of two halves 上午事假，下午病假, or 病假（上午、下午）."""
    if row.part == PartOfDay.DAY:
        return str(row.get_reason_display())
    if morning is None:
        return f"{row.get_reason_display()}（{row.get_part_display()}）"
    if morning.reason == row.reason:
        return f"{row.get_reason_display()}（上午、下午）"
    return f"上午{morning.get_reason_display()}，下午{row.get_reason_display()}"


def _of_child(reader: Reader, child: ChildNow, names: Mapping[int, str], *cells: str) -> Row:
    pk = child.student.pk
    place = _place(child.enrolment.school, child.enrolment.school_class) if child.enrolment else "—"
    url = _child_url(reader, pk, child.case_id)
    return _row(names[pk], url, place, *cells, "有" if child.case_id else "无")


def tell_runs(reader: Reader, rows: list[Any]) -> list[Row]:
    """Child, class, days in a row, since when."""
    children = lists.children_now(row.student_id for row in rows)
    names = _names(reader, (child.student for child in children.values()))
    return [
        _of_child(reader, children[row.student_id], names, f"{in_days(row.halves)}天", dated(row.first_day))
        for row in rows
    ]


def tell_in_term(reader: Reader, rows: list[OftenAbsent]) -> list[Row]:
    """Child, class, days absent in the term, those without leave."""
    children = lists.children_now(row.student_id for row in rows)
    names = _names(reader, (child.student for child in children.values()))
    return [
        _of_child(reader, children[row.student_id], names, f"{in_days(row.halves)}天", f"{in_days(row.unexcused)}天")
        for row in rows
    ]


def _of_case(reader: Reader, case: Case, names: Mapping[int, str], *cells: str) -> Row:
    url = reverse("cases:case", args=[case.pk])
    return _row(names[case.student_id], url, _place(case.school, case.school_class), _place(case.village), *cells)


def tell_open(reader: Reader, rows: list[Case]) -> list[Row]:
    """Child, places, stage, cause, what is owed and by when."""
    names = _names(reader, (case.student for case in rows))
    return [
        _of_case(
            reader,
            case,
            names,
            str(case.get_stage_display()) + ("（反复）" if case.relapses else ""),
            cause_of(reader.actor, case),
            case.step_name or "—",
            dated(case.next_due_on) if case.next_due_on else "—",
        )
        for case in rows
    ]


def tell_ended(reader: Reader, rows: list[Case]) -> list[Row]:
    """Child, places, outcome and day, or that the return is still observed."""
    names = _names(reader, (case.student for case in rows))
    return [
        _of_case(
            reader,
            case,
            names,
            outcome_of(reader.actor, case) if case.closed_on else "返校观察中",
            dated(case.closed_on) if case.closed_on else "—",
        )
        for case in rows
    ]


def tell_overdue(reader: Reader, rows: list[DutyRow]) -> list[Row]:
    """Child, places, duty, owner, due day and how late it is."""
    names = _names(reader, (row.case.student for row in rows))
    return [
        _of_case(
            reader,
            row.case,
            names,
            row.name,
            f"{_place(row.owner_unit)} {Role(row.owner_role).label}",
            dated(row.due_on) if row.due_on else "—",
            f"{(reader.ground.today - row.due_on).days}天" if row.due_on else "—",
        )
        for row in rows
    ]
