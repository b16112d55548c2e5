"""Closing a case off: what is missing is said first, the approver alone closes, with a second click."""

from datetime import date

import pytest
from django.urls import reverse

from agencies.choices import Role
from cases.choices import EventKind
from cases.models import Case, Event
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db
LATER = date(2026, 11, 20)


def returned(place: Scene) -> Case:
    """A case of the school's stage, returned and seen at school for a week, 学籍 restored."""
    (case,) = place.absent(place.child(), days=[date(2026, 11, 9)])
    make.event(case, EventKind.PHONE_CALL, date(2026, 11, 9), result="connected")
    make.event(case, EventKind.RETURNED, date(2026, 11, 10))
    make.rolls(place.school_class, [date(2026, 11, day) for day in (10, 11, 12, 13, 16, 17, 18, 19, 20)])
    make.event(case, EventKind.ENROLMENT_RESTORED, date(2026, 11, 11), act="normal")
    return case


def url(case: Case) -> str:
    return reverse("cases:close", args=[case.pk])


def test_what_is_missing_stands_there_before_anything_is_clicked() -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    (case,) = place.absent(place.child())
    with at():
        page = text_of(client(principal).get(url(case)))
    assert "返校尚未经考勤确认" in page
    assert "学籍补建或恢复未登记" in page
    assert "云溪中心学校 校长" in page


def test_the_approver_closes_with_a_second_click() -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    case = returned(place)
    browser, data = client(principal), {"outcome": "returned", "proof": ""}
    with at(LATER):
        first = browser.post(url(case), data)
        case.refresh_from_db()
        assert first.status_code == 200
        assert "请核对后确认销号" in text_of(first)
        assert case.closed_on is None
        assert browser.post(url(case), data | {"sure": "yes"}).status_code == 302
        assert browser.post(url(case), data | {"sure": "yes"}).status_code == 302
        assert "已返校" in text_of(browser.get(reverse("cases:case", args=[case.pk])))
    case.refresh_from_db()
    assert (case.closed_on, case.outcome) == (LATER, "returned")
    assert Event.objects.filter(case=case, kind=EventKind.CLOSED).count() == 1


def test_whoever_may_not_approve_reads_who_may_and_cannot_close() -> None:
    place = scene()
    other = scene(place.county, "青石")
    case = returned(place)
    with at(LATER):
        page = text_of(client(place.teacher).get(url(case)))
        assert "您的岗位不能批准本案销号" in page
        assert 'data-testid="close-form"' not in page
        assert client(place.teacher).post(url(case), {"outcome": "returned", "sure": "yes"}).status_code == 403
        assert client(other.officer).get(url(case)).status_code == 404
        assert client(make.person(Role.INSPECTOR, place.county)).get(url(case)).status_code == 403


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "请选择销号结果"),
        ({"outcome": "flown"}, "销号结果不在列表中"),
        ({"outcome": "transferred", "sure": "yes"}, "缺少证明材料：接收学校回执或学籍转接凭证"),
        ({"outcome": "returned", "sure": "yes"}, "返校尚未经考勤确认"),
        ({"outcome": "over_age", "proof": "户口簿", "sure": "yes"}, "还没有超龄"),
    ],
)
def test_a_closing_that_lacks_something_is_refused_with_the_remedy(data: dict[str, str], sentence: str) -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    (case,) = place.absent(place.child(), days=[make.DAY])
    with at():
        answer = client(principal).post(url(case), data | {"note": ""})
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert ('name="proof" maxlength="200" aria-invalid="true"' in text_of(answer)) == ("证明材料：" in sentence)
    case.refresh_from_db()
    assert case.closed_on is None


def test_a_closed_case_keeps_its_entries_and_its_person_in_charge() -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    case = returned(place)
    call = Event.objects.get(case=case, kind=EventKind.PHONE_CALL)
    with at(LATER):
        client(principal).post(url(case), {"outcome": "returned", "sure": "yes"})
        wrong = {"correction": "打错号码", "mend": "void"}
        answer = client(place.teacher).post(reverse("cases:event_supersede", args=[call.pk]), wrong)
        assert (answer.status_code, "办理记录不再更正" in text_of(answer)) == (400, True)
        assigned = client(place.officer).post(
            reverse("cases:assign", args=[case.pk]), {"person": str(place.secretary.pk)}
        )
        assert (assigned.status_code, "不再指定责任人" in text_of(assigned)) == (400, True)
    call.refresh_from_db()
    case.refresh_from_db()
    assert (call.superseded_at, case.person) == (None, None)


def test_a_mistaken_closing_is_superseded_and_the_case_is_open_again() -> None:
    place = scene()
    head = make.person(Role.TOWNSHIP_HEAD, place.township)
    principal = place.person(Role.PRINCIPAL, place.school)
    case = returned(place)
    with at(LATER):
        client(principal).post(url(case), {"outcome": "returned", "sure": "yes"})
        closing = Event.objects.get(case=case, kind=EventKind.CLOSED)
        where = reverse("cases:event_supersede", args=[closing.pk])
        assert "恢复为未销号" in text_of(client(head).get(where))
        assert client(head).post(where, {"correction": "学籍未恢复", "mend": "void"}).status_code == 302
    case.refresh_from_db()
    assert (case.closed_on, case.outcome) == (None, "")


def test_only_who_approves_a_closing_takes_it_back() -> None:
    place = scene()
    principal = place.person(Role.PRINCIPAL, place.school)
    case = returned(place)
    with at(LATER):
        client(principal).post(url(case), {"outcome": "returned", "sure": "yes"})
        closing = Event.objects.get(case=case, kind=EventKind.CLOSED)
        where, page_of_case = (
            reverse("cases:event_supersede", args=[closing.pk]),
            reverse("cases:case", args=[case.pk]),
        )
        wrong = {"correction": "学籍未恢复", "mend": "void"}
        for who in (place.person(Role.BUREAU_HEAD, place.county), place.teacher):
            answer = client(who).post(where, wrong)
            assert answer.status_code == 403
            assert "本案销号由校长（或其上级）批准，也由其更正。" in text_of(answer)
            assert where not in text_of(client(who).get(page_of_case))
        # The plan's later approver stands above the school's.
        for who in (place.officer, principal):
            assert where in text_of(client(who).get(page_of_case))
            assert client(who).get(where).status_code == 200
        assert client(principal).post(where, wrong).status_code == 302
    case.refresh_from_db()
    assert case.closed_on is None
