"""Open an uploaded .xls or .xlsx safely and hand out its rows as text by column.

What a file is, its content says, never its extension. Everything that parses it runs in a child process with bounds on
memory, CPU and time (`reader.py`); a child that dies is a sentence for the user, not an error of ours.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from students.imports.heads import normal

ROOT = Path(__file__).resolve().parents[2]
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "请用 Excel 或 WPS 打开后“另存为”Excel 工作簿（.xlsx），再上传"
OTHER_KINDS = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xbc\xaf", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
)
INNER_KINDS = {
    "docx": "Word 文档",
    "doc": "Word 文档",
    "pptx": "演示文稿",
    "ods": "ODS 表格",
    "xlsb": "二进制工作簿（.xlsb）",
    "zip": "压缩包（ZIP）",
    "ole": "别的 Office 文件",
}


class WorkbookRefused(Exception):
    """The upload cannot be read: `message` says what and where, `remedy` what to do; both for the user."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}。{remedy}。")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of an upload; bytes, rows and columns of the sheet, then of the process that reads it."""

    max_bytes: int = 30 << 20
    max_rows: int = 20_000
    max_row: int = 60_000
    max_column: int = 300
    header_rows: int = 10
    max_parts: int = 2_000
    max_unpacked: int = 400 << 20
    max_ratio: int = 250
    small: int = 16 << 20
    memory_mb: int = 1_536
    cpu_seconds: int = 60
    seconds: int = 120


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the spreadsheet, text by column head, and the columns whose digits are already lost."""

    number: int
    cells: Mapping[str, str]
    distorted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The chosen sheet: heads as written, and the rows that are not empty. `repeated` heads stand there twice."""

    name: str
    header_row: int
    headers: tuple[str, ...]
    rows: Iterable[Row]
    repeated: tuple[str, ...] = field(default=())


def open_sheet(
    source: Path | bytes,
    *,
    file_name: str,
    known: frozenset[str],
    anchors: frozenset[str] = frozenset({"姓名"}),
    preferred: str = "学籍信息表",
    limits: Limits = DEFAULT_LIMITS,
) -> Sheet:
    """Read a workbook; `known` and `anchors` are normal column heads by which the header row is found.

    Raises WorkbookRefused with a sentence naming place and remedy, whatever the bytes are.
    """
    if isinstance(source, bytes):
        with tempfile.NamedTemporaryFile(suffix=".upload") as spool:
            spool.write(source)
            spool.flush()
            path = Path(spool.name)
            return open_sheet(
                path, file_name=file_name, known=known, anchors=anchors, preferred=preferred, limits=limits
            )
    kind = _kind_of(source, file_name, limits)
    ask = {
        **asdict(limits),
        "path": str(source),
        "kind": kind,
        "known": sorted(known),
        "anchors": sorted(anchors),
        "preferred": normal(preferred),
    }
    return _sheet_of(_read_apart(ask, file_name, limits), file_name, limits)


def _kind_of(path: Path, file_name: str, limits: Limits) -> str:
    size = path.stat().st_size
    if size == 0:
        raise WorkbookRefused(f"文件“{file_name}”是空的（0 字节）", "请确认文件已经保存好，再重新上传")
    if size > limits.max_bytes:
        raise WorkbookRefused(
            f"文件“{file_name}”有 {size >> 20} MB，超过 {limits.max_bytes >> 20} MB",
            "请删去图片和多余的工作表，或分年级上传",
        )
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(ZIP):
        return "zip"
    if head.startswith(OLE):
        return "ole"
    raise WorkbookRefused(f"文件“{file_name}”不是 Excel 工作簿，而是{_foreign_kind(head)}", SAVE_AS)


def _foreign_kind(head: bytes) -> str:
    for start, name in OTHER_KINDS:
        if head.startswith(start):
            return name
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t \x00").lower().replace(b"\x00", b"")
    if start.startswith(b"<?xml") and b"excel.sheet" in start:
        return "XML 表格，只是扩展名写成了 Excel 的"
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<style")):
        return "网页（HTML），只是扩展名写成了 Excel 的"
    if b"\x00" not in head.strip(b"\x00") and (b"," in head or b"\t" in head):
        return "文本表格（CSV），只是扩展名写成了 Excel 的"
    return "无法识别的内容（文件可能已损坏）"


def _read_apart(ask: Mapping[str, object], file_name: str, limits: Limits) -> IO[bytes]:
    # Closed by the iterator over the rows, or here when there is nothing to iterate over.
    answer: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        done = subprocess.run(
            [sys.executable, "-m", "students.imports.reader"],
            input=json.dumps(ask).encode(),
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        answer.close()
        raise WorkbookRefused(
            f"文件“{file_name}”读了 {limits.seconds} 秒还没有读完", "请删去多余的工作表和格式，或分年级上传"
        ) from slow
    if done.returncode != 0:
        answer.close()
        raise WorkbookRefused(
            f"文件“{file_name}”的内容异常，读取时超出了允许的内存或时间",
            "请新建一个工作簿，只把学籍信息表的数据“选择性粘贴为数值”过去，再上传",
        )
    answer.seek(0)
    return answer


def _sheet_of(answer: IO[bytes], file_name: str, limits: Limits) -> Sheet:
    first: dict[str, Any] = json.loads(answer.readline())
    if "error" in first:
        answer.close()
        raise _refusal(first, file_name, limits)
    heads = [normal(h) for h in first["headers"]]
    written = {n: w for n, w in zip(reversed(heads), reversed(first["headers"]), strict=True) if n}
    repeated = tuple(written[h] for h in written if heads.count(h) > 1)
    return Sheet(first["sheet"], first["header_row"], tuple(written[h] for h in dict.fromkeys(heads) if h),
                 _rows(answer, heads, written), repeated)  # fmt: skip


def _rows(answer: IO[bytes], heads: list[str], written: Mapping[str, str]) -> Iterator[Row]:
    names = [written.get(h, "") if heads.index(h) == i else "" for i, h in enumerate(heads)]
    with answer:
        for line in answer:
            number, cells = json.loads(line)
            lost = frozenset(n for n, c in zip(names, cells, strict=True) if n and isinstance(c, dict))
            texts = {n: c["n"] if isinstance(c, dict) else c for n, c in zip(names, cells, strict=True) if n}
            yield Row(number, texts, lost)


def _refusal(error: Mapping[str, Any], file_name: str, limits: Limits) -> WorkbookRefused:
    """The sentence for an error code of the reader."""
    sheets = "、".join(f"“{s}”" for s in error.get("sheets", ()))
    sheet = error.get("sheet", "")
    kind = INNER_KINDS.get(error.get("kind", ""), "别的文件")
    too_far = f"单元格 {error.get('cell')} 还有内容，超出允许的 {limits.max_row} 行、{limits.max_column} 列"
    sentences = {
        "truncated": (f"文件“{file_name}”不完整或已损坏", "请重新下载或另存一份，能在 Excel 中正常打开后再上传"),
        "broken": (f"文件“{file_name}”不完整或已损坏", "请重新下载或另存一份，能在 Excel 中正常打开后再上传"),
        "bomb": (f"文件“{file_name}”解压后有 {error.get('megabytes')} MB，远大于正常的学籍表", SAVE_AS),
        "entities": (f"文件“{file_name}”内含不该有的外部定义，可能被改动过", SAVE_AS),
        "encrypted": (f"文件“{file_name}”设有打开密码", "请在 Excel“文件—信息—保护工作簿”中取消密码，保存后再上传"),
        "not_workbook": (f"文件“{file_name}”不是 .xls 或 .xlsx 工作簿，而是{kind}", SAVE_AS),
        "too_far": (
            f"工作表{f'“{sheet}”' if sheet else ''}的{too_far}",
            "请删除数据区以外的内容（选中整行整列后“删除”），再上传",
        ),
        "no_header": (
            f"前 {limits.header_rows} 行中没有找到学籍信息表的表头（“姓名”等列名）；文件里的工作表：{sheets or '无'}",
            "请使用全国学籍系统的“学籍信息表”模板，不要改动列名",
        ),
        "two_sheets": (
            f"有 {len(error.get('sheets', ()))} 个工作表都像学籍信息表：{sheets}",
            "请把要导入的工作表改名为“学籍信息表”，或删去旧表",
        ),
        "no_rows": (f"工作表“{sheet}”只有表头，没有学生", "请填入学生后再上传"),
        "too_many": (
            f"工作表“{sheet}”有 {error.get('rows')} 行，超过一次 {limits.max_rows} 行",
            "请分学校或分年级上传",
        ),
    }
    return WorkbookRefused(*sentences[error["error"]])
