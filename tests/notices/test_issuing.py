"""An order comes from the township government or the education bureau, from nobody else, and never speaks of money."""

import pytest

from notices.choices import IssuerKind, PaperLayout
from notices.rules.issuing import issue_refusal, order_refusal, penalty_in


@pytest.mark.parametrize("issuer", [IssuerKind.TOWNSHIP, IssuerKind.BUREAU])
def test_township_and_bureau_may_order(issuer: IssuerKind) -> None:
    assert order_refusal(issuer) == ""


@pytest.mark.parametrize(
    "issuer",
    [
        IssuerKind.SCHOOL,
        IssuerKind.VILLAGE,
        IssuerKind.JUSTICE_OFFICE,
        IssuerKind.INSPECTORATE,
        IssuerKind.OTHER,
    ],
)
def test_nobody_else_may_order_even_with_a_basis(issuer: IssuerKind) -> None:
    refusal = order_refusal(issuer, typed_basis="某省条例第九条")
    assert refusal.startswith(f"{issuer.label}无权责令限期改正")
    assert "第五十八条" in refusal


@pytest.mark.parametrize("issuer", [IssuerKind.SUBDISTRICT, IssuerKind.FARM])
def test_a_subdistrict_or_farm_needs_a_typed_legal_basis(issuer: IssuerKind) -> None:
    assert "请先在方案数据中写明其法律依据" in order_refusal(issuer)
    assert order_refusal(issuer, typed_basis="某省条例第九条") == ""


def test_the_record_of_the_school_is_no_paper_of_the_township() -> None:
    assert issue_refusal(PaperLayout.SCHOOL_RECORD, IssuerKind.SCHOOL) == ""
    assert "由学校出具" in issue_refusal(PaperLayout.SCHOOL_RECORD, IssuerKind.TOWNSHIP)


@pytest.mark.parametrize("layout", list(PaperLayout))
def test_every_layout_has_an_issuer(layout: PaperLayout) -> None:
    assert any(issue_refusal(layout, issuer) == "" for issuer in IssuerKind)


@pytest.mark.parametrize(
    "text",
    [
        "处五百元罚款",
        "并处 1000 元",
        "加处滞纳金",
        "予以罚 款",
        "缴纳入学保证金",
        "由公安机关拘留",
        "处以2000元以下罚款",
    ],
)
def test_words_of_money_or_custody_are_found(text: str) -> None:
    assert penalty_in(text)


@pytest.mark.parametrize("text", ["批评教育，责令限期改正", "依法移送有关机关处理", "享受两免一补", "家访3次"])
def test_lawful_words_pass(text: str) -> None:
    assert penalty_in(text) == ""
