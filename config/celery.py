"""Celery carries job ids in production; the work itself is in the job table."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("baoxue")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Beat only asks every five minutes what is due: the timetable itself stands in config.jobs, once.
app.conf.beat_schedule = {"due": {"task": "config.celery.tick", "schedule": crontab(minute="*/5")}}


@app.task(name="config.celery.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    """Run one job by its id; a job already taken is left alone."""
    from agencies.actions.running import run_job as run  # noqa: PLC0415 - models load after Django is set up
    from agencies.scope import system  # noqa: PLC0415

    run(by=system("后台任务"), job_id=job_id)


@app.task(name="config.celery.tick", ignore_result=True)
def tick() -> None:
    """Start what is due and sweep what was lost."""
    from django.utils import timezone  # noqa: PLC0415

    from agencies.actions.jobs import sweep  # noqa: PLC0415
    from agencies.scope import system  # noqa: PLC0415
    from config.jobs import start_due  # noqa: PLC0415

    now = timezone.localtime()
    start_due(now)
    sweep(by=system("后台任务"), now=now)
