"""撤回函 and 更正函: filled from the paper they are about; which wording stands in where a plan is silent."""

from collections.abc import Mapping
from datetime import date

from notices.choices import IssuerKind, PaperLayout
from notices.rules.papers import Letter
from notices.rules.told import Gap, Issuer, Told, Typed
from notices.rules.wording import UNSAID, PaperForm, has_code_word

_ISSUERS = (IssuerKind.SCHOOL, IssuerKind.TOWNSHIP, IssuerKind.BUREAU, IssuerKind.SUBDISTRICT, IssuerKind.FARM)
_ABOUT = "我单位于{paper_on}出具的关于{student}（{school}）的{paper}"
_IDENTITY = "须写明原文书所涉学生"

# No plan has these papers (clauses 10, 49): a county may word its own in notices.toml.
COMMON = (
    PaperForm(
        key="withdrawal-letter",
        layout=PaperLayout.WITHDRAWAL,
        title="撤回函",
        issuers=_ISSUERS,
        clause=UNSAID,
        quote="",
        prefix="{code_word}撤函",
        paragraphs=(
            _ABOUT + "，经核实，{reason}，现予撤回。",
            "该文书自本函印发之日起不再作为办理依据，据此要求办理的事项停止办理；已收到的文书请退回我单位，或者注明“已撤回”后存档。",
        ),
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason=_IDENTITY,
        assumed=True,
    ),
    PaperForm(
        key="correction-letter",
        layout=PaperLayout.CORRECTION,
        title="更正函",
        issuers=_ISSUERS,
        clause=UNSAID,
        quote="",
        prefix="{code_word}更函",
        paragraphs=(
            _ABOUT + "，因{reason}，部分内容有误，现更正如下：",
            "原文：{wrong}。",
            "更正为：{right}。",
            "原文书其他内容不变，请将本函与原文书一并存档。",
        ),
        confirmed=False,
        confirm_note="文本待县教育局确认",
        identity_reason=_IDENTITY,
        assumed=True,
    ),
    PaperForm(
        key="filled-receipt",
        layout=PaperLayout.RECEIPT,
        title="送达回证",
        issuers=(IssuerKind.TOWNSHIP, IssuerKind.BUREAU, IssuerKind.SUBDISTRICT, IssuerKind.FARM),
        clause=UNSAID,
        quote="",
        identity_reason="须写明受送达人和送达地点",
        assumed=True,
    ),
)


def with_common(forms: Mapping[str, PaperForm]) -> dict[str, PaperForm]:
    """A plan's papers, and the common wording of those about which it says nothing."""
    said = {form.layout for form in forms.values()}
    return {**{form.key: form for form in COMMON if form.layout not in said}, **forms}


def letter(told: Told, typed: Typed, on: date, issuer: Issuer) -> Letter | None:
    """The facts of a letter issued on a day, without its number; None where it is about no paper."""
    about = told.about
    if about is None:
        return None
    return Letter(
        number="",
        addressees=about.recipients,
        paper_title=about.title,
        paper_number=about.number,
        paper_on=about.on,
        student=told.name,
        school=told.school,
        reason=typed.reason,
        wrong=typed.wrong,
        right=typed.right,
        issuer=issuer.name,
        issued_on=on,
        contact=typed.contact or issuer.contact,
        phone=typed.phone or issuer.phone,
    )


def numbering_gaps(form: PaperForm, typed: Typed, issuer: Issuer) -> list[Gap]:
    """What a numbered paper lacks of its issuer: 机关代字, and whom to ask."""
    found = []
    if not has_code_word(form, issuer.code_word):
        text = f"{issuer.name}还没有登记机关代字，不能编号。请系统管理员在机构页填写（如“某政”“某中”）。"
        found.append(Gap(text, "unit", bars=True))
    if not (typed.contact or issuer.contact) or not (typed.phone or issuer.phone):
        found.append(Gap("没有联系人或联系电话：收到文书的人无处询问。", "unit"))
    return found
