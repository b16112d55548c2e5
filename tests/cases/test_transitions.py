"""What should come first although the case takes the event without it."""

from datetime import date as D

import pytest

from cases.choices import EventKind as K
from cases.rules.facts import Event
from cases.rules.transitions import caution, refusals
from tests.cases.stories import absent, event, roll, stands

AWAY = absent(D(2026, 11, 2), D(2026, 11, 11))
TOLD_OFF = event(1, K.CRITICISM, D(2026, 11, 10))
BACK = (event(2, K.RETURNED, D(2026, 11, 12)), event(3, K.RETURN_CONFIRMED, D(2026, 11, 13)))
AGAIN = absent(D(2026, 11, 16), D(2026, 11, 20))


def said(*events: Event, kind: K = K.NOTICE_SERVED, on: D = D(2026, 11, 11)) -> str:
    return caution(stands(roll(*AWAY, *(AGAIN if on.day > 15 else ())), events, on), kind)


def test_an_order_without_criticism_is_cautioned_and_with_it_is_not() -> None:
    assert said().startswith("本案还没有批评教育记录；义务教育法第五十八条")
    assert said(kind=K.NOTICE_ISSUED) == said()
    assert said(TOLD_OFF) == ""


def test_no_other_act_is_cautioned() -> None:
    assert said(kind=K.PERSUASION) == ""


def test_after_the_order_it_is_too_late_to_caution() -> None:
    assert said(event(1, K.NOTICE_SERVED, D(2026, 11, 10), mode="direct")) == ""


def test_a_child_that_stays_away_again_is_to_be_spoken_of_again() -> None:
    assert said(TOLD_OFF, *BACK, on=D(2026, 11, 20)).startswith("本轮还没有批评教育记录")


@pytest.mark.parametrize(
    ("basis", "sentence"),
    [
        ("", "请填写法律依据（地方性法规名称和条款）"),
        ("无", "请写明处罚所依据的地方性法规名称和条款"),
        ("县里的惯例", "请写明处罚所依据的地方性法规名称和条款"),
        ("《中华人民共和国义务教育法》第五十八条", "没有罚款"),
        ("《某省义务教育条例》第四十一条", ""),
        ("某省实施《中华人民共和国义务教育法》办法第三十条", ""),
    ],
)
def test_a_fine_needs_the_typed_clause_of_a_local_regulation(basis: str, sentence: str) -> None:
    data = {"authority": "某局", "legal_basis": basis, "number": "1号", "content": "罚款"}
    standing = stands(roll(*AWAY), (), D(2026, 11, 11))
    found = refusals(standing, K.PENALTY, data)
    assert (sentence in "；".join(found)) if sentence else (list(found) == [])
