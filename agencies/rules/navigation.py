"""Which pages a person finds in the navigation, and on which page each role starts."""

from dataclasses import dataclass
from typing import Final

from agencies.choices import Permission as P
from agencies.choices import Role as R


@dataclass(frozen=True, slots=True)
class Door:
    """One entry of the navigation: its label, the name of its address, and who sees it (any of these permissions).

    `at_unit`: the address takes the id of the unit at which the permission is held, one entry a unit.
    `roles`: beside the permission, only these roles; empty = all.
    """

    label: str
    url: str
    permissions: frozenset[P]
    at_unit: bool = False
    roles: frozenset[R] = frozenset()


_KNOWS_HOMES: Final = frozenset({R.VILLAGE_SECRETARY, R.GRID_WORKER})
_TEACHES: Final = frozenset({R.CLASS_TEACHER})
_WORKS_CASES: Final = frozenset(
    {P.RECORD_SCHOOL_EVENT, P.RECORD_VILLAGE_EVENT, P.RECORD_TOWNSHIP_EVENT, P.RECORD_JUSTICE_EVENT}
)
_WRITES_PAPERS: Final = frozenset({P.ISSUE_SCHOOL_PAPER, P.DRAFT_ORDER, P.ISSUE_ORDER, P.RECORD_SERVICE})

# A class teacher and a grid worker come to their few by the day's work.
_ANSWERS_FOR_UNITS: Final = frozenset(R) - {R.CLASS_TEACHER, R.GRID_WORKER}

DOORS: Final[tuple[Door, ...]] = (
    Door("班级点名", "students:roll_mine", frozenset({P.TAKE_ROLL}), roles=_TEACHES),
    Door("全校点名", "students:roll_school", frozenset({P.TAKE_SCHOOL_ROLL}), at_unit=True),
    Door("今日工作", "cases:work", _WORKS_CASES),
    Door("劝返个案", "cases:queue", frozenset({P.VIEW_CASE})),
    Door("统计", "cases:dashboard", frozenset({P.VIEW_FIGURES})),
    Door("学生", "students:search", frozenset({P.VIEW_CHILD})),
    Door("送教上门", "students:home_teaching", frozenset({P.RECORD_HOME_VISIT})),
    Door("住户", "students:homes", frozenset({P.EDIT_RESIDENCE}), roles=_KNOWS_HOMES),
    Door("考勤更正", "students:corrections", frozenset({P.CONFIRM_CORRECTION})),
    Door("文书", "notices:register", _WRITES_PAPERS),
    Door(
        "单位任务", "agencies:unit_duties", frozenset({P.RECORD_UNIT_DUTY, P.VIEW_FIGURES}), roles=_ANSWERS_FOR_UNITS
    ),
    Door("台账", "notices:ledgers", frozenset({P.VIEW_LEDGER})),
    Door("导入学籍", "students:imports", frozenset({P.IMPORT_CHILDREN})),
    Door("校历", "agencies:calendar", frozenset({P.EDIT_CALENDAR})),
    Door("方案", "agencies:policies", frozenset({P.VIEW_CASE, P.VIEW_FIGURES, P.ADOPT_POLICY})),
    Door("预演", "cases:rehearsal", frozenset({P.VIEW_CASE, P.VIEW_FIGURES, P.ADOPT_POLICY})),
    Door("岗位", "agencies:posts", frozenset({P.MANAGE_POSTS})),
    Door("机构", "agencies:units", frozenset({P.MANAGE_UNITS, P.MANAGE_CLASSES, P.MANAGE_POSTS})),
    Door("账号", "agencies:accounts", frozenset({P.MANAGE_ACCOUNTS})),
    Door("审计", "agencies:audit", frozenset({P.VIEW_AUDIT})),
    # Anybody who holds a post may name somebody who stands in for a day.
    Door("请人代理", "agencies:deputy", frozenset(P)),
)

# Where a role's day begins; a role not named here starts on the plain first page.
LANDINGS: Final[dict[R, str]] = {
    R.CLASS_TEACHER: "students:roll_mine",
    R.REGISTRAR: "students:roll_school",
    R.MORAL_EDUCATION: "students:roll_school",
    R.PRINCIPAL: "students:roll_school",
    R.VILLAGE_SECRETARY: "cases:work",
    R.GRID_WORKER: "cases:work",
    R.TOWNSHIP_OFFICER: "cases:work",
    R.TOWNSHIP_DEPUTY: "cases:work",
    R.TOWNSHIP_HEAD: "cases:work",
    R.JUSTICE_OFFICE: "cases:work",
    R.COMPANION: "cases:work",
    R.DISCIPLINE_OFFICE: "cases:dashboard",
    R.BUREAU_OFFICER: "cases:dashboard",
    R.BUREAU_HEAD: "cases:dashboard",
    R.COUNTY_LEADER: "cases:dashboard",
    R.AGENCY_LIAISON: "cases:dashboard",
    R.INSPECTOR: "cases:dashboard",
    R.HOME_TEACHER: "students:home_teaching",
    R.SYSTEM_ADMIN: "agencies:accounts",
    R.SECURITY_ADMIN: "agencies:accounts",
    R.AUDIT_ADMIN: "agencies:audit",
}

_AT_UNIT: Final = frozenset(door.url for door in DOORS if door.at_unit)


def landing(role: R) -> str:
    """Name of the address a role starts on; empty = the plain first page."""
    return LANDINGS.get(role, "")


def takes_unit(url: str) -> bool:
    """True if the address needs the id of the post's unit."""
    return url in _AT_UNIT


def nearest(paths: list[str], path: str) -> str:
    """The entry a page belongs to: the longest address that begins the page's own; empty where none does."""
    return max((entry for entry in paths if path.startswith(entry)), key=len, default="")
