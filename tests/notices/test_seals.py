"""用印: entered on issued papers, crossed out with a reason, listed per unit, taken out as Excel."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from agencies.choices import Verb
from agencies.models import AuditRow
from notices.models import Notice, Seal
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEXT = date(2026, 11, 12)


@pytest.fixture
def here() -> Desk:
    return desk()


@pytest.fixture
def notice(here: Desk) -> Notice:
    return here.issued_order()


def seal(here: Desk, notice: Notice, user: Any = None, **changes: Any) -> Any:
    """Enter the township's seal on an order."""
    data = {
        "token": "p1",
        "name": "云溪镇人民政府印章",
        "sealed_on": "2026-11-12",
        "copies": "3",
        "sealed_by": "党政办王二",
        "approved_by": "镇长",
        "note": "",
    }
    with at(NEXT, 10):
        return client(user or here.officer).post(here.url("seal", notice.pk), {**data, **changes})


def test_a_seal_is_on_record_with_who_when_and_how_many(here: Desk, notice: Notice) -> None:
    with at(NEXT, 9):
        form = text_of(client(here.officer).get(here.url("seal", notice.pk)))
    assert 'value="云溪镇人民政府印章"' in form
    assert 'name="copies" value="3"' in form
    assert seal(here, notice).status_code == 302
    assert seal(here, notice).status_code == 302
    row = Seal.objects.get()
    assert (row.copies, row.sealed_by, row.approved_by, row.sealed_on) == (3, "党政办王二", "镇长", NEXT)
    assert AuditRow.objects.filter(verb=Verb.PAPER_SEALED).count() == 1
    with at(NEXT, 11):
        page = text_of(client(here.officer).get(here.url("notice", notice.pk)))
    assert "云溪镇人民政府印章 · 3份" in page
    assert "用印人：党政办王二；批准人：镇长" in page


WRONG: list[tuple[dict[str, str], str]] = [
    ({"copies": "0"}, "份数至少1份"),
    ({"copies": "51"}, "份数最多50份"),
    ({"copies": "三"}, "份数请写成整数"),
    ({"copies": ""}, "请填写份数"),
    ({"sealed_on": "2026-11-13"}, "晚于今天"),
    ({"sealed_on": "2026-11-10"}, "早于签发日期"),
    ({"sealed_on": "昨天"}, "日期请写成"),
    ({"name": ""}, "请填写印章名称"),
    ({"approved_by": ""}, "请填写批准人"),
    ({"name": "印" * 61}, "最多60字"),
]


def test_what_is_wrong_is_said_and_nothing_is_entered(here: Desk, notice: Notice) -> None:
    for changes, says in WRONG:
        answer = seal(here, notice, **changes)
        assert answer.status_code == 400, changes
        assert says in text_of(answer), changes
    assert not Seal.objects.exists()


def test_a_draft_bears_no_seal(here: Desk) -> None:
    with at(make.DAY, 15):
        here.draft_order()
    draft = Notice.objects.get()
    answer = seal(here, draft)
    assert answer.status_code == 400
    assert "签发之后才能" in text_of(answer)


def test_a_wrong_entry_is_crossed_out_and_stays(here: Desk, notice: Notice) -> None:
    seal(here, notice)
    row = Seal.objects.get()
    with at(NEXT, 11):
        assert here.post(here.officer, "seal_strike", row.pk, why="").status_code == 400
        assert here.post(here.officer, "seal_strike", row.pk, why="份数写错").status_code == 302
        assert here.post(here.officer, "seal_strike", row.pk, why="再来").status_code == 400
    seal(here, notice, token="p2", copies="2")
    with at(NEXT, 12):
        page = text_of(client(here.officer).get(here.url("seals")))
    assert "已更正：份数写错" in page
    assert Seal.objects.count() == 2


def test_only_the_unit_of_the_paper_enters_its_seal(here: Desk, notice: Notice) -> None:
    assert seal(here, notice, user=here.principal).status_code == 403
    assert seal(here, notice, user=here.place.secretary).status_code == 403
    seal(here, notice)
    row = Seal.objects.get()
    with at(NEXT, 11):
        assert here.post(here.principal, "seal_strike", row.pk, why="错").status_code == 403
        school = text_of(client(here.principal).get(here.url("seals")))
    assert "没有用印登记" in school


def test_the_register_is_narrowed_and_leaves_as_excel_with_a_trace(here: Desk, notice: Notice) -> None:
    seal(here, notice, name="=印章")
    with at(NEXT, 12):
        browser = client(here.deputy)
        assert "没有用印登记" in text_of(browser.get(here.url("seals") + "?first=2026-11-13"))
        assert "云溪政限返〔2026〕1号" in text_of(browser.get(here.url("seals") + "?number=限返&last=2026-11-12"))
        for query in ("?unit=x", "?first=abc", "?after=zz", "?number=%00"):
            assert browser.get(here.url("seals") + query).status_code == 200
        answer = browser.post(here.url("seals_file"), {"number": "限返"})
        wrong = browser.post(here.url("seals_file"), {"first": "abc"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "用印登记簿" in cells
    assert "《限期返校通知书》" in cells
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert "周小䶮" not in "".join(cells)
    assert wrong.status_code == 302
    assert AuditRow.objects.get(verb=Verb.LEDGER_EXPORTED).detail["rows"] == 1


def test_three_entries_cost_no_more_queries_than_one(here: Desk, notice: Notice) -> None:
    def queries() -> int:
        browser = client(here.deputy)
        with at(NEXT, 12), CaptureQueriesContext(connection) as found:
            assert browser.get(here.url("seals")).status_code == 200
        return len(found)

    seal(here, notice)
    queries()
    one = queries()
    seal(here, notice, token="p2")
    seal(here, notice, token="p3")
    assert queries() == one
