"""撤回函 and 更正函 about an issued report or order: drafted by its own unit, told to the case when issued."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.choices import Verb
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from cases.actions.events import EventRefusedError, NewEvent, record_event
from cases.choices import EventKind
from cases.models import Case, Event
from notices.actions.drafting import all_gaps
from notices.actions.papers import PaperRefusedError, form_for, frozen, maker_of, note, require_acting, typed_of
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice, Service
from notices.queries.acting import acting_unit
from notices.queries.papers import form_in, layout_under
from notices.queries.story import paper_story
from notices.rules.issuers import LETTERS, MENDED_BY_LETTER, REPORTS, making
from notices.rules.told import Gap, Typed
from notices.rules.wording import PaperForm

_KINDS = {
    PaperLayout.WITHDRAWAL: EventKind.PAPER_WITHDRAWN,
    PaperLayout.CORRECTION: EventKind.PAPER_CORRECTED,
}


def letter_bars(form: PaperForm, about: Notice, *, besides: int | None = None) -> tuple[Gap, ...]:
    """Why no letter can be written about this paper; `besides` is the draft itself."""
    door = f"notice:{about.pk}"
    if about.state != NoticeState.ISSUED:
        return (
            Gap(
                f"《{about.title}》是“{about.get_state_display()}”，只有已签发的文书才需要{form.title}。",
                door,
                bars=True,
            ),
        )
    if form.layout != PaperLayout.WITHDRAWAL:
        return ()
    letters = Notice.objects.filter(about=about).exclude(state=NoticeState.VOID).exclude(pk=besides or 0)
    twins = (row for row in letters.defer("pdf") if layout_under(about.case.policy, row) == form.layout)
    if twin := next(twins, None):
        label = twin.number or "一份拟稿"
        return (Gap(f"这份文书已有撤回函{label}（{twin.get_state_display()}）。", f"notice:{twin.pk}", bars=True),)
    return ()


def draft_letter(*, by: Actor, about: Notice, layout: PaperLayout, typed: Typed, token: str, now: datetime) -> Notice:
    """Draft a letter in the name of the unit that acts on the first paper; the same token gives the same draft.

    Raises PaperRefusedError with everything that bars it, PermissionDenied.
    """
    form, maker = form_in(about.case.policy, layout), form_for(about).layout
    if maker not in MENDED_BY_LETTER or layout not in LETTERS:
        raise PaperRefusedError([f"《{about.title}》留在本单位，有误的请作废后重新拟制，不用{form.title}。"])
    require_acting(by, about, making(maker))
    with transaction.atomic():
        Case.objects.select_for_update().filter(pk=about.case_id).values_list("pk", flat=True).first()
        if token and (twin := Notice.objects.filter(case_id=about.case_id, token=token).first()):
            return twin
        _check(form, about, typed, by, now)
        notice = Notice.objects.create(
            case=about.case,
            kind=form.key,
            title=form.title,
            # A unit merged since, or whose village went to another, says no more of it in its own name.
            unit=acting_unit(about, by),
            about=about,
            addressee_id=about.addressee_id,
            addressee_name=about.addressee_name,
            facts=frozen(plan=about.case.policy_id, typed=typed),
            drafted_by_id=by.user_id,
            drafted_name=by.name,
            drafted_at=now,
            token=token,
        )
        note(by=by, verb=Verb.PAPER_DRAFTED, notice=notice, now=now, about=about.pk)
    return notice


def _check(form: PaperForm, about: Notice, typed: Typed, by: Actor, now: datetime) -> None:
    found = [gap for gap in gaps_of_letter(form, about, typed, by, now) if gap.bars]
    sentences = [gap.text for gap in found]
    if not typed.reason.strip():
        sentences.append("请写明理由。")
    if form.layout == PaperLayout.CORRECTION and not (typed.wrong.strip() and typed.right.strip()):
        field = "right" if typed.wrong.strip() else "wrong"
        sentences.append(FieldSentence("请写明原文哪里有误、更正为什么。", field))
    if sentences:
        raise PaperRefusedError(sentences, found)


def gaps_of_letter(form: PaperForm, about: Notice, typed: Typed, by: Actor, now: datetime) -> tuple[Gap, ...]:
    """Everything missing on a letter, what bars it first."""
    story = paper_story(about.case, now.date(), about=about, actor=by, unit=acting_unit(about, by))
    return (*letter_bars(form, about), *all_gaps(form, story, typed, acting_unit(about, by)))


def tell_letter(*, by: Actor, notice: Notice, now: datetime) -> Event:
    """The case learns of an issued letter; a withdrawn paper and its events count no longer from this day.

    Raises EventRefusedError where the paper was voided or withdrawn meanwhile. Runs inside the caller's transaction.
    """
    about, layout = notice.about, form_for(notice).layout
    if about is None:
        raise EventRefusedError(["这份函没有所指的文书，请从文书页重新拟制。"])
    withdraws: list[int] = []
    if layout == PaperLayout.WITHDRAWAL:
        withdraws = events_behind(about)
        won = Notice.objects.filter(pk=about.pk, state=NoticeState.ISSUED).update(state=NoticeState.WITHDRAWN)
        if not won:
            raise EventRefusedError([f"《{about.title}》已撤回或者作废，不能再撤回。"])
        note(by=by, verb=Verb.PAPER_WITHDRAWN, notice=about, now=now, withdrawn_by=notice.number)
    return record_event(by=by, case=notice.case, event=_event(notice, about, layout, withdraws, now), now=now)


def _event(notice: Notice, about: Notice, layout: PaperLayout, withdraws: list[int], now: datetime) -> NewEvent:
    data = {
        "paper": f"《{about.title}》{about.number}",
        "number": notice.number,
        "reason": typed_of(notice).reason,
        "notice": notice.pk,
        "about": about.pk,
    }
    if withdraws:
        data["withdraws"] = withdraws
    on = notice.issued_on or now.date()
    return NewEvent(kind=_KINDS[layout], happened_on=on, data=data, token=f"issue-{notice.pk}")


def events_behind(paper: Notice) -> list[int]:
    """Ids of the case's events that a paper made: its sending and receipt, or its issue and every service."""
    own = [paper.event_id] if paper.event_id else []
    if maker_of(paper) in REPORTS:
        return own + _receipts(paper)
    served = Service.objects.filter(notice=paper, superseded_at__isnull=True, event__isnull=False)
    return own + [pk for pk in served.order_by("id").values_list("event_id", flat=True) if pk]


def _receipts(report: Notice) -> list[int]:
    """Receipts of this report: those that name it, and unnamed ones between it and the next report."""
    rows = Event.objects.filter(case_id=report.case_id, superseded_at__isnull=True, id__gt=report.event_id or 0)
    later = rows.filter(kind=EventKind.REPORT_SENT).order_by("id").values_list("pk", flat=True).first()
    found = []
    for row in rows.filter(kind=EventKind.REPORT_RECEIVED).order_by("id"):
        named = row.data.get("notice")
        if named == report.pk or (named is None and (later is None or row.pk < later)):
            found.append(row.pk)
    return found
