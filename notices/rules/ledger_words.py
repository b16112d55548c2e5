"""The words ledgers use for where a child stands: 入学状态, 人员类别, 报到情况, one line per visit."""

from collections.abc import Iterable, Mapping
from datetime import date

from agencies.rules.calendar import dated
from cases.choices import CaseOrigin, Cause, EventKind, Stage
from cases.rules.event_fields import PERSUASION_RESULTS
from cases.rules.privacy import cause_words
from notices.rules.child_words import BOXES, due_year, names_once
from notices.rules.told import Happening
from students.choices import EnrolmentStatus, SpecialGroup
from students.rules.classes import DIGITS, read_class
from students.rules.privacy import shown_groups

# The school year begins in September; nine grades are compulsory.
SCHOOL_YEAR_MONTH, LAST_GRADE = 9, 9
NOT_ENTERED, DROPPED_OUT, INCLINED = "未入学", "已辍学", "有辍学倾向"
# 入学状态 as the base ledger's notes list it.
_STATUS: Mapping[EnrolmentStatus, str] = {
    EnrolmentStatus.SUSPENDED: "休学",
    EnrolmentStatus.HOME_TAUGHT: "送教上门",
    EnrolmentStatus.POSTPONED: "缓学",
}
_CONTACTS = (EventKind.PHONE_CALL, EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION, EventKind.PERSUASION)


def entry_status(status: str, *, dropped_out: bool, groups: Iterable[SpecialGroup]) -> str:
    """在校, 县外就读, 送教上门, 缓学, 休学, 未入学 or 已辍学; `status` is empty where there is none."""
    if dropped_out:
        return DROPPED_OUT
    if not status:
        return "县外就读" if SpecialGroup.OUTSIDE in set(groups) else NOT_ENTERED
    return _STATUS.get(EnrolmentStatus(status), "在校")


def category(*, enrolled: bool, dropped_out: bool, stage: str, origin: str) -> str:
    """人员类别: 未入学, 已辍学, 有辍学倾向."""
    if not enrolled:
        return NOT_ENTERED
    if dropped_out or (origin == CaseOrigin.OLD_LIST and stage not in (Stage.RETURNED, Stage.CLOSED)):
        return DROPPED_OUT
    return INCLINED


def group_words(groups: Iterable[SpecialGroup]) -> tuple[str, str]:
    """Every special group, and those that may stand on a general list."""
    found = list(groups)
    whole, plain = (
        "、".join(str(group.label) for group in shown_groups(found, knows=knows)) for knows in (True, False)
    )
    return whole, plain


def box_words(groups: Iterable[SpecialGroup]) -> tuple[str, str]:
    """对象类别 as the boxes of 附件2 name it: of every group, and of those that may stand on a general list.

    一般 stands only where it tells nothing of a hidden box.
    """
    found = [group for group in groups if group in BOXES]
    plain = [BOXES[group] for group in shown_groups(found, knows=False)]
    return "、".join(BOXES[group] for group in found) or "一般", "、".join(plain)


def due_grade(born: date, on: date) -> str:
    """The grade a child should be in on a day, counted from its year of entry; empty before entry and after nine."""
    grade = on.year - (on.month < SCHOOL_YEAR_MONTH) - due_year(born) + 1
    return f"{DIGITS[grade]}年级" if 1 <= grade <= LAST_GRADE else ""


def class_parts(name: str, grade: int | None) -> tuple[str, str]:
    """Grade in words and number of a class: 八, 3; the name alone where it has no number."""
    number = read_class(name).number if name else None
    word = DIGITS[grade] if grade and grade < len(DIGITS) else ""
    return (word, str(number)) if word and number else ("", name)


def cause_label(cause: str, *, knows: bool) -> str:
    """The cause in words, as the reader may know it; empty while it is not known."""
    return cause_words(cause, knows=knows) if cause in Cause.values and cause != Cause.NOT_KNOWN else ""


def visit_line(row: Happening | None) -> str:
    """A visit in one cell: 2026-10-12（周一）家长在场，愿意配合."""
    return f"{dated(row.on)}{row.said('record')}" if row else ""


def review_line(row: Happening | None) -> str:
    """The last review of a support plan in one cell: 2026-10-20（周二）成绩有进步；下次2026-11-19（周四）."""
    if row is None:
        return ""
    following = row.day("review_on")
    return f"{dated(row.on)}{row.said('result')}" + (f"；下次{dated(following)}" if following else "")


def event_cells(rows: Iterable[Happening]) -> dict[str, object]:
    """The cells of a case that come from its events, oldest first."""
    events = tuple(rows)

    def of(*kinds: EventKind) -> list[Happening]:
        return [row for row in events if row.kind in kinds]

    def last(*kinds: EventKind) -> Happening | None:
        return next(reversed(of(*kinds)), None)

    def day(*kinds: EventKind) -> date | None:
        found = last(*kinds)
        return found.on if found else None

    calls, visits, town = of(EventKind.PHONE_CALL), of(EventKind.HOME_VISIT), of(EventKind.PERSUASION)
    village, support = last(EventKind.VILLAGE_VERIFICATION), last(EventKind.SUPPORT_PLAN)
    companion = last(EventKind.HELP_BEGUN, EventKind.SUPPORT_PLAN, EventKind.COMPANION_NAMED)
    teachers = [row.said("by") or row.by for row in (*calls, *visits)]
    ways = [word for word, found in (("电话", calls), ("家访", visits)) if found]
    result = town[-1].said("result") if town else ""
    return {
        "whereabouts": next((text for row in reversed(events) if (text := row.said("whereabouts"))), ""),
        "school_teachers": names_once(teachers),
        "school_ways": "、".join(ways),
        "school_persuaded_on": day(EventKind.PHONE_CALL, EventKind.HOME_VISIT),
        "school_visits": len(calls) + len(visits) or None,
        "school_effect": visits[-1].said("effect") if visits else "",
        "village_verified_on": village.on if village else None,
        "village_result": village.said("record") if village else "",
        "reported_on": day(EventKind.REPORT_SENT),
        "township_visits": len(town) or None,
        "first_visit": visit_line(town[0]) if town else "",
        "last_visit": visit_line(town[-1]) if len(town) > 1 else "",
        "township_result": str(dict(PERSUASION_RESULTS).get(result, "")),
        "measures": support.said("measures") if support else "",
        "companion": companion.said("person") if companion else "",
        "reviewed": review_line(last(EventKind.PLAN_REVIEWED)),
        "contacted_on": day(*_CONTACTS),
        "returned_on": day(EventKind.RETURN_CONFIRMED) or day(EventKind.RETURNED),
        "enrolment_restored_on": day(EventKind.ENROLMENT_RESTORED),
    }
