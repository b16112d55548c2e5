"""Restricted causes of a case (残疾, 精神障碍, 遭受侵害, 涉案): 限制信息 for whoever may not know them."""

import re

import pytest
from django.urls import reverse

from agencies.choices import Role
from agencies.models import User
from cases.actions.events import NewEvent, record_event, supersede_event
from cases.choices import Cause, EventKind
from cases.models import Case, Event
from cases.rules.privacy import RESTRICTED_CAUSES, restricted_title
from tests import make
from tests.cases.scene import Scene, absent_scene, at, client, text_of
from tests.kept import kept

pytestmark = pytest.mark.django_db
QUEUE, LIST, FIGURES = "/cases/", "/dashboard/open/", "/dashboard/"
WORD = re.compile("残疾(?!人|儿童)")
WORDS = {
    Cause.DISABILITY: WORD,
    Cause.MENTAL_ILLNESS: re.compile("精神障碍(?!儿童)"),
    Cause.HARMED: re.compile("遭受侵害"),
    Cause.INVOLVED: re.compile("涉案(?!未成年)"),
}


@kept
def disabled_scene(cause: str = "disability") -> tuple[Scene, Case, Event]:
    """The secretary found at the child's home what keeps it from school: a disability, or another restricted cause."""
    place, case = absent_scene()
    data = {"people": "书记", "cause": cause, "record": "入户核查"}
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


@pytest.mark.parametrize("cause", sorted(RESTRICTED_CAUSES))
def test_every_restricted_cause_reads_alike_to_who_may_not_know_it(cause: Cause) -> None:
    place, case, _ = disabled_scene(cause.value)
    word, head = WORDS[cause], place.person(Role.TOWNSHIP_HEAD)
    for url in (QUEUE, LIST, reverse("cases:case", args=[case.pk])):
        assert word.search(read(head, url))
        for who in (place.teacher, place.officer):
            page = read(who, url) if url != LIST or who == place.officer else "限制信息"
            assert "限制信息" in page
            assert not word.search(page)
            assert f'value="{cause.value}"' not in page


def test_a_new_plan_does_not_begin_with_the_measure_a_restricted_cause_asks_for() -> None:
    place, case, _ = disabled_scene("harmed")
    url = reverse("cases:plan_edit", args=[case.pk])
    chosen = 'value="{}" selected'
    assert chosen.format("mind") in read(place.person(Role.TOWNSHIP_HEAD), url)
    page = read(place.teacher, url)
    assert chosen.format("learning") in page
    assert chosen.format("mind") not in page


def test_other_causes_are_told_to_everybody() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.PHONE_CALL, result="connected", cause="weary")
    for url in (QUEUE, LIST, reverse("cases:case", args=[case.pk])):
        assert "厌学" in read(place.officer, url)
    assert "cause=weary" in read(place.officer, FIGURES)
    assert "周小安" in read(place.officer, f"{LIST}?cause=weary")


def placed_scene() -> tuple[Scene, Case]:
    """A child decided to be 因残, placed in a special school and closed so; what it suffered told to civil affairs."""
    place, case = absent_scene()
    proof = {"proof": "特殊教育学校就读证明"}
    told: tuple[tuple[EventKind, dict[str, str]], ...] = (
        (EventKind.CATEGORY_DECIDED, {"category": "disabled", "by": "镇政府", "why": "持残疾证"}),
        (EventKind.POLICE_REPORTED, {"authority": "civil_affairs", "station": "县民政局", "note": "监护缺失"}),
        (EventKind.PLACED, {"outcome": "special_school", **proof}),
        (EventKind.CLOSED, {"outcome": "special_school", **proof}),
    )
    at_noon = make.moment(make.DAY, 12)
    for kind, data in told:
        case.events.create(kind=kind, happened_on=make.DAY, recorded_at=at_noon, recorded_name="李专干", data=data)
    Case.objects.filter(pk=case.pk).update(closed_on=make.DAY, stage="closed", outcome="special_school")
    return place, case


def test_a_class_a_placement_and_a_report_that_tell_it_are_covered_for_who_may_not_know() -> None:
    place, case = placed_scene()
    page_of_case, plan = reverse("cases:case", args=[case.pk]), reverse("cases:plan", args=[case.pk])
    pages = (page_of_case, plan, f"{QUEUE}?state=closed", "/dashboard/closed/")
    told = re.compile("因残|持残疾证|特殊教育学校|民政|监护缺失")
    head, narrowed = place.person(Role.TOWNSHIP_HEAD), "/dashboard/closed/?outcome=special_school"
    assert {"因残", "持残疾证", "特殊教育学校", "民政", "监护缺失"} <= set(told.findall(read(head, page_of_case)))
    assert "周小安" in read(head, narrowed)
    assert "outcome=special_school" in read(head, FIGURES)
    with at():
        assert client(place.officer).get(narrowed).status_code == 404
    assert "outcome=special_school" not in read(place.officer, FIGURES)
    for who in (place.teacher, place.officer):
        for url in pages[: 4 if who == place.officer else 3]:
            assert not told.search(read(who, url)), url
        page = read(who, page_of_case)
        assert {"归类认定（限制信息）", "已报有关部门", "安置（限制信息）", "销号（限制信息）"} <= set(
            re.findall("<strong>([^<]+)</strong>", page)
        )
        assert "已销号：限制信息" in page


def test_a_report_to_the_police_and_other_classes_and_endings_stay_open() -> None:
    for kind, data in (
        (EventKind.POLICE_REPORTED, {"authority": "police"}),
        (EventKind.POLICE_REPORTED, {}),
        (EventKind.CATEGORY_DECIDED, {"category": "weary"}),
        (EventKind.CLOSED, {"outcome": "home_taught"}),
    ):
        assert restricted_title(kind, data, "") == ""
