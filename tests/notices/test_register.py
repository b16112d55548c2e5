"""The number register is gapless under two hands at once, and shows every paper of one's units."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from agencies.models import User
from notices.actions.issuing import issue
from notices.models import Notice, NumberSeries
from notices.rules.numbering import parse_number
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk, desk_with_order

pytestmark = pytest.mark.long


def drafts(here: Desk, count: int) -> list[Notice]:
    """Orders to the fathers of so many more children, not signed yet."""
    made = []
    for number in range(count):
        with at(make.DAY, 15):
            guardians = [str(pk) for pk in here.child.guardians.filter(is_guardian=True).values_list("pk", flat=True)]
            here.draft_order(guardians=guardians[number : number + 1], token=f"d{number}")
        made.append(Notice.objects.latest("pk"))
    return made


@pytest.mark.django_db(transaction=True)
def test_two_hands_at_once_take_two_numbers_that_follow_each_other() -> None:
    here = desk()
    deputy, wrong = make.actor(here.deputy), []
    waiting = drafts(here, 2)
    start = threading.Barrier(2)

    def sign(notice: Notice) -> None:
        try:
            start.wait(10)
            issue(by=deputy, notice=notice, now=make.moment(make.DAY, 16))
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign, args=(notice,)) for notice in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    numbers = [parse_number(text) for text in Notice.objects.values_list("number", flat=True)]
    assert sorted(number.serial for number in numbers if number) == [1, 2]
    assert NumberSeries.objects.get().last == 2


@pytest.mark.django_db(transaction=True)
def test_two_hands_on_one_draft_make_one_paper() -> None:
    here = desk()
    deputy, (draft,) = make.actor(here.deputy), drafts(here, 1)
    start = threading.Barrier(2)

    def sign() -> None:
        start.wait(10)
        issue(by=deputy, notice=draft, now=make.moment(make.DAY, 16))
        connections.close_all()

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done = Notice.objects.get()
    assert (done.state, done.number) == ("issued", "云溪政限返〔2026〕1号")
    assert here.case.events.filter(kind="notice_issued").count() == 1


@pytest.mark.django_db
def test_two_units_cannot_share_a_code_word() -> None:
    here, _ = desk_with_order()
    sister = make.township(here.place.county, "石桥镇")
    NumberSeries.objects.update(unit=sister)
    with at(make.DAY, 16):
        mother = str(here.child.guardians.get(name="吴小梅").pk)
        answer = here.draft_order(here.deputy, do="issue", guardians=[mother], token="m")
    assert answer.status_code == 400
    assert "机关代字“云溪政限返”已由石桥镇使用" in text_of(answer)


@pytest.mark.django_db
def test_a_child_that_moved_away_leaves_its_number_in_the_register_without_its_name() -> None:
    here, notice = desk_with_order()
    here.child.sights.all().delete()
    with at(make.DAY, 16):
        page = text_of(client(here.deputy).get(here.url("register")))
        assert client(here.deputy).get(here.url("notice", notice.pk)).status_code == 404
    assert "云溪政限返〔2026〕1号" in page
    assert "周小䶮" not in page
    assert "周*䶮" in page


@pytest.mark.django_db
def test_the_register_is_narrowed_and_a_wrong_filter_does_no_harm() -> None:
    here, _ = desk_with_order()
    with at(make.DAY, 16):
        browser = client(here.deputy)
        assert "没有文书" in text_of(browser.get(here.url("register") + "?state=draft"))
        assert "1号" in text_of(browser.get(here.url("register") + "?number=〔2026〕&year=2026"))
        for query in ("?state=x", "?year=abc", "?unit=9999", "?after=zz", "?number=%00"):
            assert browser.get(here.url("register") + query).status_code == 200
        empty = browser.post(here.url("sign"), {"notice": ["x", "99"]})
    assert empty.status_code == 302


def queries(user: User, url: str) -> int:
    """Queries of a page."""
    browser = client(user)
    with at(make.DAY, 17), CaptureQueriesContext(connection) as found:
        assert browser.get(url).status_code == 200
    return len(found)


@pytest.mark.django_db
def test_three_papers_cost_no_more_queries_than_one() -> None:
    here = desk("datian-2023")
    pages = [here.url("case_papers", here.case.pk), here.url("register")]
    with at(make.DAY, 15):
        here.post(here.principal, "draft", here.case.pk, "attachment-5", token="a", do="issue")
    for url in pages:
        queries(here.deputy, url)
    one = [queries(here.deputy, url) for url in pages]
    with at(make.DAY, 15):
        here.post(here.principal, "draft", here.case.pk, "attachment-4", token="b", do="issue")
        here.draft_order()
    assert [queries(here.deputy, url) for url in pages] == one
    assert max(one) <= 15


@pytest.mark.django_db
def test_who_reads_the_register_and_who_does_not() -> None:
    here = desk()
    with at():
        for user in (here.deputy, here.officer, here.principal):
            assert client(user).get(here.url("register")).status_code == 200
        for user in (here.place.teacher, here.place.secretary, here.place.person(Role.JUSTICE_OFFICE)):
            assert client(user).get(here.url("register")).status_code == 403
