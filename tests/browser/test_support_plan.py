"""The support plan on a phone and a desk: made, one row more, done with one tap; the rest folds on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from cases.choices import EventKind
from cases.models import Event
from tests import make
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.cases.scene import scene


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(make.moment(make.DAY, 16), tick=True):
        yield


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_plan_is_made_and_a_measure_put_on_record_in_few_taps(open_page: Callable[[int], Page], width: int) -> None:
    place = scene()
    (case,) = place.absent(place.child())
    page = open_page(width)
    sign_in(page, place.teacher)
    page.goto(reverse("cases:case", args=[case.pk]))
    page.get_by_role("link", name="先定一生一策").click()
    page.locator("[name='m0-what']").fill("每周补数学两次")
    page.get_by_test_id("add-measure").click()
    expect(page.locator("[name='m0-what']")).to_have_value("每周补数学两次")
    page.locator("[name='m1-what']").fill("每周谈心一次")
    page.locator("[name='m1-person']").fill("李老师")
    assert sideways_scroll(page) == 0
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("measure")).to_have_count(2)
    page.get_by_test_id("measure-done").first.click()
    expect(page.get_by_test_id("measure").first).to_contain_text("已落实")
    assert sideways_scroll(page) == 0
    assert Event.objects.filter(case=case, kind=EventKind.MEASURE_DONE).count() == 1


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_what_else_may_be_recorded_is_folded_on_a_phone_and_open_on_a_desk(
    open_page: Callable[[int], Page], width: int
) -> None:
    place = scene()
    (case,) = place.absent(place.child())
    page = open_page(width)
    sign_in(page, place.officer)
    page.goto(reverse("cases:case", args=[case.pk]))
    box = page.get_by_test_id("others")
    box.get_by_text("登记其他事项").click()
    act = box.get_by_role("link", name="部门联合劝返")
    if width == PHONE:
        expect(act).to_be_hidden()
        box.locator("summary", has_text="劝返").last.click()
    expect(act).to_be_visible()
    assert sideways_scroll(page) == 0
