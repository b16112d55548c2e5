"""撤回函 and 更正函: filled from the paper they are about."""

from datetime import date

from notices.rules.papers import Letter
from notices.rules.told import Gap, Issuer, Told, Typed
from notices.rules.wording import PaperForm, has_code_word


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
        issued_by=about.issuer if about.issuer != issuer.name else "",
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
