"""Signing in: lock-out after five failures, how long a session lasts, the demo's shortcut only in the demo."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client

from agencies.actions.accounts import reset_account
from agencies.checks import demo_is_off, papers_can_be_made
from agencies.choices import Role
from agencies.models import AuditRow, User
from agencies.rules.roles import session_hours
from tests import make
from tests.agencies.people import LONG_AGO, Places, places

pytestmark = pytest.mark.django_db
PASSWORD = "Liushu-2026"


@pytest.fixture
def here() -> Places:
    return places()


@pytest.fixture
def teacher(here: Places) -> User:
    return make.person(Role.CLASS_TEACHER, here.school_class, "吴老师", on=LONG_AGO)


def try_to(client: Client, user: User, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login/", {"username": user.username, "password": password, **more})


def test_the_right_password_opens_and_is_on_record(teacher: User) -> None:
    answer = try_to(Client(), teacher)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert AuditRow.objects.filter(verb="logged_in", actor="吴老师").count() == 1


def test_a_wrong_password_says_so_and_opens_nothing(teacher: User) -> None:
    client = Client()
    answer = try_to(client, teacher, "wrong")
    assert answer.status_code == 400
    assert "账号或密码不对，请重新输入" in answer.content.decode()
    assert client.get("/")["Location"].startswith("/login/")


def test_failures_of_known_accounts_are_on_record_until_the_lock(teacher: User) -> None:
    client = Client()
    for _ in range(7):
        try_to(client, teacher, "wrong")
    client.post("/login/", {"username": "Geheim-2026", "password": ""})
    client.post("/login/", {"username": "零\x00值", "password": "x"})
    assert client.post("/login/", {}).status_code == 400
    failures = AuditRow.objects.filter(verb="login_failed")
    assert [(row.actor, row.object_kind, row.object_id) for row in failures] == [
        ("登录页", "user", str(teacher.pk))
    ] * 4


def test_five_wrong_passwords_lock_the_account_and_a_reset_opens_it_again(teacher: User) -> None:
    client = Client()
    answers = [try_to(client, teacher, "wrong").status_code for _ in range(5)]
    assert answers == [400, 400, 400, 400, 429]
    locked = try_to(client, teacher)
    assert locked.status_code == 429
    page = locked.content.decode()
    assert "30分钟后再试" in page
    assert "系统管理员重置账号" in page

    slip = reset_account(by=make.SYSTEM, user=teacher, now=make.moment(make.DAY))
    assert try_to(client, teacher, slip.password).status_code == 302


def test_a_lock_hits_one_account_not_the_whole_school(here: Places, teacher: User) -> None:
    client = Client()
    for _ in range(6):
        try_to(client, teacher, "wrong")
    colleague = make.person(Role.PRINCIPAL, here.school, on=LONG_AGO)
    assert try_to(client, colleague).status_code == 302


def test_a_teacher_stays_signed_in_for_a_month_on_her_own_phone_and_a_day_at_a_shared_computer(teacher: User) -> None:
    own, shared = Client(), Client()
    try_to(own, teacher, own_device="1")
    try_to(shared, teacher)
    assert own.session.get_expiry_age() == pytest.approx(timedelta(days=30).total_seconds(), abs=60)
    assert shared.session.get_expiry_age() == pytest.approx(timedelta(hours=8).total_seconds(), abs=60)


def test_an_administrators_session_is_short_everywhere(here: Places) -> None:
    admin = make.person(Role.SYSTEM_ADMIN, here.county, on=LONG_AGO)
    client = Client()
    try_to(client, admin, own_device="1")
    assert client.session.get_expiry_age() == pytest.approx(timedelta(hours=1).total_seconds(), abs=60)


def test_of_several_posts_the_strictest_decides() -> None:
    assert session_hours([Role.CLASS_TEACHER, Role.SECURITY_ADMIN], own_device=True) == 1
    assert session_hours([], own_device=True) == 1


def test_an_address_elsewhere_is_not_followed_after_signing_in(teacher: User) -> None:
    assert try_to(Client(), teacher, next="https://example.org/")["Location"] == "/"
    assert try_to(Client(), teacher, next="/deputy/")["Location"] == "/deputy/"


def test_the_demo_shortcut_is_gone_without_the_demo_setting(teacher: User, settings: Any) -> None:
    settings.DEMO = False
    assert Client().post("/login/demo/", {"username": teacher.username}).status_code == 404
    assert "demo-accounts" not in Client().get("/login/").content.decode()


def test_in_the_demo_one_click_opens_an_account_of_each_role(teacher: User, settings: Any) -> None:
    settings.DEMO = True
    page = Client().get("/login/").content.decode()
    assert f'data-testid="demo-{teacher.username}"' in page
    assert "班主任" in page
    assert Client().post("/login/demo/", {"username": teacher.username})["Location"] == "/"
    assert Client().post("/login/demo/", {"username": "nobody"}).status_code == 404


def test_a_deployment_with_the_demo_on_is_refused(settings: Any) -> None:
    settings.DEMO = True
    assert [message.id for message in demo_is_off(None)] == ["agencies.E001"]
    with pytest.raises(SystemCheckError, match=r"agencies\.E001"):
        call_command("check", deploy=True)
    settings.DEMO = False
    assert demo_is_off(None) == []


def test_the_libraries_for_papers_are_here() -> None:
    assert papers_can_be_made(None) == []


def test_the_first_password_must_be_changed_before_anything_else_opens(teacher: User) -> None:
    slip = reset_account(by=make.SYSTEM, user=teacher, now=make.moment(make.DAY))
    client = Client()
    try_to(client, teacher, slip.password)
    assert client.get("/deputy/")["Location"] == "/password/"
    weak = {"old_password": slip.password, "new_password1": "aaaaaaaaaaaa", "new_password2": "aaaaaaaaaaaa"}
    assert client.post("/password/", weak).status_code == 400
    good = weak | {"new_password1": "Qingshan-88x", "new_password2": "Qingshan-88x"}
    assert client.post("/password/", good)["Location"] == "/"
    assert client.get("/deputy/").status_code == 200


def test_signing_out_takes_a_post_and_is_on_record(teacher: User) -> None:
    client = Client()
    try_to(client, teacher)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert AuditRow.objects.filter(verb="logged_out").count() == 1
