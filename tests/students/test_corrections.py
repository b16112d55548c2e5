"""Corrections that would remove an opened duty: listed for a second person, agreed to or refused once."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role
from cases.models import Case
from students.choices import CorrectionState
from students.models import Absence, Correction, Student
from tests import make
from tests.students.pages import House, clock_at, house, open_class, signed_in, text_of

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 11, day) for day in (6, 9, 10)]


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def principal(place: House) -> Client:
    return signed_in(Role.PRINCIPAL, place.school, "赵校长")


def ask(place: House, client: Client | None = None, name: str = "安小明") -> tuple[Student, Correction]:
    """A child absent three days; its teacher says that the last one was a mistake."""
    child = make.child(place.school_class, name, residence=place.village)
    for day in DAYS:
        make.roll(place.school_class, day, {child: "unexcused"}, why="补登")
    with clock_at():
        page = open_class(
            client or signed_in(Role.CLASS_TEACHER, place.school_class, "王老师"), place.school_class, DAYS[-1]
        )
        page.mark(child, "")
        assert page.save(correction_reason="当日误登记").status_code == 302
    return child, Correction.objects.get(student=child)


def test_it_waits_on_the_page_of_the_second_person(place: House, principal: Client) -> None:
    ask(place)
    with clock_at():
        html = text_of(principal.get("/corrections/"))
    for words in ("安小明", "2026-11-10（周二）", "无故", "到校", "当日误登记", "王老师"):
        assert words in html


def test_agreed_it_is_written_and_the_duty_goes(place: House, principal: Client) -> None:
    child, waiting = ask(place)
    before = Case.objects.get(student=child).absent_half_days
    with clock_at():
        answer = principal.post(f"/corrections/{waiting.pk}/", {"answer": "yes"})
        assert answer.status_code == 302
        page = text_of(principal.get("/corrections/"))
    assert "已同意，考勤已按申请更正" in page
    assert f"/cases/?q={child.number}&amp;state=all" in page
    assert "请到个案页查看须撤回的文书" in page
    assert not Absence.objects.filter(day=DAYS[-1], superseded_at__isnull=True).exists()
    assert (before, Case.objects.get(student=child).absent_half_days) == (6, 0)


def test_refused_it_changes_nothing_and_needs_a_reason(place: House, principal: Client) -> None:
    _, waiting = ask(place)
    with clock_at():
        bare = principal.post(f"/corrections/{waiting.pk}/", {"answer": "no"})
        assert bare.status_code == 400
        assert "不同意的，请写明理由" in text_of(bare)
        assert (
            principal.post(f"/corrections/{waiting.pk}/", {"answer": "no", "why": "门卫证实未到"}).status_code == 302
        )
        assert "门卫证实未到" in text_of(principal.get("/corrections/"))
    assert Absence.objects.filter(day=DAYS[-1], superseded_at__isnull=True).exists()
    assert Correction.objects.get().state == CorrectionState.REFUSED


def test_it_is_decided_once(place: House, principal: Client) -> None:
    _, waiting = ask(place)
    with clock_at():
        principal.post(f"/corrections/{waiting.pk}/", {"answer": "yes"})
        again = principal.post(f"/corrections/{waiting.pk}/", {"answer": "no", "why": "再想想"})
    assert again.status_code == 400
    assert "已经有人复核过了" in text_of(again)
    assert Correction.objects.get().state == CorrectionState.APPROVED


def test_whoever_asked_does_not_decide(place: House) -> None:
    registrar = signed_in(Role.REGISTRAR, place.school)
    _, waiting = ask(place, registrar)
    with clock_at():
        html = text_of(registrar.get("/corrections/"))
        assert "这是您提出的更正" in html
        assert f"agree-{waiting.pk}" not in html
        answer = registrar.post(f"/corrections/{waiting.pk}/", {"answer": "yes"})
    assert answer.status_code == 400
    assert "申请人不能复核自己的更正" in text_of(answer)


@pytest.mark.parametrize("sent", [{}, {"answer": "perhaps"}, {"answer": "no", "why": "长" * 201}])
def test_broken_answers_get_a_sentence(place: House, principal: Client, sent: dict[str, str]) -> None:
    _, waiting = ask(place)
    with clock_at():
        answer = principal.post(f"/corrections/{waiting.pk}/", sent)
    assert answer.status_code == 400
    assert "没有保存，请改正" in text_of(answer)


def test_the_sister_school_sees_nothing_and_a_teacher_may_not_decide(place: House) -> None:
    _, waiting = ask(place)
    sister = signed_in(Role.PRINCIPAL, place.other_school)
    with clock_at():
        assert "安小明" not in text_of(sister.get("/corrections/"))
        assert sister.post(f"/corrections/{waiting.pk}/", {"answer": "yes"}).status_code == 404
        for role, at in ((Role.CLASS_TEACHER, place.school_class), (Role.TOWNSHIP_OFFICER, place.township)):
            client = signed_in(role, at)
            assert client.get("/corrections/").status_code == 403
            assert client.post(f"/corrections/{waiting.pk}/", {"answer": "yes"}).status_code == 403


def test_the_page_costs_the_same_for_one_and_for_three(place: House, principal: Client) -> None:
    costs = []
    for name in ("安小明", "白小红", "陈小亮"):
        ask(place, name=name)
        with clock_at(), CaptureQueriesContext(connection) as spent:
            principal.get("/corrections/")
        costs.append(len(spent))
    assert costs[0] == costs[-1] <= 8


def test_what_was_asked_on_another_day_says_that_day_with_its_weekday(place: House, principal: Client) -> None:
    ask(place)
    with clock_at(date(2026, 11, 12)):
        assert "王老师 11-11（周三） 08:10 提出" in text_of(principal.get("/corrections/"))
