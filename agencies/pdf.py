"""Turn paper templates into PDF bytes: the only module that knows WeasyPrint and pikepdf.

A paper template is a fragment, `<section class="paper …">…</section>`, that names its page by the class;
`css/print.css` holds pages and fonts. The same input gives the same bytes, so a paper can be checked by its SHA-256.
Rendering takes one lock: Pango's font map is shared by the whole process, and one long-lived font configuration is
1.6 times faster than a new one per paper and keeps memory flat.
"""

import atexit
import importlib
import io
import logging
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
from django.template.loader import render_to_string
from django.utils.html import escape

logger = logging.getLogger("baoxue.pdf")

# Above this, one merged document's memory grows past 350 MB; the caller cuts its batch.
MERGE_LIMIT = 200

Context = Mapping[str, Any]


class RenderError(Exception):
    """A paper could not be made; names the template and the kind of fault, never the text of the paper."""


@dataclass(frozen=True, slots=True)
class Page:
    """One paper of a merged run: its template under `templates/`, the facts it shows, its title for the PDF reader."""

    template: str
    context: Context


@dataclass(frozen=True, slots=True)
class _Engine:
    html: Any
    font_config: Any
    stylesheets: tuple[Any, ...]
    fetch: Any


_lock = threading.Lock()


def render(template: str, context: Context, *, base: Path) -> bytes:
    """PDF of one paper.

    `base` is the folder of static files that holds `css/print.css` and `fonts/`; nothing outside these two is read.
    Raises RenderError.
    """
    _, written = _lay_out([Page(template, context)], base)
    return _normalised(written)


def render_many(pages: Iterable[Page], *, base: Path) -> tuple[bytes, list[bytes]]:
    """One merged PDF of up to 200 papers and each paper's own file cut out of it, in the same order.

    Laid out once: about a third of the cost of single papers. Every cut file carries the fonts of the merged one, that
    is, the glyphs used anywhere in the run, in no order. Raises ValueError above the limit, RenderError otherwise.
    """
    papers = list(pages)
    if not papers:
        raise ValueError("render_many needs at least one paper")
    if len(papers) > MERGE_LIMIT:
        raise ValueError(f"render_many takes at most {MERGE_LIMIT} papers, got {len(papers)}")
    document, written = _lay_out(papers, base)
    starts = _first_pages(document, len(papers))
    merged = _normalised(written)
    return merged, _cut(merged, [*starts, len(document.pages)])


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


def _lay_out(papers: list[Page], base: Path) -> tuple[Any, bytes]:
    names = sorted({paper.template for paper in papers})
    try:
        source = _document(papers)
        with _lock:
            engine = _engine(base.resolve())
            html = engine.html(string=source, base_url=base.resolve().as_uri() + "/", url_fetcher=engine.fetch)
            document = html.render(
                font_config=engine.font_config, stylesheets=list(engine.stylesheets), presentational_hints=True
            )
            return document, document.write_pdf()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a refused address is no Exception in WeasyPrint
        # The original message may quote the paper's text, which is personal data: only its kind goes on.
        raise RenderError(f"文书模板 {'、'.join(names)} 排版失败（{type(error).__name__}）。") from None


def _document(papers: list[Page]) -> str:
    bodies = [
        f'<div class="cut" id="paper-{number}">{render_to_string(paper.template, dict(paper.context))}</div>'
        for number, paper in enumerate(papers)
    ]
    title = escape(str(papers[0].context.get("title", "")))
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{''.join(bodies)}</body></html>"
    )


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


def _first_pages(document: Any, count: int) -> list[int]:
    starts: dict[int, int] = {}
    for index, page in enumerate(document.pages):
        for anchor in page.anchors:
            if found := re.fullmatch(r"paper-(\d+)", anchor):
                starts.setdefault(int(found[1]), index)
    ordered = [starts.get(number, -1) for number in range(count)]
    if ordered[0] != 0 or any(later <= earlier for earlier, later in pairwise(ordered)):
        raise RenderError("合并排版失败：有文书没有从新的一页开始。")
    return ordered


def _cut(merged: bytes, bounds: list[int]) -> list[bytes]:
    with pikepdf.open(io.BytesIO(merged)) as whole:
        return [_part(whole, first, last) for first, last in pairwise(bounds)]


def _part(whole: pikepdf.Pdf, first: int, last: int) -> bytes:
    with pikepdf.new() as part:
        part.pages.extend(whole.pages[first:last])
        return _saved(part)


def _normalised(written: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(written)) as whole:
        return _saved(whole)


def _saved(document: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    document.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()
