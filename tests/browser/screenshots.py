"""Photographs what the README shows: `python -m tests.browser.screenshots http://127.0.0.1:8000 docs/screenshots`.

It starts nothing: the demonstration county must be served at the address already.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.screens import ARGUMENTS, DESKTOP, PHONE
from tests.servers import chromium


def _enter(browser: Browser, base: str, role: str, width: int, height: int) -> Page:
    """A page of this size, signed in with one click under the first demonstration account of the role."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=base,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=width == PHONE,
        device_scale_factor=2 if width == PHONE else 1,
    )
    page = context.new_page()
    page.goto("/login/")
    # The button says the role and, smaller, the unit.
    page.get_by_test_id("demo-accounts").locator("button").filter(has_text=role).first.click()
    page.wait_for_load_state("networkidle")
    return page


def _shoot(page: Page, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    sys.stdout.write(f"{path} {path.stat().st_size // 1024} KB\n")


def roll(browser: Browser, base: str, folder: Path) -> None:
    """The class teacher's roll on a phone, one child marked absent and not yet saved."""
    page = _enter(browser, base, "班主任", PHONE, 844)
    page.get_by_test_id("roll").locator(".roll-row").nth(1).get_by_test_id("sick").click()
    _shoot(page, folder / f"roll-{PHONE}.png")


def queue_and_case(browser: Browser, base: str, folder: Path) -> None:
    """The township officer's queue, overdue first, and the first case of it."""
    page = _enter(browser, base, "乡镇控辍保学专干", DESKTOP, 900)
    page.goto("/cases/")
    _shoot(page, folder / f"queue-{DESKTOP}.png")
    page.get_by_test_id("case-row").first.get_by_role("link").first.click()
    page.wait_for_load_state("networkidle")
    _shoot(page, folder / f"case-{DESKTOP}.png")


def main(base: str, folder: Path) -> None:
    """All three."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=ARGUMENTS)
        roll(browser, base, folder)
        queue_and_case(browser, base, folder)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
