"""Fills each paper from what is on record, and names what is missing before it may leave."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from agencies.rules.policy_dates import guardian_deadline
from cases.choices import Cause, EventKind
from cases.rules.event_fields import CALL_RESULTS, PERSUASION_RESULTS
from cases.rules.privacy import RESTRICTED_GROUPS
from notices.choices import PaperLayout
from notices.rules.issuers import NUMBERED
from notices.rules.issuing import issue_refusal, penalty_in
from notices.rules.letters import letter, numbering_gaps
from notices.rules.papers import (
    Contact,
    Facts,
    Letter,
    Order,
    ReportSlip,
    SchoolRecord,
    SituationReport,
    TownshipRecord,
    Visit,
    day_text,
    plain_day,
)
from notices.rules.told import Gap, Happening, Issuer, Line, Relative, Told, Typed
from notices.rules.wording import PaperForm
from students.choices import SpecialGroup
from students.rules.classes import DIGITS, read_class
from students.rules.masks import mask_address, mask_number, mask_phone

# The boxes of 对象类别 on 附件3, by the common list of groups.
BOXES: Mapping[SpecialGroup, str] = {
    SpecialGroup.POVERTY: "建档立卡",
    SpecialGroup.LOW_INCOME: "低保",
    SpecialGroup.DISABLED: "残疾",
    SpecialGroup.ORPHAN: "孤儿",
    SpecialGroup.DE_FACTO_UNATTENDED: "事实无人抚养儿童",
}
PERSUADING = (EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION, EventKind.PERSUASION)
SCHOOL_WORK = (EventKind.PHONE_CALL, EventKind.HOME_VISIT)


def grade_word(told: Told) -> str:
    """八, empty where the grade is not known."""
    return DIGITS[told.grade] if told.grade and told.grade < len(DIGITS) else ""


def class_word(told: Told) -> str:
    """The number of the class where its name has one, else the name."""
    number = read_class(told.class_name).number if told.class_name else None
    return str(number) if number else told.class_name


def grade_class(told: Told) -> str:
    """八年级3班; the class's own name where it cannot be taken apart."""
    grade, number = grade_word(told), class_word(told)
    if grade and number.isdigit():
        return f"{grade}年级{number}班"
    return told.class_name or (f"{grade}年级" if grade else "")


def cause_word(told: Told) -> str:
    """The latest cause on record."""
    cause = told.latest("cause")
    if cause in Cause.values and cause != Cause.NOT_KNOWN:
        return str(Cause(cause).label)
    return "" if cause in ("", Cause.NOT_KNOWN) else cause


def addressee(told: Told, typed: Typed) -> Relative | None:
    """The guardian the paper goes to: the chosen one, else the first on record."""
    chosen = [person for person in told.guardians if person.pk == typed.guardian]
    return next(iter([*chosen, *([] if typed.guardian else told.guardians)]), None)


def _head(told: Told) -> dict[str, Any]:
    first = next(iter([*told.guardians, *told.family]), None)
    return {
        "school": told.school,
        "name": told.name,
        "sex": told.sex,
        "guardian": first.name if first else "",
        "phone": first.phone if first else "",
        "reason": cause_word(told),
    }


def _birth_month(told: Told) -> str:
    return f"{told.birth_date.year}年{told.birth_date.month}月" if told.birth_date else ""


def _township_record(told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts:
    rows = told.of(EventKind.PERSUASION)
    # 残疾人教育条例 art. 20: only a maker with the restricted permission has the box of 残疾 ticked.
    hidden = frozenset() if told.sees_restricted else RESTRICTED_GROUPS
    visits = tuple(
        Visit(number, row.on, row.said("record"), row.said("recorder") or row.by) for number, row in enumerate(rows, 1)
    )
    result = rows[-1].said("result") if rows else ""
    return TownshipRecord(
        **_head(told),
        county=told.county,
        township=told.township,
        birth_month=_birth_month(told),
        grade=grade_word(told),
        class_name=class_word(told),
        address=told.address or told.village,
        groups=tuple(BOXES[group] for group in told.groups if group in BOXES and group not in hidden),
        boxes_open=not told.sees_restricted,
        absent_from=told.first_absent,
        visits=visits,
        result=str(dict(PERSUASION_RESULTS).get(result, "")) if result != "continue" else "",
    )


def _school_record(told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts:
    calls, visits = told.of(EventKind.PHONE_CALL), told.of(EventKind.HOME_VISIT)
    visit, latest = told.last(EventKind.HOME_VISIT), told.last(*SCHOOL_WORK)
    said: Callable[[str], str] = visit.said if visit else lambda name: ""
    names = [row.said("by") or row.by for row in (*calls, *visits)]
    return SchoolRecord(
        **_head(told),
        birth_month=_birth_month(told),
        grade_class=grade_class(told),
        whereabouts=told.latest("whereabouts"),
        absent_time=f"{plain_day(told.first_absent)}起" if told.first_absent else "",
        address=told.address or told.village,
        teachers="、".join(dict.fromkeys(name for name in names if name)),
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
    head = _head(told)
    return ReportSlip(
        government=told.government,
        school=head["school"],
        grade=grade_word(told),
        class_name=class_word(told),
        name=head["name"],
        reason=head["reason"] or "原因待查",
        village=told.village,
        guardian=head["guardian"],
        phone=head["phone"],
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
        **_head(told),
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
    PaperLayout.TOWNSHIP_RECORD: _township_record,
    PaperLayout.SCHOOL_RECORD: _school_record,
    PaperLayout.REPORT_SLIP: _report_slip,
    PaperLayout.SITUATION_REPORT: _situation_report,
    PaperLayout.ORDER: _order,
    PaperLayout.WITHDRAWAL: letter,
    PaperLayout.CORRECTION: letter,
}


def facts_for(form: PaperForm, told: Told, typed: Typed, on: date, issuer: Issuer) -> Facts | None:
    """The facts of a paper issued on a day, without its number; None where a barring gap leaves nothing to print."""
    return _FILL[form.layout](told, typed, on, issuer)


def gaps(form: PaperForm, told: Told, typed: Typed, issuer: Issuer, *, bars: tuple[str, ...] = ()) -> tuple[Gap, ...]:
    """What is missing on this paper, what bars it first.

    `bars` are the case's own refusals of the event the paper makes (`cases.rules.transitions.bars`).
    """
    found = [Gap(text, "case", bars=True) for text in bars]
    if refusal := issue_refusal(form.layout, issuer.kind, typed_basis=form.typed_basis):
        found.append(Gap(refusal, bars=True))
    elif issuer.kind not in form.issuers and not form.typed_basis:
        found.append(Gap(f"本方案规定《{form.title}》不由{issuer.kind.label}出具。", bars=True))
    found += _own_gaps(form, told, typed, issuer)
    if penalty := penalty_in("，".join((typed.opinion, typed.contact, typed.reason, typed.wrong, typed.right))):
        text = f"文书不得出现“{penalty}”：义务教育法第五十八条只规定批评教育、责令限期改正，请删去。"
        found.append(Gap(text, bars=True))
    return tuple(sorted(found, key=lambda gap: not gap.bars))


def _own_gaps(form: PaperForm, told: Told, typed: Typed, issuer: Issuer) -> list[Gap]:
    if form.layout in NUMBERED:
        more = _order_gaps(told, typed) if form.layout == PaperLayout.ORDER else []
        return [*more, *numbering_gaps(form, typed, issuer)]
    return _form_gaps(form, told)


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


def _form_gaps(form: PaperForm, told: Told) -> list[Gap]:
    found = []
    if not told.family:
        found.append(Gap("没有登记家长姓名和电话。", "child"))
    if not told.birth_date and form.layout != PaperLayout.REPORT_SLIP:
        found.append(Gap("没有出生日期。", "child"))
    if told.first_absent is None and form.layout != PaperLayout.REPORT_SLIP:
        found.append(Gap("没有缺课记录，旷课日期将留空。", "case"))
    if not cause_word(told):
        found.append(Gap("原因尚未查明。", f"event:{EventKind.PHONE_CALL}"))
    needed = {
        PaperLayout.TOWNSHIP_RECORD: (EventKind.PERSUASION, "还没有劝返记录，动员情况将留空。"),
        PaperLayout.SCHOOL_RECORD: (EventKind.HOME_VISIT, "还没有家访记录，家访情况将留空。"),
        PaperLayout.REPORT_SLIP: (EventKind.HOME_VISIT, "还没有上门动员记录。"),
        PaperLayout.SITUATION_REPORT: (EventKind.HOME_VISIT, "还没有入户劝返记录。"),
    }
    if (need := needed.get(form.layout)) and told.last(need[0]) is None:
        found.append(Gap(need[1], f"event:{need[0]}"))
    if form.layout == PaperLayout.SITUATION_REPORT and told.last(EventKind.VILLAGE_VERIFICATION) is None:
        found.append(Gap("还没有村（社区）核查记录。", f"event:{EventKind.VILLAGE_VERIFICATION}"))
    if form.layout in (PaperLayout.REPORT_SLIP, PaperLayout.SITUATION_REPORT) and not told.government:
        found.append(Gap("没有主送的乡镇人民政府：该生的居住地或学校未挂乡镇。", "child", bars=True))
    return found


_LABELS: Mapping[str, str] = {
    "government": "主送",
    "guardian": "监护人",
    "relation": "与学生关系",
    "student": "学生",
    "name": "学生",
    "sex": "性别",
    "birth_month": "出生年月",
    "birth_date": "出生日期",
    "id_number": "身份证号",
    "student_number": "学籍号",
    "school": "学校",
    "grade_class": "年级班",
    "phone": "联系电话",
    "hukou": "户籍地",
    "address": "住址",
    "village": "村（社区）",
    "reason": "原因",
    "whereabouts": "去向",
    "absent_from": "旷课日期",
    "absent_time": "旷课时间",
    "first_absent": "首次未到校",
    "absent_since": "自何日起未到校",
    "absent_days": "累计未到校日数",
    "persuasions": "已劝返次数",
    "criticised_on": "批评教育",
    "teachers": "劝返教师",
    "persuaded_on": "劝返时间",
    "guardian_attitude": "家长态度",
    "student_attitude": "学生态度",
    "methods": "方法及措施",
    "effect": "劝返效果",
    "visits": "劝返记录",
    "calls": "电话记录",
    "village_help": "村（社区）协助",
    "school_opinion": "学校意见",
    "result": "动员结果",
    "issuer": "签发机关",
    "planned_service": "计划送达",
    "deadline": "限期届满",
    "contact": "联系人",
    "addressees": "主送",
    "paper_title": "涉及文书",
    "paper_number": "原文号",
    "paper_on": "原文书日期",
}
_COVER: Mapping[str, Callable[[str], str]] = {
    "id_number": mask_number,
    "student_number": mask_number,
    "phone": mask_phone,
    "address": mask_address,
    "hukou": mask_address,
}


def preview(facts: Facts) -> tuple[Line, ...]:
    """The facts line by line for the screen: what stands whole on the paper is covered here."""
    lines = []
    for item in fields(facts):
        value = getattr(facts, item.name)
        label = _LABELS.get(item.name)
        if label is None or isinstance(value, bool):
            continue
        cover = _COVER.get(item.name) if not isinstance(facts, Order | Letter) else None
        text = _shown(value)
        lines.append(Line(label, cover(text) if cover else text, covered=cover is not None))
    return tuple(lines)


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, tuple):
        if value and isinstance(value[0], str):
            return "、".join(value)
        return f"{len(value)} 次" if value else ""
    return "" if value is None else str(value)
