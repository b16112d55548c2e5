"""When units owe a recurring duty: its periods, by when each is due, and how each stands."""

from datetime import date
from typing import NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar, add_months
from agencies.rules.policy_dates import fixed_date_from, term_day_of
from agencies.rules.policy_periods import Period, period_of
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import FixedDate, Limit, Span, TermDay
from agencies.rules.unit_schema import UnitDuty


class Occurrence(NamedTuple):
    """One period of a duty: its days, and by when the duty is due in it."""

    first: date
    last: date
    due_on: date
    provisional: bool


def occurrences(policy: Policy, calendar: Calendar, duty: UnitDuty, first: date, last: date) -> list[Occurrence]:
    """The periods of a duty that touch the days from `first` to `last`, oldest first.

    Where the due date runs over the end of the period (每月25日 moved, a term day in a short term) it stands.
    """
    found = []
    if duty.every == "once":
        whole = Period(policy.valid_from, policy.valid_to)
        return [_occurrence(policy, calendar, duty, whole)] if whole.first <= last and whole.last >= first else []
    period = period_of(calendar, duty.every, first)
    while period is not None and period.first <= last:
        if period.last >= first:
            found.append(_occurrence(policy, calendar, duty, period))
        period = period_of(calendar, duty.every, period.last + ONE_DAY)
    return found


def _occurrence(policy: Policy, calendar: Calendar, duty: UnitDuty, period: Period) -> Occurrence:
    due = period.last if duty.due is None else _due(policy, calendar, duty.due, period.first)
    return Occurrence(period.first, period.last, due, calendar.is_provisional(due))


def _due(policy: Policy, calendar: Calendar, limit: Limit, first: date) -> date:
    if isinstance(limit, FixedDate):
        return fixed_date_from(policy, calendar, limit, first)
    if isinstance(limit, TermDay):
        found = term_day_of(calendar, limit, first)
        return first if found is None else found[0]
    return _span(calendar, limit, first)


def _span(calendar: Calendar, span: Span, first: date) -> date:
    if span.months:
        return add_months(first, span.months)
    end = calendar.add(first, span.days, span.day_type, count_first=span.count_first).on
    return end if span.roll is None else calendar.roll_forward(end, span.roll)
