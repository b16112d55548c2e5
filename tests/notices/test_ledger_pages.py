"""The ledgers of the plan in force: who reads which, what stands on the page, what leaves and on what terms."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html
from pypdf import PdfReader

from agencies import xlsx
from agencies.actions.running import run_job
from agencies.choices import JobState, Role, Verb
from agencies.models import AuditRow, Job
from agencies.scope import system
from cases.choices import EventKind, Outcome, Stage
from cases.models import Case
from notices.actions import exports
from notices.ledgers.columns import COLUMNS
from notices.queries.ledger_children import Wanted
from notices.queries.ledgers import rows_of
from students.choices import SpecialGroup
from students.models import GroupMembership
from students.rules.privacy import RESTRICTED_GROUPS
from tests import make
from tests.cases.scene import at, client, scene, text_of
from tests.notices.desk import ID_NUMBER, Desk, desk, say

pytestmark = [pytest.mark.django_db, pytest.mark.long]
FULL = {"full": "yes", "purpose": "报县教育局备案"}


@pytest.fixture
def here() -> Desk:
    return desk()


def sheet(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of a workbook."""
    page: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    return list(page.iter_rows(values_only=True))


def export(here: Desk, browser: Client, key: str = "master", form: str = "xlsx", **data: str) -> Any:
    """Take a ledger out."""
    return browser.post(here.url("ledger_file", key, form), data)


def column(rows: list[tuple[Any, ...]], head: str, which: int = 0) -> list[Any]:
    """The cells under a heading, in the rows of the body."""
    upper, lower = rows[2], rows[3]
    heads = [low or up for up, low in zip(upper, lower, strict=True)]
    places = [place for place, text in enumerate(heads) if text == head]
    body = [row for row in rows[4:] if isinstance(row[0], int)]
    return [row[places[which]] for row in body]


def test_everybody_finds_the_ledgers_of_the_plan_that_governs_the_own_unit(here: Desk) -> None:
    bureau = here.place.person(Role.BUREAU_OFFICER, here.place.county)
    other = scene(here.place.county, "石桥", plan="datian-2023")
    with at():
        for user in (here.principal, here.place.secretary, here.officer):
            page = text_of(client(user).get(here.url("ledgers")))
            assert "总台账" in page
            assert "劝返登记台账" not in page
        assert "劝返登记台账" in text_of(client(other.officer).get(here.url("ledgers")))
        page = text_of(client(bureau).get(here.url("ledgers")))
        assert "总台账" in page
        assert "劝返登记台账" in page
        assert client(other.officer).get(here.url("ledger", "master")).status_code == 404
        assert client(here.place.teacher).get(here.url("ledgers")).status_code == 403


def test_the_page_covers_identities_and_counts_the_rows(here: Desk) -> None:
    with at():
        page = text_of(client(here.deputy).get(here.url("ledger", "base")))
    assert ID_NUMBER not in page
    assert "13812345678" not in page
    assert "**************002X" in page
    assert 'data-testid="total">1<' in page


def test_the_page_has_the_two_rows_of_heads_the_excel_sheet_has(here: Desk) -> None:
    with at():
        browser = client(here.deputy)
        page = html.fromstring(browser.get(here.url("ledger", "base")).content)
        rows = sheet(export(here, browser, "base").content)
    upper, lower = page.xpath('//table[@data-testid="ledger"]/thead/tr')
    shown = [cell.text_content() for row in (upper, lower) for cell in row]
    assert shown == [text for row in rows[2:4] for text in row if text]
    widths = [int(cell.get("colspan", "1")) for cell in upper]
    assert sum(widths) == len(page.xpath('//table[@data-testid="ledger"]/tbody/tr[1]/td'))
    assert max(widths) > 1


def test_whole_identities_leave_only_with_the_right_and_a_purpose(here: Desk) -> None:
    with at():
        officer, deputy = client(here.officer), client(here.deputy)
        covered = sheet(export(here, officer, "base").content)
        assert export(here, officer, "base", **FULL).status_code == 403
        silent = export(here, deputy, "base", full="yes")
        assert silent.status_code == 400
        assert "请写明用途" in text_of(silent)
        whole = sheet(export(here, deputy, "base", **FULL).content)
    assert column(covered, "身份证号") == ["**************002X"]
    # Whoever sees the child on every page sees its name here too; numbers and addresses stay covered.
    assert column(covered, "姓名") == [here.child.name]
    assert column(whole, "身份证号") == [ID_NUMBER]
    rows = AuditRow.objects.filter(verb=Verb.LEDGER_EXPORTED)
    assert [(row.detail["full"], row.detail["rows"], row.detail["purpose"]) for row in rows.order_by("id")] == [
        (False, 1, ""),
        (True, 1, "报县教育局备案"),
    ]


def test_a_hukou_known_by_its_village_alone_is_covered_down_to_the_township(here: Desk) -> None:
    here.child.hukou = here.place.village
    here.child.save()
    with at():
        covered = sheet(export(here, client(here.deputy), "base").content)
        whole = sheet(export(here, client(here.deputy), "base", **FULL).content)
    assert column(covered, "户籍地") == [f"{here.place.township.name}****"]
    assert column(whole, "户籍地") == [here.place.township.name + here.place.village.name]


@pytest.mark.parametrize("hidden", sorted(RESTRICTED_GROUPS))
def test_restricted_groups_stay_off_the_sheet(here: Desk, hidden: SpecialGroup) -> None:
    for group in (hidden, SpecialGroup.LEFT_BEHIND):
        GroupMembership.objects.create(student=here.child, group=group, first_day=make.TERM_START)
    head = here.place.person(Role.BUREAU_HEAD, here.place.county)
    with at():
        plain = sheet(export(here, client(here.deputy), "base", **FULL).content)
        whole = sheet(export(here, client(head), "base", **FULL).content)
    assert column(plain, "特殊群体类别") == ["留守儿童"]
    assert column(whole, "特殊群体类别") == [f"{hidden.label}、留守儿童"]


@pytest.mark.parametrize("key", ["master", "risk"])
def test_a_disability_as_the_cause_stands_on_the_sheet_of_who_may_know_only(here: Desk, key: str) -> None:
    seen = {"people": "村书记", "cause": "disability", "record": "在家"}
    make.event(here.case, EventKind.VILLAGE_VERIFICATION, make.DAY, by=make.actor(here.place.secretary), **seen)
    knowing = here.place.person(Role.BUREAU_HEAD, here.place.county)
    with at(hour=16):
        covered = sheet(export(here, client(here.deputy), key, **FULL).content)
        whole = sheet(export(here, client(knowing), key, **FULL).content)
        pages = [text_of(client(who).get(here.url("ledger", key))) for who in (here.deputy, knowing)]
    assert column(covered, "原因") == ["限制信息"]
    assert column(whole, "原因") == ["残疾"]
    assert ["限制信息" in page for page in pages] == [True, False]
    assert [">残疾<" in page for page in pages] == [False, True]


@pytest.mark.parametrize("kind", ["children_base", "school_risk"])
def test_the_reason_of_a_risk_covers_a_disability_too(here: Desk, kind: str) -> None:
    seen = {"people": "村书记", "cause": "disability", "record": "在家"}
    make.event(here.case, EventKind.VILLAGE_VERIFICATION, make.DAY, by=make.actor(here.place.secretary), **seen)
    wanted = Wanted(make.actor(here.deputy), here.place.township, make.TERM_START, make.DAY, (6, 17))
    (row,) = rows_of(kind, [here.child.pk], wanted)
    assert (row["risk_reason"], row["risk_reason_open"]) == ("残疾", "限制信息")
    assert COLUMNS["risk_reason"].restricted


@pytest.mark.parametrize(
    ("ending", "open_words"), [(Outcome.IN_CLASS, "限制信息"), (Outcome.TRANSFERRED, Outcome.TRANSFERRED.label)]
)
def test_an_ending_that_tells_of_a_disability_is_covered(here: Desk, ending: Outcome, open_words: str) -> None:
    Case.objects.filter(pk=here.case.pk).update(outcome=ending, closed_on=make.DAY, stage=Stage.CLOSED)
    wanted = Wanted(make.actor(here.deputy), here.place.township, make.TERM_START, make.DAY, (6, 17))
    (row,) = rows_of("master", [here.case.pk], wanted)
    assert (row["outcome"], row["outcome_open"]) == (ending.label, open_words)
    assert COLUMNS["outcome"].restricted


def test_the_master_ledger_follows_a_case_from_finding_to_service(here: Desk) -> None:
    notice = here.issued_order()
    with at(date(2026, 11, 12), 11):
        here.serve(notice)
        rows = sheet(export(here, client(here.deputy), **FULL).content)
    assert column(rows, "首次未到校日期")[0].date() == date(2026, 11, 2)
    assert column(rows, "通知书文号") == ["云溪政限返〔2026〕1号"]
    assert column(rows, "送达日期")[0].date() == date(2026, 11, 12)
    assert column(rows, "限期届满日")[0].date() == date(2026, 11, 16)
    assert column(rows, "人员类别") == ["有辍学倾向"]
    assert column(rows, "核查结果") == ["在家，厌学。"]
    assert column(rows, "是否销号") == ["否"]


def test_a_child_stands_as_dropped_out_once_the_post_of_the_plan_has_said_so(here: Desk) -> None:
    said = {"since": "2026-11-02", "ground": "入户核查在外打工", "by": "镇民生服务办"}
    say(here.case, EventKind.DROPOUT_CONFIRMED, make.DAY, make.actor(here.officer), **said)
    with at(hour=16):
        master = sheet(export(here, client(here.deputy), **FULL).content)
        base = sheet(export(here, client(here.deputy), "base", **FULL).content)
    assert column(master, "人员类别") == ["已辍学"]
    assert column(base, "入学状态") == ["已辍学"]


def test_the_risk_ledger_lists_who_has_a_case_or_was_absent_this_week(here: Desk) -> None:
    present, absent = (make.child(here.place.school_class, name, residence=here.place.village) for name in "甲乙")
    make.roll(here.place.school_class, make.DAY, {here.child: "unexcused", absent: "pm:unexcused"})
    with at(make.DAY, 18):
        rows = sheet(export(here, client(here.principal), "risk", **FULL).content)
    names = column(rows, "姓名")
    assert here.child.name in names
    assert absent.name in names
    assert present.name not in names
    days = dict(zip(names, column(rows, "累计未到校日数"), strict=True))
    assert (days[here.child.name], days[absent.name]) == ("8", "0.5")


def test_the_base_ledger_lists_all_of_age_who_live_there_and_nobody_else(here: Desk) -> None:
    place = here.place
    make.child(None, "周幼", residence=place.village, birth_date=date(2020, 11, 12))
    make.child(None, "周长", residence=place.village, birth_date=date(2010, 11, 11))
    make.child(None, "周新", residence=place.village, birth_date=date(2020, 11, 11))
    make.child(None, "周隐", residence=place.village, birth_date=None)
    make.child(place.school_class, "周远", residence=make.village(place.township, "外村"))
    with at():
        rows = sheet(export(here, client(place.secretary), "base").content)
        page = text_of(client(here.deputy).get(here.url("ledger", "base") + f"?unit={place.village.pk}"))
    assert len(column(rows, "序号")) == 3
    assert set(column(rows, "入学状态")) == {"在校", "未入学"}
    assert column(rows, "备注").count("出生日期待查") == 1
    assert 'data-testid="total">3<' in page


def test_the_persuasion_register_of_the_other_plan() -> None:
    here = desk("datian-2023")
    make.event(
        here.case,
        EventKind.PERSUASION,
        make.DAY,
        place="家中",
        people="专干",
        record="答应返校",
        recorder="专干",
        result="returned",
    )
    with at(make.DAY, 18):
        rows = sheet(export(here, client(here.deputy), "persuasion", **FULL).content)
    assert column(rows, "劝返次数") == [2]
    assert column(rows, "首次劝返记录") == ["2026-11-11（周三）家长在场，拒不配合。"]
    assert column(rows, "最近劝返记录") == ["2026-11-11（周三）答应返校"]
    assert column(rows, "动员结果") == ["返校"]


def test_an_empty_ledger_says_none(here: Desk) -> None:
    empty = scene(here.place.county, "石桥")
    with at():
        answer = client(empty.officer).post(here.url("ledger_file", "master", "xlsx"))
        printed = client(empty.officer).post(here.url("ledger_file", "master", "pdf"))
    rows = sheet(answer.content)
    assert rows[0][0] == "蛟潭镇控辍保学总台账"
    assert column(rows, "姓名") == ["无"]
    assert "无" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.content)).pages)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?last=2026-13-40", "日期请写成"),
        ("?first=2026-11-10&last=2026-11-01", "起始日期晚于截止日期"),
        ("?last=2030-01-01", "截止日期不能晚于今天"),
        ("?first=0003-01-01&last=0003-01-01", "日期早于2000-01-01（周六），请检查年份"),
        ("?unit=999999", "所选单位不在您的职责范围内"),
        ("?unit=abc", "所选单位不在您的职责范围内"),
    ],
)
def test_a_wrong_filter_is_said_in_words(here: Desk, query: str, says: str) -> None:
    with at():
        answer = client(here.deputy).get(here.url("ledger", "master") + query)
        sent = client(here.deputy).post(
            here.url("ledger_file", "master", "xlsx"), dict(part.split("=") for part in query[1:].split("&"))
        )
    assert (answer.status_code, sent.status_code) == (400, 400)
    assert says in text_of(answer)
    assert says in text_of(sent)
    assert not AuditRow.objects.filter(verb=Verb.LEDGER_EXPORTED).exists()


def test_what_is_not_there_is_not_found(here: Desk) -> None:
    with at():
        browser = client(here.deputy)
        assert browser.get(here.url("ledger", "nothing")).status_code == 404
        assert browser.get(here.url("ledger", "master") + "?plan=9-9").status_code == 404
        assert browser.post(here.url("ledger_file", "master", "docx")).status_code == 404


def test_a_long_ledger_is_made_by_a_job(
    here: Desk, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 0)
    monkeypatch.setattr(exports, "PDF_CELLS_AT_ONCE", 0)
    with at(make.DAY, 15):
        browser = client(here.deputy)
        for form in ("xlsx", "pdf"):
            answer = export(here, browser, form=form, token="one", **FULL)
            export(here, browser, form=form, token="one", **FULL)
            assert answer.status_code == 302
        assert Job.objects.count() == 2
        while run_job(by=system()) is not None:
            pass
        job = Job.objects.get(key__contains="xlsx")
        assert (job.state, job.error) == (JobState.DONE, "")
        answer = browser.get(f"/jobs/{job.pk}/file/")
        rows = sheet(b"".join(answer.streaming_content))
        assert client(here.officer).get(f"/jobs/{job.pk}/file/").status_code == 404
    assert column(rows, "身份证号") == [ID_NUMBER]
    files = {Path(job.file).suffix: tmp_path / job.file for job in Job.objects.all()}
    assert files[".pdf"].read_bytes().startswith(b"%PDF")


def test_the_page_of_a_long_pdf_tells_no_share_while_it_is_laid_out(
    here: Desk, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(exports, "PDF_CELLS_AT_ONCE", 0)
    pages: list[str] = []

    def content_of(rows: xlsx.Sheet, form: str) -> bytes:
        for _row in rows.rows:
            pass
        pages.append(text_of(browser.get(asked.url)))
        return b""

    monkeypatch.setattr(exports, "content_of", content_of)
    with at(make.DAY, 15):
        browser = client(here.deputy)
        asked = export(here, browser, form="pdf")
        run_job(by=system())
    assert "共 1 行，正在排版" in pages[0]
    assert '<progress max="100" aria-label="进度">' in pages[0]


def test_a_pdf_of_so_many_cells_that_a_busy_machine_would_keep_its_reader_waiting_is_made_by_a_job(here: Desk) -> None:
    with at():
        browser = client(here.deputy)
        columns = len(html.fromstring(browser.get(here.url("ledger", "base")).content).xpath("//tbody/tr[1]/td")) - 1
        for number in range(exports.PDF_CELLS_AT_ONCE // columns - 1):
            make.child(None, f"周{number}", residence=here.place.village)
        at_once = export(here, browser, "base", "pdf")
        make.child(None, "周多", residence=here.place.village)
        later = export(here, browser, "base", "pdf")
    assert (at_once.status_code, later.status_code) == (200, 302)


def test_a_pdf_of_too_many_rows_is_refused_with_the_way_out(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notices.ledgers.definition.PDF_ROWS", 0)
    with at():
        answer = export(here, client(here.deputy), form="pdf")
    assert answer.status_code == 400
    assert "请下载 Excel" in text_of(answer)


def count(here: Desk, user: Any, key: str) -> int:
    """Queries of a ledger page."""
    browser = client(user)
    with at(), CaptureQueriesContext(connection) as found:
        assert browser.get(here.url("ledger", key)).status_code == 200
    return len(found)


@pytest.mark.parametrize("key", ["base", "risk", "master"])
def test_three_rows_cost_no_more_queries_than_one(here: Desk, key: str) -> None:
    count(here, here.deputy, key)
    one = count(here, here.deputy, key)
    children = [make.child(here.place.school_class, f"周{n}", residence=here.place.village) for n in "甲乙"]
    make.roll(here.place.school_class, make.DAY, dict.fromkeys([here.child, *children], "unexcused"))
    assert count(here, here.deputy, key) == one
