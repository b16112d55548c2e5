"""What needs the real web process: saves by eight people at once, and the bytes of a first visit."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from agencies.models import Unit, User
from config.bench.forms import form_of, with_absent
from config.bench.measure import Row, cpu_of, percentile
from config.bench.pages import REASONS, County
from config.signed_in import SessionStore

CLIENTS = 8
START_SECONDS = 30.0
MOST_REDIRECTS = 4


@contextmanager
def web_process() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The web process as `./run demo` starts it, on a free port; stopped in any case."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=settings.BASE_DIR)  # noqa: S603 - our own command
    try:
        _wait(port, process)
        yield port, process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            if _fetch(http.client.HTTPConnection("127.0.0.1", port, timeout=5), reverse("agencies:login"))[0] < 500:
                return
        time.sleep(0.2)
    raise RuntimeError("the web process did not answer")


def _fetch(connection: http.client.HTTPConnection, path: str, cookies: str = "") -> tuple[int, bytes, str]:
    """Status, body as sent (compressed), content type."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Cookie": cookies})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers.get("Content-Type", "")


def session_of(user: User) -> str:
    """A session in which this person is signed in; its key."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


class Saver:
    """One class to save: the page is opened beforehand, only the saving is timed."""

    def __init__(self, port: int, path: str, session: str) -> None:
        self.port, self.path, self.cookies = port, path, f"sessionid={session}"
        self.sent: dict[str, list[str]] = {}

    def open(self) -> None:
        """Open the page and keep its form and its token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", self.path, headers={"Cookie": self.cookies})
        answer = connection.getresponse()
        token = re.search(r"csrftoken=([^;]+)", answer.headers.get("Set-Cookie", ""))
        self.sent = with_absent(form_of(answer.read().decode(), "roll"), REASONS)
        self.cookies += f"; csrftoken={token.group(1) if token else ''}"
        connection.close()

    def save(self) -> float:
        """Send it; milliseconds. Raises RuntimeError unless it was taken."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = urlencode(self.sent, doseq=True)
        headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
        started = time.perf_counter()
        connection.request("POST", self.path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status not in (200, 302):
            raise RuntimeError(f"saving answered {answer.status}")
        return (time.perf_counter() - started) * 1000


def children_of(pid: int) -> list[int]:
    """Process ids of the workers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = path.read_text(encoding="ascii", errors="replace").rpartition(")")
            if rest.split()[1] == str(pid):
                found.append(int(name.split()[0]))
    return found


def measure_many(county: County, classes: list[Unit], port: int, process: subprocess.Popen[bytes]) -> Row:
    """Eight people save classes for the first time, three absent each, as fast as they are answered."""
    sessions = {pk: session_of(user) for pk, user in county.principal.items()}
    savers = [
        Saver(
            port,
            reverse("students:roll_class", args=[row.pk]) + f"?day={county.on}",
            sessions[row.parent_id or 0],
        )
        for row in classes
    ]
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda saver: saver.open(), savers))
        workers = children_of(process.pid)
        spent = sum(map(cpu_of, workers))
        started = time.perf_counter()
        walls = list(pool.map(lambda saver: saver.save(), savers))
        took = time.perf_counter() - started
    spent = sum(map(cpu_of, workers)) - spent
    note = f"**{len(walls) / took:.0f} 次/秒**（{len(walls)}次，8个客户端与服务同在本机）；目标 ≥ 120 次/秒"
    return Row("8人同时保存点名", percentile(walls, 50), percentile(walls, 95), spent * 1000 / len(walls), None, note)


def measure_first_visit(user: User, port: int) -> Row:
    """Bytes over the wire of the login page and the first page after it, empty cache, with all they load."""
    host = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    seen: dict[str, int] = {}
    for path, cookies in ((reverse("agencies:login"), ""), (_landing(host, user), f"sessionid={session_of(user)}")):
        status, body, _ = _fetch(host, path, cookies)
        if status != 200:
            return Row("首次访问（登录页＋首页，含静态文件）", note=f"{path} 回答 {status}")
        seen[path] = len(body)
        plain = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        plain.request("GET", path, headers={"Cookie": cookies})
        page = plain.getresponse().read().decode()
        for part in re.findall(r"<(?:link|script|img|source)\b[^>]*?(?:href|src)=\"(/static/[^\"]+)\"", page):
            if part not in seen:
                seen[part] = len(_fetch(host, part, cookies)[1])
    total = sum(seen.values()) / 1024
    return Row("首次访问（登录页＋首页，含静态文件）", note=f"**{total:.0f} KB**，{len(seen)} 个请求；目标 ≤ 100 KB")


def _landing(host: http.client.HTTPConnection, user: User) -> str:
    """Where the home page sends this person in the end."""
    path, cookies = reverse("home"), f"sessionid={session_of(user)}"
    for _ in range(MOST_REDIRECTS):
        host.request("GET", path, headers={"Cookie": cookies})
        answer = host.getresponse()
        answer.read()
        path, moved = answer.headers.get("Location", path), answer.status in (301, 302)
        if not moved:
            break
    return path
