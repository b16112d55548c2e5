"""The rehearsal page in a real Chromium: days tapped, an event added, two plans compared, on a phone and a desktop."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from agencies.models import PolicyVersion
from tests import make
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.cases.scene import Scene, scene


@pytest.fixture
def place(transactional_db: None) -> Iterator[Scene]:
    """A township with a plan, and a school of it with another."""
    with time_machine.travel(make.moment(make.DAY, 10), tick=True):
        made = scene()
        make.plan(made.school, "datian-2023")
        yield made


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_days_are_tapped_and_two_plans_answer_beside_each_other(
    open_page: Callable[[int], Page], place: Scene, width: int
) -> None:
    page = open_page(width)
    sign_in(page, place.officer)
    page.goto("/rehearsal/")
    page.select_option("#plan", label="蛟潭镇2025-2026学年控辍保学工作实施方案（第1版）")
    for day in ("20261109", "20261110"):
        page.click(f"#d{day}")
        expect(page.locator(f"#d{day}")).to_contain_text("无故")
    page.fill("#on", "2026-11-10")
    page.click("#show")
    expect(page.get_by_test_id("counted")).to_contain_text("连续缺课 2 天")
    page.select_option("#kind", "phone_call")
    page.click("#pick-kind")
    page.fill("#happened_on", "2026-11-09")
    page.select_option("#data-result", "connected")
    page.click("#add")
    expect(page.get_by_test_id("events")).to_contain_text("电话联系")
    page.select_option("#other", str(PolicyVersion.objects.get(key="datian-2023").pk))
    page.click("#show")
    expect(page.get_by_test_id("column")).to_have_count(2)
    expect(page.get_by_test_id("changes")).to_contain_text("只后一方案有“")
    left, right = (page.get_by_test_id("column").nth(n).bounding_box() for n in (0, 1))
    assert left is not None
    assert right is not None
    assert (right["y"] > left["y"]) == (width == PHONE)
    assert sideways_scroll(page) == 0


def test_quick_taps_wait_for_each_other_and_none_is_lost(open_page: Callable[[int], Page], place: Scene) -> None:
    page = open_page(PHONE)
    sign_in(page, place.officer)
    page.goto("/rehearsal/")
    page.route("**/rehearsal/", lambda route: (page.wait_for_timeout(300), route.continue_())[1])
    page.evaluate("['d20261109', 'd20261110', 'd20261111'].forEach((id) => document.getElementById(id).click())")
    for day in ("20261109", "20261110", "20261111"):
        expect(page.locator(f"#d{day}")).to_contain_text("无故")
    page.evaluate("document.getElementById('d20261109').click(); document.getElementById('later').click()")
    expect(page.get_by_test_id("month")).to_have_text("2026年12月")


def test_a_day_picker_shows_its_weekday_after_the_page_was_renewed(
    open_page: Callable[[int], Page], place: Scene
) -> None:
    page = open_page(PHONE)
    sign_in(page, place.officer)
    page.goto("/rehearsal/")
    page.select_option("#kind", "phone_call")
    page.click("#pick-kind")
    page.fill("#happened_on", "2026-11-09")
    expect(page.locator("#happened_on + .weekday")).to_have_text("周一")
    page.click("#d20261110")
    expect(page.locator("#d20261110")).to_contain_text("无故")
    expect(page.locator("#happened_on + .weekday")).to_have_text("周一")
    expect(page.locator(".weekday")).to_have_count(page.locator("input[type=date]:not([data-dated])").count())
