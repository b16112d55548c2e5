"""A job's page is its starter's alone: progress that polls, an error sentence, the file."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agencies.actions import jobs
from agencies.choices import Role
from agencies.models import Job, User
from tests import make
from tests.agencies.people import LONG_AGO, Places, client_of, places

pytestmark = pytest.mark.django_db
NOW = make.moment(make.DAY)


@pytest.fixture
def here() -> Places:
    return places()


@pytest.fixture
def officer(here: Places) -> User:
    return make.person(Role.BUREAU_OFFICER, here.county, on=LONG_AGO)


def start(user: User, key: str = "k") -> Job:
    return jobs.start_job(by=make.actor(user), kind="test", key=key, payload={"title": "导出台账"}, now=NOW)


def test_a_waiting_job_polls_every_two_seconds_and_a_finished_one_no_more(officer: User) -> None:
    job = start(officer)
    client = client_of(officer)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "导出台账" in page
    jobs.advance(by=make.SYSTEM, job=job, done=3, total=12, now=NOW, step="正在写入")
    part = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "3 / 12" in part
    jobs.finish(by=make.SYSTEM, job=job, now=NOW, result={"text": "共12行", "url": "/ledgers/"})
    done = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "every 2s" not in done
    assert "共12行" in done
    assert 'href="/ledgers/"' in done


def test_a_failed_job_says_what_to_do(officer: User) -> None:
    job = start(officer)
    jobs.fail(by=make.SYSTEM, job=job, now=NOW, sentence="第3行的班级不存在，请改正后重新上传。")
    assert "第3行的班级不存在" in client_of(officer).get(f"/jobs/{job.pk}/").content.decode()


def test_a_result_never_leads_off_the_site(officer: User) -> None:
    job = start(officer)
    jobs.finish(by=make.SYSTEM, job=job, now=NOW, result={"url": "https://example.org/"})
    assert "example.org" not in client_of(officer).get(f"/jobs/{job.pk}/").content.decode()


def test_the_file_is_the_starters_alone(here: Places, officer: User, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "a.xlsx").write_bytes(b"rows")
    job = start(officer)
    job.file, job.file_name = "a.xlsx", "台账.xlsx"
    jobs.finish(by=make.SYSTEM, job=job, now=NOW)
    answer = client_of(officer).get(f"/jobs/{job.pk}/file/")
    assert answer.getvalue() == b"rows"
    assert "attachment" in answer["Content-Disposition"]
    colleague = client_of(make.person(Role.BUREAU_OFFICER, here.county, on=LONG_AGO))
    assert colleague.get(f"/jobs/{job.pk}/").status_code == 404
    assert colleague.get(f"/jobs/{job.pk}/file/").status_code == 404


@pytest.mark.parametrize("name", ["", "../secret", "gone.xlsx", "."])
def test_a_file_that_is_not_there_or_lies_outside_is_not_found(
    officer: User, settings: Any, tmp_path: Path, name: str
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media").mkdir()
    (tmp_path / "secret").write_text("x")
    job = start(officer)
    job.file = name
    jobs.finish(by=make.SYSTEM, job=job, now=NOW)
    assert client_of(officer).get(f"/jobs/{job.pk}/file/").status_code == 404


def test_a_file_is_removed_after_a_week(officer: User, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    for name, age in (("old.xlsx", 8), ("new.xlsx", 6)):
        (tmp_path / name).write_bytes(b"rows")
        job = start(officer, name)
        job.file = name
        jobs.finish(by=make.SYSTEM, job=job, now=NOW - timedelta(days=age))
    assert jobs.clear_files(by=make.SYSTEM, now=NOW) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new.xlsx"]
