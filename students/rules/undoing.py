"""Say what stands in the way of taking an imported child back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from agencies.rules.calendar import dated

# Records built on a child as the screens call them, by the name a child knows them under.
BUILT: Final[dict[str, str]] = {
    "absences": "缺勤登记",
    "leaves": "请假",
    "spells": "连续缺勤",
    "corrections": "考勤更正",
    "groups": "特殊群体登记",
    "cases": "劝返个案",
    "homes": "住户登记",
    "apart_from": "住户登记",
    "apart_of": "住户登记",
    "home_changes": "家庭信息更正",
    "home_visits": "送教记录",
}
CHANGED: Final = "导入之后信息又有更改"
MOVED: Final = "导入之后学籍又有变动"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one child cannot be taken back."""

    row: int
    name: str
    class_name: str
    reasons: tuple[str, ...]


def built(name: str) -> str:
    """The words for records built on a child; what has no name here is still said to be there."""
    return f"已有{BUILT.get(name, '其他记录')}"


def place_closed(name: str) -> str:
    """The words for a class or village that was merged since, to which the child would go back."""
    return f"原来所在的“{name}”已撤并，不能退回"


def roll_taken(day: date) -> str:
    """The words for a register taken in the child's class."""
    return f"所在班级已点名：{dated(day)}"
