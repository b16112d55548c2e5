"""Every address × every role: one's own object opens, a stranger's is not there, a missing permission is refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agencies.choices import Permission, Role, UnitKind
from agencies.rules.roles import PERMISSIONS
from agencies.scope import Actor
from tests import access, make
from tests.access import Thing, World
from tests.test_fields import our_models
from tests.ways import TABLE, Way, permitted

# An answer to an empty form of somebody who may send it: shown again, led on, refused in words or by the case.
ANSWERS_TO_EMPTY = {200, 302, 400, 403, 404, 409}


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """The names of all addresses."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name or entry.pattern}"
        else:
            yield from names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)


def test_every_address_is_listed() -> None:
    assert set(names(get_resolver())) - set(TABLE) == set(), "add these to tests/ways.py: TABLE"


def test_no_address_is_listed_that_is_gone() -> None:
    assert set(TABLE) - set(names(get_resolver())) == set()


def address(name: str, way: Way, thing: Thing | None) -> str:
    """The address of a way to an object."""
    kwargs = dict(way.kwargs)
    if thing is None:
        return reverse(name, kwargs=kwargs)
    if way.given.startswith("?"):
        return f"{reverse(name, kwargs=kwargs)}{way.given}={thing.pk}"
    return reverse(name, kwargs={**kwargs, way.given: thing.pk})


class Walk:
    """One walk through the table as one role."""

    def __init__(self, world: World, role: Role) -> None:
        self.world, self.role = world, role
        self.client = Client(raise_request_exception=False)
        self.client.force_login(world.people[role])
        self.path = world.posts(role)
        self.tried = 0
        self.wrong: list[str] = []

    def reaches(self, thing: Thing) -> bool:
        """Whether the object lies under the role's unit, or is its own."""
        if thing.owner is not None:
            return thing.owner == self.world.people[self.role].pk
        return not thing.paths or any(path.startswith(self.path) or not path for path in thing.paths)

    def hidden(self, thing: Thing | None) -> bool:
        """Whether there is an object and the role cannot reach it."""
        return thing is not None and not self.reaches(thing)

    def things(self, way: Way) -> list[Thing | None]:
        """Objects of our place and the sister's; a person's own ones too."""
        if not way.on:
            return [None]
        mine = self.world.ours.things.get(f"{way.on}/{self.role}")
        places = [self.world.ours, self.world.sister]
        if self.path == self.world.ours.units[UnitKind.COUNTY].path:
            # Whoever sees the whole county still sees nothing of the next one.
            places.append(self.world.far)
        return [*([mine] if mine else []), *(place.things[way.on] for place in places)]

    def expected(self, way: Way, thing: Thing | None) -> set[int]:
        """What a GET should meet."""
        if not permitted(self.role, way):
            # What is asked first, the method, the permission or the object, tells nothing.
            return {403} | ({405} if way.post else set()) | ({404} if self.hidden(thing) else set())
        if way.post:
            return {405}
        return {404} if self.hidden(thing) else set(way.own)

    def send(self, method: str, url: str) -> Any:
        """One request whose writes are taken back; returns the answer."""
        self.tried += 1
        with transaction.atomic():
            answer = self.client.get(url) if method == "GET" else self.client.post(url, {})
            transaction.set_rollback(True)
        return answer

    def try_one(self, name: str, way: Way, thing: Thing | None) -> None:
        """GET and empty POST of one address on one object."""
        url, wanted = address(name, way, thing), self.expected(way, thing)
        answer = self.send("GET", url)
        self.check("GET", url, answer, wanted)
        self.look(url, answer)
        if name == "agencies:logout":
            return
        if not permitted(self.role, way):
            allowed = {403, 405} | ({404} if self.hidden(thing) else set())
        elif self.hidden(thing):
            allowed = {404, 405}
        else:
            allowed = ANSWERS_TO_EMPTY | {405}
        self.check("POST", url, self.send("POST", url), allowed)

    def check(self, method: str, url: str, answer: Any, wanted: set[int]) -> None:
        """Note a wrong answer."""
        if answer.status_code not in wanted:
            fault = repr(answer.exc_info[1]) if getattr(answer, "exc_info", None) else ""
            self.wrong.append(f"{self.role} {method} {url}: {answer.status_code}, not {sorted(wanted)} {fault}")

    def look(self, url: str, answer: Any) -> None:
        """No page of ours shows a whole ID number, nor a child's name to somebody who may not see it."""
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            return
        html = answer.content.decode()
        for place in (self.world.ours, self.world.sister, self.world.far):
            if place.document in html:
                self.wrong.append(f"{self.role} GET {url}: shows the ID number {place.document}")
            may = Permission.SEE_NAMES in PERMISSIONS[self.role] and self.reaches(place.things["child"])
            if place.child.name in html and not may:
                self.wrong.append(f"{self.role} GET {url}: names {place.child.name}")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The world, with its clock at an hour of its day."""
    logging.disable(logging.CRITICAL)  # thousands of refusals are what this walk is for
    with time_machine.travel(make.moment(make.DAY, 10), tick=False):
        yield access.build()
    logging.disable(logging.NOTSET)


@pytest.mark.long
@pytest.mark.parametrize("role", Role, ids=str)
def test_every_address_for_every_role(world: World, role: Role, capsys: pytest.CaptureFixture[str]) -> None:
    walk = Walk(world, role)
    for name, way in TABLE.items():
        for thing in walk.things(way):
            walk.try_one(name, way, thing)
            if not permitted(role, way):
                break
    with capsys.disabled():
        print(f"\n{len(TABLE)} addresses as {role}: {walk.tried} requests tried")  # noqa: T201
    assert walk.tried >= 2 * len(TABLE) - 1
    assert walk.wrong == [], "\n" + "\n".join(walk.wrong)


def test_a_stranger_is_led_to_the_login_page(world: World) -> None:
    client = Client()
    for name, way in TABLE.items():
        url = address(name, way, world.ours.things[way.on] if way.on else None)
        for answer in (client.get(url), client.post(url, {})):
            if not way.public:
                led = answer.status_code == 302 and answer["Location"].startswith(reverse("agencies:login"))
                assert led or answer.status_code == 405, f"{name}: {answer.status_code}"
            assert answer.status_code < 500, name


def test_a_person_without_a_post_sees_no_row_of_any_model(world: World) -> None:
    nobody = Actor(name="无岗", user_id=-1)
    for model in our_models():
        manager: Any = model._default_manager
        if not hasattr(manager, "visible_to"):
            continue
        rows: models.QuerySet[Any] = manager.visible_to(nobody, Permission.VIEW_CHILD)
        assert rows.count() == 0, model
