"""The list behind a figure: classes, children, cases or duties, as many as the figure says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from agencies.choices import Permission, Role
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs
from cases.choices import Cause, Outcome, Stage
from cases.models import Case, DutyRow
from cases.queries import figure_lists as lists
from cases.queries.figure_lists import ChildNow, Chosen
from cases.queries.figures import Ground, Unreported
from cases.queries.worklists import named_children
from cases.rules.indicators import RUN_CHOICES, TERM_DAYS
from cases.views.dashboard import asked_ground
from students.choices import AbsenceReason
from students.models import Absence
from students.rules.attendance import in_days
from students.rules.masks import mask_name

SIZE = 50
LAST_PAGE = 2000
OWNERS = {"principal": "校长说明", "bureau": "教育局核查"}
# A choice of ids: any number, or "none".
IDS: dict[str, str] = {}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and about what: enough to name and link a row."""

    actor: Actor
    ground: Ground


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of list: its title, what it may be narrowed by, its rows and how they are told."""

    title: str
    heads: tuple[str, ...]
    rows: Callable[[Ground, Chosen], Any]
    tell: Callable[[Reader, list[Any]], list[Row]]
    narrow: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tabs: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    by_day: bool = True


@needs(Permission.VIEW_FIGURES)
def figure_list(request: HttpRequest, key: str) -> HttpResponse:
    """A page of the rows behind a figure; figures alone (县领导) give no right to it."""
    actor = actor_of(request)
    listing = LISTINGS.get(key)
    if listing is None:
        raise Http404("没有这个统计清单。")
    ground = asked_ground(request, actor)
    actor.require_at(Permission.VIEW_CASE, ground.unit.path)
    chosen = _chosen(request, listing)
    rows = listing.rows(ground, chosen)
    total = len(rows) if isinstance(rows, list) else rows.count()
    page = _page(request, total)
    shown = listing.tell(Reader(actor, ground), list(rows[page * SIZE : (page + 1) * SIZE]))
    for row in shown:
        row["told"] = list(zip(listing.heads[1:], row["cells"], strict=True))
    keep: dict[str, str] = {k: request.GET[k] for k in ("unit", "day", *listing.narrow) if request.GET.get(k)}
    context = {
        "key": key,
        "title": listing.title,
        "ground": ground,
        "sub": _sub(ground, listing),
        "words": _words(listing, chosen),
        "heads": listing.heads,
        "rows": shown,
        "total": total,
        "tabs": _tabs(listing, chosen, keep),
        "up_url": f"{reverse('cases:dashboard')}?{urlencode([(k, keep[k]) for k in ('unit', 'day') if k in keep])}",
        "earlier_url": f"?{urlencode({**keep, 'page': page})}" if page else "",
        "later_url": f"?{urlencode({**keep, 'page': page + 2})}" if (page + 1) * SIZE < total else "",
    }
    return render(request, "cases/figures.html", context)


def _chosen(request: HttpRequest, listing: Listing) -> dict[str, str]:
    """The narrowing of the address line; a word that is no choice is a 404 with a sentence."""
    chosen = dict(listing.defaults)
    for name, choices in listing.narrow.items():
        value = request.GET.get(name, "")
        if not value:
            continue
        an_id = choices is IDS and (value == lists.NONE or (value.isascii() and value.isdigit() and len(value) < 19))
        if not an_id and value not in choices:
            raise Http404(f"没有“{value[:20]}”这个选项，请从统计页的数字进入清单。")
        chosen[name] = value
    return chosen


def _page(request: HttpRequest, total: int) -> int:
    """The page asked for, counted from 0 and kept inside the list."""
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return max(0, min(number, LAST_PAGE, -(-total // SIZE)) - 1)


def _sub(ground: Ground, listing: Listing) -> str:
    day = dated(ground.on if listing.by_day else ground.today)
    return f"{ground.unit.label} · {day}"


def _words(listing: Listing, chosen: Chosen) -> list[str]:
    """The narrowing in words, the tabs' own left out."""
    return [
        listing.narrow[name][value]
        for name, value in chosen.items()
        if name != listing.tabs and listing.narrow[name] is not IDS
    ]


def _tabs(listing: Listing, chosen: Chosen, keep: Mapping[str, str]) -> list[dict[str, Any]]:
    if not listing.tabs:
        return []
    choices = dict(listing.narrow[listing.tabs])
    if listing.tabs not in listing.defaults:
        choices = {"": "全部", **choices}
    rest = {name: value for name, value in keep.items() if name != listing.tabs}
    return [
        {
            "label": label,
            "url": f"?{urlencode({**rest, listing.tabs: value} if value else rest)}",
            "active": chosen.get(listing.tabs, "") == value,
        }
        for value, label in choices.items()
    ]


# How rows are told: name and address of the first column, then the text of the others.


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


def tell_unreported(reader: Reader, rows: list[Unreported]) -> list[Row]:
    """Class, school, last register, how long silent and who owes the answer."""
    ids = [row.school_class.pk for row in rows]
    last = lists.last_reported(ids, reader.ground.on)
    people = lists.people_at(ids, Role.CLASS_TEACHER, reader.ground.on)
    return [
        _row(
            _place(row.school_class.parent, row.school_class),
            _class_url(reader, row.school_class.pk),
            dated(last[row.school_class.pk]) if row.school_class.pk in last else "没有点过名",
            row.silence.text or "仅当日未报",
            people.get(row.school_class.pk, "未任命"),
            OWNERS.get(row.owner, "当日内由班主任补报"),
        )
        for row in rows
    ]


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
    return [
        _row(
            names[row.student_id],
            _child_url(reader, row.student_id, opened.get(row.student_id)),
            _place(row.school_class.parent, row.school_class),
            f"{row.get_reason_display()}{'' if row.part == 'day' else f'（{row.get_part_display()}）'}",
            "有" if row.student_id in opened else "无",
        )
        for row in rows
    ]


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


def tell_in_term(reader: Reader, rows: list[Any]) -> list[Row]:
    """Child, class, days absent in the term, those without leave."""
    children = lists.children_now(row["student_id"] for row in rows)
    names = _names(reader, (child.student for child in children.values()))
    return [
        _of_child(
            reader,
            children[row["student_id"]],
            names,
            f"{in_days(row['halves'])}天",
            f"{in_days(row['unexcused'])}天",
        )
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
            str(case.get_cause_display()),
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
            str(case.get_outcome_display()) if case.closed_on else "返校观察中",
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


_PLACES = dict.fromkeys(("township", "village", "school", "school_class"), IDS)
_RUNS = {str(days): f"连续{days}天及以上" for days in RUN_CHOICES}
LISTINGS: dict[str, Listing] = {
    "unreported": Listing(
        "未点名班级",
        ("班级", "最近点名", "未报情况", "班主任", "应由谁答复"),
        lists.unreported,
        tell_unreported,
        {"owner": OWNERS},
        "owner",
    ),
    "reported": Listing("已点名班级", ("班级", "应到", "缺勤", "点名人"), lists.reported, tell_reported),
    "absent": Listing(
        "当日缺勤学生",
        ("学生", "班级", "原因", "在办个案"),
        lists.absent,
        tell_absent,
        {"reason": dict(AbsenceReason.choices)},
        "reason",
    ),
    "in-a-row": Listing(
        "连续无故缺勤学生",
        ("学生", "班级", "连续", "自", "在办个案"),
        lists.in_a_row,
        tell_runs,
        {"n": _RUNS},
        "n",
        {"n": str(RUN_CHOICES[0])},
    ),
    "in-term": Listing(
        f"本学期累计缺勤{TERM_DAYS}天及以上学生",
        ("学生", "班级", "累计缺勤", "其中无故", "在办个案"),
        lists.in_term,
        tell_in_term,
        {"n": {str(TERM_DAYS): f"{TERM_DAYS}天及以上"}},
        "",
        {"n": str(TERM_DAYS)},
    ),
    "open": Listing(
        "在办个案",
        ("学生", "班级", "居住村", "阶段", "原因", "当前事项", "到期"),
        lists.open_cases,
        tell_open,
        {
            "stage": dict(Stage.choices),
            "cause": dict(Cause.choices),
            "relapsed": {"1": "反复"},
            "out": {"1": "尚未返校"},
            **_PLACES,
        },
        "stage",
        by_day=False,
    ),
    "overdue": Listing(
        "逾期事项",
        ("学生", "班级", "居住村", "事项", "责任", "到期", "已逾期"),
        lists.overdue,
        tell_overdue,
        {"role": dict(Role.choices), "owner": IDS},
        by_day=False,
    ),
    "closed": Listing(
        "本学期销号个案",
        ("学生", "班级", "居住村", "结果", "销号日期"),
        lists.closed,
        tell_ended,
        {"outcome": dict(Outcome.choices)},
        "outcome",
        by_day=False,
    ),
    "returned": Listing(
        "本学期返校学生",
        ("学生", "班级", "居住村", "情况", "销号日期"),
        lists.returned,
        tell_ended,
        by_day=False,
    ),
}
