"""An order is served as its 送达回证 says, and the guardian's days run from that day."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from cases.choices import EventKind
from cases.models import Event
from notices.models import Service
from tests.cases.scene import at, text_of
from tests.notices.desk import desk

pytestmark = pytest.mark.django_db
NEXT = date(2026, 11, 12)


def test_a_served_order_tells_the_guardians_last_day_and_starts_the_clock() -> None:
    here = desk()
    notice = here.issued_order()
    with at(NEXT, 11):
        answer = here.serve(notice)
        assert answer.status_code == 302
        page = text_of(answer.client.get(answer["Location"]))
    assert "监护人应于 2026-11-16（周一）前送学生返校" in page
    assert Service.objects.get().effective_on == NEXT
    event = Event.objects.get(case=here.case, kind=EventKind.NOTICE_SERVED)
    assert (event.happened_on, event.data["addressee"], event.data["mode"]) == (NEXT, "周大山", "direct")
    notice.refresh_from_db()
    assert notice.deadline_on == date(2026, 11, 16)
    with at(NEXT, 12):
        assert "限期至2026-11-16（周一）" in text_of(
            here.browser(here.officer).get(reverse("cases:case", args=[here.case.pk]))
        )
