"""The papers of a case: listed, drafted, signed out, read, voided."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.queries.policies import policy_of
from agencies.scope import Actor
from agencies.web import actor_of, back, needs, now, pdf_answer, say_refused, today
from cases.choices import EventKind, Stage
from cases.models import Case
from cases.queries.casepage import facts_of, proofs_of_events, recordable, writable_units
from cases.web import case_or_404, caution_of, head_of, names_for
from notices.actions.drafting import all_gaps, draft_papers, drafting_unit, free_guardians
from notices.actions.issuing import issue as issue_paper
from notices.actions.papers import PaperRefusedError
from notices.actions.reading import note_read
from notices.actions.voiding import void_paper
from notices.choices import NoticeState, PaperLayout
from notices.forms import DraftForm, WhyForm
from notices.models import Notice
from notices.queries.acting import acting_unit, whose
from notices.queries.papers import (
    READERS,
    followers_of,
    forms_of,
    happened_kinds,
    layout_of,
    maker_layout,
    papers_of,
    pdf_of,
    presumed_reports,
    received_reports,
    services_of,
)
from notices.queries.scans import scan_counts, scans_of
from notices.queries.seals import seals_of
from notices.queries.story import Story, issuer_of, issuing_unit, paper_story
from notices.queries.unit_reports import reports_seen
from notices.queries.withdrawals import unfounded
from notices.rules.drafting import facts_for
from notices.rules.gaps import issuer_refusal
from notices.rules.issuers import DRAFTING, ISSUING, REPORTS, SERVED, making
from notices.rules.offering import offered
from notices.rules.preview import preview
from notices.rules.reporting import letter_form
from notices.rules.told import Typed
from notices.rules.wording import PaperForm
from notices.web import (
    acts_of,
    at_label,
    done_words,
    holds,
    is_named,
    may_scan,
    paper_line,
    paper_or_404,
    seal_line,
    served,
    shown_gaps,
    sign_label,
    state_words,
)
from students.web import proof_lines

# Forms with the box of disability.
_BOXED = (PaperLayout.TOWNSHIP_RECORD, PaperLayout.ENROLMENT_RECORD)


@needs(Permission.VIEW_CASE)
def case_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of a case and what can be made now: a part of the case page, or a page of its own."""
    actor = actor_of(request)
    case = case_or_404(actor, pk)
    rows = papers_of(case)
    received, presumed, scans = received_reports(rows), presumed_reports(rows, today()), scan_counts(rows)
    name = names_for(actor, [case])[case.pk]
    named = name == case.student.name
    context = {
        "papers": [
            {
                **paper_line(actor, row, named=named, received=row.pk in received, presumed=row.pk in presumed),
                "scans": scans.get(row.pk, 0),
            }
            for row in rows
        ],
        "makes": _makes(actor, case),
        "unfounded": _unfounded(actor, case, rows),
        "case": case,
        "head": head_of(case, name),
    }
    part = bool(request.headers.get("HX-Request"))
    return render(request, "notices/_case_papers.html" if part else "notices/case_papers.html", context)


def _unfounded(actor: Actor, case: Case, rows: list[Notice]) -> list[dict[str, str]]:
    """Issued papers whose duty a correction of the roll took away, each with the door to its 撤回函 for its makers."""
    told = []
    for row in unfounded(case, rows, today()):
        layout = maker_layout(row)
        makes = layout is not None and holds(actor, acting_unit(row, actor), making(layout))
        url = reverse("notices:letter", args=[row.pk, PaperLayout.WITHDRAWAL.value]) if makes else ""
        told.append({"title": f"《{row.title}》{row.number}", "unit": row.unit.label, "url": url})
    return told


def _makes(actor: Actor, case: Case) -> list[dict[str, str]]:
    """The papers of the plan this person may prepare for the case."""
    if case.closed_on or case.stage == Stage.HELP:
        return []
    forms = [form for form in forms_of(case.policy).values() if form.layout in DRAFTING]
    forms = offered(policy_of(case.policy), forms, happened_kinds(case))
    allowed = [form for form in forms if any(actor.can(permission) for permission in DRAFTING[form.layout])]
    units = {
        permissions: issuing_unit(actor, case, permissions) for permissions in {DRAFTING[f.layout] for f in allowed}
    }
    together = letter_form(forms_of(case.policy))
    return [
        _make(case, form, together)
        for form in allowed
        if (unit := units[DRAFTING[form.layout]]) and not issuer_refusal(form, issuer_of(unit).kind)
    ]


def _make(case: Case, form: PaperForm, together: PaperForm | None) -> dict[str, str]:
    """The door to a paper: where a plan has its schools report children together, to the letter, for this child."""
    if together and form.layout in REPORTS:
        return {"title": together.title, "url": f"{reverse('notices:reports')}?case={case.pk}"}
    return {"title": form.title, "url": reverse("notices:draft", args=[case.pk, form.key])}


def _form_or_404(case: Case, kind: str) -> PaperForm:
    form = forms_of(case.policy).get(kind)
    if form is None or form.layout not in DRAFTING:
        raise Http404("本方案没有这种文书，请从个案页选择。")
    return form


@needs(Permission.VIEW_CASE)
def draft(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Prepare a paper: what will stand on it, what is missing and where to mend it; then draft or sign out."""
    actor = actor_of(request)
    case = case_or_404(actor, pk)
    paper = _form_or_404(case, kind)
    if paper.layout in REPORTS and letter_form(forms_of(case.policy)):
        return redirect(f"{reverse('notices:reports')}?case={case.pk}")
    unit = drafting_unit(actor, case, paper)
    story, issuer = paper_story(case, today(), about=None, actor=actor, unit=unit, form=paper), issuer_of(unit)
    bound = DraftForm(paper.layout, story.told, issuer, request.POST or None, on=today())
    if request.method != "POST":
        first = {
            "token": secrets.token_hex(12),
            "guardians": [str(pk) for pk in free_guardians(case, story, paper.layout)],
        }
        bound = DraftForm(paper.layout, story.told, issuer, on=today(), initial=first)
        return _draft_page(request, case, paper, story, bound)
    if not bound.is_valid():
        return _draft_page(request, case, paper, story, bound, status=400)
    try:
        return _save_draft(request, case, paper, bound, signs=request.POST.get("do") == "issue")
    except PaperRefusedError as refused:
        say_refused(bound, refused)
        return _draft_page(request, case, paper, story, bound, status=400)


def _save_draft(request: HttpRequest, case: Case, paper: PaperForm, bound: DraftForm, *, signs: bool) -> HttpResponse:
    actor, moment = actor_of(request), now()
    made = draft_papers(
        by=actor, case=case, key=paper.key, typed=bound.typed(), token=bound.cleaned_data["token"], now=moment
    )
    # Whoever may only draft leaves a draft behind, whatever the form says.
    if signs and all(holds(actor, row.unit, (ISSUING[paper.layout],)) for row in made):
        made = [issue_paper(by=actor, notice=row, now=moment) for row in made]
        said = "、".join(row.number for row in made if row.number)
        messages.success(request, f"{done_words(paper.layout)}《{paper.title}》{said}。")
    else:
        messages.success(request, f"已拟稿《{paper.title}》{len(made)}份，等待签发。")
    if len(made) == 1:
        return redirect("notices:notice", made[0].pk)
    return redirect(f"{reverse('cases:case', args=[case.pk])}#papers")


def _draft_page(
    request: HttpRequest, case: Case, paper: PaperForm, story: Story, bound: DraftForm, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    unit = drafting_unit(actor, case, paper)
    valid = bound.is_bound and bound.is_valid()
    free = next(iter(free_guardians(case, story, paper.layout)), None) if paper.layout in SERVED else None
    typed = next(iter(bound.typed()), Typed()) if valid else Typed(guardian=free)
    issuer = issuer_of(unit)
    facts = facts_for(paper, story.told, typed, today(), issuer)
    found = all_gaps(paper, story, typed, unit)
    context = {
        "paper": paper,
        "form": bound,
        "case": case,
        "head": head_of(case, names_for(actor, [case])[case.pk]),
        "lines": preview(facts) if facts else (),
        "gaps": shown_gaps(found, case, unit, actor),
        "barred": any(gap.bars for gap in found),
        "issuer": issuer,
        "signs": holds(actor, unit, (ISSUING[paper.layout],)),
        "drafts": paper.layout in SERVED,
        "sign_label": sign_label(paper.layout),
        "boxes_open": paper.layout in _BOXED and not story.told.sees_restricted,
        "cancel_url": f"{reverse('cases:case', args=[case.pk])}#papers",
    }
    return render(request, "notices/draft.html", context, status=status)


@needs(Permission.VIEW_CASE)
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One paper: how it stands, who made and signed it, every attempt to serve it."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    layout, maker = layout_of(row), maker_layout(row)
    named = is_named(actor, row.case)
    received, presumed = row.pk in received_reports([row]), row.pk in presumed_reports([row], today())
    words, tone = state_words(row, layout, received=received)
    services = services_of(row)
    proofs = proofs_of_events([service.event_id for service in services if service.event_id])
    context = {
        "notice": row,
        "head": head_of(row.case, names_for(actor, [row.case])[row.case_id]),
        "words": words,
        "tone": tone,
        "line": paper_line(actor, row, named=named, received=received),
        "acts": acts_of(actor, row, layout, received=received, presumed=presumed),
        "caution": _caution(actor, row, layout),
        "report_url": _letter_of(actor, row),
        "acting": acting_unit(row, actor),
        "drafted": at_label(row.drafted_at),
        "issued": at_label(row.issued_at),
        "signed_as": sign_label(layout) if layout else "签发",
        "voided": at_label(row.voided_at),
        "followers": [paper_line(actor, other, named=named, received=False) for other in followers_of(row)],
        "seals": [seal_line(seal) for seal in seals_of(row)],
        "served": served(row),
        "services": [
            {
                **_service(service, named=named),
                "proofs": proof_lines(actor, proofs.get(service.event_id or 0, []), named=named),
                "proofs_url": reverse("cases:event_proofs", args=[service.event_id]) if service.event_id else "",
            }
            for service in services
        ],
        "scans": proof_lines(actor, scans_of(row), named=named),
        "scan_url": reverse("notices:scan", args=[row.pk]) if may_scan(actor, row, maker) else "",
        "may_correct": actor.can(Permission.RECORD_SERVICE),
        "may_seal": maker is not None and holds(actor, acting_unit(row, actor), making(maker)),
    }
    return render(request, "notices/notice.html", context)


def _letter_of(actor: Actor, row: Notice) -> str:
    """The letter of the school with which this sheet went out, for who may read it."""
    seen = row.report_id and reports_seen(actor).filter(pk=row.report_id, state=NoticeState.ISSUED).exists()
    return reverse("notices:report_pdf", args=[row.report_id]) if seen else ""


def _caution(actor: Actor, row: Notice, layout: PaperLayout | None) -> dict[str, Any] | None:
    """What should come before a drafted order is signed."""
    if layout != PaperLayout.ORDER or row.state != NoticeState.DRAFT:
        return None
    case, back_to = row.case, reverse("notices:notice", args=[row.pk])
    standing = facts_of(case, today()).known.standing(min(today(), case.closed_on or today()))
    kinds = recordable(actor, writable_units(actor, case), case)
    return caution_of(case, standing, EventKind.NOTICE_ISSUED, kinds, back_to)


def _service(service: Any, *, named: bool) -> dict[str, Any]:
    void = service.superseded_at is not None
    parts = [
        ("地点", service.place if named else ""),
        ("送达人", service.servers),
        ("签收", f"{service.receiver} {service.receiver_relation}".strip() if named else ""),
        ("拒收事由", service.refusal),
        ("见证", f"{service.witness} {service.witness_unit}".strip()),
        ("编号", service.evidence),
        ("备注", service.note if named else ""),
    ]
    return {
        "pk": service.pk,
        "day_label": at_label(service.happened_at),
        "title": f"{service.get_method_display()} · {service.get_result_display()}",
        "text": "；".join(f"{label}：{value}" for label, value in parts if value),
        "by": service.recorded_name,
        "void_reason": f"{service.event.superseded_why}（{service.superseded_by}）" if void and service.event else "",
        "void": void,
    }


@require_POST
@needs(*READERS)
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a draft out, or go on with one that was numbered and not finished."""
    row = paper_or_404(actor_of(request), pk)
    try:
        done = issue_paper(by=actor_of(request), notice=row, now=now())
    except PaperRefusedError as refused:
        return _refused(request, row, refused)
    messages.success(request, f"{done_words(layout_of(done))}《{done.title}》{done.number}。")
    return back(request, "notices:notice", row.pk)


def _refused(request: HttpRequest, row: Notice, refused: PaperRefusedError) -> HttpResponse:
    context = {
        "notice": row,
        "head": head_of(row.case, names_for(actor_of(request), [row.case])[row.case_id]),
        "errors": refused.sentences,
        "gaps": [gap for gap in shown_gaps(refused.gaps, row.case, row.unit, actor_of(request)) if gap["url"]],
    }
    return render(request, "notices/refused.html", context, status=400)


@needs(*READERS)
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Void a paper with a reason; its number stays in the register."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    layout = maker_layout(row)
    permissions = making(layout) if layout else ()
    if not holds(actor, acting_unit(row, actor), permissions):
        raise PermissionDenied(f"{whose(row, actor)}作废。")
    form = WhyForm("作废理由", request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            void_paper(by=actor, notice=row, why=form.cleaned_data["why"], now=now())
        except PaperRefusedError as refused:
            say_refused(form, refused)
        else:
            kept = f"{row.number}，编号保留在登记簿中" if row.number else ""
            messages.success(request, f"已作废《{row.title}》{kept}。")
            return redirect("notices:notice", row.pk)
    context = {
        "notice": row,
        "form": form,
        "head": head_of(row.case, names_for(actor, [row.case])[row.case_id]),
        "cancel_url": reverse("notices:notice", args=[row.pk]),
    }
    return render(request, "notices/void.html", context, status=400 if form.errors else 200)


@needs(*READERS)
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as issued: the stored bytes; each reading is on record."""
    actor = actor_of(request)
    row = paper_or_404(actor, pk)
    if row.state not in (NoticeState.ISSUED, NoticeState.VOID, NoticeState.WITHDRAWN) or not row.sha256:
        raise Http404("这份文书还没有签发，没有PDF。")
    if not is_named(actor, row.case):
        raise PermissionDenied("您的岗位不能查看学生姓名，不能打开文书。")
    note_read(by=actor, notice=row, now=now())
    name = quote(f"{row.title}{row.number or row.pk}.pdf")
    return pdf_answer(request, pdf_of(row), row.sha256, name)
