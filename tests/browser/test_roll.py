"""The daily roll in a real Chromium: how few taps, by thumb and by keyboard, on two phones, for a whole school."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from agencies.choices import Role
from cases.models import Case
from students.models import Absence, RollCall
from tests import make
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.students.pages import House, house

NAMES = ("安小宝", "白晨晨", "陈丹丹", "邓恩思", "欧阳明")


@pytest.fixture
def place(transactional_db: None) -> Iterator[House]:
    """A class of five on an ordinary school day."""
    with time_machine.travel(make.moment(make.DAY, 8, 5), tick=True):
        here = house()
        for name in NAMES:
            make.child(here.school_class, name, residence=here.village)
        yield here


@pytest.fixture
def teacher(open_page: Callable[[int], Page], place: House) -> Callable[[int], Page]:
    """Opens the class page as its teacher, at a width."""
    who = make.person(Role.CLASS_TEACHER, place.school_class, "王老师")

    def opened(width: int) -> Page:
        page = open_page(width)
        sign_in(page, who)
        page.goto(f"/roll/{place.school_class.pk}/")
        return page

    return opened


def marks() -> dict[str, str]:
    """Who stands as absent for which reason."""
    rows = Absence.objects.filter(superseded_at__isnull=True).select_related("student")
    return {mark.student.name: mark.reason for mark in rows}


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_nobody_absent_is_one_tap(teacher: Callable[[int], Page], width: int) -> None:
    page = teacher(width)
    assert sideways_scroll(page) == 0
    save = page.get_by_test_id("save")
    expect(save).to_have_text("全勤，保存")
    save.click()
    expect(page.get_by_test_id("reported")).to_contain_text("王老师")
    assert marks() == {}
    assert RollCall.objects.get().expected == len(NAMES)


def test_two_absentees_with_reasons_are_three_taps(teacher: Callable[[int], Page]) -> None:
    page = teacher(PHONE)
    for name, reason in (("白晨晨", "unexcused"), ("欧阳明", "sick")):
        page.locator(f"[data-name='{name}']").get_by_test_id(reason).tap()
    expect(page.get_by_test_id("absent")).to_have_text("2")
    page.get_by_test_id("save").tap()
    expect(page.locator("main")).to_contain_text("已登记：应到5 实到3 缺2")
    assert marks() == {"白晨晨": "unexcused", "欧阳明": "sick"}
    assert Case.objects.get().student.name == "白晨晨"


def test_a_second_tap_takes_the_mark_away(teacher: Callable[[int], Page]) -> None:
    page = teacher(PHONE)
    line = page.locator("[data-name='陈丹丹']")
    line.get_by_test_id("name").tap()
    expect(page.get_by_test_id("absent")).to_have_text("1")
    line.get_by_test_id("name").tap()
    expect(page.get_by_test_id("absent")).to_have_text("0")


def test_the_whole_class_by_keyboard(teacher: Callable[[int], Page]) -> None:
    page = teacher(DESKTOP)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    page.keyboard.type("oym")
    page.keyboard.press("1")
    page.keyboard.press("8")
    expect(page.get_by_test_id("absent")).to_have_text("2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("reported")).to_contain_text("王老师")
    assert marks() == {"安小宝": "sick", "欧阳明": "unexcused"}
    assert Absence.objects.get(student__name="欧阳明").part == "am"


def test_two_phones_lose_nothing_and_the_same_child_is_asked(teacher: Callable[[int], Page]) -> None:
    first, second = teacher(PHONE), teacher(PHONE)
    first.locator("[data-name='白晨晨']").get_by_test_id("unexcused").tap()
    second.locator("[data-name='陈丹丹']").get_by_test_id("personal").tap()
    second.locator("[data-name='白晨晨']").get_by_test_id("sick").tap()
    first.get_by_test_id("save").tap()
    expect(first.get_by_test_id("reported")).to_be_visible()
    second.get_by_test_id("save").tap()
    asked = second.get_by_test_id("conflicts")
    expect(asked).to_contain_text("白晨晨")
    asked.get_by_text("您记为病假", exact=True).tap()
    second.get_by_test_id("save").tap()
    expect(second.locator("main")).to_contain_text("已登记")
    assert marks() == {"白晨晨": "sick", "陈丹丹": "personal"}


def test_unsaved_marks_are_found_again(teacher: Callable[[int], Page]) -> None:
    page = teacher(PHONE)
    page.locator("[data-name='邓恩思']").get_by_test_id("sick").tap()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_test_id("draft")).to_contain_text("邓恩思")
    expect(page.get_by_test_id("absent")).to_have_text("1")


def test_the_registrar_types_a_name_a_reason_and_confirms_the_rest(
    open_page: Callable[[int], Page], place: House
) -> None:
    page = open_page(DESKTOP)
    sign_in(page, make.person(Role.REGISTRAR, place.school, "籍老师"))
    page.goto(f"/schools/{place.school.pk}/roll/")
    page.locator("#day-q").fill("oym")
    expect(page.locator("[data-hit]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    expect(page.locator("#day")).to_contain_text("已记：欧阳明 五（1）班 无故")
    page.get_by_test_id("rest-open").click()
    expect(page.get_by_test_id("rest")).to_contain_text("五（1）班")
    page.get_by_test_id("rest-confirm").click()
    expect(page.locator("#day")).to_contain_text("已确认1个班级点名")
    assert marks() == {"欧阳明": "unexcused"}
    assert RollCall.objects.get().absent == 1
