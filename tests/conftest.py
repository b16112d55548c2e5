"""What holds for every test: no network beyond this machine, nothing skipped, throw-away servers on request."""

import gc
import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from agencies.pdf import engine, helper
from tests import servers

# The same stories every time, on a busy machine too: a suite that fails by chance teaches people to run it again.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_lay_out_all = helper.lay_out_all


def _refuse_outside(family: int, address: Any) -> None:
    """Raise unless the address is of this machine."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0]).partition("%")[0]
    if host == "localhost" or ipaddress.ip_address(host).is_loopback:
        return
    raise RuntimeError(f"A test tried to reach {host}; tests use no network.")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _refuse_outside(self.family, address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_outside(self.family, address)
    return _connect_ex(self, address)


def pytest_configure() -> None:
    socket.socket.connect = _guarded_connect
    socket.socket.connect_ex = _guarded_connect_ex


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the garbage collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _not_run(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if reporter else {}
    return sum(len(stats.get(kind, ())) for kind in ("skipped", "xfailed", "xpassed"))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if count := _not_run(config):
        terminalreporter.write_line(
            f"ERROR: {count} test(s) skipped or expected to fail; every test must run.", red=True
        )


def pytest_unconfigure() -> None:
    if os.environ.get("BAOXUE_TEST_DIR_OWNER") == str(os.getpid()):
        shutil.rmtree(os.environ["BAOXUE_TEST_DIR"], ignore_errors=True)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of this run alone."""
    with servers.redis() as url:
        yield url


@lru_cache(maxsize=400)
def _lay_out_once(documents: tuple[helper.Document, ...], base: Path) -> list[engine.Laid]:
    return _lay_out_all(documents, base)


@pytest.fixture(autouse=True)
def papers_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same document comes out the same: tests that meet it a hundred times have it laid out once a process.

    Not under the mark `anew`: those tests are about the laying out itself.
    """
    if request.node.get_closest_marker("anew"):
        return
    monkeypatch.setattr(helper, "lay_out_all", lambda documents, base: _lay_out_once(tuple(documents), base))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's Chromium; its absence is an error that names the fix."""
    return servers.chromium()


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database as another process has to name it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgresql://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@pytest.fixture
def celery_worker(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """A real Celery worker process on the test database and a real Redis; this process enqueues there too."""
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    log = tmp_path / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "--concurrency",
        "1",
        "--pool",
        "prefork",
        "-l",
        "INFO",
    ]
    with pytest.MonkeyPatch.context() as patch, servers.running(command, environment, log):
        patch.setattr(settings, "REDIS_URL", redis_url)
        patch.setattr(settings, "CELERY_BROKER_URL", redis_url)
        yield redis_url
