"""材料清单 for the two ways to a court: what the case holds ticks itself, the entry of the suit begins with it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from cases.choices import EventKind
from cases.models import Event
from notices.models import Notice
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk, desk_with_order

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEXT, LATER = date(2026, 11, 12), date(2026, 11, 25)


@pytest.fixture
def here() -> Desk:
    """A case whose order was served on the father, with its filled 送达回证."""
    made, order = desk_with_order()
    with at(NEXT, 11):
        made.serve(order)
    return made


def listed(here: Desk, key: str) -> dict[str, dict[str, Any]]:
    with at(LATER, 9):
        here.post(here.officer, "draft", here.case.pk, key, token="m", do="issue")
    return {row["name"]: row for row in json.loads(Notice.objects.get(kind=key).facts)["facts"]["rows"]}


def test_what_the_case_holds_ticks_itself_with_number_day_and_pages(here: Desk) -> None:
    rows = listed(here, "suit-materials")
    order = rows["限期通知书"]
    assert order["held"]
    named = "《限期返校通知书》云溪政限返〔2026〕1号（2026年11月11日，送达周大山2026年11月12日，2页）"
    assert order["found"] == named
    assert rows["限期通知书送达回证"]["found"] == "《送达回证》（云溪政限返〔2026〕1号）（2026年11月12日，1页）"
    assert not rows["民事起诉状（按被告人数提出副本）"]["held"]
    assert "系统登记劝返3次" in rows["劝返记录"]["found"]
    assert not rows["劝返记录"]["held"], "only a printed record can be handed in"
    assert "周大山（父亲）、吴小梅（母亲）" in rows["被告（监护人）身份、户籍证明"]["found"]


def test_the_list_for_enforcement_misses_the_demand_and_records_nothing(here: Desk) -> None:
    before = Event.objects.filter(case=here.case).count()
    rows = listed(here, "enforcement-materials")
    assert rows["行政决定书（限期通知书）"]["held"]
    assert rows["行政决定书送达回证"]["held"]
    assert not rows["催告书"]["held"]
    assert not rows["催告书送达回证"]["held"]
    assert Event.objects.filter(case=here.case).count() == before


@pytest.mark.parametrize(
    ("kind", "says"),
    [("suit_filed", "尚缺：民事起诉状"), ("enforcement_applied", "尚缺：强制执行申请书")],
)
def test_the_entry_begins_with_the_list_as_it_stands(here: Desk, kind: str, says: str) -> None:
    make.event(here.case, EventKind.DEMAND_SERVED, LATER, mode="direct", addressee="周大山", statement="没有意见")
    with at(LATER, 9):
        page = text_of(client(here.officer).get(reverse("cases:event_new", args=[here.case.pk, kind])))
    assert says in page
    assert "云溪政限返〔2026〕1号" in page
    assert ("周大山、吴小梅" in page) is (kind == "suit_filed")


def test_an_ordinary_entry_is_told_nothing_of_materials(here: Desk) -> None:
    with at(LATER, 9):
        page = text_of(client(here.officer).get(reverse("cases:event_new", args=[here.case.pk, "persuasion"])))
    assert "尚缺" not in page


def test_only_who_governs_makes_the_list_and_only_after_service() -> None:
    here = desk()
    with at(LATER, 9):
        assert "材料清单" not in text_of(client(here.officer).get(here.url("case_papers", here.case.pk)))
        assert client(here.principal).get(here.url("draft", here.case.pk, "suit-materials")).status_code == 403
