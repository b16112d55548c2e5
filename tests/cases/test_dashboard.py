"""The dashboard: who sees it, that every number is as long as its list, and that it names no child."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.actions import policies, posts
from agencies.choices import CalendarKind, Role, UnitKind
from agencies.models import PolicyVersion, User
from agencies.queries.policies import policy_of
from cases.actions.closing import close_case
from cases.choices import EventKind, Outcome
from cases.views.figure_lists import LISTINGS
from tests import make
from tests.cases.scene import ABSENT_DAYS, Scene, at, client, scene, text_of
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.long]
URL = "/dashboard/"
SATURDAY = date(2026, 11, 14)
FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]+)"[^>]*>[^<]*<strong>(\d+)</strong>')
CELL = re.compile(r'<td class="n"><a href="([^"]+)">(\d+)</a></td>')
CHILD_LISTS = [key for key in LISTINGS if key not in ("unreported", "silent", "reported")]


def busy(place: Scene) -> None:
    """A township with something behind every number: silence, runs, cases open, overdue, returned, closed."""
    quiet = make.school_class(place.school, "五（2）班")
    make.child(quiet)
    long, back, gone, sick, half = (place.child(f"周{n}") for n in ("久安", "归宁", "转远", "小病", "半日"))
    days = [date(2026, 10, 26) + timedelta(days=n) for n in range(17)]
    for day in [d for d in days if d.weekday() < 5]:
        absent = {long: "unexcused"}
        if day in ABSENT_DAYS:
            absent |= {gone: "unexcused", sick: "sick", half: "pm:whereabouts_unknown"}
        if day == ABSENT_DAYS[0]:
            absent[back] = "unexcused"
            make.roll(quiet, day)
        make.roll(place.school_class, day, absent)
    make.event(place_case(back), EventKind.RETURNED, ABSENT_DAYS[1], cause="weary")
    close_case(
        by=make.SYSTEM,
        case=place_case(gone),
        outcome=Outcome.TRANSFERRED,
        proof="接收学校在读证明",
        now=make.moment(make.DAY, 16),
    )


@kept
def busy_scene(*, sister: bool = False) -> Scene:
    """The busy township, alone in its county or beside a sister as busy."""
    place = scene()
    busy(place)
    if sister:
        busy(scene(place.county, "青石"))
    return place


def place_case(child: Any) -> Any:
    return child.cases.get()


def page_of(browser: Client, **query: object) -> str:
    response = browser.get(URL, query)
    assert response.status_code == 200, response.content.decode()[:600]
    part = browser.get(reverse("cases:dashboard_term"), query, headers={"HX-Request": "true"})
    assert part.status_code == 200
    return text_of(response) + text_of(part)


def numbers(page: str) -> dict[str, int]:
    """Address → number of every linked figure of a page."""
    return {unescape(url): int(value) for url, value in (*FIGURE.findall(page), *CELL.findall(page))}


def total_of(browser: Client, url: str) -> int:
    """How many rows the list says and shows."""
    response = browser.get(url)
    assert response.status_code == 200, url
    text = text_of(response)
    said = re.search(r'data-total="(\d+)"', text)
    shown = text.count('data-testid="figure-row"')
    assert shown == (int(said[1]) if said else 0)
    return shown


def reader(place: Scene, role: Role) -> User:
    at_unit = {
        Role.PRINCIPAL: place.school,
        Role.VILLAGE_SECRETARY: place.village,
        Role.BUREAU_OFFICER: place.county,
        Role.INSPECTOR: place.county,
        Role.COUNTY_LEADER: place.county,
    }.get(role, place.township)
    return place.person(role, at_unit)


READERS = [Role.PRINCIPAL, Role.TOWNSHIP_OFFICER, Role.BUREAU_OFFICER, Role.INSPECTOR, Role.VILLAGE_SECRETARY]


@pytest.mark.parametrize("role", READERS)
def test_every_number_is_as_long_as_the_list_behind_it(role: Role) -> None:
    place = busy_scene(sister=True)
    with at():
        browser = client(reader(place, role))
        found = numbers(page_of(browser))
        assert len(found) > 12
        assert {url: total_of(browser, url) for url in found} == found
    filled = {url.split("/")[2] for url, value in found.items() if value}
    wanted = set(LISTINGS)
    if role == Role.VILLAGE_SECRETARY:
        wanted -= {"unreported", "silent", "reported"}
    assert filled == wanted


def test_a_past_day_keeps_its_numbers_and_lists() -> None:
    place = busy_scene()
    with at():
        browser = client(reader(place, Role.BUREAU_OFFICER))
        found = numbers(page_of(browser, day=ABSENT_DAYS[0].isoformat()))
        assert {url: total_of(browser, url) for url in found} == found
        assert all("day=2026-11-09" in url for url in found)
        assert "不随所选日期变化" in page_of(browser, day=ABSENT_DAYS[0].isoformat())


def test_the_dashboard_names_no_child() -> None:
    place = busy_scene()
    with at():
        for role in (*READERS, Role.COUNTY_LEADER):
            page = page_of(client(reader(place, role)))
            assert not re.search("久安|归宁|转远|小病|半日", page)


def test_the_county_leader_sees_numbers_without_a_door() -> None:
    place = busy_scene()
    with at():
        browser = client(reader(place, Role.COUNTY_LEADER))
        page = page_of(browser)
        assert numbers(page) == {}
        assert '<strong>3</strong><span class="soft small">尚未销号' in page
        for key in LISTINGS:
            assert browser.get(reverse("cases:figure_list", args=[key])).status_code == 403


def test_the_liaison_of_a_member_agency_reads_the_figures_of_its_county() -> None:
    place = scene()
    agency = make.unit(UnitKind.AGENCY, "县民政局", place.county)
    with at():
        page = client(make.person(Role.AGENCY_LIAISON, agency)).get(URL)
    assert page.status_code == 200
    assert place.county.name in text_of(page)


def test_the_inspector_reads_covered_names_and_finds_no_page_of_a_child() -> None:
    place = busy_scene()
    with at():
        browser = client(reader(place, Role.INSPECTOR))
        for key in CHILD_LISTS:
            text = text_of(browser.get(reverse("cases:figure_list", args=[key])))
            assert "周*" in text or "周＊" in text, key
            assert not re.search("久安|归宁|转远|小病|半日", text)
            assert "/students/" not in re.sub(r'action="[^"]*"', "", text.partition("<main")[2])


def test_a_post_of_figures_above_and_of_cases_below_opens_lists_below_only() -> None:
    place = scene()
    both = reader(place, Role.COUNTY_LEADER)
    posts.give_post(
        by=make.SYSTEM,
        user=both,
        unit=place.school,
        role=Role.PRINCIPAL,
        first_day=make.TERM_START,
        now=make.moment(make.TERM_START),
    )
    busy(place)
    with at():
        browser = client(both)
        assert numbers(page_of(browser)) == {}
        assert browser.get(reverse("cases:figure_list", args=["open"]), {"unit": place.township.pk}).status_code == 403
        assert numbers(page_of(browser, unit=place.school.pk))


@pytest.mark.parametrize("role", [Role.CLASS_TEACHER, Role.GRID_WORKER, Role.HOME_TEACHER, Role.SYSTEM_ADMIN])
def test_posts_without_figures_are_refused(role: Role) -> None:
    place = scene()
    grid = make.unit(UnitKind.GRID, "一网格", place.village)
    unit = {Role.GRID_WORKER: grid, Role.SYSTEM_ADMIN: place.county}.get(role, place.school_class)
    with at():
        browser = client(make.person(role, unit))
        assert browser.get(URL).status_code == 403
        assert browser.get(reverse("cases:dashboard_term")).status_code == 403
        assert browser.get(reverse("cases:figure_list", args=["open"])).status_code == 403


def test_a_sister_unit_and_what_has_no_figures_are_not_found() -> None:
    place = scene()
    sister = scene(place.county, "青石")
    with at():
        browser = client(place.officer)
        for unit in (sister.township, sister.school, place.county, place.school_class):
            assert browser.get(URL, {"unit": unit.pk}).status_code == 404
            assert browser.get(reverse("cases:figure_list", args=["open"]), {"unit": unit.pk}).status_code == 404
        for unit in (place.township, place.school, place.village):
            assert browser.get(URL, {"unit": unit.pk}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "unit=x",
        "unit=99999999999999999999",
        "unit=-1",
        "day=2026-13-01",
        "day=2027-01-01",
        "day=1900-01-01",
        "day=9999-12-31",
    ],
)
def test_an_address_nobody_wrote_is_answered_in_a_sentence(query: str) -> None:
    place = scene()
    with at():
        browser = client(place.officer)
        for url in (URL, reverse("cases:dashboard_term"), reverse("cases:figure_list", args=["open"])):
            assert browser.get(f"{url}?{query}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "absent/?reason=none",
        "in-a-row/?n=4",
        "in-a-row/?n=x",
        "in-term/?n=1",
        "open/?stage=x",
        "open/?school=1%20or%201",
        "open/?village=99999999999999999999",
        "overdue/?role=king",
        "overdue/?owner=x",
        "closed/?outcome=x",
        "silent/?owner=me",
        "nothing/",
    ],
)
def test_a_narrowing_that_does_not_exist_is_answered_in_a_sentence(query: str) -> None:
    place = scene()
    with at():
        response = client(place.officer).get(f"{URL}{query}")
    assert response.status_code == 404
    assert re.search("没有“|没有这个统计清单", text_of(response))


def test_a_closed_day_says_why_nobody_reports() -> None:
    place = scene()
    place.child()
    with at(SATURDAY):
        page = page_of(client(place.officer))
    assert "当日不上课：周六" in page
    assert "应点名0个班" in page
    assert "2026-11-14（周六）" in page


def test_rates_show_formula_and_fraction_and_nothing_to_divide_by_is_a_dash() -> None:
    place = scene()
    with at():
        page = page_of(client(place.officer))
    assert "—" in page
    assert "分母为0，不计算" in page
    assert "本学期已返校（观察中、已销号）÷（本学期已返校＋尚未返校）" in page
    assert "方案目标" not in page
    busy(place)
    with at():
        page = page_of(client(place.officer))
    assert re.search(r'data-testid="rate-return".*?33\.33%.*?1/3', page, re.S)


def test_a_target_of_the_plan_stands_beside_its_rate_with_the_words_it_comes_from() -> None:
    place = scene()
    version = PolicyVersion.objects.get()
    target = {"at_least": "98", "clause": "二、4", "quote": "稳定在98%以上"}
    newer = policies.store_version(
        by=make.SYSTEM,
        policy=policy_of(version),
        content={**version.content, "indicators": {"return": target}},
        now=make.moment(make.TERM_START),
    )
    policies.adopt(by=make.SYSTEM, unit=place.township, version=newer, on=make.DAY, now=make.moment(make.DAY))
    busy(place)
    with at():
        page = page_of(client(place.officer))
    assert "方案目标不低于98%" in page
    assert "未达到" in page
    assert "二、4“稳定在98%以上”" in page


@pytest.mark.parametrize("role", [Role.BUREAU_OFFICER, Role.PRINCIPAL, Role.VILLAGE_SECRETARY])
def test_a_page_costs_the_same_for_one_and_for_three_children(role: Role) -> None:
    place = scene()
    who = reader(place, role)
    costs: list[dict[str, int]] = []
    for names in (("周甲",), ("周乙", "周丙")):
        children = [place.child(name) for name in names]
        days = [date(2026, 10, 26) + timedelta(days=n) for n in range(17)]
        for day in [d for d in days if d.weekday() < 5]:
            make.roll(place.school_class, day, {**dict.fromkeys(children, "unexcused")})
        costs.append({})
        with at():
            browser = client(who)
            for url in (URL, reverse("cases:dashboard_term"), *(f"{URL}{key}/" for key in LISTINGS)):
                with CaptureQueriesContext(connection) as spent:
                    assert browser.get(url).status_code == 200
                costs[-1][url] = len(spent)
    assert costs[0] == costs[1]
    assert costs[0][URL] <= 34
    assert max(cost for url, cost in costs[0].items() if url != URL) <= 16


def test_long_lists_turn_pages_and_every_row_comes_once() -> None:
    place = scene()
    children = [place.child(f"周{chr(0x4E00 + n)}{chr(0x4E10 + n)}") for n in range(53)]
    make.roll(place.school_class, make.DAY, dict.fromkeys(children, "sick"))
    with at():
        browser = client(place.officer)
        url = reverse("cases:figure_list", args=["absent"])
        pages = [text_of(browser.get(url, {"page": page})) for page in (1, 2, "99999", "x")]
    rows = [re.findall(r'data-testid="figure-row"><th scope="row"[^>]*><a[^>]*>([^<]+)', page) for page in pages]
    assert [len(found) for found in rows] == [50, 3, 3, 50]
    assert sorted(rows[0] + rows[1]) == sorted(child.name for child in children)
    assert 'data-testid="next-page"' in pages[0]
    assert "共53条" in pages[1]


def test_the_silent_class_names_its_school_last_register_and_teacher() -> None:
    place = scene()
    place.child()
    make.roll(place.school_class, date(2026, 11, 5))
    with at():
        text = text_of(client(reader(place, Role.BUREAU_OFFICER)).get(reverse("cases:figure_list", args=["silent"])))
    for words in (
        "云溪中心学校 五（1）班",
        "2026-11-05（周四）",
        "11-06（周五）起3个上课日未报",
        "教育局核查",
        "云溪班主任",
    ):
        assert words in text


def test_stale_standings_are_admitted() -> None:
    place = scene()
    place.absent(place.child(), days=[make.DAY])
    with at(make.DAY + timedelta(days=1)):
        assert "有1件个案尚未按今天重算" in page_of(client(place.officer))
    with at(make.DAY):
        assert "尚未按今天重算" not in page_of(client(place.officer))


def test_a_closed_class_is_no_missing_register() -> None:
    place = scene()
    place.child()
    make.calendars.add_entry(
        by=make.SYSTEM,
        unit=place.school,
        kind=CalendarKind.CLOSED,
        first_day=make.DAY,
        last_day=make.DAY,
        name="运动会",
        now=make.moment(make.DAY),
    )
    with at():
        page = page_of(client(reader(place, Role.PRINCIPAL)))
    assert "当日不上课：停课：运动会" in page
    assert "应点名0个班" in page


def test_a_list_says_what_it_is_narrowed_to() -> None:
    place = scene()
    place.absent(place.child())
    with at():
        browser = client(place.officer)
        url = reverse("cases:figure_list", args=["open"])
        text = text_of(browser.get(url, {"village": place.village.pk, "cause": "not_known"}))
        assert "在办个案 · 云溪村 · 待查" in text or "在办个案 · 待查 · 云溪村" in text
        assert "未定单位" in text_of(browser.get(url, {"village": "none"}))
        assert "已销号" not in text.partition("<main")[2]
