"""Workbooks have the official layout, and nothing typed into the system becomes a formula in them."""

import io
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from agencies import xlsx
from agencies.xlsx import Column, Sheet

COLUMNS = (
    Column("name", "姓名", "学生信息", 10),
    Column("number", "身份证号", "学生信息", 20),
    Column("day", "日期", "", 12),
    Column("count", "次数", "劝返", 6),
    Column("text", "记录", "劝返", 30, "left"),
    Column("remark", "备注"),
)
ROW = ("张三", "350425201305120012", date(2026, 10, 10), 3, "入户", "")


def sheet(*rows: tuple[xlsx.Cell, ...], columns: tuple[Column, ...] = COLUMNS) -> Sheet:
    return Sheet(
        title="某镇控辍保学总台账",
        columns=columns,
        rows=iter(rows),
        unit_line="填报单位（盖章）：某镇",
        date_line="填报日期：2026年10月10日",
        notes=("一人一档。", "每月更新。"),
        paper="A3",
    )


def opened(definition: Sheet) -> Worksheet:
    target = io.BytesIO()
    xlsx.write(definition, target)
    page = openpyxl.load_workbook(io.BytesIO(target.getvalue())).active
    assert page is not None
    return page


def texts(page: Worksheet, row: int) -> list[object]:
    return [cell.value or "" for cell in page[row]]


def test_title_unit_line_and_two_row_head_stand_where_offices_expect_them() -> None:
    page = opened(sheet(ROW))
    assert page["A1"].value == "某镇控辍保学总台账"
    assert "填报单位（盖章）：某镇" in texts(page, 2)
    assert "填报日期：2026年10月10日" in texts(page, 2)
    assert texts(page, 3) == ["序号", "学生信息", "", "日期", "劝返", "", "备注"]
    assert texts(page, 4) == ["", "姓名", "身份证号", "", "次数", "记录", ""]


def test_head_cells_are_merged() -> None:
    merged = {str(area) for area in opened(sheet(ROW)).merged_cells.ranges}
    assert {"A1:G1", "A3:A4", "B3:C3", "D3:D4", "E3:F3", "G3:G4"} <= merged


def test_a_head_without_groups_takes_one_row() -> None:
    page = opened(sheet(("甲", "乙"), columns=(Column("a", "姓名"), Column("b", "备注"))))
    assert texts(page, 3) == ["序号", "姓名", "备注"]
    assert texts(page, 4) == [1, "甲", "乙"]


def test_it_prints_on_a3_landscape_one_page_wide_with_the_head_repeated() -> None:
    page = opened(sheet(ROW))
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.paperSize == 8
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$3:$4"


def test_notes_and_signatures_close_the_sheet() -> None:
    page = opened(sheet(ROW))
    assert page["A6"].value == "填表说明：一人一档。\n每月更新。"
    assert [text for text in texts(page, 7) if text] == ["单位负责人：", "复核人：", "填表人："]


def test_numbers_dates_and_id_numbers_keep_their_kind() -> None:
    row = opened(sheet(ROW))[5]
    assert [row[0].value, row[4].value] == [1, 3]
    assert (row[2].value, row[2].data_type, row[2].number_format) == ("350425201305120012", "s", "@")
    assert row[3].is_date
    assert row[3].value.date() == date(2026, 10, 10)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    cell = opened(sheet(("甲", text, None, 1, "", "")))["C5"]
    assert (cell.data_type, cell.value) == ("s", text.strip())
    assert cell.quotePrefix
    assert cell.number_format == "@"


@pytest.mark.parametrize("text", ["a & b < c > d", "<r>x</r>", "_x00_", "]]>", "&amp;"])
def test_what_means_something_in_the_file_is_only_text_in_a_cell(text: str) -> None:
    assert opened(sheet((text, "", None, 1, "", "")))["B5"].value == text


def test_what_excel_would_read_as_an_escaped_letter_is_escaped_itself() -> None:
    # openpyxl shows the escape, Excel takes it off again.
    assert opened(sheet(("_x0041_", "", None, 1, "", "")))["B5"].value == "_x005F_x0041_"


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(2012, 2, 29)])
def test_every_day_a_workbook_knows_is_kept(day: date) -> None:
    assert opened(sheet(("甲", "", day, 1, "", "")))["D5"].value.date() == day


def test_a_sheet_without_rows_notes_and_signatures_is_whole() -> None:
    page = opened(Sheet("台账", COLUMNS, iter([]), notes=(), signatures=()))
    assert page.max_row == 4
    page = opened(Sheet("台账", COLUMNS, iter([ROW]), notes=(), signatures=()))
    assert page.dimensions == "A1:G5"


def test_characters_a_workbook_cannot_hold_are_removed() -> None:
    assert xlsx.clean("坏\x0b\x00字\ud800\ufffe") == "坏字"
    assert opened(sheet(("坏\x0b\ud800字", "", None, 1, "", "")))["B5"].value == "坏字"


def test_line_breaks_stay_and_rare_characters_stay() -> None:
    assert xlsx.clean("一\r\n二\r三 䶮𬱖") == "一\n二\n三 䶮𬱖"


def test_too_long_a_text_is_cut_with_a_mark() -> None:
    cut = xlsx.clean("长" * 40_000)
    assert len(cut) == xlsx.CELL_LIMIT
    assert cut.endswith(xlsx.CUT_MARK)


def test_rows_are_taken_one_by_one_from_an_iterator() -> None:
    alive = 0

    class Row(tuple[xlsx.Cell, ...]):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[Row]:
        nonlocal alive
        for _ in range(200):
            alive += 1
            assert alive <= 3
            yield Row(ROW)

    definition = Sheet("台账", COLUMNS, rows())
    assert xlsx.write(definition, io.BytesIO()) == 200


def test_a_row_of_the_wrong_length_is_a_fault() -> None:
    with pytest.raises(ValueError, match="row 1 has 1 cells for 6 columns"):
        xlsx.write(sheet(("甲",)), io.BytesIO())


def test_more_rows_than_a_sheet_holds_are_refused_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROW_LIMIT", 10)
    with pytest.raises(xlsx.TooManyRowsError, match="一张工作表放不下。请按乡镇或学校分开导出"):
        xlsx.write(sheet(*[ROW] * 10), io.BytesIO())


def test_the_same_rows_give_the_same_file() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    xlsx.write(sheet(ROW), first)
    xlsx.write(sheet(ROW), second)
    assert first.getvalue() == second.getvalue()


def test_page_and_pdf_see_the_same_head_and_texts() -> None:
    table = xlsx.table(sheet(ROW))
    assert [(cell.text, cell.colspan, cell.rowspan) for cell in table.head[0]] == [
        ("序号", 1, 2),
        ("学生信息", 2, 1),
        ("日期", 1, 2),
        ("劝返", 2, 1),
        ("备注", 1, 2),
    ]
    rows = [[cell.text for cell in row] for row in table.rows]
    assert rows == [["1", "张三", "350425201305120012", "2026-10-10", "3", "入户", ""]]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2026-10-10", ("2026-", "10-10")),
        ("2026-00012", ("2026-", "00012")),
        ("13800005678", ("138", "0000", "5678")),
        ("138****5678", ("138****", "5678")),
        ("350425201305120012", ("350425", "20130512", "0012")),
        ("**************001X", ("******", "********", "001X")),
        ("某镇限返〔2026〕3号", ("某镇限返", "〔2026〕3号")),
        ("入户", ("入户",)),
    ],
)
def test_long_cells_break_at_readable_places(text: str, parts: tuple[str, ...]) -> None:
    assert xlsx.TableCell(text, "center").breakable.split("\u200b") == list(parts)
