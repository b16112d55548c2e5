"""A guardian's application: who decides, for how long, on what evidence, and what it does to the enrolment."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from agencies.choices import Role
from agencies.rules.calendar import Calendar, dated, months_end
from agencies.rules.policy_schema import Application, Policy
from cases.choices import Application as Kind
from cases.choices import EventKind
from cases.rules.rounds import as_day
from students.choices import EnrolmentStatus

# A child kept away from school for a time comes back into view; only these may stand without an end.
OPEN_ENDED = frozenset({Kind.RESUMPTION, Kind.VOCATIONAL})
# What the books say of a child whose application is approved; 复学 alone brings it back.
STANDINGS: dict[str, EnrolmentStatus | None] = {
    Kind.POSTPONEMENT: EnrolmentStatus.POSTPONED,
    Kind.SUSPENSION: EnrolmentStatus.SUSPENDED,
    Kind.HOME_TEACHING: EnrolmentStatus.HOME_TAUGHT,
    Kind.ABROAD: EnrolmentStatus.LONG_LEAVE,
    Kind.VOCATIONAL: EnrolmentStatus.LONG_LEAVE,
    Kind.EXEMPTION: EnrolmentStatus.LONG_LEAVE,
    Kind.RESUMPTION: None,
}


class Books(NamedTuple):
    """What an event does to the enrolment from `first`: a standing for a time, or (`status` None) back in class."""

    status: EnrolmentStatus | None
    first: date
    until: date | None = None


def books_after(kind: EventKind, data: Mapping[str, Any], happened_on: date) -> Books | None:
    """What the books say after an event; None where it does not touch them.

    A return on record counts before the roll confirms it: the roll can confirm only whom it expects.
    """
    if kind in (EventKind.RETURNED, EventKind.RETURN_CONFIRMED):
        return Books(None, happened_on)
    if kind != EventKind.APPLICATION_DECIDED or data.get("decision") != "approved":
        return None
    asked = str(data.get("application"))
    if asked not in STANDINGS:
        return None
    return Books(STANDINGS[asked], as_day(data.get("from")) or happened_on, as_day(data.get("until")))


def last_day(calendar: Calendar, application: Application, first: date) -> date | None:
    """The last day that may be approved; None where the plan sets no limit."""
    span = application.longest
    if span is None:
        return None
    if span.months:
        return months_end(first, span.months, count_first=True)
    return calendar.add(first, span.days, span.day_type, count_first=True).on


def refusals_of_approval(
    policy: Policy,
    calendar: Calendar,
    key: str,
    decider: Role | None,
    first: date | None,
    until: date | None,
    recorded: Collection[str],
) -> list[str]:
    """Why the application cannot be approved so: one sentence per fault; empty = it can.

    `decider` is the post that decides (None: any post that may); `recorded` are the kinds of events on record.
    义务教育法 art. 11: 缓学 and 休学 are approved by 乡镇人民政府 or the county education department alone.
    """
    application = policy.application(key)
    if application is None:
        return [f"本方案没有“{Kind(key).label}”，不能批准"]
    said = []
    if decider is not None and decider not in application.deciders:
        who = "、".join(str(role.label) for role in application.deciders)
        said.append(f"{application.name}由{who}审批，您的岗位不能审批")
    if EventKind.APPLIED not in recorded:
        said.append("没有监护人的书面申请，请先登记申请")
    lacking = [EventKind(kind).label for kind in application.needs if kind not in recorded]
    said.extend(f"{application.name}须先有：{label}" for label in lacking)
    return [*said, *_times(calendar, application, first, until)]


def _times(calendar: Calendar, application: Application, first: date | None, until: date | None) -> list[str]:
    if application.key in OPEN_ENDED and until is None:
        return []
    if first is None or until is None:
        return [f"批准{application.name}须写明起止日期，到期前系统提醒核查"]
    if until < first:
        return ["截止日期早于起始日期，请核对"]
    last = last_day(calendar, application, first)
    return [f"{application.name}最长至{dated(last)}，请改早截止日期"] if last is not None and until > last else []
