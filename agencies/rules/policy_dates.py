"""Ends of spans, fixed dates, ages and validity of a plan."""

from datetime import date

from agencies.choices import DayType
from agencies.rules.calendar import ONE_DAY, Calendar, add_months, dated, months_end
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import AgeTrigger, FixedDate, Span, TermDay


def reporting_day(policy: Policy, calendar: Calendar, day: date) -> date:
    """The day a report of a fixed date (每月25日前) is due: on a rest day moved as the plan says."""
    if policy.fixed_date_roll == "back":
        return calendar.roll_back(day, DayType.WORKING)
    return calendar.roll_forward(day, DayType.WORKING) if policy.fixed_date_roll == "forward" else day


def span_end(calendar: Calendar, day: date, span: Span) -> tuple[date, bool]:
    """The last day of a span that runs from `day`, moved off a closed day as it says; whether it is 暂算."""
    if span.months:
        return rolled(calendar, months_end(day, span.months, count_first=span.count_first), span)
    due = calendar.add(day, span.days, span.day_type, count_first=span.count_first)
    return rolled(calendar, due.on, span, provisional=due.provisional)


def rolled(calendar: Calendar, end: date, span: Span, *, provisional: bool = False) -> tuple[date, bool]:
    """The end of a span moved off a closed day as the span says (民法典 art. 203), and whether it is provisional."""
    if span.roll is None:
        return end, provisional
    moved = calendar.roll_forward(end, span.roll)
    return moved, provisional or (moved != end and calendar.is_provisional(moved))


def guardian_deadline(policy: Policy, calendar: Calendar, served_on: date) -> date:
    """The guardian's last day for an order served on a day; the paper prints it with its weekday."""
    return span_end(calendar, served_on, policy.deadline.span)[0]


def fixed_date_from(policy: Policy, calendar: Calendar, at: FixedDate, day: date) -> date:
    """The first reporting day of this fixed date on or after a day: of the same year or month, else of a later one."""
    step = 12 if at.month else 1
    start = date(day.year, at.month or day.month, 1)
    # Dates that roll cross the edge of a month: the one before may fall on or after `day`, the next one before it.
    turns = (-1, 0, 1, 2) if policy.fixed_date_roll == "forward" else (0, 1, 2)
    reporting = (reporting_day(policy, calendar, _dated_in(add_months(start, step * turn), at)) for turn in turns)
    return next(due for due in reporting if due >= day)


def _dated_in(first: date, at: FixedDate) -> date:
    """The fixed date in the month that begins on `first`; in a shorter month its last day."""
    return first.replace(day=min(at.day, (add_months(first, 1) - ONE_DAY).day))


def term_day_of(calendar: Calendar, at: TermDay, day: date) -> tuple[date, bool] | None:
    """The n-th day of the term `day` lies in (of the next one in a break), and whether it is provisional."""
    term = calendar.term_at(day)
    if term is None:
        return None
    due = calendar.add(term.first_day, at.day, at.day_type, count_first=at.count_first)
    return due.on, due.provisional


def days_before(calendar: Calendar, day: date, span: Span) -> date:
    """The day that lies a span before another."""
    return add_months(day, -span.months) if span.months else calendar.back(day, span.days, span.day_type)


def birthday(born_on: date, years: int) -> date:
    """The day on which a child is this many full years old; born on 29 February: 1 March where there is none."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def age_on(born_on: date, on: date) -> int:
    """Age in full years (周岁)."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def asks_age(policy: Policy) -> bool:
    """Whether a step of the plan opens at an age, so that birth dates are needed."""
    return any(isinstance(trigger, AgeTrigger) for step in policy.steps for trigger in step.triggers)


def asks_event(policy: Policy, kind: str) -> bool:
    """Whether events of this kind fulfil a step of the plan."""
    return any(kind in step.done_by for step in policy.steps)


def is_of_age(policy: Policy, born_on: date, on: date) -> bool:
    """Whether the plan's ages, both included, cover a child on a day."""
    return policy.ages.first <= age_on(born_on, on) <= policy.ages.last


def validity_warning(valid_from: date | None, valid_to: date | None, on: date) -> str:
    """A sentence while the plan is not (no longer) in force; it keeps running, its owner is warned daily."""
    if valid_to and on > valid_to:
        return f"方案已于{dated(valid_to)}到期，仍按原方案运行，请尽快采用新方案"
    if valid_from and on < valid_from:
        return f"方案自{dated(valid_from)}起施行"
    return ""
