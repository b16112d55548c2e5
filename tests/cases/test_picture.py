"""A case in words: stages with the worst of their duties, what events say, lateness, missing children."""

from datetime import date, datetime
from typing import Any

from cases.choices import EventKind, Stage
from cases.rules.facts import Event
from cases.rules.picture import event_text, event_title, ladder_picture, recorded_words, visit_notes
from cases.rules.safeguard import unreported, wanted_at_once
from cases.rules.transitions import bars
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import Mark
from tests.cases.stories import TOWN, absent, at, event, roll, stands

MON, TUE, WED = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)


def states(on: date, *events: Event) -> dict[str, str]:
    standing = stands(roll(*absent(MON, on)), events, on)
    return {rung.label: f"{rung.state} {rung.state_label}" for rung in ladder_picture(TOWN, standing)}


def test_the_ladder_shows_every_stage_of_the_plan_and_the_worst_duty_of_each() -> None:
    assert states(MON) == {
        "学校劝返": "now 进行中",
        "村级核查": "ahead 未到",
        "乡镇督办": "ahead 未到",
        "司法程序": "ahead 未到",
        "返校观察": "ahead 未到",
        "销号": "ahead 未到",
    }
    assert states(WED)["学校劝返"] == "late 逾期2天"
    called = event(1, EventKind.PHONE_CALL, MON, result="connected")
    assert states(TUE, called)["学校劝返"] == "done 已办"


def test_a_title_says_the_result_and_the_text_the_rest() -> None:
    data: dict[str, Any] = {"result": "no_answer", "note": "晚上再打", "cause": "weary"}
    assert event_title(EventKind.PHONE_CALL, data) == "电话联系（未接）"
    assert event_text(EventKind.PHONE_CALL, data) == "旷课原因：厌学；备注：晚上再打"
    assert event_title(EventKind.PERSUASION, {"result": "continue"}, 3) == "劝返（第3次）"
    assert event_text(EventKind.FLAGGED, {"from_old_list": True, "calls": "2"}) == "已电话2次"
    assert event_text(EventKind.HOME_VISIT, {"told_duty": True}) == "已告知监护人法定责任：是"


def test_only_what_was_recorded_on_a_later_day_is_late() -> None:
    assert recorded_words(MON, datetime(2026, 11, 9, 23, 59, tzinfo=at(MON).tzinfo)) == ""
    assert recorded_words(MON, at(WED, 16)) == "11-11 16:00 录入，晚2天"


def test_visits_are_told_newest_first_with_their_day_in_words() -> None:
    visits = [(MON, "张老师", "入户家访"), (TUE, "村书记", "村级入户核查")]
    assert visit_notes(visits, WED) == ("昨天 村书记 已村级入户核查", "前天 张老师 已入户家访")


def test_a_missing_child_asks_for_call_and_police_until_both_stand_or_it_is_found() -> None:
    mark = Mark(MON, PartOfDay.DAY, AbsenceReason.WHEREABOUTS_UNKNOWN, at(MON))
    called = event(1, EventKind.PHONE_CALL, MON, result="no_answer")
    found = event(2, EventKind.WHEREABOUTS_FOUND, TUE, whereabouts="外婆家")
    assert wanted_at_once([mark], [], MON) == (EventKind.PHONE_CALL, EventKind.POLICE_REPORTED)
    assert wanted_at_once([mark], [called], MON) == (EventKind.POLICE_REPORTED,)
    assert wanted_at_once([mark], [called, found], TUE) == ()
    assert wanted_at_once([Mark(MON, PartOfDay.DAY, AbsenceReason.SICK, at(MON))], [], MON) == ()


def test_harm_is_to_be_reported_until_a_report_made_since_stands() -> None:
    early = event(1, EventKind.POLICE_REPORTED, MON, station="云溪派出所")
    harm = event(2, EventKind.HOME_VISIT, TUE, cause="harmed")
    later = event(3, EventKind.POLICE_REPORTED, WED, station="云溪派出所")
    assert unreported([early, harm], TUE) == harm
    assert unreported([harm, later], WED) is None
    assert unreported([harm], MON) is None
    assert unreported([event(4, EventKind.HOME_VISIT, MON, cause="weary")], MON) is None


def test_what_no_form_could_change_bars_an_event() -> None:
    standing = stands(roll(*absent(MON, WED)), (), WED)
    assert bars(standing, EventKind.PHONE_CALL) == []
    assert bars(standing, EventKind.REPORT_RECEIVED) == ["学校尚未登记书面报告，不能接收"]
    assert bars(standing, EventKind.RETURN_CONFIRMED) == ["尚未登记返校，请先登记返校日期"]
    assert standing.stage == Stage.SCHOOL
