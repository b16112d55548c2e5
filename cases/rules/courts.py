"""What a township is told before it chooses the way to a court: how long asking a court to enforce takes."""

from collections.abc import Iterable

from agencies.rules.calendar import add_months, dated
from cases.choices import EventKind
from cases.rules.facts import Event

# 行政诉讼法 art. 46: six months to sue; where the order did not say so, a year (解释 art. 64).
SUE_MONTHS, SUE_MONTHS_UNTOLD = 6, 12
_THEN = "再送达催告书，满10个工作日仍不履行的，在起诉期限届满后3个月内申请（行政强制法第五十三、五十四、六十九条）。"


def enforcement_notes(events: Iterable[Event]) -> list[str]:
    """How long 申请强制执行 takes, by the order served last among these valid events (natural months)."""
    served = [event for event in events if event.kind == EventKind.NOTICE_SERVED]
    last = max(served, key=lambda event: event.happened_on, default=None)
    whole = "选“申请法院强制执行”，全程要六个月以上：先等行政诉讼的起诉期限六个月届满（行政诉讼法第四十六条）；"
    said = last.data.get("remedies") if last else ""
    if last is None or said not in ("told", "not_told"):
        return [whole + _THEN, "通知书没有写明复议、诉讼途径和期限的，起诉期限按一年算。"]
    until = add_months(last.happened_on, SUE_MONTHS if said == "told" else SUE_MONTHS_UNTOLD)
    if said == "told":
        return [whole + _THEN, f"本案通知书{dated(last.happened_on)}送达，起诉期限至{dated(until)}届满。"]
    untold = "送达的通知书没有写明复议、诉讼途径和期限，起诉期限延长为一年"
    return [whole + _THEN, f"{untold}，至{dated(until)}届满（最高人民法院关于适用行政诉讼法的解释第六十四条）。"]
