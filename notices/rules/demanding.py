"""催告书: the demand that must be served before a court is asked to enforce an order (行政强制法 art. 54)."""

from dataclasses import dataclass
from datetime import date

from agencies.choices import DayType
from agencies.rules.calendar import Calendar, add_months
from cases.choices import EventKind
from cases.rules.courts import SUE_MONTHS, SUE_MONTHS_UNTOLD
from notices.choices import PaperLayout
from notices.rules.child_words import addressee, grade_class
from notices.rules.papers import day_text, plain_day
from notices.rules.told import Gap, Held, Issuer, Relative, Told, Typed

# Art. 54: ten days after service; art. 69: a period of up to ten days is counted in working days.
DEMAND_DAYS = 10


@dataclass(frozen=True, slots=True)
class Demand:
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

    @property
    def issued_text(self) -> str:
        """The day of issue under the issuer's name."""
        return plain_day(self.issued_on)


def demand_deadline(calendar: Calendar, served_on: date) -> date:
    """The last day to obey after a demand was served, in working days; the court may be asked from the next."""
    return calendar.add(served_on, DEMAND_DAYS, DayType.WORKING).on


def order_to(told: Told, person: Relative | None) -> Held | None:
    """The latest order served on this guardian."""
    if person is None:
        return None
    rows = [row for row in told.held if row.layout == PaperLayout.ORDER and row.addressee == person.pk]
    return next((row for row in reversed(rows) if row.served_on and row.on and row.deadline), None)


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
        order=f"《{order.title}》（{order.number}）",
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


def demand_gaps(told: Told, typed: Typed) -> list[Gap]:
    """What bars a demand, and what makes the application after it come too early."""
    person = addressee(told, typed)
    if person is None:
        return [Gap("没有登记监护人，不知道催告谁。", "child", bars=True)]
    order = order_to(told, person)
    if order is None or order.served_on is None or order.deadline is None:
        return [Gap(f"对{person.name}的限期通知书还没有送达，不能催告。", "case", bars=True)]
    found = []
    if order.deadline >= told.on:
        text = f"通知书的限期（{day_text(order.deadline)}）尚未届满，还不能催告。"
        found.append(Gap(text, "case", bars=True))
    until = add_months(order.served_on, SUE_MONTHS if order.told_remedies else SUE_MONTHS_UNTOLD)
    if until >= told.on:
        text = (
            f"起诉期限到{day_text(until)}届满：现在可以催告，届满后三个月内才能申请强制执行（行政强制法第五十三条）。"
        )
        found.append(Gap(text))
    chosen = told.last(EventKind.ROUTE_CHOSEN)
    if chosen is None or chosen.said("route") != "enforcement":
        found.append(Gap("还没有登记选定“申请法院强制执行”这一途径。", f"event:{EventKind.ROUTE_CHOSEN}"))
    return found
