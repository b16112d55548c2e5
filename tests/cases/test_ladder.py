"""The ladder beyond the worked examples: pauses, endings, old cases, two clocks, what changes by itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agencies.choices import Role
from agencies.rules.calendar import ONE_DAY
from cases.choices import DutyState, EventKind, Outcome, Stage
from cases.rules.closing import check_closing
from cases.rules.derivation import explain
from cases.rules.ladder import evaluate
from cases.rules.transitions import fields_of, permissions_for, refusals
from cases.rules.wording import today_sentence
from students.rules.attendance import RollFacts
from tests.cases.stories import CALENDAR, COUNTY, TOWN, absent, at, event, roll, stands

D = date
K = EventKind
AWAY = absent(D(2026, 11, 2), D(2026, 12, 31))


def test_a_child_at_school_has_no_case() -> None:
    standing = stands(roll(), (), D(2026, 11, 2))
    assert (standing.opens_case, standing.duties, standing.changes_on) == (False, (), None)


def test_an_empty_roll_is_no_absence() -> None:
    assert not stands(RollFacts(), (), D(2026, 11, 2)).opens_case


def test_a_pause_stands_still_until_its_end_and_then_runs_on() -> None:
    events = (
        event(1, K.HOME_VISIT, D(2026, 11, 3)),
        event(2, K.PAUSED, D(2026, 11, 5), reason="住院", until="2026-11-10"),
    )
    standing = stands(roll(*AWAY), events, D(2026, 11, 6), COUNTY)
    # 动员 11-03, 3 working days: 11-04, [11-05 to 11-10 paused], 11-11, 11-12.
    duty = standing.duty("report")
    assert duty is not None
    assert (standing.paused_until, duty.opens_on) == (D(2026, 11, 10), D(2026, 11, 12))
    assert standing.counted_halves == 6


def test_a_pause_resumed_early_ends_early() -> None:
    events = (
        event(1, K.HOME_VISIT, D(2026, 11, 3)),
        event(2, K.PAUSED, D(2026, 11, 5), reason="住院", until="2026-11-10"),
        event(3, K.RESUMED, D(2026, 11, 6), reason="出院"),
    )
    duty = stands(roll(*AWAY), events, D(2026, 11, 6), COUNTY).duty("report")
    assert duty is not None
    assert duty.opens_on == D(2026, 11, 9)


def test_a_child_seen_at_school_is_not_persuaded_further_before_the_return_is_recorded() -> None:
    facts = roll(*absent(D(2026, 11, 2), D(2026, 11, 4)), *absent(D(2026, 11, 12), D(2026, 11, 12)))
    events = (event(1, K.HOME_VISIT, D(2026, 11, 4)),)
    seen = stands(facts, events, D(2026, 11, 11), COUNTY)
    report = seen.duty("report")
    assert report is not None
    assert (seen.seen_on, report.state, report.opens_on) == (D(2026, 11, 5), DutyState.AHEAD, None)
    again = stands(facts, events, D(2026, 11, 12), COUNTY).duty("report")
    assert again is not None
    assert again.opened_on == D(2026, 11, 12)


def test_an_old_case_enters_at_its_present_step() -> None:
    entry = event(1, K.FLAGGED, D(2026, 11, 2), why="旧台账", at_step="order")
    standing = stands(roll(), (entry,), D(2026, 11, 3))
    assert [d.step_key for d in standing.waiting] == ["order"]
    assert [d.step_key for d in standing.duties if d.foreseen] == ["order", "justice", "enrolment"]
    assert standing.stage == Stage.TOWNSHIP


def test_service_by_announcement_takes_effect_after_thirty_days() -> None:
    served = event(1, K.NOTICE_SERVED, D(2026, 11, 16), mode="announcement")
    standing = stands(roll(*AWAY), (served,), D(2026, 11, 20))
    assert (standing.served_on, standing.guardian_due_on) == (D(2026, 12, 16), D(2026, 12, 21))


def test_a_placement_ends_the_round_and_drops_what_was_owed() -> None:
    placed = event(1, K.PLACED, D(2026, 11, 4), outcome="home_taught", proof="评估意见")
    evaluated = event(2, K.EVALUATED, D(2026, 11, 4), way="home_taught", by="县残疾人教育专家委员会")
    standing = stands(roll(*absent(D(2026, 11, 2), D(2026, 11, 4))), (placed, evaluated), D(2026, 11, 10))
    assert standing.waiting == ()
    assert standing.closable
    assert check_closing(TOWN, standing, Outcome.HOME_TAUGHT, "评估意见").allowed
    assert not check_closing(TOWN, standing, Outcome.HOME_TAUGHT).allowed


def test_nothing_opens_after_closing() -> None:
    closed = event(1, K.CLOSED, D(2026, 11, 6), outcome="transferred", proof="回执")
    standing = stands(roll(*AWAY), (closed,), D(2026, 12, 1))
    assert (standing.stage, standing.waiting, standing.changes_on) == (Stage.CLOSED, (), None)


def test_absence_before_the_previous_case_ended_does_not_count_again() -> None:
    facts = roll(*absent(D(2026, 11, 2), D(2026, 11, 5)))
    standing = evaluate(TOWN, CALENDAR, facts, (), D(2026, 11, 5), since=D(2026, 11, 5))
    assert (standing.counted_halves, standing.started_on) == (2, D(2026, 11, 5))


def test_a_superseded_event_is_as_if_it_never_was_but_was_known_then() -> None:
    wrong = replace(event(1, K.HOME_VISIT, D(2026, 11, 4)), superseded_at=at(D(2026, 11, 10)))
    facts = roll(*AWAY)
    now = stands(facts, (wrong,), D(2026, 11, 6)).duty("visit")
    then = evaluate(TOWN, CALENDAR, facts, (wrong,), D(2026, 11, 6), at(D(2026, 11, 6), 23)).duty("visit")
    assert now is not None
    assert then is not None
    assert (now.state, then.state) == (DutyState.OVERDUE, DutyState.DONE)


def test_delay_is_charged_from_the_day_the_facts_were_on_record() -> None:
    late = tuple(replace(m, recorded_at=at(D(2026, 11, 9))) for m in absent(D(2026, 11, 2), D(2026, 11, 6)))
    standing = stands(roll(*late), (), D(2026, 11, 10))
    visit, phone = standing.duty("visit"), standing.duty("phone")
    assert visit is not None
    assert phone is not None
    assert (visit.due_on, visit.known_on, visit.delay_days) == (D(2026, 11, 5), D(2026, 11, 9), 1)
    assert phone.delay_days == 8


def test_a_return_confirmed_by_another_body_needs_no_roll() -> None:
    events = (event(1, K.RETURNED, D(2026, 11, 5)), event(2, K.RETURN_CONFIRMED, D(2026, 11, 6), by="职校", proof="x"))
    facts = RollFacts(absent(D(2026, 11, 2), D(2026, 11, 4)))
    standing = stands(facts, events, D(2026, 11, 9))
    assert (standing.returned_on, standing.stage) == (D(2026, 11, 6), Stage.RETURNED)


def test_a_plan_that_sums_within_a_window_opens_without_a_run() -> None:
    counting = replace(TOWN.counting, absence="in_window", window_days=10)
    steps = tuple(
        replace(s, triggers=tuple(replace(t, count="in_window") if hasattr(t, "count") else t for t in s.triggers))
        for s in TOWN.steps
    )
    policy = replace(TOWN, counting=counting, steps=steps)
    days = [D(2026, 11, 2), D(2026, 11, 4), D(2026, 11, 6)]
    facts = roll(*(m for d in days for m in absent(d, d)))
    visit = stands(facts, (), D(2026, 11, 6), policy).duty("visit")
    assert visit is not None
    assert visit.derivation is not None
    assert (visit.opened_on, visit.derivation.counted) == (D(2026, 11, 6), tuple(days))


@pytest.mark.parametrize("policy", [TOWN, COUNTY], ids=["jiaotan", "datian"])
def test_a_standing_stays_the_same_until_the_day_it_announced(policy) -> None:  # type: ignore[no-untyped-def]
    """`nightly` looks only at rows whose day has come, so no change may come unannounced."""
    facts = RollFacts(absent(D(2026, 11, 2), D(2026, 11, 20)))
    events = (event(1, K.HOME_VISIT, D(2026, 11, 4)), event(2, K.REPORT_SENT, D(2026, 11, 10)))
    day = D(2026, 11, 20)
    before = stands(facts, events, day, policy)
    while day < D(2027, 1, 20):
        day += ONE_DAY
        now = stands(facts, events, day, policy)
        same = [(d.step_key, d.state, d.due_on) for d in now.duties] == [
            (d.step_key, d.state, d.due_on) for d in before.duties
        ]
        assert same or day == before.changes_on
        before = now


def test_an_explanation_shows_the_counted_days_the_arithmetic_and_the_quotation() -> None:
    facts = roll(*absent(D(2026, 9, 28), D(2026, 10, 12)))
    standing = stands(facts, (event(1, K.HOME_VISIT, D(2026, 9, 30)),), D(2026, 10, 10), COUNTY)
    report, persuade = standing.duty("report"), standing.duty("persuade")
    assert report is not None
    assert persuade is not None
    because = explain(COUNTY, CALENDAR, report, facts)
    assert "第3个工作日 = 2026-10-10（周六）；10-01至10-07 国庆节放假，10-10 调休上班" in because.opened_because
    assert because.not_in_plan.startswith("本方案未规定")
    assert "旷课超过3天" in because.other_reading
    counted = explain(COUNTY, CALENDAR, persuade, facts).counted_days
    assert counted == ("2026-09-28（周一） 无故，计1天", "2026-09-29（周二） 无故，计1天")


def test_an_end_moved_off_a_closed_day_is_explained() -> None:
    standing = stands(roll(*AWAY), (event(1, K.REPORT_SENT, D(2026, 11, 17)),), D(2026, 11, 19))
    order = standing.duty("order")
    assert order is not None
    assert explain(TOWN, CALENDAR, order).due_sentence == (
        "自2026-11-18（周三）次日起算，第3个自然日 = 2026-11-21（周六）；末日不是工作日，顺延至2026-11-23（周一）"
    )


def test_every_duty_of_a_long_story_can_be_explained() -> None:
    events = (event(1, K.FLAGGED, D(2026, 11, 2), why="x"), event(2, K.NOTICE_SERVED, D(2026, 11, 20), mode="direct"))
    for policy in (TOWN, COUNTY):
        for duty in stands(roll(*AWAY), events, D(2026, 12, 20), policy).duties:
            assert explain(policy, CALENDAR, duty, roll(*AWAY)).opened_because


def test_one_sentence_says_what_to_do_today() -> None:
    events = (event(1, K.PHONE_CALL, D(2026, 11, 3), result="no_answer"),)
    names = {s.key: s.advice for s in COUNTY.steps}
    standing = stands(roll(*AWAY), events, D(2026, 11, 4), COUNTY)
    assert today_sentence(standing, events, names) == (
        "今天前上门动员返校，填学校记录表；已电话1次未接；建议与村书记同去"
    )


def test_the_sentence_follows_the_case_to_its_end() -> None:
    facts = roll(*absent(D(2026, 11, 2), D(2026, 11, 3)))
    returned = event(1, K.RETURNED, D(2026, 11, 4))
    said = [
        today_sentence(stands(facts, (), D(2026, 11, 4), COUNTY), ()),
        today_sentence(stands(facts, (returned,), D(2026, 11, 5), COUNTY), (returned,)),
        today_sentence(stands(facts, (returned,), D(2026, 11, 30), COUNTY), (returned,)),
    ]
    assert said[0].startswith("点名显示2026-11-04（周三）已到校，请登记返校")
    assert said[1:] == ["返校观察至2026-11-18（周三）", "可报请销号"]


def test_a_yesterdays_visit_is_named_before_a_second_one() -> None:
    events = (event(1, K.HOME_VISIT, D(2026, 11, 4), by="甲老师"),)
    standing = stands(roll(*AWAY), events, D(2026, 11, 5))
    assert "昨天已家访（甲老师）" in today_sentence(standing, events)


def test_an_event_the_case_cannot_take_is_refused_with_the_missing_fact() -> None:
    standing = stands(roll(*AWAY), (), D(2026, 11, 3))
    assert refusals(standing, K.REPORT_RECEIVED, {"receiver": "乙"}) == ["学校尚未登记书面报告，不能接收"]
    assert refusals(standing, K.NOTICE_ISSUED, {"number": "1"})[0].startswith("尚未到乡镇督办阶段")
    assert refusals(standing, K.PHONE_CALL, {"result": "maybe"}) == ["结果不能是「maybe」，请从列表中选择"]
    assert refusals(standing, K.PAUSED, {"reason": "x", "until": "2026-11-01"}) == ["中止的结束日期不能早于今天"]
    late = "一次中止最长366天，请改为2027-11-04（周四）或以前的日期，到期再登记中止"
    assert refusals(standing, K.PAUSED, {"reason": "x", "until": "2027-11-05"}) == [late]
    assert refusals(standing, K.PAUSED, {"reason": "x", "until": "2027-11-04"}) == []
    assert refusals(standing, K.HOME_VISIT, {})[0] == "请填写劝返工作人员"
    assert refusals(standing, K.CLOSED, {"outcome": "died"}) == ["缺少证明材料：公安机关结论"]
    assert refusals(standing, K.CLOSED, {"outcome": "returned"})[0].startswith("返校尚未经考勤确认")
    assert refusals(standing, K.PHONE_CALL, {"result": "connected"}) == []


def test_a_student_record_is_restored_on_a_return_or_built_on_a_path_of_its_own() -> None:
    made = {"act": "rebuilt"}
    away = stands(roll(*AWAY), (), D(2026, 11, 3))
    assert refusals(away, K.ENROLMENT_RESTORED, made) == ["尚未登记返校，请先登记返校日期"]
    decided = event(1, K.CATEGORY_DECIDED, D(2026, 11, 3), category="disabled", by="教育局", why="残疾人证")
    assert refusals(stands(roll(*AWAY), (decided,), D(2026, 11, 3)), K.ENROLMENT_RESTORED, made) == []


def test_a_paper_that_only_asks_is_chosen_from_a_list_and_starts_no_time() -> None:
    asked = {"paper": "entry_notice", "to": "监护人"}
    handed = event(1, K.ADVICE_SENT, D(2026, 11, 3), **asked)
    standing = stands(roll(*AWAY), (handed,), D(2026, 11, 4))
    assert (standing.served_on, standing.guardian_due_on) == (None, None)
    assert refusals(standing, K.ADVICE_SENT, asked) == []
    assert refusals(standing, K.ADVICE_SENT, {**asked, "paper": "通知"}) == ["函件不能是「通知」，请从列表中选择"]


def test_a_closed_case_takes_only_notes() -> None:
    closed = event(1, K.CLOSED, D(2026, 11, 6), outcome="transferred", proof="回执")
    standing = stands(roll(*AWAY), (closed,), D(2026, 12, 1))
    assert refusals(standing, K.PHONE_CALL, {"result": "connected"})[0].startswith("个案已销号")
    assert refusals(standing, K.NOTE, {"text": "归档"}) == []


def test_every_kind_of_event_has_fields_and_recorders() -> None:
    for kind in EventKind:
        assert fields_of(kind)
        assert permissions_for(kind)


def test_the_approver_depends_on_how_far_the_case_went() -> None:
    early = stands(roll(*absent(D(2026, 11, 2), D(2026, 11, 2))), (), D(2026, 11, 2))
    late = stands(roll(*AWAY), (), D(2026, 11, 30))
    assert check_closing(TOWN, early, Outcome.RETURNED).approver == Role.PRINCIPAL
    assert check_closing(TOWN, late, Outcome.RETURNED).approver == Role.TOWNSHIP_OFFICER


def test_a_false_alarm_is_closed_only_after_the_roll_was_corrected() -> None:
    wrong = stands(roll(*absent(D(2026, 11, 2), D(2026, 11, 2))), (), D(2026, 11, 3))
    corrected = stands(roll(), (), D(2026, 11, 3))
    assert not check_closing(TOWN, wrong, Outcome.MISTAKE, "更正记录").allowed
    assert check_closing(TOWN, corrected, Outcome.MISTAKE, "更正记录").allowed


def test_a_long_story_is_evaluated_without_end() -> None:
    """Many returns and relapses make many rounds, each kept."""
    days = CALENDAR.school_days(D(2026, 9, 1), D(2026, 12, 31))
    facts = roll(*(m for d in days[::2] for m in absent(d, d)))
    returns = tuple(event(i, K.RETURNED, d) for i, d in enumerate(days[1::2]))
    standing = stands(facts, returns, days[-1] + timedelta(days=1))
    assert standing.round == len(days[::2])


def test_what_a_withdrawal_names_counts_no_longer_from_its_day_and_its_record() -> None:
    sent, signed = event(2, K.REPORT_SENT, D(2026, 11, 9)), event(3, K.REPORT_RECEIVED, D(2026, 11, 9))
    back = event(4, K.PAPER_WITHDRAWN, D(2026, 11, 12), withdraws=[2, 3])
    events = (event(1, K.HOME_VISIT, D(2026, 11, 4)), sent, signed, back)
    assert stands(roll(*AWAY), events, D(2026, 11, 11)).received_on == D(2026, 11, 9)
    assert stands(roll(*AWAY), events, D(2026, 11, 12)).received_on is None
    known = evaluate(TOWN, CALENDAR, roll(*AWAY), events, D(2026, 11, 12), at(D(2026, 11, 11), 23))
    assert known.received_on == D(2026, 11, 9)
    anew = (*events, event(5, K.REPORT_SENT, D(2026, 11, 13)), event(6, K.REPORT_RECEIVED, D(2026, 11, 13)))
    assert stands(roll(*AWAY), anew, D(2026, 11, 13)).received_on == D(2026, 11, 13)


@pytest.mark.parametrize("named", [None, "2", 2, {"a": 1}, []])
def test_a_withdrawal_that_names_nothing_takes_nothing(named: object) -> None:
    events = (event(2, K.REPORT_SENT, D(2026, 11, 9)), event(3, K.PAPER_WITHDRAWN, D(2026, 11, 9), withdraws=named))
    assert K.REPORT_SENT in stands(roll(*AWAY), events, D(2026, 11, 10)).recorded


def test_a_closed_case_still_takes_the_letter_that_mends_a_paper() -> None:
    closed = stands(roll(*AWAY), (event(1, K.CLOSED, D(2026, 11, 9), outcome="mistake", proof="x"),), D(2026, 11, 10))
    letter = {"paper": "《报告单》", "number": "某中撤函〔2026〕1号", "reason": "误报"}
    assert refusals(closed, K.PAPER_WITHDRAWN, letter) == []
    assert refusals(closed, K.PAPER_CORRECTED, letter) == []
    assert refusals(closed, K.REPORT_SENT, {}) != []


@pytest.mark.parametrize(
    ("application", "ground", "refused"),
    [
        ("suspension", "other", True),
        ("postponement", "other", True),
        ("suspension", "health", False),
        ("suspension", "", False),
        ("abroad", "other", False),
    ],
)
def test_postponement_and_suspension_are_for_the_childs_health_alone(
    application: str, ground: str, refused: bool
) -> None:
    asked = {"application": application, "ground": ground, "guardian": "父", "reason": "务工", "from": D(2026, 11, 9)}
    said = refusals(stands(roll(*AWAY), (), D(2026, 11, 6)), K.APPLIED, {**asked, "proof": "申请书"})
    assert any("只限身体状况" in sentence for sentence in said) == refused
