"""Which plan governs where: adoptions along a unit's path, plans read back from their stored versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import F, Q

from agencies.models import Adoption, PolicyVersion
from agencies.queries.national_days import national_entries
from agencies.rules.calendar import Calendar
from agencies.rules.clauses import Clause, load_clauses
from agencies.rules.county_calendar import load_entries
from agencies.rules.policy import load_policy
from agencies.rules.policy_schema import Policy
from agencies.rules.unit_duties import load_unit_plan
from agencies.rules.unit_schema import UnitPlan
from agencies.scope import current, not_over

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def with_dates(value: Any) -> Any:
    """Parsed TOML as it was before it went through JSON: ISO days become dates again."""
    if isinstance(value, dict):
        return {key: with_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_dates(item) for item in value]
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    return value


@lru_cache(maxsize=64)
def _content(version_id: int, digest: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = PolicyVersion.objects.values_list("content", flat=True).get(pk=version_id)
    return content


@lru_cache(maxsize=64)
def _policy(version_id: int, digest: str) -> Policy:
    policy, mistakes = load_policy(with_dates(_content(version_id, digest)["policy"]), f"version {version_id}")
    if policy is None:
        raise ValueError("；".join(str(mistake) for mistake in mistakes))
    return policy


@lru_cache(maxsize=64)
def _unit_plan(version_id: int, digest: str) -> UnitPlan:
    plan, mistakes = load_unit_plan(_content(version_id, digest).get("duties", {}), f"version {version_id}")
    if plan is None:
        raise ValueError("；".join(str(mistake) for mistake in mistakes))
    return plan


@lru_cache(maxsize=64)
def _clauses(version_id: int, digest: str) -> tuple[Clause, ...]:
    content = _content(version_id, digest)
    if "clauses" not in content:
        return ()
    clauses, mistakes = load_clauses(content["clauses"], None, f"version {version_id}")
    if mistakes:
        raise ValueError("；".join(str(mistake) for mistake in mistakes))
    return clauses


@lru_cache(maxsize=64)
def _calendar(version_id: int, digest: str) -> Calendar | None:
    lines = _content(version_id, digest).get("calendar")
    own, mistakes = load_entries(with_dates(lines), f"version {version_id}", depth=1) if lines else ((), [])
    if mistakes or not own:
        return None
    first, last = min(entry.first_day.year for entry in own), max(entry.last_day.year for entry in own)
    return Calendar((*(entry for year in range(first, last + 1) for entry in national_entries(year)), *own))


def policy_of(version: PolicyVersion) -> Policy:
    """The plan of a version; versions are immutable, so it is read once per process."""
    return _policy(version.pk, version.digest)


def unit_plan_of(version: PolicyVersion) -> UnitPlan:
    """What the version asks of units (empty where its folder has no duties.toml); read once per process."""
    return _unit_plan(version.pk, version.digest)


def clauses_of(version: PolicyVersion) -> tuple[Clause, ...]:
    """The version's clauses with their marks (none where its folder has no clauses.toml); read once per process."""
    return _clauses(version.pk, version.digest)


def calendar_of_plan(version: PolicyVersion) -> Calendar | None:
    """The calendar the version's worked examples stand on: its folder's lines with the national holidays.

    None where the version was stored without it. A unit that runs the plan has a calendar of its own.
    """
    return _calendar(version.pk, version.digest)


def content_of(version: PolicyVersion) -> Mapping[str, Any]:
    """All parsed files of the version's folder: policy, calendar, notices, ledgers, indicators, duties, clauses."""
    return _content(version.pk, version.digest)


def versions_in_force(paths: Iterable[str], on: date) -> dict[str, PolicyVersion]:
    """For each unit path the version adopted by the lowest unit on it (1 query); paths without one are left out."""
    wanted = {path: [int(pk) for pk in path.strip("/").split("/")] for path in set(paths) if path}
    adoptions = (
        Adoption.objects.filter(current(on), unit_id__in={pk for ids in wanted.values() for pk in ids})
        .select_related("version")
        .defer("version__content")
    )
    by_unit = {adoption.unit_id: adoption.version for adoption in adoptions}
    found: dict[str, PolicyVersion] = {}
    for path, ids in wanted.items():
        version = next((by_unit[pk] for pk in reversed(ids) if pk in by_unit), None)
        if version:
            found[path] = version
    return found


def all_versions() -> list[PolicyVersion]:
    """Every version on record without its content, newest first (1 query); plans hold no personal data."""
    return list(PolicyVersion.objects.defer("content").order_by("key", "-version"))


def version_by(pk: int) -> PolicyVersion | None:
    """One version without its content."""
    return PolicyVersion.objects.defer("content").filter(pk=pk).first()


def adoptions_reaching(paths: Iterable[str], on: date) -> list[Adoption]:
    """Adoptions in force at these units, above or below them (1 query)."""
    return _adoptions(paths, current(on))


def adoptions_announced(paths: Iterable[str], on: date) -> list[Adoption]:
    """Adoptions that begin after the day at these units, above or below them (1 query).

    One that another took the place of before it began has its last day before its first.
    """
    return _adoptions(paths, Q(first_day__gt=on) & not_over(F("first_day")))


def _adoptions(paths: Iterable[str], when: Q) -> list[Adoption]:
    reach = Q(pk__in=[])
    for path in set(paths):
        reach |= Q(unit__path__startswith=path)
        reach |= Q(unit_id__in=[int(segment) for segment in path.strip("/").split("/")])
    rows = Adoption.objects.filter(reach, when).select_related("unit", "version").defer("version__content")
    return list(rows.order_by("unit__path", "first_day"))


def examples_of(version: PolicyVersion) -> Mapping[str, str]:
    """The worked examples that came with the version, text by file name; older versions have none."""
    examples: Mapping[str, str] = content_of(version).get("examples", {})
    return examples


def versions_of_key(key: str) -> list[PolicyVersion]:
    """Every version of one plan without its content, newest first (1 query)."""
    return list(PolicyVersion.objects.defer("content").filter(key=key).order_by("-version"))
