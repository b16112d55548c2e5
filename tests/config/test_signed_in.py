"""Who is signed in: a session that ran out, one ended elsewhere and a closed account open nothing any more."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from agencies.choices import Role
from agencies.models import User
from tests import make
from tests.agencies.people import client_of, places

pytestmark = pytest.mark.django_db
HERE = "/students/"


@pytest.fixture
def person() -> User:
    return make.person(Role.PRINCIPAL, places().school, on=timezone.localdate())


@pytest.fixture
def browser(person: User) -> Client:
    client = client_of(person)
    assert client.get(HERE).status_code == 200
    return client


def turned_away(client: Client) -> bool:
    """Whether the page sends to the login page."""
    answer = client.get(HERE)
    return answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


def test_a_session_that_ran_out_opens_nothing(browser: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        assert turned_away(browser)


def test_a_session_ended_elsewhere_opens_nothing(browser: Client) -> None:
    Session.objects.all().delete()
    assert turned_away(browser)


def test_a_closed_account_opens_nothing_from_the_next_page_on(browser: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert turned_away(browser)


def test_a_new_password_ends_the_sessions_of_the_old_one(browser: Client, person: User) -> None:
    person.set_password("Shishan-2027")
    person.save()
    assert turned_away(browser)


def test_a_made_up_session_opens_nothing(person: User) -> None:
    # As sent: a browser's own code might refuse to send a NUL, which stands as \000 between quotation marks.
    for said in ("", "x" * 32, '"' + "a\\000b" * 11 + '"', "é" * 32, "x" * 5000):
        answer = Client().get(HERE, HTTP_COOKIE=f"sessionid={said}")
        assert (answer.status_code, answer.headers["Location"][:7]) == (302, "/login/")
