"""残疾 as the cause of a case: 限制信息 on every page and list for whoever may not know it."""

import re

import pytest
from django.urls import reverse

from agencies.choices import Role
from agencies.models import User
from cases.actions.events import NewEvent, record_event, supersede_event
from cases.choices import Cause, EventKind
from cases.models import Case, Event
from tests import make
from tests.cases.scene import Scene, absent_scene, at, client, text_of
from tests.kept import kept

pytestmark = pytest.mark.django_db
QUEUE, LIST, FIGURES = "/cases/", "/dashboard/open/", "/dashboard/"
WORD = re.compile("残疾(?!人|儿童)")


@kept
def disabled_scene() -> tuple[Scene, Case, Event]:
    """The secretary found at the child's home that a disability keeps it from school."""
    place, case = absent_scene()
    data = {"people": "书记", "cause": "disability", "record": "入户核查"}
    new = NewEvent(kind=EventKind.VILLAGE_VERIFICATION, happened_on=make.DAY, data=data)
    event = record_event(by=make.actor(place.secretary), case=case, event=new, now=make.moment(make.DAY, 10))
    case.refresh_from_db()
    return place, case, event


def read(who: User, url: str) -> str:
    with at(hour=16):
        response = client(who).get(url)
    assert response.status_code == 200, url
    return text_of(response)


def test_the_case_page_tells_the_cause_to_who_may_know_and_to_who_recorded_it() -> None:
    place, case, _ = disabled_scene()
    url = reverse("cases:case", args=[case.pk])
    for who in (place.person(Role.TOWNSHIP_HEAD), place.secretary):
        page = read(who, url)
        assert "<dt>原因</dt><dd>残疾</dd>" in page
        assert "村级入户核查（残疾）" in page
    for who in (place.teacher, place.officer):
        page = read(who, url)
        assert "<dt>原因</dt><dd>限制信息</dd>" in page
        assert "村级入户核查（限制信息）" in page
        assert "入户核查" in page
        assert not WORD.search(page)


def test_a_correction_of_it_is_for_who_may_know_and_leaves_no_trace_for_others() -> None:
    place, case, event = disabled_scene()
    other = make.person(Role.VILLAGE_SECRETARY, place.village)
    fix, url = reverse("cases:event_supersede", args=[event.pk]), reverse("cases:case", args=[case.pk])
    with at(hour=16):
        assert client(other).get(fix).status_code == 403
        assert client(place.secretary).get(fix).status_code == 200
    assert fix in read(place.secretary, url)
    assert fix not in read(other, url)
    with at(hour=17):
        supersede_event(by=make.actor(place.secretary), event=event, why="并非残疾", now=make.moment(make.DAY, 17))
    page = read(other, url)
    assert "登记有误" in page
    assert not WORD.search(page)


def test_an_entry_made_meanwhile_is_told_without_it() -> None:
    place, case, _ = disabled_scene()
    sent = {"happened_on": make.DAY.isoformat(), "result": "no_answer", "seen_version": str(case.version - 1)}
    for who, knows in ((place.teacher, False), (place.secretary, True)):
        with at(hour=16):
            response = client(who).post(reverse("cases:event_new", args=[case.pk, EventKind.PHONE_CALL]), sent)
        assert response.status_code == 409
        assert ("村级入户核查（残疾）" in text_of(response)) is knows
        assert ("村级入户核查（限制信息）" in text_of(response)) is not knows


@pytest.mark.parametrize("url", [QUEUE, LIST])
def test_a_list_covers_it_and_cannot_be_narrowed_to_it(url: str) -> None:
    place, _, _ = disabled_scene()
    head, officer = place.person(Role.TOWNSHIP_HEAD), place.officer
    narrowed = f"{url}?cause=disability"
    assert WORD.search(read(head, url))
    assert "周小安" in read(head, narrowed)
    page = read(officer, url)
    assert "限制信息" in page
    assert "周小安" in page
    assert not WORD.search(page)
    assert Cause.DISABILITY.value not in page
    with at():
        answer = client(officer).get(narrowed)
        assert not WORD.search(text_of(answer))
        assert answer.status_code == (404 if url == LIST else 200)
    # A narrowing that is none narrows nothing.
    assert url == LIST or "周小安" in text_of(answer)


def test_the_dashboard_counts_it_and_opens_the_list_to_who_may_know_only() -> None:
    place, _, _ = disabled_scene()
    for who, knows in ((place.person(Role.TOWNSHIP_HEAD), True), (place.officer, False)):
        page = read(who, FIGURES)
        assert WORD.search(page)
        assert ("cause=disability" in page) is knows


def test_other_causes_are_told_to_everybody() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.PHONE_CALL, result="connected", cause="weary")
    for url in (QUEUE, LIST, reverse("cases:case", args=[case.pk])):
        assert "厌学" in read(place.officer, url)
    assert "cause=weary" in read(place.officer, FIGURES)
    assert "周小安" in read(place.officer, f"{LIST}?cause=weary")
