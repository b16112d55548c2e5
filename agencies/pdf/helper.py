"""Shares a run's documents with a second process, so that a batch of papers uses both cores.

The second process is a program of its own (`engine.py`), started at the first large run and kept for the next: nothing
is forked, so it may be started from a threaded server and from a Celery worker alike. It ends with its starter, whose
closed pipe it reads, and after ten minutes without work. Should it fail, its share is laid out here.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agencies.pdf import engine
from agencies.pdf.engine import Laid, LayoutError

logger = logging.getLogger("baoxue.pdf")


@dataclass(frozen=True, slots=True)
class Document:
    """An HTML document with so many marked papers."""

    source: str
    count: int


class _Helper:
    """The second process; one run at a time talks to it."""

    def __init__(self) -> None:
        self.busy = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def lay_out(self, document: Document, base: Path) -> Laid:
        """Raises LayoutError for a fault of the document, OSError or EOFError where the process has gone."""
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        engine.send(process.stdin, {"base": str(base), "count": document.count}, document.source.encode())
        head, body = engine.receive(process.stdout)
        if "fault" in head:
            raise LayoutError(head["fault"])
        return Laid(body, head["starts"], head["pages"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.stop()
            command = [sys.executable, "-P", engine.__file__]
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self.process

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


_helper = _Helper()
atexit.register(lambda: _helper.stop())


def _forget() -> None:
    """After a fork the child has a helper of its own: the parent's answers are not for it."""
    global _helper
    _helper = _Helper()


os.register_at_fork(after_in_child=_forget)


def lay_out_all(documents: Sequence[Document], base: Path) -> list[Laid]:
    """Lay the documents out, in their order, on two cores where there are two; raises LayoutError.

    What comes out does not depend on which process laid a document out.
    """
    run = _Run(documents, base)
    if len(documents) > 1 and len(os.sched_getaffinity(0)) > 1:
        other = threading.Thread(target=run.elsewhere, name="papers", daemon=True)
        other.start()
        run.here()
        other.join()
    run.here()
    return [run.done[number] for number in range(len(documents))]


class _Run:
    """Documents to do, taken by this process from the front and for the other one from the back."""

    def __init__(self, documents: Sequence[Document], base: Path) -> None:
        self.documents, self.base = documents, base
        self.todo = deque(range(len(documents)))
        self.done: dict[int, Laid] = {}

    def here(self) -> None:
        """Work until nothing is left to take."""
        while self.todo:
            with contextlib.suppress(IndexError):
                number = self.todo.popleft()
                document = self.documents[number]
                self.done[number] = engine.lay_out(document.source, self.base, document.count)

    def elsewhere(self) -> None:
        """Let the second process work until nothing is left; what it could not do goes back on the list."""
        if not _helper.busy.acquire(blocking=False):
            return
        try:
            while self.todo:
                number = self.todo.pop()
                try:
                    self.done[number] = _helper.lay_out(self.documents[number], self.base)
                except (LayoutError, OSError, EOFError, ValueError) as error:
                    self.todo.append(number)
                    logger.warning("the second process did not lay a document out (%s)", type(error).__name__)
                    _helper.stop()
                    return
        finally:
            _helper.busy.release()
