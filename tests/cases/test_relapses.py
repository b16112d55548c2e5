"""反复: the number beside a case counts returns that did not last, and no other new round."""

from datetime import date, timedelta

import pytest

from agencies.choices import Role
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from cases.models import Case
from tests import make
from tests.cases.scene import absent_scene, at, client, text_of
from tests.cases.test_placing import applying, decide

pytestmark = pytest.mark.django_db
AFTER = date(2026, 11, 19)


def test_time_that_ran_out_begins_a_round_and_is_no_relapse_on_any_list() -> None:
    place, case = applying()
    decide(place, case, until=date(2026, 11, 18))
    officer = place.person(Role.TOWNSHIP_OFFICER)
    with at(AFTER):
        queue = text_of(client(officer).get("/cases/"))
        assert "周小安" in queue
        assert "反复" not in queue
        assert "周小安" not in text_of(client(officer).get("/dashboard/open/?relapsed=1"))
        page = text_of(client(officer).get(f"/cases/{case.pk}/"))
    assert "第2轮" in page
    assert Case.objects.get(pk=case.pk).relapses == 0


def test_a_child_away_again_under_observation_is_a_relapse_everywhere() -> None:
    place, case = absent_scene()
    back, again = make.DAY + timedelta(days=1), make.DAY + timedelta(days=2)
    make.roll(place.school_class, back)
    teacher = make.actor(place.teacher)
    for kind, said in (
        (EventKind.RETURNED, {"how": "班主任接回"}),
        (EventKind.RETURN_CONFIRMED, {"by": "班主任", "proof": "点名"}),
    ):
        new = NewEvent(kind=kind, happened_on=back, data=said)
        record_event(by=teacher, case=case, event=new, now=make.moment(back, 15))
    make.roll(place.school_class, again, {case.student: "unexcused"})
    with at(again, 16):
        browser = client(place.officer)
        assert "反复" in text_of(browser.get("/cases/"))
        assert "周小安" in text_of(browser.get("/dashboard/open/?relapsed=1"))
    assert Case.objects.get(pk=case.pk).relapses == 1


def test_a_corrected_register_takes_the_relapse_off_a_closed_case_too() -> None:
    place, case = absent_scene()
    back, again = make.DAY + timedelta(days=1), make.DAY + timedelta(days=2)
    make.roll(place.school_class, back)
    for kind, said in (
        (EventKind.RETURNED, {"how": "班主任接回"}),
        (EventKind.RETURN_CONFIRMED, {"by": "班主任", "proof": "点名"}),
    ):
        new = NewEvent(kind=kind, happened_on=back, data=said)
        record_event(by=make.actor(place.teacher), case=case, event=new, now=make.moment(back, 15))
    make.roll(place.school_class, again, {case.student: "unexcused"})
    Case.objects.filter(pk=case.pk).update(closed_on=again, outcome="returned", stage="closed", changes_on=None)
    closed = "/cases/?state=closed"
    with at(again, 16):
        assert "反复" in text_of(client(place.officer).get(closed))
    later = again + timedelta(days=1)
    make.roll(place.school_class, again, at=make.moment(later), why="点错了人")
    with at(later, 16):
        page = text_of(client(place.officer).get(closed))
    assert "周小安" in page
    assert "反复" not in page
    assert Case.objects.get(pk=case.pk).changes_on is None
