"""What a township is told before it asks a court to enforce: how long that takes and by when it must have asked."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from agencies.choices import DayType
from agencies.rules.calendar import ONE_DAY, Calendar, add_months, dated, months_end
from cases.choices import EventKind
from cases.rules.facts import Event
from cases.rules.ground import NOT_SERVED, in_effect_on

# The acts before which the limit is said: choosing the way, the demand, the application.
ACTS: Final = frozenset({EventKind.ROUTE_CHOSEN, EventKind.DEMAND_SERVED, EventKind.ENFORCEMENT_APPLIED})
# 行政诉讼法 art. 46: six months to sue; where the order did not say so, a year (解释 art. 64).
SUE_MONTHS, SUE_MONTHS_UNTOLD = 6, 12
# 行政强制法 art. 53: three months from the end of the time to sue; art. 54, 69: ten working days after the demand.
APPLY_MONTHS, DEMAND_DAYS = 3, 10
_THEN = "再送达催告书，满10个工作日仍不履行的，在起诉期限届满后3个月内申请（行政强制法第五十三、五十四、六十九条）。"


def enforcement_notes(
    kind: EventKind, events: Iterable[Event], served_on: date | None, calendar: Calendar, on: date
) -> list[str]:
    """How long 申请强制执行 takes and until when it may be asked for; empty for an act that has nothing to do with it.

    By the order among these valid events whose service took effect on `served_on`, whatever day the way is chosen.
    """
    if kind not in ACTS:
        return []
    orders = (e for e in events if e.kind == EventKind.NOTICE_SERVED and e.data.get("mode") != NOT_SERVED)
    order = next((e for e in orders if in_effect_on(e) == served_on), None)
    whole = (
        "选“申请法院强制执行”，全程要六个月以上：先等行政诉讼的起诉期限六个月届满（行政诉讼法第四十六条）；" + _THEN
    )
    notes = [whole] if kind == EventKind.ROUTE_CHOSEN else []
    said = order.data.get("remedies") if order else ""
    if served_on is None or said not in ("told", "not_told"):
        return [*notes, "通知书没有写明复议、诉讼途径和期限的，起诉期限按一年算。"] if notes else []
    until = add_months(served_on, SUE_MONTHS if said == "told" else SUE_MONTHS_UNTOLD)
    if said == "told":
        period = f"本案通知书{dated(served_on)}送达，起诉期限至{dated(until)}届满。"
    else:
        untold = "送达的通知书没有写明复议、诉讼途径和期限，起诉期限延长为一年"
        period = f"{untold}，至{dated(until)}届满（最高人民法院关于适用行政诉讼法的解释第六十四条）。"
    early = [demand_note(until)] if kind == EventKind.DEMAND_SERVED and on <= until else []
    return [last_day_note(kind, until, calendar, on), period, *early, *notes]


def demand_note(until: date) -> str:
    """From which day a 催告书 counts, the time to sue ending on `until`: the step of the plan opens the day after."""
    counts = "送达的催告书才计入，10个工作日自送达次日起算；此前送达的不计，届满后须再催告"
    return f"{dated(until + ONE_DAY)}起{counts}（行政强制法第五十三、五十四条）。"


def last_days(until: date, calendar: Calendar) -> tuple[date, date]:
    """The last day to ask the court, the time to sue ending on `until`, and to serve the demand in time before it."""
    end = months_end(until + ONE_DAY, APPLY_MONTHS, count_first=True)
    apply = demand = calendar.roll_forward(end, DayType.WORKING)
    while calendar.add(demand, DEMAND_DAYS, DayType.WORKING).on >= apply:
        demand -= ONE_DAY
    return apply, demand


def last_day_note(kind: EventKind, until: date, calendar: Calendar, on: date) -> str:
    """Until when the court may be asked; plainly where that day is past or out of reach."""
    apply, demand = last_days(until, calendar)
    law = "不因何时选定途径而推后（行政强制法第五十三条）"
    late = (
        "逾期申请的，除有正当理由外，法院不予受理（最高人民法院关于适用行政诉讼法的解释第一百五十六条）；"
        "请先与司法所、法院商定，或提起民事诉讼。"
    )
    if on > apply:
        return f"申请强制执行的期限已于{dated(apply)}届满，{law}。{late}"
    said = f"申请强制执行最迟{dated(apply)}，{law}"
    if kind == EventKind.ENFORCEMENT_APPLIED:
        return f"{said}。"
    said = f"{said}；此前催告须满10个工作日，催告书最迟{dated(demand)}送达"
    return f"{said}，今天已来不及。{late}" if on > demand else f"{said}。"
