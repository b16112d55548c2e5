"""A changed calendar reaches the open cases it touches, and only those."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agencies.actions.calendars import add_entry
from agencies.choices import CalendarKind
from cases.actions.refresh import refresh_stale
from cases.models import Case
from tests import make

pytestmark = pytest.mark.django_db


def test_a_closure_moves_the_due_dates_of_its_school_and_leaves_the_others() -> None:
    county = make.county()
    township = make.township(county)
    schools = [make.school(township, name) for name in ("云溪中心学校", "云溪第二小学")]
    classes = [make.school_class(row) for row in schools]
    make.plan(township)
    for row in classes:
        pupil = make.child(row)
        for days in (2, 1, 0):
            make.roll(row, make.DAY - timedelta(days=days), {pupil: "unexcused"})
    here, elsewhere = Case.objects.order_by("id")
    now = make.moment(make.DAY, 18)
    refresh_stale(by=make.SYSTEM, on=make.DAY, now=now)
    before = Case.objects.get(pk=here.pk).changes_on
    add_entry(
        by=make.SYSTEM,
        unit=schools[0],
        kind=CalendarKind.CLOSED,
        first_day=make.DAY + timedelta(days=1),
        last_day=make.DAY + timedelta(days=2),
        name="大雪停课",
        now=now,
    )
    here.refresh_from_db()
    elsewhere.refresh_from_db()
    assert here.changes_on == make.DAY
    assert elsewhere.changes_on == before
    assert refresh_stale(by=make.SYSTEM, on=make.DAY, now=now) == 1


def test_national_days_touch_every_open_case() -> None:
    county = make.county()
    in_class = make.school_class(make.school(make.township(county)))
    make.plan(county)
    make.roll(in_class, make.DAY, {make.child(in_class): "unexcused"})
    make.calendars.seed_national(by=make.SYSTEM, years=[2024], now=make.moment(make.DAY))
    assert Case.objects.get().changes_on == make.DAY
