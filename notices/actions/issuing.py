"""A paper is issued in three short steps: number and frozen facts; rendering; bytes, hash and the case's event."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import pdf
from agencies.choices import Verb
from agencies.models import User
from agencies.queries.people import actor_for
from agencies.scope import Actor
from cases.actions.events import EventRefusedError, NewEvent, record_event
from cases.choices import EventKind
from cases.models import Event
from notices.actions.drafting import all_gaps
from notices.actions.letters import letter_bars, tell_letter
from notices.actions.numbers import take_number
from notices.actions.papers import PaperRefusedError, form_for, frozen, maker_of, note, require_acting, typed_of
from notices.actions.voiding import void_unfinished
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice
from notices.queries.papers import thawed, with_all
from notices.queries.story import issuer_of, paper_story, story_of
from notices.rules.asking import Advice
from notices.rules.demanding import Demand
from notices.rules.drafting import facts_for
from notices.rules.facts import Facts, freeze, thaw
from notices.rules.issuers import ADVICE, ISSUING, LETTERS, RECIPIENTS, REPORTS
from notices.rules.papers import Letter, Order, Receipt
from notices.rules.receipts import receipt_for
from notices.rules.wording import PaperForm, fill, template

logger = logging.getLogger("baoxue.papers")

# A number taken this long ago without a paper is the sweeper's; after a day it is voided.
STUCK, GIVEN_UP = timedelta(minutes=2), timedelta(days=1)
BASE = Path(settings.BASE_DIR) / "config" / "static"


def issue(*, by: Actor, notice: Notice, now: datetime) -> Notice:
    """Sign a draft out: it gets its number, its bytes and its place in the case; issuing twice changes nothing.

    Raises PaperRefusedError (what is missing; a paper that cannot be made stays numbered for the sweeper),
    PermissionDenied.
    """
    numbered = number_paper(by=by, notice_id=notice.pk, now=now)
    if numbered.state == NoticeState.NUMBERED:
        make_paper(by=by, notice=numbered, now=now)
    return _read(numbered.pk)


def number_paper(*, by: Actor, notice_id: int, now: datetime) -> Notice:
    """First step: number and frozen facts, committed before anything is rendered."""
    with transaction.atomic():
        Notice.objects.select_for_update().filter(pk=notice_id).values_list("pk", flat=True).first()
        notice = _read(notice_id)
        form = form_for(notice)
        require_acting(by, notice, (ISSUING[maker_of(notice)],))
        if notice.state == NoticeState.VOID:
            raise PaperRefusedError([f"这份文书已作废（{notice.void_reason}），不能签发，请重新拟制。"])
        if notice.state != NoticeState.DRAFT:
            return notice
        _freeze(by=by, notice=notice, form=form, now=now)
    return notice


def _freeze(*, by: Actor, notice: Notice, form: PaperForm, now: datetime) -> None:
    typed, issuer = typed_of(notice), issuer_of(notice.unit)
    story = paper_story(notice.case, now.date(), about=notice.about, actor=by, unit=notice.unit, form=form)
    found = list(all_gaps(form, story, typed, notice.unit, besides=notice.pk))
    if notice.about:
        found += letter_bars(form, notice.about, besides=notice.pk)
    if barring := [gap for gap in found if gap.bars]:
        raise PaperRefusedError([gap.text for gap in barring], barring)
    facts = facts_for(form, story.told, typed, now.date(), issuer)
    if facts is None:
        raise PaperRefusedError(["文书缺少必需的事实，请核对个案记录后重新拟制。"])
    receipts: list[Receipt] = []
    if isinstance(facts, Order | Demand | Letter | Advice):
        number = take_number(by=by, unit=notice.unit, form=form, code_word=issuer.code_word, year=now.year)
        notice.number = str(number)
        facts = replace(facts, number=str(number))
    if isinstance(facts, Order | Demand):
        notice.deadline_on = facts.deadline
    if isinstance(facts, Order | Demand | Letter) and notice.addressee:
        receipts = [_receipt(notice, facts, form, issuer.code_word)]
    notice.facts = frozen(
        plan=notice.case.policy_id, typed=typed, facts=freeze(facts), receipts=[freeze(row) for row in receipts]
    )
    notice.state = NoticeState.NUMBERED
    notice.issued_by_id, notice.issued_name = by.user_id, by.name
    notice.issued_at, notice.issued_on = now, now.date()
    notice.save(
        update_fields=[
            *("state", "number", "facts", "deadline_on"),
            *("issued_by", "issued_name", "issued_at", "issued_on"),
        ]
    )


def _receipt(notice: Notice, facts: Order | Demand | Letter, form: PaperForm, code_word: str) -> Receipt:
    relation = notice.addressee.relation if notice.addressee else ""
    return receipt_for(facts, form.layout, form.title, code_word, addressee=notice.addressee_name, relation=relation)


def page_of(notice: Notice) -> pdf.Page:
    """The paper as its template wants it, from the frozen facts alone."""
    form, said = form_for(notice), thawed(notice)
    facts: Facts = thaw(form.layout, said["facts"])
    receipts = [thaw(PaperLayout.RECEIPT, row) for row in said["receipts"]]
    context = fill(form, facts, receipts=[row for row in receipts if isinstance(row, Receipt)])
    return pdf.Page(template(form.layout), context)


def make_paper(*, by: Actor, notice: Notice, now: datetime) -> None:
    """Second and third step for a numbered paper; PaperRefusedError where it cannot be rendered now."""
    try:
        page = page_of(notice)
        content = pdf.render(page.template, page.context, base=BASE)
    except pdf.RenderError as error:
        logger.warning("paper %s was not rendered: %s", notice.pk, error)
        label = notice.number or notice.title
        raise PaperRefusedError([f"{label}已编号，但排版没有完成。请稍后在文书页点“继续签发”，编号不变。"]) from error
    finish(by=by, notice=notice, content=content, now=now)


def finish(*, by: Actor, notice: Notice, content: bytes, now: datetime) -> None:
    """Third step: bytes and SHA-256, and what the case is told, in one transaction; a second finish does nothing.

    A case that can no longer take the event voids the paper: the number stays in the register with the reason.
    """
    try:
        with transaction.atomic():
            won = Notice.objects.filter(pk=notice.pk, state=NoticeState.NUMBERED).update(
                state=NoticeState.ISSUED, pdf=content, sha256=hashlib.sha256(content).hexdigest()
            )
            if won:
                event = _tell_case(by=by, notice=notice, now=now)
                Notice.objects.filter(pk=notice.pk).update(event=event)
                note(by=by, verb=Verb.PAPER_ISSUED, notice=notice, now=now)
    except EventRefusedError as refused:
        void_unfinished(by=by, notice=notice, why="；".join(refused.sentences), now=now)
        raise PaperRefusedError([*refused.sentences, "文书已作废，编号保留。"]) from refused


def _tell_case(*, by: Actor, notice: Notice, now: datetime) -> Event | None:
    layout = form_for(notice).layout
    if layout == PaperLayout.ORDER:
        kind, data = EventKind.NOTICE_ISSUED, {"number": notice.number, "addressee": notice.addressee_name}
    elif layout in ADVICE:
        kind, data = EventKind.ADVICE_SENT, _advice_data(notice, layout)
    elif layout in LETTERS:
        return tell_letter(by=by, notice=notice, now=now)
    elif layout in REPORTS:
        story = story_of(notice.case, now.date())
        names = {"township": story.told.government, "bureau": story.told.bureau}
        to = [names.get(key) or RECIPIENTS.get(key, key) for key in story.told.policy.report_recipients]
        kind, data = EventKind.REPORT_SENT, {"to": "、".join(to)}
    else:
        return None
    happened_on = notice.issued_on or now.date()
    new = NewEvent(kind=kind, happened_on=happened_on, data={**data, "notice": notice.pk}, token=f"issue-{notice.pk}")
    return record_event(by=by, case=notice.case, event=new, now=now)


def _advice_data(notice: Notice, layout: PaperLayout) -> dict[str, str]:
    facts = thaw(layout, thawed(notice)["facts"])
    to = facts.to if isinstance(facts, Advice) else ""
    return {"paper": ADVICE[layout], "to": to, "number": notice.number}


def finish_stuck(*, by: Actor, now: datetime) -> tuple[int, int]:
    """Finish the papers that were numbered and never made, in their issuer's name; (finished, voided)."""
    finished = voided = 0
    stuck = Notice.objects.filter(state=NoticeState.NUMBERED, issued_at__lt=now - STUCK).order_by("pk")
    for pk in list(stuck.values_list("pk", flat=True)):
        notice = _read(pk)
        try:
            make_paper(by=signer(by, notice.issued_by_id, now), notice=notice, now=now)
            finished += 1
        except (PaperRefusedError, PermissionDenied) as refused:
            if notice.issued_at and notice.issued_at < now - GIVEN_UP:
                void_unfinished(by=by, notice=notice, why=f"签发没有完成：{refused}", now=now)
                voided += 1
    return finished, voided


def signer(by: Actor, user_id: int | None, now: datetime) -> Actor:
    """Who signed a paper, with the rights of today; `by` where that is nobody any more."""
    user = User.objects.filter(pk=user_id or 0).first()
    return actor_for(user, now.date()) if user else by


def _read(pk: int) -> Notice:
    return with_all(Notice.objects.all()).get(pk=pk)
