"""Say which unit of a case a role answers at: school line, village, township, county."""

from __future__ import annotations

from agencies.choices import Role

SCHOOL_CLASS, SCHOOL, VILLAGE, TOWNSHIP, COUNTY = "school_class", "school", "village", "township", "county"

PLACE_OF: dict[Role, str] = {
    Role.CLASS_TEACHER: SCHOOL_CLASS,
    Role.HOME_TEACHER: SCHOOL_CLASS,
    Role.REGISTRAR: SCHOOL,
    Role.MORAL_EDUCATION: SCHOOL,
    Role.PRINCIPAL: SCHOOL,
    Role.COMPANION: SCHOOL,
    Role.VILLAGE_SECRETARY: VILLAGE,
    Role.GRID_WORKER: VILLAGE,
    Role.TOWNSHIP_OFFICER: TOWNSHIP,
    Role.TOWNSHIP_DEPUTY: TOWNSHIP,
    Role.TOWNSHIP_HEAD: TOWNSHIP,
    Role.JUSTICE_OFFICE: TOWNSHIP,
    Role.DISCIPLINE_OFFICE: TOWNSHIP,
}

# A missing unit's duties fall to the next above: a township's never to a school, and the last answer is the county.
_ABOVE: dict[str, tuple[str, ...]] = {
    SCHOOL_CLASS: (SCHOOL_CLASS, SCHOOL, TOWNSHIP),
    SCHOOL: (SCHOOL, TOWNSHIP),
    VILLAGE: (VILLAGE, TOWNSHIP),
    TOWNSHIP: (TOWNSHIP,),
    COUNTY: (),
}


def answering(role: Role) -> tuple[str, ...]:
    """The case's units that may answer for the role's duties, nearest first; where none is known, the county does."""
    return _ABOVE[place_of(role)]


def place_of(role: Role) -> str:
    """Which of the case's units the role's duties hang on; everything else is the county's."""
    return PLACE_OF.get(role, COUNTY)
