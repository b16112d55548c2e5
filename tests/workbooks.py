"""Build uploads: rosters as .xlsx and .xls, and the hostile or broken files people and attackers send."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence

import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.styles import PatternFill

Cells = Sequence[object]
HEADERS = ("姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "班级", "成员1姓名", "成员1关系", "成员1联系电话")
ROW = ("王小明", "男", "20130512", "居民身份证", "350425201305120012", "三（2）班", "王大山", "父亲", "13800001234")


def xlsx(
    rows: Iterable[Cells],
    *,
    headers: Cells = HEADERS,
    above: Iterable[Cells] = (),
    sheet: str = "学籍信息表",
    others: Iterable[tuple[str, Iterable[Cells]]] = (),
) -> bytes:
    """A roster as .xlsx: rows `above` the heads, then heads and rows; `others` are further sheets."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for line in (*above, headers, *rows):
        page.append(list(line))
    if above:
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=max(len(headers), 2))
    for name, lines in others:
        extra = book.create_sheet(name)
        for line in lines:
            extra.append(list(line))
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Iterable[Cells], *, headers: Cells = HEADERS, sheet: str = "学籍信息表") -> bytes:
    """A roster as .xls of Excel 97."""
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    for y, line in enumerate((headers, *rows)):
        for x, value in enumerate(line):
            page.write(y, x, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data: bytes, part: str, change: tuple[str, str]) -> bytes:
    """A copy of an .xlsx in which one part has a pattern replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if name == part:
                text, count = re.subn(change[0], change[1], body.decode(), count=1, flags=re.DOTALL)
                assert count, f"{change[0]} is not in {part}"
                body = text.encode()
            new.writestr(name, body)
    return out.getvalue()


def far_cell(row: int = 1_048_576, column: str = "XFD") -> bytes:
    """About 5 KB, with a filled cell in the last corner of the sheet: dense readers run out of memory."""
    cell = f'<row r="{row}"><c r="{column}{row}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return rewritten(xlsx([ROW]), "xl/worksheets/sheet1.xml", ("</sheetData>", cell))


def far_cell_in_disguise() -> bytes:
    """The same with the reference written as a character entity, which a byte search does not see."""
    cell = '<row r="1048576"><c r="&#88;FD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return rewritten(xlsx([ROW]), "xl/worksheets/sheet1.xml", ("</sheetData>", cell))


def formatted_to_the_end() -> bytes:
    """A roster whose whole sheet was once coloured: empty formatted cells down to the last row."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "学籍信息表"
    page.append(list(HEADERS))
    page.append(list(ROW))
    for row in (500, 70_000, 1_048_576):
        page.cell(row=row, column=3).fill = PatternFill("solid", fgColor="FFFF00")
    page.column_dimensions["XFD"].width = 20
    return saved(book)


def bomb(megabytes: int = 64) -> bytes:
    """A small file that unpacks to this many megabytes of rows."""
    row = '<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    many = row * (megabytes * 1_048_576 // len(row))
    return rewritten(xlsx([ROW]), "xl/worksheets/sheet1.xml", ("</sheetData>", many + "</sheetData>"))


def billion_laughs() -> bytes:
    """Entities that multiply."""
    names = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10)]
    head = f'<!DOCTYPE sst [<!ENTITY e0 "ha">{"".join(names)}]><workbook'
    return rewritten(xlsx([ROW]), "xl/workbook.xml", ("<workbook", head))


def encrypted(data: bytes) -> bytes:
    """The workbook with an opening password (ECMA-376 agile)."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("秘密", out)
    return out.getvalue()


def html_table() -> bytes:
    """What many web systems call an .xls."""
    cells = "".join(f"<td>{h}</td>" for h in HEADERS)
    return f"<html><head><meta charset='utf-8'></head><body><table><tr>{cells}</tr></table></body></html>".encode()


def csv_text() -> bytes:
    """A CSV in the encoding of Chinese Windows."""
    return ("\n".join([",".join(HEADERS), ",".join(map(str, ROW))])).encode("gb18030")


def docx() -> bytes:
    """A Word document, as far as its directory goes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()
