"""Throw-away PostgreSQL and Redis on free ports, and Chromium; `python -m tests.servers COMMAND…` lends PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BROWSERS = ("chromium", "google-chrome-stable", "google-chrome", "/snap/bin/chromium")


class MissingPieceError(Exception):
    """A program the suite needs is not installed; the message names the fix."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def chromium() -> str:
    """Path of the browser: BAOXUE_CHROMIUM, else the first that is installed."""
    for name in (os.environ.get("BAOXUE_CHROMIUM", ""), *BROWSERS):
        if name and (path := shutil.which(name)):
            return path
    raise MissingPieceError("No Chromium: run ./run test once, or set BAOXUE_CHROMIUM to the path of a browser.")


def _postgres_programs() -> Path:
    """Folder of initdb and pg_ctl; Debian keeps them off the PATH, one folder a version."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise MissingPieceError("No PostgreSQL: apt-get install -y --no-install-recommends postgresql")
    return found[-1].parent


@contextmanager
def postgres() -> Iterator[str]:
    """A new PostgreSQL server with one empty database; yields its DATABASE_URL, removes everything afterwards."""
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="baoxue-postgres-"))
    as_owner: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    data, log, port = folder / "data", folder / "log", free_port()
    # Nothing here outlives the run, so nothing has to reach the disk.
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
        "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"
    )

    def call(*command: str, check: bool = True) -> None:
        done = subprocess.run([*as_owner, *command], cwd="/", capture_output=True, text=True, check=False)
        if check and done.returncode:
            told = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}{told}")

    control = (str(programs / "pg_ctl"), "-D", str(data), "-s", "-w")
    try:
        call(
            str(programs / "initdb"), "-D", str(data), "-U", "baoxue", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        call(*control, "-l", str(log), "-o", options, "start")
        yield f"postgresql://baoxue@127.0.0.1:{port}/postgres"
    finally:
        call(*control, "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_port(port: int, process: "subprocess.Popen[bytes]", seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not answer on port {port}.")


@contextmanager
def redis() -> Iterator[str]:
    """A new Redis server that keeps nothing; yields its REDIS_URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise MissingPieceError("No Redis: apt-get install -y --no-install-recommends redis-server")
    folder, port = tempfile.mkdtemp(prefix="baoxue-redis-"), free_port()
    command = [
        program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for_port(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=15)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of ours beside the test, told to stop politely and, after 15 seconds, firmly."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def main(command: list[str]) -> int:
    """Run the command with DATABASE_URL pointing at a new PostgreSQL; its exit status is ours."""
    # So that a plain `kill` also removes the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with postgres() as url:
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    except MissingPieceError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
