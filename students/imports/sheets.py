"""Make the workbooks an import hands out: the faulty rows with what is wrong beside them, and the empty template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import chain
from typing import Any

import xlsxwriter

from agencies.xlsx import Column, Sheet, clean, write
from students.imports.columns import catalogue

WRONG, REMEDY = "错误", "修改办法"


def faulty_workbook(rows: Iterator[dict[str, Any]], *, unit_name: str) -> BytesIO:
    """The faulty rows as they were sent; corrected here, the file can be uploaded as it is."""
    first = next(rows, None)
    heads = list(first["cells"]) if first else []
    columns = (
        Column("wrong", WRONG, width=40, align="left"),
        Column("remedy", REMEDY, width=40, align="left"),
        *(Column(head, head, width=14) for head in heads),
    )
    sheet = Sheet(
        title="学籍信息表：有误的行",
        columns=columns,
        rows=_lines(chain([first] if first else [], rows), heads),
        unit_line=f"学校：{unit_name}",
        date_line="改正后可直接用本表重新上传",
        signatures=(),
        paper="A3",
        tab="学籍信息表",
    )
    target = BytesIO()
    write(sheet, target)
    target.seek(0)
    return target


def _lines(rows: Iterable[Mapping[str, Any]], heads: list[str]) -> Iterator[list[str]]:
    for row in rows:
        said = [f"{m['column']}：{m['message']}" for m in row["mistakes"]]
        remedies = dict.fromkeys(m["remedy"] for m in row["mistakes"])
        yield ["；".join(said), "；".join(remedies), *(row["cells"].get(head, "") for head in heads)]


def template_workbook() -> BytesIO:
    """The sheet of the national record with its 71 heads, all cells text, and the options in a sheet 字典."""
    known = catalogue()
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "num_format": "@"})
    must = book.add_format({"bold": True, "border": 1, "text_wrap": True, "num_format": "@", "bg_color": "#FFF2CC"})
    page, options = book.add_worksheet("学籍信息表"), book.add_worksheet("字典")
    places: dict[str, str] = {}
    for place, codes in enumerate(known.lists.values()):
        options.set_column(place, place, 16)
        options.write_string(0, place, clean(codes.name), head)
        for line, option in enumerate(codes.options, start=1):
            options.write_string(line, place, clean(option), text)
        column = xlsxwriter.utility.xl_col_to_name(place)
        places[codes.name] = f"=字典!${column}$2:${column}${len(codes.options) + 1}"
    for place, entry in enumerate(known.columns):
        # Text from the first cell on: a number of 18 digits typed into a general cell loses its last three.
        page.set_column(place, place, max(10, 2 * len(entry.header) + 2), text)
        page.write_string(0, place, ("★" if entry.required else "") + entry.header, must if entry.required else head)
        if entry.codes in places:
            warning = "information" if not known.lists[entry.codes].closed else "stop"
            page.data_validation(
                1, place, 5000, place, {"validate": "list", "source": places[entry.codes], "error_type": warning}
            )
    page.freeze_panes(1, 0)
    book.close()
    target.seek(0)
    return target
