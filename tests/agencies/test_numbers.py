"""A number is read where plain digits were sent, and never falls over anything else."""

import pytest

from agencies.rules.numbers import whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    assert whole(text) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1 ", "²", "٣", "一", "9" * 19, "9" * 5000])
def test_anything_else_is_none(text: str) -> None:
    assert whole(text) is None


def test_fewer_digits_may_be_asked_for() -> None:
    assert (whole("2026", 4), whole("20260", 4)) == (2026, None)
