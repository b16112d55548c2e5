"""The persuasion queue: what is listed, narrowed, ordered, paged and kept."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role, UnitKind
from cases.choices import EventKind
from cases.models import Case, SavedFilter
from cases.queries import queue
from tests import make
from tests.cases.scene import ABSENT_DAYS, at, client, scene, text_of

pytestmark = pytest.mark.django_db
URL = "/cases/"


def names(browser: Client, query: str = "") -> list[str]:
    response = browser.get(URL + query)
    assert response.status_code == 200
    return re.findall(r'class="case-name"[^>]*>([^<]+)<', text_of(response))


def test_each_sees_the_cases_of_the_own_units_only() -> None:
    place = scene()
    other = scene(place.county, "青石")
    place.absent(place.child("周小安"))
    other.absent(other.child("吴小宝"))
    with at():
        assert names(client(place.officer)) == ["周小安"]
        assert names(client(other.officer)) == ["吴小宝"]
        assert names(client(make.person(Role.BUREAU_OFFICER, place.county))) == ["周小安", "吴小宝"]
        assert client(make.person(Role.SYSTEM_ADMIN, place.county)).get(URL).status_code == 403


def test_an_inspector_reads_covered_names_and_cannot_search_by_name() -> None:
    place = scene()
    place.absent(place.child("周小安"))
    browser = client(make.person(Role.INSPECTOR, place.county))
    with at():
        assert names(browser) == ["周*安"]
        assert names(browser, "?q=周小安") == []


def test_every_filter_narrows() -> None:
    place = scene()
    second = make.village(place.township, "石桥村")
    one = place.child("周小安", groups=("left_behind",))
    two = make.child(place.school_class, "吴小宝", residence=second)
    first, other = place.absent(one, two)
    make.event(first, EventKind.PHONE_CALL, result="connected", cause="weary")
    Case.objects.filter(pk=other.pk).update(person=place.secretary)
    browser = client(place.officer)
    with at(make.DAY + timedelta(days=3)):
        for query, found in {
            "": ["吴小宝", "周小安"],
            "?q=xa": [],
            "?q=zxa": ["周小安"],
            "?q=小宝": ["吴小宝"],
            f"?village={place.village.pk}": ["周小安"],
            f"?village={second.pk}": ["吴小宝"],
            f"?school={place.school.pk}": ["吴小宝", "周小安"],
            "?stage=township": [],
            "?cause=weary": ["周小安"],
            "?group=left_behind": ["周小安"],
            f"?person={place.secretary.pk}": ["吴小宝"],
            "?overdue=yes": ["吴小宝", "周小安"],
            "?state=closed": [],
            "?state=all&sort=name": ["吴小宝", "周小安"],
        }.items():
            assert sorted(names(browser, query)) == found, query


@pytest.mark.parametrize("query", ["?village=0", "?stage=sky", "?q=" + "x" * 99, "?person=abc", "?sort=evil"])
def test_a_filter_that_is_none_says_so_and_breaks_nothing(query: str) -> None:
    place = scene()
    place.absent(place.child())
    with at():
        assert client(place.officer).get(URL + query).status_code == 200


@pytest.mark.parametrize("key", ["after=x", "after=2026-01-01~99999999999999999999", "before=~~", "after=%00~1"])
def test_a_page_key_nobody_gave_out_shows_the_first_page(key: str) -> None:
    place = scene()
    place.absent(place.child("周小安"))
    with at():
        assert names(client(place.officer), f"?{key}") == ["周小安"]


@pytest.mark.parametrize("sort", list(queue.ORDERS))
def test_pages_neither_repeat_nor_lose_a_case_forth_and_back(sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    place = scene()
    children = [place.child(f"周小{character}") for character in "安宝晨丹恩"]
    place.absent(*children[:3])
    place.absent(*children[3:], days=[make.DAY])
    browser = client(place.officer)
    forth, back, url = [], [], f"?sort={sort}"
    with at():
        whole = []
        while url:
            page = text_of(browser.get(URL + url))
            forth.append(re.findall(r'class="case-name"[^>]*>([^<]+)<', page))
            whole += forth[-1]
            later = re.search(r'href="([^"]+)" rel="next"', page)
            url = later[1].replace("&amp;", "&") if later else ""
        while earlier := re.search(r'href="([^"]+)" rel="prev"', page):
            page = text_of(browser.get(URL + earlier[1].replace("&amp;", "&")))
            back.append(re.findall(r'class="case-name"[^>]*>([^<]+)<', page))
    assert sorted(whole) == sorted(child.name for child in children)
    assert back == forth[-2::-1]


def test_the_bureau_is_told_of_cases_for_whose_home_nobody_answers_and_finds_the_children() -> None:
    place = scene()
    forest = make.unit(UnitKind.AGENCY, "清河林业局", place.county)
    home, nowhere = place.child("周有家"), make.child(place.school_class, "周无家")
    registered = make.child(place.school_class, "周户籍", hukou=place.village)
    woods = make.child(place.school_class, "周林场", residence=forest)
    farm = make.child(place.school_class, "周农场", hukou=forest)
    absent = place.absent(home, nowhere, registered, woods, farm)
    head = client(make.person(Role.BUREAU_HEAD, place.county))
    with at():
        page = text_of(head.get(URL))
        assert f'<a href="{URL}?home=none">未销号个案中有3件的学生无住址（无责任单位）</a>' in page
        assert names(head, "?home=none&sort=name") == ["周林场", "周农场", "周无家"]
        rows = head.get("/students/", {"home": "none"}).context["rows"]
        assert [row["name"] for row in rows] == ["周林场", "周农场", "周无家"]
        assert "无责任单位）</a>" not in text_of(client(place.officer).get(URL))
    Case.objects.filter(pk__in=[case.pk for case in absent]).update(closed_on=make.DAY, outcome="returned")
    with at():
        assert "无责任单位）</a>" not in text_of(head.get(URL))


def test_a_filter_is_kept_under_a_name_and_forgotten() -> None:
    place = scene()
    place.absent(place.child())
    browser = client(place.officer)
    with at():
        answer = browser.post("/cases/filters/", {"name": "逾期", "query": "overdue=yes&evil=1&sort=due"})
        assert answer["Location"] == "/cases/?overdue=yes&sort=due"
        assert "逾期</a>" in text_of(browser.get(URL))
        assert "请给这组筛选起个名字" in text_of(browser.post("/cases/filters/", {"name": " "}, follow=True))
        saved = SavedFilter.objects.get()
        assert client(place.secretary).post(f"/cases/filters/{saved.pk}/remove/").status_code == 404
        browser.post(f"/cases/filters/{saved.pk}/remove/")
    assert not SavedFilter.objects.exists()


def test_a_stale_line_is_brought_up_to_date_before_it_is_shown() -> None:
    place = scene()
    (case,) = place.absent(place.child(), days=[make.DAY])
    assert not case.overdue
    with at(make.DAY + timedelta(days=1)):
        page = text_of(client(place.officer).get(URL))
    assert "已逾期1天" in page


def test_the_queue_costs_the_same_for_one_case_and_for_three_and_at_most_fifteen() -> None:
    place = scene()
    place.absent(place.child(), days=ABSENT_DAYS[2:])
    browser = client(make.person(Role.BUREAU_HEAD, place.county))

    def count() -> int:
        with at(), CaptureQueriesContext(connection) as seen:
            assert browser.get(URL).status_code == 200
        return len(seen)

    count()
    one = count()
    place.absent(place.child("周小宝"), place.child("周小晨"), days=ABSENT_DAYS[2:])
    assert count() == one <= 15
