"""Open cases move to an adopted version: previewed, with a reason, chosen ones only, and a second time nothing."""

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from agencies.choices import Role, Verb
from agencies.models import Adoption, AuditRow
from agencies.rules.audit_words import detail_text
from cases.actions.events import EventRefusedError, supersede_event
from cases.actions.moving import move_cases
from cases.models import Case, Event
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db


def newer(place: Scene) -> Adoption:
    """The township adopts the county's plan from the day of the test on."""
    return make.plan(place.township, "datian-2023", on=make.DAY)


def started(*names: str) -> tuple[Scene, list[Case]]:
    place = scene()
    return place, place.absent(*(place.child(name) for name in names or ("周小安",)))


def test_the_preview_says_how_each_case_stands_under_both_and_changes_nothing() -> None:
    place, (case,) = started()
    adoption = newer(place)
    with at():
        page = text_of(client(place.person(Role.TOWNSHIP_HEAD)).get(f"/policies/adopted/{adoption.pk}/move/"))
    assert "周小安" in page
    assert "不再有“班主任联合德育处入户劝返”" in page
    assert "新有“学校上门动员返校”" in page
    assert f"{place.township.name}自" in page.split('name="reason"')[1].split(">")[0]
    case.refresh_from_db()
    assert case.policy_id != adoption.version_id


def test_chosen_cases_move_with_a_reason_on_the_timeline_and_in_the_audit_trail() -> None:
    place, (case, left) = started("周小安", "周小宝")
    adoption = newer(place)
    with at():
        browser = client(place.person(Role.TOWNSHIP_HEAD))
        address = f"/policies/adopted/{adoption.pk}/move/"
        answer = browser.post(address, {"case": [case.pk], "reason": "新学年改用县方案"})
        assert answer.status_code == 302
        page = text_of(browser.get(address))
        assert "周小安" not in page
        assert "周小宝" in page
        timeline = text_of(browser.get(f"/cases/{case.pk}/"))
    case.refresh_from_db()
    left.refresh_from_db()
    assert case.policy_id == adoption.version_id
    assert left.policy_id != adoption.version_id
    assert set(case.duties.values_list("step", flat=True)) <= {"ask", "persuade", "report"}
    assert "变更适用方案" in timeline
    assert "理由：新学年改用县方案" in timeline
    row = AuditRow.objects.get(verb=Verb.CASE_MOVED)
    assert row.object_id == str(case.pk)
    said = detail_text(row.detail, {})
    assert re.fullmatch(r"改用方案：.+（第1版）；原用方案：.+（第\d版）", said), said


def test_moving_twice_moves_once_and_the_entry_cannot_be_corrected_away() -> None:
    place, (case,) = started()
    adoption = newer(place)
    by = make.actor(place.person(Role.TOWNSHIP_HEAD))
    counts = [
        move_cases(by=by, adoption=adoption, case_ids=[case.pk, case.pk], reason="改用", now=make.moment(make.DAY, 10))
        for _ in range(2)
    ]
    assert counts == [1, 0]
    entry = Event.objects.get(case=case, kind="note")
    with pytest.raises(EventRefusedError, match="再变更一次"):
        supersede_event(by=by, event=entry, why="错了", now=make.moment(make.DAY, 11))


def test_a_school_with_a_plan_of_its_own_keeps_it() -> None:
    place, (case,) = started()
    make.plan(place.school, on=make.DAY)
    adoption = newer(place)
    by = make.actor(place.person(Role.TOWNSHIP_HEAD))
    assert move_cases(by=by, adoption=adoption, case_ids=[case.pk], reason="x", now=make.moment(make.DAY, 10)) == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": "改用"}, "请至少选择一个个案"),
        ({"case": "x", "reason": "改用"}, "请至少选择一个个案"),
        ({"case": "1", "reason": ""}, "请写明变更理由"),
        ({"case": "1", "reason": "长" * 201}, "200"),
    ],
)
def test_bad_input_is_said_and_nothing_moves(typed: dict[str, str], sentence: str) -> None:
    place, _ = started()
    adoption = newer(place)
    with at():
        browser = client(place.person(Role.TOWNSHIP_HEAD))
        answer = browser.post(f"/policies/adopted/{adoption.pk}/move/", typed)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not Case.objects.filter(policy=adoption.version).exists()


def test_a_sister_township_finds_nothing_and_an_officer_may_not() -> None:
    place, (case,) = started()
    other = scene(place.county, "青石")
    adoption = newer(place)
    address = f"/policies/adopted/{adoption.pk}/move/"
    stranger = other.person(Role.TOWNSHIP_HEAD)
    with at():
        assert client(stranger).get(address).status_code == 404
        assert client(place.officer).get(address).status_code == 403
    with pytest.raises(PermissionDenied):
        move_cases(
            by=make.actor(stranger), adoption=adoption, case_ids=[case.pk], reason="x", now=make.moment(make.DAY, 10)
        )


def test_the_page_costs_the_same_for_one_and_three_cases(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    place = scene()
    place.absent(place.child("周一"))
    adoption = newer(place)
    address = f"/policies/adopted/{adoption.pk}/move/"
    with at():
        browser = client(place.person(Role.TOWNSHIP_HEAD))
        browser.get(address)
        with django_assert_max_num_queries(60) as one:  # type: ignore[attr-defined]
            browser.get(address)
        more = [place.child(name) for name in ("周二", "周三")]
        for child in more:
            Case.objects.create(
                student=child,
                policy=Case.objects.exclude(policy=adoption.version).first().policy,  # type: ignore[union-attr]
                school=place.school,
                school_class=place.school_class,
                township=place.township,
                village=place.village,
                opened_on=make.DAY,
                opened_at=make.moment(make.DAY),
            )
        with django_assert_max_num_queries(len(one)) as three:  # type: ignore[attr-defined]
            assert text_of(browser.get(address)).count('data-testid="move-case"') == 3
    assert len(three) == len(one)
