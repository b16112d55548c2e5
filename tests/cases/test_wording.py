"""The one plain sentence says what to do now, what was tried, and what comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.refresh import refresh_cases, with_units
from cases.choices import EventKind
from cases.models import Case
from tests import make

pytestmark = pytest.mark.django_db


def absent_today() -> Case:
    """A child absent for one day under the 1/3/5-day ladder."""
    county = make.county()
    township = make.township(county)
    in_class = make.school_class(make.school(township))
    make.plan(township)
    make.roll(in_class, make.DAY, {make.child(in_class, residence=make.village(township)): "unexcused"})
    return Case.objects.get()


def sentence(case: Case, days: int = 0) -> str:
    """The sentence so many days after the absence."""
    at = make.moment(make.DAY + timedelta(days=days), 20)
    refresh_cases(by=make.SYSTEM, cases=with_units([case.pk]), on=at.date(), now=at)
    case.refresh_from_db()
    return case.sentence


def test_it_says_what_is_due_today() -> None:
    assert sentence(absent_today()) == "今天前电话联系监护人"


def test_it_says_by_how_much_it_is_overdue() -> None:
    assert sentence(absent_today(), days=2) == "已逾期2天：电话联系监护人"


def test_nothing_owed_today_still_says_what_comes_next_and_what_was_tried() -> None:
    case = absent_today()
    make.event(case, EventKind.PHONE_CALL, result="no_answer")
    assert sentence(case) == "仍未返校的，下一步入户劝返，告知监护人法定责任并记录；已电话1次未接；建议与村书记同去"


def test_a_mark_taken_back_leaves_a_case_that_says_it_may_be_closed_as_a_mistake() -> None:
    case = absent_today()
    assert case.school_class
    make.roll(case.school_class, make.DAY, {case.student: "sick"}, at=make.moment(make.DAY, 10))
    assert sentence(case) == "按现有考勤没有应办事项；确系误记的，可以“误报”销号"


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        (["mistreated"], True),
        (["weary", "pushed_out"], True),
        (["bullying", "weary"], True),
        (["weary"], False),
        ([], False),
    ],
)
def test_where_the_school_may_be_the_cause_the_bureau_inquires(causes: list[str], said: bool) -> None:
    case = absent_today()
    for cause in causes:
        make.event(case, EventKind.PHONE_CALL, result="connected", cause=cause)
    assert ("由教育局调查，不由该校自查" in sentence(case)) == said
