"""Leave: asked for on its form, shown on the child's page, filled into the roll, ended early or withdrawn."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from agencies.choices import Role
from agencies.models import AuditRow
from students.actions.children import enrol
from students.actions.leave import end_leave
from students.choices import EnrolmentStatus
from students.models import Absence, Leave
from tests import make
from tests.students.pages import House, clock_at, house, open_class, signed_in, text_of

pytestmark = pytest.mark.django_db
ASKED: dict[str, str] = {
    "kind": "sick",
    "first_day": "2026-11-11",
    "last_day": "2026-11-13",
    "asked_by": "周母",
    "relation": "母亲",
    "proof": "县医院诊断证明",
}


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def teacher(place: House) -> Client:
    return signed_in(Role.CLASS_TEACHER, place.school_class, "王老师")


def ask(client: Client, child: Any, **changes: str) -> Any:
    return client.post(f"/leave/new/?student={child.pk}", {**ASKED, **changes})


def test_a_leave_is_recorded_and_fills_the_roll_of_its_days(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        form = text_of(teacher.get(f"/leave/new/?student={child.pk}"))
        assert 'value="周母"' in form
        answer = ask(teacher, child)
        assert (answer.status_code, answer["Location"]) == (302, f"/students/{child.pk}/")
        page = text_of(teacher.get(answer["Location"]))
        assert "已登记病假：2026-11-11（周三）至2026-11-13（周五），共3个上课日" in page
        assert "县医院诊断证明" in page
        open_class(teacher, place.school_class).save()
    assert Absence.objects.get().reason == "sick"
    assert AuditRow.objects.filter(verb="leave_recorded", child_number=child.number).exists()


def test_a_child_not_back_the_day_after_is_simply_absent(place: House, teacher: Client) -> None:
    child = make.child(place.school_class)
    with clock_at():
        ask(teacher, child, last_day="2026-11-11")
    with clock_at(make.DAY + timedelta(days=1)):
        assert open_class(teacher, place.school_class).seen[child.pk] == ""


def test_the_day_after_a_leave_the_page_says_that_the_child_is_expected(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        ask(teacher, child, first_day="2026-11-11", last_day="2026-11-13")
    monday, tuesday = date(2026, 11, 16), date(2026, 11, 17)
    address = f"/roll/{place.school_class.pk}/"
    with clock_at(make.DAY):
        assert "病假至 2026-11-13（周五）" in text_of(teacher.get(address))
    with clock_at(monday):
        assert "病假已满，未到记无故" in text_of(teacher.get(address))
    with clock_at(tuesday):
        assert "病假已满" not in text_of(teacher.get(address))


def test_a_leave_over_days_already_taken_says_so_and_changes_nothing(place: House, teacher: Client) -> None:
    child = make.child(place.school_class)
    make.roll(place.school_class, make.DAY, {child: "unexcused"})
    with clock_at():
        page = text_of(teacher.get(ask(teacher, child)["Location"]))
    day = f'<a href="/roll/{place.school_class.pk}/">2026-11-11（周三）</a>'
    assert f"{day}已点过名，原登记没有改动" in page
    assert Absence.objects.get().reason == "unexcused"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last_day": "2026-11-10"}, "结束日期早于开始日期2026-11-11（周三）"),
        ({"first_day": "2026-09-01"}, "请填2026-10-12（周一）至2027-05-10（周一）之间的日期"),
        ({"last_day": "2028-11-10"}, "之间的日期；更长的请办理休学"),
        ({"first_day": "gestern"}, "从哪天"),
        ({"first_day": ""}, "从哪天"),
        ({"asked_by": ""}, "请假人"),
        ({"kind": "holiday"}, "类别"),
        ({"note": "长" * 201}, "事由"),
    ],
)
def test_a_wrong_leave_is_refused_with_a_sentence(
    place: House, teacher: Client, changes: dict[str, str], sentence: str
) -> None:
    child = make.child(place.school_class)
    with clock_at():
        answer = ask(teacher, child, **changes)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not Leave.objects.exists()


def test_leaves_do_not_overlap_and_a_form_sent_twice_is_one_leave(place: House, teacher: Client) -> None:
    child = make.child(place.school_class)
    with clock_at():
        ask(teacher, child)
        again = ask(teacher, child)
    assert again.status_code == 400
    assert "重叠" in text_of(again)
    assert Leave.objects.count() == 1


def test_a_child_back_early_is_expected_again(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    with clock_at():
        ask(teacher, child)
        leave = Leave.objects.get()
        assert "提前返校" in text_of(teacher.get(f"/students/{child.pk}/"))
        answer = teacher.post(f"/leave/{leave.pk}/end/", {"last_day": "2026-11-11"})
        assert "请假已改为2026-11-11（周三）止" in text_of(teacher.get(answer["Location"]))
    with clock_at(make.DAY + timedelta(days=1)):
        assert open_class(teacher, place.school_class).seen[child.pk] == ""


def test_a_leave_is_withdrawn_by_ending_it_before_it_began(place: House, teacher: Client) -> None:
    child = make.child(place.school_class)
    with clock_at():
        ask(teacher, child)
        leave = Leave.objects.get()
        teacher.post(f"/leave/{leave.pk}/end/", {"last_day": "2026-11-10"})
        assert "王老师已撤销" in text_of(teacher.get(f"/students/{child.pk}/"))
        assert open_class(teacher, place.school_class).seen[child.pk] == ""
        assert ask(teacher, child).status_code == 302


@pytest.mark.parametrize("last_day", ["", "x", "2026-11-01", "2026-12-01", "9999-12-31"])
def test_a_wrong_end_changes_nothing_and_says_why(place: House, teacher: Client, last_day: str) -> None:
    child = make.child(place.school_class)
    with clock_at():
        ask(teacher, child)
        leave = Leave.objects.get()
        answer = teacher.post(f"/leave/{leave.pk}/end/", {"last_day": last_day})
        assert "flash-error" in text_of(teacher.get(answer["Location"]))
    leave.refresh_from_db()
    assert (str(leave.last_day), leave.ended_at) == ("2026-11-13", None)


def test_a_leave_withdrawn_later_stands_for_none_of_its_days(place: House, teacher: Client) -> None:
    child, after = make.child(place.school_class, "安小明"), make.DAY + timedelta(days=1)
    with clock_at():
        ask(teacher, child)
    with clock_at(after):
        teacher.post(f"/leave/{Leave.objects.get().pk}/end/", {"last_day": "2026-11-10"})
        late = open_class(teacher, place.school_class, make.DAY)
        assert late.seen[child.pk] == ""
        late.save()
    assert not Absence.objects.exists()


def test_a_leave_that_somebody_has_just_withdrawn_is_not_ended_again(place: House, teacher: Client) -> None:
    with clock_at():
        ask(teacher, make.child(place.school_class, "安小明"))
    stale = Leave.objects.get()
    given = {"by": make.SYSTEM, "school_class": place.school_class, "now": make.moment(make.DAY)}
    end_leave(leave=Leave.objects.get(), last_day=stale.first_day - timedelta(days=1), **given)
    with pytest.raises(ValueError, match="已经撤销"):
        end_leave(leave=stale, last_day=stale.first_day, **given)
    assert Leave.objects.get().last_day == stale.last_day
    assert AuditRow.objects.filter(verb="leave_ended").count() == 1


def test_strangers_do_not_find_the_child_and_others_may_not_ask(place: House, teacher: Client) -> None:
    child, stranger = make.child(place.school_class), make.child(place.other_class)
    unplaced = make.child(None, residence=place.village)
    with clock_at():
        ask(teacher, child)
        end = f"/leave/{Leave.objects.get().pk}/end/"
        other = signed_in(Role.CLASS_TEACHER, place.other_class)
        for client, pk in ((teacher, stranger.pk), (teacher, 99999), (teacher, "abc"), (teacher, unplaced.pk)):
            assert client.get(f"/leave/new/?student={pk}").status_code == 404
        assert teacher.get("/leave/new/").status_code == 404
        assert other.post(end, {"last_day": "2026-11-11"}).status_code == 404
        village = signed_in(Role.VILLAGE_SECRETARY, place.village)
        assert village.get(f"/leave/new/?student={child.pk}").status_code == 403
        assert village.post(end, {}).status_code == 403


def test_a_school_a_child_has_left_may_look_but_not_write(place: House, teacher: Client) -> None:
    child = make.child(place.school_class, "安小明")
    make_moved(child, place)
    with clock_at():
        assert ask(teacher, child).status_code == 403


def make_moved(child: Any, place: House) -> None:
    enrol(
        by=make.SYSTEM,
        student=child,
        school_class=place.other_class,
        status=EnrolmentStatus.IN_SCHOOL,
        on=make.DAY - timedelta(days=5),
        now=make.moment(make.DAY - timedelta(days=5)),
    )
