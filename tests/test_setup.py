"""The way in works and stays clean: the entry script's refusals, pinned requirements, throw-away servers."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pip._internal.models.index import PyPI

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
# What ./run calls before it has installed anything.
TOOLS = ("sh", "dirname", "mkdir", "cat", "sha256sum", "cut", "tail", "grep", "env", "rm")


@pytest.fixture
def machine(tmp_path: Path) -> "Machine":
    """A bare machine: a copy of ./run, Debian's basic tools, no package of ours, an ordinary user without sudo."""
    return Machine(tmp_path)


class Machine:
    """A folder that plays the machine: its PATH holds only what is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder / "clone", folder / "bin"
        self.folder.mkdir()
        self.path.mkdir()
        for name in ("run", *REQUIREMENTS):
            shutil.copy(ROOT / name, self.folder / name)
        for name in TOOLS:
            self.has(name, f'exec {shutil.which(name)} "$@"')
        # Says that it is new enough and has venv, and then makes no environment: these tests install nothing.
        self.has("python3", 'case "$1" in -c) exit 0 ;; *) echo "python3 $*" >> calls; exit 9 ;; esac')
        self.has("dpkg-query", "echo not-installed")
        self.has("id", "echo 1000")
        self.environment = {"PATH": str(self.path), "HOME": str(folder), "BAOXUE_OS_RELEASE": str(folder / "os")}

    def has(self, name: str, body: str) -> None:
        (self.path / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.path / name).chmod(0o755)

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(self.path / "sh"), "run", *words],
            cwd=self.folder, env={**self.environment, **more}, capture_output=True, text=True, check=False,
        )  # fmt: skip


def test_without_root_or_sudo_one_line_says_what_to_install(machine: Machine) -> None:
    done = machine.run("demo")
    assert done.returncode == 1
    chinese, english = done.stderr.splitlines()
    command = "apt-get install -y --no-install-recommends"
    for line in (chinese, english):
        assert command in line
        assert "libharfbuzz-subset0" in line
        assert "fonts-noto-cjk" in line
    assert not (machine.folder / ".venv").exists()


def test_what_only_tests_need_is_asked_for_by_tests_only(machine: Machine) -> None:
    assert "postgresql" not in machine.run("demo").stderr
    told = machine.run("test").stderr
    assert all(name in told for name in ("postgresql", "redis-server", "poppler-utils", "chromium"))


def test_a_python_that_can_make_environments_needs_no_debian_package(machine: Machine) -> None:
    assert "python3-venv" not in machine.run("demo").stderr


def test_root_installs_and_then_makes_the_environment(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "apt-get $*" >> calls')
    done = machine.run("demo")
    update, install, venv = (machine.folder / "calls").read_text().splitlines()
    assert update == "apt-get -q update"
    assert install.startswith("apt-get install -q -y --no-install-recommends libpango-1.0-0 ")
    assert venv == f"python3 -m venv --clear {machine.folder}/.venv"
    assert done.returncode == 9


def test_a_failed_installation_names_the_command(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", '[ "$1" != install ] || { echo "E: no such package"; exit 100; }')
    done = machine.run("demo")
    assert done.returncode == 1
    assert "E: no such package" in done.stderr
    assert "请由管理员执行后重试：apt-get install" in done.stderr


def test_sudo_is_used_where_the_user_is_not_root(machine: Machine) -> None:
    machine.has("sudo", 'echo "$@" >> calls')
    machine.run("demo")
    first, second = (machine.folder / "calls").read_text().splitlines()[:2]
    assert first == "env apt-get -q update"
    assert second.startswith("env DEBIAN_FRONTEND=noninteractive apt-get install")


def test_ubuntu_is_told_where_its_browser_comes_from(machine: Machine) -> None:
    (machine.folder.parent / "os").write_text("NAME=Ubuntu\nID=ubuntu\n")
    machine.has("dpkg-query", "echo installed")
    done = machine.run("test")
    if Path("/snap/bin/chromium").exists():
        assert "snap install chromium" not in done.stderr
    else:
        assert done.returncode == 1
        assert "snap install chromium" in done.stderr
        assert "BAOXUE_CHROMIUM" in done.stderr


def test_a_wrong_port_is_refused_before_anything_is_installed(machine: Machine) -> None:
    done = machine.run("demo", BAOXUE_PORT="eighty")
    assert done.returncode == 1
    assert "BAOXUE_PORT 必须是端口号" in done.stderr


def test_an_unknown_subcommand_lists_the_known_ones(machine: Machine) -> None:
    done = machine.run("dmeo")
    assert done.returncode == 1
    assert "./run demo" in done.stderr
    assert "dmeo" in done.stderr
    assert machine.run().returncode == 0


def test_every_requirement_is_pinned_and_hashed_and_names_no_host() -> None:
    for name in REQUIREMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = [entry for entry in re.split(r"\n(?=[a-z0-9])", text) if entry[:1].isalnum()]
        assert len(entries) == len(re.findall(r"^[a-z0-9._-]+(?:\[[a-z0-9,]+\])?==", text, re.M)), name
        assert all("--hash=sha256:" in entry for entry in entries), name
        assert "://" not in text, name


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==[^ ;]+", (ROOT / name).read_text(encoding="utf-8"), re.M))

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


def test_the_production_example_explains_every_variable() -> None:
    settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", settings))
    example = (ROOT / "config" / "production.env.example").read_text(encoding="utf-8")
    assert {name for name in read if name not in example} == set()


def _registries() -> set[str]:
    """Hosts packages come from on this machine: the Python index, its mirror, Debian's sources."""
    lists = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(path.read_text(errors="replace") for path in lists if path.is_file())
    urls = [PyPI.url, os.environ.get("PIP_INDEX_URL", ""), *re.findall(r"https?://[^/\s\"]+", text)]
    return {PyPI.file_storage_domain, "registry.npm" + "js.org"} | {urlsplit(url).netloc for url in urls if url}


def test_the_tree_names_no_registry_and_no_path_of_a_machine() -> None:
    patterns = [re.escape(host) for host in _registries() if "." in host]
    patterns += [re.escape(f"{ROOT}/"), r"/(?:home|Users)/[a-z]\w*/", r"(?<![\w.])/root/"]
    wrong = re.compile("|".join(patterns))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path == Path(__file__) or "vendor" in path.parts or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            lines = enumerate(content.decode("utf-8", "replace").splitlines(), 1)
            named += [f"{name}:{number} {found.group(0)}" for number, line in lines if (found := wrong.search(line))]
    assert named == []


@pytest.mark.long
def test_postgresql_comes_and_goes() -> None:
    with servers.postgres() as url, psycopg.connect(url) as connection:
        row = connection.execute("select current_user").fetchone()
        assert row == ("baoxue",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


@pytest.mark.long
def test_redis_comes_and_goes(redis_url: str) -> None:
    address = urlsplit(redis_url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port), timeout=2) as client:
        client.sendall(b"PING\r\n")
        assert client.recv(16) == b"+PONG\r\n"


def test_a_missing_program_is_an_error_that_names_the_fix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(servers.MissingPieceError, match=r"apt-get install .* redis-server"), servers.redis():
        pass


def test_tests_reach_no_other_machine() -> None:
    with pytest.raises(RuntimeError, match="tests use no network"):
        urllib.request.urlopen("http://192.0.2.1/", timeout=1)


@pytest.mark.long
def test_a_skipped_test_fails_the_run_and_so_does_one_expected_to_fail(tmp_path: Path) -> None:
    test = tmp_path / "test_two.py"
    bodies = {"late": "pytest.skip('later')", "known": "pytest.xfail('known')"}
    test.write_text("import pytest\n" + "".join(f"\ndef test_{name}():\n    {bodies[name]}\n" for name in bodies))
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), str(test)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 test(s) skipped or expected to fail; every test must run" in done.stdout
