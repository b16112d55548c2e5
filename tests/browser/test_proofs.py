"""Photos from a phone: gathered from several choices, refused without losing a word, seen in the timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import FilePayload, Page, expect

from cases.choices import EventKind
from cases.models import Event
from students.models import Proof
from tests import make
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.cases.scene import Scene, scene
from tests.students import files


@pytest.fixture(autouse=True)
def folder(tmp_path: Any) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path), time_machine.travel(make.moment(make.DAY, 16), tick=True):
        yield


def payload(content: bytes, name: str, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def visit(page: Page, place: Scene, case_id: int) -> None:
    sign_in(page, place.teacher)
    page.goto(reverse("cases:event_new", args=[case_id, "home_visit"]))
    page.locator("[name='guardian_attitude']").fill("同意返校")
    page.locator("[name='methods']").fill("上门谈心")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_photos_are_gathered_refused_and_sent_without_losing_a_word(
    open_page: Callable[[int], Page], width: int
) -> None:
    place = scene()
    (case,) = place.absent(place.child())
    page = open_page(width)
    visit(page, place, case.pk)
    chooser, box = page.get_by_test_id("file-input"), page.get_by_test_id("files")
    chooser.set_input_files([payload(files.jpeg(1600, 1200), "门口.jpg"), payload(b"", "空.jpg")])
    expect(box).to_contain_text("“空.jpg”是空的（0 字节）")
    chooser.set_input_files([payload(files.jpeg(1200, 1600, colour="brown"), "院子.jpg")])
    chooser.set_input_files([payload(files.EXE, "谈话.amr", "audio/amr")])
    expect(box.get_by_role("listitem")).to_have_count(3)
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("file-errors")).to_contain_text("“谈话.amr”不是可以保存的文件")
    expect(page.locator("[name='methods']")).to_have_value("上门谈心")
    assert not Event.objects.filter(kind=EventKind.HOME_VISIT).exists()
    page.get_by_role("button", name="去掉 谈话.amr").click()
    assert sideways_scroll(page) == 0
    page.get_by_test_id("submit").click()
    expect(page.locator("#flash")).to_contain_text("已登记：入户家访")
    expect(page.get_by_test_id("proof")).to_have_count(2)
    pictures = page.get_by_test_id("proofs").locator("img")
    pictures.first.scroll_into_view_if_needed()
    expect(pictures.first).to_have_js_property("complete", value=True)
    assert pictures.first.evaluate("image => image.naturalWidth") == 240
    assert sideways_scroll(page) == 0
    assert Proof.objects.count() == 2


def test_an_original_opens_as_a_picture_of_its_own(open_page: Callable[[int], Page]) -> None:
    place = scene()
    child = place.child()
    photo = files.photo(child, place.school_class, files.jpeg(800, 600))
    page = open_page(DESKTOP)
    sign_in(page, place.teacher)
    page.goto(reverse("students:proof", args=[photo.pk]))
    assert page.evaluate("document.querySelector('img').naturalWidth") == 800


def test_without_script_the_form_sends_its_files_all_the_same(open_page: Callable[[int], Page], browser: Any) -> None:
    place = scene()
    (case,) = place.absent(place.child())
    page = open_page(PHONE)
    page.route("**/js/proofs.js", lambda route: route.abort())
    visit(page, place, case.pk)
    page.get_by_test_id("file-input").set_input_files([payload(files.jpeg(), "门口.jpg")])
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("proof")).to_have_count(1)
