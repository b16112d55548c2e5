"""How papers and ledgers word people who come up in several entries."""

from notices.rules.child_words import names_once


def test_whoever_called_and_then_visited_with_another_is_named_once() -> None:
    assert names_once(["陈老师", "", "陈老师、德育处教师"]) == "陈老师、德育处教师"
