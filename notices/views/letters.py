"""撤回函 and 更正函: prepared from the paper they are about, then drafted or signed out."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agencies.scope import Actor
from agencies.web import actor_of, needs, now, say_refused, today
from cases.web import head_of, names_for
from notices.actions.issuing import issue as issue_paper
from notices.actions.letters import draft_letter, gaps_of_letter
from notices.actions.papers import PaperRefusedError
from notices.choices import PaperLayout
from notices.forms import LetterForm
from notices.models import Notice
from notices.queries.acting import acting_unit, whose
from notices.queries.papers import READERS, form_in, layout_of
from notices.queries.story import issuer_of, paper_story
from notices.queries.withdrawals import latest_correction
from notices.rules.drafting import facts_for
from notices.rules.issuers import ISSUING, LETTERS, MENDED_BY_LETTER, SERVED, making
from notices.rules.papers import day_text, plain_day
from notices.rules.preview import preview
from notices.rules.told import Typed
from notices.web import done_words, holds, paper_or_404, shown_gaps, sign_label
from students.rules.roll import Value


@needs(*READERS)
def letter(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Prepare a letter about one issued paper: what it will say, what bars it; then draft it or sign it out."""
    actor = actor_of(request)
    about, layout = paper_or_404(actor, pk), _layout_or_404(kind)
    maker = layout_of(about)
    if maker not in MENDED_BY_LETTER:
        raise Http404("只有报告单和限期通知书用撤回函、更正函更正。")
    if not holds(actor, acting_unit(about, actor), making(maker)):
        raise PermissionDenied(f"{whose(about, actor)}撤回或更正。")
    issuer = issuer_of(acting_unit(about, actor))
    if request.method != "POST":
        first = {"token": secrets.token_hex(12), "reason": _reason(about)}
        return _page(request, about, layout, LetterForm(layout, issuer, initial=first))
    form = LetterForm(layout, issuer, request.POST)
    if not form.is_valid():
        return _page(request, about, layout, form, status=400)
    try:
        return _save(request, about, layout, form, signs=request.POST.get("do") == "issue")
    except PaperRefusedError as refused:
        say_refused(form, refused)
        return _page(request, about, layout, form, status=400)


def _layout_or_404(kind: str) -> PaperLayout:
    if kind not in {layout.value for layout in LETTERS}:
        raise Http404("没有这种函，请从文书页选择。")
    return PaperLayout(kind)


def _reason(about: Notice) -> str:
    """The correction that made the paper wrong, as half a sentence; empty where there is none."""
    row = latest_correction(about.case, about)
    if row is None:
        return ""
    right = Value(**row.wanted).text
    decided = f"于{plain_day(timezone.localtime(row.decided_at).date())}" if row.decided_at else ""
    wrong = f"该生{day_text(row.day)}的考勤登记有误（{row.why}），已{decided}更正为“{right}”"
    return f"{wrong}，原文书所依据的缺课天数不足"


def _save(request: HttpRequest, about: Notice, layout: PaperLayout, form: LetterForm, *, signs: bool) -> HttpResponse:
    actor, moment = actor_of(request), now()
    made = draft_letter(
        by=actor, about=about, layout=layout, typed=form.typed(), token=form.cleaned_data["token"], now=moment
    )
    if signs and _signs(actor, about):
        made = issue_paper(by=actor, notice=made, now=moment)
        messages.success(request, f"{done_words(layout)}《{made.title}》{made.number}，主送单位（人）与原文书相同。")
    else:
        messages.success(request, f"已拟稿《{made.title}》，等待签发。")
    return redirect("notices:notice", made.pk)


def _signs(actor: Actor, about: Notice) -> bool:
    maker = layout_of(about)
    return maker is not None and holds(actor, acting_unit(about, actor), (ISSUING[maker],))


def _page(
    request: HttpRequest, about: Notice, layout: PaperLayout, form: LetterForm, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    paper, issuer = form_in(about.case.policy, layout), issuer_of(acting_unit(about, actor))
    typed = form.typed() if form.is_bound and form.is_valid() else Typed()
    story = paper_story(about.case, today(), about=about, actor=actor, unit=acting_unit(about, actor))
    facts = facts_for(paper, story.told, typed, today(), issuer)
    found = gaps_of_letter(paper, about, typed, actor, now())
    context: dict[str, Any] = {
        "paper": paper,
        "form": form,
        "case": about.case,
        "head": head_of(about.case, names_for(actor, [about.case])[about.case_id]),
        "lines": preview(facts) if facts else (),
        "gaps": shown_gaps(found, about.case, about.unit, actor_of(request)),
        "barred": any(gap.bars for gap in found),
        "issuer": issuer,
        "signs": _signs(actor, about),
        "drafts": layout_of(about) in SERVED,
        "sign_label": sign_label(layout),
        "cancel_url": reverse("notices:notice", args=[about.pk]),
    }
    return render(request, "notices/draft.html", context, status=status)
