"""A case begun by 归类认定 (the survey says to which of the plan's classes the child belongs) or by an application."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.actions.events import NewEvent
from cases.actions.opening import begin_case
from cases.choices import CaseOrigin, EventKind, Stage
from cases.models import Case, Event
from students.models import Student
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db

SAID = {"category": "no_status_elsewhere", "by": "市教育局", "why": "8月底前分类登记，在外县就读"}


def surveyed(plan: str = "hulin-2020") -> tuple[Scene, Student]:
    """A township under a plan with classes, and a child of its village that is on no school's list."""
    place = scene(plan=plan)
    return place, make.child(None, "周小安", residence=place.village)


def page(place: Scene, child: Student, data: dict[str, str] | None = None) -> tuple[int, str]:
    with at():
        url = reverse("cases:begin", args=[child.pk, EventKind.CATEGORY_DECIDED])
        browser = client(place.officer)
        response = browser.post(url, data, follow=True) if data else browser.get(url, follow=True)
    return response.status_code, text_of(response)


def test_the_officer_begins_a_case_with_the_class_and_its_path_runs() -> None:
    place, child = surveyed()
    sent = {"happened_on": make.DAY.isoformat(), "token": "a" * 32, **SAID}
    status, shown = page(place, child, sent)
    case = Case.objects.get(student=child)
    assert (status, "个案已建立" in shown) == (200, True)
    assert (case.origin, case.stage, case.opened_on) == (CaseOrigin.SURVEY, Stage.COUNTY, make.DAY)
    assert Event.objects.get(case=case).data["category"] == "no_status_elsewhere"
    assert list(case.duties.values_list("step", flat=True)) == ["elsewhere-check"]


def test_the_form_offers_the_plans_own_classes_under_its_names() -> None:
    _, shown = page(*surveyed())
    assert "省内外就读无学籍" in shown
    assert "已迁出" not in shown


def test_a_class_the_plan_does_not_have_is_refused() -> None:
    place, child = surveyed()
    data = {"category": "moved_away", "by": "镇", "why": "摸排"}
    with pytest.raises(ValueError, match="不在本方案中"):
        event = NewEvent(kind=EventKind.CATEGORY_DECIDED, happened_on=make.DAY, data=data)
        begin_case(by=make.actor(place.officer), student=child, event=event, now=make.moment(make.DAY))
    assert not Case.objects.exists()


def test_under_a_plan_without_classes_the_page_leads_back_and_says_what_to_do() -> None:
    place, child = surveyed("jiaotan-2025")
    status, shown = page(place, child)
    assert status == 200
    assert "本方案没有分类" in shown
    assert "登记未入学" in shown


@pytest.mark.parametrize(("plan", "offered"), [("hulin-2020", True), ("jiaotan-2025", False)])
def test_the_childs_page_offers_it_where_the_plan_has_classes(plan: str, offered: bool) -> None:
    place, child = surveyed(plan)
    with at():
        shown = text_of(client(place.officer).get(reverse("students:child", args=[child.pk])))
        secretary = text_of(client(place.secretary).get(reverse("students:child", args=[child.pk])))
    url = reverse("cases:begin", args=[child.pk, EventKind.CATEGORY_DECIDED])
    assert (url in shown) == offered
    assert url not in secretary


def test_a_childs_school_decides_whose_plan_offers_the_classes() -> None:
    place = scene(plan="hulin-2020")
    with at():
        shown = text_of(client(place.officer).get(reverse("students:child", args=[place.child().pk])))
    assert EventKind.CATEGORY_DECIDED in shown


def test_an_application_that_begins_a_case_is_held_to_the_law_like_one_in_a_case_that_stands() -> None:
    place, child = surveyed()
    sent = {
        "happened_on": "2026-11-11",
        "application": "postponement",
        "guardian": "周母",
        "ground": "other",
        "reason": "随父母外出务工",
        "from": "2026-11-11",
        "until": "2026-11-01",
        "proof": "申请书",
    }
    with at():
        answer = client(place.officer).post(reverse("cases:begin", args=[child.pk, EventKind.APPLIED]), sent)
    assert answer.status_code == 400
    assert "缓学只限身体状况" in text_of(answer)
    assert "截止日期早于起始日期" in text_of(answer)
    assert not Case.objects.exists()


def test_of_two_who_begin_a_case_at_once_the_later_is_told() -> None:
    place, child = surveyed()
    event = NewEvent(EventKind.NOT_ENROLLED, make.DAY, {"found_by": "入户摸排", "why": "随父母外出"})
    by, now = make.actor(place.officer), make.moment(make.DAY)
    begin_case(by=by, student=child, event=event, now=now)
    with pytest.raises(ValueError, match="已有未销号的个案"):
        begin_case(by=by, student=child, event=event, now=now)
    assert Event.objects.count() == 1


def test_an_application_begins_with_the_guardians_on_record_and_today() -> None:
    place, child = surveyed()
    with at():
        url = reverse("cases:begin", args=[child.pk, EventKind.APPLIED])
        shown = text_of(client(place.officer).get(url))
    assert 'name="guardian" value="周母"' in shown
    assert f'name="from" value="{make.DAY.isoformat()}"' in shown
