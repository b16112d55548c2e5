"""A paper is drafted by one, signed by another, numbered without gaps, frozen as PDF, and voided with its number."""

from __future__ import annotations

import hashlib
import io
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from pypdf import PdfReader

from agencies import pdf as renderer
from agencies.actions.running import run_job
from agencies.choices import Role, Verb
from agencies.models import AuditRow
from agencies.scope import Actor, system
from cases.actions.events import supersede_event
from cases.choices import EventKind
from cases.models import Event
from notices.actions import bulk
from notices.actions.issuing import finish_stuck
from notices.actions.papers import PaperRefusedError
from notices.actions.voiding import void_paper
from notices.choices import NoticeState
from notices.models import Notice, NumberSeries
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk, desk_with_order, say

pytestmark = [pytest.mark.django_db, pytest.mark.long]
UNCRITICISED = "本案还没有批评教育记录；义务教育法第五十八条先批评教育、再责令限期改正"


def mother(here: Desk) -> list[str]:
    return [str(here.child.guardians.get(name="吴小梅").pk)]


def test_the_officer_drafts_and_the_deputy_signs() -> None:
    here = desk()
    with at(make.DAY, 15):
        assert here.draft_order().status_code == 302
        draft = Notice.objects.get()
        assert (draft.state, draft.number, draft.addressee_name) == ("draft", "", "周大山")
        assert not Event.objects.filter(kind=EventKind.NOTICE_ISSUED).exists()
        assert here.post(here.officer, "issue", draft.pk).status_code == 403
        assert here.post(here.deputy, "issue", draft.pk).status_code == 302
    done = Notice.objects.get()
    assert (done.state, done.number, done.issued_on) == ("issued", "云溪政限返〔2026〕1号", make.DAY)
    assert done.sha256 == hashlib.sha256(bytes(done.pdf or b"")).hexdigest()
    event = Event.objects.get(kind=EventKind.NOTICE_ISSUED)
    assert (event.data["number"], event.recorded_name) == (done.number, done.issued_name)
    assert done.event_id == event.pk


def test_signing_twice_gives_the_same_paper() -> None:
    here, first = desk_with_order()
    with at(make.DAY, 16):
        here.post(here.deputy, "issue", first.pk)
        here.draft_order()
    again = Notice.objects.get()
    assert (again.number, again.sha256) == (first.number, first.sha256)
    assert Event.objects.filter(kind=EventKind.NOTICE_ISSUED).count() == 1
    assert NumberSeries.objects.get().last == 1


def test_one_act_makes_one_paper_for_each_guardian() -> None:
    here = desk()
    both = [str(pk) for pk in here.child.guardians.filter(is_guardian=True).values_list("pk", flat=True)]
    with at(make.DAY, 15):
        here.draft_order(here.deputy, do="issue", guardians=both)
    numbers = set(Notice.objects.values_list("number", "addressee_name"))
    assert numbers == {("云溪政限返〔2026〕1号", "周大山"), ("云溪政限返〔2026〕2号", "吴小梅")}


def test_a_grandparent_who_is_no_guardian_gets_no_paper() -> None:
    here = desk()
    with at(make.DAY, 15):
        answer = here.draft_order(guardians=[str(here.child.guardians.get(name="周老汉").pk)])
    assert answer.status_code == 400
    assert "不是该生登记的监护人" in text_of(answer)
    assert not Notice.objects.exists()


def test_nobody_is_ordered_twice() -> None:
    here, _ = desk_with_order()
    with at(make.DAY, 16):
        answer = here.draft_order(token="other")
    assert answer.status_code == 400
    assert "对周大山已有云溪政限返〔2026〕1号（已签发），不重复责令" in text_of(answer)


@pytest.mark.parametrize("plan", ["jiaotan-2025", "datian-2023"])
def test_an_order_without_criticism_on_record_is_refused_and_the_way_to_mend_it_shown(plan: str) -> None:
    here = desk(plan, criticised=False)
    with at(make.DAY, 15):
        page = text_of(client(here.officer).get(here.url("draft", here.case.pk, "order")))
        answer = here.draft_order()
    assert "缺少批评教育记录" in page
    assert reverse("cases:event_new", args=[here.case.pk, "criticism"]) in page
    assert answer.status_code == 400
    assert "缺少批评教育记录" in text_of(answer)


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (Role.PRINCIPAL, "学校无权责令限期改正"),
        (Role.VILLAGE_SECRETARY, "村（居）民委员会无权责令限期改正"),
        (Role.JUSTICE_OFFICE, "司法所无权责令限期改正"),
    ],
)
def test_who_may_not_order_is_told_why(role: Role, says: str) -> None:
    here = desk()
    people = {Role.PRINCIPAL: here.principal, Role.VILLAGE_SECRETARY: here.place.secretary}
    user = people.get(role) or here.place.person(role)
    with at(make.DAY, 15):
        answer = client(user).get(here.url("draft", here.case.pk, "order"))
        sent = here.draft_order(user)
    assert (answer.status_code, sent.status_code) == (403, 403)
    assert says in text_of(answer)
    assert not Notice.objects.exists()


def test_the_bureau_orders_in_its_own_name() -> None:
    here = desk()
    here.place.county.settings = {"issuer": "清河县教育局", "code_word": "清教", "phone": "1", "contact": "股室"}
    here.place.county.save()
    head = here.place.person(Role.BUREAU_HEAD, here.place.county)
    with at(make.DAY, 15):
        here.draft_order(head, do="issue")
        here.draft_order(guardians=mother(here), token="t2")
        townships = Notice.objects.get(state=NoticeState.DRAFT)
        refused = here.post(head, "issue", townships.pk)
    assert Notice.objects.get(state=NoticeState.ISSUED).number == "清教限返〔2026〕1号"
    assert refused.status_code == 403


def test_a_township_without_a_code_word_is_told_what_to_do() -> None:
    here = desk()
    here.place.township.settings = {}
    here.place.township.save()
    with at(make.DAY, 15):
        answer = here.draft_order()
    assert answer.status_code == 400
    assert "还没有登记机关代字" in text_of(answer)


def test_a_void_paper_keeps_its_number_and_the_next_takes_the_next() -> None:
    here, first = desk_with_order()
    with at(make.DAY, 16):
        assert here.post(here.deputy, "void", first.pk, why="").status_code == 400
        assert here.post(here.deputy, "void", first.pk, why="地址写错").status_code == 302
        here.draft_order(here.deputy, do="issue", token="again")
        page = text_of(client(here.deputy).get(here.url("register")))
    assert Event.objects.get(kind=EventKind.NOTICE_ISSUED, superseded_at__isnull=False).superseded_why
    assert [row.number for row in Notice.objects.order_by("pk")] == ["云溪政限返〔2026〕1号", "云溪政限返〔2026〕2号"]
    assert "作废" in page
    assert "地址写错" in page


def test_an_order_signed_while_its_draft_was_being_voided_is_voided_by_its_signer_only_and_takes_its_event_along() -> (
    None
):
    here = desk()
    with at(make.DAY, 15):
        here.draft_order()
        drafts = [Notice.objects.get(), Notice.objects.get()]
        here.post(here.deputy, "issue", drafts[0].pk)
    moment = make.moment(make.DAY, 16)
    with pytest.raises(PermissionDenied):
        void_paper(by=make.actor(here.officer), notice=drafts[0], why="写错", now=moment)
    void_paper(by=make.actor(here.deputy), notice=drafts[1], why="写错", now=moment)
    assert Notice.objects.get().state == NoticeState.VOID
    assert Event.objects.get(kind=EventKind.NOTICE_ISSUED).superseded_why == "文书作废：写错"


def test_what_typed_text_threatens_is_refused() -> None:
    here = desk(reported=False, criticised=False)
    with at(make.DAY, 15):
        answer = here.post(
            here.principal, "draft", here.case.pk, here.report_key, token="r", opinion="不返校罚款五百元", do="issue"
        )
    assert answer.status_code == 400
    assert "罚款" in text_of(answer)
    assert not Notice.objects.exists()


def test_a_report_goes_to_township_and_bureau_and_is_received_in_one_tap() -> None:
    here = desk(reported=False, criticised=False)
    with at(make.DAY, 15):
        sent = here.post(here.principal, "draft", here.case.pk, here.report_key, token="r", opinion="", do="issue")
        assert sent.status_code == 302
        report = Notice.objects.get()
        assert Event.objects.get(kind=EventKind.REPORT_SENT).data["to"] == "云溪镇人民政府、清河县教育局"
        browser = client(here.officer)
        received = browser.post(here.url("receive", report.pk))
        assert received.status_code == 302
        shown = text_of(browser.get(received["Location"]))
        here.post(here.officer, "receive", report.pk)
        refused = here.post(here.principal, "void", report.pk, why="写错")
    receipt = Event.objects.get(kind=EventKind.REPORT_RECEIVED)
    assert f'<a href="{reverse("cases:event_proofs", args=[receipt.pk])}">' in shown
    assert (receipt.data["receiver"], receipt.data["time"]) == (here.officer.name, "15:10")
    assert refused.status_code == 400
    assert "乡镇已签收" in text_of(refused)


def test_a_receipt_taken_back_can_be_given_anew() -> None:
    here = desk(reported=False, criticised=False)
    with at(make.DAY, 15):
        here.post(here.principal, "draft", here.case.pk, here.report_key, token="r", opinion="", do="issue")
        report = Notice.objects.get()
        here.post(here.officer, "receive", report.pk)
        receipt = Event.objects.get(kind=EventKind.REPORT_RECEIVED)
        supersede_event(by=make.actor(here.officer), event=receipt, why="点错了", now=make.moment(make.DAY, 15))
        here.post(here.officer, "receive", report.pk)
        here.post(here.officer, "receive", report.pk)
    assert Event.objects.filter(kind=EventKind.REPORT_RECEIVED, superseded_at__isnull=True).count() == 1


def test_the_stored_bytes_are_what_is_opened_and_each_opening_is_on_record() -> None:
    here, notice = desk_with_order()
    with at(make.DAY, 16):
        browser = client(here.officer)
        answer = browser.get(here.url("pdf", notice.pk))
        again = browser.get(here.url("pdf", notice.pk), headers={"If-None-Match": answer["ETag"]})
        teacher = client(here.place.teacher).get(here.url("pdf", notice.pk))
    assert answer.content == bytes(notice.pdf or b"")
    assert answer["ETag"] == f'"{notice.sha256}"'
    assert (again.status_code, teacher.status_code) == (304, 403)
    assert AuditRow.objects.filter(verb=Verb.PAPER_READ, object_id=str(notice.pk)).count() == 2


def test_a_paper_that_could_not_be_rendered_keeps_its_number_until_the_sweeper_finishes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = desk()

    def fail(*args: object, **kwargs: object) -> bytes:
        raise renderer.RenderError("排版失败")

    with at(make.DAY, 15), monkeypatch.context() as broken:
        broken.setattr(renderer, "render", fail)
        answer = here.draft_order(here.deputy, do="issue")
        assert answer.status_code == 400
        assert "编号不变" in text_of(answer)
    stuck = Notice.objects.get()
    assert (stuck.state, stuck.number) == (NoticeState.NUMBERED, "云溪政限返〔2026〕1号")
    assert finish_stuck(by=system(), now=make.moment(make.DAY, 15, 1)) == (0, 0)
    assert finish_stuck(by=system(), now=make.moment(make.DAY, 15, 30)) == (1, 0)
    done = Notice.objects.get()
    assert (done.state, done.number, done.issued_name) == (NoticeState.ISSUED, stuck.number, here.deputy.name)
    assert Event.objects.get(kind=EventKind.NOTICE_ISSUED).recorded_name == here.deputy.name


def test_a_paper_of_a_case_closed_meanwhile_is_voided_by_the_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    here = desk()

    def fail(*args: object, **kwargs: object) -> bytes:
        raise renderer.RenderError("排版失败")

    with at(make.DAY, 15), monkeypatch.context() as broken:
        broken.setattr(renderer, "render", fail)
        here.draft_order(here.deputy, do="issue")
    make.event(here.case, EventKind.LEFT_SCOPE, outcome="died", proof="公安机关结论")
    later = make.moment(make.DAY + timedelta(days=2), 1)
    assert finish_stuck(by=system(), now=later)[0] == 0
    row = Notice.objects.get()
    assert (row.state, row.number) == (NoticeState.VOID, "云溪政限返〔2026〕1号")
    assert row.void_reason


def test_refusals_say_every_sentence() -> None:
    assert str(PaperRefusedError(["甲。", "乙。"])) == "甲。；乙。"


@pytest.mark.parametrize(
    ("plan", "kind", "who"),
    [
        ("datian-2023", "attachment-3", "officer"),
        ("datian-2023", "attachment-4", "principal"),
        ("datian-2023", "attachment-5", "principal"),
        ("jiaotan-2025", "situation-report", "principal"),
    ],
)
def test_every_paper_of_the_plans_is_made(plan: str, kind: str, who: str) -> None:
    here = desk(plan)
    with at(make.DAY, 15):
        answer = here.post(getattr(here, who), "draft", here.case.pk, kind, token="x", opinion="", do="issue")
    assert answer.status_code == 302
    assert bytes(Notice.objects.get().pdf or b"").startswith(b"%PDF")


def test_drafts_are_signed_together_in_the_background() -> None:
    here = desk()
    both = [str(pk) for pk in here.child.guardians.filter(is_guardian=True).values_list("pk", flat=True)]
    with at(make.DAY, 15):
        here.draft_order(guardians=both)
        ids = [str(pk) for pk in Notice.objects.values_list("pk", flat=True)]
        answer = here.post(here.deputy, "sign", notice=ids, token="bulk")
        assert answer.status_code == 302
        make_jobs_run()
        page = text_of(client(here.deputy).get(answer["Location"]))
    assert "已签发 2 份" in page
    assert {row.state for row in Notice.objects.all()} == {NoticeState.ISSUED}
    assert all(bytes(row.pdf or b"").startswith(b"%PDF") for row in Notice.objects.all())


def test_a_paper_voided_at_the_last_moment_is_not_in_the_file_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    here = desk()
    both = [str(pk) for pk in here.child.guardians.filter(is_guardian=True).values_list("pk", flat=True)]
    finish = bulk.finish

    def refuse_the_father(*, by: Actor, notice: Notice, content: bytes, now: datetime) -> None:
        if notice.addressee_name == "周大山":
            raise PaperRefusedError(["个案已结。"])
        finish(by=by, notice=notice, content=content, now=now)

    monkeypatch.setattr(bulk, "finish", refuse_the_father)
    with at(make.DAY, 15):
        here.draft_order(guardians=both)
        ids = Notice.objects.values_list("pk", flat=True)
        signed = bulk.sign_many(by=make.actor(here.deputy), notice_ids=ids, now=make.moment(make.DAY, 15))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(signed.merged)).pages)
    assert (signed.count, len(signed.refused)) == (1, 1)
    assert "吴小梅" in text
    assert "周大山" not in text


def test_whoever_signs_records_signs_their_drafts_together_too() -> None:
    here = desk("datian-2023")
    with at(make.DAY, 15):
        here.post(here.officer, "draft", here.case.pk, "attachment-3", token="x")
        draft = Notice.objects.get()
        assert 'name="notice"' in text_of(client(here.officer).get(here.url("register")))
        assert here.post(here.officer, "sign", notice=[str(draft.pk)], token="bulk").status_code == 302
        make_jobs_run()
    assert Notice.objects.get().state == NoticeState.ISSUED


def make_jobs_run() -> None:
    """Run what waits."""
    while run_job(by=system()) is not None:
        pass


def test_a_case_without_criticism_says_so_before_the_order_and_leads_there_and_back() -> None:
    here = desk(criticised=False)
    page, papers = reverse("cases:case", args=[here.case.pk]), here.url("case_papers", here.case.pk)
    door = f"{reverse('cases:event_new', args=[here.case.pk, 'criticism'])}?next={papers.replace('/', '%2F')}"
    with at(make.DAY, 15):
        officers = text_of(client(here.officer).get(page))
        assert UNCRITICISED in officers
        assert door in officers
        assert UNCRITICISED not in text_of(client(here.principal).get(page)), "who orders nobody is told nothing"
        talk = {"happened_on": make.DAY, "by": "专干", "guardian": "周大山", "next": papers}
        answer = client(here.officer).post(door, talk)
        assert (answer.status_code, answer.headers["Location"]) == (302, papers)
        assert UNCRITICISED not in text_of(client(here.officer).get(page))


def test_a_drafted_order_whose_criticism_was_taken_back_says_so_before_it_is_signed() -> None:
    here = desk()
    with at(make.DAY, 15):
        here.draft_order()
        paper = here.url("notice", Notice.objects.get(kind="order").pk)
        assert UNCRITICISED not in text_of(client(here.deputy).get(paper))
        talk = here.case.events.get(kind=EventKind.CRITICISM)
        supersede_event(by=make.actor(here.officer), event=talk, why="登记错人", now=make.moment(make.DAY, 15))
        page = text_of(client(here.deputy).get(paper))
    assert UNCRITICISED in page
    assert f"criticism/?next={paper.replace('/', '%2F')}" in page


def test_what_is_missing_has_a_door_only_for_who_may_record_it() -> None:
    here = desk(reported=False, criticised=False)
    seen = here.case.events.get(kind=EventKind.VILLAGE_VERIFICATION)
    supersede_event(by=system(), event=seen, why="登记错人", now=make.moment(make.DAY, 9))
    with at(make.DAY, 15):
        page = text_of(client(here.principal).get(here.url("draft", here.case.pk, here.report_key)))
    assert "还没有村（社区）核查记录" in page
    assert reverse("cases:event_new", args=[here.case.pk, "village_verification"]) not in page


def test_a_child_that_stays_away_again_is_ordered_back_with_a_word_that_nobody_was_criticised_this_time() -> None:
    here = desk()
    make.event(here.case, EventKind.RETURNED, date(2026, 11, 12))
    say(here.case, EventKind.RETURN_CONFIRMED, date(2026, 11, 13), system(), by="校长", proof="点名记录")
    away = [date(2026, 11, day) for day in (16, 17, 18, 19)]
    make.rolls(here.place.school_class, away, {here.child: "unexcused"})
    with at(date(2026, 11, 20)):
        page = text_of(client(here.officer).get(here.url("draft", here.case.pk, "order")))
    assert "本轮还没有批评教育记录" in page
    assert "缺少批评教育记录" not in page, "an earlier round was criticised: the order is not barred for it"
