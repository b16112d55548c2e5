"""The nightly look at the proofs: whole ones pass, missing and changed ones are named, what nobody named goes."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from agencies.models import Job
from config.jobs import RUNNERS, TIMETABLE
from students.gateways import blobs
from students.models import Proof, Student
from students.queries.proofs import ROUND_DAYS, proofs_of_night
from tests import make
from tests.students import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Any) -> Any:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.fixture
def child() -> Student:
    return make.child(make.school_class(make.school(make.township(make.county()))))


def check(*options: str) -> str:
    said = io.StringIO()
    call_command("check_proofs", *options, stdout=said)
    return said.getvalue()


def spoil(proof: Proof) -> None:
    path = blobs.path_of(proof.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-3] + b"abc")


def test_whole_files_pass_and_bad_ones_are_named(child: Student) -> None:
    good = files.photo(child)
    changed, missing = files.photo(child, content=files.png()), files.photo(child, content=files.pdf())
    assert "核对材料3份，全部完好" in check()
    spoil(changed)
    blobs.path_of(missing.sha256).unlink()
    with pytest.raises(CommandError) as refused:
        check()
    assert f"文件缺失1份（编号{missing.pk}）" in str(refused.value)
    assert f"文件被改动或密钥不符1份（编号{changed.pk}）" in str(refused.value)
    assert blobs.is_whole(good.sha256)


def test_every_proof_has_its_turn_once_in_thirty_nights(child: Student) -> None:
    made = {files.photo(child, content=files.jpeg(200 + number)).pk for number in range(4)}
    nights = [proofs_of_night(make.DAY + timedelta(days=number)) for number in range(ROUND_DAYS)]
    assert sorted(proof.pk for night in nights for proof in night) == sorted(made)


def test_the_night_s_job_says_what_it_found_and_removes_what_no_act_named(child: Student) -> None:
    named = files.photo(child)
    stray = files.kept(files.png())
    fresh = files.kept(files.pdf())
    long_ago = (make.moment(make.DAY) - timedelta(days=3)).timestamp()
    for sha256 in (named.sha256, stray.sha256):
        os.utime(blobs.path_of(sha256), (long_ago, long_ago))
    job = Job(kind="check_proofs", payload={"now": make.moment(make.DAY, 2).isoformat()})
    result = RUNNERS["check_proofs"](job, make.SYSTEM)
    assert result["removed"] == 1
    assert "全部完好" in result["text"]
    assert blobs.path_of(named.sha256).exists()
    assert blobs.path_of(fresh.sha256).exists()
    assert not blobs.path_of(stray.sha256).exists()
    assert not blobs.path_of(stray.sha256, small=True).exists()
    assert "check_proofs" in dict(TIMETABLE)
