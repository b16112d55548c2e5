"""Know the columns of the national record sheet by their heads, and its code lists by name.

The facts are data: `fixtures/xueji/columns.toml` and `codes.toml`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from students.imports.heads import normal

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "xueji"
# "1-男", "10 健康或良好": code and name in one cell.
CODE_AND_NAME = re.compile(r"([0-9A-Z]{1,2})\s*[-.、:\s]\s*(.+)")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its official head, where its value goes (`key`, else the record), and how it is read."""

    header: str
    key: str
    kind: str
    codes: str = ""
    required: bool = False
    group: str = ""
    aliases: tuple[str, ...] = ()
    longest: int = 200


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of options; `words` leads from each way of writing one to the value that is stored."""

    name: str
    closed: bool
    words: Mapping[str, str]
    options: tuple[str, ...]

    def find(self, text: str) -> str | None:
        """The value of a cleaned cell given by name, code or both; None where it is not on the list."""
        if (value := self.words.get(normal_option(text))) is not None:
            return value
        both = CODE_AND_NAME.fullmatch(text)
        return self.words.get(normal_option(both[2])) if both else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All columns and code lists, and the heads that are met but not read."""

    columns: tuple[Column, ...]
    extras: tuple[Column, ...]
    lists: Mapping[str, CodeList]
    by_head: Mapping[str, Column]
    ignored: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What the heads of one sheet mean: `used` by head as written; required columns `missing`; `ignored` by design;
    `unknown` to us; `doubled` = a second head for a column already found."""

    used: Mapping[str, Column]
    missing: tuple[Column, ...]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    doubled: tuple[str, ...]


def normal_option(text: str) -> str:
    """One form of an option: no spaces, full stops of brackets unified by the cleaning before."""
    return text.replace(" ", "").lower()


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue of `fixtures/xueji`, read once."""
    data = tomllib.loads((FOLDER / "columns.toml").read_text(encoding="utf-8"))
    codes = tomllib.loads((FOLDER / "codes.toml").read_text(encoding="utf-8"))
    columns = tuple(_column(c) for c in data["column"])
    extras = tuple(_column(c) for c in data["extra"])
    by_head: dict[str, Column] = {}
    # Official heads first: an alias never takes a head that another column owns.
    for column in (*columns, *extras):
        by_head[normal(column.header)] = column
    for column in (*columns, *extras):
        for alias in column.aliases:
            by_head.setdefault(normal(alias), column)
    lists = {entry["name"]: _code_list(entry) for entry in codes["list"]}
    ignored = frozenset(normal(h) for h in data["ignored"]["headers"])
    return Catalogue(columns, extras, lists, by_head, ignored)


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(
        header=entry["header"],
        key=entry.get("key", ""),
        kind=entry["kind"],
        codes=entry.get("codes", ""),
        required=entry.get("required", False),
        group=entry.get("group", ""),
        aliases=tuple(entry.get("aliases", ())),
        longest=entry.get("longest", 200),
    )


def _code_list(entry: Mapping[str, Any]) -> CodeList:
    words: dict[str, str] = {}
    for option in entry["values"]:
        value = option.get("value") or option["name"]
        for word in (option["name"], option["code"], *option.get("aliases", ())):
            if word:
                words.setdefault(normal_option(word), value)
    return CodeList(entry["name"], entry["closed"], words, tuple(o["name"] for o in entry["values"]))


def known_heads() -> frozenset[str]:
    """Normal forms of every head that marks a row as the header row."""
    return frozenset(catalogue().by_head)


def anchor_heads() -> frozenset[str]:
    """Normal forms of the head without which a row is no header row: the name."""
    return frozenset(head for head, column in catalogue().by_head.items() if column.key == "name")


def map_heads(heads: Iterable[str]) -> Mapped:
    """Say what each head of a sheet means, in any order, and which required columns are not there."""
    known = catalogue()
    used: dict[str, Column] = {}
    ignored: list[str] = []
    unknown: list[str] = []
    doubled: list[str] = []
    taken: set[str] = set()
    # An official head has precedence over an alias of the same column, wherever it stands.
    for head in sorted(heads, key=lambda h: _is_alias(h, known)):
        column = known.by_head.get(normal(head))
        if column is None:
            (ignored if normal(head) in known.ignored else unknown).append(head)
        elif column.header in taken:
            doubled.append(head)
        else:
            taken.add(column.header)
            used[head] = column
    missing = tuple(c for c in known.columns if c.required and c.header not in taken)
    return Mapped(used, missing, tuple(ignored), tuple(unknown), tuple(doubled))


def _is_alias(head: str, known: Catalogue) -> bool:
    column = known.by_head.get(normal(head))
    return column is not None and normal(column.header) != normal(head)
