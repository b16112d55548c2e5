"""No word is left without a story: every route, category, application and conclusion is lived through.

What the examples hold is lived by test_examples through registers, acts and lists; what they end as by test_endings.
"""

from __future__ import annotations

from collections.abc import Iterator

from agencies.rules.policy_triggers import LapseTrigger
from cases.choices import Application, Category, EventKind
from cases.rules.event_fields import CONCLUSIONS, ROUTES, WAYS
from cases.rules.facts import Event
from cases.rules.scenario import Scenario
from tests.counties import KEYS, examples_of, policy_of

# No plan has a path of its own for these; how such a case ends is told by test_endings (转学, 超龄).
WITHOUT_A_PATH = {Category.MOVED_AWAY, Category.OVER_AGE}


def lived() -> Iterator[tuple[str, Scenario]]:
    """Every example that test_examples lives through."""
    for key in KEYS:
        yield from ((key, scenario) for _, scenario in examples_of(key) if scenario.taken or scenario.events)


def said(kind: EventKind, field: str, key: str = "") -> set[str]:
    """What the lived examples (of one plan) say in a field of a kind of event."""
    events: list[Event] = [e for plan, s in lived() if key in ("", plan) for e in s.events if e.kind == kind]
    return {str(event.data.get(field)) for event in events} - {"None"}


def test_every_category_of_every_plan_is_lived_through() -> None:
    for key in KEYS:
        assert said(EventKind.CATEGORY_DECIDED, "category", key) == {c.key for c in policy_of(key).categories}, key
    assert said(EventKind.CATEGORY_DECIDED, "category") == set(Category) - WITHOUT_A_PATH


def test_every_application_is_applied_for_and_decided() -> None:
    assert said(EventKind.APPLIED, "application") == set(Application)
    approved = {
        str(event.data["application"])
        for _, scenario in lived()
        for event in scenario.events
        if event.kind == EventKind.APPLICATION_DECIDED and event.data.get("decision") == "approved"
    }
    assert approved == set(Application)
    assert said(EventKind.APPLICATION_DECIDED, "decision") == {"approved", "refused"}


def test_every_application_that_ends_brings_the_child_back_into_view_in_some_example() -> None:
    """Opened before its last day, by the plan's lapse step; 复学 has no end."""
    seen: set[str] = set()
    for key, scenario in lived():
        asking = {
            step.key: step for step in policy_of(key).steps if any(isinstance(t, LapseTrigger) for t in step.triggers)
        }
        opened = {
            d["step"] for e in scenario.expects for d in e.duties if d["step"] in asking and d.get("state") != "ahead"
        }
        decided = [e for e in scenario.events if e.kind == EventKind.APPLICATION_DECIDED]
        held = {str(e.data["application"]) for e in decided if e.data.get("decision") == "approved"}
        asked = {a for k in opened for t in asking[k].triggers if isinstance(t, LapseTrigger) for a in t.applications}
        seen |= held & asked
    assert seen == set(Application) - {Application.RESUMPTION}


def test_every_conclusion_route_and_way_is_lived_through() -> None:
    assert said(EventKind.POLICE_CONCLUSION, "conclusion") == {word for word, _ in CONCLUSIONS}
    assert said(EventKind.ROUTE_CHOSEN, "route") == {word for word, _ in ROUTES}
    assert said(EventKind.EVALUATED, "way") == {word for word, _ in WAYS}
