"""Which class a name means that the school does not have yet."""

import datetime

import pytest

from students.rules.new_classes import NewClass, class_to_make

ON = datetime.date(2026, 10, 10)


@pytest.mark.parametrize(
    ("text", "grade_text", "made"),
    [
        ("三（2）班", "", NewClass(3, "三（2）班")),
        ("三年级2班", "", NewClass(3, "三（2）班")),
        ("302", "", NewClass(3, "三（2）班")),
        ("初一（3）班", "", NewClass(7, "七（3）班")),
        ("2班", "三年级", NewClass(3, "三（2）班")),
        ("2023级1班", "", NewClass(4, "四（1）班")),
        ("2025级1班", "八年级", NewClass(8, "八（1）班")),
        ("阳光", "一年级", NewClass(1, "阳光班")),
    ],
)
def test_a_class_is_read(text: str, grade_text: str, made: NewClass) -> None:
    assert class_to_make(text, grade_text, on=ON) == made


@pytest.mark.parametrize(
    ("text", "grade_text"),
    [("不知道", ""), ("2班", ""), ("2025级1班", ""), ("三（2）班", "四年级"), ("2010级1班", "")],
    ids=["no words of a class", "no grade", "primary or junior", "two grades", "long gone"],
)
def test_what_is_not_certain_is_not_made(text: str, grade_text: str) -> None:
    assert class_to_make(text, grade_text, on=ON) is None
