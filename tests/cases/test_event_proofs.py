"""Proofs of events: with the event or after it, kept through corrections, shown in the timeline of the case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.choices import Role
from cases.choices import EventKind
from cases.models import Case, Event, EventProof
from students.models import Proof
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of
from tests.students import files

pytestmark = pytest.mark.django_db
VISIT = {"happened_on": "2026-11-11", "by": "王老师", "guardian_attitude": "同意返校", "methods": "上门"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Any) -> Any:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.fixture
def place() -> Scene:
    return scene()


@pytest.fixture
def case(place: Scene) -> Case:
    return place.absent(place.child())[0]


def visit(place: Scene, case: Case, *sent: Any, **changes: Any) -> Any:
    """The class teacher writes a home visit down, with files."""
    with at(hour=16):
        url = reverse("cases:event_new", args=[case.pk, "home_visit"])
        return client(place.teacher).post(url, {**VISIT, "attached": list(sent), **changes})


def page(place: Scene, case: Case, who: Any = None, query: str = "") -> str:
    with at(hour=17):
        return text_of(client(who or place.teacher).get(reverse("cases:case", args=[case.pk]) + query))


def test_a_visit_with_photo_and_recording_shows_them_in_the_timeline(place: Scene, case: Case) -> None:
    sent = files.upload(files.jpeg()), files.upload(files.AMR, "谈话.amr", "audio/amr")
    assert visit(place, case, *sent).status_code == 302
    event = Event.objects.get(kind=EventKind.HOME_VISIT)
    assert [proof.kind for proof in Proof.objects.filter(event_links__event=event)] == ["photo", "audio"]
    text = page(place, case)
    assert 'aria-label="材料2份"' in text
    assert reverse("students:proof_small", args=[Proof.objects.earliest("id").pk]) in text
    assert ">AMR<" in text
    assert reverse("cases:event_proofs", args=[event.pk]) in text


def test_the_same_form_sent_twice_records_event_and_photo_once(place: Scene, case: Case) -> None:
    for _ in range(2):
        visit(place, case, files.upload(files.jpeg()), token="t")
    assert Event.objects.filter(kind=EventKind.HOME_VISIT).count() == 1
    assert EventProof.objects.count() == Proof.objects.count() == 1


def test_a_bad_file_or_a_refused_event_leaves_neither_event_nor_proof(place: Scene, case: Case) -> None:
    bad = visit(place, case, files.upload(files.EXE, "照片.jpg"))
    assert "不是可以保存的文件" in text_of(bad)
    refused = visit(place, case, files.upload(files.jpeg()), happened_on="2026-11-20")
    assert refused.status_code == 400
    assert not Event.objects.filter(kind=EventKind.HOME_VISIT).exists()
    assert not Proof.objects.exists()


def test_who_comes_second_is_told_and_sends_photo_and_words_again(place: Scene, case: Case) -> None:
    seen = case.version
    make.event(case, EventKind.PHONE_CALL, result="no_answer")
    stale = visit(place, case, files.upload(files.jpeg()), seen_version=seen)
    assert stale.status_code == 409
    assert "data-told" in text_of(stale)
    assert not Proof.objects.exists()


def test_photos_come_later_and_a_corrected_visit_keeps_them(place: Scene, case: Case) -> None:
    visit(place, case)
    event = Event.objects.get(kind=EventKind.HOME_VISIT)
    with at(date(2026, 11, 13), 10):
        teacher = client(place.teacher)
        url = reverse("cases:event_proofs", args=[event.pk])
        assert teacher.post(url, {"attached": files.upload(files.jpeg()), "note": "门口"}).status_code == 302
        right = {**VISIT, "methods": "上门谈心", "correction": "写错", "mend": "replace"}
        assert teacher.post(reverse("cases:event_supersede", args=[event.pk]), right).status_code == 302
        assert "已经更正" in text_of(teacher.post(url, {"attached": files.upload(files.png())}))
    (proof,) = Proof.objects.all()
    assert proof.event_links.count() == 2
    text = page(place, case)
    assert text.count("门口") == 2


def test_a_correction_takes_a_photo_and_shows_one_given_again_once(place: Scene, case: Case) -> None:
    visit(place, case, files.upload(files.jpeg()))
    event = Event.objects.get(kind=EventKind.HOME_VISIT)
    url, right = reverse("cases:event_supersede", args=[event.pk]), {**VISIT, "correction": "写错", "mend": "replace"}
    with at(hour=17):
        teacher = client(place.teacher)
        assert 'data-testid="files"' in text_of(teacher.get(url))
        bad = teacher.post(url, {**right, "attached": files.upload(files.EXE)})
        assert (bad.status_code, "不是可以保存的文件" in text_of(bad)) == (400, True)
        sent = [files.upload(files.jpeg()), files.upload(files.png(), "回访.png", "image/png")]
        assert teacher.post(url, {**right, "attached": sent}).status_code == 302
    new = Event.objects.get(kind=EventKind.HOME_VISIT, superseded_at__isnull=True)
    assert sorted(link.proof.file_name for link in EventProof.objects.filter(event=new)) == ["回访.png", "照片.jpg"]


def test_an_entry_only_voided_keeps_no_new_photo(place: Scene, case: Case) -> None:
    visit(place, case)
    event = Event.objects.get(kind=EventKind.HOME_VISIT)
    with at(hour=17):
        url = reverse("cases:event_supersede", args=[event.pk])
        sent = {"correction": "记错人", "mend": "void", "attached": files.upload(files.jpeg())}
        assert client(place.teacher).post(url, sent).status_code == 302
    assert not Proof.objects.exists()


def test_what_begins_a_case_takes_its_proof_and_names_the_post(place: Scene) -> None:
    child = place.child()
    url = reverse("cases:begin", args=[child.pk, "not_registered"])
    said = {"happened_on": "2026-11-11", "why": "开学三天未到"}
    with at(hour=16):
        teacher = client(place.teacher)
        assert 'data-testid="files"' in text_of(teacher.get(url))
        bad = teacher.post(url, {**said, "attached": files.upload(files.EXE)})
        assert (bad.status_code, Event.objects.count()) == (400, 0)
        answer = teacher.post(url, {**said, "attached": files.upload(files.jpeg(), "空座位.jpg")})
    assert answer.status_code == 302, text_of(answer)
    event = Event.objects.get()
    assert event.recorded_post.endswith("班主任")
    proof = EventProof.objects.get(event=event).proof
    assert (proof.file_name, proof.unit_id, proof.student_id) == ("空座位.jpg", place.school_class.pk, child.pk)


def test_a_photo_given_later_is_not_shown_as_known_before(place: Scene, case: Case) -> None:
    visit(place, case)
    event = Event.objects.get(kind=EventKind.HOME_VISIT)
    with at(date(2026, 11, 13), 10):
        url = reverse("cases:event_proofs", args=[event.pk])
        client(place.teacher).post(url, {"attached": files.upload(files.jpeg())})
        case_url = reverse("cases:case", args=[case.pk])
        assert 'data-testid="proof"' in text_of(client(place.teacher).get(case_url))
        assert 'data-testid="proof"' not in text_of(client(place.teacher).get(f"{case_url}?known=2026-11-12"))


def test_only_who_may_record_such_an_event_puts_proofs_to_it(place: Scene, case: Case) -> None:
    visit(place, case)
    seen = make.event(case, EventKind.VILLAGE_VERIFICATION, people="书记", cause="weary", record="属实")
    other = scene(place.county, "青石")
    url = reverse("cases:event_proofs", args=[seen.pk])
    with at(hour=17):
        assert client(place.teacher).get(url).status_code == 403
        assert client(place.secretary).get(url).status_code == 200
        assert client(other.secretary).get(url).status_code == 404


def test_an_inspector_sees_that_there_is_a_photo_and_cannot_open_it(place: Scene, case: Case) -> None:
    visit(place, case, files.upload(files.jpeg(), "周小安在家.jpg"))
    inspector = make.person(Role.INSPECTOR, place.county)
    text = page(place, case, inspector)
    proof = Proof.objects.get()
    assert 'aria-label="材料1份"' in text
    assert "周小安在家" not in text
    assert reverse("students:proof", args=[proof.pk]) not in text
    with at(hour=17):
        assert client(inspector).get(reverse("students:proof", args=[proof.pk])).status_code == 403


def test_closing_takes_its_proof_at_the_second_click(place: Scene, case: Case) -> None:
    deputy = place.person(Role.TOWNSHIP_DEPUTY)
    principal = place.person(Role.PRINCIPAL, place.school)
    url, data = reverse("cases:close", args=[case.pk]), {"outcome": "transferred", "proof": "县二小接收回执"}
    with at(hour=16):
        browsers = [client(who) for who in (deputy, principal)]
        asked = [browser.post(url, data) for browser in browsers]
        browser = next(browser for browser, answer in zip(browsers, asked, strict=True) if answer.status_code == 200)
        assert 'data-testid="files"' in text_of(browser.post(url, data))
        bad = browser.post(url, {**data, "sure": "yes", "attached": files.upload(files.EXE)})
        assert "不是可以保存的文件" in text_of(bad)
        sent = {**data, "sure": "yes", "attached": files.upload(files.jpeg(), "回执.jpg")}
        assert browser.post(url, sent).status_code == 302
    case.refresh_from_db()
    assert case.closed_on == make.DAY
    event = EventProof.objects.get().event
    assert event.kind == EventKind.CLOSED
    closer = next(who for who in (deputy, principal) if who.pk == event.recorded_by_id)
    post = make.actor(closer).posts[0]
    assert event.recorded_post == f"{post.unit_name} {post.role_label}"


def test_one_photo_and_three_cost_the_case_page_the_same(place: Scene, case: Case) -> None:
    visit(place, case, files.upload(files.jpeg()))
    browser, url = client(place.teacher), reverse("cases:case", args=[case.pk])

    def count() -> int:
        with at(hour=17), CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    count()
    before = count()
    visit(place, case, files.upload(files.png()), files.upload(files.pdf(), "b.pdf"), methods="再次上门")
    assert Proof.objects.count() == 3
    assert count() == before <= 16
