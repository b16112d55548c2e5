"""Which kind of body a post speaks for on paper, and which permission each paper asks of it."""

import re
from collections.abc import Mapping

from agencies.choices import Permission, Role, UnitKind
from notices.choices import IssuerKind, PaperLayout

# With the two characters of the kind of paper a prefix has at most twenty (notices/rules/numbering.py).
LONGEST_CODE_WORD = 18
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")

_BY_UNIT: Mapping[UnitKind, IssuerKind] = {
    UnitKind.TOWNSHIP: IssuerKind.TOWNSHIP,
    # The education bureau's posts sit on the county unit.
    UnitKind.COUNTY: IssuerKind.BUREAU,
    UnitKind.SCHOOL: IssuerKind.SCHOOL,
    UnitKind.CLASS: IssuerKind.SCHOOL,
    UnitKind.VILLAGE: IssuerKind.VILLAGE,
    UnitKind.GRID: IssuerKind.VILLAGE,
}
_BY_ROLE: Mapping[Role, IssuerKind] = {
    Role.JUSTICE_OFFICE: IssuerKind.JUSTICE_OFFICE,
    Role.INSPECTOR: IssuerKind.INSPECTORATE,
}

# Who prepares a paper of each layout, and who signs it out; the same where no second person is asked for.
DRAFTING: Mapping[PaperLayout, tuple[Permission, ...]] = {
    PaperLayout.ORDER: (Permission.DRAFT_ORDER, Permission.ISSUE_ORDER),
    PaperLayout.DEMAND: (Permission.DRAFT_ORDER, Permission.ISSUE_ORDER),
    PaperLayout.TOWNSHIP_RECORD: (Permission.DRAFT_ORDER,),
    PaperLayout.ENROLMENT_RECORD: (Permission.DRAFT_ORDER,),
    PaperLayout.POSTPONEMENT_FORM: (Permission.DRAFT_ORDER,),
    PaperLayout.ENTRY_NOTICE: (Permission.DRAFT_ORDER,),
    PaperLayout.CRITICISM_RECORD: (Permission.DRAFT_ORDER,),
    PaperLayout.SUIT_MATERIALS: (Permission.DRAFT_ORDER,),
    PaperLayout.ENFORCEMENT_MATERIALS: (Permission.DRAFT_ORDER,),
    PaperLayout.URGING: (Permission.ISSUE_SCHOOL_PAPER,),
    PaperLayout.PROPOSAL: (Permission.ISSUE_SCHOOL_PAPER,),
    PaperLayout.SCHOOL_RECORD: (Permission.ISSUE_SCHOOL_PAPER,),
    PaperLayout.REPORT_SLIP: (Permission.ISSUE_SCHOOL_PAPER,),
    PaperLayout.SITUATION_REPORT: (Permission.ISSUE_SCHOOL_PAPER,),
}
ISSUING: Mapping[PaperLayout, Permission] = {
    PaperLayout.ORDER: Permission.ISSUE_ORDER,
    PaperLayout.DEMAND: Permission.ISSUE_ORDER,
    PaperLayout.TOWNSHIP_RECORD: Permission.DRAFT_ORDER,
    PaperLayout.ENROLMENT_RECORD: Permission.DRAFT_ORDER,
    PaperLayout.POSTPONEMENT_FORM: Permission.DRAFT_ORDER,
    PaperLayout.ENTRY_NOTICE: Permission.DRAFT_ORDER,
    PaperLayout.CRITICISM_RECORD: Permission.DRAFT_ORDER,
    PaperLayout.SUIT_MATERIALS: Permission.DRAFT_ORDER,
    PaperLayout.ENFORCEMENT_MATERIALS: Permission.DRAFT_ORDER,
    PaperLayout.URGING: Permission.ISSUE_SCHOOL_PAPER,
    PaperLayout.PROPOSAL: Permission.ISSUE_SCHOOL_PAPER,
    PaperLayout.SCHOOL_RECORD: Permission.ISSUE_SCHOOL_PAPER,
    PaperLayout.REPORT_SLIP: Permission.ISSUE_SCHOOL_PAPER,
    PaperLayout.SITUATION_REPORT: Permission.ISSUE_SCHOOL_PAPER,
}
# Whoever signs out papers of some layout.
SIGNERS = tuple(dict.fromkeys(ISSUING.values()))
REPORTS = frozenset({PaperLayout.REPORT_SLIP, PaperLayout.SITUATION_REPORT})
# A letter is drafted and signed by whoever may draft and sign the paper it is about.
LETTERS = frozenset({PaperLayout.WITHDRAWAL, PaperLayout.CORRECTION})
# Served on one guardian each, by whom the body signs out.
SERVED = frozenset({PaperLayout.ORDER, PaperLayout.DEMAND})
MENDED_BY_LETTER = REPORTS | SERVED
# Papers that only ask, each with the word under which the case records its sending; none starts anybody's time.
ADVICE: Mapping[PaperLayout, str] = {
    PaperLayout.ENTRY_NOTICE: "entry_notice",
    PaperLayout.URGING: "urging",
    PaperLayout.PROPOSAL: "proposal",
}
# Those of them that go to the guardians.
ASKS_GUARDIANS = frozenset({PaperLayout.ENTRY_NOTICE, PaperLayout.URGING})
NUMBERED = LETTERS | set(ADVICE) | SERVED | {PaperLayout.REPORT_LETTER}
# 材料清单 of the two ways to a court.
MATERIALS = frozenset({PaperLayout.SUIT_MATERIALS, PaperLayout.ENFORCEMENT_MATERIALS})
# Papers that name the papers before them.
NAMES_PAPERS = MATERIALS | {PaperLayout.DEMAND}
RECIPIENTS: Mapping[str, str] = {"township": "乡镇人民政府", "bureau": "县级教育行政部门"}


def making(layout: PaperLayout) -> tuple[Permission, ...]:
    """The permissions of those who prepare a paper of this layout and of who signs it out."""
    return (*DRAFTING[layout], ISSUING[layout])


def default_code_word(unit: UnitKind, name: str) -> str:
    """What stands for the 机关代字 of a unit that has entered none: a school's own name, which its county knows.

    A government or bureau has a 代字 given by its office; none is made up for it.
    """
    plain = "".join(_HAN.findall(name)) if unit == UnitKind.SCHOOL else ""
    return plain if len(plain) <= LONGEST_CODE_WORD else ""


def is_served(layout: PaperLayout | None, *, to_guardian: bool) -> bool:
    """Whether a paper is served and its 送达回证 kept: orders, demands, and letters about them to a guardian."""
    return layout in SERVED or (layout in LETTERS and to_guardian)


def issuer_kind(unit: UnitKind, role: Role | None = None, said: str = "") -> IssuerKind:
    """The kind of body: what the unit's data say (a 街道办事处, a 农场), else by post and kind of unit."""
    if said in IssuerKind.values:
        return IssuerKind(said)
    if role is not None and role in _BY_ROLE:
        return _BY_ROLE[role]
    return _BY_UNIT.get(unit, IssuerKind.OTHER)
