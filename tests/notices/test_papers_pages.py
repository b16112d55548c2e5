"""From a case at the township to a served order and a closed file, under each plan; the pages of papers on the way."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.urls import reverse
from lxml import html

from agencies.choices import Role
from cases.actions.moving import move_cases
from cases.choices import EventKind
from cases.models import Case
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice
from notices.queries.held import held_papers
from students.choices import SpecialGroup
from students.models import GroupMembership
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import desk, desk_with_order

pytestmark = [pytest.mark.django_db, pytest.mark.long]
BACK = [date(2026, 11, day) for day in (13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30)]


def test_a_paper_stays_what_it_is_when_its_case_moves_to_a_plan_without_it() -> None:
    here = desk(reported=False, criticised=False)
    with at(make.DAY, 9):
        here.post(here.principal, "draft", here.case.pk, "situation-report", token="r", opinion="", do="issue")
    report, adoption = Notice.objects.get(), make.plan(here.place.township, "datian-2023", on=make.DAY)
    head = make.actor(here.place.person(Role.TOWNSHIP_HEAD))
    move_cases(by=head, adoption=adoption, case_ids=[here.case.pk], reason="改用", now=make.moment(make.DAY, 10))
    with at(make.DAY, 15):
        assert "签收报告单" in text_of(client(here.officer).get(here.url("notice", report.pk)))
        page = text_of(client(here.principal).get(here.url("notice", report.pk)))
        assert all(act in page for act in ("登记用印", "出具撤回函", "作废"))
        letter = {"token": "w", "reason": "缺课天数有误", "contact": "德育处", "phone": "0990-1", "do": "issue"}
        assert here.post(here.principal, "letter", report.pk, "withdrawal", **letter).status_code == 302
    assert [row.layout for row in held_papers(Case.objects.get(), pages=False)] == [PaperLayout.WITHDRAWAL]
    report.refresh_from_db()
    assert report.state == NoticeState.WITHDRAWN


@pytest.mark.parametrize("plan", ["jiaotan-2025", "datian-2023"])
def test_the_whole_way_of_the_papers(plan: str) -> None:
    here = desk(plan, reported=False, criticised=False)
    officer, url = client(here.officer), reverse("cases:case", args=[here.case.pk])
    with at(make.DAY, 9):
        here.post(here.principal, "draft", here.case.pk, here.report_key, token="r", opinion="", do="issue")
        report = Notice.objects.get()
        assert "签收报告单" in text_of(officer.get(here.url("case_papers", here.case.pk)))
        here.post(here.officer, "receive", report.pk)
        assert "乡镇已签收" in text_of(officer.get(here.url("notice", report.pk)))
        talk = {"happened_on": make.DAY, "by": "专干", "guardian": "周大山"}
        event = reverse("cases:event_new", args=[here.case.pk, "criticism"])
        assert officer.post(event, talk).status_code == 302
    notice = here.issued_order()
    with at(date(2026, 11, 12), 11):
        here.serve(notice)
        assert "已送达（直接送达）" in text_of(officer.get(here.url("case_papers", here.case.pk)))
        assert "等待监护人送返" in text_of(officer.get(url))
    make.event(here.case, EventKind.RETURNED, BACK[0])
    make.rolls(here.place.school_class, BACK)
    make.event(here.case, EventKind.ENROLMENT_RESTORED, BACK[1], act="normal")
    with at(BACK[-1], 15):
        data = {"outcome": "returned", "proof": "", "note": "", "sure": "yes"}
        answer = client(here.deputy).post(reverse("cases:close", args=[here.case.pk]), data)
        assert answer.status_code == 302, text_of(answer)
        page = text_of(client(here.deputy).get(here.url("case_papers", here.case.pk)))
    assert Case.objects.get().closed_on == BACK[-1]
    assert notice.number in page
    assert "拟制《" not in page


def test_each_is_offered_only_what_its_body_may_issue() -> None:
    here = desk("datian-2023")
    bureau = here.place.person(Role.BUREAU_HEAD, here.place.county)
    with at():
        papers = {
            user: text_of(client(user).get(here.url("case_papers", here.case.pk))) for user in (bureau, here.officer)
        }
    assert "拟制《限期复学通知书》" in papers[bureau]
    assert "乡镇用" not in papers[bureau]
    assert "缓学申请表" not in papers[bureau]
    assert "拟制《疑似辍学学生劝返情况记录表（乡镇用）》" in papers[here.officer]


def test_the_page_of_a_paper_keeps_its_hash_folded() -> None:
    here, notice = desk_with_order()
    with at():
        page = html.fromstring(client(here.officer).get(here.url("notice", notice.pk)).content)
    (fold,) = page.xpath('//details[summary="校验信息"]')
    assert notice.sha256 in fold.text_content()
    assert "open" not in fold.attrib
    assert "SHA" not in page.xpath('//*[@data-testid="paper-facts"]')[0].text_content()


def test_the_part_of_the_case_page_stands_alone_too() -> None:
    here = desk()
    with at():
        part = client(here.officer).get(here.url("case_papers", here.case.pk), headers={"HX-Request": "true"})
        page = client(here.officer).get(here.url("case_papers", here.case.pk))
    assert "<html" not in text_of(part)
    assert "拟制《限期返校通知书》" in text_of(part)
    assert "<html" in text_of(page)


def test_who_may_not_see_names_sees_none() -> None:
    here, notice = desk_with_order()
    inspector = here.place.person(Role.INSPECTOR, here.place.county)
    with at(make.DAY, 17):
        for name, pk in (("notice", notice.pk), ("case_papers", here.case.pk)):
            page = text_of(client(inspector).get(here.url(name, pk)))
            assert "周大山" not in page
            assert "周小䶮" not in page


@pytest.mark.parametrize("kind", ["nothing", "attachment-5", "receipt"])
def test_a_paper_the_plan_does_not_have_is_not_found(kind: str) -> None:
    here = desk()
    with at():
        assert client(here.officer).get(here.url("draft", here.case.pk, kind)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"planned_service": "2026-11-01"}, "计划送达日期不能早于今天"),
        ({"planned_service": "2028-01-01"}, "请检查年份"),
        ({"planned_service": "明天"}, "日期请写成"),
        ({"guardians": []}, "请至少选择一名监护人"),
        ({"phone": ""}, "请填写联系电话"),
    ],
)
def test_a_draft_with_mistakes_says_each_and_writes_nothing(changes: dict[str, object], says: str) -> None:
    here = desk()
    with at():
        answer = here.draft_order(**changes)
    assert answer.status_code == 400
    assert says in text_of(answer)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("plan", "key", "to"),
    [
        ("jiaotan-2025", "situation-report", "云溪镇人民政府"),
        ("datian-2023", "attachment-5", "云溪镇人民政府"),
    ],
)
def test_a_report_names_whom_its_plan_sends_it_to_and_every_guardian(plan: str, key: str, to: str) -> None:
    here = desk(plan, reported=False, criticised=False)
    with at(make.DAY, 15):
        here.post(here.principal, "draft", here.case.pk, key, token="r", opinion="", do="issue")
    facts = json.loads(Notice.objects.get().facts)["facts"]
    assert facts["government"] == to
    assert facts["guardian"] == "周大山、吴小梅"
    line = "父亲 周大山（13812345678）；母亲 吴小梅（13812345679）"
    assert facts.get("guardians", line) == line


@pytest.mark.parametrize(("role", "knows"), [(Role.TOWNSHIP_OFFICER, False), (Role.TOWNSHIP_HEAD, True)])
def test_a_disability_as_the_cause_is_left_to_the_pen_by_who_may_not_see_it(role: Role, knows: bool) -> None:
    here = desk("datian-2023")
    seen = {"people": "村书记", "cause": "disability", "record": "在家"}
    make.event(here.case, EventKind.VILLAGE_VERIFICATION, make.DAY, by=make.actor(here.place.secretary), **seen)
    maker = here.place.person(role)
    with at(make.DAY, 16):
        page = text_of(client(maker).get(here.url("draft", here.case.pk, "attachment-3")))
        here.post(maker, "draft", here.case.pk, "attachment-3", token="x", do="issue")
    assert json.loads(Notice.objects.latest("pk").facts)["facts"]["reason"] == ("残疾" if knows else "")
    assert ("登记的原因属限制信息，本文书留空" in page) is not knows
    assert "原因尚未查明" not in page


@pytest.mark.parametrize(("role", "ticked"), [(Role.TOWNSHIP_OFFICER, False), (Role.TOWNSHIP_HEAD, True)])
def test_the_box_of_disability_is_ticked_only_by_who_may_see_it(role: Role, ticked: bool) -> None:
    here = desk("datian-2023")
    GroupMembership.objects.create(student=here.child, group=SpecialGroup.DISABLED, first_day=make.TERM_START)
    maker = here.place.person(role)
    with at(make.DAY, 15):
        page = text_of(client(maker).get(here.url("draft", here.case.pk, "attachment-3")))
        here.post(maker, "draft", here.case.pk, "attachment-3", token="x", do="issue")
    text = Notice.objects.get().facts
    assert ("如需勾选残疾，请由有权限的人员制作" in page) is not ticked
    assert ("残疾" in text) is ticked
