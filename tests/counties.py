"""Reads the county folders of the repository for tests, without a database."""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from agencies.rules.calendar import Calendar
from agencies.rules.policy import load_policy
from agencies.rules.policy_law import with_law
from agencies.rules.policy_schema import Mistake, Policy
from cases.rules.scenario import Scenario, load_scenario
from config.counties import Folder, read_folder, read_national

FIXTURES = Path(__file__).parent.parent / "fixtures"
COUNTIES = FIXTURES / "counties"
KEYS = ("datian-2023", "huarong-2024", "hulin-2020", "jiaotan-2025", "xx-2024")


def toml(path: Path) -> dict[str, Any]:
    """The data of a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _folder(key: str) -> Folder:
    """A county folder as the product reads it: an overlay's files laid over those of its base."""
    found = read_folder(COUNTIES / key)
    assert not found.mistakes, [str(m) for m in found.mistakes]
    return found


def folder_data(key: str) -> Mapping[str, Any]:
    """The files of a county folder by name, whole; not to be changed."""
    return _folder(key).data


@cache
def county_calendar(key: str) -> Calendar:
    """The national table and the county's terms."""
    national, wrong = read_national()
    assert not wrong
    return Calendar(national + _folder(key).entries)


def policy_data(key: str) -> dict[str, Any]:
    """A fresh copy of a plan's data, free to be changed; an overlay's is whole, with the law in it."""
    data = toml(COUNTIES / key / "policy.toml")
    return deepcopy(_folder(key).data["policy"]) if "base" in data else data


@cache
def law() -> dict[str, dict[str, Any]]:
    """The steps that laws give to plans, by file name."""
    return {path.stem: toml(path) for path in sorted((FIXTURES / "law").glob("*.toml"))}


def load(
    data: dict[str, Any], laws: Mapping[str, dict[str, Any]] | None = None
) -> tuple[Policy | None, list[Mistake]]:
    """A plan from its data, with the steps of law it names (`laws`: in place of those of the repository)."""
    whole, unknown = with_law(data, law() if laws is None else laws, "policy.toml")
    policy, mistakes = load_policy(whole, "policy.toml")
    return policy, [*unknown, *mistakes]


@cache
def policy_of(key: str) -> Policy:
    """The plan of a county folder."""
    policy, mistakes = load(policy_data(key))
    assert policy is not None, [str(m) for m in mistakes]
    return policy


@cache
def examples_of(key: str) -> tuple[tuple[str, Scenario], ...]:
    """The worked examples of a county folder by file name."""
    found = []
    for path in sorted((COUNTIES / key / "examples").glob("*.toml")):
        scenario, mistakes = load_scenario(toml(path), path.name)
        assert scenario is not None, [str(m) for m in mistakes]
        found.append((path.name, scenario))
    return tuple(found)
