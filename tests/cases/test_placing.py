"""An approved application moves the enrolment with the event; a return and a correction bring it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from agencies.choices import Role
from agencies.models import AuditRow
from agencies.queries.calendars import calendar_of
from cases.actions.events import EventRefusedError, NewEvent, record_event, supersede_event
from cases.actions.opening import begin_case
from cases.choices import EventKind
from cases.models import Case, Event
from students.choices import EnrolmentStatus as Status
from students.models import Enrolment, RollCall, Student
from students.queries.roll import class_children
from students.queries.silence import expected_in
from students.web import class_url
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db

APPLICATIONS = [
    {
        "key": key,
        "name": name,
        "deciders": ["township_head"],
        "longest": {"months": 12},
        "clause": "七",
        "quote": "监护人提出书面申请",
    }
    for key, name in (
        ("suspension", "休学"),
        ("postponement", "缓学"),
        ("home_teaching", "送教上门"),
        ("abroad", "短期出国"),
        ("vocational", "职业学校就读"),
        ("resumption", "复学"),
    )
]
UNTIL = date(2026, 12, 31)


def applying() -> tuple[Scene, Case]:
    """A township whose plan knows applications, a child of the class and the case its guardian's application began."""
    place = scene()
    make.plan(place.township, "jiaotan-2025", on=date(2026, 9, 2), applications=APPLICATIONS)
    return place, begun(place, place.child())


def begun(place: Scene, student: Student, application: str = "suspension") -> Case:
    data = {
        "application": application,
        "guardian": "周母",
        "reason": "腿部骨折",
        "from": "2026-11-11",
        "proof": "证明",
    }
    event = NewEvent(EventKind.APPLIED, make.DAY, data)
    return begin_case(by=make.SYSTEM, student=student, event=event, now=make.moment(make.DAY))


def decide(place: Scene, case: Case, application: str = "suspension", on: date = make.DAY, **data: Any) -> Event:
    head = make.actor(place.person(Role.TOWNSHIP_HEAD))
    until = data.pop("until", UNTIL)
    said = {"application": application, "decision": "approved", "by": "镇人民政府", "from": on.isoformat(), **data}
    said |= {"until": until.isoformat()} if until else {}
    new = NewEvent(kind=EventKind.APPLICATION_DECIDED, happened_on=on, data=said)
    return record_event(by=head, case=case, event=new, now=make.moment(on, 15))


def standing(case: Case) -> tuple[str, date, date | None]:
    row = Enrolment.objects.get(student_id=case.student_id, last_day__isnull=True)
    return row.status, row.first_day, row.until


def expected(place: Scene, day: date) -> int:
    return expected_in([place.school_class.pk], day).get(place.school_class.pk, 0)


def test_an_approved_suspension_ends_the_enrolment_row_and_begins_one_with_its_last_day() -> None:
    place, case = applying()
    decide(place, case)
    assert standing(case) == (Status.SUSPENDED, make.DAY, UNTIL)
    before = Enrolment.objects.get(student_id=case.student_id, status=Status.IN_SCHOOL)
    assert before.last_day == make.DAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("application", "status"),
    [
        ("postponement", Status.POSTPONED),
        ("home_teaching", Status.HOME_TAUGHT),
        ("abroad", Status.LONG_LEAVE),
        ("vocational", Status.LONG_LEAVE),
    ],
)
def test_each_application_has_its_standing(application: str, status: Status) -> None:
    place, case = applying()
    decide(place, case, application)
    assert standing(case) == (status, make.DAY, UNTIL)


def test_the_register_leaves_the_child_out_until_the_last_day_and_expects_it_the_day_after() -> None:
    place, case = applying()
    place.child("周小宁")
    decide(place, case)
    assert (expected(place, UNTIL), expected(place, UNTIL + timedelta(days=1))) == (1, 2)
    lines = {
        day: {
            line.student_id: line
            for line in class_children(place.school_class, day, calendar_of(place.school_class, day))
        }
        for day in (UNTIL, UNTIL + timedelta(days=1))
    }
    assert lines[UNTIL][case.student_id].away == "休学至2026-12-31（周四）"
    assert lines[UNTIL + timedelta(days=1)][case.student_id].expected
    make.roll(place.school_class, make.DAY)
    assert RollCall.objects.get(school_class=place.school_class, day=make.DAY).expected == 1


def test_the_class_page_says_why_the_name_is_left_out() -> None:
    place, case = applying()
    decide(place, case)
    with at(hour=16):
        page = text_of(client(place.teacher).get(f"/roll/{place.school_class.pk}/"))
    assert "休学至2026-12-31（周四）" in page


def test_vocational_school_may_stand_without_a_last_day() -> None:
    place, case = applying()
    decide(place, case, "vocational", until=None)
    assert standing(case) == (Status.LONG_LEAVE, make.DAY, None)
    assert expected(place, date(2027, 1, 20)) == 0


def test_a_renewal_begins_a_row_with_the_new_last_day() -> None:
    place, case = applying()
    decide(place, case)
    later = date(2026, 12, 1)
    decide(place, case, on=later, until=date(2027, 3, 31))
    assert standing(case) == (Status.SUSPENDED, later, date(2027, 3, 31))


def test_a_refused_application_moves_nothing() -> None:
    place, case = applying()
    decide(place, case, decision="refused")
    assert standing(case) == (Status.IN_SCHOOL, make.TERM_START, None)


def test_a_return_on_record_and_an_approved_resumption_bring_the_child_back() -> None:
    place, case = applying()
    decide(place, case)
    back = date(2026, 11, 20)
    make.event(case, EventKind.RETURNED, back)
    assert standing(case) == (Status.IN_SCHOOL, back, None)
    other = begun(place, place.child("周小宁"))
    decide(place, other)
    decide(place, other, "resumption", on=back, until=None)
    assert standing(other) == (Status.IN_SCHOOL, back, None)


def test_a_return_of_a_child_that_was_in_class_all_along_moves_nothing() -> None:
    place = scene()
    (case,) = place.absent(place.child())
    make.event(case, EventKind.RETURNED, make.DAY)
    assert standing(case) == (Status.IN_SCHOOL, make.TERM_START, None)


def test_superseding_the_decision_takes_the_standing_back() -> None:
    place, case = applying()
    event = decide(place, case)
    supersede_event(
        by=make.actor(place.people[Role.TOWNSHIP_HEAD]), event=event, why="登错人", now=make.moment(make.DAY, 16)
    )
    assert standing(case) == (Status.IN_SCHOOL, make.TERM_START, None)
    assert Enrolment.objects.filter(student_id=case.student_id).count() == 1


def test_a_corrected_decision_gives_the_right_last_day_instead() -> None:
    place, case = applying()
    event = decide(place, case)
    right = NewEvent(
        kind=EventKind.APPLICATION_DECIDED,
        happened_on=make.DAY,
        data={**event.data, "until": "2026-11-30"},
    )
    head = make.actor(place.people[Role.TOWNSHIP_HEAD])
    supersede_event(by=head, event=event, why="日期登错", now=make.moment(make.DAY, 16), instead=right)
    assert standing(case) == (Status.SUSPENDED, make.DAY, date(2026, 11, 30))


def test_superseding_after_the_return_leaves_the_child_in_class() -> None:
    place, case = applying()
    event = decide(place, case)
    make.event(case, EventKind.RETURNED, date(2026, 11, 20))
    supersede_event(by=make.SYSTEM, event=event, why="登错人", now=make.moment(date(2026, 11, 21), 16))
    assert standing(case) == (Status.IN_SCHOOL, date(2026, 11, 20), None)
    assert not Enrolment.objects.filter(student_id=case.student_id, status=Status.SUSPENDED).exists()


def test_a_time_still_to_begin_is_overtaken_by_an_earlier_return() -> None:
    place, case = applying()
    decide(place, case, **{"from": "2026-12-01"})
    assert standing(case) == (Status.SUSPENDED, date(2026, 12, 1), UNTIL)
    assert expected(place, date(2026, 11, 30)) == 1
    make.event(case, EventKind.RETURNED, date(2026, 11, 12))
    assert standing(case) == (Status.IN_SCHOOL, make.TERM_START, None)


def test_a_child_without_an_enrolment_stays_without_one() -> None:
    place, _ = applying()
    case = begun(place, make.child(None, residence=place.village))
    decide(place, case)
    assert not Enrolment.objects.filter(student_id=case.student_id).exists()


def test_the_decider_needs_no_right_to_change_children_and_the_trail_names_both() -> None:
    place, case = applying()
    decide(place, case)
    who = place.people[Role.TOWNSHIP_HEAD]
    rows = AuditRow.objects.filter(child_number=case.student.number, actor_id=who.pk)
    assert {(row.verb, row.actor) for row in rows} >= {
        ("event_recorded", who.name),
        ("child_moved", f"{who.name}（审批后自动变更）"),
    }


def test_who_may_not_decide_moves_nothing() -> None:
    place, case = applying()
    new = NewEvent(kind=EventKind.APPLICATION_DECIDED, happened_on=make.DAY, data={"application": "suspension"})
    with pytest.raises(PermissionDenied):
        record_event(by=make.actor(place.teacher), case=case, event=new, now=make.moment(make.DAY))
    with pytest.raises(EventRefusedError):
        decide(place, case, until=date(2028, 1, 1))
    assert standing(case) == (Status.IN_SCHOOL, make.TERM_START, None)


def test_the_reason_of_an_application_and_the_evaluation_show_only_to_whom_may_know() -> None:
    place, case = applying()
    by = "县残疾人教育专家委员会"
    data = {"way": "home_taught", "by": by, "number": "3"}
    said = NewEvent(kind=EventKind.EVALUATED, happened_on=make.DAY, data=data)
    record_event(by=make.SYSTEM, case=case, event=said, now=make.moment(make.DAY, 15))
    with at(hour=16):
        covered = text_of(client(place.teacher).get(f"/cases/{case.pk}/"))
        whole = text_of(client(place.person(Role.TOWNSHIP_HEAD)).get(f"/cases/{case.pk}/"))
    assert "专家委员会评估（限制信息）" in covered
    assert "腿部骨折" not in covered
    assert by not in covered
    assert "腿部骨折" in whole
    assert by in whole


@pytest.mark.parametrize("application", ["home_teaching", "suspension", "abroad"])
def test_a_child_whose_approved_time_is_up_is_expected_again_and_the_class_page_says_why(application: str) -> None:
    place, case = applying()
    decide(place, case, application, until=date(2026, 11, 18))
    after = date(2026, 11, 19)
    assert [expected(place, day) for day in (date(2026, 11, 18), after)] == [0, 1]
    (line,) = class_children(place.school_class, after, calendar_of(place.school_class, after))
    assert line.expected
    assert line.time_up.endswith("至2026-11-18（周三）已到期")
    with at(after):
        shown = text_of(client(place.teacher).get(class_url(place.school_class.pk, after)))
    assert f"{line.time_up}，未到记无故" in shown


def test_teaching_at_home_without_a_last_day_goes_on() -> None:
    place, case = applying()
    Enrolment.objects.filter(student=case.student).update(status=Status.HOME_TAUGHT)
    assert expected(place, date(2027, 6, 1)) == 0


def test_an_evaluation_is_recorded_by_the_bureau_under_the_number_of_the_opinion_and_by_nobody_below() -> None:
    place, case = applying()
    url = f"/cases/{case.pk}/events/{EventKind.EVALUATED}/"
    sent = {"happened_on": "2026-11-11", "way": "home_taught", "by": "县残疾人教育专家委员会"}
    bureau = make.person(Role.BUREAU_OFFICER, place.county)
    with at(hour=16):
        for below in (place.officer, place.teacher, place.secretary):
            assert client(below).post(url, sent | {"number": "评〔2026〕3号"}).status_code == 403
        assert "请填写评估意见编号" in text_of(client(bureau).post(url, sent))
        assert client(bureau).post(url, sent | {"number": "评〔2026〕3号"}).status_code == 302


def test_the_page_for_later_proofs_and_the_notice_of_another_s_entry_do_not_tell_what_the_experts_found() -> None:
    place, case = applying()
    case.refresh_from_db()
    data = {"way": "home_taught", "by": "县残疾人教育专家委员会", "number": "评〔2026〕3号"}
    seen = case.version
    bureau, other = (make.person(Role.BUREAU_OFFICER, place.county) for _ in range(2))
    new = NewEvent(kind=EventKind.EVALUATED, happened_on=make.DAY, data=data)
    said = record_event(by=make.actor(bureau), case=case, event=new, now=make.moment(make.DAY, 15))
    with at(hour=16):
        url = f"/events/{said.pk}/proofs/"
        assert "专家委员会评估（送教上门）" in text_of(client(bureau).get(url))
        assert "专家委员会评估（限制信息）" in text_of(client(other).get(url))
        sent = {"happened_on": "2026-11-11", "result": "no_answer", "seen_version": seen}
        told = client(place.teacher).post(f"/cases/{case.pk}/events/{EventKind.PHONE_CALL}/", sent)
    assert told.status_code == 409
    assert "专家委员会评估（限制信息）" in text_of(told)
    assert "专家委员会评估（送教上门）" not in text_of(told)
