"""A child's page: covered values, restricted groups, absences; one value shown whole with a reason, on record."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from agencies.models import AuditRow
from students.actions.children import NewGuardian
from students.choices import DocumentKind, SpecialGroup
from students.models import Student
from students.rules.privacy import RESTRICTED_GROUPS
from tests import make
from tests.students.pages import House, clock_at, house, signed_in, text_of

pytestmark = pytest.mark.django_db
CARD, PHONE = "110101201505120013", "13912345678"
PART = {"HX-Request": "true"}


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def child(place: House) -> Student:
    return make.child(
        place.school_class,
        "安小明",
        residence=place.village,
        document_kind=DocumentKind.RESIDENT_CARD,
        document_number=CARD,
        residence_address="清河县云溪镇柳树村12号",
        guardians=(NewGuardian(name="安大山", relation="父亲", phone=PHONE),),
        groups=(SpecialGroup.LEFT_BEHIND, *sorted(RESTRICTED_GROUPS)),
    )


@pytest.fixture
def teacher(place: House) -> Client:
    return signed_in(Role.CLASS_TEACHER, place.school_class)


def uncover(client: Client, child: Student, field: str, reason: str = "家访前联系家长", **extra: Any) -> Any:
    return client.post(f"/students/{child.pk}/reveal/", {"field": field, "reason": reason}, **extra)


def test_the_page_shows_who_the_child_is_and_covers_what_is_personal(child: Student, teacher: Client) -> None:
    html = text_of(teacher.get(f"/students/{child.pk}/"))
    for words in (
        "安小明",
        child.number,
        "2015-05-12（周二）",
        "云溪镇 柳树村",
        "安大山",
        "父亲",
        "139****5678",
        "0013",
    ):
        assert words in html
    for whole in (CARD, PHONE, "12号"):
        assert whole not in html


def test_absences_and_the_terms_count_stand_on_the_page(place: House, child: Student, teacher: Client) -> None:
    make.roll(place.school_class, date(2026, 11, 9), {child: "unexcused"})
    make.roll(place.school_class, date(2026, 11, 10), {child: "am:sick"})
    with clock_at():
        html = text_of(teacher.get(f"/students/{child.pk}/"))
    assert "本学期缺课 1.5 天" in html
    assert "2026-11-10（周二）" in html
    assert "病假（上午）" in html


def test_the_village_sees_no_roll_and_restricted_groups_need_their_permission(place: House, child: Student) -> None:
    make.roll(place.school_class, date(2026, 11, 9), {child: "unexcused"})
    with clock_at():
        village = text_of(signed_in(Role.VILLAGE_SECRETARY, place.village).get(f"/students/{child.pk}/"))
        head = text_of(signed_in(Role.BUREAU_HEAD, place.county).get(f"/students/{child.pk}/"))
    assert 'data-testid="absences"' not in village
    assert "留守儿童" in village
    for group in RESTRICTED_GROUPS:
        assert str(group.label) not in village
        assert str(group.label) in head


def test_each_role_finds_its_buttons(place: House, child: Student, teacher: Client) -> None:
    own = text_of(teacher.get(f"/students/{child.pk}/"))
    assert "登记请假" in own
    assert "上报辍学倾向" in own
    assert "补录旧案" not in own
    office = text_of(signed_in(Role.TOWNSHIP_OFFICER, place.township).get(f"/students/{child.pk}/"))
    assert "登记请假" not in office
    assert "补录旧案" in office
    assert f"/cases/?q={child.number}" not in office
    make.rolls(place.school_class, [make.DAY - timedelta(days=days) for days in (2, 1, 0)], {child: "unexcused"})
    office = text_of(signed_in(Role.TOWNSHIP_OFFICER, place.township).get(f"/students/{child.pk}/"))
    assert f"/cases/?q={child.number}" in office


@pytest.mark.parametrize(
    ("field", "whole"), [("document_number", CARD), ("residence_address", "清河县云溪镇柳树村12号")]
)
def test_one_value_is_shown_whole_once_and_put_on_record(
    child: Student, teacher: Client, field: str, whole: str
) -> None:
    part = uncover(teacher, child, field, headers=PART)
    assert whole in text_of(part)
    assert "<html" not in text_of(part)
    assert part["Cache-Control"] == "no-store"
    row = AuditRow.objects.get(verb="identity_revealed")
    assert (row.child_number, row.detail) == (child.number, {"field": field, "reason": "家访前联系家长"})
    assert whole not in str(row.detail)
    assert whole not in text_of(teacher.get(f"/students/{child.pk}/"))
    assert whole in text_of(uncover(teacher, child, field))
    assert AuditRow.objects.filter(verb="identity_revealed").count() == 2


def test_a_telephone_becomes_a_link_to_call(child: Student, teacher: Client) -> None:
    guardian = child.guardians.get()
    html = text_of(uncover(teacher, child, f"phone-{guardian.pk}", headers=PART))
    assert f'href="tel:{PHONE}"' in html


@pytest.mark.parametrize(
    ("field", "reason", "sentence"),
    [
        ("document_number", "", "请写明查看理由"),
        ("document_number", "看", "请写明查看理由"),
        ("document_number", "长" * 61, "请写明查看理由"),
        ("name", "核对学籍", "没有这一项信息"),
        ("pk", "核对学籍", "没有这一项信息"),
        ("phone-99999", "核对学籍", "没有这一项信息"),
        ("phone-", "核对学籍", "没有这一项信息"),
        ("order-1", "核对学籍", "没有这一项信息"),
        ("", "核对学籍", "没有这一项信息"),
    ],
)
def test_without_a_reason_or_for_an_unknown_field_nothing_is_shown(
    child: Student, teacher: Client, field: str, reason: str, sentence: str
) -> None:
    part, whole = uncover(teacher, child, field, reason, headers=PART), uncover(teacher, child, field, reason)
    assert part.status_code == whole.status_code == 400
    assert sentence in text_of(part)
    assert sentence in text_of(whole)
    assert not AuditRow.objects.filter(verb="identity_revealed").exists()


def test_another_childs_guardian_is_not_uncovered(place: House, child: Student, teacher: Client) -> None:
    other = make.child(place.other_class, guardians=(NewGuardian(name="钱母", relation="母亲", phone=PHONE),))
    assert uncover(teacher, child, f"phone-{other.guardians.get().pk}").status_code == 400


def test_the_sister_school_finds_nobody_and_the_leader_is_refused(place: House, child: Student) -> None:
    sister = signed_in(Role.PRINCIPAL, place.other_school)
    assert sister.get(f"/students/{child.pk}/").status_code == 404
    assert uncover(sister, child, "document_number").status_code == 404
    for role in (Role.COUNTY_LEADER, Role.INSPECTOR, Role.AUDIT_ADMIN):
        client = signed_in(role, place.county)
        assert client.get(f"/students/{child.pk}/").status_code == 403
        assert uncover(client, child, "document_number").status_code == 403
    assert not AuditRow.objects.filter(verb="identity_revealed").exists()


def test_the_page_costs_the_same_for_one_and_for_three_marks(place: House, child: Student, teacher: Client) -> None:
    costs = []
    for day in (5, 9, 10):
        make.roll(place.school_class, date(2026, 11, day), {child: "sick"})
        with clock_at(), CaptureQueriesContext(connection) as spent:
            teacher.get(f"/students/{child.pk}/")
        costs.append(len(spent))
    assert costs[0] == costs[-1] <= 16


def test_numbers_shown_whole_for_an_open_duty_are_put_on_record(place: House, child: Student, teacher: Client) -> None:
    child.guardians.update(spare_phone="13800000009")
    make.roll(place.school_class, make.DAY, {child: "unexcused"})
    with clock_at():
        html = text_of(teacher.get(f"/students/{child.pk}/"))
        office = text_of(signed_in(Role.TOWNSHIP_OFFICER, place.township).get(f"/students/{child.pk}/"))
    assert f'href="tel:{PHONE}"' in html
    assert 'href="tel:13800000009"' in html
    assert PHONE not in office
    row = AuditRow.objects.get(verb="identity_revealed")
    assert (row.child_number, row.detail["basis"], row.detail["page"]) == (child.number, "open_duty", "child")
