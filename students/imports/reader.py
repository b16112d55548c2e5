"""Read one uploaded workbook inside a throw-away process: JSON request on stdin, JSON lines on stdout.

Run as `python -m students.imports.reader`. calamine ends the whole process on some hostile files (an abort, not an
exception), and zip directories and compound files are parsed here too: whatever happens, the caller lives on.
The first line of the answer is {"sheet", "header_row", "headers"} or {"error": code, …}; each further line is
[row number, [cells]]. A cell is a string, or {"n": digits} for a number of 16 or more digits, whose last digits the
spreadsheet has already lost.
"""

import datetime
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msoffcrypto
import olefile
import python_calamine

from students.imports.heads import normal

CELL = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^<>]*(?<!/)>\s*<(?!/)""")
LOST_DIGITS = 10**15
CHUNK = 1 << 20
OVERLAP = 4096


class Refused(Exception):
    """The workbook cannot be read; the first argument is the answer line."""


def limit(memory_mb: int, cpu_seconds: int) -> None:
    """Bound what this process may take before any foreign byte is parsed."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_zip(path: Path, ask: dict[str, Any]) -> None:
    """Refuse bombs by the directory alone, and any part with a document type (entities)."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as bad:
        raise Refused({"error": "truncated"}) from bad
    with archive:
        parts = archive.infolist()
        whole = sum(p.file_size for p in parts)
        packed = sum(p.compress_size for p in parts) or 1
        if len(parts) > ask["max_parts"] or whole > ask["max_unpacked"]:
            raise Refused({"error": "bomb", "megabytes": whole >> 20})
        if whole / packed > ask["max_ratio"] and whole > ask["small"]:
            raise Refused({"error": "bomb", "megabytes": whole >> 20})
        if any(p.flag_bits & 1 for p in parts):
            raise Refused({"error": "encrypted"})
        names = {p.filename for p in parts}
        if "xl/workbook.xml" not in names:
            raise Refused({"error": "not_workbook", "kind": zip_kind(names)})
        try:
            check_parts(archive, parts, ask)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as bad:
            raise Refused({"error": "truncated"}) from bad


def zip_kind(names: set[str]) -> str:
    """What a zip file without a workbook is."""
    for kind, part in (("xlsb", "xl/workbook.bin"), ("docx", "word/document.xml"), ("pptx", "ppt/presentation.xml")):
        if part in names:
            return kind
    return "ods" if "content.xml" in names else "zip"


def check_parts(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], ask: dict[str, Any]) -> None:
    """Look for document types in every XML part and for a cell too far out in every worksheet."""
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            first = stream.read(CHUNK)
            if b"<!DOCTYPE" in first or b"<!ENTITY" in first:
                raise Refused({"error": "entities", "part": part.filename})
            if part.filename.startswith("xl/worksheets/"):
                check_range(first, stream, part.filename, ask)


def check_range(first: bytes, stream: Any, part: str, ask: dict[str, Any]) -> None:
    """Refuse a worksheet that holds a filled cell beyond the bounds; empty formatted cells do not count."""
    window = first
    while window:
        for found in CELL.finditer(window):
            column, row = column_number(found[1].decode()), int(found[2])
            if row > ask["max_row"] or column > ask["max_column"]:
                place = f"{found[1].decode()}{row}"
                raise Refused({"error": "too_far", "cell": place, "part": part})
        fresh = stream.read(CHUNK)
        window = window[-OVERLAP:] + fresh if fresh else b""


def column_number(letters: str) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_ole(path: Path) -> None:
    """Refuse an encrypted compound file and one without a workbook stream."""
    try:
        with path.open("rb") as stream, olefile.OleFileIO(stream) as compound:
            streams = {"/".join(entry).lower() for entry in compound.listdir()}
    except Exception as bad:
        raise Refused({"error": "truncated"}) from bad
    if "encryptedpackage" in streams:
        raise Refused({"error": "encrypted"})
    if not streams & {"workbook", "book"}:
        raise Refused({"error": "not_workbook", "kind": "doc" if "worddocument" in streams else "ole"})
    try:
        with path.open("rb") as stream:
            locked = bool(msoffcrypto.OfficeFile(stream).is_encrypted())
    except Exception:  # what msoffcrypto cannot tell, calamine says
        locked = False
    if locked:
        raise Refused({"error": "encrypted"})


def pick_sheet(book: Any, ask: dict[str, Any]) -> tuple[str, int, list[list[Any]]]:
    """Name, header row (from 0) and rows of the wanted sheet, else of the only one with the header."""
    visible = [s.name for s in book.sheets_metadata if "Visible" in str(s.visible) and "WorkSheet" in str(s.typ)]
    preferred = [n for n in visible if normal(n) == ask["preferred"]]
    found = []
    for name in preferred or visible:
        rows = rows_of(book.get_sheet_by_name(name), name, ask)
        header = find_header(rows, ask)
        if header is not None:
            found.append((name, header, rows))
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused({"error": "two_sheets", "sheets": [name for name, _, _ in found]})
    raise Refused({"error": "no_header", "sheets": visible or [s.name for s in book.sheets_metadata]})


def rows_of(sheet: Any, name: str, ask: dict[str, Any]) -> list[list[Any]]:
    """All rows of a sheet from row 1, column A; refused when a filled cell lies beyond the bounds."""
    if sheet.end is None:
        return []
    last_row, last_column = sheet.end[0] + 1, sheet.end[1] + 1
    if last_row > ask["max_row"] or last_column > ask["max_column"]:
        place = f"{column_letters(last_column)}{last_row}"
        raise Refused({"error": "too_far", "cell": place, "sheet": name})
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def find_header(rows: list[list[Any]], ask: dict[str, Any]) -> int | None:
    """Index of the row among the first ones that holds the anchor head and the most known heads, three at least."""
    known, anchors = set(ask["known"]), set(ask["anchors"])
    best: tuple[int, int] | None = None
    for index, row in enumerate(rows[: ask["header_rows"]]):
        heads = {normal(cell) for cell in row if cell != ""}
        score = len(heads & known)
        if heads & anchors and score >= 3 and (best is None or score > best[0]):
            best = (score, index)
    return None if best is None else best[1]


def text_of(value: Any) -> str | dict[str, str]:
    """A cell as text; a number that has lost digits is marked."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if abs(value) >= LOST_DIGITS:
            return {"n": f"{value:.0f}"}
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return {"n": str(value)} if abs(value) >= LOST_DIGITS else str(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def filled(rows: Iterable[list[Any]], first: int) -> Iterator[tuple[int, list[str | dict[str, str]]]]:
    """Rows that are not empty, with their number as the spreadsheet shows it."""
    for number, row in enumerate(rows, start=first):
        cells = [text_of(value) for value in row]
        if any(isinstance(c, dict) or c.strip() for c in cells):
            yield number, cells


def answer(ask: dict[str, Any]) -> Iterator[object]:
    """The lines of the answer."""
    path = Path(ask["path"])
    if ask["kind"] == "zip":
        check_zip(path, ask)
    else:
        check_ole(path)
    try:
        # A stream, not the path: by path calamine believes the extension.
        with path.open("rb") as stream, python_calamine.CalamineWorkbook.from_filelike(stream) as book:
            name, header, rows = pick_sheet(book, ask)
    except python_calamine.PasswordError as bad:
        raise Refused({"error": "encrypted"}) from bad
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as bad:
        raise Refused({"error": "broken", "detail": type(bad).__name__}) from bad
    body = list(filled(rows[header + 1 :], header + 2))
    if not body:
        raise Refused({"error": "no_rows", "sheet": name})
    if len(body) > ask["max_rows"]:
        raise Refused({"error": "too_many", "sheet": name, "rows": len(body)})
    yield {"sheet": name, "header_row": header + 1, "headers": [str(text_of(c)) for c in rows[header]]}
    yield from body


def main() -> None:
    """Answer the request on stdin."""
    ask = json.load(sys.stdin)
    limit(ask["memory_mb"], ask["cpu_seconds"])
    out = sys.stdout
    try:
        lines = [json.dumps(line) for line in answer(ask)]
    except Refused as refused:
        lines = [json.dumps(refused.args[0])]
    except MemoryError:
        sys.exit(3)
    except BaseException as bad:  # a panic inside calamine is no Exception
        lines = [json.dumps({"error": "broken", "detail": type(bad).__name__})]
    out.writelines(line + "\n" for line in lines)


if __name__ == "__main__":
    main()
