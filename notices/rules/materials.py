"""材料清单 of the two ways to a court: what the case already holds ticks itself, what is missing is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from cases.choices import EventKind
from notices.choices import PaperLayout
from notices.rules.asking import PERSUADING
from notices.rules.child_words import family_line, grade_class
from notices.rules.papers import plain_day
from notices.rules.told import Held, Issuer, Told, Typed

_L = PaperLayout


@dataclass(frozen=True, slots=True)
class Material:
    """One line: what the court wants, by which article, and what of it is on record (`held` = complete)."""

    name: str
    basis: str
    found: str
    held: bool


@dataclass(frozen=True, slots=True)
class MaterialList:
    """材料清单 of one case on one day."""

    issuer: str
    student: str
    school: str
    guardians: str
    on: date
    rows: tuple[Material, ...]

    @property
    def missing(self) -> str:
        """The names of what is not there yet."""
        return "、".join(row.name for row in self.rows if not row.held)

    @property
    def on_text(self) -> str:
        """The day of the list."""
        return plain_day(self.on)

    @property
    def summary(self) -> str:
        """The list in a few lines, for the entry that the application was handed in."""
        lines = [f"{n}．{row.name}：{row.found}" for n, row in enumerate(self.rows, 1) if row.held]
        return "\n".join([*lines, f"尚缺：{self.missing}"] if self.missing else lines)


Find = Callable[[Told], tuple[str, bool]]


def _papers(*layouts: PaperLayout, about: PaperLayout | None = None, served: bool = False) -> Find:
    def find(told: Told) -> tuple[str, bool]:
        rows = [row for row in told.held if row.layout in layouts and (about is None or row.about == about)]
        rows = [row for row in rows if row.served_on or not served]
        return "；".join(_named(row) for row in rows), bool(rows)

    return find


def _named(row: Held) -> str:
    parts = [
        plain_day(row.on) if row.on else "",
        f"送达{row.addressee_name}{plain_day(row.served_on)}" if row.served_on else "",
        f"{row.pages}页" if row.pages else "",
        f"盖章件扫描{row.scans}份" if row.scans else "",
    ]
    return f"《{row.title}》{row.number}（{'，'.join(part for part in parts if part)}）"


def _to_write(told: Told) -> tuple[str, bool]:
    return "", False


def _persuaded(told: Told) -> tuple[str, bool]:
    text, printed = _papers(_L.TOWNSHIP_RECORD, _L.ENROLMENT_RECORD, _L.SCHOOL_RECORD)(told)
    days = "、".join(plain_day(row.on) for row in told.of(*PERSUADING))
    on_record = f"系统登记劝返{len(told.of(*PERSUADING))}次（{days}）" if days else ""
    return "；".join(part for part in (text, on_record) if part), printed


def _criticised(told: Told) -> tuple[str, bool]:
    text, printed = _papers(_L.CRITICISM_RECORD)(told)
    talk = told.last(EventKind.CRITICISM)
    return text or (f"系统登记于{plain_day(talk.on)}，尚未打印签名" if talk else ""), printed


def _opinion(told: Told) -> tuple[str, bool]:
    said = [
        f"{plain_day(row.on)}{row.kind.label}时陈述：{row.said('statement')}"
        for row in told.of(EventKind.CRITICISM, EventKind.DEMAND_SERVED)
        if row.said("statement")
    ]
    return "；".join(said), bool(said)


def _people(told: Told) -> tuple[str, bool]:
    names = "、".join(f"{person.name}（{person.relation}）" for person in told.guardians)
    return (f"登记的监护人：{names}；附身份证、户口簿复印件" if names else ""), False


def _pupil(told: Told) -> tuple[str, bool]:
    return ("学籍号已登记；附户口簿、学籍证明" if told.student_number else ""), False


_REPORTED = _papers(_L.REPORT_SLIP, _L.SITUATION_REPORT)
_ORDERED = _papers(_L.ORDER, served=True)
_ORDER_RECEIPT = _papers(_L.RECEIPT, about=_L.ORDER)
_DEMANDED = _papers(_L.DEMAND, served=True)
_DEMAND_RECEIPT = _papers(_L.RECEIPT, about=_L.DEMAND)
_SUIT, _ENFORCE = "民事诉讼法第一百二十四条", "行政强制法第五十五条"

LISTS: Mapping[PaperLayout, tuple[tuple[str, str, Find], ...]] = {
    _L.SUIT_MATERIALS: (
        ("民事起诉状（按被告人数提出副本）", "民事诉讼法第一百二十三条", _to_write),
        ("证据目录（证据来源、证人姓名和住所）", _SUIT, _to_write),
        ("原告主体材料（统一社会信用代码证、法定代表人身份证明、授权委托书）", _SUIT, _to_write),
        ("被告（监护人）身份、户籍证明", _SUIT, _people),
        ("学生户籍、学籍证明", "", _pupil),
        ("辍学证明（考勤记录、学校报告单）", "", _REPORTED),
        ("劝返记录", "", _persuaded),
        ("批评教育记录", "义务教育法第五十八条", _criticised),
        ("限期通知书", "义务教育法第五十八条", _ORDERED),
        ("限期通知书送达回证", "民事诉讼法第八十七条", _ORDER_RECEIPT),
    ),
    _L.ENFORCEMENT_MATERIALS: (
        ("强制执行申请书（行政机关负责人签名、加盖印章、注明日期）", _ENFORCE, _to_write),
        ("行政决定书（限期通知书）", _ENFORCE, _ORDERED),
        ("行政决定书送达回证", _ENFORCE, _ORDER_RECEIPT),
        ("作出决定的事实、理由和依据（学校报告单、考勤记录）", _ENFORCE, _REPORTED),
        ("劝返记录", _ENFORCE, _persuaded),
        ("批评教育记录", "义务教育法第五十八条", _criticised),
        ("当事人的意见", _ENFORCE, _opinion),
        ("催告书", "行政强制法第五十四条", _DEMANDED),
        ("催告书送达回证", "行政强制法第五十四条", _DEMAND_RECEIPT),
        ("申请强制执行标的情况（送学生入学的义务）", _ENFORCE, _to_write),
        ("申请人、被申请人主体材料", _ENFORCE, _people),
    ),
}


def materials(layout: PaperLayout) -> Callable[[Told, Typed, date, Issuer], MaterialList]:
    """How the list of one way to a court is filled."""

    def fill(told: Told, typed: Typed, on: date, issuer: Issuer) -> MaterialList:
        return MaterialList(
            issuer=issuer.name,
            student=told.name,
            school="".join(part for part in (told.school, grade_class(told)) if part),
            guardians=family_line(told),
            on=on,
            rows=tuple(Material(name, basis, *find(told)) for name, basis, find in LISTS[layout]),
        )

    return fill
