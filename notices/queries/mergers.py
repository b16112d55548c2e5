"""How many papers hang on a unit, for the preview of its merger."""

from __future__ import annotations

from agencies.hooks import Held
from agencies.models import Unit
from notices.choices import NoticeState
from notices.models import Notice, UnitReport


def papers_held(unit: Unit) -> list[Held]:
    """Drafts move; what has a number stays as it was issued, under the old name (3 queries)."""
    papers = Notice.objects.filter(unit=unit)
    drafts = papers.filter(state=NoticeState.DRAFT).count()
    return [
        Held("文书拟稿（份，由承接的单位签发）", drafts),
        Held(
            "已编号、已签发的文书（份，仍用签发时的名称）",
            papers.exclude(state=NoticeState.DRAFT).count() + UnitReport.objects.filter(unit=unit).count(),
            moves=False,
        ),
    ]
