"""Turn the cells of one row into facts, listing everything wrong with them at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from students.imports.columns import Catalogue, CodeList, Column
from students.imports.workbook import Row
from students.rules.dates import is_ambiguous_month, read_date
from students.rules.identity import Problem, check_phone, clean, clean_number, clean_phone
from students.rules.masks import mask_address, mask_number, mask_phone
from students.rules.names import check_name, clean_name

BLANK_WORDS = frozenset({"无", "/", "\\", "-", "--", "—", "——", "暂无", "没有", "空", "N/A", "#N/A", "null", "NULL"})
DITTO_WORDS = frozenset({"同上", "〃", '"', "″"})
# A family or a class is often written once; a person's own facts are not.
DITTO_KINDS = frozenset({"address", "class", "school"})
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
NO = frozenset({"否", "非留守儿童", "无残疾"})
MASKS: Mapping[str, Callable[[str], str]] = {"number": mask_number, "phone": mask_phone, "address": mask_address}


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong, for the page to list and sort: row, column, the value (covered if personal), what to do.

    Row 0 is the file as a whole.
    """

    row: int
    column: str
    value: str
    message: str
    remedy: str


@dataclass(slots=True)
class Facts:
    """What a row says: `values` by key, `record` by official head, groups; and what is wrong or worth saying."""

    row: int
    values: dict[str, str] = field(default_factory=dict)
    record: dict[str, str] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)

    def wrong(self, column: str, kind: str, value: str, problem: Problem) -> None:
        """Add a mistake; the value is covered according to the kind of its column."""
        shown = MASKS[kind](value) if kind in MASKS else value[:40]
        self.mistakes.append(Mistake(self.row, column, shown, problem.message, problem.remedy))


class RowReader:
    """Reads rows one after the other: 「同上」 needs the row above."""

    def __init__(self, used: Mapping[str, Column], known: Catalogue) -> None:
        self.used = used
        self.known = known
        self.above: dict[str, str] = {}

    def read(self, row: Row) -> Facts:
        """Facts and mistakes of one row."""
        facts = Facts(row.number, heads={c.key: h for h, c in self.used.items() if c.key})
        for head, column in self.used.items():
            text = clean(row.cells.get(head, ""))
            if not text:
                continue
            if head in row.distorted or (column.kind in {"number", "phone"} and SCIENTIFIC.fullmatch(text)):
                lost = Problem("number", "数字已失真（Excel 只保留前 15 位）", "请将该列设为文本格式后重填")
                facts.wrong(head, "number", text, lost)
                continue
            text = self._ditto(facts, head, column, text)
            if text and (text not in BLANK_WORDS or self._is_option(column, text)):
                self._keep(facts, head, column, text)
        return facts

    def _is_option(self, column: Column, text: str) -> bool:
        return column.kind == "code" and self.known.lists[column.codes].find(text) is not None

    def _ditto(self, facts: Facts, head: str, column: Column, text: str) -> str:
        if text not in DITTO_WORDS:
            self.above[head] = text
            return text
        if column.kind in DITTO_KINDS and head in self.above:
            return self.above[head]
        facts.wrong(head, "", text, Problem("", "这一列不能写“同上”", "请填写完整内容"))
        return ""

    def _keep(self, facts: Facts, head: str, column: Column, text: str) -> None:
        value = READERS.get(column.kind, _read_text)(facts, head, text, self.known.lists.get(column.codes))
        if value is None:
            return
        if len(value) > column.longest:
            facts.wrong(head, "", text, Problem("", f"内容超过 {column.longest} 个字", "请缩短后重填"))
            return
        if column.key:
            facts.values[column.key] = value
        else:
            facts.record[column.header] = value
        if column.group and value not in NO:
            facts.groups.append(column.group)


def _read_text(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    return text


def _read_name(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    name = clean_name(text)
    for problem in check_name(name):
        facts.wrong(head, "", text, problem)
        return None
    return name


def _read_code(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    if codes is None or (value := codes.find(text)) is not None:
        return text if codes is None else value
    if not codes.closed:
        facts.notes.append(f"{head}“{text[:20]}”不在代码表中，照原样保存")
        return text
    options = "、".join(codes.options[:9])
    facts.wrong(head, "", text, Problem("", f"不在“{codes.name}”代码表中", f"请改填：{options}"))
    return None


def _read_date(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    read = read_date(text)
    if read is None:
        facts.wrong(head, "", text, Problem("", "读不出日期", "请写成 8 位数字，如 20130512"))
        return None
    # A date without its day is completed from the document number, or refused, when the row is judged.
    return read.date.isoformat() if read.date else f"{read.year:04d}-{read.month:02d}"


def _read_month(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    read = read_date(text)
    if read:
        return f"{read.year:04d}-{read.month:02d}"
    why = "分不清是 1 月还是 10 月" if is_ambiguous_month(text) else "读不出年月"
    facts.wrong(head, "", text, Problem("", why, "请写成 6 位数字，如 202609"))
    return None


def _read_number(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    return clean_number(text)[:40] or None


def _read_phone(facts: Facts, head: str, text: str, codes: CodeList | None) -> str | None:
    number = clean_phone(text)
    for problem in check_phone(number):
        facts.wrong(head, "phone", text, problem)
        return None
    return number


Reader = Callable[[Facts, str, str, CodeList | None], str | None]
READERS: Mapping[str, Reader] = {
    "name": _read_name,
    "code": _read_code,
    "date": _read_date,
    "month": _read_month,
    "number": _read_number,
    "school": _read_number,
    "phone": _read_phone,
}
