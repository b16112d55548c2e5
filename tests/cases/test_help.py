"""帮扶: a child who comes to school is helped by a plan and climbs no ladder until it is absent or flagged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from agencies.choices import Role
from agencies.queries.calendars import calendar_of
from cases.actions.closing import close_case
from cases.actions.events import EventRefusedError, NewEvent, supersede_event
from cases.actions.opening import begin_case
from cases.actions.refresh import refresh_cases, with_units
from cases.choices import CaseOrigin, Cause, EventKind, Outcome, Stage
from cases.models import Case, Event
from cases.queries.case_figures import by_place, case_figures, closed_cases, open_cases
from cases.queries.figures import ground_of
from students.actions.decisions import decide_correction
from students.models import Student
from tests import make
from tests.cases.plans import edit_url, form
from tests.cases.scene import ABSENT_DAYS, Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, WEDNESDAY = ABSENT_DAYS
BEGUN = MONDAY - timedelta(days=4)
SAID = {"difficulty": "learning", "why": "数学跟不上，常说不想读", "person": "王老师"}


def help_begun(place: Scene, child: Student, on: date = BEGUN) -> Case:
    event = NewEvent(EventKind.HELP_BEGUN, on, SAID)
    return begin_case(by=make.actor(place.teacher), student=child, event=event, now=make.moment(on, 15))


def helped() -> tuple[Scene, Case]:
    place = scene()
    return place, help_begun(place, place.child())


def figures_of(place: Scene) -> tuple[Any, ...]:
    """Everything the dashboard of the county counts of cases."""
    ground = ground_of(place.county, make.DAY, make.DAY)
    counted = case_figures(ground)
    places = {name: by_place(ground, name) for name in ("township", "village", "school", "school_class")}
    return counted, places, open_cases(ground).count(), closed_cases(ground).count()


def corrected(place: Scene) -> None:
    """The child was there on Wednesday after all, and the headmaster agrees."""
    own, now = calendar_of(place.school_class, WEDNESDAY), make.moment(WEDNESDAY, 16)
    teacher, head = make.actor(place.teacher), make.actor(place.person(Role.PRINCIPAL, place.school))
    for waiting in make.roll(place.school_class, WEDNESDAY, {}, by=teacher, at=now, why="看错了").waiting:
        decide_correction(by=head, correction=waiting, approve=True, why="属实", calendar=own, now=now)


def end(place: Scene, case: Case, on: date = make.DAY) -> None:
    close_case(
        by=make.actor(place.person(Role.PRINCIPAL, place.school)),
        case=case,
        outcome=Outcome.HELP_ENDED,
        proof="月考及格，目标已达成",
        now=make.moment(on, 16),
    )


def test_help_is_begun_in_one_form_and_the_plan_comes_next() -> None:
    place = scene()
    child = place.child()
    url = reverse("cases:begin", args=[child.pk, EventKind.HELP_BEGUN])
    with at():
        browser = client(place.teacher)
        assert url in text_of(browser.get(reverse("students:child", args=[child.pk])))
        shown = text_of(browser.get(url))
        answer = browser.post(url, {"happened_on": make.DAY.isoformat(), "token": "a" * 32, **SAID})
        case = Case.objects.get(student=child)
        assert answer.headers["Location"] == edit_url(case)
        runs = text_of(browser.get(reverse("students:child", args=[child.pk])))
        waiting = text_of(browser.get(reverse("cases:work")))
        written = text_of(browser.get(edit_url(case)))
        assert browser.post(edit_url(case), form(case)).status_code == 302
        page = text_of(browser.get(reverse("cases:case", args=[case.pk])))
        work = text_of(browser.get(reverse("cases:work")))
    assert "开始帮扶（未缺课，不进入劝返流程）" in shown
    assert f'name="person" value="{place.teacher.name}"' in shown
    assert url not in runs
    assert f'href="{reverse("cases:case", args=[case.pk])}">看帮扶记录</a>' in runs
    assert waiting.count("还没有制定一生一策") == 1
    assert f'href="{edit_url(case)}' in waiting
    assert "数学跟不上，常说不想读</textarea>" in written
    assert "目标返校日期" not in written
    assert 'name="person" value="王老师"' in written
    assert "按一生一策帮扶；下次复查2026-12-11（周五）" in page
    assert "帮扶中" in page
    assert "帮扶责任人</dt><dd>王老师" in page
    assert "未指定" not in page
    assert "疑似辍学" not in page
    assert child.name not in work
    case.refresh_from_db()
    assert (case.origin, case.stage, case.cause) == (CaseOrigin.HELP, Stage.HELP, Cause.LEARNING)
    assert not case.duties.exists()


def test_a_helped_child_is_in_no_figure_nor_in_the_queue_unless_asked_for() -> None:
    place = scene()
    child = place.child()
    place.absent(place.child("周小平"))
    before = figures_of(place)
    case = help_begun(place, child)
    during = figures_of(place)
    with at():
        browser, queue = client(place.teacher), reverse("cases:queue")
        shown = [text_of(browser.get(queue, {"stage": stage})) for stage in ("", "help")]
        named = text_of(browser.get(queue, {"q": child.name}))
    end(place, case)
    with at():
        ended = [text_of(browser.get(queue, {"state": state})) for state in ("closed", "helped", "all")]
    assert during == before == figures_of(place)
    assert [child.name in page for page in shown] == [False, True]
    assert ["<h1>帮扶中的学生</h1>" in page for page in shown] == [False, True]
    assert f"{queue}?stage=help" in shown[0]
    assert f'">{child.name}</a>' in named
    assert [child.name in page for page in ended] == [False, True, True]


def test_absence_turns_the_record_into_a_case_from_that_day_and_its_correction_turns_it_back() -> None:
    place, case = helped()
    with at(BEGUN):
        client(place.teacher).post(edit_url(case), form(case, happened_on=BEGUN.isoformat()))
    make.rolls(place.school_class, ABSENT_DAYS[:2], {})
    make.roll(place.school_class, WEDNESDAY, {case.student: "unexcused"})
    case.refresh_from_db()
    assert Case.objects.count() == 1
    assert (case.stage, case.opened_on, case.relapses) == (Stage.SCHOOL, WEDNESDAY, 0)
    assert list(case.duties.values_list("step", flat=True)) == ["phone"]
    assert figures_of(place)[2] == 1
    with at():
        page = text_of(client(place.teacher).get(reverse("cases:case", args=[case.pk])))
    assert "看一生一策" in page
    assert "疑似辍学" in page
    corrected(place)
    case.refresh_from_db()
    assert (case.stage, case.opened_on, case.duties.count()) == (Stage.HELP, BEGUN, 0)
    assert figures_of(place)[2] == 0


def test_a_flag_is_entered_in_the_record_and_begins_the_ladder() -> None:
    place, case = helped()
    url = reverse("cases:begin", args=[case.student_id, EventKind.FLAGGED])
    there = reverse("cases:event_new", args=[case.pk, EventKind.FLAGGED])
    with at():
        browser = client(place.teacher)
        assert browser.get(url).headers["Location"] == there
        answer = browser.post(there, {"happened_on": make.DAY.isoformat(), "why": "说明天不来了", "token": "f1"})
        assert answer.status_code == 302
        assert browser.get(there).status_code == 404
    case.refresh_from_db()
    assert (case.stage, case.opened_on, case.origin) == (Stage.SCHOOL, make.DAY, CaseOrigin.HELP)
    assert list(case.duties.values_list("step", flat=True)) == ["phone"]
    with pytest.raises(EventRefusedError, match="已进入劝返流程"):
        make.event(case, EventKind.HELP_BEGUN, **SAID)


def test_what_belongs_to_the_ladder_is_refused_and_not_offered_while_a_child_is_helped() -> None:
    place, case = helped()
    for kind in (EventKind.PERSUASION, EventKind.RETURNED, EventKind.REPORT_SENT, EventKind.DROPOUT_CONFIRMED):
        with pytest.raises(EventRefusedError, match=f"没有缺课，不登记“{kind.label}”"):
            make.event(case, kind)
    with pytest.raises(EventRefusedError, match="已在帮扶中"):
        make.event(case, EventKind.HELP_BEGUN, **SAID)
    with at():
        teacher = text_of(client(place.teacher).get(reverse("cases:case", args=[case.pk])))
        officer = text_of(client(place.officer).get(reverse("cases:case", args=[case.pk])))
        papers = text_of(client(place.teacher).get(reverse("notices:case_papers", args=[case.pk])))
        drafting = text_of(client(place.officer).get(reverse("notices:draft", args=[case.pk, "order"])))
    assert reverse("cases:event_new", args=[case.pk, EventKind.RETURNED]) not in teacher
    assert reverse("cases:event_new", args=[case.pk, EventKind.FLAGGED]) in teacher
    assert reverse("cases:event_new", args=[case.pk, EventKind.PERSUASION]) not in officer
    assert "出具" not in papers
    assert "没有缺课，不出具劝返文书" in drafting


def test_help_ends_with_its_result_and_does_not_wipe_out_days_absent() -> None:
    place, case = helped()
    with pytest.raises(EventRefusedError, match="只能以“帮扶结束”办结"):
        close_case(by=make.SYSTEM, case=case, outcome=Outcome.TRANSFERRED, proof="回执", now=make.moment(MONDAY))
    end(place, case, MONDAY)
    case.refresh_from_db()
    assert (case.stage, case.outcome) == (Stage.CLOSED, Outcome.HELP_ENDED)
    with at():
        browser = client(place.teacher)
        page = text_of(browser.get(reverse("cases:case", args=[case.pk])))
        again = text_of(browser.get(reverse("cases:begin", args=[case.student_id, EventKind.HELP_BEGUN])))
        said = text_of(browser.get(reverse("cases:close", args=[case.pk]), follow=True))
        listed = text_of(browser.get(reverse("cases:queue"), {"state": "helped"}))
        ending = Event.objects.get(case=case, kind=EventKind.CLOSED)
        head = client(place.person(Role.PRINCIPAL, place.school))
        back = text_of(head.get(reverse("cases:event_supersede", args=[ending.pk])))
    assert "更正后恢复为帮扶中。" in back
    assert "2026-11-09（周一） 帮扶结束" in page
    assert "上次帮扶2026-11-09（周一）结束" in again
    assert "帮扶已于2026-11-09（周一）结束。" in said
    for shown in (page, again, said, listed):
        assert [
            word for word in ("立案</dt>", "已销号：", ">已销号</span>", "周一）销号", "销号（帮") if word in shown
        ] == []
    make.roll(place.school_class, MONDAY, {case.student: "unexcused"})
    new = Case.objects.get(student=case.student, closed_on__isnull=True)
    assert (new.opened_on, new.origin) == (MONDAY, CaseOrigin.ROLL)
    refresh_cases(by=make.SYSTEM, cases=with_units([new.pk]), on=MONDAY, now=make.moment(MONDAY, 18))
    assert list(new.duties.values_list("step", flat=True)) == ["phone"]


def test_after_its_return_a_child_may_be_helped_again_with_the_measures_left_over() -> None:
    place, case = helped()
    with at(BEGUN):
        client(place.teacher).post(edit_url(case), form(case, happened_on=BEGUN.isoformat()))
    end(place, case, MONDAY)
    again = help_begun(place, case.student, TUESDAY)
    with at():
        written = text_of(client(place.teacher).get(edit_url(again)))
    assert "制定一生一策" in written
    assert "每周补数学两次" in written
    assert again.pk != case.pk


def test_a_case_of_the_ladder_cannot_end_as_help() -> None:
    place = scene()
    (case,) = place.absent(place.child())
    with pytest.raises(EventRefusedError, match="不能以“帮扶结束”销号"):
        end(place, case)


def test_a_wrong_entry_of_help_is_mended_with_its_cause_but_not_taken_away() -> None:
    place, case = helped()
    entry = Event.objects.get(case=case)
    with at():
        asked = text_of(client(place.teacher).get(reverse("cases:event_supersede", args=[entry.pk])))
    assert "请以“结束帮扶”办结，写明误建" in asked
    assert "只作废" not in asked
    with pytest.raises(EventRefusedError, match="以“帮扶结束”办结"):
        supersede_event(by=make.SYSTEM, event=entry, why="登错了", now=make.moment(make.DAY))
    right = NewEvent(EventKind.HELP_BEGUN, BEGUN, SAID | {"difficulty": "inclined"})
    supersede_event(by=make.SYSTEM, event=entry, why="选错", now=make.moment(make.DAY), instead=right)
    case.refresh_from_db()
    assert (case.stage, case.cause) == (Stage.HELP, Cause.NOT_KNOWN)


def test_only_a_child_on_the_books_of_a_school_is_helped() -> None:
    place = scene()
    with pytest.raises(ValueError, match="没有在校登记"):
        begin_case(
            by=make.actor(place.officer),
            student=make.child(None, "周小远", residence=place.village),
            event=NewEvent(EventKind.HELP_BEGUN, BEGUN, SAID),
            now=make.moment(make.DAY),
        )
    assert not Case.objects.exists()


def test_help_is_not_ended_without_saying_what_came_of_it() -> None:
    place, case = helped()
    principal = place.person(Role.PRINCIPAL, place.school)
    with at(make.DAY, 16):
        answer = client(principal).post(f"/cases/{case.pk}/close/", {"outcome": Outcome.HELP_ENDED})
    assert answer.status_code == 400
    assert answer.context["form"].errors["proof"] == ["请填写帮扶评估结果。"]
    case.refresh_from_db()
    assert case.closed_on is None
