"""The role table: what each post may do, readable by a governance officer."""

from collections.abc import Iterable
from typing import Final

from agencies.choices import Permission as P
from agencies.choices import Role as R
from agencies.choices import UnitKind as K

_SEES_CHILDREN: Final = frozenset({P.VIEW_CHILD, P.VIEW_CASE, P.SEE_NAMES})
_SCHOOL_STAFF: Final = _SEES_CHILDREN | {P.VIEW_ROLL, P.TAKE_ROLL, P.RECORD_SCHOOL_EVENT}
_SCHOOL_OFFICE: Final = _SCHOOL_STAFF | {
    P.TAKE_SCHOOL_ROLL,
    P.VIEW_LEDGER,
    P.VIEW_FIGURES,
    P.OPEN_CASE,
    P.ISSUE_SCHOOL_PAPER,
    P.EDIT_CHILD,
    P.EDIT_PHONE,
    P.EDIT_RESIDENCE,
    P.RECORD_HOME_VISIT,
    P.RECORD_UNIT_DUTY,
}
# The village knows first who has moved, gone to work elsewhere or changed the number.
_VILLAGE: Final = _SEES_CHILDREN | {P.RECORD_VILLAGE_EVENT, P.EDIT_PHONE, P.EDIT_RESIDENCE, P.RECORD_UNIT_DUTY}
_TOWNSHIP: Final = _SEES_CHILDREN | {
    P.VIEW_ROLL,
    P.RECORD_TOWNSHIP_EVENT,
    P.OPEN_CASE,
    P.DRAFT_ORDER,
    P.RECORD_SERVICE,
    P.VIEW_LEDGER,
    P.VIEW_FIGURES,
    P.RECORD_UNIT_DUTY,
}
_TOWNSHIP_HEAD: Final = frozenset(
    {P.ISSUE_ORDER, P.CLOSE_CASE, P.DECIDE_APPLICATION, P.MANAGE_POSTS, P.EXPORT_FULL_IDENTITY}
)

PERMISSIONS: Final[dict[R, frozenset[P]]] = {
    R.CLASS_TEACHER: _SCHOOL_STAFF | {P.EDIT_PHONE, P.RECORD_UNIT_DUTY},
    R.REGISTRAR: _SCHOOL_OFFICE | {P.IMPORT_CHILDREN, P.CONFIRM_CORRECTION, P.EDIT_CALENDAR, P.MANAGE_CLASSES},
    R.MORAL_EDUCATION: _SCHOOL_OFFICE,
    R.PRINCIPAL: _SCHOOL_OFFICE | {P.CONFIRM_CORRECTION, P.EDIT_CALENDAR, P.MANAGE_POSTS, P.EXPORT_FULL_IDENTITY},
    R.VILLAGE_SECRETARY: _VILLAGE | {P.VIEW_LEDGER, P.VIEW_FIGURES, P.OPEN_CASE, P.MANAGE_POSTS},
    R.GRID_WORKER: _VILLAGE,
    R.TOWNSHIP_OFFICER: _TOWNSHIP,
    R.TOWNSHIP_DEPUTY: _TOWNSHIP | _TOWNSHIP_HEAD,
    # Answers for 缓学 and 休学 for 身体状况 (义务教育法 art. 11), so knows of disability: docs/decisions/0011.
    R.TOWNSHIP_HEAD: _TOWNSHIP | _TOWNSHIP_HEAD | {P.ADOPT_POLICY, P.SEE_RESTRICTED},
    R.JUSTICE_OFFICE: _SEES_CHILDREN | {P.RECORD_JUSTICE_EVENT},
    R.DISCIPLINE_OFFICE: frozenset({P.VIEW_FIGURES}),
    R.BUREAU_OFFICER: _TOWNSHIP
    | {P.EDIT_CALENDAR, P.IMPORT_CHILDREN, P.EDIT_CHILD, P.EDIT_PHONE, P.EDIT_RESIDENCE, P.EXPORT_FULL_IDENTITY}
    | {P.EVALUATE, P.INQUIRE},
    R.BUREAU_HEAD: _TOWNSHIP
    | {P.ISSUE_ORDER, P.CLOSE_CASE, P.DECIDE_APPLICATION, P.EXPORT_FULL_IDENTITY, P.ADOPT_POLICY, P.EDIT_CALENDAR}
    | {P.SEE_RESTRICTED, P.EVALUATE, P.INQUIRE},
    R.COUNTY_LEADER: frozenset({P.VIEW_FIGURES}),
    R.AGENCY_LIAISON: frozenset({P.VIEW_FIGURES, P.RECORD_UNIT_DUTY}),
    # The bureau puts the committee's opinion on record, under its number: docs/decisions/0014.
    R.EXPERT: frozenset(),
    R.HOME_TEACHER: _SEES_CHILDREN | {P.RECORD_HOME_VISIT},
    R.COMPANION: _SEES_CHILDREN | {P.RECORD_SCHOOL_EVENT},
    # An inspector reads figures and lists; names show only for sampled children.
    R.INSPECTOR: frozenset({P.VIEW_FIGURES, P.VIEW_CASE}),
    # 三员分立: the three administrators see no child.
    R.SYSTEM_ADMIN: frozenset({P.MANAGE_UNITS, P.MANAGE_ACCOUNTS}),
    R.SECURITY_ADMIN: frozenset({P.MANAGE_POSTS, P.MANAGE_ACCOUNTS}),
    R.AUDIT_ADMIN: frozenset({P.VIEW_AUDIT}),
}

# Kinds of units at which a role can be held.
UNIT_KINDS: Final[dict[R, frozenset[K]]] = {
    R.CLASS_TEACHER: frozenset({K.CLASS}),
    R.REGISTRAR: frozenset({K.SCHOOL}),
    R.MORAL_EDUCATION: frozenset({K.SCHOOL}),
    R.PRINCIPAL: frozenset({K.SCHOOL}),
    R.VILLAGE_SECRETARY: frozenset({K.VILLAGE}),
    R.GRID_WORKER: frozenset({K.GRID}),
    R.TOWNSHIP_OFFICER: frozenset({K.TOWNSHIP}),
    R.TOWNSHIP_DEPUTY: frozenset({K.TOWNSHIP}),
    R.TOWNSHIP_HEAD: frozenset({K.TOWNSHIP}),
    R.JUSTICE_OFFICE: frozenset({K.TOWNSHIP}),
    R.DISCIPLINE_OFFICE: frozenset({K.TOWNSHIP}),
    R.BUREAU_OFFICER: frozenset({K.COUNTY}),
    R.BUREAU_HEAD: frozenset({K.COUNTY}),
    R.COUNTY_LEADER: frozenset({K.COUNTY}),
    R.AGENCY_LIAISON: frozenset({K.AGENCY, K.COUNTY}),
    R.EXPERT: frozenset({K.COUNTY}),
    R.HOME_TEACHER: frozenset({K.CLASS, K.SCHOOL}),
    R.COMPANION: frozenset({K.CLASS, K.SCHOOL, K.VILLAGE}),
    R.INSPECTOR: frozenset({K.COUNTY, K.TOWNSHIP, K.SCHOOL}),
    R.SYSTEM_ADMIN: frozenset({K.COUNTY}),
    R.SECURITY_ADMIN: frozenset({K.COUNTY}),
    R.AUDIT_ADMIN: frozenset({K.COUNTY}),
}

# The head of a unit takes over the duties of a vacant post in it, first filled role first.
HEADS: Final[dict[K, tuple[R, ...]]] = {
    K.CLASS: (R.CLASS_TEACHER,),
    K.SCHOOL: (R.PRINCIPAL, R.MORAL_EDUCATION, R.REGISTRAR),
    K.GRID: (R.GRID_WORKER,),
    K.VILLAGE: (R.VILLAGE_SECRETARY,),
    K.TOWNSHIP: (R.TOWNSHIP_DEPUTY, R.TOWNSHIP_HEAD, R.TOWNSHIP_OFFICER),
    K.COUNTY: (R.BUREAU_HEAD, R.BUREAU_OFFICER),
    K.AGENCY: (R.AGENCY_LIAISON,),
}

# Hours a signed-in session lasts: (shared computer, own device). A teacher's own phone stays signed in for a month.
SESSION_HOURS: Final[dict[R, tuple[int, int]]] = {
    R.CLASS_TEACHER: (8, 24 * 30),
    R.MORAL_EDUCATION: (8, 24 * 14),
    R.REGISTRAR: (8, 24 * 14),
    R.PRINCIPAL: (8, 24 * 14),
    R.VILLAGE_SECRETARY: (8, 24 * 30),
    R.GRID_WORKER: (8, 24 * 30),
    R.TOWNSHIP_OFFICER: (8, 24 * 7),
    R.SYSTEM_ADMIN: (1, 1),
    R.SECURITY_ADMIN: (1, 1),
    R.AUDIT_ADMIN: (1, 1),
}
DEFAULT_SESSION_HOURS: Final = (8, 24)

# Who may give posts of which role, beside the security administrator.
APPOINTS: Final[dict[R, frozenset[R]]] = {
    R.PRINCIPAL: frozenset({R.CLASS_TEACHER, R.REGISTRAR, R.MORAL_EDUCATION, R.HOME_TEACHER, R.COMPANION}),
    R.VILLAGE_SECRETARY: frozenset({R.GRID_WORKER}),
    R.TOWNSHIP_DEPUTY: frozenset({R.VILLAGE_SECRETARY, R.TOWNSHIP_OFFICER, R.GRID_WORKER}),
    R.TOWNSHIP_HEAD: frozenset({R.VILLAGE_SECRETARY, R.TOWNSHIP_OFFICER, R.TOWNSHIP_DEPUTY, R.GRID_WORKER}),
    R.SECURITY_ADMIN: frozenset(R),
}


# A post whose holder appoints others, never himself: the three administrators see no child, not even by own act.
NOT_FOR_ONESELF: Final = frozenset({R.SECURITY_ADMIN})


def may(role: R | str, permission: P) -> bool:
    """True if a post of `role` carries `permission`."""
    return permission in PERMISSIONS[R(role)]


def may_appoint(posts: Iterable[tuple[R, str]], role: R, unit_path: str) -> bool:
    """True if one of these posts (role, path of its unit) appoints `role` at the unit."""
    return any(role in APPOINTS.get(own, frozenset()) and unit_path.startswith(path) for own, path in posts)


def session_hours(roles: list[R], *, own_device: bool) -> int:
    """Hours until sign-in lapses: the shortest of the person's roles, longer on an own device."""
    column = 1 if own_device else 0
    return min((SESSION_HOURS.get(role, DEFAULT_SESSION_HOURS)[column] for role in roles), default=1)
