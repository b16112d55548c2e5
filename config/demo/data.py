"""Reads what the demonstration is made of: places, names, tales and words, all of them data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from cases.choices import EventKind


@dataclass(frozen=True, slots=True)
class SchoolData:
    """A school to build: one class for each of `grades`, about `size` children in each."""

    name: str
    code: str
    grades: tuple[int, ...]
    size: int
    code_word: str = ""


@dataclass(frozen=True, slots=True)
class TownshipData:
    """A township to build, the plan it shows, whose tales it tells ("" = the plan's own), what its papers say."""

    name: str
    plan: str
    plan_note: str
    villages: tuple[str, ...]
    schools: tuple[SchoolData, ...]
    code_word: str = ""
    phone: str = ""
    tales: str = ""


@dataclass(frozen=True, slots=True)
class Tale:
    """What happens to one child. Days are school days counted back from the last one (0 = it)."""

    plan: str
    title: str
    absent: tuple[tuple[int, int], ...]
    does: frozenset[EventKind]
    returns: int | None = None
    close: bool = False
    call: str = "connected"
    cause: str = ""
    whereabouts: bool = False
    share: int = 1


@dataclass(frozen=True, slots=True)
class LargeData:
    """The measures of the large county."""

    townships: int
    villages: int
    schools: int
    classes: int
    plans: tuple[str, ...]
    tales: str
    township_stems: tuple[str, ...]
    village_stems: tuple[str, ...]
    class_sizes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class CountyData:
    """The county to build."""

    name: str
    code: str
    bureau_phone: str
    plans: tuple[str, ...]
    scenes: dict[str, str]
    townships: tuple[TownshipData, ...]
    large: LargeData


@dataclass(frozen=True, slots=True)
class NameData:
    """The characters names are put together from."""

    surnames: tuple[str, ...]
    boys: tuple[str, ...]
    girls: tuple[str, ...]
    rare: tuple[str, ...]
    two_characters_boys: tuple[str, ...]
    men: tuple[str, ...]
    women: tuple[str, ...]
    ethnic: tuple[str, ...] = field(default=())


def folder() -> Path:
    """Where the demonstration's data lies, beside the counties."""
    return Path(settings.COUNTIES_DIR).parent / "demo"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((folder() / f"{name}.toml").read_text(encoding="utf-8"))


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


@lru_cache(maxsize=1)
def county_data() -> CountyData:
    """The county."""
    data = _read("county")
    townships = [
        TownshipData(schools=tuple(SchoolData(**_tuples(school)) for school in row.pop("school")), **_tuples(row))
        for row in data["township"]
    ]
    return CountyData(
        data["name"],
        data["code"],
        data["bureau_phone"],
        tuple(data["plans"]),
        data["scenes"],
        tuple(townships),
        LargeData(**_tuples(data["large"])),
    )


@lru_cache(maxsize=1)
def name_data() -> NameData:
    """The names."""
    return NameData(**_tuples(_read("names")))


@lru_cache(maxsize=1)
def tales() -> tuple[Tale, ...]:
    """The tales, in the order of the file."""
    found = []
    for row in _read("tales")["tale"]:
        row["absent"] = tuple((first, last) for first, last in row["absent"])
        row["does"] = frozenset(EventKind(kind) for kind in row["does"])
        found.append(Tale(**row))
    return tuple(found)


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """What is written into the forms, by kind of event."""
    found: dict[str, dict[str, str]] = _read("words")
    return found
