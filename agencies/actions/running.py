"""Run a job: claim it, call the function its kind names, put the result or a sentence on record."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from agencies.actions import jobs
from agencies.models import Job
from agencies.scope import Actor

logger = logging.getLogger("baoxue.jobs")

Runner = Callable[[Job, Actor], dict[str, Any]]
# Kind → function; filled by config. A function may be run twice and must change nothing the second time.
runners: dict[str, Runner] = {}


class JobRefusedError(ValueError):
    """The work cannot be done; the message is a Chinese sentence for the person who started it."""


def run_job(*, by: Actor, job_id: int | None = None, now: datetime | None = None) -> Job | None:
    """Claim a job (the given or the oldest waiting one) and run it; None when there was none to claim."""
    job = jobs.claim(by=by, now=now or timezone.now(), job_id=job_id)
    if job is None:
        return None
    try:
        result = runners[job.kind](job, by)
    except JobRefusedError as error:
        jobs.fail(by=by, job=job, now=timezone.now(), sentence=str(error))
    except Exception:
        # The log gets the trace, without data; the person gets a sentence. The lease lets it be tried again.
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        if job.attempts >= jobs.MAX_ATTEMPTS:
            jobs.fail(by=by, job=job, now=timezone.now(), sentence="处理时出错，已停止。请联系系统管理员查看日志。")
        else:
            jobs.release(by=by, job=job, now=timezone.now())
    else:
        jobs.finish(by=by, job=job, now=timezone.now(), result=result)
    return job
