"""The facts of the papers of the ladder, as plain values: what is frozen at issue and all a template ever sees."""

from dataclasses import dataclass, replace
from datetime import date

from notices.choices import ServiceMethod
from notices.rules.room import OPEN_LINE, fits

_WEEKDAYS = "一二三四五六日"
_ORDINALS = "一二三四五六七八九十"

# 对象类别 as the forms print them; the boxes are separate, and 一般 stands alone.
GROUPS = ("建档立卡", "低保", "残疾", "孤儿", "事实无人抚养儿童", "一般")
VISITS_PER_PAGE = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """One recorded persuasion; `number` is its place in the whole series, from 1."""

    number: int
    on: date
    record: str
    recorder: str

    @property
    def date_text(self) -> str:
        """月 日 without the year, as the form prints it."""
        return f"{self.on.month}月{self.on.day}日"

    @property
    def ordinal(self) -> str:
        """第一次, 第二次 …"""
        tens, units = divmod(self.number, 10)
        text = "" if units == 0 and tens else _ORDINALS[units - 1]
        head = "" if tens == 0 else ("十" if tens == 1 else f"{_ORDINALS[tens - 1]}十")
        return f"第{head}{text}次"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTable:
    """The grid that 附件2 and 附件3 share; after five visits the table goes on with a continuation page."""

    county: str
    township: str
    name: str
    sex: str
    birth_month: str
    guardian: str
    address: str
    phone: str
    groups: tuple[str, ...]
    reason: str
    visits: tuple[Visit, ...]
    result: str
    # Made by somebody who may not see disability: 残疾 and 一般 are left to the pen, so that neither tells.
    boxes_open: bool = False

    @property
    def township_stem(self) -> str:
        """The name in front of the printed 乡（镇）."""
        return self.township.removesuffix("人民政府").removesuffix("乡").removesuffix("镇")

    @property
    def boxes(self) -> tuple[tuple[str, bool], ...]:
        """Each printed box of 对象类别 and whether it is ticked; a child of no listed group is 一般."""
        ordinary = set() if self.boxes_open else {"一般"}
        ticked = {group for group in self.groups if group in GROUPS and group != "一般"} or ordinary
        return tuple((group, group in ticked) for group in GROUPS)

    @property
    def pages(self) -> tuple[tuple[tuple[str, Visit | None], ...], ...]:
        """Rows of visits page by page, each page with five lines, empty ones to be written by hand."""
        count = max(1, -(-len(self.visits) // VISITS_PER_PAGE))
        return tuple(
            tuple(self._line(page * VISITS_PER_PAGE + row) for row in range(VISITS_PER_PAGE)) for page in range(count)
        )

    def _line(self, index: int) -> tuple[str, Visit | None]:
        if index < len(self.visits):
            return self.visits[index].ordinal, self.visits[index]
        return Visit(index + 1, date.min, "", "").ordinal, None


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipRecord(VisitTable):
    """疑似辍学学生劝返情况记录表（乡镇用）."""

    school: str
    grade: str
    class_name: str
    absent_from: date | None

    @property
    def absent_text(self) -> str:
        """The first day of absence."""
        return plain_day(self.absent_from) if self.absent_from else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRecord(VisitTable):
    """未入学适龄儿童少年组织入学记录表: a child never enrolled and how its family was persuaded (大田 附件2)."""


@dataclass(frozen=True, slots=True)
class PostponementForm:
    """缓学申请表 (大田 附件6): the guardian's application, with rooms for those who give their opinion by hand."""

    name: str
    sex: str
    birth_month: str
    id_number: str
    entry_due: str
    hukou: str
    address: str
    guardians: str
    school: str
    reason: str
    first_day: str
    last_day: str
    proof: str
    township: str
    bureau: str


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """学校疑似辍学学生情况记录表（学校用）."""

    school: str
    name: str
    sex: str
    birth_month: str
    grade_class: str
    guardian: str
    reason: str
    whereabouts: str
    absent_time: str
    address: str
    phone: str
    teachers: str
    by_phone: bool
    by_visit: bool
    persuaded_on: str
    family: str
    guardian_attitude: str
    student_attitude: str
    methods: str
    effect: str


@dataclass(frozen=True, slots=True)
class ReportSlip:
    """疑似辍学学生报告单, with its 存根 on the same page."""

    government: str
    school: str
    grade: str
    class_name: str
    name: str
    reason: str
    village: str
    guardian: str
    phone: str
    on: date

    @property
    def government_stem(self) -> str:
        """The name in front of the printed 人民政府."""
        return self.government.removesuffix("人民政府")

    @property
    def village_stem(self) -> str:
        """The name in front of the printed 村."""
        return self.village.removesuffix("村")

    @property
    def village_word(self) -> str:
        """村, or nothing where the place is no village (社区, 场)."""
        return "村" if self.village.endswith("村") or not self.village else ""

    @property
    def date_text(self) -> str:
        """The day of signing."""
        return plain_day(self.on)

    @property
    def length(self) -> str:
        """How closely the text must be set so that 存根 and 正联 share one page."""
        count = len(self.reason) + len(self.name) + len(self.village) + len(self.guardian)
        return "tight" if count > 160 else "close" if count > 60 else "open"


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the school's call or visit record."""

    on: date
    people: str
    result: str

    @property
    def date_text(self) -> str:
        """The day, with its weekday."""
        return day_text(self.on)


@dataclass(frozen=True, slots=True)
class SituationReport:
    """义务教育阶段学生辍学情况报告单; the plan gives no layout, so the county has to confirm it once."""

    school: str
    government: str
    name: str
    sex: str
    birth_date: date | None
    id_number: str
    student_number: str
    grade_class: str
    guardian: str
    phone: str
    hukou: str
    address: str
    village: str
    first_absent: date | None
    absent_days: str
    reason: str
    whereabouts: str
    calls: tuple[Contact, ...]
    visits: tuple[Contact, ...]
    village_help: str
    school_opinion: str
    principal: str
    on: date
    guardians: str = ""
    received_by: str = ""
    received_at: str = ""
    handling: str = ""

    @property
    def birth_text(self) -> str:
        """The date of birth, empty where it is not known."""
        return plain_day(self.birth_date) if self.birth_date else ""

    @property
    def first_absent_text(self) -> str:
        """The first day of absence, with its weekday."""
        return day_text(self.first_absent) if self.first_absent else ""

    @property
    def date_text(self) -> str:
        """The day of signing."""
        return plain_day(self.on)


class Issued:
    """A paper that goes out with the day of its issue under the issuer's name."""

    __slots__ = ()
    issued_on: date

    @property
    def issued_text(self) -> str:
        """The day of issue under the issuer's name."""
        return plain_day(self.issued_on)


@dataclass(frozen=True, slots=True)
class Order(Issued):
    """限期复学/返校通知书 to one guardian.

    `deadline` is the last day if the paper is served on `planned_service`; both are printed with the weekday.
    """

    number: str
    guardian: str
    relation: str
    student: str
    school: str
    grade_class: str
    absent_since: date
    persuasions: int
    criticised_on: date
    deadline: date
    deadline_days: int
    planned_service: date
    issuer: str
    issued_on: date
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """送达回证 of one paper to one guardian; what is not yet known stays empty for the pen.

    A filled one (`recorded`: by whom and when the service was typed in) has everything the record of service has;
    `server_names` are the two who served.
    """

    number: str
    document_title: str
    document_number: str
    copies: int
    addressee: str
    relation: str
    student: str
    issuer: str
    place: str = ""
    method: str = ""
    served_at: str = ""
    deadline: str = ""
    deputy: str = ""
    deputy_relation: str = ""
    refusal: str = ""
    witness: str = ""
    servers: str = ""
    photo: str = ""
    remark: str = ""
    receiver: str = ""
    lives_together: bool = False
    signed_on: str = ""
    server_names: tuple[str, ...] = ()
    recorded: str = ""

    @property
    def boxes(self) -> tuple[tuple[tuple[str, bool], ...], ...]:
        """The ways of service in printed lines of three, each with its tick; `method` is a ServiceMethod's value."""
        ways = tuple((method.label, method.value == self.method) for method in ServiceMethod)
        return tuple(ways[first : first + 3] for first in range(0, len(ways), 3))

    @property
    def kinship(self) -> str:
        """What the addressee is to the student: 李明的父亲."""
        return f"{self.student}的{self.relation}" if self.student else ""

    @property
    def blank(self) -> "Receipt | None":
        """What the open receipts of a run have in common: this one without its own words, which are placed over it.

        None for a filled one, and where a word might take more than its one line of css/print.css (widths in
        characters; a narrow room is 12 wide, the title 22): it would move what stands beside and below.
        """
        grid = 11.5
        heads = (
            (self.issuer, 21),
            (self.number, 30),
            (f"《{self.document_title}》", grid),
            (self.document_number, grid),
        )
        if self.recorded or not all(fits(text, ems, rare=False) for text, ems in heads):
            return None
        if not (fits(self.addressee, grid) and fits(self.kinship, grid)):
            return None
        return replace(self, number=OPEN_LINE, document_number=OPEN_LINE, addressee="", student="", relation="")


@dataclass(frozen=True, slots=True)
class Letter(Issued):
    """撤回函 or 更正函 about one issued paper, to whom that paper went; a 撤回函 has neither `wrong` nor `right`."""

    number: str
    addressees: tuple[str, ...]
    paper_title: str
    paper_number: str
    paper_on: date
    student: str
    school: str
    reason: str
    wrong: str
    right: str
    issuer: str
    issued_on: date
    contact: str
    phone: str
    # The body that issued the paper where the letter's is another: its unit was merged, or its village moved.
    issued_by: str = ""

    @property
    def paper(self) -> str:
        """《限期返校通知书》（某政限返〔2026〕3号); a report has no number of its own."""
        return f"《{self.paper_title}》（{self.paper_number}）" if self.paper_number else f"《{self.paper_title}》"

    @property
    def salute(self) -> str:
        """主送."""
        return "、".join(self.addressees)


def day_text(day: date) -> str:
    """2026年10月10日（星期六）: a date as papers print it."""
    return f"{plain_day(day)}（星期{_WEEKDAYS[day.weekday()]}）"


def plain_day(day: date) -> str:
    """2026年10月10日, without leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"
