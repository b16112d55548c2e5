"""Names what is missing on a paper before it may leave, what bars it first."""

from collections.abc import Mapping

from cases.choices import EventKind
from notices.choices import IssuerKind, PaperLayout
from notices.rules.asking import advice_gaps, criticism_gaps
from notices.rules.child_words import addressee, cause_is_covered, cause_word
from notices.rules.demanding import demand_gaps
from notices.rules.enrolling import postponement_gaps
from notices.rules.issuers import ADVICE, ASKS_GUARDIANS, MATERIALS, NUMBERED, REPORTS
from notices.rules.issuing import issue_refusal, penalty_in
from notices.rules.letters import numbering_gaps
from notices.rules.told import Gap, Issuer, Told, Typed
from notices.rules.wording import PaperForm

_SHOWS_ABSENCE = frozenset({PaperLayout.TOWNSHIP_RECORD, PaperLayout.SCHOOL_RECORD, PaperLayout.SITUATION_REPORT})
_VISITED = EventKind.HOME_VISIT
# What a form is mostly made of: without it the form leaves with an empty middle.
_MADE_OF: Mapping[PaperLayout, tuple[tuple[EventKind, str], ...]] = {
    PaperLayout.TOWNSHIP_RECORD: ((EventKind.PERSUASION, "还没有劝返记录，动员情况将留空。"),),
    PaperLayout.ENROLMENT_RECORD: ((EventKind.PERSUASION, "还没有动员记录，动员情况将留空。"),),
    PaperLayout.SCHOOL_RECORD: ((_VISITED, "还没有家访记录，家访情况将留空。"),),
    PaperLayout.REPORT_SLIP: ((_VISITED, "还没有上门动员记录。"),),
    PaperLayout.SITUATION_REPORT: (
        (_VISITED, "还没有入户劝返记录。"),
        (EventKind.VILLAGE_VERIFICATION, "还没有村（社区）核查记录。"),
    ),
}


def issuer_refusal(form: PaperForm, issuer: IssuerKind) -> str:
    """Why a body may not issue this paper of the plan, by law or by the plan itself; empty when it may."""
    if refusal := issue_refusal(form.layout, issuer, typed_basis=form.typed_basis):
        return refusal
    if issuer in form.issuers or form.typed_basis:
        return ""
    return f"本方案规定《{form.title}》不由{issuer.label}出具。"


def gaps(form: PaperForm, told: Told, typed: Typed, issuer: Issuer, *, bars: tuple[str, ...] = ()) -> tuple[Gap, ...]:
    """What is missing on this paper, what bars it first.

    `bars` are the case's own refusals of the event the paper makes (`cases.rules.transitions.bars`).
    """
    found = [Gap(text, "case", bars=True) for text in bars]
    if refusal := issuer_refusal(form, issuer.kind):
        found.append(Gap(refusal, bars=True))
    found += _own_gaps(form, told, typed, issuer)
    words = (typed.opinion, typed.contact, typed.reason, typed.wrong, typed.right, typed.report_at)
    if penalty := penalty_in("，".join(words)):
        text = f"文书不得出现“{penalty}”：义务教育法第五十八条只规定批评教育、责令限期改正，请删去。"
        found.append(Gap(text, bars=True))
    return tuple(sorted(found, key=lambda gap: not gap.bars))


def _own_gaps(form: PaperForm, told: Told, typed: Typed, issuer: Issuer) -> list[Gap]:
    if form.layout in NUMBERED:
        more = _order_gaps(told, typed) if form.layout == PaperLayout.ORDER else []
        if form.layout == PaperLayout.DEMAND:
            more = demand_gaps(told, typed)
        if form.layout in ADVICE:
            more = advice_gaps(told, asks_guardians=form.layout in ASKS_GUARDIANS)
        return [*more, *numbering_gaps(form, typed, issuer)]
    if form.layout in MATERIALS:
        return []
    if form.layout == PaperLayout.CRITICISM_RECORD:
        return criticism_gaps(told)
    return [*_child_gaps(form, told), *_event_gaps(form, told), *_recipient_gaps(form, told)]


def _order_gaps(told: Told, typed: Typed) -> list[Gap]:
    found = []
    if told.last(EventKind.CRITICISM) is None:
        text = "缺少批评教育记录：依照义务教育法第五十八条，责令限期改正之前须先对监护人批评教育。"
        found.append(Gap(text, f"event:{EventKind.CRITICISM}", bars=True))
    if told.first_absent is None:
        found.append(Gap("没有缺课记录，通知书无从写明自哪一天起未到校。", "case", bars=True))
    if addressee(told, typed) is None:
        text = "没有登记监护人：通知书须按监护人逐人送达，祖父母等亲属只有在是法定监护人时才能作受送达人。"
        found.append(Gap(text, "child", bars=True))
    return found


def _child_gaps(form: PaperForm, told: Told) -> list[Gap]:
    found = []
    if not told.family:
        found.append(Gap("没有登记家长姓名和电话。", "child"))
    if not told.birth_date and form.layout != PaperLayout.REPORT_SLIP:
        found.append(Gap("没有出生日期。", "child"))
    if told.first_absent is None and form.layout in _SHOWS_ABSENCE:
        found.append(Gap("没有缺课记录，旷课日期将留空。", "case"))
    return found


def _event_gaps(form: PaperForm, told: Told) -> list[Gap]:
    if form.layout == PaperLayout.POSTPONEMENT_FORM:
        return postponement_gaps(told)
    found = []
    if cause_is_covered(told):
        found.append(Gap("登记的原因属限制信息，本文书留空，请由有权限的人员制作或手填。", "case"))
    elif not cause_word(told):
        found.append(Gap("原因尚未查明。", f"event:{EventKind.PHONE_CALL}"))
    for kind, sentence in _MADE_OF.get(form.layout, ()):
        if told.last(kind) is None:
            found.append(Gap(sentence, f"event:{kind}"))
    return found


def _recipient_gaps(form: PaperForm, told: Told) -> list[Gap]:
    if form.layout not in REPORTS or told.government:
        return []
    return [Gap("没有主送的乡镇人民政府：该生的居住地或学校未挂乡镇。", "child", bars=True)]
