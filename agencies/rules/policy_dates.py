"""Fixed dates, ages and validity of a plan."""

from datetime import date

from agencies.choices import DayType
from agencies.rules.calendar import Calendar, dated
from agencies.rules.policy_schema import Policy


def reporting_day(policy: Policy, calendar: Calendar, day: date) -> date:
    """The day a report of a fixed date (每月25日前) is due: on a rest day moved as the plan says."""
    if policy.fixed_date_roll == "back":
        return calendar.roll_back(day, DayType.WORKING)
    return calendar.roll_forward(day, DayType.WORKING) if policy.fixed_date_roll == "forward" else day


def guardian_deadline(policy: Policy, calendar: Calendar, served_on: date) -> date:
    """The guardian's last day for an order served on a day; the paper prints it with its weekday."""
    span = policy.deadline.span
    end = calendar.add(served_on, span.days, span.day_type, count_first=span.count_first).on
    return end if span.roll is None else calendar.roll_forward(end, span.roll)


def age_on(born_on: date, on: date) -> int:
    """Age in full years (周岁)."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


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
