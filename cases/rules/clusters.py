"""Several cases of one class within a short time: a sign that the cause may lie with the school."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from agencies.rules.policy_schema import Clusters


class Opened(NamedTuple):
    """An open case as the rule reads it: its class, the plan version that governs it, the day it was opened."""

    school_class: int
    plan: int
    opened_on: date


class Cluster(NamedTuple):
    """So many open cases of a class, begun within so many natural days up to the day asked about."""

    school_class: int
    cases: int
    days: int


def first_day(limit: Clusters, on: date) -> date:
    """The first day of the plan's window that ends with `on`."""
    return on - timedelta(days=limit.days - 1)


def clusters(cases: Iterable[Opened], limits: Mapping[int, Clusters], on: date) -> list[Cluster]:
    """The classes with as many cases within the window as their plan names, most cases first.

    `limits` by plan version; a plan without one has no such sign. Source: clauses 30, the plans' `[clusters]`.
    """
    counted = Counter(
        (case.school_class, case.plan)
        for case in cases
        if case.plan in limits and first_day(limits[case.plan], on) <= case.opened_on <= on
    )
    found = [Cluster(key, n, limits[plan].days) for (key, plan), n in counted.items() if n >= limits[plan].cases]
    return sorted(found, key=lambda cluster: (-cluster.cases, cluster.school_class))
