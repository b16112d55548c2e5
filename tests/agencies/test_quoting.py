"""Words of a plan in quotation marks, those with marks of their own in them too."""

import pytest

from agencies.rules.quoting import quoted
from agencies.templatetags import words


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("每月更新1次", "“每月更新1次”"),
        ("标注“入学状态”，每月更新1次", "“标注‘入学状态’，每月更新1次”"),
        ("“控辍保学”", "“‘控辍保学’”"),
    ],
)
def test_marks_inside_become_the_inner_ones(said: str, shown: str) -> None:
    assert quoted(said) == words.quoted(said) == shown


def test_nothing_said_shows_no_marks() -> None:
    assert words.quoted("") == ""
