"""A real Chromium for the tests of this folder: phone and desktop pages on a live server, no complaint unheard."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from agencies.models import User
from tests.browser.screens import ARGUMENTS, DESKTOP, HEIGHTS, PHONE

__all__ = ["DESKTOP", "PHONE"]

# Playwright's synchronous calls keep an event loop in this thread; Django would refuse its database to it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test and may lean on a database that other processes see."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, headless=True, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, live_server: object) -> Iterator[Callable[[int], Page]]:
    """Opens a page of the given width in a context of its own; script errors and refused content fail the test."""
    contexts, complaints = [], []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )

    def new(width: int) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 800)},
            base_url=str(live_server),
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=width == PHONE,
        )
        contexts.append(context)
        context.on("page", listen)
        return context.new_page()

    yield new
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, user: User) -> None:
    """Put this person's session into the page's browser, as if signed in before."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.goto("/login/")
    page.context.clear_cookies()
    root = page.url.replace("/login/", "/")
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": root}])


def sideways_scroll(page: Page) -> int:
    """Pixels the page is wider than its window; 0 is what every page must have."""
    # The words of a page can be there before its styles are.
    page.wait_for_load_state("load")
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
