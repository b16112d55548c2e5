"""What the page of an import shows: state, mistakes, uncertain rows, rows by verdict, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from agencies.choices import JobState
from agencies.models import Job
from agencies.rules.numbers import whole
from agencies.views.jobs import shown
from agencies.web import actor_of, day_label, page_of, today
from students.actions.imports import BUSY, LISTED
from students.choices import BatchState, RowVerdict
from students.imports.upload import ImportStart
from students.models import ImportBatch
from students.queries.imports import asked_rows, latest_job, rows_of

MISTAKES = "mistakes"
ASKED_AT_ONCE = 50
MISTAKES_AT_ONCE = 200
SORTS = {"row": ("row", "column"), "column": ("column", "row"), "message": ("message", "row")}
TONES = {
    BatchState.APPLIED: "good",
    BatchState.REFUSED: "danger",
    BatchState.CHECKED: "warn",
    BatchState.UNDONE: "",
}
VERDICTS = (RowVerdict.CREATE, RowVerdict.UPDATE, RowVerdict.SAME)


def shown_batch(batch: ImportBatch) -> dict[str, Any]:
    """An import in the list."""
    local = timezone.localtime(batch.uploaded_at)
    counts = batch.counts
    return {
        "url": reverse("students:import", args=[batch.pk]),
        "file_name": batch.file_name,
        "unit": batch.unit.name,
        "by": batch.uploaded_by,
        "at": f"{day_label(local.date())} {local:%H:%M}",
        "state": state_label(batch),
        "tone": TONES.get(BatchState(batch.state), ""),
        "counts": "，".join(f"{v.label} {counts[v]}" for v in RowVerdict if counts.get(v)),
    }


def state_label(batch: ImportBatch) -> str:
    """The state in words; a file that cannot be read and one being taken back have words of their own."""
    if batch.state == BatchState.APPLYING and batch.undone_at:
        return "撤销中"
    if batch.state == BatchState.CHECKED and batch.counts.get("mistakes"):
        return "有错误，待处理"
    return "不能读取" if batch.state == BatchState.REFUSED else str(BatchState(batch.state).label)


@dataclass(slots=True)
class ImportPage:
    """The page of one import for one request."""

    request: HttpRequest
    batch: ImportBatch
    form: ImportStart | None = None
    job: Job | None = None

    def __post_init__(self) -> None:
        self.job = latest_job(self.batch)

    @property
    def working(self) -> bool:
        """Whether a job is at work or waiting; a job given up leaves the state where it was."""
        return self.batch.state in BUSY and self.job is not None and self.job.state != JobState.FAILED

    def progress(self) -> dict[str, Any]:
        """Context of parts/progress.html."""
        assert self.job is not None  # noqa: S101  # a batch has had a job since its upload
        return {"job": shown(self.job), "poll_url": reverse("students:import", args=[self.batch.pk])}

    def context(self) -> dict[str, Any]:
        """Context of students/import.html."""
        batch, counts = self.batch, self.batch.counts
        context: dict[str, Any] = {
            "batch": batch,
            "head": shown_batch(batch),
            "notes": batch.notes,
            "working": self.working,
            "broken": self.job.error if batch.state in BUSY and not self.working and self.job else "",
            "settled": batch.state in (BatchState.APPLIED, BatchState.UNDONE),
        }
        if self.working:
            return context | self.progress()
        context["tabs"] = self._tabs()
        show = self._show(context["tabs"])
        context |= {"show": show, "can_write": self._can_write()}
        if context["can_write"]:
            context["form"] = self.form or ImportStart(initial={"first_day": today()}, today=today())
            context["open_rows"] = counts.get(RowVerdict.FAULTY, 0) + counts.get(RowVerdict.AMBIGUOUS, 0)
            context["to_write"] = counts.get(RowVerdict.CREATE, 0) + counts.get(RowVerdict.UPDATE, 0)
        if batch.state == BatchState.CHECKED:
            context["new_classes"] = counts.get("new_classes", [])
        if batch.state == BatchState.APPLIED and self.job and self.job.kind == "import_undo":
            context |= {
                "obstacles": self.job.result.get("obstacles", []),
                "undo_text": self.job.result.get("text", ""),
            }
        return context | self._part(show)

    def _can_write(self) -> bool:
        counts = self.batch.counts
        return self.batch.state == BatchState.CHECKED and bool(
            counts.get(RowVerdict.CREATE, 0) + counts.get(RowVerdict.UPDATE, 0)
        )

    def _tabs(self) -> list[dict[str, Any]]:
        counts = self.batch.counts
        found = [(MISTAKES, "错误", len(self.batch.mistakes) and counts.get("mistakes", 0), "danger")]
        found.append((RowVerdict.AMBIGUOUS, "待确认", counts.get(RowVerdict.AMBIGUOUS, 0), "warn"))
        found += [(verdict, str(verdict.label), counts.get(verdict, 0), "") for verdict in VERDICTS]
        return [{"key": str(key), "label": label, "count": count, "tone": tone} for key, label, count, tone in found]

    def _show(self, tabs: list[dict[str, Any]]) -> str:
        asked = self.request.GET.get("show", "")
        filled = [tab["key"] for tab in tabs if tab["count"]]
        if asked in {tab["key"] for tab in tabs}:
            return asked
        return filled[0] if filled else ""

    def _part(self, show: str) -> dict[str, Any]:
        if show == MISTAKES:
            return self._mistakes()
        if show == RowVerdict.AMBIGUOUS:
            rows = asked_rows(self.batch, actor_of(self.request), ASKED_AT_ONCE)
            return {"asked": rows, "more_asked": self.batch.counts.get(show, 0) - len(rows)}
        if show:
            page = page_of(self.request, rows_of(self.batch, show), size=100)
            return {"page": page, "total": self.batch.counts.get(show, 0)}
        return {}

    def _mistakes(self) -> dict[str, Any]:
        get = self.request.GET
        sort = get.get("sort", "row")
        sort = sort if sort in SORTS else "row"
        columns = sorted({m["column"] for m in self.batch.mistakes})
        column = get.get("column", "") if get.get("column") in columns else ""
        chosen = [m for m in self.batch.mistakes if not column or m["column"] == column]
        chosen.sort(key=lambda m: tuple(m[key] for key in SORTS[sort]))
        start = whole(get.get("from", ""), 8) or 0
        page = chosen[start : start + MISTAKES_AT_ONCE]
        query = f"?show={MISTAKES}&column={quote(column)}&sort={sort}&from="
        return {
            "mistakes": page,
            "columns": columns,
            "column": column,
            "sort": sort,
            "mistakes_total": len(chosen),
            "unlisted": self.batch.counts.get("mistakes", 0) - LISTED,
            "earlier_url": f"{query}{max(0, start - MISTAKES_AT_ONCE)}" if start else "",
            "later_url": f"{query}{start + MISTAKES_AT_ONCE}" if len(chosen) > start + MISTAKES_AT_ONCE else "",
            "has_rows": bool(self.batch.counts.get(RowVerdict.FAULTY)),
        }
