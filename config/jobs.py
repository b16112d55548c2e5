"""The job table: which function does which kind of long work, and the timetable of recurring ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings

from agencies.actions import jobs, running
from agencies.actions.seals import seal_day
from agencies.models import Job
from agencies.scope import Actor, system
from agencies.tasks import make_accounts
from cases.actions.refresh import refresh_stale
from config.celery import app
from notices.tasks import export_ledger, sign_papers, sweep_papers
from students.tasks import apply_import, check_import, check_proofs, discard_uploads, undo_import

Runner = Callable[[Job, Actor], dict[str, Any]]


def nightly(job: Job, by: Actor) -> dict[str, Any]:
    """Refresh every case whose standing has run out by the day of the job."""
    day = datetime.fromisoformat(job.payload["now"])
    return {"refreshed": refresh_stale(by=by, on=day.date(), now=day)}


def seal(job: Job, by: Actor) -> dict[str, Any]:
    """Seal the audit trail of the day before the job's."""
    moment = datetime.fromisoformat(job.payload["now"])
    made = seal_day(by=by, day=moment.date() - timedelta(days=1), now=moment)
    return {"rows": made.rows, "digest": made.digest}


def clear(job: Job, by: Actor) -> dict[str, Any]:
    """Remove the result files of jobs that ended more than a week ago."""
    return {"files": jobs.clear_files(by=by, now=datetime.fromisoformat(job.payload["now"]))}


RUNNERS: dict[str, Runner] = {
    "accounts": make_accounts,
    "check_proofs": check_proofs,
    "discard_uploads": discard_uploads,
    "import_apply": apply_import,
    "import_check": check_import,
    "import_undo": undo_import,
    "clear": clear,
    "ledger_export": export_ledger,
    "nightly": nightly,
    "papers_issue": sign_papers,
    "papers_sweep": sweep_papers,
    "seal": seal,
}

# Kind and local time of day; read by the loop and by Celery's beat alike.
TIMETABLE: tuple[tuple[str, time], ...] = (
    ("nightly", time(0, 20)),
    ("seal", time(0, 40)),
    ("clear", time(1, 0)),
    ("discard_uploads", time(1, 0)),
    ("papers_sweep", time(1, 20)),
    ("check_proofs", time(1, 40)),
)


def start_due(now: datetime) -> list[Job]:
    """Start today's recurring jobs whose time has come; the key makes a second start nothing."""
    by = system("定时任务")
    return [
        jobs.start_job(
            by=by, kind=kind, key=f"{kind}/{now.date().isoformat()}", payload={"now": now.isoformat()}, now=now
        )
        for kind, at in TIMETABLE
        if now.time() >= at
    ]


def send_to_celery(job_id: int) -> None:
    """Hand a job's id to a worker; without Redis the loop beside the web process finds the row itself."""
    if settings.REDIS_URL:
        app.send_task("config.tasks.run_job", args=[job_id])


def connect() -> None:
    """Fill the runners and the senders once."""
    running.runners.update(RUNNERS)
    if send_to_celery not in jobs.send:
        jobs.send.append(send_to_celery)
