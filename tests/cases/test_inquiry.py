"""Where the school may be the cause the bureau inquires: its duty, its list, its record, and no other's."""

from datetime import date

import pytest
from django.urls import reverse

from agencies.choices import Role
from agencies.models import User
from cases.actions.events import NewEvent, record_event
from cases.choices import DutyState, EventKind, Outcome, Stage
from cases.models import Case
from cases.rules.closing import approver_of, check_closing
from cases.rules.picture import ladder_picture
from cases.rules.wording import OF_THE_SCHOOL
from tests import make
from tests.cases.scene import Scene, absent_scene, at, client, text_of
from tests.cases.stories import TOWN, absent, event, roll, stands

pytestmark = pytest.mark.django_db
D, K = date, EventKind
AWAY = absent(D(2026, 11, 2), D(2026, 11, 6))
CALL = event(1, K.PHONE_CALL, D(2026, 11, 2), result="connected", cause="bullying")
STEP = "law-inquiry"


@pytest.mark.parametrize("cause", sorted(OF_THE_SCHOOL))
def test_each_such_cause_opens_the_bureaus_duty_for_three_working_days(cause: str) -> None:
    called = event(1, K.PHONE_CALL, D(2026, 11, 2), result="connected", cause=cause)
    duty = stands(roll(*AWAY), (called,), D(2026, 11, 2)).duty(STEP)
    assert duty is not None
    assert (duty.owner, duty.state, duty.due_on) == (Role.BUREAU_OFFICER, DutyState.OPEN, D(2026, 11, 5))
    weary = event(1, K.PHONE_CALL, D(2026, 11, 2), result="connected", cause="weary")
    assert stands(roll(*AWAY), (weary,), D(2026, 11, 2)).duty(STEP) is None


def test_the_case_stays_on_its_rung_of_the_ladder() -> None:
    standing = stands(roll(*AWAY), (CALL,), D(2026, 11, 2))
    assert standing.stage == Stage.SCHOOL
    assert str(Stage.COUNTY.label) not in [rung.label for rung in ladder_picture(TOWN, standing)]


def test_a_return_does_not_end_the_inquiry_and_no_case_ends_before_it() -> None:
    back = event(2, K.RETURN_CONFIRMED, D(2026, 11, 9), by="学校", proof="点名")
    on = D(2026, 12, 31)
    standing = stands(roll(*AWAY), (CALL, back), on)
    duty = standing.duty(STEP)
    assert duty is not None
    assert duty.state == DutyState.OVERDUE
    assert approver_of(TOWN, standing) == TOWN.closing.approver
    assert not standing.closable
    for outcome in (Outcome.RETURNED, Outcome.TRANSFERRED):
        assert "尚未办结：调查涉及学校的原因（教育局专干）" in check_closing(TOWN, standing, outcome, "凭证").missing
    found = event(3, K.INQUIRED, D(2026, 11, 12), result="unfounded", by="李专干", record="已核实")
    restored = event(4, K.ENROLMENT_RESTORED, D(2026, 11, 10), act="restored")
    done = stands(roll(*AWAY), (CALL, back, found, restored), on)
    assert done.closable
    assert not any("调查" in text for text in check_closing(TOWN, done, Outcome.TRANSFERRED, "凭证").missing)


def bullied() -> tuple[Scene, Case]:
    place, case = absent_scene()
    make.event(case, K.PHONE_CALL, result="connected", cause="bullying")
    case.refresh_from_db()
    return place, case


def listed(who: User) -> str:
    with at(hour=16):
        return text_of(client(who).get(reverse("cases:work")))


def test_it_waits_on_the_bureaus_list_and_on_nobody_elses() -> None:
    place, case = bullied()
    bureau = place.person(Role.BUREAU_OFFICER, place.county)
    door = reverse("cases:event_new", args=[case.pk, K.INQUIRED])
    page = listed(bureau)
    assert "调查核实并登记结论，不交该校自查" in page
    assert door in page
    for who in (place.teacher, place.person(Role.PRINCIPAL, place.school), place.officer):
        assert "调查核实并登记结论" not in listed(who)
    # The line of the case still names who persuades, not who inquires.
    assert case.owner_role != Role.BUREAU_OFFICER


def test_the_bureau_records_what_it_found_and_the_school_may_not() -> None:
    place, case = bullied()
    bureau, url = (
        place.person(Role.BUREAU_OFFICER, place.county),
        reverse("cases:event_new", args=[case.pk, K.INQUIRED]),
    )
    for who in (place.teacher, place.person(Role.PRINCIPAL, place.school), place.officer):
        with at(hour=16):
            assert client(who).get(url).status_code == 403
    sent = {
        "happened_on": make.DAY.isoformat(),
        "result": "confirmed",
        "by": "李专干",
        "record": "听取家长和两名同学陈述",
    }
    with at(hour=16):
        page = text_of(client(bureau).get(url))
        assert f'value="{bureau.name}"' in page
        assert "请填写调查情况" in text_of(client(bureau).post(url, {**sent, "record": ""}))
        assert client(bureau).post(url, sent).status_code == 302
    assert "调查核实并登记结论" not in listed(bureau)
    case.refresh_from_db()
    assert "由教育局调查" not in case.sentence


def test_whom_the_bureau_inquired_of_is_not_told_to_the_school() -> None:
    place, case = bullied()
    bureau = place.person(Role.BUREAU_OFFICER, place.county)
    found = NewEvent(K.INQUIRED, make.DAY, {"result": "confirmed", "by": "李专干", "record": "听取两名同学陈述"})
    record_event(by=make.actor(bureau), case=case, event=found, now=make.moment(make.DAY, 15))
    url = reverse("cases:case", args=[case.pk])
    with at(hour=16):
        for who, knows in (
            (bureau, True),
            (place.person(Role.BUREAU_HEAD, place.county), True),
            (place.teacher, False),
        ):
            page = text_of(client(who).get(url))
            assert ("听取两名同学陈述" in page) is knows
            assert ("涉校原因调查（限制信息）" in page) is not knows
