"""The worked examples hold, and no number, day type, switch or comparison of a plan can change unnoticed."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from agencies.rules.policy_words import ABSENCE_REASONS, CALL_RESULTS, EVENTS, SWITCHES
from cases.rules.scenario_check import check_scenario, compare
from tests.counties import KEYS, county_calendar, examples_of, load, policy_data, policy_of

EXAMPLES = [pytest.param(key, name, id=f"{key}/{name}") for key in KEYS for name, _ in examples_of(key)]
WORDS = {
    **{k: sorted(v) for k, v in SWITCHES.items()},
    "approver": ["bureau_head"],
    "early_approver": ["bureau_head"],
    "confirmer": ["principal"],
    "event": sorted(EVENTS),
}
GROWING = {"unexcused": ABSENCE_REASONS, "done_results": CALL_RESULTS}
SHRINKING = (
    *("unexcused", "done_results", "done_by", "needs", "report_recipients", "trigger"),
    *("categories", "applications", "outcomes", "deciders"),
)
OPTIONAL = (
    *(
        "roll",
        "charge",
        "opens",
        "early_counts",
        "help_counts",
        "cut_off_hour",
        "unsigned_receipt",
        "comparison",
        "count_first",
    ),
    *("where", "done_where", "only_after", "due_since", "longest", "after", "include"),
)
# Fields of an event under such a key have lists of values, each of which counts.
FIELDS_OF_AN_EVENT = ("where", "done_where")
# Texts and dates say where a rule comes from; they carry no rule themselves.
NOT_RULES = ("assumed", "valid_from", "valid_to", "groups", "documents")

Path = tuple[str | int, ...]
Change = tuple[Path, Any]
GONE = object()


@pytest.mark.parametrize(("key", "name"), EXAMPLES)
def test_a_worked_example_comes_out_as_the_plan_says(key: str, name: str) -> None:
    scenario = dict(examples_of(key))[name]
    assert check_scenario(policy_of(key), county_calendar(key), scenario) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_plan_has_at_least_twelve_examples(key: str) -> None:
    assert len(examples_of(key)) >= 12


def changes(data: Any, path: Path = ()) -> Iterator[Change]:
    """Every single change of a number, switch, day type, comparison or closed list in a plan's data."""
    key = next((str(p) for p in reversed(path) if isinstance(p, str)), "")
    if key in NOT_RULES:
        return
    if isinstance(data, dict):
        for name, value in data.items():
            if name in OPTIONAL:
                yield (*path, name), GONE
            yield from changes(value, (*path, name))
    elif isinstance(data, list):
        yield from _of_list(data, path, key)
    else:
        yield from ((path, value) for value in _of_value(data, path, key))


def _of_list(data: list[Any], path: Path, key: str) -> Iterator[Change]:
    of_an_event = len(path) > 1 and path[-2] in FIELDS_OF_AN_EVENT
    if (key in SHRINKING or of_an_event) and len(data) > 1:
        yield from ((path, data[:i] + data[i + 1 :]) for i in range(len(data)))
    if key == "needs" and len(data) == 1:
        yield path, []
    for word in sorted(GROWING.get(key, frozenset()) - {str(d) for d in data}):
        yield path, [*data, word]
    for place, value in enumerate(data):
        if isinstance(value, dict):
            yield from changes(value, (*path, place))


def _of_value(value: Any, path: Path, key: str) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        return [word for word in WORDS.get(key, []) if word != value]
    if not isinstance(value, (int, float)):
        return []
    may_be_half = key == "relapse_days" or (key == "days" and "trigger" in path)
    steps = [1, -1, 0.5, -0.5] if may_be_half else [1, -1]
    return [value + step for step in steps if value + step >= 0]


def changed(data: dict[str, Any], change: Change) -> dict[str, Any]:
    """A copy of the data with one change made; only what lies on the way to it is copied."""
    copied = copy.copy(data)
    path, value = change
    place: Any = copied
    for part in path[:-1]:
        place[part] = copy.copy(place[part])
        place = place[part]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copied


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_every_change_of_a_rule_fails_an_example_or_is_refused(key: str) -> None:
    data = policy_data(key)
    county = county_calendar(key)
    stories = [(scenario.calendar(county), scenario) for _, scenario in examples_of(key)]
    tried, survivors = 0, []
    for change in changes(data):
        tried += 1
        policy, _ = load(changed(data, change))
        if policy is None:
            continue
        killer = next((story for story in stories if compare(policy, *story)), None)
        if killer is not None:
            # Changes beside one another break the same story: it is asked first the next time.
            stories.remove(killer)
            stories.insert(0, killer)
        else:
            survivors.append(f"{'.'.join(map(str, change[0]))} → {'gone' if change[1] is GONE else change[1]}")
    assert tried > 100
    assert survivors == []
