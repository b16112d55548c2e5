"""A case in words: stages with the worst of their duties, what events say, lateness, missing children."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from cases.choices import EventKind, Stage
from cases.rules.facts import Event
from cases.rules.picture import event_text, event_title, ladder_picture, recorded_words, visit_notes
from cases.rules.safeguard import alarms, harm_alarm, missing, missing_alarm, unreported
from cases.rules.transitions import bars
from students.choices import AbsenceReason, PartOfDay
from students.rules.attendance import Mark, RollFacts
from tests.cases.stories import TOWN, absent, at, event, roll, stands

MON, TUE, WED = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)


def states(on: date, *events: Event) -> dict[str, str]:
    standing = stands(roll(*absent(MON, on)), events, on)
    return {rung.label: f"{rung.state} {rung.state_label}" for rung in ladder_picture(TOWN, standing)}


def _wanted(roll: RollFacts, events: list[Event], on: date) -> tuple[EventKind, ...]:
    found = missing(roll, events, on)
    return found.wanted if found else ()


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
    assert recorded_words(MON, at(WED, 16)) == "2026-11-11（周三）16:00录入，晚2天"


def test_visits_are_told_newest_first_with_their_day_in_words() -> None:
    visits = [(MON, "张老师", "入户家访"), (TUE, "村书记", "村级入户核查")]
    assert visit_notes(visits, WED) == ("昨天 村书记 已村级入户核查", "前天 张老师 已入户家访")


def test_a_missing_child_asks_for_call_and_police_until_both_stand_or_it_is_found() -> None:
    mark = Mark(MON, PartOfDay.DAY, AbsenceReason.WHEREABOUTS_UNKNOWN, at(MON))
    called = event(1, EventKind.PHONE_CALL, MON, result="no_answer")
    found = event(2, EventKind.WHEREABOUTS_FOUND, TUE, whereabouts="外婆家")
    lost, sick = RollFacts((mark,)), RollFacts((replace(mark, reason=AbsenceReason.SICK),))
    assert _wanted(lost, [], MON) == (EventKind.PHONE_CALL, EventKind.POLICE_REPORTED)
    assert _wanted(lost, [called], MON) == (EventKind.POLICE_REPORTED,)
    assert _wanted(lost, [called, found], TUE) == ()
    concluded = event(3, EventKind.POLICE_CONCLUSION, TUE, conclusion="found", by="派出所", record="在外婆家")
    assert _wanted(lost, [called, concluded], TUE) == ()
    assert _wanted(sick, [], MON) == ()


def test_the_hours_clock_runs_from_the_record_and_only_what_was_recorded_after_it_counts() -> None:
    mark = Mark(MON, PartOfDay.DAY, AbsenceReason.WHEREABOUTS_UNKNOWN, at(MON, 9))
    before = Event(1, EventKind.PHONE_CALL, MON, at(MON, 8), {"result": "no_answer"})
    found = missing(RollFacts((mark,)), [before], MON)
    assert found is not None
    assert found.wanted == (EventKind.PHONE_CALL, EventKind.POLICE_REPORTED)
    assert found.due_at == at(MON, 10)
    assert not missing_alarm(found, at(MON, 10)).late
    said = missing_alarm(found, at(MON, 12))
    assert said.late
    assert "10:00前电话联系监护人（已超时2小时）；仍未找到的，立即向110报警并登记" in said.text
    called = Event(2, EventKind.PHONE_CALL, MON, at(MON, 11), {"result": "no_answer"})
    then = missing(RollFacts((mark,)), [called], MON)
    assert then is not None
    assert missing_alarm(then, at(MON, 11)).kinds == (EventKind.POLICE_REPORTED, EventKind.WHEREABOUTS_FOUND)
    told = {"station": "云溪镇民政办", "authority": "civil_affairs"}
    elsewhere = Event(3, EventKind.POLICE_REPORTED, MON, at(MON, 12), told)
    assert _wanted(RollFacts((mark,)), [called, elsewhere], MON) == (EventKind.POLICE_REPORTED,)
    police = replace(elsewhere, data={"station": "云溪派出所"})
    assert _wanted(RollFacts((mark,)), [called, police], MON) == ()


def test_a_child_the_next_register_shows_at_school_is_no_longer_missing() -> None:
    mark = Mark(MON, PartOfDay.DAY, AbsenceReason.WHEREABOUTS_UNKNOWN, at(MON))
    assert missing(RollFacts((mark,), {MON: at(MON), TUE: at(TUE)}), [], MON) is not None
    assert missing(RollFacts((mark,), {MON: at(MON), TUE: at(TUE)}), [], TUE) is None
    away = replace(mark, day=TUE, reason=AbsenceReason.UNEXCUSED)
    assert missing(RollFacts((mark, away), {MON: at(MON), TUE: at(TUE)}), [], TUE) is not None
    morning, halves = replace(mark, part=PartOfDay.MORNING), {MON: {1: at(MON)}}
    assert missing(RollFacts((morning,), {}, halves), [], MON) is not None
    halves[MON][2] = at(MON, 14)
    assert missing(RollFacts((morning,), {}, halves), [], MON) is None


def test_what_lies_before_the_last_closing_asks_for_nothing() -> None:
    mark = Mark(MON, PartOfDay.DAY, AbsenceReason.WHEREABOUTS_UNKNOWN, at(MON))
    assert missing(RollFacts((mark,)), [], WED, since=TUE) is None


def test_a_report_of_harm_is_due_the_day_it_was_put_on_record() -> None:
    harm = event(2, EventKind.HOME_VISIT, TUE, cause="harmed")
    assert not harm_alarm(harm, at(TUE, 23)).late
    late = harm_alarm(harm, at(WED, 8))
    assert late.late
    assert "2026-11-10（周二）当天，已超时1天" in late.text
    none = alarms(RollFacts(), [harm], at(WED, 8), knows=lambda _: False)
    assert none == []


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
