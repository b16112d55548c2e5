"""Which kind of body a post speaks for on paper, and which permission each paper asks of it."""

from collections.abc import Mapping

from agencies.choices import Permission, Role, UnitKind
from notices.choices import IssuerKind, PaperLayout

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
    PaperLayout.TOWNSHIP_RECORD: (Permission.DRAFT_ORDER,),
    PaperLayout.ENROLMENT_RECORD: (Permission.DRAFT_ORDER,),
    PaperLayout.POSTPONEMENT_FORM: (Permission.DRAFT_ORDER,),
    PaperLayout.SCHOOL_RECORD: (Permission.ISSUE_SCHOOL_PAPER,),
    PaperLayout.REPORT_SLIP: (Permission.ISSUE_SCHOOL_PAPER,),
    PaperLayout.SITUATION_REPORT: (Permission.ISSUE_SCHOOL_PAPER,),
}
ISSUING: Mapping[PaperLayout, Permission] = {
    PaperLayout.ORDER: Permission.ISSUE_ORDER,
    PaperLayout.TOWNSHIP_RECORD: Permission.DRAFT_ORDER,
    PaperLayout.ENROLMENT_RECORD: Permission.DRAFT_ORDER,
    PaperLayout.POSTPONEMENT_FORM: Permission.DRAFT_ORDER,
    PaperLayout.SCHOOL_RECORD: Permission.ISSUE_SCHOOL_PAPER,
    PaperLayout.REPORT_SLIP: Permission.ISSUE_SCHOOL_PAPER,
    PaperLayout.SITUATION_REPORT: Permission.ISSUE_SCHOOL_PAPER,
}
REPORTS = frozenset({PaperLayout.REPORT_SLIP, PaperLayout.SITUATION_REPORT})
# A letter is drafted and signed by whoever may draft and sign the paper it is about.
LETTERS = frozenset({PaperLayout.WITHDRAWAL, PaperLayout.CORRECTION})
MENDED_BY_LETTER = REPORTS | {PaperLayout.ORDER}
NUMBERED = LETTERS | {PaperLayout.ORDER}
RECIPIENTS: Mapping[str, str] = {"township": "乡镇人民政府", "bureau": "县级教育行政部门"}


def issuer_kind(unit: UnitKind, role: Role | None = None, said: str = "") -> IssuerKind:
    """The kind of body: what the unit's data say (a 街道办事处, a 农场), else by post and kind of unit."""
    if said in IssuerKind.values:
        return IssuerKind(said)
    if role is not None and role in _BY_ROLE:
        return _BY_ROLE[role]
    return _BY_UNIT.get(unit, IssuerKind.OTHER)
