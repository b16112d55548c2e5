"""The long work of students: an import checked, written, taken back; a second run changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from agencies.actions.jobs import advance
from agencies.actions.running import JobRefusedError
from agencies.models import Job, User
from agencies.scope import Actor
from students.actions import import_rows, import_undo
from students.actions.imports import (
    ImportRefusedError,
    discard_old_files,
    file_of,
    finish_apply,
    finish_undo,
    keep_plan,
    refuse,
)
from students.actions.proofs import discard_unnamed
from students.choices import BatchState
from students.gateways.verifying import verify
from students.imports.apply import check
from students.imports.workbook import WorkbookRefused
from students.models import ImportBatch
from students.queries.imports import answers_of, pieces, starter_of
from students.queries.proofs import proofs_of_night
from students.queries.undoing import applied_rows, obstacles
from students.rules.undoing import Obstacle

logger = logging.getLogger("baoxue.proofs")

# So many children are named where something stands in the way; the number of all is said.
SHOWN = 200


def check_import(job: Job, by: Actor) -> dict[str, Any]:
    """Plan every row of an upload; a file that cannot be read leaves the batch refused with the reason."""
    batch, actor = _begin(job)
    if batch.state != BatchState.CHECKING:
        return _result(batch, "检查完成")
    advance(by=by, job=job, done=0, now=timezone.now(), step="正在读取和核对")
    try:
        found = check(
            file_of(batch),
            file_name=batch.file_name,
            unit=batch.unit,
            actor=actor,
            on=timezone.localdate(),
            answers=answers_of(batch),
        )
    except WorkbookRefused as error:
        refuse(by=actor, batch=batch, sentence=str(error))
        return _result(batch, "文件无法读取")
    except ImportRefusedError as error:
        refuse(by=actor, batch=batch, sentence=str(error))
        raise JobRefusedError(str(error)) from error
    total = len(found.rows)

    def report(done: int) -> None:
        advance(by=by, job=job, done=done, total=total, now=timezone.now(), step="正在保存预览")

    keep_plan(
        by=actor,
        batch=batch,
        rows=found.rows,
        mistakes=found.mistakes,
        counts=found.counts,
        notes=found.notes,
        new_classes=found.new_classes,
        advance=report,
    )
    return _result(batch, f"检查完成，共 {total} 行")


def apply_import(job: Job, by: Actor) -> dict[str, Any]:
    """Write what is still to be written, chunk by chunk."""
    batch, actor = _begin(job)
    if batch.state != BatchState.APPLYING or batch.undone_at:
        return _result(batch, "已写入")
    rows = import_rows.left_to_write(batch)
    before = batch.rows.filter(applied=True).count()
    total, done = before + len(rows), before
    left_out: list[tuple[int, str]] = []
    for chunk in pieces(rows, import_rows.CHUNK):
        with _said_as_sentence():
            left_out += import_rows.write_rows(
                by=actor,
                batch=batch,
                row_ids=chunk,
                first_day=date.fromisoformat(job.payload["first_day"]),
                now=timezone.localtime(),
            )
        done += len(chunk)
        advance(by=by, job=job, done=done, total=total, now=timezone.now(), step="正在写入学生")
    finish_apply(by=actor, batch=batch, notes=[f"第 {row} 行没有写入：{why}" for row, why in left_out])
    return _result(batch, f"已写入 {total - len(left_out)} 名学生")


def undo_import(job: Job, by: Actor) -> dict[str, Any]:
    """Take every written row back, unless something has been built on any of the children."""
    batch, actor = _begin(job)
    if batch.state != BatchState.APPLYING or not batch.undone_at:
        return _result(batch, "已撤销")
    rows = applied_rows(batch)
    advance(by=by, job=job, done=0, total=len(rows), now=timezone.now(), step="正在检查能否撤销")
    in_the_way = obstacles(batch, rows)
    if in_the_way:
        finish_undo(by=actor, batch=batch, left=in_the_way)
        return _stopped(batch, in_the_way, "没有撤销")
    left: list[Obstacle] = []
    for number, chunk in enumerate(pieces(rows, import_undo.CHUNK), start=1):
        with _said_as_sentence():
            left += import_undo.undo_rows(by=actor, batch=batch, row_ids=chunk, now=timezone.localtime())
        done = min(len(rows), number * import_undo.CHUNK)
        advance(by=by, job=job, done=done, total=len(rows), now=timezone.now(), step="正在撤销")
    finish_undo(by=actor, batch=batch, left=left)
    return _stopped(batch, left, "其余已撤销") if left else _result(batch, "已撤销")


def _begin(job: Job) -> tuple[ImportBatch, Actor]:
    """The batch of a job and the person who started it, with today's posts."""
    batch = ImportBatch.objects.select_related("unit").get(pk=job.payload["batch"])
    try:
        return batch, starter_of(job, timezone.localdate())
    except User.DoesNotExist as error:
        raise JobRefusedError("发起导入的账号已停用。请由在岗人员重新上传。") from error


@contextmanager
def _said_as_sentence() -> Iterator[None]:
    """A post that was taken away while the job ran ends it with a sentence; what is written stays."""
    try:
        yield
    except PermissionDenied as error:
        raise JobRefusedError(f"{error}已写入的部分保留，请由在岗人员继续。") from error


def _result(batch: ImportBatch, text: str) -> dict[str, Any]:
    return {"text": text, "url": reverse("students:import", args=[batch.pk]), "label": "查看导入"}


def _stopped(batch: ImportBatch, left: list[Obstacle], text: str) -> dict[str, Any]:
    """What stands in the way, child by child, for the page of the import."""
    shown = [
        {"row": one.row, "name": one.name, "class_name": one.class_name, "why": "；".join(one.reasons)}
        for one in left[:SHOWN]
    ]
    text = f"有 {len(left)} 名学生在导入之后已有别的记录，{text}"
    return {**_result(batch, text), "obstacles": shown, "in_the_way": len(left)}


def discard_uploads(job: Job, by: Actor) -> dict[str, Any]:
    """Remove uploads nobody wrote within 30 days."""
    return {"removed": discard_old_files(by=by, now=datetime.fromisoformat(job.payload["now"]))}


def check_proofs(job: Job, by: Actor) -> dict[str, Any]:
    """Verify the thirtieth part of all proofs, and remove bytes that no proof names; what is wrong goes to the log."""
    moment = datetime.fromisoformat(job.payload["now"])
    found = verify(proofs_of_night(moment.date()))
    if found.missing or found.changed:
        logger.error(found.sentence)
    return {"text": found.sentence, "removed": discard_unnamed(by=by, now=moment)}
