"""A small school seen through its pages: people signed in, what a class page shows, what it sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import time_machine
from django.test import Client

from agencies.choices import Role
from agencies.models import Unit
from students.models import Student
from tests import make
from tests.kept import kept


@dataclass(frozen=True)
class House:
    """One township with a village, a school of one class, and its sister township with the same."""

    county: Unit
    township: Unit
    village: Unit
    school: Unit
    school_class: Unit
    other_school: Unit
    other_class: Unit


@kept
def house() -> House:
    """Two townships of one county, each with a school and a class; the plan in force is the county's."""
    county = make.county()
    make.plan(county)
    township, other = make.township(county), make.township(county, "石桥镇")
    school = make.school(township)
    other_school = make.school(other, "石桥中心学校", code="2199010002")
    return House(
        county=county,
        township=township,
        village=make.village(township),
        school=school,
        school_class=make.school_class(school),
        other_school=other_school,
        other_class=make.school_class(other_school),
    )


def signed_in(role: Role, at: Unit, name: str = "") -> Client:
    """A client signed in as somebody with one post."""
    client = Client()
    client.force_login(make.person(role, at, name))
    return client


@contextmanager
def clock_at(day: date = make.DAY, hour: int = 8, minute: int = 10) -> Iterator[datetime]:
    """The county's clock stands still at a moment of a day."""
    moment = make.moment(day, hour, minute)
    with time_machine.travel(moment, tick=False):
        yield moment


def text_of(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


@dataclass
class ClassPage:
    """A class page as a teacher holds it open: what it showed, and what is marked since."""

    client: Client
    url: str
    html: str
    marks: dict[int, tuple[str, str, str]]
    seen: dict[int, str]

    def mark(self, student: Student, reason: str, part: str = "day", note: str = "") -> None:
        """Tap a reason; the empty one is 到校."""
        self.marks[student.pk] = (reason, part, note)

    def sent(self, *, everything: bool = False, **extra: str) -> dict[str, Any]:
        """What the form sends: changed children only, or all of them as a browser without script does."""
        ids = list(self.seen) if everything else list(self.marks)
        data: dict[str, Any] = {"version": found(self.html, r'name="version" value="(\d+)"'), "child": ids, **extra}
        for pk in ids:
            reason, part, note = self.marks.get(pk) or _parts(self.seen[pk])
            data |= {
                f"seen-{pk}": self.seen.get(pk, ""),
                f"reason-{pk}": reason,
                f"part-{pk}": part,
                f"note-{pk}": note,
            }
        return data

    def save(self, *, everything: bool = False, **extra: str) -> Any:
        """Press the button."""
        return self.client.post(self.url, self.sent(everything=everything, **extra))


def _parts(seen: str) -> tuple[str, str, str]:
    reason, _, rest = seen.partition(":")
    part, _, note = rest.partition(":")
    return reason, part or "day", note


def found(html: str, pattern: str) -> str:
    """The first group of a pattern that must be there."""
    match = re.search(pattern, html)
    assert match, pattern
    return match[1]


def open_class(client: Client, school_class: Unit, day: date | None = None) -> ClassPage:
    """Open a class page and read what it shows."""
    url = f"/roll/{school_class.pk}/" + (f"?day={day.isoformat()}" if day else "")
    return page_of(client, url, text_of(client.get(url)))


def page_of(client: Client, url: str, html: str) -> ClassPage:
    """A class page out of an answer."""
    seen = {int(pk): value for pk, value in re.findall(r'name="seen-(\d+)" value="([^"]*)"', html)}
    return ClassPage(client, url, html, {}, seen)
