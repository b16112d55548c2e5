"""What is offered on a case: 《入学通知书》 of 虎林 goes to no pupil of a school, that of XX asks back as well."""

from __future__ import annotations

import pytest

from cases.choices import EventKind
from notices.models import Notice
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import desk

OFFER = "拟制《{}》"
SENT = {
    "token": "a1",
    "report_by": "2026-11-18",
    "report_at": "云溪中心学校",
    "contact": "专干",
    "phone": "0990-2",
    "do": "issue",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("plan", "title", "for_pupils"),
    [("hulin-2020", "入学通知书", False), ("xx-2024", "入学（复学）通知书", True)],
)
def test_an_entry_notice_is_offered_where_its_step_can_open(plan: str, title: str, for_pupils: bool) -> None:
    here = desk(plan)
    url = here.url("case_papers", here.case.pk)
    with at(make.DAY, 15):
        assert (OFFER.format(title) in text_of(client(here.officer).get(url))) is for_pupils
        draft = here.url("draft", here.case.pk, "entry-notice")
        said = f"按本方案，《{title}》只在登记“{EventKind.NOT_ENROLLED.label}”后发放，本案没有这项登记"
        assert (said in text_of(client(here.officer).get(draft))) is not for_pupils
        answer = here.post(here.officer, "draft", here.case.pk, "entry-notice", **SENT)
        assert (answer.status_code == 400) is not for_pupils
        assert Notice.objects.exists() is for_pupils
    make.event(here.case, EventKind.NOT_ENROLLED, found_by="摸排", why="家长不送")
    with at(make.DAY, 16):
        assert OFFER.format(title) in text_of(client(here.officer).get(url))
