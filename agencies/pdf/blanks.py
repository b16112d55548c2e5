"""Blanks: what is the same on the pages of many papers, laid out once and put under each as one form XObject.

A template that finds `sharing` in its context may write a page's common part between `<!--blank-->` and
`<!--/blank-->`, as a section of one page, and after it only the page's own words, in their places. Equal blanks are
one. A text that would not stand in its place must not come this way: the template then writes the page whole.
"""

import copy
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pikepdf

from agencies.pdf.engine import Laid, LayoutError
from agencies.pdf.saving import saved

SHARING = "sharing"
_BLANK = re.compile(r"<!--blank-->(.*?)<!--/blank-->", re.DOTALL)
_NAME = "/Blank"


@dataclass(frozen=True, slots=True)
class Taken:
    """Papers without their blanks, each different blank once, and for every page over a blank that blank's place."""

    papers: list[str]
    blanks: list[str]
    over: list[int]


def take_out(papers: Iterable[str], mark: Callable[[int], str]) -> Taken:
    """Take the blanks out of papers' HTML; in the place of the first stands `mark(0)`, of the second `mark(1)` …"""
    places: dict[str, int] = {}
    over: list[int] = []

    def leave(found: re.Match[str]) -> str:
        over.append(places.setdefault(found[1], len(places)))
        return mark(len(over) - 1)

    left = [_BLANK.sub(leave, paper) for paper in papers]
    return Taken(left, list(places), over)


def put_under(laid: Laid, papers: int, over: Sequence[int]) -> Laid:
    """Put the blanks under their pages and take the blanks' own pages, the last of the document, out of it.

    `laid` has the marks of `papers` papers, then of the pages over a blank, then of the blanks. Raises LayoutError
    where a blank is not one page.
    """
    if not over:
        return laid
    starts, pages, blanks = laid.starts[:papers], laid.starts[papers:][: len(over)], laid.starts[papers + len(over) :]
    if -1 in pages or blanks != list(range(laid.pages - len(blanks), laid.pages)):
        raise LayoutError("BlankSize")
    with pikepdf.open(io.BytesIO(laid.pdf)) as whole:
        forms = [whole.make_indirect(whole.pages[page].as_form_xobject()) for page in blanks]
        drawn = whole.make_stream(f"q {_NAME} Do Q\n".encode())
        for page, blank in zip(pages, over, strict=True):
            _put(whole.pages[page], forms[blank], drawn)
        del whole.pages[blanks[0] :]
        return Laid(saved(whole), starts, blanks[0])


def _put(page: pikepdf.Page, form: pikepdf.Object, drawn: pikepdf.Object) -> None:
    """Draw the form before all else, by resources of the page's own: all pages of WeasyPrint share one dictionary."""
    resources = copy.copy(page.Resources)
    resources.XObject = pikepdf.Dictionary({**dict(page.Resources.get("/XObject", {}).items()), _NAME: form})
    page.obj.Resources = resources
    page.obj.Contents = pikepdf.Array([drawn, page.obj.Contents])
