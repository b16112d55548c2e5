"""The first page sends each role to its work; the navigation shows what the posts open, and costs no query."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agencies.choices import Role, UnitKind
from agencies.models import Unit
from agencies.rules.navigation import DOORS, LANDINGS
from agencies.rules.roles import UNIT_KINDS
from tests import make
from tests.agencies.people import client_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> dict[UnitKind, Unit]:
    county = make.county()
    township = make.township(county)
    village = make.village(township)
    school = make.school(township)
    return {
        UnitKind.COUNTY: county,
        UnitKind.TOWNSHIP: township,
        UnitKind.VILLAGE: village,
        UnitKind.GRID: make.unit(UnitKind.GRID, "第一网格", village),
        UnitKind.SCHOOL: school,
        UnitKind.CLASS: make.school_class(school),
        UnitKind.AGENCY: make.unit(UnitKind.AGENCY, "县公安局", county),
    }


@pytest.mark.parametrize("role", list(Role))
def test_each_role_starts_where_its_day_begins(role: Role, places: dict[UnitKind, Unit]) -> None:
    unit = places[min(UNIT_KINDS[role])]
    answer = signed_in(role, unit).get("/")
    target = LANDINGS.get(role)
    if target is None:
        assert answer.status_code == 200
        assert "这个岗位没有在本系统办理的事项" in answer.content.decode()
    else:
        args = [unit.pk] if target == "students:roll_school" else []
        assert answer.status_code == 302
        assert answer["Location"] == reverse(target, args=args)


def test_a_stranger_is_sent_to_the_login_page() -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/")


def test_somebody_without_a_post_is_told_whom_to_ask() -> None:
    page = client_of(make.user("无岗位")).get("/").content.decode()
    assert "您还没有岗位" in page
    assert "安全管理员" in page


def test_every_entry_of_the_navigation_has_an_address() -> None:
    for door in DOORS:
        assert reverse(door.url, args=[1] if door.at_unit else [])


def test_the_page_one_is_on_is_marked(places: dict[UnitKind, Unit]) -> None:
    page = signed_in(Role.SECURITY_ADMIN, places[UnitKind.COUNTY]).get("/accounts/").content.decode()
    assert '<a href="/accounts/" aria-current="page">账号</a>' in page
    assert "班级点名" not in page
    assert '<a href="/audit/"' not in page


def test_the_frame_of_a_page_costs_no_query_beyond_who_is_acting(
    places: dict[UnitKind, Unit], django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = signed_in(Role.EXPERT, places[UnitKind.COUNTY])
    with django_assert_max_num_queries(3):
        client.get("/")
