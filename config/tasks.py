"""What a Celery worker does: run a job by its id, start what is due."""

from __future__ import annotations

from django.utils import timezone

from agencies.actions import running
from agencies.actions.jobs import sweep
from agencies.scope import system
from config.celery import app
from config.jobs import start_due


@app.task(name="config.tasks.run_job", ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Run one job by its id; a job already taken is left alone."""
    running.run_job(by=system("后台任务"), job_id=job_id)


@app.task(name="config.tasks.tick", ignore_result=True)  # type: ignore[untyped-decorator]
def tick() -> None:
    """Start what is due and sweep what was lost."""
    now = timezone.localtime()
    start_due(now)
    sweep(by=system("后台任务"), now=now)
