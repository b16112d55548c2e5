"""Who may issue which paper: an order comes from the township government or the education bureau only."""

import re

from notices.choices import IssuerKind, PaperLayout

# 义务教育法 art. 58: 「由当地乡镇人民政府或者县级人民政府教育行政部门给予批评教育，责令限期改正」.
ORDERING = frozenset({IssuerKind.TOWNSHIP, IssuerKind.BUREAU})
# Bodies that govern an area but are not named by art. 58; they need a legal basis of their own, typed in.
NEEDING_BASIS = frozenset({IssuerKind.SUBDISTRICT, IssuerKind.FARM})
# Who issued a report or an order takes it back or corrects it, nobody else.
MENDING = ORDERING | NEEDING_BASIS | {IssuerKind.SCHOOL}

# Who keeps the records of persuasion in a place.
GOVERNING = frozenset({IssuerKind.TOWNSHIP}) | NEEDING_BASIS

_WHO = {
    # These ask and order nothing. 《入学通知书》 only tells parents of their duty (art. 5) and where to come, which
    # art. 58 does not reserve: 虎林 六1 has 乡镇、街道 hand it out. So a 街道 or 农场 needs no typed basis for it.
    PaperLayout.ENTRY_NOTICE: ORDERING | NEEDING_BASIS,
    PaperLayout.URGING: frozenset({IssuerKind.SCHOOL}),
    PaperLayout.PROPOSAL: frozenset({IssuerKind.SCHOOL}),
    # 批评教育 stands in the same sentence of art. 58 as the order after it, and is given to the same two bodies.
    PaperLayout.CRITICISM_RECORD: ORDERING,
    PaperLayout.ORDER: ORDERING,
    # 行政强制法 arts. 53-54: the body whose order was not obeyed demands, nobody else.
    PaperLayout.DEMAND: ORDERING,
    PaperLayout.SUIT_MATERIALS: ORDERING,
    PaperLayout.ENFORCEMENT_MATERIALS: ORDERING,
    PaperLayout.RECEIPT: ORDERING,
    PaperLayout.TOWNSHIP_RECORD: GOVERNING,
    PaperLayout.ENROLMENT_RECORD: GOVERNING,
    PaperLayout.POSTPONEMENT_FORM: GOVERNING,
    PaperLayout.SCHOOL_RECORD: frozenset({IssuerKind.SCHOOL}),
    PaperLayout.REPORT_SLIP: frozenset({IssuerKind.SCHOOL}),
    PaperLayout.SITUATION_REPORT: frozenset({IssuerKind.SCHOOL}),
    PaperLayout.REPORT_LETTER: frozenset({IssuerKind.SCHOOL}),
    PaperLayout.WITHDRAWAL: MENDING,
    PaperLayout.CORRECTION: MENDING,
}

# Every way a paper could speak of money or custody; art. 58 gives only 批评教育 and 责令限期改正.
_PENALTY = re.compile(
    r"罚款|罚金|滞纳金|罚没|没收|拘留|处以?[^，。；]{0,12}元|缴纳?[^，。；]{0,8}(?:保证金|押金)|交[^，。；]{0,8}(?:保证金|押金)"
)


def order_refusal(issuer: IssuerKind, *, typed_basis: str = "") -> str:
    """Why this body may not order the guardian, as a Chinese sentence; empty when it may.

    `typed_basis` is the law or regulation the county typed in for a 街道办事处, 农场 or 林业局. Source: 义务教育法
    art. 58, 未成年人保护法 art. 83.
    """
    if _is_named(issuer, typed_basis):
        return ""
    if issuer in NEEDING_BASIS:
        return (
            f"{issuer.label}不是义务教育法第五十八条规定的责令机关。"
            "请先在方案数据中写明其法律依据，或转请县级教育行政部门签发。"
        )
    hint = "学校可出具劝学函、告知建议函。" if issuer == IssuerKind.SCHOOL else "请将材料报送上述机关。"
    return (
        f"{issuer.label}无权责令限期改正：依照义务教育法第五十八条，"
        f"限期通知书只能由乡镇人民政府或者县级教育行政部门签发。{hint}"
    )


def _is_named(issuer: IssuerKind, typed_basis: str) -> bool:
    """Named by art. 58, or by a law the county typed in."""
    return issuer in ORDERING or (issuer in NEEDING_BASIS and bool(typed_basis.strip()))


def _criticism_refusal(issuer: IssuerKind, typed_basis: str) -> str:
    if _is_named(issuer, typed_basis):
        return ""
    who = "依照义务教育法第五十八条，批评教育由乡镇人民政府或者县级人民政府教育行政部门进行"
    if issuer in NEEDING_BASIS:
        return f"{who}。{issuer.label}请先在方案数据中写明其法律依据，或转请县级教育行政部门办理。"
    return f"{who}，{issuer.label}不能出具批评教育记录。请将材料报送上述机关。"


def issue_refusal(layout: PaperLayout, issuer: IssuerKind, *, typed_basis: str = "") -> str:
    """Why this body may not issue a paper of this layout, as a Chinese sentence; empty when it may."""
    allowed = _WHO[layout]
    if layout == PaperLayout.CRITICISM_RECORD:
        return _criticism_refusal(issuer, typed_basis)
    if allowed is ORDERING:
        return order_refusal(issuer, typed_basis=typed_basis)
    if issuer in allowed:
        return ""
    names = "、".join(kind.label for kind in IssuerKind if kind in allowed)
    return f"{layout.label}由{names}出具，{issuer.label}不能出具。"


def penalty_in(text: str) -> str:
    """The first words that speak of a fine, deposit or custody, or an empty string.

    义务教育法 art. 58 gives only 批评教育 and 责令限期改正: such words are refused on every paper.
    """
    found = _PENALTY.search(re.sub(r"\s", "", text))
    return found[0] if found else ""
