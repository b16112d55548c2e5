"""Papers that ask and order nothing, and the record of 批评教育: what they show, and how they are filled.

义务教育法 art. 58 time does not start with any of them: it runs from the service of an order alone.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from agencies.choices import DayType
from agencies.rules.calendar import Calendar
from cases.choices import EventKind
from notices.rules.child_words import family_line, grade_class
from notices.rules.papers import Issued, day_text
from notices.rules.told import Gap, Issuer, Told, Typed

# Natural days a guardian is given to answer a paper that asks; a proposal of this product, changed on the form.
ASKED_DAYS = 7
PERSUADING = (EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION, EventKind.PERSUASION)


@dataclass(frozen=True, slots=True)
class Advice(Issued):
    """入学（复学）通知书 and 劝学函 to the guardians of a child, 告知建议函 to its township.

    `situation` says in half a sentence how the child stays away; `report_by` is a wish, not a time limit.
    """

    number: str
    to: str
    student: str
    school: str
    grade_class: str
    guardians: str
    situation: str
    report_by: date
    report_at: str
    issuer: str
    issued_on: date
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class CriticismRecord:
    """批评教育记录 of one talk with a guardian; what the case does not have stays empty for the pen."""

    issuer: str
    guardian: str
    guardians: str
    student: str
    school: str
    grade_class: str
    situation: str
    on: date | None
    place: str
    by: str
    statement: str
    signed: bool

    @property
    def on_text(self) -> str:
        """The day of the talk."""
        return day_text(self.on) if self.on else ""


def situation(told: Told) -> str:
    """自2026年11月2日（星期一）起未到校，经劝返3次仍未返校; 至今未入学 of a child never enrolled."""
    entered = told.last(EventKind.NOT_ENROLLED) is None
    count = len(told.of(*PERSUADING))
    word, act = ("返校", "劝返") if entered else ("入学", "动员")
    since = f"自{day_text(told.first_absent)}起未到校" if entered and told.first_absent else f"至今未{word}"
    return f"{since}，经{act}{count}次仍未{word}" if count else since


def ask_by(calendar: Calendar, on: date) -> date:
    """The day a paper that asks names unless another is typed: a week on, moved to the next school day."""
    return calendar.roll_forward(on + timedelta(days=ASKED_DAYS), DayType.SCHOOL)


def to_guardians(told: Told, typed: Typed, on: date, issuer: Issuer) -> Advice | None:
    """A paper to all guardians together; None where none is on record."""
    names = "、".join(person.name for person in told.guardians)
    return _advice(told, typed, on, issuer, names) if names else None


def to_township(told: Told, typed: Typed, on: date, issuer: Issuer) -> Advice | None:
    """A school's proposal that the township act; None where the child has no township."""
    return _advice(told, typed, on, issuer, told.government) if told.government else None


def _advice(told: Told, typed: Typed, on: date, issuer: Issuer, to: str) -> Advice:
    return Advice(
        number="",
        to=to,
        student=told.name,
        school=told.school,
        grade_class=grade_class(told),
        guardians=family_line(told),
        situation=situation(told),
        report_by=typed.report_by or ask_by(told.calendar, on),
        report_at=typed.report_at or told.school or "户籍或者居住地学区内学校",
        issuer=issuer.name,
        issued_on=on,
        contact=typed.contact or issuer.contact,
        phone=typed.phone or issuer.phone,
    )


def criticism_record(told: Told, typed: Typed, on: date, issuer: Issuer) -> CriticismRecord:
    """The record of the latest talk; an empty one to be written and signed at a talk still to come."""
    talk = told.last(EventKind.CRITICISM)
    said = talk.said if talk else lambda name: ""
    return CriticismRecord(
        issuer=issuer.name,
        guardian=said("guardian") or "、".join(person.name for person in told.guardians),
        guardians=family_line(told),
        student=told.name,
        school=told.school,
        grade_class=grade_class(told),
        situation=situation(told),
        on=talk.on if talk else None,
        place=said("place"),
        by=said("by") or (talk.by if talk else ""),
        statement=said("statement"),
        signed=said("signed").lower() in ("true", "yes", "on", "1"),
    )


def advice_gaps(told: Told, *, asks_guardians: bool) -> list[Gap]:
    """To whom a paper that asks cannot go."""
    if asks_guardians and not told.guardians:
        return [Gap("没有登记监护人，不知道通知谁。", "child", bars=True)]
    if not asks_guardians and not told.government:
        return [Gap("没有主送的乡镇人民政府：该生的居住地或学校未挂乡镇。", "child", bars=True)]
    return []


def criticism_gaps(told: Told) -> list[Gap]:
    """What the record leaves to the pen."""
    if told.last(EventKind.CRITICISM):
        return []
    text = "还没有批评教育记录：打印的是空白记录，谈话时当场填写、签名，之后再登记。"
    return [Gap(text, f"event:{EventKind.CRITICISM}")]
