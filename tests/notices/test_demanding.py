"""催告书 after a served order, and the service of letters to a guardian: what they start, and what they do not."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from agencies.queries.calendars import calendar_of
from cases.choices import EventKind
from cases.models import Event
from cases.queries.facts import known_of_cases
from notices.choices import IssuerKind, PaperLayout
from notices.models import Notice
from notices.rules.demanding import demand_deadline
from notices.rules.issuing import issue_refusal
from notices.rules.wording import load_papers
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk_with_order

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEXT, LATER = date(2026, 11, 12), date(2026, 11, 25)


@pytest.fixture
def ordered() -> tuple[Desk, Notice]:
    """An order to the father, served on 12 November; its time ends on Monday the 16th."""
    here, order = desk_with_order()
    with at(NEXT, 11):
        here.serve(order)
    return here, order


def draft(here: Desk, *, on: date = LATER, do: str = "issue", **changes: Any) -> Any:
    father = here.child.guardians.get(name="周大山")
    data = {
        "token": "d1",
        "guardians": [str(father.pk)],
        "planned_service": on.isoformat(),
        "contact": "民生服务办",
        "phone": "0990-6600210",
        "do": do,
    }
    with at(on, 9):
        return here.post(here.deputy, "draft", here.case.pk, "demand", **{**data, **changes})


def words(notice: Notice) -> str:
    return re.sub(r"\s", "", "".join(p.extract_text() for p in PdfReader(io.BytesIO(bytes(notice.pdf or b""))).pages))


def test_a_demand_names_the_order_and_counts_ten_working_days(ordered: tuple[Desk, Notice]) -> None:
    here, order = ordered
    assert draft(here).status_code == 302
    paper = Notice.objects.get(kind="demand")
    assert (paper.number, paper.addressee_name, paper.deadline_on) == (
        "云溪政催〔2026〕1号",
        "周大山",
        date(2026, 12, 9),
    )
    text = words(paper)
    for part in (
        *("云溪镇人民政府催告书", f"《限期返校通知书》（{order.number}）", "已于2026年11月12日（星期四）送达"),
        *(
            "第五十四条",
            "陈述和申辩",
            "最迟应于2026年12月9日（星期三）履行",
            "云溪政催送回〔2026〕1号",
            "周小䶮的父亲",
        ),
    ):
        assert re.sub(r"\s", "", part) in text, part


def test_its_service_is_told_the_case_and_starts_no_new_time_of_the_guardian(ordered: tuple[Desk, Notice]) -> None:
    here, _ = ordered
    draft(here)
    paper = Notice.objects.get(kind="demand")
    before = known_of_cases([here.case], LATER)[here.case.pk].standing(LATER).guardian_due_on
    with at(date(2026, 11, 26), 11):
        answer = here.serve(paper, happened_on="2026-11-26", token="x")
        page = text_of(answer.client.get(answer["Location"]))
    assert "催告期至 2026-12-10（周四）" in page
    event = Event.objects.get(case=here.case, kind=EventKind.DEMAND_SERVED)
    assert (event.data["addressee"], event.data["mode"], event.data["number"]) == ("周大山", "direct", paper.number)
    assert Event.objects.filter(case=here.case, kind=EventKind.NOTICE_SERVED).count() == 1
    standing = known_of_cases([here.case], date(2026, 11, 26))[here.case.pk].standing(date(2026, 11, 26))
    assert standing.guardian_due_on == before
    paper.refresh_from_db()
    assert paper.deadline_on == date(2026, 12, 10)
    receipt = Notice.objects.get(about=paper)
    assert "《催告书》云溪政催〔2026〕1号" in words(receipt)


def test_a_demand_before_the_order_was_served_or_its_time_is_over_is_refused() -> None:
    here, order = desk_with_order()
    assert "限期通知书尚未送达" in text_of(draft(here, on=NEXT))
    with at(NEXT, 11):
        here.serve(order)
    assert "尚未届满，还不能催告" in text_of(draft(here, on=date(2026, 11, 13)))
    assert not Notice.objects.filter(kind="demand").exists()


def test_who_was_not_served_gets_no_demand_and_nobody_two(ordered: tuple[Desk, Notice]) -> None:
    here, _ = ordered
    mother = here.child.guardians.get(name="吴小梅")
    assert "对吴小梅的限期通知书还没有送达" in text_of(draft(here, guardians=[str(mother.pk)]))
    draft(here)
    assert "不重复催告" in text_of(draft(here, token="d2"))


def test_the_page_says_that_the_time_to_sue_still_runs(ordered: tuple[Desk, Notice]) -> None:
    here, _ = ordered
    with at(LATER, 9):
        page = text_of(client(here.deputy).get(here.url("draft", here.case.pk, "demand")))
    assert "起诉期限到2027年5月12日（星期三）届满" in page
    assert "还没有登记选定" in page


def test_an_officer_drafts_and_the_deputy_signs(ordered: tuple[Desk, Notice]) -> None:
    here, _ = ordered
    with at(LATER, 9):
        page = text_of(client(here.officer).get(here.url("draft", here.case.pk, "demand")))
        assert client(here.principal).get(here.url("draft", here.case.pk, "demand")).status_code == 403
    assert "存为拟稿，送签发" in page
    assert 'value="issue"' not in page


def test_a_demand_is_offered_once_an_order_was_served() -> None:
    here, order = desk_with_order()
    with at(NEXT, 9):
        assert "拟制《催告书》" not in text_of(client(here.officer).get(here.url("case_papers", here.case.pk)))
        here.serve(order, happened_time="08:30")
        assert "拟制《催告书》" in text_of(client(here.officer).get(here.url("case_papers", here.case.pk)))


def test_a_withdrawal_is_served_on_the_guardian_who_had_the_order(ordered: tuple[Desk, Notice]) -> None:
    here, order = ordered
    data = {"token": "w1", "reason": "考勤登记有误", "contact": "办公室", "phone": "0990-1", "do": "issue"}
    with at(LATER, 9):
        client(here.deputy).post(here.url("letter", order.pk, "withdrawal"), data)
        letter = Notice.objects.get(about=order, kind="withdrawal")
        page = text_of(client(here.officer).get(here.url("notice", letter.pk)))
        assert "登记送达" in page
        assert "云溪政撤送回〔2026〕1号" in words(letter)
        answer = here.serve(letter, happened_on="2026-11-25", happened_time="08:30", token="x")
        assert answer.status_code == 302, text_of(answer)
        assert "已送达（直接送达）" in text_of(client(here.officer).get(here.url("case_papers", here.case.pk)))
        receipt = Notice.objects.get(about=letter)
        assert client(here.officer).get(here.url("notice", receipt.pk)).status_code == 200
        assert client(here.officer).get(here.url("pdf", receipt.pk)).status_code == 200
    said = [event.data["text"] for event in Event.objects.filter(case=here.case, kind=EventKind.NOTE)]
    assert said == [f"《撤回函》{letter.number}送周大山：直接送达"]
    assert Event.objects.filter(case=here.case, kind=EventKind.NOTICE_SERVED).count() == 1
    assert known_of_cases([here.case], LATER)[here.case.pk].standing(LATER).guardian_due_on is None
    assert json.loads(letter.facts)["typed"]["reason"] == "考勤登记有误"


@pytest.mark.parametrize(
    ("served", "last"), [(date(2026, 9, 24), date(2026, 10, 15)), (date(2026, 11, 26), date(2026, 12, 10))]
)
def test_ten_days_are_working_days_over_holidays_and_make_up_days(served: date, last: date) -> None:
    here, _ = desk_with_order()
    assert demand_deadline(calendar_of(here.place.township, served), served) == last


@pytest.mark.parametrize(
    "issuer", [IssuerKind.SCHOOL, IssuerKind.VILLAGE, IssuerKind.JUSTICE_OFFICE, IssuerKind.SUBDISTRICT]
)
def test_only_who_may_order_demands(issuer: IssuerKind) -> None:
    assert issue_refusal(PaperLayout.DEMAND, issuer)
    assert issue_refusal(PaperLayout.DEMAND, IssuerKind.BUREAU) == ""


def test_a_demand_must_tell_of_statement_and_defence() -> None:
    table = {
        "key": "demand",
        "layout": "demand",
        "title": "催告书",
        "issuers": ["township"],
        "assumed": True,
        "prefix": "{code_word}催",
        "paragraphs": ["{order}：请于{deadline}前送{student}到校。"],
    }
    found = load_papers({"paper": [table]}, "notices.toml")[1]
    assert any("陈述权、申辩权" in str(mistake) for mistake in found)
