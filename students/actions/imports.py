"""The life of an import: uploaded, checked, its classes made, applied once, undone once, its file removed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from agencies import audit
from agencies.actions.jobs import start_job
from agencies.actions.units import create_unit
from agencies.choices import JobState, Permission, UnitKind, Verb
from agencies.models import Job, Unit
from agencies.rules.mergers import closed_refusal
from agencies.scope import Actor, system
from students.choices import BatchState, RowVerdict
from students.models import ImportBatch, ImportRow
from students.queries.imports import answers_of, job_prefix, pieces
from students.rules.undoing import Obstacle

FOLDER = "imports"
KEEP_FILE = timedelta(days=30)
# A page lists at most so many mistakes; the workbook of faulty rows has them all.
LISTED = 5_000
BUSY = (BatchState.CHECKING, BatchState.APPLYING)
NOT_NOW = "这次导入正在检查、写入或已经写入，请刷新页面查看。"


class ImportRefusedError(ValueError):
    """The import cannot go on like this; the message is a Chinese sentence with the remedy."""


def open_import(*, by: Actor, unit: Unit, file_name: str, content: Iterable[bytes], now: datetime) -> ImportBatch:
    """Store an upload for a school or county and start its check.

    The file lies outside the static folders under a name nobody can guess, readable to this account only.
    """
    by.require_at(Permission.IMPORT_CHILDREN, unit.path)
    stored, digest = _store(content)
    try:
        with transaction.atomic():
            batch = ImportBatch.objects.create(
                unit=unit,
                file_name=file_name[-200:],
                file_digest=digest,
                stored_file=stored,
                uploaded_by=by.name,
                uploaded_by_id=by.user_id,
                uploaded_at=now,
            )
            _job(by, batch, "check", {"answers": {}}, now)
            _record(by, Verb.IMPORT_CHECKED, batch, now, {"file": digest[:16]})
    except BaseException:
        (Path(settings.MEDIA_ROOT) / stored).unlink(missing_ok=True)
        raise
    return batch


def _store(content: Iterable[bytes]) -> tuple[str, str]:
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{secrets.token_hex(8)}.part"
    part.touch(mode=0o600)
    digest = hashlib.sha256()
    with part.open("wb") as target:
        for piece in content:
            digest.update(piece)
            target.write(piece)
    # By digest, and a mark of its own: the same file uploaded twice is two imports with two files.
    name = f"{digest.hexdigest()}-{secrets.token_hex(4)}.upload"
    part.rename(folder / name)
    return f"{FOLDER}/{name}", digest.hexdigest()


def file_of(batch: ImportBatch) -> Path:
    """Where the upload lies; raises ImportRefusedError once it has been removed."""
    path = Path(settings.MEDIA_ROOT) / batch.stored_file
    if not batch.stored_file or not path.is_file():
        raise ImportRefusedError("上传的文件已删除（写入后或满 30 天即删除），请重新上传。")
    return path


def _job(by: Actor, batch: ImportBatch, verb: str, payload: dict[str, Any], now: datetime) -> Job:
    """Start the next job of a batch; callers hold the state, so only two who resume at once meet in one key."""
    prefix = f"{job_prefix(batch)}{verb}/"
    number = Job.objects.filter(key__startswith=prefix).count()
    title = {"check": "检查导入文件", "apply": "写入学生", "undo": "撤销导入"}[verb]
    data = {"batch": batch.pk, "title": title, **payload}
    return start_job(by=by, kind=f"import_{verb}", key=f"{prefix}{number}", payload=data, now=now)


def _record(by: Actor, verb: Verb, batch: ImportBatch, now: datetime, detail: dict[str, Any]) -> None:
    audit.record(
        by=by,
        verb=verb,
        kind="import",
        object_id=batch.pk,
        unit_path=batch.unit.path,
        now=now,
        detail=detail,
    )


def _move(batch: ImportBatch, states: Sequence[BatchState], to: BatchState, **fields: Any) -> bool:
    """Conditional update: of two who press at once, one wins."""
    won = ImportBatch.objects.filter(pk=batch.pk, state__in=states).update(state=to, **fields)
    batch.refresh_from_db()
    return bool(won)


def check_again(*, by: Actor, batch: ImportBatch, answers: Mapping[int, int | None], now: datetime) -> None:
    """Plan the file anew with what was decided about ambiguous rows (row → child, None = a new child)."""
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    file_of(batch)
    with transaction.atomic():
        if not _move(batch, (BatchState.CHECKED,), BatchState.CHECKING):
            raise ImportRefusedError(NOT_NOW)
        _job(by, batch, "check", {"answers": {**answers_of(batch), **answers}}, now)


def make_classes(*, by: Actor, batch: ImportBatch, chosen: Sequence[int], now: datetime) -> int:
    """Make the chosen ones (places in the list) of the classes a sheet names and its schools lack; check anew.

    A county file may need several hundred classes, so each is a transaction of its own; one that stands is left.
    """
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    # Asked before anything is made: the check that follows would refuse it.
    file_of(batch)
    if batch.state != BatchState.CHECKED:
        raise ImportRefusedError(NOT_NOW)
    wanted = [row for place, row in enumerate(batch.counts.get("new_classes", [])) if place in chosen]
    schools = Unit.objects.in_bulk({row["school"] for row in wanted})
    maker = system(f"{by.name}（导入建班）"[:60])
    made = 0
    for row in wanted:
        school = schools[row["school"]]
        by.require_at(Permission.IMPORT_CHILDREN, school.path)
        if school.last_day:
            raise ImportRefusedError(f"{closed_refusal(school.name)}请按承接学校改正表格后重新上传。")
        if not Unit.objects.filter(parent=school, kind=UnitKind.CLASS, name=row["name"]).exists():
            create_unit(
                by=maker, parent=school, kind=UnitKind.CLASS, name=row["name"], now=now, grade=row["grade"]
            )  # fmt: skip
            made += 1
    check_again(by=by, batch=batch, answers={}, now=now)
    return made


def keep_plan(
    *,
    by: Actor,
    batch: ImportBatch,
    rows: Sequence[ImportRow],
    mistakes: Sequence[dict[str, Any]],
    counts: Mapping[str, int],
    notes: Sequence[str],
    new_classes: Sequence[dict[str, Any]],
    advance: Callable[[int], None] = lambda done: None,
) -> None:
    """Put the planned rows in the place of those of an earlier check, 500 at a time; the state moves last."""
    with transaction.atomic():
        batch.rows.all().delete()
    done = 0
    for piece in pieces(rows):
        with transaction.atomic():
            for row in piece:
                row.batch = batch
            # One check of a batch at a time writes here; a row that stands was written before a worker died.
            ImportRow.objects.bulk_create(piece, ignore_conflicts=True)
        done += len(piece)
        advance(done)
    batch.mistakes = list(mistakes[:LISTED])
    batch.counts = {**counts, "mistakes": len(mistakes), "new_classes": list(new_classes)}
    batch.notes = list(notes)
    batch.state = BatchState.CHECKED if rows else BatchState.REFUSED
    batch.save(update_fields=["mistakes", "counts", "notes", "state"])


def refuse(*, by: Actor, batch: ImportBatch, sentence: str) -> None:
    """The file cannot be read: say why, keep nothing of it."""
    with transaction.atomic():
        batch.rows.all().delete()
        batch.state, batch.mistakes, batch.counts, batch.notes = BatchState.REFUSED, [], {}, [sentence]
        batch.save(update_fields=["state", "mistakes", "counts", "notes"])
    discard_file(by=by, batch=batch)


def start_apply(*, by: Actor, batch: ImportBatch, partly: bool, first_day: date, now: datetime) -> None:
    """Start writing, once; `partly` = the right rows now, faulty and undecided ones stay out.

    `first_day`: from which day the new children are expected on the roll.
    """
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    open_rows = batch.counts.get(RowVerdict.FAULTY, 0) + batch.counts.get(RowVerdict.AMBIGUOUS, 0)
    if open_rows and not partly:
        raise ImportRefusedError(
            f"还有 {open_rows} 行有错误或待确认。请改正后重新上传，或勾选“先导入无误的行”再写入。"
        )
    if not batch.counts.get(RowVerdict.CREATE, 0) + batch.counts.get(RowVerdict.UPDATE, 0):
        raise ImportRefusedError("没有可以写入的行。请按所列错误改正表格后重新上传。")
    with transaction.atomic():
        if not _move(batch, (BatchState.CHECKED,), BatchState.APPLYING, applied_at=now):
            raise ImportRefusedError("这次导入已经在写入或已写入，不会重复写入。")
        _job(by, batch, "apply", {"first_day": first_day.isoformat()}, now)
        _record(by, Verb.IMPORT_APPLIED, batch, now, {"partly": partly})


def finish_apply(*, by: Actor, batch: ImportBatch, notes: Sequence[str]) -> None:
    """All rows are written: the stored file is not needed any more."""
    batch.notes = [*batch.notes, *notes]
    batch.state = BatchState.APPLIED
    batch.save(update_fields=["state", "notes"])
    discard_file(by=by, batch=batch)


def start_undo(*, by: Actor, batch: ImportBatch, now: datetime) -> None:
    """Start taking an import back, once; the job first looks whether anything stands in the way."""
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    with transaction.atomic():
        if not _move(batch, (BatchState.APPLIED,), BatchState.APPLYING, undone_at=now):
            raise ImportRefusedError("这次导入正在撤销或已经撤销。")
        _job(by, batch, "undo", {}, now)
        _record(by, Verb.IMPORT_UNDONE, batch, now, {})


def finish_undo(*, by: Actor, batch: ImportBatch, left: Sequence[Obstacle]) -> None:
    """All that could be taken back is; while a child somebody worked on stays, the import counts as written."""
    batch.state = BatchState.APPLIED if left else BatchState.UNDONE
    batch.undone_at = None if left else batch.undone_at
    batch.save(update_fields=["state", "undone_at"])
    discard_file(by=by, batch=batch)


def resume(*, by: Actor, batch: ImportBatch, now: datetime) -> None:
    """Go on where a job was given up; what was written stays written."""
    by.require_at(Permission.IMPORT_CHILDREN, batch.unit.path)
    last = Job.objects.filter(key__startswith=job_prefix(batch)).order_by("-id").first()
    if batch.state not in BUSY or last is None or last.state != JobState.FAILED:
        raise ImportRefusedError("这次导入没有中断，不需要继续。")
    verb = last.kind.removeprefix("import_")
    payload = {key: value for key, value in last.payload.items() if key not in {"batch", "title"}}
    _job(by, batch, verb, payload, now)


def discard_file(*, by: Actor, batch: ImportBatch) -> None:
    """Remove the stored upload."""
    if batch.stored_file:
        (Path(settings.MEDIA_ROOT) / batch.stored_file).unlink(missing_ok=True)
        batch.stored_file = ""
        batch.save(update_fields=["stored_file"])


def discard_old_files(*, by: Actor, now: datetime) -> int:
    """Remove uploads that were never applied within 30 days; returns how many."""
    old = ImportBatch.objects.filter(uploaded_at__lt=now - KEEP_FILE).exclude(stored_file="")
    batches = list(old.exclude(state__in=BUSY))
    for batch in batches:
        discard_file(by=by, batch=batch)
    return len(batches)
