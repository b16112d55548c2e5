"""Every worked example of every plan, lived through the application: roll, acts, nightly refresh, queue."""

from datetime import date

import pytest

from agencies.choices import Permission
from agencies.scope import system
from cases.models import Case
from cases.rules.scenario import Expect, Scenario
from cases.rules.scenario_check import differences
from tests.counties import KEYS, examples_of, policy_of
from tests.journeys.replay import Life

pytestmark = [pytest.mark.django_db, pytest.mark.long]

EXAMPLES = [
    pytest.param(key, name, id=f"{key}/{name}")
    for key in KEYS
    for name, scenario in examples_of(key)
    if scenario.taken or scenario.events
]


@pytest.mark.parametrize(("key", "name"), EXAMPLES)
def test_an_example_comes_out_of_the_application_as_out_of_the_rules(key: str, name: str) -> None:
    scenario = dict(examples_of(key))[name]
    policy, life = policy_of(key), Life(key, scenario)
    calm = life.before_the_first_mark()
    taken, wrong = set(life.taken()) - set(calm), list[str]()
    for day in life.days():
        if day not in calm:
            life.live(day, taken)
        for expect in scenario.expects:
            if expect.on == day and not _told_later(scenario, expect):
                wrong += [*differences(policy, life.standing(day, None), expect), *_listed(life, day)]
    for expect in scenario.expects:
        if _told_later(scenario, expect):
            wrong += differences(policy, life.standing(expect.on, expect.known_at), expect)
    assert wrong == []


def _told_later(scenario: Scenario, expect: Expect) -> bool:
    """Whether the day is asked about as known at a moment, or something that counts was recorded after it."""
    day = expect.on
    late = any(e.happened_on <= day and (e.recorded_at.date() > day or e.superseded_at) for e in scenario.events)
    marked = any(a.first <= day and (a.recorded_on or a.superseded_on) for a in scenario.absent)
    return expect.known_at is not None or late or marked


def _listed(life: Life, day: date) -> list[str]:
    """What the lists show is what stands: stage and due date of the open case, as the nightly refresh left them."""
    case = life.case()
    if case is None or case.closed_on is not None:
        return []
    standing = life.standing(day, None)
    row = Case.objects.visible_to(system("查看"), Permission.VIEW_CASE).filter(pk=case.pk).first()
    assert row is not None
    if (row.stage, row.next_due_on) == (standing.stage, standing.next_due_on):
        return []
    return [f"{day} 队列：{row.stage} {row.next_due_on}，应为 {standing.stage} {standing.next_due_on}"]
