"""A small table out of an uploaded workbook or of pasted rows, read so that no file can end the process."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import IO, Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_UNPACKED: Final = 40 * 1024 * 1024
MOST_PARTS: Final = 400
MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 20
MOST_LETTERS: Final = 200
_OLE: Final = b"\xd0\xcf\x11\xe0"


class TableError(ValueError):
    """The file cannot be read as a table; the message is a Chinese sentence with the remedy."""


def from_workbook(file: IO[bytes], size: int) -> list[list[str]]:
    """The rows of the first sheet as text. Raises TableError.

    Sizes are checked before anything is unpacked; openpyxl reads row by row, and rows and columns are capped, so a
    cell at the far corner of the sheet costs nothing.
    """
    if size > MOST_BYTES:
        raise TableError(f"文件有{size // 1024}KB，超过2MB的上限。请只保留人员名单，另存为 .xlsx 后再上传。")
    data = file.read(MOST_BYTES + 1)
    if data.startswith(_OLE):
        raise TableError("这是加密的工作簿或旧版 .xls 文件。请在 Excel 或 WPS 中去掉密码，另存为 .xlsx 后再上传。")
    _check_archive(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            return _rows(book)
        finally:
            book.close()
    except TableError:
        raise
    # A damaged or hostile file makes the reader fail in any way it likes; the person gets one sentence.
    except Exception as error:
        raise TableError("文件内容已损坏，无法读取。请用 Excel 或 WPS 重新另存为 .xlsx 后再上传。") from error


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, InvalidFileException, ValueError, OSError) as error:
        raise TableError("这不是 .xlsx 文件（可能是改了扩展名的网页或文本）。请另存为 .xlsx 后再上传。") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TableError("文件解开后过大，不像人员名单。请把名单复制到新的工作簿后再上传。")


def _rows(book: Any) -> list[list[str]]:
    sheet = book.worksheets[0] if book.worksheets else None
    if sheet is None:
        raise TableError("工作簿里没有工作表。请另存为 .xlsx 后再上传。")
    sheet.reset_dimensions()
    rows = [
        [_text(cell) for cell in row]
        for row in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    ]
    return _bounded(rows)


def from_text(text: str) -> list[list[str]]:
    """Rows pasted from a sheet (tabs) or typed with commas. Raises TableError."""
    lines = text.splitlines()
    if any("\t" in line for line in lines):
        return _bounded([[cell.strip()[:MOST_LETTERS] for cell in line.split("\t")] for line in lines])
    return _bounded([[cell.strip()[:MOST_LETTERS] for cell in re.split(r"[,，]", line)] for line in lines])


def to_text(rows: list[list[str]]) -> str:
    """Rows as tab-separated text: what the preview hands to the act that follows."""
    return "\n".join("\t".join(re.sub(r"\s", " ", cell) for cell in row) for row in rows)


def _bounded(rows: list[list[str]]) -> list[list[str]]:
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise TableError(f"超过{MOST_ROWS}行。请分成几份分别上传。")
    if not rows:
        raise TableError("表是空的。第1行写栏目名：姓名、手机、单位、岗位，从第2行起每行一人。")
    return rows


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a point (a phone number kept as a number), days as ISO."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value).strip()[:MOST_LETTERS]
