"""Times one piece of work many times: wall clock, CPU of this process and of the database's, queries, bytes."""

from __future__ import annotations

import gc
import os
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds. A row without times carries its reason in `note`."""

    name: str
    median: float | None = None
    p95: float | None = None
    cpu: float | None = None
    queries: int | None = None
    note: str = ""

    def markdown(self) -> str:
        """The line as Markdown."""
        cells = [_number(self.median), _number(self.p95), _number(self.cpu), self.queries]
        texts = ["–" if cell is None else str(cell) for cell in cells]
        return f"| {self.name} | {' | '.join(texts)} | {self.note} |"


def _number(value: float | None) -> str | None:
    if value is None:
        return None
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def database_pid() -> int | None:
    """Process id of the database server's process for our connection; None for SQLite, which runs in ours."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu_of(pid: int | None) -> float:
    """CPU seconds a process has used so far (user and system, /proc/<pid>/stat)."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str, work: Callable[[int], object], *, runs: int, warm: int = 2, note: str = "") -> Row:
    """Run `work(number)` warm + runs times; the queries are counted on the last warm run."""
    queries = 0
    for number in range(warm):
        with CaptureQueriesContext(connection) as seen:
            work(number)
        queries = len(seen)
    reset_queries()
    pid = database_pid()
    gc.collect()
    walls: list[float] = []
    cpu, database = time.process_time(), cpu_of(pid)
    for number in range(warm, warm + runs):
        started = time.perf_counter()
        work(number)
        walls.append((time.perf_counter() - started) * 1000)
    spent = (time.process_time() - cpu) + (cpu_of(pid) - database)
    return Row(name, statistics.median(walls), percentile(walls, 95), spent * 1000 / runs, queries or None, note)


def helpers() -> list[int]:
    """Process ids of the processes this one has started and not yet ended."""
    found = [path.read_text(encoding="ascii").split() for path in Path("/proc/self/task").glob("*/children")]
    return [int(pid) for row in found for pid in row]


def peak_of(pid: int | None = None) -> float:
    """The most memory a process has held since it was last forgotten, in MB."""
    status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def forget_peak() -> None:
    """From now on count this process's peak of memory anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def measure_long(name: str, work: Callable[[], object], *, runs: int, note: str) -> Row:
    """Long work, some runs: median wall, CPU of our process, its helpers and the database's, peak of memory.

    Helpers are counted from the first run on, their start included there.
    """
    pid = database_pid()
    walls: list[float] = []
    said: object = ""
    gc.collect()
    forget_peak()
    before = peak_of()
    spent = time.process_time() + cpu_of(pid) + sum(cpu_of(helper) for helper in helpers())
    for _ in range(runs):
        started = time.perf_counter()
        said = work()
        walls.append((time.perf_counter() - started) * 1000)
    spent = time.process_time() + cpu_of(pid) + sum(cpu_of(helper) for helper in helpers()) - spent
    peaks = "＋".join(f"{peak:.0f}" for peak in (peak_of(), *(peak_of(helper) for helper in helpers())))
    memory = f"内存峰值 {peaks} MB（开始前 {before:.0f}）"
    return Row(
        name, statistics.median(walls), max(walls), spent * 1000 / runs, None, f"{runs} 次；{note}；{said}；{memory}"
    )


def percentile(values: list[float], share: int) -> float:
    """The value below which `share` per cent of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]
