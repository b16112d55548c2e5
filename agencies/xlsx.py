"""Turn one table definition into the official Excel layout, and into the same table for page and PDF.

The layout is what offices expect of a ledger: merged title, a line with 填报单位 and 填报日期, a head of one or two
rows, 序号 first, 填表说明 and the signature line at the foot, landscape, one page wide, head repeated on every page.
Rows are an iterator and each is written once and forgotten, so 100,000 rows need no more memory than 100.
The writer is XlsxWriter: docs/decisions/0002-excel-writer.md.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import IO, Any, Literal, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

Align = Literal["left", "center", "right"]
Cell = str | int | float | Decimal | date | bool | None

CELL_LIMIT = 32_767  # characters, fixed by the file format
ROW_LIMIT = 1_048_576
CUT_MARK = "…（内容过长，已截断）"
# Excel reads a cell beginning with one of these as a formula once somebody edits it.
DANGEROUS = ("=", "+", "-", "@")

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Excel reads such a group as an escaped character; the underscore before it is escaped itself.
_ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")
_BREAKABLE = re.compile(
    r"(\d{4}-)(\d\d-\d\d|\d{5})|(\d{3})(\d{4})(\d{4})|([A-Z]?\d{6})(\d{8})(\d{3}[\dX])|([^〔〕]+)(〔\d{4}〕\d+号)"
    r"|(\d{3}\*{4}|\*{6,7})(\*{8})?([\dX]{4})"
)
# A character of no width, not <wbr>: an element more in every second cell costs a fifth of the layout.
_MAY_BREAK = "\u200b"
# Above this many characters side by side the table is set in smaller type.
_DENSE = 260
_PAPER_CODE = {"A4": 9, "A3": 8}
_FONT = "宋体"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, the group heading above it (empty: the heading spans both rows), width in characters."""

    key: str
    head: str
    group: str = ""
    width: float = 10
    align: Align = "center"


def align_of(word: str) -> Align:
    """A stored alignment as the layout knows it; anything else is centred."""
    known: dict[str, Align] = {"left": "left", "right": "right"}
    return known.get(word, "center")


@dataclass(frozen=True, slots=True)
class Sheet:
    """An official table; 序号 is added by the renderer, so rows hold one cell per column and no number.

    `unit_line` and `date_line` are whole texts such as 「填报单位（盖章）：…」 and 「填报日期：2026年10月10日」.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]
    unit_line: str = "填报单位（盖章）："
    date_line: str = "填报日期：    年  月  日"
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ("单位负责人：", "复核人：", "填表人：")
    paper: Literal["A3", "A4"] = "A4"
    landscape: bool = True
    tab: str = ""


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A heading with the number of columns and rows it covers."""

    text: str
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell as page and PDF show it."""

    text: str
    align: str

    @property
    def breakable(self) -> str:
        """The text with a mark where a narrow column may break it: after a year, between blocks of a long number."""
        found = _BREAKABLE.fullmatch(self.text)
        return _MAY_BREAK.join(part for part in found.groups() if part) if found else self.text


@dataclass(frozen=True, slots=True)
class Table:
    """The sheet as page and PDF need it: headings by row, and rows of texts with 序号 in front."""

    sheet: Sheet
    head: tuple[tuple[HeadCell, ...], ...]
    widths: tuple[str, ...]
    dense: bool
    rows: Iterator[tuple[TableCell, ...]] = field(compare=False)


class TooManyRowsError(Exception):
    """The table does not fit on one Excel sheet; the message says so in Chinese."""


def clean(value: str) -> str:
    """Text that a cell can hold: no control characters or lone surrogates, at most 32,767 characters."""
    if value.isprintable() and len(value) <= CELL_LIMIT:
        return value.strip()
    text = _UNWRITABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()
    if len(text) > CELL_LIMIT:
        return text[: CELL_LIMIT - len(CUT_MARK)] + CUT_MARK
    return text


def shown(value: Cell) -> str:
    """A value as text: dates as 2026-10-10, yes and no as 是 and 否, nothing as an empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return clean(str(value))


def table(sheet: Sheet) -> Table:
    """The same definition for page and PDF template; rows stay an iterator."""
    aligns = [column.align for column in sheet.columns]

    def rows() -> Iterator[tuple[TableCell, ...]]:
        for number, row in enumerate(sheet.rows, start=1):
            cells = (TableCell(shown(value), align) for value, align in zip(row, aligns, strict=True))
            yield (TableCell(str(number), "center"), *cells)

    total = sum(column.width for column in sheet.columns) + 5
    widths = (5.0, *(column.width for column in sheet.columns))
    return Table(sheet, head(sheet), tuple(f"{100 * width / total:.2f}%" for width in widths), total > _DENSE, rows())


def head(sheet: Sheet) -> tuple[tuple[HeadCell, ...], ...]:
    """One row of headings, or two where columns have groups; neighbours of one group share its heading."""
    if not any(column.group for column in sheet.columns):
        return ((HeadCell("序号"), *(HeadCell(column.head) for column in sheet.columns)),)
    upper = [HeadCell("序号", rowspan=2)]
    lower: list[HeadCell] = []
    for group, members in groupby(sheet.columns, key=lambda column: column.group):
        columns = list(members)
        if group:
            upper.append(HeadCell(group, colspan=len(columns)))
            lower.extend(HeadCell(column.head) for column in columns)
        else:
            upper.extend(HeadCell(column.head, rowspan=2) for column in columns)
    return tuple(upper), tuple(lower)


def write(sheet: Sheet, target: IO[bytes]) -> int:
    """Write the workbook to `target` and return the number of rows.

    Raises TooManyRowsError when the rows do not fit on a sheet, ValueError when a row has not one cell per column.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    book = xlsxwriter.Workbook(target, options)
    # A fixed creation time: the same rows give the same file.
    book.set_properties({"title": clean(sheet.title), "created": datetime(2000, 1, 1)})  # noqa: DTZ001
    writer = _Writer(book, sheet)
    try:
        return writer.fill()
    finally:
        book.close()


def _tab_name(text: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "", clean(text)).strip("'")[:31] or "台账"


class _Styles(NamedTuple):
    """Numbers of the four cell styles of a column, as the file counts them."""

    text: int
    inert: int
    number: int
    day: int


def _index(style: Any) -> int:
    number: int = style._get_xf_index()  # noqa: SLF001 - see docs/decisions/0002-excel-writer.md
    return number


class _Body:
    """Writes the rows of the table as finished XML: XlsxWriter's own way, cell by cell, takes four times as long.

    Stands on XlsxWriter's constant-memory mode: the row begun is put away, ours go to the same file, the next of
    XlsxWriter's follows. `close` returns the number of that row.
    """

    def __init__(self, page: Any, first: int, serial: int, styles: list[_Styles]) -> None:
        page._write_single_row(first)  # noqa: SLF001
        self.page, self.first, self.row = page, first, first
        self.put = page.fh.write
        self.opening = f'"><c r="A{{}}" s="{serial}"><v>{{}}</v></c>'
        self.columns = [(xl_col_to_name(number), style) for number, style in enumerate(styles, start=1)]

    def write(self, serial: int, cells: Sequence[Cell]) -> None:
        self.row += 1
        row = self.row
        parts = [f'<row r="{row}', self.opening.format(row, serial)]
        for (letters, styles), value in zip(self.columns, cells, strict=True):
            style, content = _content(value, styles)
            parts.append(f'<c r="{letters}{row}" s="{style}"{content}')
        parts.append("</row>")
        self.put("".join(parts))

    def close(self) -> int:
        if self.row > self.first:
            # What a cell written by XlsxWriter would have told it: how far the sheet reaches.
            self.page._check_dimensions(self.row - 1, len(self.columns))  # noqa: SLF001
        self.page.previous_row = self.row
        return self.row


def _content(value: Cell, styles: _Styles) -> tuple[int, str]:
    """The style of a cell and what follows it in the cell's XML."""
    if isinstance(value, str):
        return _text(clean(value), styles)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return styles.number, f"><v>{value:.16G}</v></c>"
    if isinstance(value, date) and not isinstance(value, datetime):
        return styles.day, f"><v>{_serial_day(value)}</v></c>"
    return _text(shown(value), styles)


def _text(text: str, styles: _Styles) -> tuple[int, str]:
    if not text:
        return styles.text, "/>"
    # A text stays a text whatever it begins with: never a formula, never a link.
    style = styles.inert if text.startswith(DANGEROUS) else styles.text
    if "_x" in text:
        text = _ESCAPE.sub(r"_x005F\1", text)
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return style, f' t="inlineStr"><is><t>{text}</t></is></c>'


def _serial_day(day: date) -> int:
    """A day as Excel counts it: from 1 on 1900-01-01, with a 29 February in 1900 that never was."""
    return day.toordinal() - 693_594 - (day < date(1900, 3, 1))


class _Writer:
    """Writes one sheet from top to bottom: in constant-memory mode a finished row cannot be touched again."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self.sheet = sheet
        self.page = book.add_worksheet(_tab_name(sheet.tab or sheet.title))
        self.last = len(sheet.columns)
        self.row = 0
        base = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
        body = base | {"border": 1, "text_wrap": True, "num_format": "@"}
        self.title = book.add_format(base | {"font_size": 18, "bold": True, "align": "center", "text_wrap": True})
        self.line = book.add_format(base)
        self.note = book.add_format(base | {"text_wrap": True, "valign": "top"})
        self.head = book.add_format(base | {"border": 1, "bold": True, "align": "center", "text_wrap": True})
        self.serial = book.add_format(body | {"align": "center", "num_format": "0"})
        aligns = sorted({column.align for column in sheet.columns})  # the same file from every process
        self.text = {align: book.add_format(body | {"align": align}) for align in aligns}
        self.inert = {align: book.add_format(body | {"align": align, "quote_prefix": True}) for align in aligns}
        self.number = {align: book.add_format(body | {"align": align, "num_format": "General"}) for align in aligns}
        self.day = {align: book.add_format(body | {"align": align, "num_format": "yyyy-mm-dd"}) for align in aligns}

    def fill(self) -> int:
        self._set_page()
        self._write_top()
        self._write_head()
        count = self._write_rows()
        self._write_foot()
        return count

    def _set_page(self) -> None:
        page, sheet = self.page, self.sheet
        page.set_column(0, 0, 5)
        for index, column in enumerate(sheet.columns, start=1):
            page.set_column(index, index, column.width)
        page.set_paper(_PAPER_CODE[sheet.paper])
        if sheet.landscape:
            page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        page.center_horizontally()
        page.set_footer("&C第 &P 页，共 &N 页")

    def _whole_row(self, text: str, style: Any, height: float) -> None:
        self.page.set_row(self.row, height)
        if self.last:
            self.page.merge_range(self.row, 0, self.row, self.last, clean(text), style)
        else:
            self.page.write_string(self.row, 0, clean(text), style)
        self.row += 1

    def _write_top(self) -> None:
        self._whole_row(self.sheet.title, self.title, 36)
        self.page.set_row(self.row, 20)
        self.page.write_string(self.row, 0, clean(self.sheet.unit_line), self.line)
        self.page.write_string(self.row, max(1, self.last - 2), clean(self.sheet.date_line), self.line)
        self.row += 1

    def _write_head(self) -> None:
        places = _places(self.sheet)
        texts = {(row, column): cell.text for row, column, cell in places}
        depth = len(head(self.sheet))
        first = self.row
        for row in range(depth):
            self.page.set_row(first + row, 30)
            for column in range(self.last + 1):
                self.page.write_string(first + row, column, clean(texts.get((row, column), "")), self.head)
        self.row = first + depth
        self.page.repeat_rows(first, self.row - 1)
        self.page.freeze_panes(self.row, 0)
        # merge_range writes cells too, which a closed row refuses; the cells stand, so only the range is added.
        for row, column, cell in places:
            if cell.rowspan + cell.colspan > 2:
                last_row, last_column = first + row + cell.rowspan - 1, column + cell.colspan - 1
                self.page.merge.append([first + row, column, last_row, last_column])

    def _write_rows(self) -> int:
        body = _Body(self.page, self.row, self._serial_style(), self._column_styles())
        room = ROW_LIMIT - self.row - len(self.sheet.notes) - 2
        count = 0
        for count, row in enumerate(self.sheet.rows, start=1):
            if count > room:
                raise TooManyRowsError(f"表格超过 {room} 行，一张工作表放不下。请按乡镇或学校分开导出。")
            if len(row) != self.last:
                raise ValueError(f"row {count} has {len(row)} cells for {self.last} columns")
            body.write(count, row)
        self.row = body.close()
        return count

    def _serial_style(self) -> int:
        return _index(self.serial)

    def _column_styles(self) -> list[_Styles]:
        each = {
            align: _Styles(*(_index(style[align]) for style in (self.text, self.inert, self.number, self.day)))
            for align in self.text
        }
        return [each[column.align] for column in self.sheet.columns]

    def _write_foot(self) -> None:
        if self.sheet.notes:
            text = "填表说明：" + "\n".join(self.sheet.notes)
            self._whole_row(text, self.note, 16 * (1 + text.count("\n") + len(text) // 80))
        if not self.sheet.signatures:
            return
        self.page.set_row(self.row, 28)
        step = max(1, (self.last + 1) // len(self.sheet.signatures))
        for index, text in enumerate(self.sheet.signatures):
            self.page.write_string(self.row, index * step, clean(text), self.line)
        self.row += 1


def _places(sheet: Sheet) -> list[tuple[int, int, HeadCell]]:
    """Every heading with its row and column within the head."""
    rows = head(sheet)
    upper, column = [], 0
    for cell in rows[0]:
        upper.append((0, column, cell))
        column += cell.colspan
    below = [index for index, member in enumerate(sheet.columns, start=1) if member.group]
    lower = [(1, column, cell) for column, cell in zip(below, rows[1], strict=True)] if len(rows) > 1 else []
    return upper + lower
