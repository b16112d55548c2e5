"""Papers of a merged unit: drafts are signed in the new name, what was issued keeps the old one and is served on."""

import pytest

from agencies.actions.mergers import merge_unit, move_unit
from agencies.choices import Role, Verb
from agencies.models import AuditRow, Unit
from notices.choices import NoticeState
from notices.models import Notice
from notices.queries.papers import thawed
from tests import make
from tests.cases.scene import at, text_of
from tests.notices.desk import desk, desk_with_order

pytestmark = pytest.mark.django_db


def merge(unit: Unit, into: Unit) -> None:
    merge_unit(
        by=make.SYSTEM, unit=unit, into=into, on=make.DAY, number="清政〔2026〕3号", now=make.moment(make.DAY, 16)
    )


def move(unit: Unit, parent: Unit) -> None:
    move_unit(
        by=make.SYSTEM, unit=unit, parent=parent, on=make.DAY, number="清政〔2026〕4号", now=make.moment(make.DAY, 16)
    )


def sister_of(county: Unit) -> Unit:
    sister = make.township(county, "青山镇")
    sister.settings = {"issuer": "青山镇人民政府", "code_word": "青山政", "phone": "0990-2"}
    sister.save()
    return sister


def test_an_order_issued_before_keeps_the_old_name_and_its_number() -> None:
    here, order = desk_with_order()
    before = (order.number, order.sha256, order.facts)
    merge(here.place.township, sister_of(here.place.county))
    order.refresh_from_db()
    assert (order.number, order.sha256, order.facts) == before
    assert order.unit == here.place.township
    assert "云溪镇人民政府" in str(thawed(order)["facts"])


def test_the_receiving_township_serves_what_the_old_one_issued() -> None:
    here, order = desk_with_order()
    sister = sister_of(here.place.county)
    merge(here.place.township, sister)
    officer = make.person(Role.TOWNSHIP_OFFICER, sister)
    with at(make.DAY.replace(day=12), 11):
        assert here.serve(order, officer).status_code == 302
        assert "云溪镇" in text_of(here.browser(officer).get(here.url("notice", order.pk)))
    assert order.services.count() == 1


def test_a_draft_is_signed_in_the_name_of_the_receiving_unit() -> None:
    here = desk()
    with at(make.DAY, 15):
        here.draft_order()
    draft = Notice.objects.get(kind="order", state=NoticeState.DRAFT)
    sister = sister_of(here.place.county)
    merge(here.place.township, sister)
    draft.refresh_from_db()
    assert draft.unit == sister
    with at(make.DAY, 17):
        here.post(make.person(Role.TOWNSHIP_DEPUTY, sister), "issue", draft.pk)
    draft.refresh_from_db()
    assert draft.state == NoticeState.ISSUED
    assert draft.number.startswith("青山政")


def test_a_draft_goes_with_the_village_to_the_township_that_takes_it_in() -> None:
    here = desk()
    with at(make.DAY, 15):
        here.draft_order()
    draft = Notice.objects.get(kind="order", state=NoticeState.DRAFT)
    sister = sister_of(here.place.county)
    move(here.place.village, sister)
    draft.refresh_from_db()
    assert draft.case.township == sister
    assert draft.unit == sister


def test_the_township_that_took_the_child_over_corrects_and_voids_the_order_of_the_former_one() -> None:
    here, order = desk_with_order()
    place, sister = here.place, sister_of(here.place.county)
    deputy = make.person(Role.TOWNSHIP_DEPUTY, sister)
    letter = {"token": "c1", "reason": "录入疏忽", "wrong": "甲", "right": "乙", "contact": "办", "phone": "1"}
    move(place.village, sister)
    with at(make.DAY.replace(day=12), 11):
        assert "作废</a>" in text_of(here.browser(here.deputy).get(here.url("notice", order.pk)))
        corrected = here.post(deputy, "letter", order.pk, "correction", do="issue", **letter)
        move(place.school, sister)
        page = text_of(here.browser(here.deputy).get(here.url("notice", order.pk)))
        refused = here.post(here.deputy, "void", order.pk, why="不能")
        voided = here.post(deputy, "void", order.pk, why="日期有误")
    assert order.number in page
    assert "现由青山镇承办" in page
    assert "作废</a>" not in page
    assert refused.status_code == 403
    assert "现在承办的青山镇有权人员作废" in text_of(refused)
    assert corrected.status_code == voided.status_code == 302
    sent = Notice.objects.get(about=order, kind="correction-letter")
    assert (sent.unit, thawed(sent)["facts"]["issued_by"]) == (sister, "云溪镇人民政府")
    row = AuditRow.objects.filter(verb=Verb.PAPER_VOIDED).latest("id")
    assert (row.detail["issuer"], row.detail["acting"]) == ("云溪镇", "青山镇")
    order.refresh_from_db()
    assert order.state == NoticeState.VOID
