"""A ledger leaves the house: one audit row, and a file at once or by a job."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from agencies import audit, pdf, xlsx
from agencies.actions.jobs import start_job
from agencies.choices import Permission, Verb
from agencies.models import Job
from agencies.scope import Actor
from notices.ledgers.adopted import Kept
from notices.ledgers.definition import pdf_refusal
from notices.queries.ledger_children import Wanted

# Above these a job makes the file: an Excel row costs 0.1 ms, a PDF cell 1.2 ms, eight times that on a busy machine.
ROWS_AT_ONCE, PDF_CELLS_AT_ONCE = 2_000, 400
FOLDER = "exports"
KIND = "ledger_export"
BASE = Path(settings.BASE_DIR) / "config" / "static"


class ExportRefusedError(ValueError):
    """The ledger cannot leave like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves: which ledger, of which unit and period, as what, whole or covered, and for what purpose."""

    kept: Kept
    wanted: Wanted
    form: str
    full: bool
    purpose: str = ""

    @property
    def file_name(self) -> str:
        """Title, unit and last day, as the downloaded file is called."""
        return f"{self.kept.ledger.title}（{self.wanted.unit.label}）{self.wanted.last:%Y%m%d}.{self.form}"


def check_export(export: Export, count: int) -> None:
    """Raise ExportRefusedError (PermissionDenied for a missing right) unless the ledger may leave so."""
    if export.full:
        export.wanted.actor.require_at(Permission.EXPORT_FULL_IDENTITY, export.wanted.unit.path)
        if not export.kept.ledger.needs_full_identity:
            raise ExportRefusedError("本台账不需要完整身份信息，请按遮盖信息导出。")
        if len(export.purpose.strip()) < 4:
            raise ExportRefusedError("请写明用途（例如“报县教育局备案”）：完整身份信息离开系统须登记用途。")
    if export.form == "pdf" and (refusal := pdf_refusal(count)):
        raise ExportRefusedError(refusal)


def made_at_once(export: Export, count: int) -> bool:
    """Whether the file of so many rows takes less than half a second, so that its request can wait for it."""
    if export.form == "pdf":
        return count * len(export.kept.ledger.columns) <= PDF_CELLS_AT_ONCE
    return count <= ROWS_AT_ONCE


def note_export(*, by: Actor, export: Export, count: int, now: datetime) -> None:
    """One audit row for a ledger that leaves: filter, number of rows, whole or covered, purpose."""
    with transaction.atomic():
        audit.record(
            by=by,
            verb=Verb.LEDGER_EXPORTED,
            kind="ledger",
            object_id=export.kept.ledger.key,
            unit_path=export.wanted.unit.path,
            now=now,
            detail={
                "plan": export.kept.version.key,
                "from": export.wanted.first.isoformat(),
                "to": export.wanted.last.isoformat(),
                "rows": count,
                "form": export.form,
                "full": export.full,
                "purpose": export.purpose.strip(),
            },
        )


def start_export(*, by: Actor, export: Export, token: str, now: datetime) -> Job:
    """Make the file in the background; the same token gives the same job."""
    payload: dict[str, Any] = {
        "title": f"导出{export.kept.ledger.title}",
        "ledger": export.kept.ledger.key,
        "adopted_at": export.kept.unit.pk,
        "version": export.kept.version.pk,
        "unit": export.wanted.unit.pk,
        "first": export.wanted.first.isoformat(),
        "last": export.wanted.last.isoformat(),
        "form": export.form,
        "full": export.full,
        "purpose": export.purpose.strip(),
    }
    return start_job(by=by, kind=KIND, key=f"{KIND}/{by.user_id}/{token}"[:120], payload=payload, now=now)


def content_of(sheet: xlsx.Sheet, form: str) -> bytes:
    """The file of a sheet."""
    if form == "pdf":
        context = {"table": xlsx.table(sheet), "title": sheet.title}
        return pdf.render("notices/print/ledger.html", context, base=BASE)
    target = io.BytesIO()
    xlsx.write(sheet, target)
    return target.getvalue()


def write_file(sheet: xlsx.Sheet, form: str, name: str) -> str:
    """Write the file of a sheet under the media folder; returns its path there. Writing it again replaces it."""
    path = Path(settings.MEDIA_ROOT) / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    if form == "pdf":
        half.write_bytes(content_of(sheet, form))
    else:
        with half.open("wb") as target:
            xlsx.write(sheet, target)
    half.replace(path)
    return f"{FOLDER}/{name}"


def period_of(payload: dict[str, Any]) -> tuple[date, date]:
    """First and last day of a job's period."""
    return date.fromisoformat(payload["first"]), date.fromisoformat(payload["last"])
