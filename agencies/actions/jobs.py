"""Background jobs: started once per key, leased, advanced, finished, swept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from agencies import audit
from agencies.choices import JobState, Verb
from agencies.models import Job
from agencies.scope import Actor

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
# How long a result file can be fetched.
KEPT = timedelta(days=7)

# Set by config: sends a job's id to Celery; None = the loop beside the web process finds the row itself.
send: list[Callable[[int], None]] = []


def start_job(*, by: Actor, kind: str, key: str, payload: dict[str, Any], now: datetime) -> Job:
    """Write the job row and, on commit, send its id; the same key returns the job that stands."""
    with transaction.atomic():
        job, made = Job.objects.get_or_create(
            key=key, defaults={"kind": kind, "payload": payload, "created_at": now, "started_by": by.user_id}
        )
        if made:
            audit.record(by=by, verb=Verb.JOB_STARTED, kind="job", object_id=job.pk, now=now, detail={"kind": kind})
            transaction.on_commit(lambda: [sender(job.pk) for sender in send])
    return job


def claim(*, by: Actor, now: datetime, job_id: int | None = None) -> Job | None:
    """Take the oldest waiting job (or a given one) by a conditional update; None if another worker was quicker."""
    waiting = Job.objects.filter(
        Q(state=JobState.PENDING) | Q(state=JobState.RUNNING, lease_until__lt=now), attempts__lt=MAX_ATTEMPTS
    )
    job = (waiting.filter(pk=job_id) if job_id else waiting.order_by("id")).first()
    if job is None:
        return None
    won = waiting.filter(pk=job.pk, attempts=job.attempts).update(
        state=JobState.RUNNING, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    if not won:
        return None
    job.refresh_from_db()
    return job


def advance(*, by: Actor, job: Job, done: int, now: datetime, total: int | None = None, step: str = "") -> None:
    """Record progress and renew the lease."""
    job.done, job.lease_until = done, now + LEASE
    if total is not None:
        job.total = total
    if step:
        job.step = step
    job.save(update_fields=["done", "total", "step", "lease_until"])


def finish(*, by: Actor, job: Job, now: datetime, result: dict[str, Any] | None = None) -> None:
    """The job is done; `result` holds what its page shows."""
    job.state, job.finished_at, job.lease_until, job.error = JobState.DONE, now, None, ""
    job.result = result or {}
    job.save(update_fields=["state", "finished_at", "lease_until", "result", "error", "file", "file_name"])


def fail(*, by: Actor, job: Job, now: datetime, sentence: str) -> None:
    """The job ended with an error a person can act on; never a traceback."""
    job.state, job.finished_at, job.lease_until, job.error = JobState.FAILED, now, None, sentence
    job.save(update_fields=["state", "finished_at", "lease_until", "error"])


def sweep(*, by: Actor, now: datetime) -> int:
    """Re-send jobs whose lease has passed and give up those tried too often; returns how many were touched."""
    lapsed = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now)
    given_up = lapsed.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED, error="多次中断，已停止。请联系系统管理员查看日志后重新发起。", finished_at=now
    )
    again = list(lapsed.filter(attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True))
    stuck = Job.objects.filter(state=JobState.PENDING, created_at__lt=now - LEASE).values_list("pk", flat=True)
    for pk in [*again, *stuck]:
        for sender in send:
            sender(pk)
    return given_up + len(again)


def release(*, by: Actor, job: Job, now: datetime) -> None:
    """Give a job back after an unexpected fault; it waits half a minute before it is tried again."""
    job.state, job.lease_until = JobState.RUNNING, now + timedelta(seconds=30)
    job.save(update_fields=["state", "lease_until"])


def clear_files(*, by: Actor, now: datetime) -> int:
    """Remove result files older than seven days; the rows stay as a record. Returns how many files went."""
    old = list(Job.objects.filter(finished_at__lt=now - KEPT).exclude(file=""))
    for job in old:
        (Path(settings.MEDIA_ROOT) / job.file).unlink(missing_ok=True)
    return Job.objects.filter(pk__in=[job.pk for job in old]).update(file="")


def forget_file(*, by: Actor, job: Job, now: datetime) -> None:
    """Remove a result that may be fetched only once (first passwords); what was fetched stays on record."""
    path = Path(settings.MEDIA_ROOT) / job.file
    with transaction.atomic():
        job.file = ""
        job.result = {**job.result, "text": f"{job.result.get('text', '')}（文件已下载并清除）"}
        job.save(update_fields=["file", "result"])
        audit.record(by=by, verb=Verb.PAPER_READ, kind="job", object_id=job.pk, now=now, detail={"kind": job.kind})
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
