"""An import walked in a real browser at both widths: upload, mistakes, classes, an uncertain child, writing, undo."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from agencies.choices import Role
from students.actions.families import change_residence
from students.models import ImportBatch, Student
from tests import make
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.students import imported
from tests.students.imported import pupil, sheet
from tests.students.pages import house

LOOK = os.environ.get("BAOXUE_PICTURES", "")


def looks_right(page: Page, name: str) -> None:
    """No sideways scroll, nothing a screen reader stumbles on; a picture where one is wanted."""
    if LOOK:
        page.screenshot(path=str(Path(LOOK) / f"{name}-{page.viewport_size['width']}.png"), full_page=True)
    assert sideways_scroll(page) == 0, name
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def send(page: Page, path: Path, rows: list[tuple[object, ...]]) -> None:
    path.write_bytes(sheet(rows))
    page.goto("/imports/new/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/imports/*/")


def write_and_take_back(page: Page) -> None:
    """The right rows are written; the undo names the child somebody has worked on since."""
    page.wait_for_selector("[data-testid=write]", timeout=8000)
    page.locator("[data-testid=tab-create]").click()
    looks_right(page, "preview")
    page.locator("[data-testid=apply]").click()
    page.locator("[data-testid=confirm-yes]").click()
    page.wait_for_selector("[role=alert], .flash-error")
    page.get_by_label("先导入无误的行").check()
    page.locator("[data-testid=apply]").click()
    page.locator("[data-testid=confirm-yes]").click()
    page.wait_for_selector("[data-testid=job]")
    imported.work()
    page.wait_for_selector("[data-testid=undo]", timeout=8000)
    looks_right(page, "applied")
    assert Student.objects.count() == 5
    child = Student.objects.get(name=pupil(1)[0])
    address = {"residence_address": "云溪镇柳树村9号"}
    change_residence(by=make.SYSTEM, student=child, values=address, why="已搬家", now=timezone.now())
    page.locator("[data-testid=undo]").click()
    page.locator("[data-testid=confirm-yes]").click()
    page.wait_for_selector("[data-testid=job]")
    imported.work()
    page.wait_for_selector("[data-testid=obstacles]", timeout=8000)
    looks_right(page, "obstacles")


def an_update_and_a_refusal(page: Page, folder: Path) -> None:
    """A second sheet changes a child; a file that is no workbook is refused; the list shows all three."""
    send(page, folder / "again.xlsx", [pupil(1, 成员1联系电话="13800005678", 就读方式="住校")])
    imported.work()
    page.wait_for_selector("[data-testid=write]", timeout=8000)
    looks_right(page, "update")
    (folder / "bad.xlsx").write_bytes(b"%PDF-1.4 not a workbook")
    page.goto("/imports/new/")
    page.locator("input[type=file]").set_input_files(folder / "bad.xlsx")
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/imports/*/")
    imported.work()
    page.wait_for_selector("[data-testid=refused]", timeout=8000)
    looks_right(page, "refused")
    page.goto("/imports/")
    looks_right(page, "list")
    assert page.locator("[data-testid=imports] tbody tr").count() == ImportBatch.objects.count() == 3


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_from_the_file_to_the_undo(open_page: Callable[[int], Page], tmp_path: Path, width: int) -> None:
    place = house()
    make.child(place.school_class, "王小明", document_kind="none")
    make.child(place.school_class, "王小明", document_kind="none")
    page = open_page(width)
    sign_in(page, make.person(Role.REGISTRAR, place.school, "学籍员"))
    page.goto("/imports/")
    looks_right(page, "empty")
    page.get_by_role("link", name="上传学籍表").first.click()
    looks_right(page, "new")
    twins = {"姓名": "王小明", "出生日期": "20150512", "身份证件类型": "无证件", "身份证件号": ""}
    rows = [
        pupil(1),
        pupil(2, 性别="未知"),
        pupil(3, 班级="六年级1班"),
        pupil(4, 身份证件号="990101201501120099"),
        pupil(5, **twins),
        pupil(6, 班级="不知道哪个班"),
    ]
    send(page, tmp_path / "云溪中心学校学籍信息表2026秋.xlsx", rows)
    looks_right(page, "working")
    imported.work()
    page.wait_for_selector("[data-testid=counts]", timeout=8000)
    looks_right(page, "mistakes")
    page.locator("[data-testid=column]").select_option("班级")
    page.get_by_role("button", name="筛选").click()
    assert page.locator("[data-testid=mistakes] tbody tr").count() == 2
    page.locator("[data-testid=make-classes]").click()
    imported.work()
    page.wait_for_selector("[data-testid=counts]", timeout=8000)
    page.locator("[data-testid=tab-ambiguous]").click()
    looks_right(page, "asked")
    page.get_by_label("不是，按新学生建立").check()
    page.locator("[data-testid=answer]").click()
    imported.work()
    write_and_take_back(page)
    an_update_and_a_refusal(page, tmp_path)
