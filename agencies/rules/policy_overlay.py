"""Resolves a plan written on top of another one (`base`, `remove`) into one whole; each piece keeps its source."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agencies.rules.county_text import Places, Report
from agencies.rules.policy_schema import Mistake

# What an overlay says of itself and never takes over.
_ITS_OWN: Final = frozenset({"key", "title", "document_number", "issuer", "valid_from", "valid_to", "overlays"})
_ASKS: Final = frozenset({"base", "base_version", "remove"})
# Lists of rows by file, each with the key by which a row is replaced or removed; the first is meant by a bare key.
_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "policy": {"steps": "key", "categories": "key", "applications": "key"},
    "notices": {"paper": "key"},
    "ledgers": {"ledger": "key"},
    "duties": {"duties": "key", "agencies": "key", "letters": "key", "accountability": "name", "groups": "name"},
    "indicators": {},
}
# Tables of single entries, replaced and removed one by one.
_ENTRIES: Final[Mapping[str, tuple[str, ...]]] = {"policy": ("groups", "documents")}
# Stand once, for the folder that wrote them: who runs the plan, its clauses. The calendar is taken over whole.
RESOLVED: Final = tuple(_ROWS)
WHOLE: Final = ("calendar",)

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole plan by file stem; `places` says of each row where the overlay wrote it, or that it is taken over."""

    data: dict[str, dict[str, Any]]
    places: Mapping[str, Places]
    mistakes: tuple[Mistake, ...]


def named(policy: Data) -> str:
    """A plan as others cite it: 《清禾县控辍保学实施方案》（清政办〔2026〕5号）."""
    number = policy.get("document_number")
    return f"《{policy.get('title', '')}》" + (f"（{number}）" if number else "")


def handwritten(data: Data, source: str, text: str = "") -> list[Mistake]:
    """`source` and `overlays` are set where a plan is resolved; a file that writes them would claim another origin."""
    report = Report(source, text)
    if "overlays" in data:
        report.add(("overlays",), "overlays 由程序写入", "请删去；叠加于另一方案的写 base 和 base_version")
    for name, value in data.items():
        rows = value if isinstance(value, list) else [value]
        for place, row in enumerate(rows):
            if isinstance(row, Mapping) and "source" in row:
                path = (name, place, "source") if isinstance(value, list) else (name, "source")
                report.add(path, "source 由程序写入，表示沿用自哪个方案", "请删去")
    return report.mistakes


def version_mistakes(policy: Data, base: Data, text: str) -> list[Mistake]:
    """`base_version` names the version built on: its document number or, where it has none, its first day in force."""
    number, first_day = str(base.get("document_number") or ""), str(base.get("valid_from", ""))
    is_now, what = (number, "文号") if number else (first_day, "施行日期")
    report = Report("policy.toml", text)
    if "base_version" not in policy:
        report.add(("base",), "没有写明叠加于哪一版", f'请补上 base_version = "{is_now}"（该方案的{what}）')
    elif str(policy["base_version"]) != is_now:
        message = f"{named(base)}的{what}是“{is_now}”，不是“{policy['base_version']}”"
        report.add(("base_version",), message, "请对照基础方案核对本方案各处改动，再改 base_version")
    return report.mistakes


def overlaid(base: Mapping[str, Data], own: Mapping[str, Data], texts: Mapping[str, str]) -> Whole:
    """The base with the overlay's pieces in place of those of the same key, new ones beside them, removed ones gone.

    `base` is whole itself (steps of law included); both are parsed files by stem. A replaced row stands where the
    base had it, a new one behind the row written before it, else behind the base's own rows. The result no longer
    needs the base: what it takes over carries `source`.
    """
    source = named(base.get("policy", {}))
    data = {stem: dict(table) for stem, table in own.items()}
    places: dict[str, Places] = {}
    mistakes: list[Mistake] = []
    for stem in RESOLVED:
        if stem not in base and stem not in own:
            continue
        report = Report(f"{stem}.toml", texts.get(stem, ""))
        whole = _Overlay(stem, base.get(stem, {}), own.get(stem, {}), source, report)
        data[stem], places[stem] = whole.resolved()
        mistakes += report.mistakes
    data["policy"]["overlays"] = source
    data |= {stem: dict(base[stem]) for stem in WHOLE if stem not in data and stem in base}
    return Whole(data, places, tuple(mistakes))


class _Overlay:
    """One file of the overlay laid over the same file of the base."""

    def __init__(self, stem: str, base: Data, own: Data, source: str, report: Report) -> None:
        self.base, self.own, self.source, self.report = base, own, source, report
        self.rows, self.entries = _ROWS[stem], _ENTRIES.get(stem, ())
        self.flat = stem == "indicators"
        self.removed = self._removed()

    def resolved(self) -> tuple[dict[str, Any], dict[str, tuple[int | str, ...]]]:
        """The whole file, and where each of its rows was written."""
        result = {name: self._taken(name, value) for name, value in self.base.items() if self._kept(name)}
        places: dict[str, tuple[int | str, ...]] = {}
        for name, value in self.own.items():
            if name in self.entries and isinstance(value, Mapping):
                result[name] = {**result.get(name, {}), **value}
            elif name not in self.rows and name not in _ASKS:
                result[name] = value
        for name in self.rows:
            rows = self._merged(name)
            if rows is None:
                result[name] = self.own[name]
            elif rows:
                result[name], places[name] = [row for row, _ in rows], tuple(place for _, place in rows)
        return result, places

    def _kept(self, name: str) -> bool:
        return name not in _ITS_OWN and name not in self.rows and ("", name) not in self.removed

    def _taken(self, name: str, value: Any) -> Any:
        if name in self.entries:
            return {key: item for key, item in value.items() if (name, key) not in self.removed}
        return self._stamped(value)

    def _stamped(self, piece: Any) -> Any:
        """What another plan or a law gave to the base stays theirs."""
        return {**piece, "source": piece.get("source") or self.source} if isinstance(piece, Mapping) else piece

    def _merged(self, name: str) -> list[tuple[Any, int | str]] | None:
        """Rows with the place at which the overlay wrote them, or the key of one taken over; None if no rows."""
        by, own = self.rows[name], _listed(self.own.get(name))
        if own is None:
            return None
        kept = [row for row in self.base.get(name, []) if (name, row.get(by)) not in self.removed]
        rows: list[tuple[Any, int | str]] = [(self._stamped(row), str(row.get(by))) for row in kept]
        behind: int | None = None
        for place, row in enumerate(own):
            key = row.get(by) if isinstance(row, Mapping) else None
            at = next((i for i, (_, known) in enumerate(rows) if known == key), None)
            if at is not None:
                rows[at] = (row, place)
            else:
                at = _of_law_from(rows, row) if behind is None else behind + 1
                rows.insert(at, (row, place))
            behind = at if not _of_law(row) else behind
        return rows

    def _removed(self) -> set[tuple[str, str]]:
        listed = self.own.get("remove", [])
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            self.report.add(("remove",), "应为文字列表", '请写成 remove = ["…", "…"]')
            return set()
        for item, times in Counter(listed).items():
            if times > 1:
                self.report.add(("remove",), f"{item!r} 写了{times}次", "请只写一次")
        return {pair for item in dict.fromkeys(listed) if (pair := self._meant(item))}

    def _meant(self, item: str) -> tuple[str, str] | None:
        """The list and key a word of `remove` means, a table's list being ""; what cannot be removed is noted."""
        table, dot, key = item.partition(".")
        if not dot:
            table, key = next(iter(self.rows), ""), item
        known = self._keys(self.base, table)
        if not dot and key not in known and key in self._tables(self.base):
            table, known = "", self._tables(self.base)
        if key not in known:
            self._tell_unknown(item, key, known + ([] if dot else self._tables(self.base)))
            return None
        if key in self._keys(self.own, table):
            self.report.add(("remove",), f"{item!r} 既删去又改写", "请只留一种")
            return None
        return table, key

    def _tell_unknown(self, item: str, key: str, known: list[str]) -> None:
        near = difflib.get_close_matches(key, known, n=1)
        asked = f"是否应为 {near[0]}？" if near else ""
        remedy = f"{asked}可删去：{'、'.join(known) or '（无）'}"
        self.report.add(("remove",), f"基础方案没有可删去的 {item!r}", remedy)

    def _tables(self, data: Data) -> list[str]:
        """The tables that stand once, with their entries; whether a plan can do without one the schema says."""
        if self.flat:
            return []
        return [k for k, v in data.items() if isinstance(v, Mapping) and k not in self.rows and k not in _ITS_OWN]

    def _keys(self, data: Data, table: str) -> list[str]:
        if table in self.rows:
            rows = _listed(data.get(table)) or []
            return [str(row.get(self.rows[table])) for row in rows if isinstance(row, Mapping)]
        if table in self.entries:
            entries = data.get(table)
            return list(entries) if isinstance(entries, Mapping) else []
        if self.flat and not table:
            return [name for name in data if name not in _ASKS]
        return [] if table else self._tables(data)


def _listed(value: Any) -> list[Any] | None:
    """Rows as a list; one table counts as a list of one, None is a list of none; anything else is for the reader."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [value]
    return value if isinstance(value, list) else None


def _of_law(row: Any) -> bool:
    """A law is named by the key of its file, a plan by its title in 《》 (`named`)."""
    return isinstance(row, Mapping) and bool(row.get("source")) and not str(row["source"]).startswith("《")


def _of_law_from(rows: Iterable[tuple[Any, int | str]], row: Any) -> int:
    """Behind the plan's own rows, before those of law; a row of law goes to the end."""
    found = [other for other, _ in rows]
    return len(found) if _of_law(row) else next((i for i, one in enumerate(found) if _of_law(one)), len(found))
