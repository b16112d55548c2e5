"""学生失学辍学信息报告 of a school: its children chosen and reported in one letter, the letters already sent."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, page_of, pdf_answer, say_refused, today
from cases.choices import EventKind
from cases.models import Case
from cases.queries.facts import known_of_cases
from cases.rules.rounds import valid_events
from cases.web import names_for
from notices.actions.papers import PaperRefusedError
from notices.actions.reporting import finish_report, issue_reports, note_report_read
from notices.choices import NoticeState
from notices.forms import ReportForm
from notices.models import UnitReport
from notices.queries.papers import READERS, forms_of
from notices.queries.story import issuer_of
from notices.queries.unit_reports import reportable_cases, reporting_schools, reports_seen, reports_together
from notices.rules.reporting import letter_form


@needs(*READERS)
def reports(request: HttpRequest) -> HttpResponse:
    """The letters in sight; who signs for a school chooses the children of the next one."""
    actor = actor_of(request)
    schools = reporting_schools(actor)
    asked = whole(request.POST.get("unit") or request.GET.get("unit") or "")
    school = next((unit for unit in schools if unit.pk == asked), schools[0] if schools else None)
    cases = reportable_cases(actor, school) if school else []
    if request.method != "POST":
        return _page(request, actor, schools, school, cases, None)
    if school is None:
        raise Http404("您的岗位不能以学校名义出具报告。")
    bound = ReportForm(_choices(actor, cases, _sent(cases)), issuer_of(school), request.POST)
    if not bound.is_valid():
        return _page(request, actor, schools, school, cases, bound)
    chosen = [case for case in cases if str(case.pk) in bound.cleaned_data["cases"]]
    token = bound.cleaned_data["token"] or secrets.token_hex(12)
    try:
        made = issue_reports(by=actor, unit=school, cases=chosen, said=bound.said(), token=token, now=now())
    except PaperRefusedError as refused:
        say_refused(bound, refused)
        return _page(request, actor, schools, school, cases, bound)
    count = sum(row.children for row in made)
    numbers = "、".join(row.number for row in made)
    messages.success(request, f"已签发{numbers}，报告{count}名学生；每名学生的情况表已存入个案。")
    return redirect("notices:reports")


def _sent(cases: list[Case]) -> dict[int, date]:
    """The day on which each child of them was last reported in this round, in a letter or on a sheet, by case."""
    on, found = today(), {}
    for pk, known in known_of_cases(cases, on).items():
        if EventKind.REPORT_SENT in known.standing(on).recorded:
            valid = valid_events(known.events, on, None)
            found[pk] = max(event.happened_on for event in valid if event.kind == EventKind.REPORT_SENT)
    return found


def _choices(actor: Actor, cases: list[Case], sent: dict[int, date]) -> list[tuple[str, str]]:
    """One line for each child: class and name, the township it is reported to, and when it last was."""
    names = names_for(actor, cases)
    found = []
    for case in cases:
        place = case.school_class.name if case.school_class else ""
        day = sent.get(case.pk)
        said = f"已于{day_label(day)}报告" if day else "未报告"
        township = case.township.name if case.township else "未挂乡镇"
        parts = (f"{place} {names[case.pk]}".strip(), str(case.get_stage_display()), township, said)
        found.append((str(case.pk), " · ".join(parts)))
    return found


def _first(request: HttpRequest, cases: list[Case], sent: dict[int, date]) -> dict[str, Any]:
    """The form as it begins: the child it was opened for, else every child whose case is not reported yet."""
    one = whole(request.GET.get("case", ""))
    chosen = [case for case in cases if case.pk == one] or [case for case in cases if case.pk not in sent]
    return {"token": secrets.token_hex(12), "cases": [str(case.pk) for case in chosen]}


def _page(
    request: HttpRequest,
    actor: Actor,
    schools: list[Unit],
    school: Unit | None,
    cases: list[Case],
    bound: ReportForm | None,
) -> HttpResponse:
    page = page_of(request, reports_seen(actor), newest_first=True)
    form, title = bound, ""
    if school and cases:
        letter = letter_form(forms_of(cases[0].policy))
        title = letter.title if letter else ""
        if form is None:
            sent = _sent(cases)
            form = ReportForm(_choices(actor, cases, sent), issuer_of(school), initial=_first(request, cases, sent))
    context = {
        "schools": schools,
        "school": school,
        "form": form,
        "nobody": "" if cases or school is None else _nobody(actor),
        "title": title,
        "rows": [_line(actor, row) for row in page.rows],
        "page": page,
    }
    return render(request, "notices/reports.html", context, status=400 if form and form.errors else 200)


def _nobody(actor: Actor) -> str:
    """Why there is no child to report: no plan asks for the letter, or no case stands under the plan that does."""
    if not reports_together(actor, today()):
        return "适用的方案不用这种报告，按方案规定的报告单逐名报告（在个案页出具）。"
    return "现在没有失学、辍学（疑似辍学）的个案可报告；方案更换前立案的，先在“方案”页变更适用方案。"


def _line(actor: Actor, row: UnitReport) -> dict[str, Any]:
    made = row.state == NoticeState.ISSUED
    signs = actor.can_at(Permission.ISSUE_SCHOOL_PAPER, row.unit.path)
    return {
        "title": row.title,
        "number": row.number,
        "unit": row.unit.label,
        "township": row.township.label,
        "children": row.children,
        "gone": getattr(row, "gone", 0),
        "by": row.issued_name,
        "on": day_label(row.issued_on),
        "pdf_url": reverse("notices:report_pdf", args=[row.pk]) if made else "",
        "finish_url": reverse("notices:report_finish", args=[row.pk])
        if signs and getattr(row, "waiting", False)
        else "",
    }


def _report_or_404(actor: Actor, pk: int) -> UnitReport:
    row = reports_seen(actor).filter(pk=pk).first()
    if row is None:
        raise Http404("没有这份报告，或不在您的职责范围内。")
    return row


@needs(*READERS)
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter with its list as issued: the stored bytes; each reading is on record."""
    actor = actor_of(request)
    row = _report_or_404(actor, pk)
    if row.state != NoticeState.ISSUED:
        raise Http404("这份报告还没有签发完成，没有PDF。")
    actor.require(Permission.SEE_NAMES)
    note_report_read(by=actor, report=row, now=now())
    return pdf_answer(request, bytes(row.pdf or b""), row.sha256, quote(f"{row.title}{row.number}.pdf"))


@require_POST
@needs(Permission.ISSUE_SCHOOL_PAPER)
def report_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a letter that was numbered and not finished, or with sheets that were not signed out."""
    actor = actor_of(request)
    row = _report_or_404(actor, pk)
    try:
        finish_report(by=actor, report=row, now=now())
    except PaperRefusedError as refused:
        messages.error(request, "；".join(refused.sentences))
    else:
        messages.success(request, f"已签发《{row.title}》{row.number}。")
    return redirect("notices:reports")
