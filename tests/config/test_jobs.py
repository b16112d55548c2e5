"""Background jobs through both carriers: the loop beside the web process, and a real Celery worker on Redis."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from agencies.actions import jobs, running
from agencies.actions.running import JobRefusedError, run_job
from agencies.choices import JobState
from agencies.models import Job
from cases.actions.refresh import refresh_cases, with_units
from cases.models import Case
from config.celery import app
from config.jobs import start_due
from tests import make


def start(kind: str = "nightly", key: str = "nightly/test") -> Job:
    now = timezone.localtime()
    return jobs.start_job(by=make.SYSTEM, kind=kind, key=key, payload={"now": now.isoformat()}, now=now)


@pytest.mark.django_db
def test_the_loop_runs_what_waits_and_ends() -> None:
    job = start()
    call_command("run_jobs", "--once")
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"refreshed": 0})


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_real_celery_worker_runs_the_job_it_is_sent(celery_worker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", celery_worker)
    job = start(key="nightly/celery")
    deadline = time.monotonic() + 60
    while job.state != JobState.DONE and time.monotonic() < deadline:
        time.sleep(0.2)
        job.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.attempts == 1


@pytest.mark.django_db
def test_the_same_key_starts_one_job() -> None:
    assert start().pk == start().pk
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_job_is_claimed_by_one_worker_only() -> None:
    job = start()
    now = timezone.now()
    assert jobs.claim(by=make.SYSTEM, now=now) == job
    assert jobs.claim(by=make.SYSTEM, now=now) is None


@pytest.mark.django_db
def test_a_job_whose_worker_died_is_taken_again_when_its_lease_has_passed() -> None:
    start()
    now = timezone.now()
    jobs.claim(by=make.SYSTEM, now=now)
    assert jobs.claim(by=make.SYSTEM, now=now + jobs.LEASE + timedelta(seconds=1)) is not None


@pytest.mark.django_db
def test_a_job_that_dies_again_and_again_is_given_up_with_a_sentence() -> None:
    job = start()
    now = timezone.now()
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.claim(by=make.SYSTEM, now=now)
        now += jobs.LEASE + timedelta(seconds=1)
    jobs.sweep(by=make.SYSTEM, now=now)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "系统管理员" in job.error


@pytest.mark.django_db
def test_work_that_cannot_be_done_ends_with_the_sentence_for_its_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(job: Job, by: object) -> dict[str, object]:
        raise JobRefusedError("文件已被删除，请重新上传。")

    monkeypatch.setitem(running.runners, "nightly", refuse)
    job = start()
    run_job(by=make.SYSTEM)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "文件已被删除，请重新上传。")


@pytest.mark.django_db
def test_an_unexpected_fault_is_tried_again_and_tells_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(job: Job, by: object) -> dict[str, object]:
        raise RuntimeError("secret of a child")

    monkeypatch.setitem(running.runners, "nightly", break_down)
    job = start()
    run_job(by=make.SYSTEM)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.RUNNING, "")


@pytest.mark.django_db
def test_the_timetable_starts_each_day_once() -> None:
    noon = timezone.localtime().replace(hour=12)
    first = {job.pk for job in start_due(noon)}
    assert {job.pk for job in start_due(noon + timedelta(minutes=5))} == first


@pytest.mark.django_db
def test_a_missed_night_costs_nothing() -> None:
    """The standing is derived: three nights missed and one run, or four runs, come to the same."""
    county = make.county()
    school = make.school(make.township(county))
    classes = [make.school_class(school, "五（1）班"), make.school_class(school, "五（2）班")]
    make.plan(county)
    pupils = [make.child(row) for row in classes]
    for row, pupil in zip(classes, pupils, strict=True):
        make.roll(row, make.DAY, {pupil: "unexcused"})
    every_night, once = Case.objects.order_by("id")
    for days in range(1, 5):
        refresh([every_night], days)
    refresh([once], 4)
    every_night.refresh_from_db()
    once.refresh_from_db()
    shown = ("stage", "step", "next_due_on", "overdue", "sentence", "changes_on")
    assert [getattr(every_night, name) for name in shown] == [getattr(once, name) for name in shown]
    assert once.overdue


def refresh(cases: list[Case], days: int) -> None:
    """One night's run over these cases, so many days after the absence."""
    at = make.moment(make.DAY + timedelta(days=days))
    refresh_cases(by=make.SYSTEM, cases=with_units([case.pk for case in cases]), on=at.date(), now=at)
