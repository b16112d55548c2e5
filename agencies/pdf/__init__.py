"""Turn paper templates into PDF bytes; WeasyPrint is known to `engine` only, the second process to `helper`.

A paper template is a fragment, `<section class="paper …">…</section>`, that names its page by the class;
`css/print.css` holds pages and fonts. The same input gives the same bytes, so a paper can be checked by its SHA-256.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
from django.template.loader import render_to_string
from django.utils.html import escape

from agencies.pdf import blanks, engine, helper
from agencies.pdf.engine import Laid, problems
from agencies.pdf.saving import saved

__all__ = [
    "MERGE_LIMIT",
    "Page",
    "RenderError",
    "UnreadablePdfError",
    "page_count",
    "problems",
    "render",
    "render_many",
]

# Above this the merged file and all cut ones together grow past what a job should hold; the caller cuts its batch.
MERGE_LIMIT = 200
# Papers laid out together: fewer share less, more hold more memory and divide worse between two processes.
TOGETHER = 25
# The mark of a PDF's end stands within so many bytes of it.
_PDF_TAIL = 2048

Context = Mapping[str, Any]


class RenderError(Exception):
    """A paper could not be made; names the template and the kind of fault, never the text of the paper."""


class UnreadablePdfError(Exception):
    """A PDF of somebody else's is cut short, broken or (`locked`) asks for a password."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__("locked" if locked else "broken")
        self.locked = locked


@dataclass(frozen=True, slots=True)
class Page:
    """One paper of a merged run: its template under `templates/`, and the facts it shows (`title` among them)."""

    template: str
    context: Context


def render(template: str, context: Context, *, base: Path) -> bytes:
    """PDF of one paper.

    `base` is the folder of static files that holds `css/print.css` and `fonts/`; nothing outside these two is read.
    Raises RenderError.
    """
    (laid,) = _lay_out([[Page(template, context)]], base)
    return _normalised(laid.pdf)


def render_many(pages: Iterable[Page], *, base: Path) -> tuple[bytes, list[bytes]]:
    """One merged PDF of up to 200 papers and each paper's own file cut out of it, in the same order.

    Laid out in groups that share styles and fonts, two groups at a time: less than half the cost of single papers.
    Every cut file carries the fonts of its group, that is, the glyphs used anywhere in it, in no order. Raises
    ValueError above the limit, RenderError otherwise.
    """
    papers = list(pages)
    if not papers:
        raise ValueError("render_many needs at least one paper")
    if len(papers) > MERGE_LIMIT:
        raise ValueError(f"render_many takes at most {MERGE_LIMIT} papers, got {len(papers)}")
    groups = _lay_out(_groups(papers), base)
    parts = [part for laid in groups for part in _cut(laid)]
    return _joined(groups), parts


def _groups(papers: list[Page]) -> list[list[Page]]:
    """The papers in as few groups as may be, of nearly the same size: it depends on their number only."""
    count = -(-len(papers) // TOGETHER)
    bounds = [len(papers) * number // count for number in range(count + 1)]
    return [papers[first:last] for first, last in pairwise(bounds)]


def _lay_out(groups: list[list[Page]], base: Path) -> list[Laid]:
    names = "、".join(sorted({paper.template for group in groups for paper in group}))
    try:
        made = [document(papers) for papers in groups]
        laid = helper.lay_out_all([source for source, _ in made], base)
        return [
            blanks.put_under(one, len(papers), over) for one, papers, (_, over) in zip(laid, groups, made, strict=True)
        ]
    except engine.LayoutError as error:
        raise RenderError(f"文书模板 {names} 排版失败（{error}）。") from None
    except Exception as error:
        # The original message may quote the paper's text, which is personal data: only its kind goes on.
        raise RenderError(f"文书模板 {names} 排版失败（{type(error).__name__}）。") from None


def document(papers: list[Page]) -> tuple[helper.Document, list[int]]:
    """The papers as one HTML document, each with a mark that tells where it begins, and what lies over a blank.

    The mark is an empty block within the paper: an id on what holds the paper would give each paper styles of its own,
    which are then computed as often as there are papers. The blanks follow the papers.
    """
    sharing = {blanks.SHARING: len(papers) > 1}
    bodies = [render_to_string(paper.template, {**paper.context, **sharing}) for paper in papers]
    taken = blanks.take_out(bodies, lambda number: _mark(len(papers) + number))
    first = len(papers) + len(taken.over)
    marked = [_begun(body, number) for number, body in enumerate(taken.papers)]
    marked += [_begun(blank, number) for number, blank in enumerate(taken.blanks, start=first)]
    title = escape(str(papers[0].context.get("title", "")))
    source = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{''.join(marked)}</body></html>"
    )
    return helper.Document(source, len(marked) + len(taken.over)), taken.over


def _begun(body: str, number: int) -> str:
    return f'<div class="cut">{body.replace(">", f">{_mark(number)}", 1)}</div>'


def _mark(number: int) -> str:
    return f'<div id="{engine.MARK}{number}"></div>'


def _cut(laid: Laid) -> list[bytes]:
    starts = laid.starts
    if starts[0] != 0 or any(later <= earlier for earlier, later in pairwise(starts)):
        raise RenderError("合并排版失败：有文书没有从新的一页开始。")
    with pikepdf.open(io.BytesIO(laid.pdf)) as whole:
        return [_part(whole, first, last) for first, last in pairwise([*starts, laid.pages])]


def _part(whole: pikepdf.Pdf, first: int, last: int) -> bytes:
    with pikepdf.new() as part:
        part.pages.extend(whole.pages[first:last])
        return saved(part)


def _joined(groups: list[Laid]) -> bytes:
    with pikepdf.open(io.BytesIO(groups[0].pdf)) as whole:
        for laid in groups[1:]:
            with pikepdf.open(io.BytesIO(laid.pdf)) as more:
                whole.pages.extend(more.pages)
        return saved(whole)


def _normalised(written: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(written)) as whole:
        return saved(whole)


def page_count(source: BinaryIO) -> int:
    """Pages of a PDF that came from outside; UnreadablePdfError where it is cut short or cannot be opened.

    Small faults that every reader mends, as scanning apps leave them, are let pass.
    """
    source.seek(0, io.SEEK_END)
    source.seek(max(0, source.tell() - _PDF_TAIL))
    if b"%%EOF" not in source.read(_PDF_TAIL):
        raise UnreadablePdfError(locked=False)
    source.seek(0)
    try:
        with pikepdf.open(source) as document:
            return len(document.pages)
    except pikepdf.PasswordError as error:
        raise UnreadablePdfError(locked=True) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UnreadablePdfError(locked=False) from error
