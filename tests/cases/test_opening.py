"""Saving a register brings the open cases of its children up to date, at a cost that does not grow with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.choices import Verb
from agencies.models import AuditRow
from cases.choices import EventKind
from cases.models import Case
from students.choices import AbsenceReason
from tests import make
from tests.cases.scene import ABSENT_DAYS, Scene, client, scene
from tests.counties import KEYS
from tests.students.pages import clock_at, open_class

pytestmark = pytest.mark.django_db
NEXT = make.DAY + timedelta(days=1)


def queries_of_a_save(here: Scene, open_cases: int, opening: int = 0) -> int:
    """Statements of a class's first save of the day in which so many children with an open case are absent again, and
    so many for the first time, whose case it opens."""
    children = [here.child(f"周小{n}", birth_date=make.DAY - timedelta(days=4000)) for n in range(open_cases)]
    others = [here.child(f"周新{n}") for n in range(opening)]
    cases = here.absent(*children)
    for case in cases:
        make.event(case, EventKind.PHONE_CALL, make.DAY, result="no_answer")
    with clock_at(NEXT):
        page = open_class(client(here.teacher), here.school_class)
        for child in children + others:
            page.mark(child, AbsenceReason.UNEXCUSED)
        with CaptureQueriesContext(connection) as saved:
            assert page.save().status_code == 302
    for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
        assert case.absent_half_days == 2 * len(ABSENT_DAYS) + 2
    assert Case.objects.filter(student__in=others, opened_on=NEXT, duties__isnull=False).distinct().count() == opening
    return len(saved)


def test_a_case_the_roll_opens_stands_in_the_childs_trail() -> None:
    here = scene()
    (case,) = here.absent(here.child())
    row = AuditRow.objects.get(verb=Verb.CASE_OPENED)
    assert (row.object_id, row.child_number) == (str(case.pk), case.student.number)


# 虎林, 华容 and XX ask for visits at home or for the age, which the roll does not read.
@pytest.mark.parametrize("plan", KEYS)
def test_a_save_costs_the_same_for_one_open_case_for_three_and_for_a_class_full(plan: str) -> None:
    one = scene(plan=plan)
    three, full = scene(one.county, "青石", plan), scene(one.county, "白水", plan)
    costs = [queries_of_a_save(one, 1), queries_of_a_save(three, 3), queries_of_a_save(full, 45)]
    assert len(set(costs)) == 1, costs
    assert costs[0] <= 19


def test_a_save_in_which_cases_open_beside_open_ones_costs_the_same_for_a_pair_and_for_a_class_full() -> None:
    pair = scene()
    some, full = scene(pair.county, "青石"), scene(pair.county, "白水")
    costs = [queries_of_a_save(pair, 1, 1), queries_of_a_save(some, 3, 3), queries_of_a_save(full, 22, 23)]
    assert len(set(costs)) == 1, costs
    assert costs[0] <= 20


def test_a_duty_that_a_corrected_register_takes_away_is_on_no_worklist() -> None:
    here = scene()
    child = here.child()
    (case,) = here.absent(child, days=ABSENT_DAYS[:2])
    seen = [set(case.duties.values_list("step", flat=True))]
    with clock_at(make.DAY):
        for reason in (AbsenceReason.UNEXCUSED, AbsenceReason.SICK):
            page = open_class(client(here.teacher), here.school_class)
            page.mark(child, reason)
            assert page.save().status_code == 302
            seen.append(set(case.duties.values_list("step", flat=True)))
    assert seen[0] < seen[1]
    assert seen[2] == seen[0]
