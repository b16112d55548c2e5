"""Forms in a real browser: what was typed outlives an expired sign-in, and only for whoever typed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from agencies.choices import Role
from tests import access, make
from tests.access import World
from tests.browser.conftest import PHONE, sign_in

SAID = "父亲说孩子随舅舅去了外地，下周回来"


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    with time_machine.travel(make.moment(make.DAY, 10), tick=True):
        yield access.build()


def typed_after_the_session_ended(page: Page, world: World) -> str:
    """Address of a note that was typed, and sent when the sign-in was no longer good."""
    url = f"/cases/{world.ours.case.pk}/events/note/"
    page.goto(url)
    page.locator("main textarea").fill(SAID)
    page.context.clear_cookies(name="sessionid")
    page.get_by_test_id("submit").click()
    page.wait_for_url("**/login/**")
    return url


def test_a_record_sent_after_the_sign_in_expired_is_found_again(
    open_page: Callable[[int], Page], world: World
) -> None:
    page = open_page(PHONE)
    sign_in(page, world.people[Role.VILLAGE_SECRETARY])
    url = typed_after_the_session_ended(page, world)
    sign_in(page, world.people[Role.VILLAGE_SECRETARY])
    page.goto(url)
    expect(page.locator("main textarea")).to_have_value(SAID)
    expect(page.locator("#flash")).to_contain_text("已找回您填写的内容")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("flash")).to_contain_text("已登记")
    page.goto(url)
    expect(page.locator("main textarea")).to_have_value("")


def test_somebody_else_at_the_same_browser_finds_nothing(open_page: Callable[[int], Page], world: World) -> None:
    page = open_page(PHONE)
    sign_in(page, world.people[Role.VILLAGE_SECRETARY])
    url = typed_after_the_session_ended(page, world)
    sign_in(page, world.people[Role.GRID_WORKER])
    page.goto(url)
    expect(page.locator("main textarea")).to_have_value("")
