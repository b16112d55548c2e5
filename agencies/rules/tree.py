"""The shape of the unit tree: what may stand under what, and who may shape which part of it."""

from typing import Final

from agencies.choices import Permission, UnitKind

# Grades of compulsory schooling (义务教育法 art. 2: nine years).
FIRST_GRADE: Final = 1
LAST_GRADE: Final = 9

CHILDREN: Final[dict[UnitKind | None, frozenset[UnitKind]]] = {
    None: frozenset({UnitKind.COUNTY}),
    UnitKind.COUNTY: frozenset({UnitKind.TOWNSHIP, UnitKind.SCHOOL, UnitKind.AGENCY}),
    UnitKind.TOWNSHIP: frozenset({UnitKind.VILLAGE, UnitKind.SCHOOL, UnitKind.AGENCY}),
    UnitKind.VILLAGE: frozenset({UnitKind.GRID}),
    UnitKind.SCHOOL: frozenset({UnitKind.CLASS}),
}

# The kinds of units by which a home is told.
RESIDENCES: Final = (UnitKind.VILLAGE, UnitKind.GRID)

# A school keeps its own classes; everything else is the system administrator's.
_SHAPES: Final[dict[UnitKind, frozenset[Permission]]] = {
    UnitKind.CLASS: frozenset({Permission.MANAGE_UNITS, Permission.MANAGE_CLASSES})
}
_SHAPES_REST: Final = frozenset({Permission.MANAGE_UNITS})

# What a unit's papers need to know of it, and how the form calls it.
PAPER_SETTINGS: Final[dict[str, str]] = {
    "issuer": "发文机关名称",
    "code_word": "机关代字",
    "contact": "联系人",
    "phone": "联系电话",
}


def may_stand_under(kind: UnitKind, parent: UnitKind | None) -> bool:
    """True if a unit of `kind` may hang under a unit of kind `parent` (None = root)."""
    return kind in CHILDREN.get(parent, frozenset())


def shaped_with(kind: UnitKind) -> frozenset[Permission]:
    """The permissions of which any allows to add, rename or close units of this kind."""
    return _SHAPES.get(kind, _SHAPES_REST)
