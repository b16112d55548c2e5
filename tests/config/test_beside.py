"""Beside the cases of the day stands what waits for a signature, and a plan past its end, for whom it concerns."""

import pytest

from agencies.choices import Role
from notices.models import Notice
from tests import make
from tests.cases.scene import at, client, scene, text_of
from tests.notices.desk import desk

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_the_deputy_finds_the_drafts_on_the_day_s_list_until_they_are_signed() -> None:
    here = desk()
    with at(make.DAY, 15):
        assert "待签发拟稿" not in text_of(client(here.deputy).get("/today/"))
        here.draft_order()
        page = text_of(client(here.deputy).get("/today/"))
        assert "待签发拟稿 1份" in page
        assert 'href="/papers/?state=draft"' in page
        assert "待签发拟稿" not in text_of(client(here.officer).get("/today/"))
        here.post(here.deputy, "issue", Notice.objects.get().pk)
        assert "待签发拟稿" not in text_of(client(here.deputy).get("/today/"))


def test_another_township_s_drafts_wait_for_nobody_here() -> None:
    here = desk()
    with at(make.DAY, 15):
        here.draft_order()
        stranger = make.person(Role.TOWNSHIP_DEPUTY, make.township(here.place.county, "青石镇"))
        assert "待签发拟稿" not in text_of(client(stranger).get("/today/"))


def test_a_plan_past_its_end_warns_every_day_whoever_adopts_plans_there_until_another_is_adopted() -> None:
    place = scene(plan="jiaotan-2025")
    neighbour = scene(place.county, "青石", plan="datian-2023")
    head = make.person(Role.TOWNSHIP_HEAD, place.township)
    stranger = make.person(Role.TOWNSHIP_HEAD, neighbour.township)
    bureau = make.person(Role.BUREAU_HEAD, place.county)
    with at():
        for who in (head, bureau):
            page = text_of(client(who).get("/today/"))
            assert "已到期仍在运行的方案 1个" in page
            assert 'href="/policies/"' in page
        for who in (place.officer, stranger):
            assert "已到期仍在运行" not in text_of(client(who).get("/today/"))
    make.plan(place.township, "datian-2023", on=make.DAY)
    with at():
        assert "已到期仍在运行" not in text_of(client(head).get("/today/"))
