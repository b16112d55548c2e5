"""The 送达回证 of a served paper: blank as it leaves, filled from the record of service (民事诉讼法 arts. 87-95)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from notices.choices import PaperLayout, ServiceMethod
from notices.rules.demanding import Demand
from notices.rules.numbering import Number, parse_number
from notices.rules.papers import Letter, Order, Receipt, day_text, plain_day
from notices.rules.service import ServiceFacts

# 代字 of the 送达回证 of each kind of paper: one series beside each series of papers, so that none is numbered twice.
RECEIPT_WORDS: Mapping[PaperLayout, str] = {
    PaperLayout.ORDER: "送回",
    PaperLayout.DEMAND: "催送回",
    PaperLayout.WITHDRAWAL: "撤送回",
    PaperLayout.CORRECTION: "更送回",
}


# A 撤回函 or 更正函 starts nobody's time: nothing is left to the pen there.
NO_DEADLINE = "—"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that did not serve the paper."""

    on: date
    result: str
    reason: str


def receipt_for(
    facts: Order | Demand | Letter, layout: PaperLayout, title: str, code_word: str, *, addressee: str, relation: str
) -> Receipt:
    """The 送达回证 that goes with a paper: one for its one addressee, numbered as the paper is."""
    number = parse_number(facts.number)
    own = Number(f"{code_word}{RECEIPT_WORDS[layout]}", number.year, number.serial) if number else ""
    return Receipt(
        number=str(own),
        document_title=title,
        document_number=facts.number,
        copies=1,
        addressee=addressee,
        relation=relation,
        student=facts.student,
        issuer=facts.issuer,
        deadline=NO_DEADLINE if isinstance(facts, Letter) else "",
    )


def filled_receipt(
    blank: Receipt,
    facts: ServiceFacts,
    *,
    happened_at: datetime,
    deadline: date | None,
    effective_on: date | None,
    earlier: Iterable[Attempt],
    recorded: str,
) -> Receipt:
    """The blank one with everything the record of service has; `happened_at` is local time.

    Whoever takes it for the addressee (同住成年家属) stands in the deputy's box, the addressee himself in his own.
    """
    by_deputy = facts.method == ServiceMethod.ADULT_RELATIVE
    day = facts.happened_on
    return replace(
        blank,
        place=facts.place,
        method=facts.method.value,
        served_at=f"{plain_day(day)}{happened_at.hour}时{happened_at.minute}分",
        deadline=day_text(deadline) if deadline else blank.deadline,
        receiver="" if by_deputy else facts.receiver,
        deputy=facts.receiver if by_deputy else "",
        deputy_relation=facts.receiver_relation if by_deputy else "",
        lives_together=by_deputy and facts.receiver_lives_with_addressee,
        signed_on=plain_day(day) if facts.receiver else "",
        refusal=f"{facts.refusal_reason}（{plain_day(day)}）" if facts.refusal_reason else "",
        witness=f"{facts.witness}（{facts.witness_office}）" if facts.witness_office else facts.witness,
        photo=facts.photo,
        server_names=facts.servers,
        remark="；".join(text for text in _remarks(facts, effective_on, earlier) if text),
        recorded=recorded,
    )


def _remarks(facts: ServiceFacts, effective_on: date | None, earlier: Iterable[Attempt]) -> list[str]:
    """What has no box of its own: post and consent numbers, who was entrusted, announcement, earlier attempts."""
    age = f"代收人{facts.receiver_age}周岁" if facts.receiver_age is not None else ""
    takes = f"自{day_text(effective_on)}起视为送达" if effective_on and effective_on != facts.happened_on else ""
    failed = [f"{plain_day(row.on)}{row.result}" + (f"（{row.reason}）" if row.reason else "") for row in earlier]
    return [
        age,
        f"邮件号码{facts.post_number}" if facts.post_number else "",
        f"电子送达确认书{facts.consent}" if facts.consent else "",
        f"受委托（转交）机关：{facts.entrusted_to}" if facts.entrusted_to else "",
        f"公告处所：{facts.announced_in}" if facts.announced_in else "",
        takes,
        f"此前送达未成{len(failed)}次：{'、'.join(failed)}" if failed else "",
    ]
