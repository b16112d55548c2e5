"""Papers that ask: numbered, recorded once in the case, and starting nobody's time; the record of 批评教育."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.choices import UnitKind
from agencies.models import User
from cases.choices import EventKind
from cases.models import Event
from cases.queries.facts import known_of_cases
from notices.choices import IssuerKind, PaperLayout
from notices.models import Notice
from notices.rules.issuers import default_code_word
from notices.rules.issuing import issue_refusal
from notices.rules.wording import load_papers
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk

pytestmark = pytest.mark.long


def issue(here: Desk, user: User, key: str, **changes: Any) -> Any:
    """Send the draft form of a paper that asks, and sign it out at once."""
    data = {
        "token": "a1",
        "report_by": "2026-11-18",
        "report_at": "云溪中心学校",
        "contact": "教务处",
        "phone": "0990-2",
        "do": "issue",
    }
    with at(make.DAY, 15):
        return here.post(user, "draft", here.case.pk, key, **{**data, **changes})


def facts(paper: Notice) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(paper.facts)["facts"]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("plan", "key", "word", "number", "to"),
    [
        ("jiaotan-2025", "urging-letter", "urging", "云溪中心学校劝函〔2026〕1号", "周大山、吴小梅"),
        ("jiaotan-2025", "proposal-letter", "proposal", "云溪中心学校建函〔2026〕1号", "云溪镇人民政府"),
        ("xx-2024", "proposal", "proposal", "云溪中心学校建函〔2026〕1号", "云溪镇人民政府"),
        ("xx-2024", "entry-notice", "entry_notice", "云溪政入通〔2026〕1号", "周大山、吴小梅"),
        ("hulin-2020", "entry-notice", "entry_notice", "云溪政入通〔2026〕1号", "周大山、吴小梅"),
    ],
)
def test_a_paper_that_asks_is_numbered_and_stands_once_in_the_case(
    plan: str, key: str, word: str, number: str, to: str
) -> None:
    here = desk(plan, criticised=False)
    user = here.officer if key == "entry-notice" else here.principal
    if plan == "hulin-2020":
        make.event(here.case, EventKind.NOT_ENROLLED, found_by="摸排", why="家长不送")
    assert issue(here, user, key).status_code == 302
    issue(here, user, key)
    paper = Notice.objects.get()
    assert (paper.number, paper.state, facts(paper)["to"]) == (number, "issued", to)
    event = Event.objects.get(case=here.case, kind=EventKind.ADVICE_SENT)
    assert (event.data["paper"], event.data["to"], event.data["number"]) == (word, to, number)
    with at(make.DAY, 16):
        here.post(user, "issue", paper.pk)
        page = text_of(client(user).get(here.url("case_papers", here.case.pk)))
    assert Event.objects.filter(case=here.case, kind=EventKind.ADVICE_SENT).count() == 1
    assert "登记送达" not in page


@pytest.mark.django_db
def test_asking_starts_no_time_of_the_guardian_and_bars_no_order() -> None:
    here = desk()
    issue(here, here.principal, "urging-letter")
    issue(here, here.principal, "proposal-letter", token="a2")
    standing = known_of_cases([here.case], make.DAY)[here.case.pk].standing(make.DAY)
    assert standing.guardian_due_on is None
    assert EventKind.NOTICE_ISSUED not in standing.recorded
    assert all(paper.deadline_on is None for paper in Notice.objects.all())
    assert here.issued_order().state == "issued"


@pytest.mark.django_db
def test_voiding_takes_the_sending_back() -> None:
    here = desk()
    issue(here, here.principal, "urging-letter")
    with at(make.DAY, 17):
        assert here.post(here.principal, "void", Notice.objects.get().pk, why="写错").status_code == 302
    assert Event.objects.get(case=here.case, kind=EventKind.ADVICE_SENT).superseded_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"report_by": "2026-11-01"}, "到校日期不能早于今天"),
        ({"report_by": "2027-11-01"}, "请检查年份"),
        ({"report_by": "下周"}, "日期请写成"),
        ({"report_at": ""}, "请填写到校（报到）地点"),
        ({"phone": ""}, "请填写联系电话"),
        ({"report_at": "不来罚款"}, "文书不得出现“罚款”"),
    ],
)
def test_what_is_wrong_on_the_form_is_said_and_nothing_is_written(changes: dict[str, str], says: str) -> None:
    here = desk()
    answer = issue(here, here.principal, "urging-letter", **changes)
    assert answer.status_code == 400
    assert says in text_of(answer)
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_the_form_proposes_a_week_moved_to_a_school_day_and_the_school() -> None:
    here = desk()
    with at(make.DAY, 15):
        page = text_of(client(here.principal).get(here.url("draft", here.case.pk, "urging-letter")))
    assert 'value="2026-11-18"' in page
    assert 'value="云溪中心学校"' in page
    assert "这只是请求，不是限期" in page


@pytest.mark.django_db
def test_a_township_does_not_write_a_schools_letter_nor_a_school_the_townships() -> None:
    here = desk("xx-2024")
    with at(make.DAY, 15):
        assert client(here.officer).get(here.url("draft", here.case.pk, "urging-letter")).status_code == 403
        assert client(here.principal).get(here.url("draft", here.case.pk, "entry-notice")).status_code == 403
        assert client(here.principal).get(here.url("draft", here.case.pk, "criticism-record")).status_code == 403


@pytest.mark.django_db
def test_the_record_of_criticism_is_filled_from_the_talk_and_records_nothing_anew() -> None:
    here = desk()
    with at(make.DAY, 15):
        here.post(here.officer, "draft", here.case.pk, "criticism-record", token="c", do="issue")
    paper = Notice.objects.get()
    said = facts(paper)
    assert (said["guardian"], said["by"], said["place"], said["on"]) == ("周大山", "专干", "村委会", "2026-11-11")
    assert said["situation"] == "自2026年11月2日（星期一）起未到校，经劝返3次仍未返校"
    assert (paper.event, paper.number) == (None, "")
    assert Event.objects.filter(case=here.case, kind=EventKind.CRITICISM).count() == 1


@pytest.mark.django_db
def test_before_the_talk_the_record_leaves_blank_and_says_so() -> None:
    here = desk(criticised=False)
    with at(make.DAY, 15):
        page = text_of(client(here.officer).get(here.url("draft", here.case.pk, "criticism-record")))
        here.post(here.officer, "draft", here.case.pk, "criticism-record", token="c", do="issue")
    assert "打印的是空白记录" in page
    assert facts(Notice.objects.get())["on"] is None


@pytest.mark.django_db
def test_the_papers_of_a_case_take_as_many_queries_for_one_as_for_three() -> None:
    here = desk()

    def asked() -> int:
        with at(make.DAY, 18), CaptureQueriesContext(connection) as queries:
            client(here.principal).get(here.url("case_papers", here.case.pk))
        return len(queries)

    issue(here, here.principal, "urging-letter")
    asked()
    one = asked()
    issue(here, here.principal, "urging-letter", token="a2")
    issue(here, here.principal, "proposal-letter", token="a3")
    assert asked() == one


@pytest.mark.parametrize("issuer", [IssuerKind.SCHOOL, IssuerKind.VILLAGE, IssuerKind.JUSTICE_OFFICE])
def test_only_those_who_govern_hand_out_entry_notices_and_criticise(issuer: IssuerKind) -> None:
    for layout in (PaperLayout.ENTRY_NOTICE, PaperLayout.CRITICISM_RECORD):
        assert issuer.label in issue_refusal(layout, issuer)
        assert issue_refusal(layout, IssuerKind.TOWNSHIP) == ""


@pytest.mark.parametrize("issuer", [IssuerKind.SUBDISTRICT, IssuerKind.FARM])
def test_who_is_not_named_by_the_law_hands_out_entry_notices_and_criticises_on_a_typed_basis_alone(
    issuer: IssuerKind,
) -> None:
    assert issue_refusal(PaperLayout.ENTRY_NOTICE, issuer) == ""
    refusal = issue_refusal(PaperLayout.CRITICISM_RECORD, issuer)
    assert refusal.startswith("依照义务教育法第五十八条，批评教育由")
    assert "请先在方案数据中写明其法律依据" in refusal
    assert issue_refusal(PaperLayout.CRITICISM_RECORD, issuer, typed_basis="某省条例第九条") == ""


FORM: dict[str, Any] = {
    "key": "asks",
    "layout": "urging",
    "title": "劝学函",
    "issuers": ["school"],
    "assumed": True,
    "prefix": "{code_word}劝函",
    "paragraphs": ["请于{report_by}前送{student}上学。"],
}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"paragraphs": ["责令你于{report_by}前送{student}上学。"]}, "出现“责令”"),
        ({"paragraphs": ["请送{student}上学。"]}, "正文缺少占位词 {report_by}"),
        ({"paragraphs": ["请于{report_by}前送{student}上学，{deadline}止。"]}, "没有占位词 {deadline}"),
        ({"issuers": ["township"]}, "劝学函由学校出具"),
    ],
)
def test_a_wording_that_orders_is_refused(changes: dict[str, Any], says: str) -> None:
    assert load_papers({"paper": [FORM]}, "notices.toml")[1] == []
    found = load_papers({"paper": [FORM | changes]}, "notices.toml")[1]
    assert any(says in str(mistake) for mistake in found), [str(mistake) for mistake in found]


@pytest.mark.parametrize(
    ("kind", "name", "word"),
    [("school", "云溪中心学校（总校）", "云溪中心学校总校"), ("school", "某" * 19, ""), ("township", "云溪镇", "")],
)
def test_a_school_without_a_code_word_numbers_under_its_own_name(kind: str, name: str, word: str) -> None:
    assert default_code_word(UnitKind(kind), name) == word


@pytest.mark.django_db
def test_the_family_of_a_child_that_is_back_is_asked_no_more() -> None:
    here = desk("jiaotan-2025")
    back = make.DAY + timedelta(days=1)
    make.event(here.case, EventKind.RETURNED, back, how="监护人送回")
    make.roll(here.place.school_class, back)
    with at(back, 16):
        page = text_of(client(here.principal).get(here.url("draft", here.case.pk, "urging-letter")))
    assert "该生已于2026-11-12（周四）返校，不再劝学" in page
    assert 'data-testid="issue"' not in page
