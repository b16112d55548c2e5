"""Every page of the product as every role meets it, in a real Chromium: it fits, and a screen reader can use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from agencies.choices import Role
from tests import access, make
from tests.access import World
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.test_access import address
from tests.ways import TABLE, permitted

# Pages that are files, parts of pages, or only lead on.
NOT_PAGES = {
    "agencies:login",
    "agencies:job_file",
    "students:roll_suggest",
    "students:import_template",
    "students:import_faulty",
    "students:proof",
    "students:proof_small",
    "cases:plan_pdf",
    "notices:pdf",
    "notices:report_pdf",
    "notices:ledger_file",
}
# Between them these open every page; the fewest people keep the walk short.
WALKERS = (
    Role.CLASS_TEACHER,
    Role.PRINCIPAL,
    Role.REGISTRAR,
    Role.VILLAGE_SECRETARY,
    Role.TOWNSHIP_OFFICER,
    Role.TOWNSHIP_HEAD,
    Role.INSPECTOR,
    Role.SECURITY_ADMIN,
    Role.SYSTEM_ADMIN,
    Role.AUDIT_ADMIN,
    Role.BUREAU_HEAD,
)
SERIOUS = {"serious", "critical"}


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """The world of the access table, with its clock going on from an hour of its day."""
    with time_machine.travel(make.moment(make.DAY, 10), tick=True):
        yield access.build()


def pages_of(world: World, role: Role, seen: set[str]) -> Iterator[tuple[str, str]]:
    """The addresses this role opens and nobody before it did."""
    for name, way in TABLE.items():
        if way.post or name in NOT_PAGES or name in seen or not permitted(role, way):
            continue
        thing = world.ours.things.get(f"{way.on}/{role}") or world.ours.things.get(way.on)
        if (
            thing is None
            or thing.owner is not None
            or any(not p or p.startswith(world.posts(role)) for p in thing.paths)
        ):
            yield name, address(name, way, thing)


def test_every_page_fits_a_phone_and_serves_a_screen_reader(open_page: Callable[[int], Page], world: World) -> None:
    seen: set[str] = set()
    wrong: list[str] = []
    axe = Axe()
    for role in WALKERS:
        page = open_page(PHONE)
        sign_in(page, world.people[role])
        for name, url in pages_of(world, role, seen):
            answer = page.goto(url)
            assert answer is not None
            if answer.status != 200:
                continue
            seen.add(name)
            if wide := sideways_scroll(page):
                wrong.append(f"{name} {url}: {wide} px too wide for a phone")
            found = axe.run(page).response["violations"]
            for fault in found:
                if fault["impact"] in SERIOUS:
                    wrong.append(f"{name} {url}: {fault['id']}: {fault['nodes'][0]['html'][:160]}")
    missing = {name for name, way in TABLE.items() if not way.post} - seen - NOT_PAGES
    assert wrong == [], "\n" + "\n".join(wrong)
    assert missing == set(), "no walker opened these"


def test_nothing_to_tap_is_too_small_for_a_thumb(open_page: Callable[[int], Page], world: World) -> None:
    """Buttons and links that stand as buttons are at least 44 px high where people work with a thumb."""
    small: list[str] = []
    for role, url in (
        (Role.CLASS_TEACHER, "/roll/"),
        (Role.VILLAGE_SECRETARY, "/today/"),
        (Role.VILLAGE_SECRETARY, f"/cases/{world.ours.case.pk}/"),
        (Role.VILLAGE_SECRETARY, f"/cases/{world.ours.case.pk}/events/village_verification/"),
    ):
        page = open_page(PHONE)
        sign_in(page, world.people[role])
        page.goto(url)
        small += page.evaluate(
            """() => Array.from(document.querySelectorAll("main .btn, main button, main summary, [data-chip]"))
            .map(e => [e, e.getBoundingClientRect().height])
            .filter(([e, high]) => e.offsetParent && high < 43.5)
            .map(([e, high]) => `${location.pathname} ${e.textContent.trim().slice(0, 20)} ${high}`)
            """
        )
    assert small == []


def test_wide_screens_are_not_wider_than_the_window(open_page: Callable[[int], Page], world: World) -> None:
    """Nor do they keep from a screen reader, or from the keyboard, what only shows there: a table to scroll."""
    page = open_page(DESKTOP)
    sign_in(page, world.people[Role.BUREAU_HEAD])
    case, axe = world.ours.case.pk, Axe()
    for url in (
        "/dashboard/",
        "/cases/",
        f"/cases/{case}/",
        "/papers/",
        "/ledgers/",
        "/ledgers/master/",
        "/calendar/",
    ):
        page.goto(url)
        assert sideways_scroll(page) == 0, url
        found = [fault["id"] for fault in axe.run(page).response["violations"] if fault["impact"] in SERIOUS]
        assert found == [], url
