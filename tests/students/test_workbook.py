"""Uploads: whatever the bytes are, the process lives and a Chinese sentence names place and remedy."""

import datetime
import os
import time

import pytest

from students.imports.heads import normal
from students.imports.workbook import Limits, Sheet, WorkbookRefused, open_sheet
from tests import workbooks

DEFAULT = Limits()
KNOWN = frozenset(normal(h) for h in workbooks.HEADERS)


def opened(data: bytes, name: str = "名册.xlsx", limits: Limits = DEFAULT) -> Sheet:
    return open_sheet(data, file_name=name, known=KNOWN, limits=limits)


def rows(data: bytes) -> list[dict[str, str]]:
    return [dict(row.cells) for row in opened(data).rows]


def refusal(data: bytes, name: str = "名册.xlsx", limits: Limits = DEFAULT) -> WorkbookRefused:
    with pytest.raises(WorkbookRefused) as caught:
        list(opened(data, name, limits).rows)
    assert caught.value.message
    assert caught.value.remedy.startswith("请")
    return caught.value


@pytest.mark.parametrize(
    "data", [workbooks.xlsx([workbooks.ROW]), workbooks.xls([workbooks.ROW])], ids=["xlsx", "xls"]
)
def test_both_kinds_of_workbook_are_read_by_column(data):
    (row,) = rows(data)
    assert row["姓名"] == "王小明"
    assert row["身份证件号"] == "350425201305120012"


@pytest.mark.parametrize("name", ["名册.xls", "名册.et", "名册"])
def test_the_extension_does_not_matter(name):
    assert [r.number for r in opened(workbooks.xlsx([workbooks.ROW]), name).rows] == [2]


def test_heads_are_found_below_titles_and_with_decoration():
    heads = tuple(f"★ {h[0]} {h[1:]}（必填）" for h in workbooks.HEADERS)
    sheet = opened(workbooks.xlsx([workbooks.ROW], headers=heads, above=[["2026年名册"], ["填报单位："], []]))
    assert sheet.header_row == 4
    assert [r.number for r in sheet.rows] == [5]


def test_row_numbers_are_those_on_the_screen_and_empty_rows_are_left_out():
    data = workbooks.xlsx([workbooks.ROW, [], ["  "], workbooks.ROW])
    assert [r.number for r in opened(data).rows] == [2, 5]


def test_numbers_dates_and_yes_no_become_text():
    row = ("王小明", True, datetime.date(2013, 5, 12), 2013.5, 41406, 13800001234, "x", "y", 12.0)
    (read,) = rows(workbooks.xlsx([row]))
    assert list(read.values()) == ["王小明", "是", "2013-05-12", "2013.5", "41406", "13800001234", "x", "y", "12"]


def test_an_id_typed_as_a_number_is_marked_as_distorted():
    row = list(workbooks.ROW)
    row[4] = 350425201305120012
    (read,) = opened(workbooks.xlsx([row])).rows
    assert read.distorted == {"身份证件号"}
    (read,) = opened(workbooks.xls([row])).rows
    assert read.distorted == {"身份证件号"}


def test_a_head_that_stands_twice_is_reported_and_the_first_one_counts():
    sheet = opened(workbooks.xlsx([(*workbooks.ROW, "李四")], headers=(*workbooks.HEADERS, "姓名")))
    assert sheet.repeated == ("姓名",)
    assert next(iter(sheet.rows)).cells["姓名"] == "王小明"


def test_the_named_sheet_is_chosen_beside_an_old_one():
    old = [workbooks.HEADERS, ("旧生", *workbooks.ROW[1:])]
    (row,) = rows(workbooks.xlsx([workbooks.ROW], others=[("旧表", old), ("字典", [["性别", "男", "女"]])]))
    assert row["姓名"] == "王小明"


def test_without_that_name_the_only_sheet_with_the_heads_is_chosen():
    (row,) = rows(workbooks.xlsx([workbooks.ROW], sheet="Sheet1", others=[("字典", [["性别", "男", "女"]])]))
    assert row["姓名"] == "王小明"


def test_two_likely_sheets_are_asked_about_by_name():
    data = workbooks.xlsx([workbooks.ROW], sheet="甲", others=[("乙", [workbooks.HEADERS, workbooks.ROW])])
    assert "“甲”、“乙”" in refusal(data).message


def test_a_book_without_the_heads_names_its_sheets():
    assert "“甲”" in refusal(workbooks.xlsx([["x"]], headers=["一", "二"], sheet="甲")).message


def test_formatted_empty_rows_do_not_count():
    assert [r["姓名"] for r in rows(workbooks.formatted_to_the_end())] == ["王小明"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"\x00" * 100, "无法识别"),
        (workbooks.html_table(), "网页（HTML）"),
        (workbooks.csv_text(), "CSV"),
        (b"%PDF-1.7", "PDF"),
        (workbooks.docx(), "Word"),
        (workbooks.xlsx([workbooks.ROW])[:-200], "不完整"),
        (workbooks.xlsx([workbooks.ROW])[:3000], "不完整"),
        (workbooks.xls([workbooks.ROW])[:1500], "不完整"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(3000), "不完整"),
        (b"PK\x03\x04" + os.urandom(3000), "不完整"),
        (workbooks.encrypted(workbooks.xlsx([workbooks.ROW])), "密码"),
        (workbooks.xlsx([]), "没有学生"),
        (workbooks.far_cell(), "XFD1048576"),
        (workbooks.far_cell(row=1_048_576, column="A"), "A1048576"),
        (workbooks.far_cell_in_disguise(), ""),
        (workbooks.bomb(), "解压后有"),
        (workbooks.billion_laughs(), "外部定义"),
    ],
    ids=["empty", "zeros", "html", "csv", "pdf", "docx", "xlsx cut", "xlsx cut early", "xls cut", "ole noise",
         "zip noise", "encrypted", "no rows", "far corner", "far row", "far corner in disguise", "bomb", "laughs"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_remedy(data, words):
    assert words in refusal(data).message


def test_a_five_kilobyte_file_that_kills_its_reader_is_only_a_sentence():
    data = workbooks.far_cell()
    assert len(data) < 10_000
    # With the cheap check out of the way, the reader itself dies; we do not.
    assert "内存" in refusal(data, limits=Limits(max_row=2_000_000, max_column=20_000)).message


def test_a_reader_that_takes_too_long_is_stopped():
    began = time.monotonic()
    assert "秒" in refusal(workbooks.xlsx([workbooks.ROW]), limits=Limits(seconds=0)).message
    assert time.monotonic() - began < 10


def test_too_many_rows_are_counted_in_the_refusal():
    data = workbooks.xlsx([workbooks.ROW] * 12)
    assert "12 行" in refusal(data, limits=Limits(max_rows=10)).message


def test_a_file_too_large_is_refused_before_anything_opens_it():
    assert "MB" in refusal(b"PK\x03\x04" + b"0" * 100, limits=Limits(max_bytes=50)).message
