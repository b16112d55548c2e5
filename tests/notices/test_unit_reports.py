"""学生失学辍学信息报告 (XX 附件1): one letter with figures and a list, a sheet in each child's file."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from agencies.choices import Role, Verb
from agencies.models import AuditRow, User
from agencies.scope import system
from cases.choices import EventKind, Outcome, Stage
from cases.models import Case, Event
from cases.queries.figures import ground_of
from notices.actions.reporting import finish_report, finish_stuck_reports, issue_reports
from notices.choices import NoticeState
from notices.models import Notice, UnitReport
from notices.queries.unit_reports import school_counts
from notices.rules.report_letter import SchoolCounts, figures, term_words
from notices.rules.reporting import NewReport, by_township, choice_refusal
from students.choices import SpecialGroup
from students.models import GroupMembership
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of
from tests.kept import kept

URL = "/papers/reports/"
SAID = {"contact": "教务处", "phone": "0990-1", "more": "本学期转入2人。", "token": "r1"}


@kept
def school() -> tuple[Scene, User, list[Case]]:
    """A school under XX with two children absent since Monday; the second is disabled, and that is why it is away."""
    place = scene(plan="xx-2024")
    place.township.settings = {"issuer": "云溪镇人民政府", "code_word": "云溪政"}
    place.township.save()
    first, second = place.child("周小安"), place.child("吴小宁")
    GroupMembership.objects.create(student=second, group=SpecialGroup.DISABLED, first_day=make.TERM_START)
    cases = place.absent(first, second)
    teacher = make.actor(place.teacher)
    make.event(cases[0], EventKind.PHONE_CALL, make.DAY, by=teacher, result="no_answer", cause="weary")
    make.event(cases[1], EventKind.PHONE_CALL, make.DAY, by=teacher, result="no_answer", cause="disability")
    return place, place.person(Role.PRINCIPAL, place.school), cases


def words(content: object) -> str:
    pages = PdfReader(io.BytesIO(bytes(content or b""))).pages  # type: ignore[call-overload]
    return re.sub(r"\s|\u200b", "", "".join(page.extract_text() for page in pages))


def counted(browser: Client) -> tuple[str, int]:
    """The page, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        page = text_of(browser.get(URL))
    return page, len(queries)


@pytest.mark.django_db
@pytest.mark.long
def test_several_children_leave_in_one_numbered_letter_with_figures_and_a_list() -> None:
    place, principal, cases = school()
    chosen = [str(case.pk) for case in cases]
    with at(make.DAY, 15):
        browser = client(principal)
        counted(browser)  # the plan is read once a process
        page, queries = counted(browser)
        assert page.count("checked") == 2
        for not_out in (Stage.PLACED, Stage.HELP):
            Case.objects.filter(pk=cases[0].pk).update(stage=not_out)
            shown, taken = counted(browser)
            assert (shown.count("checked"), taken) == (1, queries)
            assert school_counts(ground_of(place.school, make.DAY, make.DAY)).suspected == 1
        Case.objects.filter(pk=cases[0].pk).update(stage=Stage.SCHOOL)
        assert "未报告" in page
        answer = browser.post(URL, {**SAID, "cases": chosen})
        assert answer.status_code == 302, text_of(answer)
        assert browser.post(URL, {**SAID, "cases": chosen}).status_code == 302
        after = text_of(browser.get(URL))
    report = UnitReport.objects.get()
    assert (report.state, report.children, report.township) == (NoticeState.ISSUED, 2, place.township)
    assert report.number in after
    assert "已于2026-11-11（周三）报告" in after
    assert "checked" not in after
    text = words(report.pdf)
    for part in (
        *(
            report.number,
            "清河县教育局、云溪镇人民政府：",
            "2026—2027学年度第一学期",
            "学生失学辍学信息报告（花名册）",
        ),
        *(
            "现逐人报告失学、辍学（疑似辍学）学生2名",
            "周小安",
            "吴小宁",
            "13812345678",
            "本学期转入2人。",
            "无故未到2人",
        ),
        *("核查人", "（版式待县教育局确认）"),
    ):
        assert part in text, part
    # As on every general list: a disability and a cause that tells of one are covered.
    assert "残疾" not in text
    sheets = Notice.objects.filter(report=report)
    assert {row.case_id for row in sheets} == {case.pk for case in cases}
    assert {row.state for row in sheets} == {NoticeState.ISSUED}
    assert Event.objects.filter(kind=EventKind.REPORT_SENT).count() == 2


@pytest.mark.django_db
@pytest.mark.long
def test_one_child_is_a_list_of_one_its_case_leads_there_and_its_sheet_can_be_taken_back() -> None:
    _, principal, cases = school()
    with at(make.DAY, 15):
        browser = client(principal)
        door = f"{URL}?case={cases[0].pk}"
        assert door in text_of(browser.get(reverse("notices:case_papers", args=[cases[0].pk])))
        draft = reverse("notices:draft", args=[cases[0].pk, "attachment-1-child"])
        assert browser.get(draft)["Location"] == door
        assert text_of(browser.get(door)).count("checked") == 1
        browser.post(URL, {**SAID, "cases": [str(cases[0].pk)]})
        open_one = reverse("notices:report_pdf", args=[UnitReport.objects.get().pk])
        assert browser.get(open_one).status_code == 200
        sheet = Notice.objects.get()
        assert open_one in text_of(browser.get(reverse("notices:notice", args=[sheet.pk])))
        number = UnitReport.objects.get().number
        taken = {"token": "w", "reason": "考勤登记有误", "contact": "教务处", "phone": "0990-1", "do": "issue"}
        browser.post(reverse("notices:letter", args=[sheet.pk, "withdrawal"]), taken)
        page = text_of(browser.get(URL))
        assert "其中1名已撤回" in page
        assert "已于" not in page
        assert page.count("checked") == 2
        # A report on record that no letter made counts as one: the box and the words beside it agree.
        make.event(cases[1], EventKind.REPORT_SENT, make.DAY, by=make.actor(principal))
        page = text_of(browser.get(URL))
        assert (page.count("已于2026-11-11（周三）报告"), page.count("checked")) == (1, 1)
        assert f"《学生失学辍学情况表》（{number}附页）" in words(Notice.objects.get(about=sheet).pdf)
    text = words(UnitReport.objects.get().pdf)
    assert "学生1名" in text
    assert "吴小宁" not in text


@pytest.mark.django_db
def test_each_township_gets_a_letter_of_its_own_and_reads_no_other() -> None:
    place, principal, cases = school()
    other = scene(place.county, "青石", plan="xx-2024")
    Case.objects.filter(pk=cases[1].pk).update(township=other.township)
    with at(make.DAY, 15):
        answer = client(principal).post(URL, {**SAID, "cases": [str(case.pk) for case in cases]})
        assert answer.status_code == 302, text_of(answer)
        mine, theirs = (UnitReport.objects.get(township=unit) for unit in (place.township, other.township))
        assert {row.number[-2:] for row in (mine, theirs)} == {"1号", "2号"}
        reader, teacher = client(other.officer), client(place.teacher)
        assert [reader.get(reverse("notices:report_pdf", args=[row.pk])).status_code for row in (mine, theirs)] == [
            404,
            200,
        ]
        assert teacher.get(URL).status_code == 403
    assert "周小安" not in words(theirs.pdf)


@pytest.mark.django_db
def test_the_register_leads_there_where_the_plan_has_such_a_letter_alone() -> None:
    place, principal, _ = school()
    other = scene(place.county, "青石")
    doors = [reverse("notices:register"), f'href="{URL}"']
    with at(make.DAY, 15):
        assert doors[1] in text_of(client(principal).get(doors[0]))
        elsewhere = other.person(Role.PRINCIPAL, other.school)
        assert doors[1] not in text_of(client(elsewhere).get(doors[0]))
        assert "适用的方案不用这种报告" in text_of(client(elsewhere).get(URL))
        Case.objects.update(closed_on=make.DAY, outcome=Outcome.RETURNED)
        assert "现在没有失学、辍学（疑似辍学）的个案可报告" in text_of(client(principal).get(URL))


@pytest.mark.django_db
def test_what_bars_one_child_is_said_before_anything_is_numbered() -> None:
    _, principal, cases = school()
    Case.objects.filter(pk=cases[1].pk).update(township=None)
    with at(make.DAY, 15):
        browser = client(principal)
        barred = browser.post(URL, {**SAID, "cases": [str(case.pk) for case in cases]})
        assert barred.status_code == 400
        assert "吴小宁：没有主送的乡镇人民政府" in text_of(barred)
        assert "请至少勾选一名学生" in text_of(browser.post(URL, SAID))
        fine = browser.post(URL, {**SAID, "cases": [str(cases[0].pk)], "more": "拟处五百元罚款"})
        assert "报告不得出现“处五百元”" in text_of(fine)
    assert not UnitReport.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_a_letter_cut_short_is_finished_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    place, principal, cases = school()
    by, now = make.actor(principal), make.moment(make.DAY, 15)
    said = NewReport(contact="教务处", phone="0990-1")

    def stop(**_: object) -> None:
        raise RuntimeError("power cut")

    with at(make.DAY, 15):
        monkeypatch.setattr("notices.actions.reporting.finish_report", stop)
        with pytest.raises(RuntimeError):
            issue_reports(by=by, unit=place.school, cases=cases, said=said, token="t", now=now)
        monkeypatch.undo()
        report = UnitReport.objects.get()
        page = text_of(client(principal).get(URL))
        assert "继续签发" in page
        assert client(principal).get(reverse("notices:report_pdf", args=[report.pk])).status_code == 404
        assert client(principal).post(reverse("notices:report_finish", args=[report.pk])).status_code == 302
        assert "继续签发" not in text_of(client(principal).get(URL))
        report.refresh_from_db()
        sealed = report.sha256
        finish_report(by=by, report=report, now=now)
    report.refresh_from_db()
    assert (report.state, report.sha256, len(sealed)) == (NoticeState.ISSUED, sealed, 64)
    assert Event.objects.filter(kind=EventKind.REPORT_SENT).count() == 2


@pytest.mark.django_db
def test_a_letter_left_lying_is_finished_by_the_sweep_in_its_signer_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    place, principal, cases = school()
    by, now = make.actor(principal), make.moment(make.DAY, 15)
    said = NewReport(contact="教务处", phone="0990-1")
    with at(make.DAY, 15):
        monkeypatch.setattr("notices.actions.reporting.finish_report", lambda **_: None)
        issue_reports(by=by, unit=place.school, cases=cases[:1], said=said, token="t", now=now)
        monkeypatch.undo()
        assert finish_stuck_reports(by=system(), now=now + timedelta(minutes=1)) == 0
        assert finish_stuck_reports(by=system(), now=now + timedelta(minutes=5)) == 1
        assert finish_stuck_reports(by=system(), now=now + timedelta(minutes=9)) == 0
    assert Notice.objects.get().issued_name == principal.name
    assert AuditRow.objects.filter(verb=Verb.PAPER_ISSUED, object_kind="unit_report").get().actor == principal.name


def test_a_figure_nobody_has_called_a_roll_for_is_a_dash() -> None:
    counts = {"enrolled": 40, "absent": 2, "unexcused": 1, "suspended": 1, "postponed": 0, "home_taught": 0}
    told = figures(SchoolCounts(**counts, expected=38, suspected=3, dropped_out=1))
    assert [(one.label, one.value) for one in told[:5]] == [
        ("在籍学生", "40人"),
        ("应到", "38人"),
        ("实到", "36人"),
        ("未到", "2人"),
        ("无故未到", "1人"),
    ]
    silent = figures(SchoolCounts(**counts, expected=None, suspected=3, dropped_out=1))
    assert [one.value for one in silent[:6]] == ["40人", "—", "—", "—", "—", "1人"]


@pytest.mark.parametrize(
    ("first_day", "said"),
    [(date(2026, 9, 1), "2026—2027学年度第一学期"), (date(2027, 2, 22), "2026—2027学年度第二学期")],
)
def test_a_term_is_named_by_its_school_year(first_day: date, said: str) -> None:
    assert term_words(first_day) == said


def test_a_letter_has_one_to_fifty_children_of_one_township() -> None:
    assert [bool(choice_refusal(count)) for count in (0, 1, 50, 51)] == [True, False, False, True]
    assert by_township([(1, 7), (2, 8), (3, 7)]) == {7: [1, 3], 8: [2]}
