"""The support plan as the events leave it: measures, reviews, lateness; order of recording and superseding."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from cases.choices import EventKind as K
from cases.rules.facts import Event
from cases.rules.support_plan import (
    MOST_MEASURES,
    Measure,
    MeasureKind,
    measures_text,
    mistakes_in_rows,
    reminders,
    support_plan,
)
from tests import make

D = date
LESSON = {"key": "a1", "kind": "learning", "what": "每周补课", "person": "王老师", "last": "2026-09-30"}
VISIT = {"key": "a2", "kind": "mind", "what": "谈心", "person": "李老师", "first": "2026-10-20", "last": "2026-10-30"}


def event(pk: int, kind: K, day: date, *, superseded: bool = False, **data: Any) -> Event:
    gone = make.moment(day + timedelta(days=1)) if superseded else None
    return Event(pk, kind, day, make.moment(day), data, gone)


FIRST = D(2026, 9, 1)


def made(pk: int = 1, day: date = FIRST, **data: Any) -> Event:
    said = {"measures": "补课；谈心", "person": "王老师", "review_on": "2026-09-30", "rows": [LESSON, VISIT]}
    return event(pk, K.SUPPORT_PLAN, day, **said | data)


def test_without_a_plan_there_is_none_and_nothing_is_late() -> None:
    assert support_plan([event(1, K.COMPANION_NAMED, D(2026, 9, 1), person="王老师")], D(2026, 9, 2)) is None
    assert reminders(None, D(2026, 9, 2)) == ()


def test_a_measure_is_ahead_then_going_on_then_late_by_natural_days() -> None:
    plan = support_plan([made()], D(2026, 10, 5))
    assert plan is not None
    lesson, visit = plan.measures
    assert [lesson.state(D(2026, 9, 30)), lesson.state(D(2026, 10, 1))] == ["now", "late"]
    assert [visit.state(D(2026, 10, 19)), visit.state(D(2026, 10, 20))] == ["ahead", "now"]


def test_review_and_measure_say_in_one_sentence_by_how_much_they_are_late() -> None:
    said = [reminder.text for reminder in reminders(support_plan([made()], D(2026, 10, 5)), D(2026, 10, 5))]
    assert said == [
        "一生一策应于2026-09-30（周三）复查，已过5天",
        "一生一策措施“每周补课”应于2026-09-30（周三）落实，已过5天",
    ]


def test_on_the_day_itself_it_is_due_and_the_day_before_nothing_is_said() -> None:
    plan = support_plan([made()], D(2026, 9, 30))
    assert [reminder.late_days for reminder in reminders(plan, D(2026, 9, 30))] == [0, 0]
    assert "今天" in reminders(plan, D(2026, 9, 30))[0].text
    assert reminders(plan, D(2026, 9, 29)) == ()


def test_done_and_reviewed_is_late_no_more() -> None:
    done = event(2, K.MEASURE_DONE, D(2026, 9, 29), measure="a1", what="补课", note="补了四次")
    review = event(3, K.PLAN_REVIEWED, D(2026, 9, 30), result="有进步", review_on="2026-10-30")
    plan = support_plan([made(), done, review], D(2026, 10, 5))
    assert plan is not None
    assert reminders(plan, D(2026, 10, 5)) == ()
    assert (plan.measures[0].done_on, plan.measures[0].note) == (D(2026, 9, 29), "补了四次")
    assert (plan.review_due_on, plan.reviews[0].result) == (D(2026, 10, 30), "有进步")


def test_the_order_of_recording_does_not_matter() -> None:
    story = [
        made(),
        event(2, K.MEASURE_DONE, D(2026, 9, 10), measure="a1", what="补课"),
        event(3, K.PLAN_REVIEWED, D(2026, 9, 20), result="还差", review_on="2026-10-20"),
        made(4, D(2026, 9, 25), rows=[VISIT], review_on="", person="李老师"),
        event(5, K.COMPANION_NAMED, D(2026, 9, 25), person="李老师", unit="五（1）班 班主任"),
    ]
    found = {support_plan(order, D(2026, 11, 1)) for order in permutations(story)}
    assert len(found) == 1


def test_a_changed_plan_takes_over_keeps_what_was_done_and_leaves_the_earlier_one_to_read() -> None:
    done = event(2, K.MEASURE_DONE, D(2026, 9, 10), measure="a1", what="补课")
    changed = made(3, D(2026, 9, 20), measures="谈心", rows=[LESSON | {"what": "改为线上"}], review_on="2026-10-20")
    plan = support_plan([made(), done, changed], D(2026, 9, 21))
    assert plan is not None
    assert [(m.what, m.done_on) for m in plan.measures] == [("改为线上", D(2026, 9, 10))]
    assert plan.earlier == ((D(2026, 9, 1), "补课；谈心"),)
    assert plan.review_due_on == D(2026, 10, 20)


def test_superseded_entries_leave() -> None:
    wrong = event(2, K.SUPPORT_PLAN, D(2026, 9, 5), superseded=True, measures="误填", person="某")
    undone = event(3, K.MEASURE_DONE, D(2026, 9, 6), superseded=True, measure="a1", what="补课")
    plan = support_plan([made(), wrong, undone], D(2026, 9, 30))
    assert plan is not None
    assert (plan.text, plan.measures[0].done_on, plan.earlier) == ("补课；谈心", None, ())


def test_a_plan_in_plain_words_from_before_still_reads_as_it_was_written() -> None:
    old = event(1, K.SUPPORT_PLAN, D(2026, 9, 1), measures="每周家访一次", person="王老师", review_on="2026-10-01")
    plan = support_plan([old], D(2026, 10, 2))
    assert plan is not None
    assert (plan.text, plan.measures, plan.companion) == ("每周家访一次", (), "王老师")
    assert [reminder.late_days for reminder in reminders(plan, D(2026, 10, 2))] == [1]


def test_a_review_that_names_no_next_day_ends_the_reviews_but_not_a_day_fixed_ahead() -> None:
    late = event(2, K.PLAN_REVIEWED, D(2026, 10, 2), result="已稳定")
    early = event(3, K.PLAN_REVIEWED, D(2026, 9, 10), result="正常")
    ended = support_plan([made(), late], D(2026, 10, 5))
    stands = support_plan([made(), early], D(2026, 9, 11))
    assert ended is not None and ended.review_due_on is None
    assert stands is not None and stands.review_due_on == D(2026, 9, 30)


def test_what_has_not_happened_yet_is_not_in_the_plan_of_an_earlier_day() -> None:
    review = event(2, K.PLAN_REVIEWED, D(2026, 10, 1), result="有进步", review_on="2026-11-01")
    plan = support_plan([made(), review], D(2026, 9, 30))
    assert plan is not None
    assert plan.reviews == ()


def test_rehabilitation_is_counted_but_not_told_in_the_timeline_s_words() -> None:
    rows = [
        Measure("a", MeasureKind.LEARNING, "补课", "王老师", None, D(2026, 9, 30)),
        Measure("b", MeasureKind.REHABILITATION, "言语训练", "李医生"),
    ]
    assert measures_text(rows) == "学业：补课（王老师，至2026-09-30（周三））；另有1项限制信息"
    assert measures_text(rows[1:]) == "限制信息1项"
    late = made(rows=[LESSON | {"kind": "rehabilitation", "what": "言语训练"}], review_on="")
    said = reminders(support_plan([late], D(2026, 10, 5)), D(2026, 10, 5))
    assert [reminder.text for reminder in said] == ["一生一策的一项措施应于2026-09-30（周三）落实，已过5天"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([LESSON | {"person": " "}], "第1项措施请写明内容和责任人"),
        (
            [LESSON, VISIT | {"last": "2026-10-01"}],
            "第2项措施的截止日期2026-10-01（周四）早于开始日期2026-10-20（周二）",
        ),
        ([LESSON] * (MOST_MEASURES + 1), "一份方案最多10项措施"),
    ],
)
def test_rows_that_are_no_measures_are_refused_with_a_remedy(rows: list[dict[str, str]], sentence: str) -> None:
    assert sentence in mistakes_in_rows(rows)[0]
    assert mistakes_in_rows([LESSON, VISIT]) == []


@pytest.mark.parametrize("rows", ["rows", [1, None], {"a": 1}, [{"kind": "gold", "first": "x"}]])
def test_rows_of_another_shape_break_nothing(rows: Any) -> None:
    assert support_plan([made(rows=rows)], D(2026, 10, 5)) is not None
