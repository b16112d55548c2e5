"""Put together what the class page shows: rows, counts, conflicts, what waits for a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.rules.calendar import BOTH, Calendar, dated
from agencies.scope import Actor
from students.choices import AbsenceReason, CorrectionState, EnrolmentStatus, PartOfDay
from students.forms import SentRoll
from students.models import Correction
from students.queries.roll import Child, class_children, last_school_days, last_word, registers_of
from students.queries.taking import Taken
from students.rules.attendance import in_days
from students.rules.roll import BITS, PARTS, Conflict, Value, on_leave, overlap, part_refusal, parts_of, refusal
from students.rules.sent import as_sent
from students.views.roll_rows import render_rows
from students.web import at_day, class_url, clock, neighbours, part_url, shown_name

MARKS = {
    AbsenceReason.UNEXCUSED: ("无", "absent"),
    AbsenceReason.SICK: ("病", "excused"),
    AbsenceReason.PERSONAL: ("事", "excused"),
    AbsenceReason.WHEREABOUTS_UNKNOWN: ("去", "absent"),
    AbsenceReason.OTHER: ("其", "excused"),
}


@dataclass(slots=True)
class ClassPage:
    """Everything the page of one class and day is made of."""

    actor: Actor
    school_class: Unit
    day: date
    today: date
    calendar: Calendar
    moment: datetime
    part: PartOfDay = PartOfDay.DAY
    sent: SentRoll | None = None
    errors: list[str] = field(default_factory=list)
    conflicts: tuple[Conflict, ...] = ()
    calls: dict[int, Taken] = field(default_factory=dict)
    # Per day the halves its registers cover.
    taken: dict[date, int] = field(default_factory=dict)
    waiting: list[Correction] = field(default_factory=list)

    @property
    def call(self) -> Taken | None:
        """The register of the class on the day."""
        return self.calls.get(self.school_class.pk)

    @property
    def why_not(self) -> str:
        """Why nothing can be marked here; empty if it can."""
        sentence = refusal(self.calendar, self.day, self.today)
        if sentence := sentence or part_refusal(self.calendar, self.day, self.moment, self.part):
            return sentence
        if not self.actor.can_at(Permission.TAKE_ROLL, self.school_class.path):
            return "您可以查看本班考勤；登记由班主任或本校学籍管理员、德育处办理。"
        return ""


def context_of(page: ClassPage) -> dict[str, Any]:
    """Context of students/roll_class.html (3 queries; one more on a past day, one where somebody is asked)."""
    mine = own_classes(page.actor)
    days = last_school_days(page.calendar, page.day)
    for call in registers_of(mine, page.day, school_class=page.school_class, days=days):
        if call.day == page.day and overlap(call.part, page.part):
            page.calls[call.class_id] = call
        if call.class_id == page.school_class.pk:
            page.taken[call.day] = page.taken.get(call.day, 0) | BITS[PartOfDay(call.part)]
    children = class_children(page.school_class, page.day, page.calendar, page.part)
    if page.day < page.today:
        page.waiting = _read_waiting(page)
    names = {child.student_id: shown_name(page.actor, child.name) for child in children}
    if page.sent and page.sent.errors:
        page.errors += [f"{names[pk]}：{text}" if pk in names else text for pk, text in page.sent.errors]
    rows = [row_of(page, child) for child in children if child.expected]
    absent = sum(bool(row["reason"]) for row in rows)
    return {
        "roll": _head(page, children, names) | {"absent": absent, "present": len(rows) - absent},
        "classes": [
            {
                "label": name,
                "url": class_url(pk, page.day),
                "active": pk == page.school_class.pk,
                "reported": pk in page.calls,
            }
            for pk, name in mine.items()
        ],
        "reasons": AbsenceReason.choices,
        "parts": PartOfDay.choices,
        "rows": render_rows(rows),
        "expected": len(rows),
        "apart": [{"name": names[child.student_id], "why": child.away} for child in children if not child.expected],
        "conflicts": _conflicts(page, names),
    }


def own_classes(actor: Actor) -> dict[int, str]:
    """The classes this person holds posts at, by id, in the order of the posts."""
    able = set(actor.units(Permission.TAKE_ROLL))
    return {
        post.unit_id: post.unit_name
        for post in actor.posts
        if post.unit_kind == UnitKind.CLASS and post.unit_id in able
    }


def _head(page: ClassPage, children: Iterable[Child], names: dict[int, str]) -> dict[str, Any]:
    call, why_not = page.call, page.why_not
    marked = sum(bool(child.value.reason) for child in children)
    past = page.day < page.today
    url = reverse("students:roll_class", args=[page.school_class.pk])
    parts = parts_of(page.calendar, page.day)
    save_url = part_url(page.school_class.pk, page.day, page.part, parts)
    extra = reverse("students:roll_extra", args=[page.school_class.pk])
    return {
        "class_name": page.school_class.name,
        "school_name": page.school_class.parent.name if page.school_class.parent else "",
        "day_label": page.calendar.label(page.day),
        "part_label": page.part.label,
        "parts": _part_tabs(page, parts) if len(parts) > 1 else [],
        "one_part": page.part != PartOfDay.DAY,
        "editable": not why_not,
        "why_not": why_not,
        "version": str(call.version if call else 0),
        "draft_key": f"{page.actor.user_id}:{page.school_class.pk}:{page.day}:{page.part}",
        "save_url": save_url,
        "add_url": at_day(extra, page.day),
        **neighbours(url, page.calendar, page.day),
        "reported": f"{clock(call.taken_at, page.day)} {call.taken_by}已报" if call else "",
        "owed": not call and _is_owed(page),
        "marked": 0 if call else marked,
        "correction": past and bool(call or marked),
        "correction_reason": page.sent.why if page.sent else "",
        "needs_second": _waiting(page, names),
        "waiting": " ".join(str(row.student_id) for row in page.waiting),
        "errors": page.errors,
    }


def _is_owed(page: ClassPage) -> bool:
    return not (
        refusal(page.calendar, page.day, page.today) or part_refusal(page.calendar, page.day, page.moment, page.part)
    )


def _part_tabs(page: ClassPage, parts: tuple[PartOfDay, ...]) -> list[dict[str, Any]]:
    taken = page.taken.get(page.day, 0)
    return [
        {
            "label": part.label,
            "url": part_url(page.school_class.pk, page.day, part, parts),
            "active": part == page.part,
            "reported": bool(taken & BITS[part]),
        }
        for part in parts
    ]


def _read_waiting(page: ClassPage) -> list[Correction]:
    rows = Correction.objects.visible_to(page.actor, Permission.VIEW_ROLL)
    return list(rows.filter(school_class=page.school_class, day=page.day, state=CorrectionState.WAITING))


def _waiting(page: ClassPage, names: dict[int, str]) -> list[str]:
    return [
        f"{names.get(row.student_id, '一名学生')}改为“{Value(**row.wanted).text}”会取消已产生的待办，"
        f"{row.asked_by}已提出，等待另一位校领导或学籍管理员复核。"
        for row in page.waiting
    ]


def row_of(page: ClassPage, child: Child) -> dict[str, Any]:
    """A child as `render_rows` wants it."""
    seen, shown = _seen_and_shown(page, child)
    days = [_day_mark(page, day, value, listed=day >= child.since) for day, value in child.last_days]
    return {
        "child_id": child.student_id,
        "name": shown_name(page.actor, child.name),
        "initials": child.initials.lower(),
        "term_absent": str(in_days(child.absent_halves)) if child.absent_halves else "",
        "on_leave": "，".join(filter(None, [_leave_words(child), child.other_half.text if child.other_half else ""])),
        "waiting": any(row.student_id == child.student_id for row in page.waiting),
        "off_list": child.status == EnrolmentStatus.UNREGISTERED,
        "last5": days,
        "last5_title": "；".join(day["title"] for day in days),
        "seen": seen,
        "reason": shown.reason,
        "part": shown.part,
        "note": shown.note,
    }


def _leave_words(child: Child) -> str:
    if child.leave:
        return f"{child.leave.kind.label}至 {dated(child.leave.last_day)}"
    over = f"{child.leave_over.kind.label}已满" if child.leave_over else child.time_up
    return f"{over}，未到记无故" if over else ""


def _seen_and_shown(page: ClassPage, child: Child) -> tuple[str, Value]:
    standing = child.value
    if child.leave and page.call is None and not standing.reason:
        # What the leave will fill in by itself; the teacher may say otherwise.
        standing = on_leave(child.leave.kind, page.part)
    sent = page.sent
    if sent is None or child.student_id not in sent.chosen:
        return as_sent(standing), standing
    chosen = sent.chosen[child.student_id]
    if page.errors:
        # Nothing was saved: the page still stands against what it saw when it was opened.
        return sent.seen[child.student_id], chosen
    asked = any(conflict.student_id == child.student_id for conflict in page.conflicts)
    return as_sent(standing), chosen if asked else standing


def _day_mark(page: ClassPage, day: date, value: Value, *, listed: bool) -> dict[str, str]:
    said = value.text
    if value.reason:
        mark, tone = MARKS[AbsenceReason(value.reason)]
        mark = mark if value.part == PartOfDay.DAY else "半"
    elif not listed:
        # The class's register says nothing of a child that was not on its list yet.
        mark, tone, said = "－", "none", "未列入本班名单"
    elif left := page.calendar.half_days.get(day, BOTH) & ~page.taken.get(day, 0):
        mark, tone, said = "？", "unknown", f"{PARTS[left].label if left != BOTH else ''}未点名"
    else:
        mark, tone = "·", "present"
    return {"mark": mark, "tone": tone, "title": f"{dated(day)[5:]}{said}"}


def _conflicts(page: ClassPage, names: dict[int, str]) -> list[dict[str, Any]]:
    if not page.conflicts:
        return []
    words = last_word([conflict.student_id for conflict in page.conflicts], page.day)
    return [
        {
            "child_id": conflict.student_id,
            "name": names.get(conflict.student_id, ""),
            "theirs": _theirs(page, conflict, words),
            "mine": f"您记为{conflict.mine.text}",
        }
        for conflict in page.conflicts
    ]


def _theirs(page: ClassPage, conflict: Conflict, words: dict[int, tuple[str, Any]]) -> str:
    who, when = words.get(conflict.student_id, ("另一位老师", None))
    return f"{who} {clock(when, page.day) if when else ''} 记为{conflict.theirs.text}"
