"""Reads the county folders of the repository for tests, without a database."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agencies.rules.calendar import Calendar
from agencies.rules.county_calendar import load_entries
from agencies.rules.policy import load_policy
from agencies.rules.policy_law import with_law
from agencies.rules.policy_schema import Mistake, Policy
from cases.rules.scenario import Scenario, load_scenario

FIXTURES = Path(__file__).parent.parent / "fixtures"
KEYS = ("datian-2023", "huarong-2024", "hulin-2020", "jiaotan-2025", "xx-2024")


def toml(path: Path) -> dict[str, Any]:
    """The data of a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def county_calendar(key: str) -> Calendar:
    """The national table and the county's terms."""
    national, wrong = load_entries(toml(FIXTURES / "calendar" / "national.toml"), "national.toml")
    own, also_wrong = load_entries(toml(FIXTURES / "counties" / key / "calendar.toml"), "calendar.toml", depth=1)
    assert not [*wrong, *also_wrong]
    return Calendar(national + own)


def policy_data(key: str) -> dict[str, Any]:
    """A fresh copy of a plan's data, free to be changed."""
    return toml(FIXTURES / "counties" / key / "policy.toml")


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
    for path in sorted((FIXTURES / "counties" / key / "examples").glob("*.toml")):
        scenario, mistakes = load_scenario(toml(path), path.name)
        assert scenario is not None, [str(m) for m in mistakes]
        found.append((path.name, scenario))
    return tuple(found)
