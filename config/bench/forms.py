"""Reads a page's form as a browser would send it untouched."""

from __future__ import annotations

import re
from html.parser import HTMLParser

UNSENT = {"submit", "button", "reset", "file", "image"}


class _Form(HTMLParser):
    """Collects the controls of the first form whose id (or any, if none asked) fits."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.inside, self.done = wanted, False, False
        self.sent: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form opens, or a control of it."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.done:
            self.inside = self.wanted in said.get("id", "")
        elif self.inside and tag == "input":
            self._control(said)

    def handle_endtag(self, tag: str) -> None:
        """The form closes."""
        if tag == "form" and self.inside:
            self.inside, self.done = False, True

    def _control(self, said: dict[str, str]) -> None:
        kind, name = said.get("type", "text"), said.get("name", "")
        if not name or "disabled" in said or kind in UNSENT:
            return
        if kind not in ("radio", "checkbox") or "checked" in said:
            self.sent.append((name, said.get("value", "on" if kind in ("radio", "checkbox") else "")))


def form_of(page: str, form_id: str = "") -> dict[str, list[str]]:
    """Name → values of a form as it stands in the page."""
    reader = _Form(form_id)
    reader.feed(page)
    sent: dict[str, list[str]] = {}
    for name, value in reader.sent:
        sent.setdefault(name, []).append(value)
    return sent


def with_absent(sent: dict[str, list[str]], reasons: tuple[str, ...]) -> dict[str, list[str]]:
    """The form of a class with its first children marked absent; the page's script leaves out the unchanged ones."""
    children = [name.removeprefix("reason-") for name in sent if re.fullmatch(r"reason-\d+", name)]
    marked = dict(zip(children, reasons, strict=False))
    unchanged = set(children) - set(marked)
    kept = {name: values for name, values in sent.items() if name.rpartition("-")[2] not in unchanged}
    return {**kept, "child": list(marked), **{f"reason-{pk}": [reason] for pk, reason in marked.items()}}
