"""Reads triggers and limits of a plan's steps from their tables, noting every mistake."""

from collections.abc import Callable

from agencies.choices import DayType
from agencies.rules import policy_triggers as triggers
from agencies.rules import policy_words as words
from agencies.rules.county_text import Table
from agencies.rules.policy_schema import Counting

LONGEST_SPAN, LONGEST_MONTHS, LAST_TERM_DAY = 400, 36, 200
MONTH_DAYS = 31


def read_span(table: Table) -> triggers.Span:
    """A span of days (`days`, `day_type`) or of months (`months`), with `count_first` and `roll`."""
    months = table.whole("months", 1, LONGEST_MONTHS) if table.has("months") else 0
    table.seen.add("months")
    days = table.whole("days", 0, LONGEST_SPAN, required=not table.has("months")) or 0
    if months and days:
        table.wrong("months", "days 与 months 只能写一个", "请删去其中一个")
    span = triggers.Span(
        days=days,
        # 当日 and months have no day type; only a span of one day or more must name it.
        day_type=DayType(table.word("day_type", words.DAY_TYPES, default="" if days else "natural") or "natural"),
        count_first=table.flag("count_first", default=False),
        roll=DayType(table.word("roll", words.DAY_TYPES)) if _has_word(table, "roll", words.DAY_TYPES) else None,
        months=months or 0,
    )
    table.seen.add("roll")
    return span


def _has_word(table: Table, key: str, allowed: frozenset[str]) -> bool:
    return table.has(key) and bool(table.word(key, allowed))


def read_inner_span(table: Table, key: str) -> triggers.Span | None:
    """The span in a table of its own below `key`, or None where it is not written."""
    if not table.has(key):
        return None
    inner = table.sub(key)
    span = read_span(inner)
    inner.finish()
    return span


def read_limit(table: Table, key: str, *, of_period: bool = False) -> triggers.Limit | None:
    """A due date: a span, a day of the term (`term_day`), or a fixed date (`date_day`, `date_month`).

    `of_period`: what recurs is due on the first such day of a term that is not past when the period begins, so that
    it takes no `late`; a step opens in mid-term as well.
    """
    if not table.has(key):
        return None
    inner = table.sub(key)
    limit: triggers.Limit
    if inner.has("term_day"):
        limit = _term_day(inner)
        _check_late(inner, limit, of_period)
    elif inner.has("date_day"):
        limit = _fixed_date(inner)
    else:
        limit = read_span(inner)
    inner.finish()
    return limit


def _term_day(table: Table) -> triggers.TermDay:
    return triggers.TermDay(
        day=table.whole("term_day", 1, LAST_TERM_DAY) or 1,
        day_type=DayType(table.word("day_type", words.DAY_TYPES) or "natural"),
        count_first=table.flag("count_first", default=False),
        late=read_inner_span(table, "late"),
    )


def _check_late(table: Table, limit: triggers.TermDay, of_period: bool) -> None:
    if of_period and table.has("late"):
        table.wrong("late", "单位任务取期内或其后第一个这样的日子，不会已过", "请删去 late，它只用于 [[steps]]")
    elif not of_period and limit.late is None:
        table.wrong("late", "没有写学期中途出现的，自启动起几日", "请写 late = { days = …, day_type = … }")
    table.seen.add("late")


def _fixed_date(table: Table) -> triggers.FixedDate:
    date = triggers.FixedDate(
        day=table.whole("date_day", 1, MONTH_DAYS) or 1,
        month=table.whole("date_month", 1, 12) if table.has("date_month") else None,
    )
    table.seen.add("date_month")
    return date


def read_where(table: Table, key: str) -> triggers.Where:
    """Fields of an event and the values of which each must have one: where = { route = ["civil"] }."""
    if not table.has(key):
        return ()
    inner = table.sub(key)
    found = []
    for name, values in inner.data.items():
        inner.seen.add(name)
        if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
            inner.wrong(name, "应为文字列表，至少一项", '请写成 ["…"]')
            continue
        found.append((name, tuple(values)))
    return tuple(found)


def read_only_after(table: Table) -> triggers.EventTrigger | None:
    """The event before which a step does not open: only_after = { event = "route_chosen", where = { … } }."""
    if not table.has("only_after"):
        return None
    inner = table.sub("only_after")
    event = triggers.EventTrigger(inner.word("event", words.EVENTS), read_where(inner, "where"))
    inner.seen.add("where")
    inner.finish()
    return event


def read_trigger(table: Table, counting: Counting) -> triggers.Trigger | None:
    """One trigger of a step; None where its kind is unknown (noted)."""
    kind = table.word("kind", words.TRIGGERS)
    if not kind:
        return None
    trigger = _absence(table, counting) if kind == "absence" else READERS[kind](table)
    table.finish()
    return trigger


def _absence(table: Table, counting: Counting) -> triggers.Trigger:
    return triggers.AbsenceTrigger(
        halves=table.halves("days"),
        comparison=table.word("comparison", words.COMPARISONS),
        count=table.word("count", words.COUNTS, default=counting.absence),
        needs=_keys(table, "needs"),
    )


def _wait(table: Table) -> triggers.Trigger:
    trigger = triggers.WaitTrigger(
        after=table.text("after"),
        since=table.word("since", words.WAITS),
        span=read_span(table),
        opens=table.word("opens", words.OPENS, default="last_day"),
        where=read_where(table, "where"),
    )
    table.seen.add("where")
    return trigger


def _event(table: Table) -> triggers.Trigger:
    trigger = triggers.EventTrigger(table.word("event", words.EVENTS), read_where(table, "where"))
    table.seen.add("where")
    return trigger


def _cycle(table: Table) -> triggers.Trigger:
    during = table.word("during", words.DURING)
    trigger = triggers.CycleTrigger(
        every=table.word("every", words.PERIODS),
        during=during,
        first=table.word("first", words.FIRST_PERIODS),
        breaks=table.word("breaks", words.BREAKS),
        after=table.text("after", required=False),
        applications=table.words("applications", words.APPLICATIONS, required=during == "placed"),
    )
    if trigger.after and during == "placed":
        table.wrong("after", "安置期内的周期不从步骤起算", "请删去 after，或改 during")
    return trigger


def _lapse(table: Table) -> triggers.Trigger:
    before = table.sub("before")
    trigger = triggers.LapseTrigger(table.words("applications", words.APPLICATIONS, required=True), read_span(before))
    before.finish()
    return trigger


def _leave(table: Table) -> triggers.Trigger:
    return triggers.LeaveTrigger(
        days=table.whole("days", 1, LONGEST_SPAN) or 1,
        comparison=table.word("comparison", words.COMPARISONS),
        day_type=DayType(table.word("day_type", words.DAY_TYPES) or "school"),
    )


READERS: dict[str, Callable[[Table], triggers.Trigger]] = {
    "flagged": lambda table: triggers.FlaggedTrigger(),
    "returned": lambda table: triggers.ReturnedTrigger(),
    "wait": _wait,
    "event": _event,
    "not_registered": lambda table: triggers.NotRegisteredTrigger(table.halves("days")),
    "leave": _leave,
    "term_day": lambda table: triggers.TermDayTrigger(_term_day(table)),
    "fixed_date": lambda table: triggers.FixedDateTrigger(_fixed_date(table)),
    "cycle": _cycle,
    "category": lambda table: triggers.CategoryTrigger(table.words("categories", words.CATEGORIES, required=True)),
    "lapse": _lapse,
    "age": lambda table: triggers.AgeTrigger(table.whole("years", 1, 30) or 1),
}


def _keys(table: Table, key: str) -> tuple[str, ...]:
    """Step keys; whether they exist is checked once all steps are read."""
    value = table.data.get(key, [])
    table.seen.add(key)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        table.wrong(key, "应为步骤编号列表", '请写成 ["…"]')
        return ()
    return tuple(value)
