"""How long asking a court to enforce an order takes, as the form that chooses the way says it."""

from datetime import date as D

import pytest
from django.urls import reverse

from cases.choices import EventKind as K
from cases.rules.courts import enforcement_notes
from cases.rules.derivation import explain
from cases.rules.facts import Event
from tests import make
from tests.cases.scene import at, client, text_of
from tests.cases.stories import CALENDAR, absent, event, roll, stands
from tests.counties import policy_of
from tests.notices.desk import desk

OVER = "申请强制执行的期限已于2026-12-04（周五）届满，不因何时选定途径而推后（行政强制法第五十三条）"


def order(on: D, remedies: str = "told", mode: str = "direct") -> Event:
    return event(1, K.NOTICE_SERVED, on, mode=mode, remedies=remedies)


def notes(on: D, served: Event | None, effect: D | None = None, kind: K = K.ROUTE_CHOSEN) -> list[str]:
    """What the form says on a day; the service took effect on its day unless told otherwise."""
    took = effect or (served.happened_on if served else None)
    return enforcement_notes(kind, [served] if served else [], took, CALENDAR, on)


def test_where_the_order_told_of_remedies_the_period_to_sue_is_six_months() -> None:
    last, own, whole = notes(D(2026, 6, 1), order(D(2026, 5, 13)))
    assert "六个月以上" in whole
    assert "10个工作日" in whole
    assert own == "本案通知书2026-05-13（周三）送达，起诉期限至2026-11-13（周五）届满。"
    # Three months from 11-14, that day counted, end on Saturday 02-13.
    assert last.startswith("申请强制执行最迟2027-02-15（周一），不因何时选定途径而推后（行政强制法第五十三条）")


def test_where_it_did_not_the_period_is_one_year() -> None:
    assert "延长为一年，至2027-05-13（周四）届满" in notes(D(2026, 6, 1), order(D(2026, 5, 13), "not_told"))[1]


def test_an_announced_order_runs_from_the_day_it_takes_effect() -> None:
    assert (
        "起诉期限至2026-12-12" in notes(D(2026, 7, 1), order(D(2026, 5, 13), mode="announcement"), D(2026, 6, 12))[1]
    )


@pytest.mark.parametrize(
    ("on", "kind", "said", "unsaid"),
    [
        # 03-04: to sue until 09-04, to apply until 12-04; ten working days: 11-20, 23 to 27, 30, 12-01 to 03.
        (D(2026, 11, 19), K.ROUTE_CHOSEN, "催告书最迟2026-11-19（周四）送达。", "来不及"),
        (D(2026, 11, 20), K.ROUTE_CHOSEN, "催告书最迟2026-11-19（周四）送达，今天已来不及。逾期申请的", "已于"),
        (D(2026, 12, 4), K.DEMAND_SERVED, "今天已来不及", "已于"),
        (D(2026, 12, 4), K.ENFORCEMENT_APPLIED, "申请强制执行最迟2026-12-04（周五）", "来不及"),
        (D(2026, 12, 5), K.ROUTE_CHOSEN, f"{OVER}。逾期申请的，除有正当理由外，法院不予受理", "来不及"),
        (D(2026, 12, 5), K.ENFORCEMENT_APPLIED, OVER, "来不及"),
    ],
)
def test_each_act_on_that_way_says_by_when_and_plainly_that_it_is_too_late(
    on: D, kind: K, said: str, unsaid: str
) -> None:
    last = notes(on, order(D(2026, 3, 4)), kind=kind)[0]
    assert said in last
    assert unsaid not in last


@pytest.mark.parametrize("served", [None, event(1, K.NOTICE_SERVED, D(2026, 5, 13), mode="direct")])
def test_without_a_service_or_a_word_on_remedies_both_periods_are_named(served: Event | None) -> None:
    said = notes(D(2026, 6, 1), served)
    assert "六个月" in said[0]
    assert "按一年算" in said[1]
    assert notes(D(2026, 6, 1), served, kind=K.DEMAND_SERVED) == []


@pytest.mark.django_db
def test_the_form_that_chooses_the_way_says_so_and_no_other_form_does() -> None:
    here = desk()
    make.event(here.case, K.NOTICE_ISSUED, make.DAY, number="1号")
    make.event(here.case, K.NOTICE_SERVED, make.DAY, mode="direct", remedies="not_told", addressee="周大山")
    with at(hour=16):
        forms = [reverse("cases:event_new", args=[here.case.pk, kind]) for kind in (K.ROUTE_CHOSEN, K.CRITICISM)]
        chooses, talks = (text_of(client(here.officer).get(form)) for form in forms)
    assert "起诉期限延长为一年，至2027-11-11（周四）届满" in chooses
    assert "六个月" not in talks


def test_a_limit_that_runs_from_the_end_of_the_time_to_sue_says_each_part_before_it_opens_and_after() -> None:
    plan, told = policy_of("hulin-2020"), order(D(2026, 3, 4))
    events = (told, event(2, K.ROUTE_CHOSEN, D(2026, 12, 7), route="enforcement"))
    facts = roll(*absent(D(2026, 3, 2), D(2026, 3, 4)), until=D(2026, 3, 4))
    parts = (
        "不论本步骤何时启动：通知书于2026-03-04（周三）送达生效；"
        "自2026-03-04（周三）起6个月，期满日 = 2026-09-04（周五）；"
        "自2026-09-05（周六）起3个月（起算当日计入），期满日 = 2026-12-04（周五）"
    )
    ahead = stands(facts, events, D(2026, 12, 7), plan).duty("law-apply")
    assert ahead is not None
    assert (ahead.state, ahead.due_on) == ("ahead", None)
    assert explain(plan, CALENDAR, ahead).due_sentence == parts
    assert explain(plan, CALENDAR, ahead, on=D(2026, 12, 7)).due_sentence == f"{parts}；本步骤启动前期限已经届满"
    events += (event(3, K.DEMAND_SERVED, D(2026, 12, 7), mode="direct"),)
    late = stands(facts, events, D(2026, 12, 22), plan).duty("law-apply")
    assert late is not None
    assert explain(plan, CALENDAR, late).due_sentence == f"{parts}；本步骤启动前期限已经届满"
    assert late.delay_days == 0, "nobody is charged for the time before the step could be taken"


def test_an_old_case_whose_order_is_not_on_record_has_no_limit_and_says_so() -> None:
    plan = policy_of("hulin-2020")
    entered = event(1, K.FLAGGED, D(2026, 3, 4), at_step="law-apply", from_old_list=True)
    duty = stands(roll(until=D(2026, 3, 3)), (entered,), D(2026, 12, 7), plan).duty("law-apply")
    assert duty is not None
    assert (duty.state, duty.due_on) == ("open", None)
    assert "送达或办结没有登记" in explain(plan, CALENDAR, duty).due_sentence
