"""The rows of the ledgers, read in chunks so that a county's sheet needs no more memory than a school's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agencies.choices import Permission, Role
from cases.choices import CaseOrigin, Difficulty, EventKind, Outcome, Stage
from cases.models import Case, Event
from cases.rules.privacy import outcome_words
from notices.choices import NoticeState, PaperLayout, ServiceResult
from notices.models import Notice
from notices.queries.ledger_children import (
    LATELY,
    Gathered,
    Run,
    Wanted,
    base_ids,
    child_cells,
    gather,
    risk_ids,
    risk_of,
)
from notices.queries.ledger_events import happenings_of
from notices.queries.never_enrolled import never_enrolled_ids, never_enrolled_rows
from notices.queries.papers import layout_of, with_all
from notices.rules.ledger_words import category, cause_label, event_cells
from notices.rules.told import Happening

CHUNK = 2_000
# What such a case began with is no absence.
NEVER_ABSENT = (CaseOrigin.FLAG, CaseOrigin.HELP)
_TRIED = (EventKind.PHONE_CALL, EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION, EventKind.PERSUASION)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """How a kind of ledger finds its rows: the ids on the sheet in order, and the rows of some of them."""

    ids: Callable[[Wanted], list[int]]
    rows: Callable[[list[int], Wanted], Iterator[Row]]


def row_ids(kind: str, wanted: Wanted) -> list[int]:
    """The rows of a ledger as ids, in the order of the sheet (1 query)."""
    return SOURCES[kind].ids(wanted)


def rows_of(kind: str, ids: list[int], wanted: Wanted, said: Callable[[int], None] | None = None) -> Iterator[Row]:
    """The rows, chunk by chunk; `said` is told how many are done after each chunk."""
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        yield from SOURCES[kind].rows(part, wanted)
        if said:
            said(start + len(part))


def _base_rows(ids: list[int], wanted: Wanted) -> Iterator[Row]:
    known = gather(ids, absent_since=wanted.last - LATELY)
    for pk in ids:
        case, at_risk = known.open_cases.get(pk), risk_of(pk, known, wanted.last)
        reason, plain = _causes(case) if case else ("近期无故缺课" if at_risk else "",) * 2
        missing = "" if known.students[pk].birth_date else "出生日期待查"
        yield {
            **child_cells(pk, known),
            "at_risk": at_risk,
            "risk_reason": reason,
            "risk_reason_open": plain,
            "category": category_of(case, known, pk) if case else "",
            "owner": owner_words(case) if case else "",
            "remark": missing,
        }


def _risk_rows(ids: list[int], wanted: Wanted) -> Iterator[Row]:
    known = gather(ids)
    cases = _cases(case.pk for case in known.open_cases.values())
    events = happenings_of(cases)
    for pk in ids:
        open_case = known.open_cases.get(pk)
        case = cases.get(open_case.pk) if open_case else None
        row = {**child_cells(pk, known), **absence_cells(known.spells.get(pk, []), case, wanted)}
        if case:
            row |= told_cells(case, known, wanted, events[case.pk])
        for name in ("reason", "reason_open"):
            row[f"risk_{name}"] = row.get(name) or ("有辍学倾向" if case else "无故缺课")
        yield row


def _causes(case: Case) -> tuple[str, str]:
    """The cause for posts that may see restricted information, and for all others; help may begin without one."""
    bare = str(Difficulty.INCLINED.label) if case.origin == CaseOrigin.HELP else ""
    return cause_label(case.cause, knows=True) or bare, cause_label(case.cause, knows=False) or bare


def case_ids(wanted: Wanted) -> list[int]:
    """Every case of the unit that stood at some time in the period, by place and name (1 query)."""
    rows = _of_unit(wanted)
    return list(
        rows.order_by("township__path", "school__path", "student__sort_key", "pk").values_list("pk", flat=True)
    )


def tried_ids(wanted: Wanted) -> list[int]:
    """The cases in which somebody called, visited or persuaded (1 query)."""
    tried = Event.objects.filter(case_id=OuterRef("pk"), kind__in=_TRIED, superseded_at__isnull=True)
    rows = _of_unit(wanted).filter(Exists(tried))
    return list(
        rows.order_by("township__path", "school__path", "student__sort_key", "pk").values_list("pk", flat=True)
    )


def help_ids(wanted: Wanted) -> list[int]:
    """The children of the unit helped (帮扶) at some time in the period without being absent (1 query)."""
    helped = Q(stage=Stage.HELP) | Q(outcome=Outcome.HELP_ENDED)
    rows = _standing(wanted).filter(helped).order_by("school__path", "school_class__path", "student__sort_key", "pk")
    return list(rows.values_list("pk", flat=True))


def _of_unit(wanted: Wanted) -> Any:
    """The cases that count; a child who is helped and not absent has none."""
    return _standing(wanted).counted()


def _standing(wanted: Wanted) -> Any:
    path = wanted.unit.path
    here = Q(pk__in=[])
    for place in ("school_class", "school", "village", "township"):
        here |= Q(**{f"{place}__path__startswith": path})
    rows = Case.objects.visible_to(wanted.actor, Permission.VIEW_LEDGER).filter(here, opened_on__lte=wanted.last)
    return rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=wanted.first))


def _case_rows(ids: list[int], wanted: Wanted) -> Iterator[Row]:
    cases = _cases(ids)
    known = gather({case.student_id for case in cases.values()})
    events, orders = happenings_of(cases), orders_of(cases)
    for pk in ids:
        case = cases[pk]
        spells = known.spells.get(case.student_id, [])
        yield {
            **child_cells(case.student_id, known),
            "at_risk": case.closed_on is None,
            **absence_cells(spells, case, wanted),
            **told_cells(case, known, wanted, events[pk]),
            **orders.get(pk, {}),
        }


def _cases(ids: Iterable[int]) -> dict[int, Case]:
    rows = Case.objects.filter(pk__in=list(ids)).select_related(
        "school", "school_class", "village", "township", "owner_unit", "person"
    )
    return {case.pk: case for case in rows}


def orders_of(case_ids: Iterable[int]) -> dict[int, Row]:
    """Number, service and last day of the latest order of each case (2 queries)."""
    found: dict[int, Row] = {}
    issued = Notice.objects.filter(case_id__in=list(case_ids), state=NoticeState.ISSUED, about__isnull=True)
    for row in with_all(issued.exclude(number="")).order_by("pk"):
        if layout_of(row) != PaperLayout.ORDER:
            continue
        done = next((s for s in getattr(row, "standing_services", ()) if s.result == ServiceResult.SERVED), None)
        served = (done.effective_on or timezone.localtime(done.happened_at).date()) if done else None
        cells = {"notice_number": row.number, "served_on": served, "deadline": row.deadline_on if done else None}
        before = found.get(row.case_id)
        # A served order says more than a later one still to be served on the other parent.
        if before is None or done or not before["served_on"]:
            found[row.case_id] = cells
    return found


def absence_cells(spells: list[Run], case: Case | None, wanted: Wanted) -> Row:
    """First day and sum of the absence without leave: of the case, else of the period."""
    since = case.opened_on if case else wanted.first
    own = [spell for spell in spells if spell.last_day >= since and spell.first_day <= wanted.last]
    halves = sum(spell.half_days for spell in own)
    first: date | None = min((spell.first_day for spell in own), default=None)
    if first is None and case and case.origin not in NEVER_ABSENT:
        first = case.opened_on
    return {"absent_from": first, "absent_days": f"{halves / 2:g}" if halves else ""}


def told_cells(case: Case, known: Gathered, wanted: Wanted, told: list[Happening]) -> Row:
    """The cells of a case and its events; without a person in charge, who was named to stand by the child helps."""
    cells = case_cells(case, known, wanted) | event_cells(told)
    return cells | {"helper": cells["helper"] or cells["companion"]}


def case_cells(case: Case, known: Gathered, wanted: Wanted) -> Row:
    """The cells a case itself fills: number, category, cause, stage, owner, ending."""
    reason, plain = _causes(case)
    return {
        "file_number": f"{case.opened_on.year}-{case.pk:05d}",
        "category": category_of(case, known, case.student_id),
        "reason": reason,
        "reason_open": plain,
        "found_on": case.opened_on if case.origin == CaseOrigin.HELP else timezone.localtime(case.opened_at).date(),
        "helper": case.person.name if case.person else "",
        "stage": case.stage_words,
        "owner": owner_words(case),
        "outcome": outcome_words(case.outcome, knows=True),
        "outcome_open": outcome_words(case.outcome, knows=False),
        "closed": case.closed_on is not None,
        "closed_on": case.closed_on,
        "school": known.school_of(case.student_id) or (case.school.name if case.school else ""),
        "remark": f"第{case.relapses}次反复" if case.relapses else "",
    }


def category_of(case: Case, known: Gathered, student_id: int) -> str:
    """人员类别 of a case."""
    return category(
        enrolled=student_id in known.enrolments,
        dropped_out=case.dropped_out_on is not None,
        stage=case.stage,
        origin=case.origin,
    )


def owner_words(case: Case) -> str:
    """Who owes the next duty, by post; empty where nobody does."""
    if case.owner_role not in Role.values:
        return ""
    return str(Role(case.owner_role).label)


SOURCES: dict[str, Source] = {
    "children_base": Source(base_ids, _base_rows),
    "school_risk": Source(risk_ids, _risk_rows),
    "master": Source(case_ids, _case_rows),
    "persuasion": Source(tried_ids, _case_rows),
    "help_register": Source(help_ids, _case_rows),
    "never_enrolled": Source(never_enrolled_ids, never_enrolled_rows),
}
