"""Every kind of event is offered under exactly one heading, what cannot be taken now last."""

from collections import Counter

from cases.choices import EventKind as K
from cases.rules.event_groups import GROUPS, grouped


def test_every_kind_stands_under_exactly_one_heading() -> None:
    assert Counter(kind for _, kinds in GROUPS for kind in kinds) == Counter(K)


def test_a_heading_without_anything_to_record_is_left_out_and_the_order_is_that_of_the_work() -> None:
    assert grouped([K.NOTE, K.HOME_VISIT, K.PHONE_CALL]) == [
        ("联系与核查", [K.PHONE_CALL, K.HOME_VISIT]),
        ("其他", [K.NOTE]),
    ]


def test_what_the_case_cannot_take_now_comes_last_under_its_heading() -> None:
    assert grouped([K.PHONE_CALL, K.HOME_VISIT], later=[K.PHONE_CALL]) == [
        ("联系与核查", [K.HOME_VISIT, K.PHONE_CALL])
    ]
