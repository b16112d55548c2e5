"""Fills the township's records of persuasion: 附件2, 附件3 and 附件6 of 大田."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.choices import Application, EventKind
from cases.rules.event_fields import PERSUASION_RESULTS
from notices.rules.child_words import (
    BOXES,
    birth_month,
    cause_word,
    class_word,
    entry_year,
    family_line,
    grade_word,
    head,
)
from notices.rules.papers import EnrolmentRecord, PostponementForm, TownshipRecord, Visit, plain_day
from notices.rules.told import Gap, Happening, Issuer, Told, Typed
from students.rules.privacy import shown_groups

# How 附件2 words the results of 附件3: a child that never went to school does not come back to it.
ENTRY_RESULTS: Mapping[str, str] = {"returned": "入学", "dropped_out": "未入学", "continue": ""}


def township_record(told: Told, typed: Typed, on: date, issuer: Issuer) -> TownshipRecord:
    """疑似辍学学生劝返情况记录表（乡镇用）."""
    return TownshipRecord(
        **_table(told),
        school=told.school,
        grade=grade_word(told),
        class_name=class_word(told),
        absent_from=told.first_absent,
        reason=cause_word(told),
        result=_result(told, {}),
    )


def enrolment_record(told: Told, typed: Typed, on: date, issuer: Issuer) -> EnrolmentRecord:
    """未入学适龄儿童少年组织入学记录表; the reason is the one written down when the child was found."""
    found = told.last(EventKind.NOT_ENROLLED)
    why = found.said("why") if found else ""
    return EnrolmentRecord(**_table(told), reason=why or cause_word(told), result=_result(told, ENTRY_RESULTS))


def _table(told: Told) -> dict[str, Any]:
    # 残疾人教育条例 art. 20: only a maker with the restricted permission has the box of 残疾 ticked.
    shown = shown_groups(told.groups, knows=told.sees_restricted)
    said = head(told)
    return {
        **{name: said[name] for name in ("name", "sex", "guardian", "phone")},
        "county": told.county,
        "township": told.township,
        "birth_month": birth_month(told),
        "address": told.address or told.village,
        "groups": tuple(BOXES[group] for group in shown if group in BOXES),
        "boxes_open": not told.sees_restricted,
        "visits": tuple(
            Visit(number, row.on, row.said("record"), row.said("recorder") or row.by)
            for number, row in enumerate(told.of(EventKind.PERSUASION), 1)
        ),
    }


def _result(told: Told, words: Mapping[str, str]) -> str:
    latest = told.last(EventKind.PERSUASION)
    result = latest.said("result") if latest else ""
    return "" if result == "continue" else words.get(result) or str(dict(PERSUASION_RESULTS).get(result, ""))


def postponement_form(told: Told, typed: Typed, on: date, issuer: Issuer) -> PostponementForm:
    """缓学申请表, with what the guardian's application on record says; without one it is left to the pen."""
    asked, year = application(told), entry_year(told)
    said = asked.said if asked else lambda name: ""
    return PostponementForm(
        name=told.name,
        sex=told.sex,
        birth_month=birth_month(told),
        id_number=told.id_number,
        entry_due=f"{year}年9月" if year else "",
        hukou=told.hukou,
        address=told.address or told.village,
        guardians=family_line(told),
        school=told.school,
        reason=said("reason"),
        first_day=_day(said("from")),
        last_day=_day(said("until")),
        proof=said("proof"),
        township=told.government,
        bureau=told.bureau,
    )


def application(told: Told) -> Happening | None:
    """The latest application for postponement."""
    rows = [row for row in told.of(EventKind.APPLIED) if row.said("application") == Application.POSTPONEMENT]
    return rows[-1] if rows else None


def _day(text: str) -> str:
    try:
        return plain_day(date.fromisoformat(text))
    except ValueError:
        return text


def postponement_gaps(told: Told) -> list[Gap]:
    """What 附件6 leaves to the pen."""
    if application(told):
        return []
    return [Gap("还没有登记监护人的缓学申请，理由、期限和证明材料留给监护人手填。", f"event:{EventKind.APPLIED}")]
