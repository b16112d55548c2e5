"""Put together what the school's day page shows: who is absent, which classes have reported, and since when not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from agencies.choices import Permission
from agencies.models import Unit
from agencies.queries.calendars import calendars_of
from agencies.rules.calendar import Calendar
from agencies.scope import Actor
from agencies.web import actor_of, today
from students.choices import AbsenceReason, PartOfDay
from students.models import Absence
from students.queries.roll import ClassDay, marks_in, school_day, value_of
from students.queries.search import Hit, find_in_school
from students.queries.silence import expected_in, silences
from students.rules.roll import refusal
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
    marked = Counter(mark.school_class_id for mark in page.marks)
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
                "absent": len(page.marks),
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
    marks: dict[int, Absence] = {}
    if hits:
        standing = Absence.objects.visible_to(actor, Permission.VIEW_ROLL).filter(
            student__in=[hit.student.pk for hit in hits], day=day, superseded_at__isnull=True
        )
        marks = {mark.student_id: mark for mark in standing}
    return {
        "query": query,
        "hits": [_hit(actor, hit, marks.get(hit.student.pk)) for hit in hits],
        "reasons": AbsenceReason.choices,
        "part": part if part in PartOfDay.values else PartOfDay.DAY,
    }


def _hit(actor: Actor, hit: Hit, mark: Absence | None) -> dict[str, Any]:
    enrolment = hit.enrolment
    return {
        "child_id": hit.student.pk,
        "name": shown_name(actor, hit.student.name),
        "class_name": enrolment.school_class.name if enrolment else "",
        "student_no": enrolment.class_number if enrolment else "",
        "now": f"已记：{value_of(mark).text}" if mark else "",
        "seen": as_sent(value_of(mark)) if mark else "",
    }


def _line(page: SchoolPage, row: ClassDay, marked: int) -> dict[str, Any]:
    pk, call = row.school_class.pk, row.call
    said = page.silent[pk]
    expected = page.expected.get(pk, 0)
    return {
        "id": pk,
        "label": row.school_class.name,
        "url": class_url(pk, page.day),
        "reported": f"{clock(call.taken_at, page.day)} {call.taken_by}" if call else "",
        "since": "" if call else "，".join(filter(None, [f"已登记{marked}人缺勤" if marked else "", said.text])),
        "overdue": said.days > 0,
        "silent_days": said.days,
        "expected": expected,
        "absent": marked,
        "marked": marked,
        # A class without children, or without school that day, owes no register.
        "owes": bool(expected) and not refusal(page.calendars[pk], page.day, page.today),
    }


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
