"""Numbers of papers: the official form, no gap, none twice."""

import pytest

from notices.rules.numbering import Number, NumberGapError, next_number, parse_number, prefix_mistake


def test_a_number_has_six_cornered_brackets_and_no_leading_zero() -> None:
    assert str(Number("某镇限返", 2026, 3)) == "某镇限返〔2026〕3号"


def test_the_first_number_of_a_year_is_one() -> None:
    assert str(next_number("某镇限返", 2027, [])) == "某镇限返〔2027〕1号"


def test_the_next_number_follows_the_highest_in_any_order_of_reading() -> None:
    assert next_number("某镇限返", 2026, [3, 1, 2]).serial == 4


@pytest.mark.parametrize("used", [[1, 3], [2], [1, 1, 2], [0, 1]])
def test_a_register_with_a_hole_or_a_double_is_a_fault(used: list[int]) -> None:
    with pytest.raises(NumberGapError, match="not gapless"):
        next_number("某镇限返", 2026, used)


@pytest.mark.parametrize("prefix", ["", "镇", "某镇 限返", "某镇〔2026〕", "ABC", "某镇限返1"])
def test_a_prefix_that_cannot_stand_in_a_number_is_refused(prefix: str) -> None:
    assert "2至20个汉字" in prefix_mistake(prefix)
    with pytest.raises(ValueError, match="机关代字"):
        next_number(prefix, 2026, [])


def test_a_printed_number_is_read_back() -> None:
    assert parse_number(" 某镇限返〔2026〕12号 ") == Number("某镇限返", 2026, 12)


@pytest.mark.parametrize("text", ["某镇限返[2026]12号", "某镇限返〔2026〕012号", "某镇限返〔26〕1号", "12号", ""])
def test_another_form_is_no_number(text: str) -> None:
    assert parse_number(text) is None
