"""What nonsense gets: every address and every form of the table answers junk with a page, never with a 500."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from agencies.choices import Role
from tests import access, make
from tests.access import Thing, World
from tests.journeys.hands import Form, Page, Visitor
from tests.test_access import address
from tests.ways import TABLE, Way, permitted

# Percent-encoded as a browser or an attacker would send it; the last is half of a surrogate pair, which is no UTF-8.
JUNK = [
    quote(text)
    for text in (
        # Long by its letters: a million percent signs would only time the decoder.
        "长" * 300 + "x" * 5000,
        "零\x00值",
        "-1",
        "9" * 30,
        "9" * 5000,
        "2026-13-45",
        "0001-01-01",
        "9999-12-31",
        "😀🀄" * 60,
        "1e400",
        "²٣",
        "<script>alert(1)</script>",
        "=1+1",
        "25:61",
        "",
    )
] + ["%ED%A0%80", "%FF%FE"]

# PostgreSQL keeps no such character; SQLite does.
NUL = "%00"

# What the views read beside the fields of their forms.
NAMES = (
    "q day unit year on known student giver post pick show from sort column next after before state page first last "
    "township village school stage cause group person overdue plan query name act answer why field reason part seen "
    "child class version correction_reason token sure file month kind period other answer shared user notice"
)
ASKED = NAMES.split()

ANYBODY = (
    Role.PRINCIPAL,
    Role.REGISTRAR,
    Role.TOWNSHIP_HEAD,
    Role.TOWNSHIP_OFFICER,
    Role.VILLAGE_SECRETARY,
    Role.SECURITY_ADMIN,
    Role.SYSTEM_ADMIN,
    Role.AUDIT_ADMIN,
    Role.BUREAU_HEAD,
)
# Leaving would end the walk; the demonstration's way in is closed here.
ADDRESSES = [name for name in TABLE if name not in {"agencies:logout", "agencies:demo_login"}]


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The world, with its clock at an hour of its day."""
    logging.disable(logging.CRITICAL)
    with time_machine.travel(make.moment(make.DAY, 10), tick=False):
        yield access.build()
    logging.disable(logging.NOTSET)


class Fuzz:
    """One person throwing nonsense at one address."""

    def __init__(self, world: World, name: str, way: Way) -> None:
        self.role = next(role for role in ANYBODY if permitted(role, way))
        self.client = Client(raise_request_exception=False)
        self.client.force_login(world.people[self.role])
        own = world.ours.things.get(f"{way.on}/{self.role}") or world.ours.things.get(way.on)
        self.url = address(name, way, own if isinstance(own, Thing) else None)
        self.way, self.tried = way, 0
        self.wrong: list[str] = []

    def run(self) -> list[str]:
        """Junk in the address line, in a filter, in all fields at once, and in one field of a form as offered."""
        for junk in JUNK[::2]:
            self.ask("&".join(f"{name}={junk}" for name in ASKED))
        for form in self.offered("GET"):
            for junk in JUNK:
                self.ask("&".join(f"{quote(name)}={junk}" for name, _ in form))
        fields = self.offered("POST")
        names = sorted({*ASKED, *(name for form in fields for name, _ in form)})
        for junk in JUNK[1::2]:
            self.send("&".join(f"{quote(name)}={junk}" for name in names))
        for form in fields:
            for place, (name, _) in enumerate(form[:30]):
                self.send(self.spoilt(form, name, JUNK[(place * 3 + len(name)) % len(JUNK)]))
                self.send(self.spoilt(form, name, NUL))
        return self.wrong

    def offered(self, method: str) -> list[list[tuple[str, str]]]:
        """The fields of the page's own forms of a method with what they hold."""
        if self.way.post:
            return []
        with transaction.atomic():
            answer = self.client.get(self.url)
            transaction.set_rollback(True)
        if answer.status_code != 200 or b"<form" not in answer.getvalue():
            return []
        page = Page(Visitor(""), self.url, 200, answer.headers, answer.content)
        forms = [Form(page, node) for node in page.tree.xpath("//main//form")]
        return [form.offers() for form in forms if form.node.method == method]

    @staticmethod
    def spoilt(form: list[tuple[str, str]], name: str, junk: str) -> str:
        """The form with one field replaced."""
        return "&".join(f"{quote(key)}={junk if key == name else quote(value)}" for key, value in form)

    def ask(self, query: str) -> None:
        """GET with a query."""
        separator = "&" if "?" in self.url else "?"
        self.check("GET", query, lambda: self.client.get(f"{self.url}{separator}{query}"))

    def send(self, body: str) -> None:
        """POST a body as it is, and once more as a part of a page."""
        kind = "application/x-www-form-urlencoded"
        part = {"HX-Request": "true"} if self.tried % 2 else {}
        self.check("POST", body, lambda: self.client.post(self.url, body, content_type=kind, headers=part))

    def check(self, method: str, sent: str, request: object) -> None:
        """Make the request, take its writes back, and note a 500."""
        self.tried += 1
        with transaction.atomic():
            answer = request()  # type: ignore[operator]
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            fault = repr(answer.exc_info[1]) if getattr(answer, "exc_info", None) else ""
            self.wrong.append(f"{self.role} {method} {self.url} {sent[:120]}: {fault[:200]}")


@pytest.mark.long
@pytest.mark.parametrize("name", ADDRESSES)
def test_junk_never_gets_a_500(world: World, name: str) -> None:
    fuzz = Fuzz(world, name, TABLE[name])
    fuzz.run()
    assert fuzz.tried > 0
    assert fuzz.wrong == [], "\n" + "\n".join(fuzz.wrong[:3])
