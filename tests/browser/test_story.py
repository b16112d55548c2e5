"""The story once in a real Chromium, on a phone and on a desk: from roster file to closed case and downloaded ledger.

The days between are lived through by the hands of the journeys; here is what people see and press.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import call_command
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from agencies.choices import Role
from tests import make, workbooks
from tests.browser.conftest import DESKTOP, PHONE, sideways_scroll, sign_in
from tests.journeys.story import CHILD, Story, begin, days_of, roster_rows
from tests.students.imported import HEADERS

TEACHER, OFFICER, DEPUTY = Role.CLASS_TEACHER, Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY
ORDER = "限期返校通知书"


class Stage:
    """A story with screens of one width."""

    def __init__(self, story: Story, open_page: Callable[[int], Page], width: int) -> None:
        self.story, self.open_page, self.width = story, open_page, width

    def screen(self, role: Role, url: str) -> Page:
        """This person's screen at an address, which must fit it."""
        page = self.open_page(self.width)
        sign_in(page, self.story.people[role])
        page.goto(url)
        assert sideways_scroll(page) == 0, url
        return page

    @property
    def case_url(self) -> str:
        """The page of the case."""
        return f"/cases/{self.story.case.pk}/"


@pytest.fixture
def story(transactional_db: None, tmp_path: Path, settings: LazySettings) -> Iterator[Story]:
    """The township under 蛟潭镇's plan, with its clock."""
    settings.MEDIA_ROOT = tmp_path / "files"
    with time_machine.travel(make.moment(make.TERM_START), tick=True) as moved:
        begun = begin(moved, "jiaotan-2025")
        call_command("load_county", "jiaotan-2025", adopt="云溪镇", on="2026-09-01", verbosity=0)
        yield begun


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_from_roster_file_to_closed_case_and_ledger(
    open_page: Callable[[int], Page], story: Story, width: int, tmp_path: Path
) -> None:
    stage = Stage(story, open_page, width)
    the_roster_goes_in(stage, tmp_path)
    a_child_is_missing(stage)
    the_village_goes_there(stage)
    the_order_is_signed_and_served(stage)
    the_child_is_back_and_the_case_closed(stage)
    the_ledger_opens_in_excel(stage, tmp_path)


def the_roster_goes_in(stage: Stage, folder: Path) -> None:
    path = folder / "学籍信息表.xlsx"
    path.write_bytes(workbooks.xlsx(roster_rows(), headers=HEADERS))
    page = stage.screen(Role.REGISTRAR, "/imports/new/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/imports/*/")
    stage.story.work()
    page.get_by_test_id("make-classes").click(timeout=15_000)
    page.wait_for_url("**/imports/*/")
    stage.story.work()
    expect(page.get_by_test_id("write")).to_contain_text("将写入 7 名学生", timeout=15_000)
    expect(page.locator("main")).to_contain_text(CHILD)
    page.get_by_label("新增学生从哪一天起列入点名").fill("2026-09-01")
    page.get_by_test_id("apply").click()
    page.get_by_test_id("confirm-yes").click()
    page.wait_for_url("**/imports/*/")
    stage.story.work()
    expect(page.get_by_test_id("undo")).to_be_visible(timeout=15_000)
    stage.story.person(TEACHER, stage.story.school_class, "王老师")


def a_child_is_missing(stage: Stage) -> None:
    """The teacher marks it, sees the duty of today, and writes down the call."""
    story = stage.story
    story.school_days(days_of(9, 24))
    story.at(date(2026, 9, 28), 8)
    page = stage.screen(TEACHER, "/")
    page.locator(f"[data-name='{CHILD}']").get_by_test_id("unexcused").click()
    expect(page.get_by_test_id("absent")).to_have_text("1")
    page.get_by_test_id("save").click()
    expect(page.locator("main")).to_contain_text("已登记：应到7 实到6 缺1")
    page.goto("/today/")
    item = page.get_by_test_id("work-item").filter(has_text=CHILD)
    expect(item).to_contain_text("今天前电话联系监护人")
    expect(item).to_contain_text("2026-09-28（周一）")
    item.get_by_role("link", name="电话联系").first.click()
    page.get_by_text("接通", exact=True).click()
    page.get_by_test_id("submit").click()
    expect(page.locator("main")).to_contain_text("已登记：电话联系")


def the_village_goes_there(stage: Stage) -> None:
    story = stage.story
    story.school_days(days_of(9, 29, 30), CHILD)
    story.school_days(days_of(10, 8), CHILD)
    story.record(TEACHER, "家访", guardian_attitude="想让她去打工", methods="告知义务教育法规定", told_duty=True)
    story.school_days(days_of(10, 9, 10), CHILD)
    page = stage.screen(Role.VILLAGE_SECRETARY, stage.case_url)
    duty = page.get_by_test_id("duty").filter(has_text="村书记牵头入户核查辍学原因")
    for words in ("2026-10-10（周六", "调休", "村（场社区）书记牵头组织网格员、村干部入户核查辍学原因"):
        expect(duty).to_contain_text(words)
    page.get_by_test_id("acts").get_by_role("link", name="村级入户核查").click()
    page.locator("[name=people]").fill("村书记、网格员")
    page.locator("[name=record]").fill("父母外出，随祖母生活")
    page.get_by_label("辍学原因").select_option(label="厌学")
    page.get_by_test_id("submit").click()
    expect(page.locator("main")).to_contain_text("已登记：村级入户核查")


def the_order_is_signed_and_served(stage: Stage) -> None:
    """The papers of the days between are the journey's; here the deputy head signs and the officer serves."""
    story = stage.story
    story.prepare(Role.PRINCIPAL, "义务教育阶段学生辍学情况报告单", "出具并报送")
    story.paper(OFFICER, "义务教育阶段学生辍学情况报告单").form(button="签收报告单").send()
    story.school_days(days_of(10, 12), CHILD)
    story.record(OFFICER, "批评教育", by="镇专干", guardian="周母")
    story.prepare(OFFICER, ORDER, "存为拟稿", planned_service="2026-10-12")
    page = stage.screen(DEPUTY, stage.case_url)
    papers = page.get_by_test_id("case-papers")
    papers.get_by_role("button", name="签发").click()
    page.get_by_test_id("confirm-yes").click()
    expect(page.locator("main")).to_contain_text("云政限返〔2026〕1号")
    page = stage.screen(OFFICER, stage.case_url)
    page.get_by_test_id("case-papers").get_by_role("link", name="登记送达").click()
    for name, value in (("happened_time", "07:40"), ("place", "周家"), ("server_1", "镇专干"), ("server_2", "村书记")):
        page.locator(f"[name={name}]").fill(value)
    page.get_by_test_id("submit").click()
    expect(page.locator("main")).to_contain_text("监护人应于 2026-10-15（周四）前送学生返校")


def the_child_is_back_and_the_case_closed(stage: Stage) -> None:
    story = stage.story
    story.school_days(days_of(10, 13, 14), CHILD)
    story.school_days(days_of(10, 15))
    story.record(TEACHER, "登记返校", how="母亲送到学校")
    story.record(Role.REGISTRAR, "学籍", act="恢复学籍")
    story.school_days(days_of(10, 16, 19, 20, 21, 22))
    story.at(date(2026, 10, 23), 9)
    page = stage.screen(OFFICER, "/today/")
    item = page.get_by_test_id("work-item").filter(has_text=CHILD)
    expect(item).to_contain_text("可报请销号")
    item.get_by_role("link", name="办理销号").click()
    page.get_by_label("销号结果").select_option(label="已返校")
    page.get_by_test_id("submit").click()
    expect(page.locator("main")).to_contain_text("请核对后确认销号")
    page.get_by_test_id("close-yes").click()
    expect(page.locator("main")).to_contain_text("2026-10-23（周五） 已销号：已返校")


def the_ledger_opens_in_excel(stage: Stage, folder: Path) -> None:
    page = stage.screen(DEPUTY, "/ledgers/")
    page.get_by_role("link", name="控辍保学总台账").click()
    expect(page.locator("main")).to_contain_text("周小安")
    assert sideways_scroll(page) == 0
    page.get_by_label("导出完整身份信息").check()
    page.locator("#purpose").fill("上报教育局")
    with page.expect_download() as started:
        page.get_by_test_id("xlsx").click()
    file = folder / "台账.xlsx"
    started.value.save_as(file)
    sheet = load_workbook(file).worksheets[0]
    assert "控辍保学总台账" in str(sheet["A1"].value)
    assert any(CHILD in row for row in sheet.iter_rows(values_only=True))
