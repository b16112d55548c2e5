"""Reads typed values out of a county file's tables and notes every mistake with its place, line and remedy."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from agencies.rules.policy_schema import Mistake

Path = tuple[str | int, ...]
# Of a list of rows: the place at which the file wrote each, or the key of one taken over from a base plan.
Places = Mapping[str, tuple[int | str, ...]]
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
CODE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
NO_DAY = EARLIEST  # stands where a date is wrong; what holds it is never used


def as_day(value: Any) -> date | None:
    """A date from a TOML date or ISO text; None if it is neither (a moment with a time is not a date)."""
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def parse_toml(text: str, source: str) -> tuple[dict[str, Any], list[Mistake]]:
    """The data of a TOML text, or an empty table and the mistake that makes it unreadable."""
    try:
        return tomllib.loads(text), []
    except RecursionError:
        return {}, [Mistake(source, "文件", "括号嵌套过深", "请检查是否漏写右括号")]
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        return {}, [Mistake(source, "文件", f"不是有效的 TOML（{error}）", "请检查该处的引号、括号和等号", line)]


def place_of(path: Path) -> str:
    """A path as people read it: steps[3].due.day_type (steps counted from 1)."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "文件"


def line_of(text: str, path: Path) -> int | None:
    """The line on which a path most likely stands, found by its headers and keys; None without text."""
    lines = text.splitlines()
    start, stop, found = 0, len(lines), None
    for depth, part in enumerate(path):
        if isinstance(part, int):
            continue
        nth = path[depth + 1] if depth + 1 < len(path) else 0
        heads = _headers(lines, part, start)
        if heads:
            start = heads[nth] if isinstance(nth, int) and nth < len(heads) else heads[0]
            stop = next((i for i in range(start + 1, len(lines)) if lines[i].lstrip().startswith("[[")), len(lines))
            found = start + 1
            continue
        key = re.compile(rf"(^|[\s{{,])\"?{re.escape(part)}\"?\s*=")
        keyed = next((i for i in range(start, stop) if key.search(lines[i])), None)
        if keyed is None:
            break
        start, found = keyed, keyed + 1
    return found


def _headers(lines: list[str], part: str, start: int) -> list[int]:
    header = re.compile(rf"^\s*\[{{1,2}}([\w.\"-]+\.)?\"?{re.escape(part)}\"?\]{{1,2}}\s*(#.*)?$")
    return [i for i in range(start, len(lines)) if header.match(lines[i])]


class Report:
    """Collects the mistakes of one file; `places` leads from the rows of a resolved plan back to the file."""

    def __init__(self, source: str, text: str = "", places: Places | None = None) -> None:
        self.source, self.text, self.places = source, text, places or {}
        self.mistakes: list[Mistake] = []

    def add(self, path: Path, message: str, remedy: str) -> None:
        """Notes one mistake; one in a row taken over stands at `remove`, which must have caused it."""
        written, taken_over = self._written(path), ""
        if isinstance(written, str):
            taken_over, path = f"{path[0]}.{written}（沿用）", ("remove",)
            remedy = f"{remedy}；或在本文件中改写、删去 {written}"
        elif written is not None:
            path = (path[0], written, *path[2:])
        line = line_of(self.text, path) if self.text else None
        self.mistakes.append(Mistake(self.source, taken_over or place_of(path), message, remedy, line))

    def _written(self, path: Path) -> int | str | None:
        """Where the file wrote the row a path leads into, or the key of a row taken over; None outside such rows."""
        table, row = (path[0], path[1]) if len(path) > 1 else ("", "")
        found = self.places.get(table) if isinstance(table, str) else None
        return found[row] if found is not None and isinstance(row, int) else None


class Table:
    """One table of a county file; every getter notes a mistake and returns a harmless value when the data is wrong."""

    def __init__(self, data: Any, path: Path, report: Report) -> None:
        if not isinstance(data, Mapping):
            report.add(path, "应为一组键值", "请写成表：[名称] 或 { … }")
            data = {}
        self.data: Mapping[str, Any] = data
        self.path, self.report = path, report
        self.seen: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.data

    def wrong(self, key: str, message: str, remedy: str) -> None:
        """Notes a mistake at one key."""
        self.report.add((*self.path, key), message, remedy)

    def text(self, key: str, *, required: bool = True, most: int | None = None) -> str:
        """A text of at most so many letters; a required one must not be empty."""
        value = self._take(key, required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(key, "应为文字", "请加上引号")
            return ""
        if required and not value.strip():
            self.wrong(key, "不能为空", "请填写内容")
        if most is not None and len(value.strip()) > most:
            self.wrong(key, f"过长，共{len(value.strip())}字", f"请缩短到{most}字以内")
        return value.strip()

    def code(self, most: int) -> str:
        """The `key` by which an entry is called elsewhere."""
        key = self.text("key", most=most)
        if key and not CODE.fullmatch(key):
            self.wrong("key", f"编号 {key!r} 不合规", "请只用小写字母、数字、短横线或下划线")
        return key

    def whole(self, key: str, low: int, high: int, *, required: bool = True) -> int | None:
        """A whole number between two bounds."""
        value = self._take(key, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(key, f"应为 {low} 至 {high} 的整数，现为 {str(value)[:40]!r}", "请改成整数")
            return None
        return value

    def halves(self, key: str) -> int:
        """Days that may be halves (3 or 0.5), as half days."""
        value = self._take(key, True)
        if value is None:
            return 1
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 400
        if not fits or value * 2 != int(value * 2):
            self.wrong(key, f"应为大于 0 的天数，可含半天，现为 {str(value)[:40]!r}", "请改成如 1、3 或 0.5")
            return 1
        return int(value * 2)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """true or false."""
        value = self._take(key, default is None)
        if value is None:
            return bool(default)
        if not isinstance(value, bool):
            self.wrong(key, "应为 true 或 false", "请改成 true 或 false，不加引号")
            return bool(default)
        return value

    def word(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        """One word of a closed list."""
        value = self._take(key, default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or value not in set(allowed):
            self.wrong(key, f"不认识的词 {str(value)[:40]!r}", self._remedy(str(value), allowed))
            return default or ""
        return value

    def words(self, key: str, allowed: Iterable[str], *, required: bool = False) -> tuple[str, ...]:
        """A list of words of a closed list, none twice."""
        value = self._take(key, required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.wrong(key, "应为文字列表", '请写成 ["…", "…"]')
            return ()
        if required and not value:
            self.wrong(key, "列表不能为空", "请至少写一项")
        known = set(allowed)
        for word in value:
            if word not in known:
                self.wrong(key, f"不认识的词 {word!r}", self._remedy(word, known))
        if len(set(value)) != len(value):
            self.wrong(key, "有重复项", "请删去重复的词")
        return tuple(word for word in value if word in known)

    def day(self, key: str) -> date:
        """A date; TOML dates (2026-10-10) and the same as text are taken."""
        value = self._take(key, True)
        if value is None:
            return NO_DAY
        day = as_day(value)
        if day is None:
            self.wrong(key, f"不是日期：{str(value)[:40]!r}", "请写成 2026-10-10")
            return NO_DAY
        if not EARLIEST <= day <= LATEST:
            self.wrong(key, f"日期 {day} 不在 2000 年至 2100 年之间", "请核对年份")
            return NO_DAY
        return day

    def sub(self, key: str) -> "Table":
        """A table below this one; a missing one is noted and read as empty."""
        return Table(self._take(key, True) or {}, (*self.path, key), self.report)

    def tables(self, key: str, *, required: bool = False) -> list["Table"]:
        """A list of tables; a single table counts as a list of one."""
        value = self._take(key, required)
        if value is None:
            return []
        if isinstance(value, Mapping):
            return [Table(value, (*self.path, key), self.report)]
        if not isinstance(value, list):
            self.wrong(key, "应为表的列表", f"请写成 [[{key}]]")
            return []
        return [Table(item, (*self.path, key, place), self.report) for place, item in enumerate(value)]

    def finish(self) -> None:
        """Notes every key nobody asked for."""
        for key in self.data:
            if key not in self.seen:
                self.wrong(key, f"不认识的键 {key!r}", self._remedy(key, self.seen))

    def _take(self, key: str, required: bool) -> Any:
        self.seen.add(key)
        if key not in self.data:
            if required:
                self.wrong(key, f"缺少 {key}", "请补上这一项")
            return None
        return self.data[key]

    @staticmethod
    def _remedy(word: str, allowed: Iterable[str]) -> str:
        near = difflib.get_close_matches(word, list(allowed), n=1)
        choice = "、".join(sorted(allowed))
        return f"是否应为 {near[0]}？可用：{choice}" if near else f"可用：{choice}"
