"""Which issued papers stand without their duty since the roll was corrected: they must be withdrawn (clauses 10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cases.choices import EventKind
from cases.models import Case
from cases.queries.facts import Known, known_of_cases
from cases.rules.corrections import duties_lost
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice
from notices.queries.papers import layout_of
from notices.rules.issuers import MENDED_BY_LETTER, REPORTS
from students.choices import CorrectionState
from students.models import Correction

_ORDERING = frozenset({EventKind.NOTICE_ISSUED, EventKind.NOTICE_SERVED})
_REPORTING = frozenset({EventKind.REPORT_SENT})


def unfounded(case: Case, papers: Iterable[Notice], on: date) -> list[Notice]:
    """The issued reports and orders whose duty, open as known when they were issued, is open no longer.

    Only after a correction of the roll that a second person agreed to; before that nothing is derived (1 query, 7
    more after a correction).
    """
    issued = [
        (row, layout)
        for row in papers
        if row.state == NoticeState.ISSUED and (layout := layout_of(row)) in MENDED_BY_LETTER and row.issued_at
    ]
    corrected = Correction.objects.filter(student_id=case.student_id, state=CorrectionState.APPROVED)
    latest = corrected.order_by("-decided_at").values_list("decided_at", flat=True).first()
    late = [(row, layout) for row, layout in issued if latest and row.issued_at and row.issued_at < latest]
    if not late:
        return []
    known = known_of_cases([case], on, history=True)[case.pk]
    return [row for row, layout in late if layout and _lost(known, row, layout, on)]


def _lost(known: Known, paper: Notice, layout: PaperLayout, on: date) -> bool:
    kinds = _REPORTING if layout in REPORTS else _ORDERING
    mine = {step.key for step in known.policy.steps if not kinds.isdisjoint(step.done_by)}
    lost = duties_lost(known.standing(on, paper.issued_at), known.standing(on))
    return any(step in mine for step, _ in lost)


def latest_correction(case: Case, paper: Notice) -> Correction | None:
    """The correction agreed to after the paper was issued: the reason a letter begins with (1 query)."""
    if paper.issued_at is None or paper.issued_on is None:
        return None
    rows = Correction.objects.filter(student_id=case.student_id, state=CorrectionState.APPROVED)
    rows = rows.filter(decided_at__gt=paper.issued_at, day__lte=paper.issued_on)
    return rows.order_by("-decided_at").first()
