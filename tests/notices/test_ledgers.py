"""Ledgers: the county picks, orders and renames columns; Excel, PDF and page come from that one choice."""

import io
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints

import openpyxl
import pytest
from django.conf import settings
from pypdf import PdfReader

from agencies import pdf, xlsx
from notices.ledgers.columns import COLUMNS, LedgerRow
from notices.ledgers.county import KINDS, load_ledgers
from notices.ledgers.definition import PDF_ROWS, CountyLedger, pdf_refusal, sheet

COUNTIES = Path(settings.BASE_DIR) / "fixtures" / "counties"
BASE = Path(settings.BASE_DIR) / "config" / "static"
FILES = sorted(COUNTIES.glob("*/ledgers.toml"))
DAY = date(2026, 10, 12)
ROW: LedgerRow = {
    "file_number": "2026-001",
    "name": "欧阳小䶮",
    "sex": "男",
    "birth_date": date(2013, 5, 12),
    "id_number": "350425201305120012",
    "student_number": "G350425201305120012",
    "guardian": "欧阳山",
    "phone": "13800005678",
    "address": "某县均安镇上村三组12号",
    "village": "上村",
    "school": "某县第六中学",
    "grade": "八",
    "class_name": "3",
    "entry_status": "在校",
    "special_group": True,
    "groups": "低保家庭、残疾儿童",
    "groups_open": "低保家庭",
    "at_risk": False,
    "reason": "厌学",
    "township_result": "返校",
    "stage": "乡镇督办",
    "closed": False,
    "remark": "=1+1",
}
GOOD: dict[str, Any] = {
    "key": "base",
    "kind": "children_base",
    "title": "某镇适龄儿童少年底数台账",
    "clause": "一",
    "quote": "标注入学状态",
    "columns": ["name", "entry_status", "special_group", "at_risk", "groups", "phone", "remark"],
}


def shipped() -> list[CountyLedger]:
    read = [tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES]
    return [ledger for data in read for ledger in load_ledgers(data, "ledgers.toml")[0]]


def good(**changes: Any) -> CountyLedger:
    ledgers, found = load_ledgers({"ledger": [GOOD | changes]}, "ledgers.toml")
    assert found == []
    return ledgers[0]


def mistakes(**changes: Any) -> list[str]:
    table = {key: value for key, value in (GOOD | changes).items() if value is not None}
    ledgers, found = load_ledgers({"ledger": [table]}, "ledgers.toml")
    assert bool(ledgers) != bool(found)
    return [str(mistake) for mistake in found]


def texts(ledger: CountyLedger, *, full: bool, restricted: bool = False) -> dict[str, str]:
    made = sheet(ledger, [ROW], unit="某镇", on=DAY, full=full, restricted=restricted)
    (cells,) = made.rows
    return {column.key: xlsx.shown(cell) for column, cell in zip(made.columns, cells, strict=True)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_files_we_ship_have_no_mistake(path: Path) -> None:
    ledgers, found = load_ledgers(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    assert found == []
    assert ledgers


def test_every_kind_of_ledger_is_kept_by_some_county() -> None:
    assert {ledger.kind.key for ledger in shipped()} == set(KINDS)


def test_every_column_has_a_place_in_a_row_and_every_kind_knows_its_columns() -> None:
    derived = {"birth_month", "grade_class"}
    assert set(COLUMNS) - derived <= set(get_type_hints(LedgerRow))
    for kind in KINDS.values():
        assert set(kind.required) <= set(kind.columns) <= set(COLUMNS)
        assert len(set(kind.columns)) == len(kind.columns)


@pytest.mark.long
@pytest.mark.parametrize("ledger", shipped(), ids=lambda ledger: ledger.key)
def test_excel_and_pdf_show_the_same_head(ledger: CountyLedger) -> None:
    target = io.BytesIO()
    xlsx.write(sheet(ledger, [ROW] * 36, unit="某镇", on=DAY, full=True), target)
    page = openpyxl.load_workbook(target).active
    assert page is not None
    heads = {str(cell.value) for row in page["3:4"] for cell in row if cell.value}

    table = xlsx.table(sheet(ledger, [ROW] * 36, unit="某镇", on=DAY, full=True))
    assert {cell.text for row in table.head for cell in row} == heads
    assert [page["A3"].value, page.cell(3, page.max_column).value] == ["序号", "备注"]

    data = pdf.render("notices/print/ledger.html", {"table": table, "title": ledger.title}, base=BASE)
    pages = [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert ledger.title in text
        assert "填报单位（盖章）：某镇" in text
        assert f"第{number}页，共{len(pages)}页" in text
    assert "".join(ledger.signatures) in pages[-1]
    size = PdfReader(io.BytesIO(data)).pages[0].mediabox
    assert round(float(size.width)) == (1191 if ledger.paper == "A3" else 842)


def test_identities_are_masked_unless_the_ledger_leaves_in_full() -> None:
    base = next(ledger for ledger in shipped() if ledger.kind.key == "children_base")
    covered, whole = texts(base, full=False), texts(base, full=True)
    assert whole["id_number"] == "350425201305120012"
    assert covered["id_number"] == "**************0012"
    assert covered["phone"] == "138****5678"
    assert covered["name"] == "欧阳*䶮"
    assert "上村三组" not in covered["address"]


def test_restricted_groups_are_named_only_to_those_who_may_see_them() -> None:
    assert texts(good(), full=True)["groups"] == "低保家庭"
    assert texts(good(), full=True, restricted=True)["groups"] == "低保家庭、残疾儿童"


def test_a_row_with_nothing_known_prints_empty() -> None:
    made = sheet(good(), [{}], unit="某镇", on=DAY, full=True)
    assert [xlsx.shown(cell) for cell in next(iter(made.rows))] == [""] * 7


def test_the_county_orders_and_renames_columns() -> None:
    ledger = good(columns=["at_risk", *GOOD["columns"][:3]], heads={"name": "学生"}, groups={"name": "学生信息"})
    made = sheet(ledger, [ROW], unit="某镇", on=DAY, full=True)
    assert [column.head for column in made.columns] == ["是否有辍学风险", "学生", "入学状态", "是否特殊群体"]
    assert made.columns[1].group == "学生信息"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "money"}, "没有“money”这种台账"),
        ({"columns": [*GOOD["columns"][:-1], "notice_number", "remark"]}, "没有“notice_number”这一列"),
        ({"columns": ["name", *GOOD["columns"]]}, "“name”写了不止一次"),
        ({"columns": GOOD["columns"][1:]}, "缺少必需的列“name”（姓名）"),
        ({"columns": ["remark", *GOOD["columns"][:-1]]}, "备注不在最后一列"),
        ({"columns": [*GOOD["columns"][:-1], "id_number"]}, "没有写明理由"),
        ({"columns": "name"}, "应为文字的列表"),
        ({"heads": {"hukou": "户口"}}, "“hukou”不在本台账的列中"),
        ({"heads": {"name": 3}}, "应为列名与文字的对照"),
        ({"paper": "A5"}, "纸张只能是 A3 或 A4"),
        ({"quote": None}, "缺少这一项"),
        ({"title": 7}, "应为文字"),
        ({"color": "red"}, "没有这一项"),
    ],
)
def test_each_mistake_is_said_in_chinese(changes: dict[str, Any], sentence: str) -> None:
    found = mistakes(**changes)
    assert any(sentence in text for text in found), found


def test_all_mistakes_of_a_file_come_at_once() -> None:
    tables = [GOOD | {"kind": "money"}, GOOD | {"paper": "A5", "quote": ""}, {"key": "x"}]
    _, found = load_ledgers({"ledger": tables, "ledgers": []}, "ledgers.toml")
    assert len({mistake.place for mistake in found}) >= 7


@pytest.mark.parametrize("data", [{"ledger": "x"}, {"ledger": [1]}, {"ledger": {"key": 1}}])
def test_a_file_of_the_wrong_shape_is_a_mistake_and_no_crash(data: dict[str, Any]) -> None:
    ledgers, found = load_ledgers(data, "ledgers.toml")
    assert ledgers == ()
    assert "[[ledger]]" in str(found[0])


def test_the_same_key_twice_is_a_mistake() -> None:
    ledgers, found = load_ledgers({"ledger": [GOOD, GOOD]}, "ledgers.toml")
    assert [len(ledgers), len(found)] == [1, 1]


def test_a_very_long_ledger_goes_to_excel_not_to_pdf() -> None:
    assert pdf_refusal(PDF_ROWS) == ""
    assert "请下载 Excel" in pdf_refusal(PDF_ROWS + 1)


def test_a_ledger_says_whether_it_needs_full_identity() -> None:
    assert not good().needs_full_identity
    assert replace(good(), identity_reason="须核对").needs_full_identity
