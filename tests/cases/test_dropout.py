"""疑似辍学 → 辍学: who says so is the plan's, once in a round, on facts; a plan without such an act derives it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from agencies.choices import Role
from agencies.models import User
from agencies.queries.policies import policy_of
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries import named_posts
from cases.rules.transitions import refusals
from tests import make
from tests.cases.scene import Scene, absent_scene, at, client, text_of
from tests.cases.stories import TOWN, absent, event, roll, stands
from tests.counties import KEYS
from tests.counties import policy_of as plan_of

pytestmark = pytest.mark.django_db
D, K = date, EventKind
AWAY = absent(D(2026, 11, 2), D(2026, 11, 30))
VISITED = event(1, K.HOME_VISIT, D(2026, 11, 5), by="王老师", guardian_attitude="推脱", methods="谈话")
SAID = event(2, K.DROPOUT_CONFIRMED, D(2026, 11, 16), since="2026-11-02", ground="在外打工", by="镇专干")
GROUND = {"since": "2026-11-09", "ground": "两次入户均不在家，邻居称外出打工", "by": "镇民生服务办"}

PERSUADED = {"place": "家中", "people": "镇专干", "record": "家长称已外出务工", "recorder": "镇专干"}


@pytest.mark.parametrize("key", KEYS)
def test_each_of_the_five_plans_names_who_confirms_and_on_which_words(key: str) -> None:
    rule = plan_of(key).dropout
    assert rule is not None
    assert rule.basis.quote
    assert rule.basis.reason


def test_a_child_is_suspected_until_somebody_says_it_has_dropped_out() -> None:
    assert stands(roll(*AWAY), (VISITED,), D(2026, 11, 30)).dropped_out_on is None
    assert stands(roll(*AWAY), (VISITED, SAID), D(2026, 11, 15)).dropped_out_on is None
    assert stands(roll(*AWAY), (VISITED, SAID), D(2026, 11, 30)).dropped_out_on == D(2026, 11, 16)
    back = event(3, K.RETURN_CONFIRMED, D(2026, 11, 20), by="学校", proof="点名")
    assert (
        stands(roll(*absent(D(2026, 11, 2), D(2026, 11, 19))), (VISITED, SAID, back), D(2026, 11, 30)).dropped_out_on
        is None
    )


def test_a_plan_without_the_act_counts_it_from_the_townships_turn() -> None:
    plan = replace(TOWN, dropout=None)
    standing = stands(roll(*AWAY), (VISITED,), D(2026, 11, 30), plan)
    late = [d.opened_on for d in standing.duties if d.stage == "township" and d.opened_on]
    assert standing.dropped_out_on == min(late)
    assert stands(roll(*AWAY), (), D(2026, 11, 3), plan).dropped_out_on is None


@pytest.mark.parametrize(
    ("events", "since", "said"),
    [
        ((), "2026-11-02", "尚无联系、劝返或核查记录，请先登记再认定辍学"),
        ((VISITED, SAID), "2026-11-02", "本轮已于2026-11-16（周一）认定辍学"),
        ((VISITED,), "2026-12-01", "辍学起始日期不能晚于今天"),
        (
            (VISITED, event(3, K.RETURN_CONFIRMED, D(2026, 11, 20), by="学校", proof="点名")),
            "2026-11-02",
            "学生现为“返校观察”，不能认定辍学",
        ),
    ],
)
def test_it_asks_for_what_must_come_first(events: tuple[Any, ...], since: str, said: str) -> None:
    away = absent(D(2026, 11, 2), D(2026, 11, 19))
    standing = stands(roll(*away), events, D(2026, 11, 23))
    assert said in refusals(standing, K.DROPOUT_CONFIRMED, {**GROUND, "since": since})


def visited() -> tuple[Scene, Case, str]:
    place, case = absent_scene()
    make.event(case, K.PHONE_CALL, result="no_answer")
    return place, case, reverse("cases:event_new", args=[case.pk, K.DROPOUT_CONFIRMED])


def sent(**changes: str) -> dict[str, str]:
    return {"happened_on": make.DAY.isoformat(), **GROUND, **changes}


def test_the_post_the_plan_names_and_its_superiors_say_so_and_nobody_else() -> None:
    place, case, url = visited()
    page_of_case = reverse("cases:case", args=[case.pk])
    bureau = place.person(Role.BUREAU_OFFICER, place.county)
    with at(hour=16):
        for who in (place.teacher, place.person(Role.PRINCIPAL, place.school), bureau):
            for answer in (client(who).get(url), client(who).post(url, sent())):
                assert answer.status_code == 403
                assert "认定辍学须由乡镇控辍保学专干（或其上级）作出。" in text_of(answer)
            assert url not in text_of(client(who).get(page_of_case))
        for who in (place.officer, place.person(Role.TOWNSHIP_DEPUTY), place.person(Role.TOWNSHIP_HEAD)):
            assert client(who).get(url).status_code == 200
            assert url in text_of(client(who).get(page_of_case))
    assert not Event.objects.filter(kind=K.DROPOUT_CONFIRMED).exists()


def test_the_form_proposes_the_first_day_away_and_the_writer_and_the_case_says_what_came_of_it() -> None:
    place, case, url = visited()
    officer, page_of_case = client(place.officer), reverse("cases:case", args=[case.pk])
    with at(hour=16):
        page = text_of(officer.get(url))
        assert 'value="2026-11-09"' in page
        assert f'value="{place.officer.name}"' in page
        assert "疑似辍学，由乡镇控辍保学专干（或其上级）认定" in text_of(officer.get(page_of_case))
        assert "请填写认定依据" in text_of(officer.post(url, sent(ground="")))
        assert officer.post(url, sent()).status_code == 302
        page = text_of(officer.get(page_of_case))
    assert "辍学（2026-11-11（周三）起按辍学统计）" in page
    assert "辍学起始日期：2026-11-09（周一）" in page
    case.refresh_from_db()
    assert case.dropped_out_on == make.DAY


def test_a_persuasion_that_ended_in_it_says_who_still_has_to_confirm_and_leads_there() -> None:
    place, case, url = visited()
    page_of_case, note = reverse("cases:case", args=[case.pk]), "须由乡镇控辍保学专干（或其上级）另行认定辍学"
    make.event(case, K.PERSUASION, **PERSUADED, result="continue")

    def timeline(who: User) -> str:
        with at(hour=16):
            return text_of(client(who).get(page_of_case)).split('data-testid="timeline"')[1].split("</ol>")[0]

    assert note not in timeline(place.officer)
    make.event(case, K.PERSUASION, **PERSUADED, result="dropped_out")
    assert timeline(place.officer).count(note) == 1
    assert url in timeline(place.officer)
    assert note in timeline(place.teacher)
    assert url not in timeline(place.teacher)
    said = NewEvent(K.DROPOUT_CONFIRMED, make.DAY, dict(GROUND))
    record_event(by=make.actor(place.officer), case=case, event=said, now=make.moment(make.DAY, 15))
    assert note not in timeline(place.officer)


def test_only_who_may_say_so_may_take_it_back() -> None:
    place, case, _ = visited()
    said = NewEvent(K.DROPOUT_CONFIRMED, make.DAY, dict(GROUND))
    row = record_event(by=make.actor(place.officer), case=case, event=said, now=make.moment(make.DAY, 15))
    url = reverse("cases:event_supersede", args=[row.pk])

    def status(who: User) -> int:
        with at(hour=16):
            return client(who).get(url).status_code

    assert status(place.person(Role.PRINCIPAL, place.school)) == 403
    assert status(place.person(Role.TOWNSHIP_DEPUTY)) == 200


def test_a_plan_that_knows_no_such_act_offers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    place, case, url = visited()
    plan = replace(policy_of(case.policy), dropout=None)
    monkeypatch.setattr(named_posts, "policy_of", lambda version: plan)
    monkeypatch.setattr("cases.actions.events.policy_of", lambda version: plan)
    with at(hour=16):
        answer = client(place.officer).get(url)
        assert answer.status_code == 403
        assert "本方案没有认定辍学这一环节。" in text_of(answer)
        assert url not in text_of(client(place.officer).get(reverse("cases:case", args=[case.pk])))
