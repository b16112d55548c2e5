"""The login page in a real browser, at both widths."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_it_fits_and_everyone_can_use_it(open_page: Callable[[int], Page], width: int) -> None:
    page = open_page(width)
    page.goto("/login/")
    assert page.get_by_role("button", name="登录").is_visible()
    assert sideways_scroll(page) == 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_wrong_password_is_answered_in_words(open_page: Callable[[int], Page]) -> None:
    page = open_page(PHONE)
    page.goto("/login/")
    page.locator("input[name=username]").fill("nobody")
    page.locator("input[name=password]").fill("wrong-password")
    page.get_by_role("button", name="登录").click()
    assert "账号或密码不对，请重新输入" in page.locator("main").inner_text()
