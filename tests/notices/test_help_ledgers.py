"""帮扶 on ledgers: in the risk ledger that asks for it and in the help register, in no ledger of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from agencies.choices import Role
from cases.actions.closing import close_case
from cases.actions.events import NewEvent
from cases.actions.opening import begin_case
from cases.choices import EventKind, Outcome
from notices.ledgers.county import load_ledgers
from notices.queries.ledger_children import Wanted
from notices.queries.ledgers import row_ids, rows_of
from tests import make
from tests.cases.scene import scene

pytestmark = pytest.mark.django_db
BEGUN = date(2026, 11, 2)


def test_a_helped_child_stands_where_help_is_listed_with_helper_measures_and_review() -> None:
    place = scene()
    child = place.child()
    said = {"difficulty": "weary", "why": "上课睡觉", "person": "王老师"}
    by, now = make.actor(place.teacher), make.moment(BEGUN)
    case = begin_case(by=by, student=child, event=NewEvent(EventKind.HELP_BEGUN, BEGUN, said), now=now)
    plan = {"measures": "心理：每周谈心（王老师）", "person": "李老师", "review_on": "2026-11-10"}
    make.event(case, EventKind.SUPPORT_PLAN, BEGUN, **plan)
    make.event(case, EventKind.PLAN_REVIEWED, date(2026, 11, 10), result="愿意学了", review_on="2026-12-10")
    principal = place.person(Role.PRINCIPAL, place.school)
    wanted = Wanted(make.actor(principal), place.school, make.DAY, make.DAY, (6, 17), helped=True)

    (row,) = rows_of("school_risk", row_ids("school_risk", wanted), wanted)
    assert [row[name] for name in ("name", "stage", "risk_reason", "helper", "measures", "reviewed")] == [
        child.name,
        "帮扶中",
        "厌学",
        "李老师",
        "心理：每周谈心（王老师）",
        "2026-11-10（周二）愿意学了；下次2026-12-10（周四）",
    ]
    assert (row["absent_from"], row["absent_days"], row["found_on"]) == (None, "", BEGUN)
    plain = replace(wanted, helped=False)
    assert [row_ids(kind, plain) for kind in ("school_risk", "master", "persuasion")] == [[], [], []]
    assert row_ids("help_register", plain) == [case.pk]

    proof = "目标已达成"
    close_case(by=wanted.actor, case=case, outcome=Outcome.HELP_ENDED, proof=proof, now=make.moment(make.DAY, 16))
    assert [row_ids(kind, wanted) for kind in ("school_risk", "master", "persuasion")] == [[], [], []]
    (row,) = rows_of("help_register", row_ids("help_register", wanted), wanted)
    assert (row["outcome"], row["closed_on"], row["stage"]) == ("帮扶结束", make.DAY, "帮扶结束")


def test_help_for_a_child_who_may_drop_out_says_so_where_no_cause_is_on_record() -> None:
    place = scene()
    said = {"difficulty": "inclined", "why": "说过不想读了", "person": "王老师"}
    event = NewEvent(EventKind.HELP_BEGUN, BEGUN, said)
    begin_case(by=make.actor(place.teacher), student=place.child(), event=event, now=make.moment(BEGUN))
    principal = place.person(Role.PRINCIPAL, place.school)
    wanted = Wanted(make.actor(principal), place.school, make.DAY, make.DAY, (6, 17))
    (row,) = rows_of("help_register", row_ids("help_register", wanted), wanted)
    assert (row["reason"], row["reason_open"]) == ("有辍学倾向", "有辍学倾向")


def test_a_folder_says_with_yes_or_no_whether_its_risk_ledger_lists_help() -> None:
    table = {
        "key": "risk",
        "kind": "school_risk",
        "title": "风险台账",
        "columns": ["name", "school", "reason", "stage"],
        "clause": "三",
        "quote": "每周更新",
    }
    (ledger,), _ = load_ledgers({"ledger": [table | {"helped": True}]}, "ledgers.toml")
    assert ledger.helped
    none, (mistake,) = load_ledgers({"ledger": [table | {"helped": "是"}]}, "ledgers.toml")
    assert not none
    assert "helped = true" in str(mistake)
