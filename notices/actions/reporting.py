"""A school reports children together: one numbered letter to each township, a sheet into each child's file."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies import audit, pdf, xlsx
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.scope import Actor
from cases.models import Case
from cases.queries.figures import Ground, ground_of
from notices.actions.drafting import all_gaps, draft_papers
from notices.actions.issuing import BASE, GIVEN_UP, STUCK, issue, signer
from notices.actions.numbers import take_number
from notices.actions.papers import PaperRefusedError, require_post
from notices.choices import NoticeState, PaperLayout
from notices.ledgers.adopted import Kept, ledger_of, sheet_of
from notices.models import Notice, UnitReport
from notices.queries.ledger_children import Wanted
from notices.queries.papers import forms_of, with_all
from notices.queries.story import Story, issuer_of, paper_story
from notices.queries.unit_reports import school_counts, unfinished
from notices.rules.facts import freeze, thaw
from notices.rules.gaps import issuer_refusal
from notices.rules.issuing import penalty_in
from notices.rules.letters import numbering_gaps
from notices.rules.report_letter import ChildList, ListColumn, ReportLetter, figures, term_words
from notices.rules.reporting import (
    NewReport,
    by_township,
    choice_refusal,
    letter_form,
    recipients_words,
    sheet_form,
)
from notices.rules.told import Issuer, Typed
from notices.rules.wording import PaperForm, fill, template

logger = logging.getLogger("baoxue.papers")


@dataclass(frozen=True, slots=True)
class _Plan:
    """The two papers of a plan, and the school as their issuer."""

    letter: PaperForm
    sheet: PaperForm
    issuer: Issuer


def issue_reports(
    *, by: Actor, unit: Unit, cases: Iterable[Case], said: NewReport, token: str, now: datetime
) -> list[UnitReport]:
    """Sign out one letter for each township of these cases; the same token gives the same letters.

    Everything that bars any of them is said before anything is numbered. Raises PaperRefusedError, PermissionDenied.
    """
    chosen = {case.pk: case for case in cases}
    if refusal := choice_refusal(len(chosen)):
        raise PaperRefusedError([refusal])
    for case in chosen.values():
        require_post(by, unit, case, (Permission.ISSUE_SCHOOL_PAPER,))
    twins = UnitReport.objects.filter(unit=unit, token__startswith=f"{token[:28]}:").order_by("pk") if token else ()
    made = list(twins)
    if not made:
        groups = by_township((case.pk, case.township_id) for case in chosen.values())
        parts = [[chosen[pk] for pk in ids] for ids in groups.values()]
        ready = [(part, *_prepared(by, unit, part, said, now)) for part in parts]
        made = [_number(by, unit, part, plan, facts, token, now) for part, plan, facts in ready]
    for report in made:
        finish_report(by=by, report=report, now=now)
    return made


def _prepared(by: Actor, unit: Unit, cases: list[Case], said: NewReport, now: datetime) -> tuple[_Plan, ReportLetter]:
    """The plan's papers and the facts of one letter; raises PaperRefusedError with all that bars it."""
    forms = forms_of(cases[0].policy)
    letter, sheet, issuer = letter_form(forms), sheet_form(forms), issuer_of(unit)
    if letter is None or sheet is None or any(case.policy_id != cases[0].policy_id for case in cases):
        raise PaperRefusedError(["所选学生适用的方案不同，或者方案没有这种报告，请分开出具。"])
    stories = [paper_story(case, now.date(), about=None, actor=by, unit=unit, form=sheet) for case in cases]
    found = _bars(letter, sheet, issuer, said, stories, unit)
    if found:
        raise PaperRefusedError(found)
    return _Plan(letter, sheet, issuer), _facts(by, unit, letter, issuer, stories, said, now)


def _bars(
    letter: PaperForm, sheet: PaperForm, issuer: Issuer, said: NewReport, stories: list[Story], unit: Unit
) -> list[str]:
    typed = Typed(contact=said.contact, phone=said.phone)
    found = [refusal] if (refusal := issuer_refusal(letter, issuer.kind)) else []
    found += [gap.text for gap in numbering_gaps(letter, typed, issuer) if gap.bars]
    if penalty := penalty_in(said.more):
        found.append(f"报告不得出现“{penalty}”，请删去。")
    for story in stories:
        barring = [gap.text for gap in all_gaps(sheet, story, Typed(), unit) if gap.bars]
        found += [f"{story.told.name}：{text}" for text in barring]
    return found


def _facts(
    by: Actor, unit: Unit, letter: PaperForm, issuer: Issuer, stories: list[Story], said: NewReport, now: datetime
) -> ReportLetter:
    on, told = now.date(), stories[0].told
    ground = ground_of(unit, on, on)
    return ReportLetter(
        number="",
        to=recipients_words(letter, township=told.government, bureau=told.bureau),
        school=unit.name,
        term=term_words(ground.first_day),
        counted_on=on,
        figures=figures(school_counts(ground)),
        more=said.more.strip(),
        children=_list(by, letter, [story.case for story in stories], ground),
        issuer=issuer.name,
        issued_on=on,
        contact=said.contact or issuer.contact,
        phone=said.phone or issuer.phone,
    )


def _list(by: Actor, letter: PaperForm, cases: list[Case], ground: Ground) -> ChildList:
    """The plan's ledger of these children; restricted groups and causes are covered on it as on every general list."""
    ledger = ledger_of(cases[0].policy, letter.ledger)
    if ledger is None:
        raise PaperRefusedError(["本方案没有这份报告的花名册，请联系县教育局核对方案。"])
    kept = Kept(ledger, cases[0].policy, ground.unit)
    wanted = Wanted(by, ground.unit, ground.first_day, ground.on, kept.ages)
    ids = [case.student_id for case in cases]
    made = sheet_of(kept, wanted, ids, on=ground.on, full=letter.needs_full_identity, restricted=False)
    rows = tuple(tuple(cell.text for cell in row[1:]) for row in xlsx.table(made).rows)
    return ChildList(
        title=made.title,
        paper=made.paper,
        unit_line=made.unit_line,
        date_line=made.date_line,
        columns=tuple(ListColumn(one.head, one.group, one.width, one.align) for one in made.columns),
        rows=rows,
        notes=made.notes,
        signatures=made.signatures,
    )


def _number(
    by: Actor, unit: Unit, cases: list[Case], plan: _Plan, facts: ReportLetter, token: str, now: datetime
) -> UnitReport:
    """The letter's number and frozen facts and the drafts of its sheets, committed before anything is rendered."""
    first, township = cases[0], cases[0].township
    if township is None:
        raise PaperRefusedError([f"{first.student.name}没有主送的乡镇人民政府，请先在学生页补登住址。"])
    with transaction.atomic():
        number = take_number(by=by, unit=unit, form=plan.letter, code_word=plan.issuer.code_word, year=now.year)
        report = UnitReport.objects.create(
            unit=unit,
            township=township,
            version=first.policy,
            kind=plan.letter.key,
            title=plan.letter.title,
            number=str(number),
            children=len(cases),
            facts=json.dumps(freeze(replace(facts, number=str(number))), ensure_ascii=False, sort_keys=True),
            issued_by_id=by.user_id,
            issued_name=by.name,
            issued_at=now,
            issued_on=now.date(),
            token=f"{token[:28]}:{township.pk}",
        )
        opinion = f"随《{plan.letter.title}》（{number}）报送。"
        for case in cases:
            key, typed = plan.sheet.key, [Typed(opinion=opinion)]
            (row,) = draft_papers(by=by, case=case, key=key, typed=typed, token=f"report-{report.pk}", now=now)
            Notice.objects.filter(pk=row.pk).update(report=report)
    return report


def finish_report(*, by: Actor, report: UnitReport, now: datetime) -> None:
    """Render a numbered letter and sign its sheets out; what is done already is left as it is.

    Raises PaperRefusedError: the letter could not be rendered, or a child's case takes no report any more.
    """
    if not by.system and not by.can_at(Permission.ISSUE_SCHOOL_PAPER, report.unit.path):
        raise PermissionDenied(f"这份报告以{report.unit.name}名义出具，须由该校有权人员办理。")
    if report.state == NoticeState.NUMBERED:
        _make(by, report, now)
    refused: list[str] = []
    waiting = Notice.objects.filter(report=report, state__in=[NoticeState.DRAFT, NoticeState.NUMBERED])
    for row in with_all(waiting).order_by("pk"):
        try:
            issue(by=by, notice=row, now=now)
        except PaperRefusedError as error:
            refused += [f"{row.case.student.name}：{text}" for text in error.sentences]
    if refused:
        raise PaperRefusedError([f"{report.number}已签发，但以下学生的情况表没有办完，请核对：", *refused])


def finish_stuck_reports(*, by: Actor, now: datetime) -> int:
    """Finish the letters that were numbered and left lying, in their signer's name; how many.

    What cannot be finished for a day is left to the school, whose page says so.
    """
    finished = 0
    stuck = unfinished().filter(issued_at__lt=now - STUCK, issued_at__gt=now - GIVEN_UP)
    for report in stuck.select_related("unit", "version").order_by("pk"):
        try:
            finish_report(by=signer(by, report.issued_by_id, now), report=report, now=now)
            finished += 1
        except (PaperRefusedError, PermissionDenied) as refused:
            logger.warning("letter %s was not finished: %s", report.pk, refused)
    return finished


def letter_page(report: UnitReport) -> pdf.Page:
    """The letter and its list as their template wants them, from the frozen facts alone."""
    form = forms_of(report.version)[report.kind]
    facts = thaw(PaperLayout.REPORT_LETTER, json.loads(report.facts))
    if not isinstance(facts, ReportLetter):
        raise TypeError("the facts of a letter of a school are frozen as such")
    context = {**fill(form, facts), "table": xlsx.table(_sheet(facts.children))}
    return pdf.Page(template(form.layout), context)


def _sheet(rows: ChildList) -> xlsx.Sheet:
    columns = (
        xlsx.Column(str(place), one.head, one.group, one.width, xlsx.align_of(one.align))
        for place, one in enumerate(rows.columns)
    )
    return xlsx.Sheet(
        title=rows.title,
        columns=tuple(columns),
        rows=rows.rows,
        unit_line=rows.unit_line,
        date_line=rows.date_line,
        notes=rows.notes,
        signatures=rows.signatures,
        paper=rows.size,
    )


def _make(by: Actor, report: UnitReport, now: datetime) -> None:
    page = letter_page(report)
    try:
        content = pdf.render(page.template, page.context, base=BASE)
    except pdf.RenderError as error:
        logger.warning("letter %s was not rendered: %s", report.pk, error)
        text = f"{report.number}已编号，但排版没有完成。请稍后在“失学辍学信息报告”页点“继续签发”，编号不变。"
        raise PaperRefusedError([text]) from error
    with transaction.atomic():
        won = UnitReport.objects.filter(pk=report.pk, state=NoticeState.NUMBERED).update(
            state=NoticeState.ISSUED, pdf=content, sha256=hashlib.sha256(content).hexdigest()
        )
        if won:
            note_report(by=by, verb=Verb.PAPER_ISSUED, report=report, now=now)


def note_report(*, by: Actor, verb: Verb, report: UnitReport, now: datetime) -> None:
    """One audit row about a letter; it names no child."""
    audit.record(
        by=by,
        verb=verb,
        kind="unit_report",
        object_id=report.pk,
        unit_path=report.unit.path,
        now=now,
        detail={"paper": report.kind, "number": report.number, "children": report.children},
    )


def note_report_read(*, by: Actor, report: UnitReport, now: datetime) -> None:
    """One audit row for each opening of a letter's PDF."""
    with transaction.atomic():
        note_report(by=by, verb=Verb.PAPER_READ, report=report, now=now)
