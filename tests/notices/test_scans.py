"""A paper left at the home needs its photo, the sealed paper its scan; the last photo cannot be withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from cases.choices import EventKind
from cases.models import Event
from notices.models import NoticeProof, Service
from students.models import Proof
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk
from tests.students import files

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEXT = date(2026, 11, 12)
LEFT = {"method": "left_with_photo", "refusal_reason": "拒签"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Any) -> Any:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.fixture
def here() -> Desk:
    return desk()


def test_a_paper_left_at_the_home_is_served_only_with_a_photo_or_video(here: Desk) -> None:
    notice = here.issued_order()
    with at(NEXT, 11):
        voice = here.serve(notice, **LEFT, attached=files.upload(files.AMR, "说话.amr"))
        assert voice.status_code == 400
        assert "请附上至少一张现场照片或一段录像" in text_of(voice)
        assert not Proof.objects.exists()
        shown = here.serve(
            notice, **LEFT, attached=[files.upload(files.jpeg()), files.upload(files.mp4(), "门口.mp4")]
        )
        assert shown.status_code == 302
        page = text_of(client(here.officer).get(here.url("notice", notice.pk)))
        case = text_of(client(here.officer).get(reverse("cases:case", args=[here.case.pk])))
    event = Event.objects.get(kind=EventKind.NOTICE_SERVED)
    assert [link.proof.kind for link in event.proof_links.order_by("id")] == ["photo", "video"]
    for text in (page, case):
        assert 'aria-label="材料2份"' in text
        assert reverse("cases:event_proofs", args=[event.pk]) in text


def test_the_last_photo_of_such_a_service_stays_until_another_or_the_service_is_corrected(here: Desk) -> None:
    notice = here.issued_order()
    with at(NEXT, 11):
        here.serve(notice, **LEFT, attached=files.upload(files.jpeg()))
        first = Proof.objects.get()
        officer, url = client(here.officer), reverse("students:proof_withdraw", args=[first.pk])
        refused = officer.post(url, {"why": "拍糊了"})
        assert refused.status_code == 400
        assert "唯一照片" in text_of(refused)
        event = Event.objects.get(kind=EventKind.NOTICE_SERVED)
        officer.post(reverse("cases:event_proofs", args=[event.pk]), {"attached": files.upload(files.png(), "b.png")})
        assert officer.post(url, {"why": "拍糊了"}).status_code == 302
        second = Proof.objects.latest("id")
        again = reverse("students:proof_withdraw", args=[second.pk])
        assert officer.post(again, {"why": "也不对"}).status_code == 400
        here.post(here.officer, "service_withdraw", Service.objects.get().pk, why="送错了人")
        assert officer.post(again, {"why": "也不对"}).status_code == 302


def test_the_scan_of_the_sealed_paper_is_put_to_it_by_its_unit_after_it_was_issued(here: Desk) -> None:
    notice = here.issued_order()
    with at(NEXT, 11):
        officer, url = client(here.officer), here.url("scan", notice.pk)
        assert client(here.principal).get(url).status_code == 403
        assert officer.post(url, {"attached": files.upload(files.jpeg(), "盖章.jpg")}).status_code == 302
        page = text_of(officer.get(here.url("notice", notice.pk)))
        listed = text_of(officer.get(here.url("case_papers", here.case.pk)))
    assert NoticeProof.objects.get().proof.kind == "scan"
    assert "扫描件" in page
    assert "盖章件扫描1份" in listed


def test_a_draft_has_no_sealed_copy(here: Desk) -> None:
    with at(hour=15):
        here.draft_order()
        notice = here.case.notices.get()
        assert client(here.officer).get(here.url("scan", notice.pk)).status_code == 403
