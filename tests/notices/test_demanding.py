"""催告书 after a served order, and the service of letters to a guardian: what they start, and what they do not."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from agencies.choices import Role
from agencies.queries.calendars import calendar_of
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import known_of_cases
from notices.choices import IssuerKind, PaperLayout
from notices.models import Notice
from notices.queries.story import story_of
from notices.rules.demanding import demand_deadline, demand_gaps, last_day, order_to
from notices.rules.issuing import issue_refusal
from notices.rules.told import Happening, Relative, Typed
from notices.rules.wording import load_papers
from tests.cases.scene import at, client, scene, text_of
from tests.counties import county_calendar, policy_of
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
    assert "起诉期限到2027-05-12（周三）届满：2027-05-13（周四）起送达的催告书才计入" in page
    assert "申请强制执行最迟2027-08-12（周四）" in page
    assert "还没有登记选定" in page


def test_the_page_says_plainly_that_the_court_may_not_be_asked_any_more(ordered: tuple[Desk, Notice]) -> None:
    here, _ = ordered
    person = Relative(1, "周大山", "父亲", "", is_guardian=True)
    data = {"addressee": "周大山", "number": "旧3号", "issued_on": "2026-11-12", "deadline": "2026-11-19"}
    row = Happening(EventKind.NOTICE_SERVED, date(2026, 11, 12), {**data, "remedies": "told"}, "专干", 9)
    told = replace(story_of(here.case, LATER).told, family=(person,), happenings=(row,))
    said = {
        on: "".join(gap.text for gap in demand_gaps(replace(told, on=on), Typed(guardian=1)))
        for on in (date(2027, 5, 13), date(2027, 8, 12), date(2027, 8, 13))
    }
    assert "最迟" not in said[date(2027, 5, 13)]
    assert "今天已来不及" in said[date(2027, 8, 12)]
    assert "申请强制执行的期限已于2027-08-12（周四）届满" in said[date(2027, 8, 13)]


def test_a_demand_served_within_the_time_to_sue_does_not_count_and_another_may_follow(
    ordered: tuple[Desk, Notice],
) -> None:
    here, _ = ordered
    draft(here)
    with at(date(2026, 11, 26), 11):
        here.serve(Notice.objects.get(kind="demand"), happened_on="2026-11-26", token="x")
    assert "不重复催告" in text_of(draft(here, on=date(2027, 5, 12), token="d2"))
    assert draft(here, on=date(2027, 5, 13), token="d3").status_code == 302
    assert Notice.objects.filter(kind="demand").count() == 2


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


def test_an_order_of_an_old_list_is_demanded_by_what_was_entered_of_it() -> None:
    place = scene(plan="xx-2024")
    place.township.settings = {"issuer": "云溪镇人民政府", "code_word": "云溪政", "phone": "0990-1"}
    place.township.save()
    child, deputy = place.child(), place.person(Role.TOWNSHIP_DEPUTY)
    old = {"student": child.pk, "step": "route", "started_on": "2026-10-12", "remedies": "told"}
    typed = {"contact": "民生服务办", "phone": "0990-1", "planned_service": "2026-11-25", "do": "issue"}
    data = {"token": "d1", "guardians": [str(child.guardians.get().pk)], **typed}
    with at(LATER, 9):
        browser = client(deputy)
        browser.post("/cases/old/", {**old, "order_served_on": "2026-10-20"})
        case = Case.objects.get()
        url = reverse("notices:draft", args=[case.pk, "demand"])
        served = case.events.get(kind=EventKind.NOTICE_SERVED)
        mend = reverse("cases:event_supersede", args=[served.pk])
        asked = text_of(browser.get(url))
        assert "旧通知书（2026年10月20日（星期二）送达）还没有登记受送达人、文号、签发日期、限期届满日" in asked
        assert mend in asked
        refused = browser.post(url, data)
        assert (refused.status_code, Notice.objects.exists()) == (400, False)
        told = {"mode": "direct", "addressee": "周母", "number": "云溪政限复〔2026〕7号", "issued_on": "2026-10-19"}
        right = {"happened_on": "2026-10-20", "remedies": "told", **told, "deadline": "2026-10-30"}
        assert browser.post(mend, right | {"correction": "补填旧通知书", "mend": "replace"}).status_code == 302
        assert browser.post(url, data).status_code == 302
    text = words(Notice.objects.get(kind="demand"))
    for part in (
        *("于2026年10月19日（星期一）对你作出限期通知书（云溪政限复〔2026〕7号）", "周小安的母亲"),
        *("已于2026年10月20日（星期二）送达，限期至2026年10月30日（星期五）", "云溪政催〔2026〕1号"),
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("addressee", "said"),
    [("周大山、吴小梅", ""), ("吴小梅", "还没有送达"), ("", "还没有登记受送达人，"), ("周大山川", "还没有送达")],
)
def test_an_old_order_is_demanded_of_whom_it_names_alone(addressee: str, said: str) -> None:
    here, _ = desk_with_order()
    person = Relative(1, "周大山", "父亲", "", is_guardian=True)
    data = {"addressee": addressee, "number": "旧3号", "issued_on": "2026-09-01", "deadline": "2026-09-11"}
    row = Happening(EventKind.NOTICE_SERVED, date(2026, 9, 2), data, "专干", 9)
    told = replace(story_of(here.case, LATER).told, family=(person,), happenings=(row,))
    found = [gap.text for gap in demand_gaps(told, Typed(guardian=1)) if gap.bars]
    assert (order_to(told, person) is None) == bool(said)
    assert said in "".join(found)
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("layout", "case_due", "last"),
    [
        (PaperLayout.DEMAND, date(2026, 12, 31), date(2026, 12, 10)),
        (PaperLayout.ORDER, None, date(2026, 11, 30)),
        (PaperLayout.ORDER, date(2026, 11, 27), date(2026, 11, 30)),
        (PaperLayout.ORDER, date(2026, 12, 3), date(2026, 12, 3)),
    ],
)
def test_the_last_day_of_an_order_never_lies_before_that_of_the_case_and_a_demand_has_its_own(
    layout: PaperLayout, case_due: date | None, last: date
) -> None:
    plan, calendar = policy_of("jiaotan-2025"), county_calendar("jiaotan-2025")
    assert last_day(layout, plan, calendar, date(2026, 11, 26), case_due=case_due) == last


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
