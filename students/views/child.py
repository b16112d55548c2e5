"""A child's page: who it is, family, enrolments, absences, leaves; and one covered value shown whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from agencies.choices import Permission
from agencies.models import Unit
from agencies.queries.policies import policy_of, versions_in_force
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, today
from students.actions.households import MAY_SAY
from students.actions.reveal import note_phones_shown, reveal
from students.choices import EnrolmentStatus
from students.models import Enrolment, Guardian, Leave, Student
from students.queries.children import ChildFacts, facts_of
from students.queries.homes import changeable, home_of
from students.queries.proofs import proofs_of_leaves, proofs_of_visits
from students.queries.roll import value_of
from students.queries.visits import reader_permission, visits_of
from students.rules.attendance import in_days
from students.rules.identity import age_on
from students.rules.masks import mask_address, mask_number, mask_phone
from students.views.home import EDITS
from students.views.visits import visit_line
from students.web import (
    RecordOfChild,
    cases_url,
    class_url,
    flash_errors,
    home_context,
    is_part,
    proof_lines_of,
    record_known,
    sees_whole_phone,
    shown_name,
)

FLAGGERS = (Permission.RECORD_SCHOOL_EVENT, Permission.RECORD_VILLAGE_EVENT, Permission.RECORD_TOWNSHIP_EVENT)
# What may be begun for a child: kind, words, who; for an enrolled child, one that is not, or either (None).
BEGINNINGS = (
    ("flagged", "上报辍学倾向", FLAGGERS, None),
    ("help_begun", "开始帮扶（未缺课）", FLAGGERS, True),
    ("not_registered", "登记未报到", FLAGGERS[:1], True),
    ("not_enrolled", "登记未入学", FLAGGERS[1:], False),
    ("applied", "登记监护人申请", FLAGGERS, None),
)
# Offered only where the child's plan has classes with a handling path of their own.
CLASSING = ("category_decided", "归类认定")


def _student(request: HttpRequest, pk: int) -> Student:
    rows = Student.objects.visible_to(actor_of(request), Permission.VIEW_CHILD)
    return one_or_404(rows.select_related("residence__parent", "hukou__parent"), pk=pk)


@needs(Permission.VIEW_CHILD)
@require_GET
def child(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one child."""
    return _page(request, _student(request, pk))


@needs(Permission.VIEW_CHILD)
@require_POST
def child_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one covered value whole, with a reason, put on record; it stands in this answer only."""
    student = _student(request, pk)
    field = request.POST.get("field", "")
    try:
        value = reveal(
            by=actor_of(request), student=student, field=field, reason=request.POST.get("reason", ""), now=now()
        )
    except ValueError as refused:
        return (
            flash_errors(request, [str(refused)]) if is_part(request) else _page(request, student, error=str(refused))
        )
    if is_part(request):
        return render(request, "students/_revealed.html", {"value": value, "is_phone": _is_phone(field)})
    return _page(request, student, shown={field: value})


def _page(
    request: HttpRequest, student: Student, *, shown: dict[str, str] | None = None, error: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    facts = facts_of(actor, student, today())
    may = changeable(actor, student, (*EDITS, Permission.RECORD_HOME_VISIT))
    whole = (shown or {}) | _standing_right(actor, facts)
    given = proofs_of_leaves([row.pk for row in facts.leaves]) if facts.leaves else {}
    proofs = proof_lines_of(actor, given) if given else {}
    record = next((known for knows in record_known if (known := knows(actor, student.pk))), None)
    context = {
        "child": _identity(actor, student),
        "covered": [_covered(student, whole, *row) for row in _child_values(student)],
        "guardians": [_guardian(actor, student, row, whole) for row in facts.guardians],
        "enrolments": [_enrolment(row) for row in facts.enrolments],
        "groups": [row.get_group_display() for row in facts.groups],
        "see_roll": actor.can(Permission.VIEW_ROLL),
        "absences": [
            {
                "day": dated(mark.day),
                "url": class_url(mark.school_class_id, mark.day),
                "text": value_of(mark).text,
                "note": mark.note,
                "by": mark.recorded_by,
            }
            for mark in facts.absences
        ],
        "term_absent": str(in_days(facts.term_halves)) if facts.term_halves else "",
        "leaves": [_leave(actor, row, facts, proofs.get(row.pk, [])) for row in facts.leaves],
        "home": home_context(
            actor, student, home_of(actor, student, facts.guardians), may_say=bool(may & set(MAY_SAY))
        ),
        "see_visits": reader_permission(actor) is not None,
        "visits": _visits(actor, student, may),
        "actions": _actions(actor, facts, may, record),
        "cases_url": cases_url(student) if record else "",
        "errors": [error] if error else [],
    }
    return render(request, "students/child.html", context, status=400 if error else 200)


def _identity(actor: Actor, student: Student) -> dict[str, Any]:
    born = student.birth_date
    return {
        "name": shown_name(actor, student.name),
        "former_name": shown_name(actor, student.former_name) if student.former_name else "",
        "number": student.number,
        "sex": student.get_sex_display() or "未登记",
        "born": f"{dated(born)}，{age_on(born, today())}周岁" if born else "未登记",
        "ethnicity": student.ethnicity,
        "document_kind": student.get_document_kind_display(),
        "residence": _place(student.residence),
        "hukou": _place(student.hukou),
    }


def _place(unit: Unit | None) -> str:
    if unit is None:
        return "未登记"
    return f"{unit.parent.name} {unit.name}" if unit.parent else unit.name


def _child_values(student: Student) -> list[tuple[str, str, str]]:
    return [
        ("document_number", student.get_document_kind_display(), mask_number(student.document_number)),
        ("record_number", "学籍号", mask_number(student.record_number)),
        ("residence_address", "现住址", mask_address(student.residence_address)),
        ("hukou_address", "户籍地址", mask_address(student.hukou_address)),
    ]


def _is_phone(field: str) -> bool:
    return field.startswith(("phone-", "spare_phone-"))


def _covered(student: Student, whole: dict[str, str], field: str, label: str, masked: str) -> dict[str, Any]:
    return {
        "field": field,
        "label": label,
        "masked": masked,
        "whole": whole.get(field, ""),
        "is_phone": _is_phone(field),
        "url": reverse("students:reveal", args=[student.pk]) if masked else "",
    }


def _standing_right(actor: Actor, facts: ChildFacts) -> dict[str, str]:
    """The family's numbers, for whoever owes a duty on the child and may call without uncovering first (clause 19)."""
    numbers = {f"phone-{row.pk}": row.phone for row in facts.guardians}
    numbers |= {f"spare_phone-{row.pk}": row.spare_phone for row in facts.guardians}
    if not any(numbers.values()) or not any(sees(actor, facts.student.pk) for sees in sees_whole_phone):
        return {}
    note_phones_shown(by=actor, student=facts.student, now=now())
    return numbers


def _guardian(actor: Actor, student: Student, row: Guardian, whole: dict[str, str]) -> dict[str, Any]:
    phone, spare = f"phone-{row.pk}", f"spare_phone-{row.pk}"
    return {
        "name": shown_name(actor, row.name),
        "relation": row.relation,
        "care": row.care.label,
        "is_guardian": row.is_guardian,
        "workplace": row.workplace,
        "away": (f"外出：{row.away_place}" if row.away_place else "外出") if row.lives_away else "",
        "phone": _covered(student, whole, phone, "电话", mask_phone(row.phone)),
        "spare": _covered(student, whole, spare, "备用电话", mask_phone(row.spare_phone)) if row.spare_phone else None,
    }


def _enrolment(row: Enrolment) -> dict[str, str]:
    until = dated(row.last_day) if row.last_day else f"{dated(row.until)}到期" if row.until else "今"
    return {
        "place": f"{row.school.name} {row.school_class.name}",
        "status": row.get_status_display(),
        "span": f"{dated(row.first_day)}至{until}",
        "proof": row.proof,
    }


def _leave(actor: Actor, row: Leave, facts: ChildFacts, proofs: list[dict[str, Any]]) -> dict[str, Any]:
    standing = facts.enrolment
    able = standing is not None and actor.can_at(Permission.TAKE_ROLL, standing.school_class.path)
    return {
        "kind": row.get_kind_display(),
        "span": f"{dated(row.first_day)}至{dated(row.last_day)}",
        "asked": f"{row.asked_by}（{row.relation}）" if row.relation else row.asked_by,
        "proof": row.proof,
        "note": row.note,
        "withdrawn": f"{row.ended_by}已撤销" if row.ended_at else "",
        "end_url": reverse("students:leave_end", args=[row.pk])
        if able and not row.ended_at and row.last_day >= today()
        else "",
        "proofs": proofs,
        "proofs_url": reverse("students:leave_proofs", args=[row.pk]) if able and not row.ended_at else "",
    }


def _visits(actor: Actor, student: Student, may: frozenset[Permission]) -> list[dict[str, Any]]:
    rows = visits_of(actor, student)
    proofs = proof_lines_of(actor, proofs_of_visits(row.pk for row in rows)) if rows else {}
    able = Permission.RECORD_HOME_VISIT in may
    return [visit_line(row, proofs.get(row.pk, []), may_correct=able) for row in rows]


def _actions(
    actor: Actor, facts: ChildFacts, may: frozenset[Permission], record: RecordOfChild | None
) -> list[dict[str, Any]]:
    pk, standing = facts.student.pk, facts.enrolment
    found: list[dict[str, Any]] = []
    taught = standing is not None and standing.status == EnrolmentStatus.HOME_TAUGHT
    if Permission.RECORD_HOME_VISIT in may and (taught or not actor.can(Permission.EDIT_CHILD)):
        found.append({"label": "登记送教", "url": reverse("students:visit_new", args=[pk]), "main": taught})
    if may & set(EDITS):
        found.append({"label": "更正家庭信息", "url": reverse("students:home", args=[pk])})
    if standing and actor.can_at(Permission.TAKE_ROLL, standing.school_class.path):
        found.append({"label": "登记请假", "url": f"{reverse('students:leave_new')}?student={pk}", "main": True})
    for kind, label, permissions, enrolled in BEGINNINGS:
        if enrolled in (None, standing is not None) and any(actor.can(permission) for permission in permissions):
            found.append(_begin(pk, kind, label, record))
    if actor.can(Permission.RECORD_TOWNSHIP_EVENT) and _has_classes(facts):
        found.append({"label": CLASSING[1], "url": reverse("cases:begin", args=[pk, CLASSING[0]])})
    if actor.can(Permission.OPEN_CASE):
        found.append({"label": "补录旧案", "url": f"{reverse('cases:old_new')}?student={pk}"})
    return found


def _begin(pk: int, kind: str, label: str, record: RecordOfChild | None) -> dict[str, Any]:
    """The door to what may be begun; help is begun once: while a record is open, the way to it."""
    if kind == "help_begun" and record and record.url:
        return {"label": record.label, "url": record.url}
    return {"label": label, "url": reverse("cases:begin", args=[pk, kind])}


def _has_classes(facts: ChildFacts) -> bool:
    """Whether the plan that governs the child (on its school's line, else its home's) knows 归类认定 (1 query)."""
    student, standing = facts.student, facts.enrolment
    home = student.residence or student.hukou
    line = standing.school_class.path if standing else home.path if home else ""
    version = versions_in_force([line], today()).get(line)
    return version is not None and bool(policy_of(version).categories)
