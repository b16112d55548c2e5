"""One search box: by any part of a name, pinyin, initials and every number; in sight only; as list and as picker."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from students.choices import DocumentKind, EnrolmentStatus, SpecialGroup
from students.models import Student
from students.rules.privacy import RESTRICTED_GROUPS
from tests import make
from tests.students.pages import House, house, signed_in, text_of

pytestmark = pytest.mark.django_db
CARD = "110101201505120013"


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def officer(place: House) -> Client:
    return signed_in(Role.TOWNSHIP_OFFICER, place.township)


def names(client: Client, **asked: Any) -> list[str]:
    answer = client.get("/students/", asked)
    assert answer.status_code == 200
    return [row["name"] for row in answer.context["rows"]]


def test_every_way_of_asking_finds_the_child(place: House, officer: Client) -> None:
    child = make.child(
        place.school_class,
        "张小明",
        document_kind=DocumentKind.RESIDENT_CARD,
        document_number=CARD,
        record_number=f"G{CARD}",
    )
    make.child(place.school_class, "李大海")
    for query in (
        "张小明",
        "小明",
        "明",
        " 张 小明 ",
        "zxm",
        "ZXM",
        "zx",
        "xm",
        "zhangxiaoming",
        "zhang xiao",
        "ｚｘｍ",
    ):
        assert names(officer, q=query) == ["张小明"], query
    for query in (CARD, CARD.lower(), f"G{CARD}", f"g{CARD}", child.number, child.number.lower()):
        assert names(officer, q=query) == ["张小明"], query
    for query in ("王", "xyz", CARD[:17], "B99010100009", "%", "_", "'; drop", "😀" * 50):
        assert names(officer, q=query) == [], query


def test_a_query_of_nothing_visible_is_no_query(place: House, officer: Client) -> None:
    make.child(place.school_class, "张小明")
    for query in ("", " ", "\x00", "\u200b"):
        assert names(officer, q=query) == ["张小明"]


def test_a_compound_surname_is_found_by_its_reading(place: House, officer: Client) -> None:
    make.child(place.school_class, "单小雨")
    assert names(officer, q="sxy") == ["单小雨"]


def test_results_say_class_school_and_standing_and_cover_the_document(place: House, officer: Client) -> None:
    make.child(
        place.school_class,
        "张小明",
        document_kind=DocumentKind.RESIDENT_CARD,
        document_number=CARD,
        status=EnrolmentStatus.SUSPENDED,
    )
    make.child(None, "李大海", residence=place.village)
    html = text_of(officer.get("/students/"))
    for words in ("云溪中心学校", "五（1）班", "休学", "**************0013", "未在县内就读"):
        assert words in html
    assert CARD not in html


def test_only_children_in_sight_are_found(place: House, officer: Client) -> None:
    make.child(place.school_class, "张小明")
    make.child(place.other_class, "张小亮", document_kind=DocumentKind.RESIDENT_CARD, document_number=CARD)
    assert names(officer, q="张") == ["张小明"]
    assert names(officer, q=CARD) == []
    assert names(signed_in(Role.BUREAU_OFFICER, place.county), q="张") == ["张小亮", "张小明"]
    assert names(signed_in(Role.VILLAGE_SECRETARY, place.village), q="张") == []


@pytest.mark.parametrize("role", [Role.COUNTY_LEADER, Role.INSPECTOR, Role.SYSTEM_ADMIN])
def test_without_the_permission_the_page_is_forbidden(place: House, role: Role) -> None:
    assert signed_in(role, place.county).get("/students/").status_code == 403


def test_long_lists_come_in_pages_in_the_order_of_names(place: House, officer: Client) -> None:
    for number in range(65):
        make.child(place.school_class, f"周小{chr(0x4E00 + number)}")
    seen: list[str] = []
    url = "/students/?q=周"
    sizes = []
    while url:
        answer = officer.get(url)
        rows = answer.context["rows"]
        sizes.append(len(rows))
        seen += [row["name"] for row in rows]
        url = answer.context["later_url"]
    assert sizes == [30, 30, 5]
    assert len(set(seen)) == 65
    back = officer.get(officer.get("/students/?q=周").context["later_url"]).context["earlier_url"]
    first = officer.get(back)
    assert [row["name"] for row in first.context["rows"]] == seen[:30]
    assert first.context["earlier_url"] == ""
    assert first.context["later_url"]
    ordered = Student.objects.order_by("sort_key", "pk").values_list("name", flat=True)
    assert seen == list(ordered)
    assert officer.get("/students/", {"after": "abc"}).status_code == 200


def test_filters_narrow_by_standing_grade_and_group(place: House, officer: Client) -> None:
    sixth = make.school_class(place.school, "六（1）班", 6)
    make.child(place.school_class, "安小明", groups=(SpecialGroup.LEFT_BEHIND,))
    make.child(sixth, "白小红", status=EnrolmentStatus.SUSPENDED)
    assert names(officer, group="left_behind") == ["安小明"]
    assert names(officer, status="suspended") == ["白小红"]
    assert names(officer, grade="6") == ["白小红"]
    assert names(officer, grade="6", q="安") == []
    assert officer.get("/students/", {"grade": "12"}).status_code == 400


@pytest.mark.parametrize("group", sorted(RESTRICTED_GROUPS))
def test_restricted_groups_are_no_filter_for_those_who_may_not_see_them(
    place: House, officer: Client, group: SpecialGroup
) -> None:
    make.child(place.school_class, "安小明", groups=(group,))
    assert officer.get("/students/", {"group": group.value}).status_code == 400
    assert f'value="{group.value}"' not in text_of(officer.get("/students/"))
    assert names(signed_in(Role.BUREAU_HEAD, place.county), group=group.value) == ["安小明"]


def test_the_picker_is_a_part_of_another_form(place: House, officer: Client) -> None:
    child = make.child(place.school_class, "张小明")
    part = text_of(officer.get("/students/", {"pick": "student", "q": "zxm"}, headers={"HX-Request": "true"}))
    assert f'<input type="radio" name="student" value="{child.pk}" required>' in part
    assert "<html" not in part
    assert "<html" in text_of(officer.get("/students/", {"pick": "student", "q": "zxm"}))
    nobody = text_of(officer.get("/students/", {"pick": "student", "q": "钱"}, headers={"HX-Request": "true"}))
    assert "没有找到“钱”" in nobody
    evil = officer.get("/students/", {"pick": '"><b>', "q": "张"}, headers={"HX-Request": "true"})
    assert 'name="student"' in text_of(evil)


def test_the_list_costs_the_same_for_one_and_for_three(place: House, officer: Client) -> None:
    costs = []
    for name in ("张小明", "张小亮", "张小红"):
        make.child(place.school_class, name)
        with CaptureQueriesContext(connection) as spent:
            officer.get("/students/", {"q": "张"})
        costs.append(len(spent))
    assert costs[0] == costs[-1] <= 7
