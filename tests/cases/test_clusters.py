"""Several cases of one class within the plan's days: counted, told to the bureau above its list and to no other."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from agencies.models import User
from agencies.rules.policy_schema import Basis, Clusters
from cases.models import Case
from cases.rules.clusters import Cluster, Opened, clusters
from tests import make
from tests.cases.scene import ABSENT_DAYS, Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 11)
LIMIT = Clusters(3, 30, Basis(assumed=True, reason="取30日内3件"))
FIRST = date(2026, 10, 13)


def opened(*days: date, school_class: int = 7, plan: int = 1) -> list[Opened]:
    return [Opened(school_class, plan, day) for day in days]


def test_the_window_holds_its_first_day_and_not_the_day_before() -> None:
    three = opened(FIRST, date(2026, 11, 2), DAY)
    assert clusters(three, {1: LIMIT}, DAY) == [Cluster(7, 3, 30)]
    assert clusters(three, {1: LIMIT}, DAY + timedelta(days=1)) == []
    assert clusters(three, {1: LIMIT}, DAY - timedelta(days=1)) == []


def test_each_class_counts_for_itself_and_the_plan_names_the_number() -> None:
    rows = opened(DAY, DAY) + opened(DAY, school_class=8) + opened(DAY, DAY, DAY, DAY, school_class=9)
    assert clusters(rows, {1: LIMIT}, DAY) == [Cluster(9, 4, 30)]
    assert clusters(rows, {1: Clusters(2, 5, LIMIT.basis)}, DAY) == [Cluster(9, 4, 5), Cluster(7, 2, 5)]
    assert clusters(rows, {2: LIMIT}, DAY) == []


def three_of_a_class() -> tuple[Scene, list[Case]]:
    place = scene()
    return place, place.absent(*(place.child(name) for name in ("周小安", "周小宝", "周小晨")))


def told(who: User) -> list[tuple[str, str]]:
    with at(hour=16):
        page = text_of(client(who).get("/cases/"))
    found = re.findall(r'data-testid="cluster"><a href="([^"]+)">([^<]+)<', page)
    return [(url.replace("&amp;", "&"), text) for url, text in found]


def test_the_bureau_reads_one_sentence_that_leads_to_the_cases_of_the_class() -> None:
    place, _ = three_of_a_class()
    elsewhere = scene(place.county, "青石")
    elsewhere.absent(elsewhere.child("王小明"))
    bureau = place.person(Role.BUREAU_OFFICER, place.county)
    ((url, text),) = told(bureau)
    assert text == f"{place.school.label}{place.school_class.label}30日内新立案3件，均未销号：请核查是否有共同原因"
    with at(hour=16):
        page = text_of(client(bureau).get(url))
    assert all(name in page for name in ("周小安", "周小宝", "周小晨"))
    assert "王小明" not in page
    for who in (place.teacher, place.officer, place.person(Role.PRINCIPAL, place.school)):
        assert told(who) == []


def test_of_several_classes_the_first_stands_open_and_none_is_left_out() -> None:
    place, _ = three_of_a_class()
    for name in ("青石", "柳河", "白泉", "松岭", "石桥"):
        other = scene(place.county, name)
        other.absent(*(other.child(f"{name}{n}") for n in "甲乙丙"))
    bureau = place.person(Role.BUREAU_OFFICER, place.county)
    assert len(told(bureau)) == 6
    with at(hour=16):
        page = text_of(client(bureau).get("/cases/"))
    before, folded = page.split('data-testid="more-clusters"')
    assert before.count('data-testid="cluster"') == 1
    assert "还有5个班近期立案集中" in folded


def test_the_figures_of_the_county_tell_the_bureau_how_many_classes_and_lead_to_them() -> None:
    place, _ = three_of_a_class()
    bureau = place.person(Role.BUREAU_OFFICER, place.county)
    words = re.compile('data-testid="clusters"><a href="/cases/">有1个班近期立案集中')
    with at(hour=16):
        assert words.search(text_of(client(bureau).get("/dashboard/")))
        for who, unit in ((bureau, place.township), (place.officer, place.township)):
            page = text_of(client(who).get("/dashboard/", {"unit": unit.pk}))
            assert "立案集中" not in page
        assert "立案集中" not in text_of(client(place.person(Role.COUNTY_LEADER, place.county)).get("/dashboard/"))


def test_two_cases_or_three_long_ago_are_no_sign() -> None:
    place, cases = three_of_a_class()
    bureau = place.person(Role.BUREAU_HEAD, place.county)
    assert len(told(bureau)) == 1
    Case.objects.filter(pk=cases[0].pk).update(opened_on=make.DAY - timedelta(days=30))
    assert told(bureau) == []


@pytest.mark.parametrize("given", ["0", "abc", "999999999999999999999", "１２"])
def test_a_class_that_is_none_narrows_nothing(given: str) -> None:
    place, _ = three_of_a_class()
    with at(hour=16):
        response = client(place.officer).get("/cases/", {"school_class": given})
    assert response.status_code == 200
    assert "周小安" in text_of(response)


def test_a_class_beyond_ones_sight_is_not_named() -> None:
    place, _ = three_of_a_class()
    other = scene(place.county, "青石")
    other.absent(other.child("王小明"))
    with at(hour=16):
        page = text_of(client(other.officer).get("/cases/", {"school_class": str(place.school_class.pk)}))
    assert "周小安" not in page
    assert place.school.label not in page


@pytest.mark.parametrize("url", ["/cases/", "/dashboard/"])
def test_the_sign_costs_the_same_however_many_cases_there_are(url: str) -> None:
    place = scene()
    place.absent(place.child())
    browser = client(place.person(Role.BUREAU_OFFICER, place.county))

    def count() -> int:
        with at(), CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    count()
    one = count()
    place.absent(*(place.child(name) for name in ("周小宝", "周小晨", "周小丽")), days=ABSENT_DAYS)
    assert count() == one
