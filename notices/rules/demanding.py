"""催告书: the demand that must be served before a court is asked to enforce an order (行政强制法 art. 54)."""

import re
from dataclasses import dataclass
from datetime import date

from agencies.choices import DayType
from agencies.rules.calendar import Calendar, add_months, dated
from agencies.rules.policy_dates import guardian_deadline
from agencies.rules.policy_schema import Policy
from cases.choices import EventKind
from cases.rules.courts import SUE_MONTHS, SUE_MONTHS_UNTOLD, demand_note, last_day_note, last_days
from notices.choices import PaperLayout
from notices.rules.child_words import addressee, grade_class
from notices.rules.papers import Issued, day_text
from notices.rules.told import Gap, Happening, Held, Issuer, Relative, Told, Typed

# Art. 54: ten days after service; art. 69: a period of up to ten days is counted in working days.
DEMAND_DAYS = 10


@dataclass(frozen=True, slots=True)
class Demand(Issued):
    """催告书 to one guardian about the order that was served on it.

    `deadline` is the last of the ten working days if the demand is served on `planned_service`.
    """

    number: str
    guardian: str
    relation: str
    student: str
    school: str
    grade_class: str
    order: str
    order_on: date
    order_served_on: date
    order_deadline: date
    deadline: date
    planned_service: date
    issuer: str
    issued_on: date
    contact: str
    phone: str


def demand_deadline(calendar: Calendar, served_on: date) -> date:
    """The last day to obey after a demand was served, in working days; the court may be asked from the next."""
    return calendar.add(served_on, DEMAND_DAYS, DayType.WORKING).on


def last_day(
    layout: PaperLayout, policy: Policy, calendar: Calendar, served_on: date, *, case_due: date | None
) -> date:
    """The addressee's last day once an order or a demand was served on him.

    The ten working days of a demand run from its service alone. Each guardian's days of an order run from the service
    on him, and never end before those of the case (`case_due`: from the first service, pauses left out).
    """
    if layout == PaperLayout.DEMAND:
        return demand_deadline(calendar, served_on)
    own = guardian_deadline(policy, calendar, served_on)
    return max(own, case_due or own)


def order_to(told: Told, person: Relative | None) -> Held | None:
    """The latest order served on this guardian: a paper of the case, else one of before with all a demand names."""
    if person is None:
        return None
    rows = [row for row in told.held if row.layout == PaperLayout.ORDER and row.addressee == person.pk]
    held = next((row for row in reversed(rows) if row.served_on and row.on and row.deadline), None)
    before = old_service(told, person)
    return held or (_as_held(before, person) if before and not _lacking(before) else None)


def old_service(told: Told, person: Relative) -> Happening | None:
    """The latest service of an order issued before the system, on this guardian or on nobody named."""
    own = {row.number for row in told.held if row.layout == PaperLayout.ORDER}
    rows = [row for row in told.of(EventKind.NOTICE_SERVED) if row.said("number") not in own]
    return next((row for row in reversed(rows) if not row.said("addressee") or _names(row, person)), None)


def _names(row: Happening, person: Relative) -> bool:
    """Whether the record of service names this guardian, alone or with the other one (周大山、吴小梅)."""
    return person.name in re.split(r"[、，,；;\s（(]+", row.said("addressee"))


# What a demand names of an order, by the fields of 通知书送达.
_OF_ORDER = {"addressee": "受送达人", "number": "文号", "issued_on": "签发日期", "deadline": "限期届满日"}


def _lacking(row: Happening) -> list[str]:
    return [label for name, label in _OF_ORDER.items() if not row.said(name)]


def _as_held(row: Happening, person: Relative) -> Held:
    return Held(
        layout=PaperLayout.ORDER,
        title="",
        number=row.said("number"),
        on=row.day("issued_on"),
        addressee=person.pk,
        addressee_name=person.name,
        served_on=row.on,
        deadline=row.day("deadline"),
        told_remedies=row.said("remedies") == "told",
    )


def demand(told: Told, typed: Typed, on: date, issuer: Issuer) -> Demand | None:
    """The facts of a demand without its number; None where no order was served on the addressee."""
    person = addressee(told, typed)
    order = order_to(told, person)
    if person is None or order is None or not (order.on and order.served_on and order.deadline):
        return None
    planned = typed.planned_service or on
    return Demand(
        number="",
        guardian=person.name,
        relation=person.relation,
        student=told.name,
        school=told.school,
        grade_class=grade_class(told),
        # What an order of before the system was called is not on record.
        order=f"《{order.title}》（{order.number}）" if order.title else f"限期通知书（{order.number}）",
        order_on=order.on,
        order_served_on=order.served_on,
        order_deadline=order.deadline,
        deadline=demand_deadline(told.calendar, planned),
        planned_service=planned,
        issuer=issuer.name,
        issued_on=on,
        contact=typed.contact or issuer.contact,
        phone=typed.phone or issuer.phone,
    )


def _unserved(told: Told, person: Relative) -> Gap:
    """Why nothing can be demanded of this guardian: no order was served, or the record of an old one is not whole."""
    row = old_service(told, person)
    if row is None:
        return Gap(f"对{person.name}的限期通知书还没有送达，不能催告。", "case", bars=True)
    facts = "、".join(_lacking(row))
    which = f"旧通知书（{day_text(row.on)}送达）还没有登记{facts}"
    text = f"{which}，催告书须写明：请更正个案中这条“通知书送达”，补填后再拟制。"
    return Gap(text, f"entry:{row.pk}", bars=True)


def _time_to_sue(order: Held, served_on: date) -> date:
    """The last day of the addressee's time to sue (行政诉讼法 art. 46, 解释 art. 64)."""
    return add_months(served_on, SUE_MONTHS if order.told_remedies else SUE_MONTHS_UNTOLD)


def early_demands(told: Told, guardian: int | None) -> frozenset[str]:
    """Numbers of the demands served on a guardian within the time to sue, once that is over: they do not count."""
    person = next((one for one in told.family if one.pk == guardian), None)
    order = order_to(told, person)
    if order is None or order.served_on is None:
        return frozenset()
    until = _time_to_sue(order, order.served_on)
    if told.on <= until:
        return frozenset()
    demands = [row for row in told.held if row.layout == PaperLayout.DEMAND and row.addressee == guardian]
    return frozenset(row.number for row in demands if row.served_on and row.served_on <= until)


def demand_gaps(told: Told, typed: Typed) -> list[Gap]:
    """What bars a demand, and what makes the application after it come too early or too late."""
    person = addressee(told, typed)
    if person is None:
        return [Gap("没有登记监护人，不知道催告谁。", "child", bars=True)]
    order = order_to(told, person)
    if order is None or order.served_on is None or order.deadline is None:
        return [_unserved(told, person)]
    found = []
    if order.deadline >= told.on:
        text = f"通知书的限期（{day_text(order.deadline)}）尚未届满，还不能催告。"
        found.append(Gap(text, "case", bars=True))
    until = _time_to_sue(order, order.served_on)
    early = f"起诉期限到{dated(until)}届满：{demand_note(until)}" if until >= told.on else ""
    if early or told.on > last_days(until, told.calendar)[1]:
        found.append(Gap(early + last_day_note(EventKind.DEMAND_SERVED, until, told.calendar, told.on)))
    chosen = told.last(EventKind.ROUTE_CHOSEN)
    if chosen is None or chosen.said("route") != "enforcement":
        found.append(Gap("还没有登记选定“申请法院强制执行”这一途径。", f"event:{EventKind.ROUTE_CHOSEN}"))
    return found
