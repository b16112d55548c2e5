"""Lays papers out with WeasyPrint: the only module that knows it; also the program of the second process.

Knows no Django, so that the second process is up as soon as WeasyPrint is. Rendering takes one lock: Pango's font map
is shared by the whole process, and one long-lived font configuration is 1.6 times faster than a new one per paper and
keeps memory flat.
"""

import atexit
import gc
import importlib
import json
import logging
import os
import re
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

logger = logging.getLogger("baoxue.pdf")

# Papers of a merged run carry this mark with their number; see `agencies.pdf.document`.
MARK = "paper-"
# The second process gives its memory back after so many seconds without work.
IDLE = 600


class LayoutError(Exception):
    """The document could not be laid out; the message is the kind of fault, never the text of a paper."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A document as PDF, the page (from 0) each marked paper begins on, -1 where it begins nowhere, and all pages."""

    pdf: bytes
    starts: list[int]
    pages: int


@dataclass(frozen=True, slots=True)
class _Engine:
    html: Any
    font_config: Any
    stylesheets: tuple[Any, ...]
    fetch: Any


_lock = threading.Lock()


def lay_out(source: str, base: Path, count: int) -> Laid:
    """Lay out an HTML document with `count` marked papers; `base` holds `css/print.css` and `fonts/`.

    Raises LayoutError.
    """
    try:
        with _lock, _collector_resting():
            return _laid(source, base.resolve(), count)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a refused address is no Exception in WeasyPrint
        # The original message may quote the paper's text, which is personal data: only its kind goes on.
        raise LayoutError(type(error).__name__) from None


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Boxes and styles live until the document is written: looking for garbage among them is a sixth of the work."""
    resting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if resting:
            gc.enable()


def _laid(source: str, base: Path, count: int) -> Laid:
    engine = _engine(base)
    html = engine.html(string=source, base_url=base.as_uri() + "/", url_fetcher=engine.fetch)
    document = html.render(
        font_config=engine.font_config, stylesheets=list(engine.stylesheets), presentational_hints=True
    )
    return Laid(document.write_pdf(), _starts(document, count), len(document.pages))


def _starts(document: Any, count: int) -> list[int]:
    found: dict[int, int] = {}
    for index, page in enumerate(document.pages):
        for anchor in page.anchors:
            if marked := re.fullmatch(MARK + r"(\d+)", anchor):
                found.setdefault(int(marked[1]), index)
    return [found.get(number, -1) for number in range(count)]


def problems() -> list[str]:
    """What a start-up check must report: each a sentence with its remedy; empty when all is well."""
    try:
        ffi = importlib.import_module("weasyprint.text.ffi")
    except (ImportError, OSError) as error:
        name = type(error).__name__
        return [f"PDF 组件无法加载（{name}）。请安装系统包 libpango-1.0-0 与 libpangoft2-1.0-0。"]
    if not ffi.harfbuzz_subset:
        return [
            "缺少系统库 libharfbuzz-subset0，生成 PDF 会慢 20 倍以上。请安装：apt-get install -y libharfbuzz-subset0。"
        ]
    return []


@lru_cache(maxsize=4)
def _engine(base: Path) -> _Engine:
    """WeasyPrint with our fonts and styles, loaded at first use: the import alone costs a second of CPU time."""
    _listen()
    weasyprint = importlib.import_module("weasyprint")
    urls = importlib.import_module("weasyprint.urls")
    fonts = importlib.import_module("weasyprint.text.fonts")
    font_config = fonts.FontConfiguration()
    fetch = _fetcher(base, urls)
    style = weasyprint.CSS(filename=str(base / "css" / "print.css"), font_config=font_config, url_fetcher=fetch)
    return _Engine(weasyprint.HTML, font_config, (style,), fetch)


# Fonts are given back while WeasyPrint is still whole, not in the ruins of a closing interpreter.
atexit.register(_engine.cache_clear)


def _fetcher(base: Path, urls: Any) -> Any:
    allowed = (base / "css", base / "fonts")

    def fetch(_self: Any, url: str, _headers: Any = None) -> Any:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme != "file" or parts.netloc or not any(path.is_relative_to(folder) for folder in allowed):
            raise ValueError("papers read only their own styles and fonts")
        return urls.URLFetcherResponse(url, path.read_bytes())

    # A class made here, because its base exists only once WeasyPrint is loaded. A refused address stops the paper.
    return type("OwnFilesOnly", (urls.URLFetcher,), {"fetch": fetch})(fail_on_errors=True)


class _Forward(logging.Handler):
    """Hands WeasyPrint's warnings to our logger, without long quotations."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.log(record.levelno, "weasyprint: %.200s", record.getMessage())


def _listen() -> None:
    theirs = logging.getLogger("weasyprint")
    if not any(isinstance(handler, _Forward) for handler in theirs.handlers):
        theirs.addHandler(_Forward(level=logging.WARNING))
        theirs.propagate = False


def send(stream: IO[bytes], head: dict[str, Any], body: bytes) -> None:
    """One message between the two processes: a line of JSON, then as many bytes as it says under `size`."""
    stream.write(json.dumps({**head, "size": len(body)}).encode() + b"\n" + body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """The next message; raises EOFError where the other side has gone."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head: dict[str, Any] = json.loads(line)
    body = stream.read(head["size"])
    if len(body) < head["size"]:
        raise EOFError
    return head, body


def serve() -> None:
    """Lay out what comes in on standard input until it closes or nothing has come for a while."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    while select.select([sys.stdin.buffer], [], [], IDLE)[0]:
        try:
            head, body = receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            laid = lay_out(body.decode(), Path(head["base"]), head["count"])
        except LayoutError as error:
            send(answers, {"fault": str(error)}, b"")
        else:
            send(answers, {"starts": laid.starts, "pages": laid.pages}, laid.pdf)


if __name__ == "__main__":
    serve()
