"""Papers of a merged unit: drafts are signed in the new name, what was issued keeps the old one and is served on."""

import pytest

from agencies.actions.mergers import merge_unit, move_unit
from agencies.choices import Role
from agencies.models import Unit
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


def sister_of(county: Unit) -> Unit:
    return make.township(county, "青山镇")


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
    sister.settings = {"issuer": "青山镇人民政府", "code_word": "青山政", "phone": "0990-2"}
    sister.save()
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
    move_unit(
        by=make.SYSTEM,
        unit=here.place.village,
        parent=sister,
        on=make.DAY,
        number="清政〔2026〕4号",
        now=make.moment(make.DAY, 16),
    )
    draft.refresh_from_db()
    assert draft.case.township == sister
    assert draft.unit == sister
