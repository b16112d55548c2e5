"""Hands and eyes of a person before a browser without script: pages read, links followed, forms filled.

Nothing is posted that no page offered: a field is found by its label, a choice by its words, a button by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html as lx
from lxml.html import FormElement, HtmlElement

PASSWORD = "Liushu-2026"
Value = str | bool | SimpleUploadedFile


def words(node: HtmlElement) -> str:
    """What a reader sees of a node, with single spaces."""
    return re.sub(r"\s+", " ", str(node.text_content())).strip()


@dataclass
class Page:
    """An answer as a person sees it."""

    visitor: Visitor
    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    _tree: HtmlElement | None = field(default=None, repr=False)

    @property
    def tree(self) -> HtmlElement:
        """The parsed page."""
        if self._tree is None:
            self._tree = lx.document_fromstring(self.content.decode() or "<p></p>")
        return self._tree

    @property
    def text(self) -> str:
        """The words of the main part."""
        main = self.tree.xpath("//main") or [self.tree]
        return words(main[0])

    def part(self, testid: str) -> str:
        """The words of a marked part; it must be there."""
        return words(self.node(testid))

    def parts(self, testid: str) -> list[str]:
        """The words of all parts of one mark."""
        return [words(node) for node in self.tree.xpath(f"//*[@data-testid='{testid}']")]

    def node(self, testid: str) -> HtmlElement:
        """A marked part."""
        found = self.tree.xpath(f"//*[@data-testid='{testid}']")
        assert found, f"{self.url} has no part “{testid}”: {self.text[:400]}"
        node: HtmlElement = found[0]
        return node

    def says(self, *sentences: str) -> Page:
        """All of these stand on the page."""
        for sentence in sentences:
            assert sentence in self.text, f"{self.url} ({self.status}) does not say “{sentence}”:\n{self.text[:3000]}"
        return self

    def links(self) -> dict[str, str]:
        """Words of each link of the main part → its address."""
        return {words(a): a.get("href") for a in self.tree.xpath("//main//a[@href]")}

    def follow(self, label: str) -> Page:
        """Press the link with these words (the first that begins with them, else that holds them)."""
        links = self.links()
        for fits in (str.startswith, str.__contains__):
            for text, url in links.items():
                if fits(text, label):
                    return self.visitor.open(urljoin(self.url, url))
        raise AssertionError(f"{self.url} has no link “{label}”, only {sorted(links)}")

    def form(self, testid: str = "", *, button: str = "", holding: str = "") -> Form:
        """A form by its mark (its own or one within), the words of its button, or the name of a field."""
        forms: list[FormElement] = self.tree.xpath("//main//form")
        if testid:
            mark = f"descendant-or-self::*[@data-testid='{testid}']"
            forms = [form for form in forms if form.xpath(mark)]
        if button:
            forms = [form for form in forms if any(button in words(b) for b in form.xpath(".//button"))]
        if holding:
            forms = [form for form in forms if form.xpath(f".//*[@name='{holding}']")]
        asked = testid or button or holding
        assert len(forms) == 1, f"{self.url}: {len(forms)} forms for “{asked}”: {self.text[:600]}"
        return Form(self, forms[0])


class Form:
    """One form of a page."""

    def __init__(self, page: Page, node: FormElement) -> None:
        self.page, self.node = page, node
        self.files: dict[str, SimpleUploadedFile] = {}

    def fill(self, values: Mapping[str, Value] | None = None, **by_name: Value) -> Form:
        """Fill fields by their labels (`values`) or names (`by_name`)."""
        for label, value in (values or {}).items():
            self._put(self._labelled(label), value)
        for name, value in by_name.items():
            self._put(self.node.xpath(f".//*[@name='{name}']"), value)
        return self

    def _labelled(self, label: str) -> list[HtmlElement]:
        """The inputs of a label."""
        for node in self.node.xpath(".//label[@for]"):
            if re.sub(r" 必填$", "", words(node)) == label or words(node).startswith(label):
                found = self.node.xpath(f".//*[@id='{node.get('for')}']")
                if found and found[0].get("type") != "radio":
                    return list(found)
        group = self.node.xpath(f".//*[@role='group'][@aria-label='{label}']//input")
        offered = [words(node) for node in self.node.xpath(".//label")]
        assert group, f"{self.page.url}: no field “{label}”, only {offered}"
        return list(group)

    def _put(self, inputs: list[HtmlElement], value: Value) -> None:
        assert inputs, f"{self.page.url}: no such field"
        first, name = inputs[0], inputs[0].get("name")
        if isinstance(value, SimpleUploadedFile):
            self.files[name] = value
        elif first.tag == "select":
            first.value = self._option(first, str(value))
        elif first.get("type") == "radio":
            self._tick(inputs, str(value))
        elif first.get("type") == "checkbox":
            first.checked = bool(value)
        elif first.tag == "textarea":
            first.value = str(value)
        else:
            first.set("value", str(value))

    def _option(self, select: HtmlElement, text: str) -> str:
        options = {words(option): option.get("value", "") for option in select.xpath(".//option")}
        for label, value in options.items():
            if text in (label, value) or label.startswith(text):
                return str(value)
        raise AssertionError(f"{self.page.url}: “{text}” is not offered, only {list(options)}")

    def _tick(self, radios: list[HtmlElement], text: str) -> None:
        for radio in radios:
            radio.attrib.pop("checked", None)
        for radio in radios:
            label = self.node.xpath(f".//label[@for='{radio.get('id')}']") or radio.xpath("ancestor::label[1]")
            if text in {radio.get("value"), radio.get("aria-label"), words(label[0]) if label else None}:
                radio.set("checked", "")
                return
        raise AssertionError(f"{self.page.url}: “{text}” is not offered")

    def values(self) -> list[tuple[str, str]]:
        """What a browser would send: enabled fields with a name, ticked boxes, chosen options."""
        found = []
        for node in self.node.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]"):
            name, kind = node.get("name"), node.get("type", "")
            if node.get("disabled") is not None or node.xpath("ancestor::fieldset[@disabled]"):
                continue
            if node.tag == "textarea":
                found.append((name, node.text or ""))
            elif node.tag == "select":
                found += [(name, str(node.value))] if node.value is not None else []
            elif kind in {"radio", "checkbox"}:
                found += [(name, node.get("value", "on"))] if node.get("checked") is not None else []
            elif kind not in {"file", "submit", "button", "image"}:
                found.append((name, node.get("value", "")))
        return found

    def offers(self) -> list[tuple[str, str]]:
        """Every field once with what it would send, those not ticked and the file fields too."""
        names = dict.fromkeys(str(node.get("name")) for node in self.node.xpath(".//*[@name]"))
        return list({**dict.fromkeys(names, ""), **dict(self.values())}.items())

    def send(self, button: str = "") -> Page:
        """Press the button (its name and value go along)."""
        data = self.values()
        for node in self.node.xpath(".//button[@name]"):
            if button and button in words(node):
                data.append((node.get("name"), node.get("value", "")))
        action = self.node.get("action") or ""
        for node in self.node.xpath(".//button[@formaction]"):
            if button and button in words(node):
                action = node.get("formaction")
        url = urljoin(self.page.url, action)
        fields: dict[str, Any] = {}
        for name, value in data:
            fields.setdefault(name, []).append(value)
        if self.node.method == "GET":
            return self.page.visitor.open(url, fields)
        return self.page.visitor.post(url, {**fields, **self.files})


class Visitor:
    """A person with a browser of his own, signed in through the login page."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.client = Client()
        self.first: Page | None = None

    def sign_in(self) -> Page:
        """Through the login page, as on every morning."""
        self.client = Client()
        login = self.open("/login/")
        self.first = login.form("login").fill(username=self.username, password=PASSWORD).send()
        assert self.first.status == 200, self.first.text
        assert not self.first.url.startswith("/login"), self.first.text
        return self.first

    def open(self, url: str, data: Mapping[str, Any] | None = None) -> Page:
        """Type an address."""
        return self._page(url, self.client.get(url, dict(data or {}), follow=True))

    def post(self, url: str, data: Mapping[str, Any]) -> Page:
        """Send a form and follow where it leads."""
        return self._page(url, self.client.post(url, dict(data), follow=True))

    def _page(self, url: str, answer: Any) -> Page:
        if answer.redirect_chain:
            url = answer.redirect_chain[-1][0]
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code < 500, url
        return Page(self, url, answer.status_code, answer.headers, content)
