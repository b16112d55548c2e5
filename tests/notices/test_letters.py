"""An issued report or order is withdrawn or corrected by a numbered letter; what was withdrawn counts no longer."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from agencies.choices import Role, Verb
from agencies.models import AuditRow, Unit
from agencies.queries.calendars import calendar_of
from cases.choices import EventKind
from cases.models import Event
from cases.queries.facts import known_of_cases
from cases.rules.standing import Standing
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice, NumberSeries
from notices.rules.receipts import receipt_for
from students.actions.decisions import decide_correction
from students.choices import CorrectionState
from students.models import Correction
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import ABSENT, Desk, desk
from tests.notices.papers import letter, order

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEXT = date(2026, 11, 12)


def name_school(school: Unit | None) -> None:
    """Give the school what a numbered paper needs of it."""
    assert school is not None
    school.settings = {"issuer": "云溪镇中心学校", "code_word": "云溪中", "contact": "教务处", "phone": "0990-2"}
    school.save()


@pytest.fixture
def here() -> Desk:
    made = desk(reported=False, criticised=False)
    name_school(made.place.school)
    return made


def report(here: Desk, *, received: bool = True) -> Notice:
    """A report of the school, taken in by the township."""
    with at(make.DAY, 10):
        here.post(here.principal, "draft", here.case.pk, here.report_key, token="r", opinion="请督办", do="issue")
        made = Notice.objects.get(kind=here.report_key)
        if received:
            here.post(here.officer, "receive", made.pk)
    return Notice.objects.get(pk=made.pk)


def send(here: Desk, paper: Notice, kind: str = "withdrawal", user: Any = None, **changes: Any) -> Any:
    """Send the form of a letter on the next day."""
    data = {
        "token": "w1",
        "reason": "该生实际到校，考勤登记有误。",
        "contact": "教务处",
        "phone": "0990-2",
        "do": "issue",
    }
    with at(NEXT, 9):
        url = here.url("letter", paper.pk, kind)
        return client(user or here.principal).post(url, {**data, **changes})


def words(notice: Notice) -> str:
    pages = PdfReader(io.BytesIO(bytes(notice.pdf or b""))).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def standing(here: Desk, on: date, *, known: date | None = None) -> Standing:
    found = known_of_cases([here.case], on, history=True)[here.case.pk]
    return found.standing(on, make.moment(known, 23) if known else None)


def test_a_report_deemed_received_though_unsigned_is_withdrawn_and_no_longer_voided(here: Desk) -> None:
    first = report(here, received=False)
    with at(make.DAY, 16):
        same_day = text_of(client(here.principal).get(here.url("notice", first.pk)))
    # The plan: one working day after it was sent, 2026-11-12 (Thursday), it counts as received.
    with at(NEXT, 9):
        page = text_of(client(here.principal).get(here.url("notice", first.pk)))
        listed = text_of(client(here.principal).get(here.url("case_papers", here.case.pk)))
        refused = here.post(here.principal, "void", first.pk, why="写错")
        officer = text_of(client(here.officer).get(here.url("notice", first.pk)))
    assert here.url("void", first.pk) in same_day
    assert here.url("void", first.pk) not in page + listed
    assert "视为乡镇收到" in text_of(refused)
    assert "签收报告单" in officer
    first.refresh_from_db()
    assert first.state == NoticeState.ISSUED
    assert send(here, first).status_code == 302


def test_a_report_voided_before_anybody_counts_as_having_it_is_void(here: Desk) -> None:
    first = report(here, received=False)
    with at(make.DAY, 16):
        assert here.post(here.principal, "void", first.pk, why="写错").status_code == 302
    first.refresh_from_db()
    assert first.state == NoticeState.VOID


def test_a_received_report_is_not_voided_but_withdrawn_to_whom_it_went(here: Desk) -> None:
    first = report(here)
    with at(NEXT, 9):
        refused = here.post(here.principal, "void", first.pk, why="写错")
        page = text_of(client(here.principal).get(here.url("notice", first.pk)))
    assert "请出具撤回函或更正函" in text_of(refused)
    assert "出具撤回函" in page
    assert "作废</a>" not in page
    assert send(here, first).status_code == 302
    first.refresh_from_db()
    letter = Notice.objects.get(about=first)
    assert (first.state, letter.state, letter.number) == ("withdrawn", "issued", "云溪中撤函〔2026〕1号")
    text = words(letter)
    assert "云溪镇人民政府、清河县教育局：" in text
    assert "我单位于2026年11月11日（星期三）出具的关于周小䶮" in text
    assert "该生实际到校，考勤登记有误，现予撤回。" in text
    assert AuditRow.objects.filter(verb=Verb.PAPER_WITHDRAWN, object_id=str(first.pk)).count() == 1


def test_a_withdrawn_report_counts_until_the_day_of_withdrawal_and_no_longer(here: Desk) -> None:
    send(here, report(here))
    event = Event.objects.get(kind=EventKind.PAPER_WITHDRAWN)
    assert len(event.data["withdraws"]) == 2
    assert standing(here, make.DAY).received_on == make.DAY
    assert standing(here, NEXT, known=make.DAY).received_on == make.DAY
    after = standing(here, NEXT)
    assert after.received_on is None
    assert "report" in {duty.step_key for duty in after.waiting}
    with at(NEXT, 10):
        page = text_of(client(here.officer).get(reverse("cases:case", args=[here.case.pk])))
    assert "撤回文书" in page
    assert "撤回函文号：云溪中撤函〔2026〕1号" in page


def test_after_a_withdrawal_the_school_reports_anew_and_the_township_signs_again(here: Desk) -> None:
    first = report(here)
    send(here, first)
    with at(NEXT, 11):
        here.post(here.principal, "draft", here.case.pk, here.report_key, token="r2", opinion="", do="issue")
        second = Notice.objects.exclude(pk=first.pk).get(kind=here.report_key)
        assert here.post(here.officer, "receive", first.pk).status_code == 302
        here.post(here.officer, "receive", second.pk)
    receipts = Event.objects.filter(kind=EventKind.REPORT_RECEIVED)
    assert [row.data["notice"] for row in receipts.order_by("id")] == [first.pk, second.pk]
    assert standing(here, NEXT).received_on == NEXT


def test_only_one_withdrawal_and_the_same_form_twice_is_one_letter(here: Desk) -> None:
    first = report(here)
    send(here, first)
    send(here, first)
    again = send(here, first, token="w2")
    assert again.status_code == 400
    assert "已撤回" in text_of(again)
    assert Notice.objects.filter(about=first).count() == 1
    assert NumberSeries.objects.get(prefix="云溪中撤函").last == 1


def test_a_correction_says_what_was_wrong_and_leaves_the_report_standing(here: Desk) -> None:
    first = report(here)
    lacking = send(here, first, "correction", wrong="累计5日", right="")
    assert lacking.status_code == 400
    assert "请填写更正为" in text_of(lacking)
    assert send(here, first, "correction", wrong="累计未到校5日", right="累计未到校4日").status_code == 302
    letter = Notice.objects.get(about=first)
    first.refresh_from_db()
    assert (letter.number, first.state) == ("云溪中更函〔2026〕1号", "issued")
    assert "原文：累计未到校5日。更正为：累计未到校4日。" in words(letter)
    assert standing(here, NEXT).received_on == make.DAY
    second = send(here, first, "correction", token="w9", wrong="甲", right="乙")
    assert second.status_code == 302


def test_an_order_already_served_is_withdrawn_by_the_township_and_its_service_counts_no_longer() -> None:
    here = desk()
    order = here.issued_order()
    with at(NEXT, 8):
        here.serve(order, happened_on="2026-11-12", happened_time="07:30")
    draft = send(here, order, user=here.officer, do="issue")
    letter = Notice.objects.get(about=order, title="撤回函")
    assert (draft.status_code, letter.state) == (302, "draft"), "an officer drafts, the deputy signs"
    with at(NEXT, 10):
        here.post(here.deputy, "issue", letter.pk)
    letter.refresh_from_db()
    assert letter.number == "云溪政撤函〔2026〕1号"
    assert "周大山：" in words(letter)
    assert "《限期返校通知书》（云溪政限返〔2026〕1号）" in words(letter)
    now = standing(here, NEXT)
    assert (now.served_on, now.guardian_due_on) == (None, None)
    with at(NEXT, 11):
        assert here.serve(order, token="x").status_code == 400
        again = here.draft_order(token="t2")
    assert again.status_code == 302, "a withdrawn order bars no new one"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reason": ""}, "请填写理由"),
        ({"reason": "逾期处500元罚款"}, "文书不得出现“"),
        ({"reason": "字" * 201}, "最多200字"),
        ({"phone": "1" * 31}, "最多30字"),
    ],
)
def test_a_letter_with_mistakes_says_each_and_writes_nothing(here: Desk, changes: dict[str, str], says: str) -> None:
    first = report(here)
    answer = send(here, first, **changes)
    assert answer.status_code == 400
    assert says in text_of(answer)
    assert not Notice.objects.filter(about=first).exists()


def test_a_school_without_code_word_numbers_under_its_name_or_is_told_where_to_have_it_entered(here: Desk) -> None:
    school = here.place.school
    school.settings, school.name = {}, "云溪镇某某希望工程援建九年一贯制中心学校"
    school.save()
    answer = send(here, report(here))
    assert answer.status_code == 400
    assert "还没有登记机关代字" in text_of(answer)


def test_who_may_not_write_the_letter(here: Desk) -> None:
    first = report(here)
    assert send(here, first, user=here.officer).status_code == 403
    assert send(here, first, user=here.place.teacher).status_code == 403
    assert send(here, first, "order").status_code == 404


def test_a_letter_is_neither_voided_nor_mended_by_another(here: Desk) -> None:
    first = report(here)
    send(here, first)
    letter = Notice.objects.get(about=first)
    with at(NEXT, 10):
        assert "不能作废" in text_of(here.post(here.principal, "void", letter.pk, why="错"))
        assert "已经撤回" in text_of(here.post(here.principal, "void", first.pk, why="错"))
    assert send(here, letter, token="x").status_code == 404


def test_a_letter_about_a_closed_case_is_still_issued(here: Desk) -> None:
    first = report(here)
    make.event(here.case, EventKind.LEFT_SCOPE, make.DAY, outcome="died", proof="公安机关结论")
    assert send(here, first).status_code == 302
    assert Notice.objects.get(pk=first.pk).state == NoticeState.WITHDRAWN


def correct(here: Desk, day: date) -> None:
    """The roll of a past day is corrected, as a second person agreed to."""
    row = Correction.objects.create(
        school_class=here.place.school_class,
        student=here.child,
        day=day,
        wanted={"reason": "", "part": "day", "note": ""},
        why="看错座位",
        state=CorrectionState.WAITING,
        asked_by="班主任",
        asked_at=make.moment(NEXT, 8),
    )
    registrar = make.actor(here.place.person(Role.REGISTRAR, here.place.school))
    calendar = calendar_of(here.place.school_class, day)
    decide_correction(by=registrar, correction=row, approve=True, why="", calendar=calendar, now=make.moment(NEXT, 8))


def test_a_correction_that_takes_the_duty_leads_to_the_letter_with_its_reason_filled_in(here: Desk) -> None:
    first = report(here)
    with at(NEXT, 8):
        before = text_of(client(here.principal).get(here.url("case_papers", here.case.pk)))
    assert "须以撤回函撤回" not in before
    correct(here, ABSENT[3])
    with at(NEXT, 9):
        page = text_of(client(here.principal).get(here.url("case_papers", here.case.pk)))
        township = text_of(client(here.officer).get(here.url("case_papers", here.case.pk)))
        draft = text_of(client(here.principal).get(here.url("letter", first.pk, "withdrawal")))
    assert "下列文书所依据的应办事项已不成立" in page
    assert here.url("letter", first.pk, "withdrawal") in page
    assert "由出具单位撤回" in township
    assert "该生2026年11月5日（星期四）的考勤登记有误（看错座位），已于2026年11月12日更正为“" in draft
    assert "本方案未规定这种文书" in draft
    send(here, first)
    with at(NEXT, 10):
        page = text_of(client(here.principal).get(here.url("case_papers", here.case.pk)))
    assert "须以撤回函撤回" not in page


def test_a_correction_that_leaves_the_duty_asks_for_no_letter(here: Desk) -> None:
    report(here)
    correct(here, ABSENT[0])
    with at(NEXT, 9):
        page = text_of(client(here.principal).get(here.url("case_papers", here.case.pk)))
    assert "须以撤回函撤回" not in page


def test_the_receipt_of_a_letter_leaves_no_deadline_to_the_pen() -> None:
    made = [
        receipt_for(facts, layout, "撤回函", "云政", addressee="李大山", relation="父亲")
        for facts, layout in ((letter(), PaperLayout.WITHDRAWAL), (order(), PaperLayout.ORDER))
    ]
    assert [receipt.deadline for receipt in made] == ["—", ""]
