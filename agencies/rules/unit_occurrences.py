"""When units owe a recurring duty: its periods, and by when each is due."""

from datetime import date
from typing import NamedTuple

from agencies.rules.calendar import ONE_DAY, Calendar, add_months
from agencies.rules.policy_dates import reporting_day, span_end
from agencies.rules.policy_periods import Period, period_of
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import FixedDate, Limit, Span, TermDay
from agencies.rules.unit_schema import UnitDuty


class Occurrence(NamedTuple):
    """One period of a duty: its days, and by when the duty is due in it (暂算 where `provisional`)."""

    first: date
    last: date
    due_on: date
    provisional: bool


def occurrences(policy: Policy, calendar: Calendar, duty: UnitDuty, first: date, last: date) -> list[Occurrence]:
    """The periods of a duty that touch the days from `first` to `last`, oldest first.

    Those without a school day are left out where the plan skips breaks. Where the due date runs over the end of the
    period (每月25日 moved, a term day in a short term) it stands. A plan past its validity keeps running until another
    is adopted: what it asks once stays owed.
    """
    found = []
    if duty.every == "once":
        whole = Period(policy.valid_from, policy.valid_to)
        return [_occurrence(policy, calendar, duty, whole)] if whole.first <= last else []
    period = period_of(calendar, duty.every, first)
    while period is not None and period.first <= last:
        if period.last >= first and (duty.breaks == "keep" or not _lies_in_break(calendar, period)):
            found.append(_occurrence(policy, calendar, duty, period))
        period = period_of(calendar, duty.every, period.last + ONE_DAY)
    return found


def _lies_in_break(calendar: Calendar, period: Period) -> bool:
    """Whether the period has no school day; beyond the terms on record nobody knows, and what is owed stays owed."""
    known = calendar.term_at(period.first) is not None
    return known and not calendar.school_days(period.first, period.last)


def _occurrence(policy: Policy, calendar: Calendar, duty: UnitDuty, period: Period) -> Occurrence:
    due, provisional = _due(policy, calendar, duty.due, period)
    return Occurrence(period.first, period.last, due, provisional)


def _due(policy: Policy, calendar: Calendar, limit: Limit | None, period: Period) -> tuple[date, bool]:
    """The due date, and whether a holiday table or term not yet known may move it."""
    if limit is None:
        return period.last, False
    if isinstance(limit, FixedDate):
        named = _named_day(limit, period.first)
        moves = policy.fixed_date_roll != "none"
        return reporting_day(policy, calendar, named), moves and calendar.is_provisional(named)
    if isinstance(limit, TermDay):
        return _term_day(calendar, limit, period)
    return _span(calendar, limit, period.first)


def _named_day(at: FixedDate, first: date) -> date:
    """The date as the plan names it, on or after the period's first day; rest days move it only afterwards."""
    start = date(first.year, at.month or first.month, 1)
    for months in (0, 12 if at.month else 1):
        month = add_months(start, months)
        named = min(month + ONE_DAY * (at.day - 1), add_months(month, 1) - ONE_DAY)
        if named >= first:
            break
    return named


def _term_day(calendar: Calendar, at: TermDay, period: Period) -> tuple[date, bool]:
    """The n-th day of the first term whose n-th day lies in the period or after it began; its end while unknown."""
    day = period.first
    while (term := calendar.term_at(day)) is not None:
        found = calendar.add(term.first_day, at.day, at.day_type, count_first=at.count_first)
        if found.on >= period.first:
            return found.on, found.provisional
        day = term.last_day + ONE_DAY
    return period.last, True


def _span(calendar: Calendar, span: Span, first: date) -> tuple[date, bool]:
    end, provisional = span_end(calendar, first, span)
    return end, provisional or (span.roll is not None and calendar.is_provisional(end))
