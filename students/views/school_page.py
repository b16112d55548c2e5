"""Put together what the school's day page shows: who is absent, which classes have reported, and since when not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from agencies.choices import Permission
from agencies.models import Unit
from agencies.queries.calendars import calendars_of
from agencies.rules.calendar import Calendar
from agencies.scope import Actor
from agencies.web import actor_of, now, today
from students.choices import AbsenceReason, PartOfDay
from students.models import Absence, RollCall
from students.queries.roll import ClassDay, marks_in, school_day, value_of
from students.queries.search import Hit, find_in_school
from students.queries.silence import expected_in, silences
from students.rules.roll import Value, joined, overlap, parts_due, refusal
from students.rules.sent import as_sent
from students.rules.silence import Silence
from students.web import asked_day, at_day, class_url, clock, neighbours, school_or_404, shown_name


@dataclass(slots=True)
class SchoolPage:
    """Everything the page of one school and day is made of, read once."""

    actor: Actor
    school: Unit
    day: date
    today: date
    moment: datetime
    calendars: dict[int, Calendar]
    classes: list[ClassDay]
    expected: dict[int, int]
    marks: list[Absence]
    silent: dict[int, Silence] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        """The school's own calendar."""
        return self.calendars[self.school.pk]

    @property
    def why_not(self) -> str:
        """Why nothing can be marked here; empty if it can."""
        # A day on which one class has school (补课) is a day of this page.
        sentences = [refusal(self.calendars[row.school_class.pk], self.day, self.today) for row in self.classes]
        if not self.classes or all(sentences):
            return refusal(self.calendar, self.day, self.today)
        if not self.actor.can_at(Permission.TAKE_SCHOOL_ROLL, self.school.path):
            return "您可以查看本校考勤；登记由学校学籍管理员、德育处或校长办理。"
        return ""


def open_page(request: HttpRequest, school_id: int, permission: Permission) -> SchoolPage:
    """Read a school's day (7 queries)."""
    actor, day = actor_of(request), asked_day(request)
    school = school_or_404(actor, school_id, permission)
    classes = school_day(school, day)
    units = [row.school_class for row in classes]
    calendars = calendars_of([school, *units], day)
    ids = [unit.pk for unit in units]
    return SchoolPage(
        actor=actor,
        school=school,
        day=day,
        today=today(),
        moment=now(),
        calendars=calendars,
        classes=classes,
        expected=expected_in(ids, day),
        marks=marks_in(ids, day),
        silent=silences(units, calendars, day),
    )


def context_of(
    page: SchoolPage, *, query: str = "", note: str = "", errors: list[str] | None = None
) -> dict[str, Any]:
    """Context of students/roll_school.html and students/_roll_day.html."""
    url = reverse("students:roll_school", args=[page.school.pk])
    why_not = page.why_not
    # A child away both halves has a mark of each.
    away = {(mark.school_class_id, mark.student_id) for mark in page.marks}
    marked = Counter(class_id for class_id, _ in away)
    lines = [_line(page, row, marked[row.school_class.pk]) for row in page.classes]
    # Those that have not reported stand first, the longest silent on top.
    lines.sort(key=lambda line: (bool(line["reported"]), -line["silent_days"]))
    reported = [line for line in lines if line["reported"]]
    return {
        "page": {
            "school_name": page.school.name,
            "day": page.day.isoformat(),
            "day_label": page.calendar.label(page.day),
            "editable": not why_not,
            "why_not": why_not,
            **neighbours(url, page.calendar, page.day),
            "url": url,
            **{
                f"{name}_url": at_day(reverse(f"students:roll_{address}", args=[page.school.pk]), page.day)
                for name, address in (("suggest", "suggest"), ("add", "mark"), ("undo", "unmark"), ("rest", "confirm"))
            },
            "counts": {
                "expected": sum(line["expected"] for line in lines if line["reported"] or line["owes"]),
                "absent": len(away),
                "present": sum(line["expected"] - line["absent"] for line in reported),
                "unknown": sum(
                    line["expected"] - line["absent"] for line in lines if not line["reported"] and line["owes"]
                ),
            },
        },
        "classes": lines,
        "rest": [line for line in lines if not line["reported"] and line["owes"]],
        "absentees": [_absentee(page, mark) for mark in page.marks],
        "parts": PartOfDay.choices,
        "note": note,
        "errors": errors or [],
        **hits_of(page.actor, page.school, page.day, query),
    }


def hits_of(actor: Actor, school: Unit, day: date, query: str, part: str = "") -> dict[str, Any]:
    """Context of students/_roll_hits.html but for `page` (4 queries; none for an empty query)."""
    hits = find_in_school(actor, school, query)
    values: dict[int, Value] = {}
    if hits:
        standing = Absence.objects.visible_to(actor, Permission.VIEW_ROLL).filter(
            student__in=[hit.student.pk for hit in hits], day=day, superseded_at__isnull=True
        )
        for mark in standing.order_by("part"):
            value, before = value_of(mark), values.get(mark.student_id)
            # Of two half days the one that is asked about, else both in one.
            if before is None or value.part == part:
                values[mark.student_id] = value
            elif before.part != part:
                values[mark.student_id] = joined(before, value)
    return {
        "query": query,
        "hits": [_hit(actor, hit, values.get(hit.student.pk, Value())) for hit in hits],
        "reasons": AbsenceReason.choices,
        "part": part if part in PartOfDay.values else PartOfDay.DAY,
    }


def _hit(actor: Actor, hit: Hit, value: Value) -> dict[str, Any]:
    enrolment = hit.enrolment
    return {
        "child_id": hit.student.pk,
        "name": shown_name(actor, hit.student.name),
        "class_name": enrolment.school_class.name if enrolment else "",
        "student_no": enrolment.class_number if enrolment else "",
        "now": f"已记：{value.text}" if value.reason else "",
        "seen": as_sent(value),
    }


def _line(page: SchoolPage, row: ClassDay, marked: int) -> dict[str, Any]:
    pk, calendar = row.school_class.pk, page.calendars[row.school_class.pk]
    said = page.silent[pk]
    expected = page.expected.get(pk, 0)
    missing = [
        part
        for part in parts_due(calendar, page.day, page.moment)
        if not any(overlap(c.part, part) for c in row.calls)
    ]
    halves = "、".join(part.label for part in missing if part != PartOfDay.DAY)
    reported = "，".join(_said(call, page.day) for call in row.calls)
    since = [
        reported,
        f"{halves}未报" if halves and row.calls else "",
        f"已登记{marked}人缺勤" if marked and not row.calls else "",
        said.text,
    ]
    return {
        "id": pk,
        "label": row.school_class.name,
        "url": class_url(pk, page.day),
        "reported": reported if row.calls and not missing else "",
        "since": "，".join(filter(None, since)) if missing else "",
        "overdue": said.days > 0,
        "silent_days": said.days,
        "expected": expected,
        "absent": marked,
        # A class without children, or without school that day, owes no register.
        "owes": bool(expected) and not refusal(calendar, page.day, page.today),
    }


def _said(call: RollCall, day: date) -> str:
    half = "" if call.part == PartOfDay.DAY else f"{PartOfDay(call.part).label} "
    return f"{half}{clock(call.taken_at, day)} {call.taken_by}"


def _absentee(page: SchoolPage, mark: Absence) -> dict[str, Any]:
    value = value_of(mark)
    return {
        "child_id": mark.student_id,
        "name": shown_name(page.actor, mark.student.name),
        "class_name": mark.school_class.name,
        "reason_label": AbsenceReason(value.reason).label,
        "part_label": "" if value.part == PartOfDay.DAY else PartOfDay(value.part).label,
        "by": f"{mark.recorded_by} {clock(mark.recorded_at, page.day)}",
        # A past day is corrected on the class page, with its reason.
        "may_undo": page.day == page.today,
        "seen": as_sent(value),
    }
