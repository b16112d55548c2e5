"""Fills each paper from what is on record."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from agencies.rules.policy_dates import guardian_deadline
from cases.choices import EventKind
from cases.rules.event_fields import CALL_RESULTS
from notices.choices import PaperLayout
from notices.rules.asking import PERSUADING, criticism_record, to_guardians, to_township
from notices.rules.child_words import (
    addressee,
    birth_month,
    class_word,
    family_line,
    grade_class,
    grade_word,
    head,
    names_once,
)
from notices.rules.demanding import demand
from notices.rules.enrolling import enrolment_record, postponement_form, township_record
from notices.rules.facts import Facts
from notices.rules.issuers import MATERIALS
from notices.rules.letters import letter
from notices.rules.materials import materials
from notices.rules.papers import (
    Contact,
    Order,
    ReportSlip,
    SchoolRecord,
    SituationReport,
    day_text,
    plain_day,
)
from notices.rules.told import Happening, Issuer, Told, Typed
from notices.rules.wording import PaperForm

SCHOOL_WORK = (EventKind.PHONE_CALL, EventKind.HOME_VISIT)


def _school_record(told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts:
    calls, visits = told.of(EventKind.PHONE_CALL), told.of(EventKind.HOME_VISIT)
    visit, latest = told.last(EventKind.HOME_VISIT), told.last(*SCHOOL_WORK)
    said: Callable[[str], str] = visit.said if visit else lambda name: ""
    names = [row.said("by") or row.by for row in (*calls, *visits)]
    return SchoolRecord(
        **head(told),
        birth_month=birth_month(told),
        grade_class=grade_class(told),
        whereabouts=told.latest("whereabouts"),
        absent_time=f"{plain_day(told.first_absent)}起" if told.first_absent else "",
        address=told.address or told.village,
        teachers=names_once(names),
        by_phone=bool(calls),
        by_visit=bool(visits),
        persuaded_on=day_text(latest.on) if latest else "",
        family=said("family"),
        guardian_attitude=said("guardian_attitude"),
        student_attitude=said("child_attitude"),
        methods=said("methods"),
        effect=said("effect"),
    )


def _report_slip(told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts:
    said = head(told)
    return ReportSlip(
        government=told.government,
        school=said["school"],
        grade=grade_word(told),
        class_name=class_word(told),
        name=said["name"],
        reason=said["reason"] or "原因待查",
        village=told.village,
        guardian=said["guardian"],
        phone=said["phone"],
        on=on,
    )


def _called(row: Happening) -> Contact:
    who = row.said("spoke_with")
    result = str(dict(CALL_RESULTS).get(row.said("result"), ""))
    return Contact(row.on, row.by, "，".join(part for part in (result, who, row.said("note")) if part))


def _visited(row: Happening) -> Contact:
    result = row.said("effect") or row.said("guardian_attitude") or row.said("record")
    return Contact(row.on, row.said("by") or row.said("people") or row.by, result)


def _situation_report(told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts:
    village = told.last(EventKind.VILLAGE_VERIFICATION)
    helped = f"{day_text(village.on)}　{village.said('people')}　{village.said('record')}" if village else ""
    return SituationReport(
        **head(told),
        government=told.government,
        birth_date=told.birth_date,
        id_number=told.id_number,
        student_number=told.student_number,
        grade_class=grade_class(told),
        hukou=told.hukou,
        address=told.address,
        village=told.village,
        first_absent=told.first_absent,
        absent_days=told.absent_days,
        whereabouts=told.latest("whereabouts"),
        calls=tuple(_called(row) for row in told.of(EventKind.PHONE_CALL)),
        visits=tuple(_visited(row) for row in told.of(EventKind.HOME_VISIT)),
        village_help=helped,
        guardians=family_line(told),
        school_opinion=typed.opinion,
        principal=told.principal,
        on=on,
    )


def _order(told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts | None:
    person, told_off = addressee(told, typed), told.last(EventKind.CRITICISM)
    if person is None or told_off is None or told.first_absent is None:
        return None
    planned = typed.planned_service or on
    return Order(
        number="",
        guardian=person.name,
        relation=person.relation,
        student=told.name,
        school=told.school,
        grade_class=grade_class(told),
        absent_since=told.first_absent,
        persuasions=len(told.of(*PERSUADING)),
        criticised_on=told_off.on,
        deadline=guardian_deadline(told.policy, told.calendar, planned),
        deadline_days=told.policy.deadline.span.days,
        planned_service=planned,
        issuer=issuer.name,
        issued_on=on,
        contact=typed.contact or issuer.contact,
        phone=typed.phone or issuer.phone,
    )


_FILL: Mapping[PaperLayout, Callable[[Told, Typed, date, Issuer], Facts | None]] = {
    PaperLayout.TOWNSHIP_RECORD: township_record,
    PaperLayout.ENROLMENT_RECORD: enrolment_record,
    PaperLayout.POSTPONEMENT_FORM: postponement_form,
    PaperLayout.SCHOOL_RECORD: _school_record,
    PaperLayout.REPORT_SLIP: _report_slip,
    PaperLayout.SITUATION_REPORT: _situation_report,
    PaperLayout.ENTRY_NOTICE: to_guardians,
    PaperLayout.URGING: to_guardians,
    PaperLayout.PROPOSAL: to_township,
    PaperLayout.CRITICISM_RECORD: criticism_record,
    PaperLayout.ORDER: _order,
    PaperLayout.DEMAND: demand,
    **{layout: materials(layout) for layout in MATERIALS},
    PaperLayout.WITHDRAWAL: letter,
    PaperLayout.CORRECTION: letter,
}


def facts_for(form: PaperForm, told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts | None:
    """The facts of a paper issued on a day, without its number; None where a barring gap leaves nothing to print."""
    facts = _FILL[form.layout](told, typed, on, issuer)
    if isinstance(facts, SituationReport):
        names = {"township": told.government, "bureau": told.bureau}
        return replace(facts, government="、".join(names[key] for key in form.recipients if names[key]))
    return facts
