"""How long asking a court to enforce an order takes, as the form that chooses the way says it."""

from datetime import date as D

import pytest
from django.urls import reverse

from cases.choices import EventKind as K
from cases.rules.courts import enforcement_notes
from tests import make
from tests.cases.scene import at, client, text_of
from tests.cases.stories import event
from tests.notices.desk import desk


def test_where_the_order_told_of_remedies_the_period_to_sue_is_six_months() -> None:
    whole, own = enforcement_notes([event(1, K.NOTICE_SERVED, D(2026, 5, 13), mode="direct", remedies="told")])
    assert "六个月以上" in whole
    assert "10个工作日" in whole
    assert own == "本案通知书2026-05-13（周三）送达，起诉期限至2026-11-13（周五）届满。"


def test_where_it_did_not_the_period_is_one_year() -> None:
    served = event(1, K.NOTICE_SERVED, D(2026, 5, 13), mode="direct", remedies="not_told")
    assert "延长为一年，至2027-05-13（周四）届满" in enforcement_notes([served])[1]


def test_the_service_that_came_last_counts() -> None:
    first = event(1, K.NOTICE_SERVED, D(2026, 3, 2), mode="direct", remedies="not_told")
    last = event(2, K.NOTICE_SERVED, D(2026, 5, 13), mode="direct", remedies="told")
    assert "2026-11-13" in enforcement_notes([last, first])[1]


@pytest.mark.parametrize("data", [None, {"mode": "direct"}])
def test_without_a_service_or_a_word_on_remedies_both_periods_are_named(data: dict[str, str] | None) -> None:
    notes = enforcement_notes([event(1, K.NOTICE_SERVED, D(2026, 5, 13), **data)] if data else [])
    assert "六个月" in notes[0]
    assert "按一年算" in notes[1]


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
