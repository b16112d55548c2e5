"""What the journeys share: a township with its people, the days that pass, and the pages everybody opens on them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from agencies.actions.running import run_job
from agencies.choices import JobState, Role, UnitKind
from agencies.models import Job, Unit, User
from cases.models import Case
from students.models import Student
from tests import make, workbooks
from tests.journeys.hands import Page, Visitor
from tests.students.imported import HEADERS, number, pupil

CHILD = "周小安"
MATES = 6


@dataclass
class Story:
    """One township, its people by role, and a clock that a story sets."""

    traveller: time_machine.Traveller
    county: Unit
    township: Unit
    village: Unit
    school: Unit
    people: dict[Role, User] = field(default_factory=dict)
    visitors: dict[Role, Visitor] = field(default_factory=dict)
    today: date = make.TERM_START

    def at(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """It is this hour of this day; the night runs of the days between have been done; everybody signs in anew."""
        while self.today < day:
            self.today += timedelta(days=1)
            self.traveller.move_to(make.moment(self.today, 0, 30))
            call_command("nightly", verbosity=0)
        self.traveller.move_to(make.moment(day, hour, minute))
        self.visitors.clear()

    def person(self, role: Role, at: Unit, name: str) -> None:
        """Somebody takes up a post."""
        self.people[role] = make.person(role, at, name)

    def by(self, role: Role) -> Visitor:
        """This person before the screen, signed in today."""
        if role not in self.visitors:
            visitor = Visitor(self.people[role].username)
            visitor.sign_in()
            self.visitors[role] = visitor
        return self.visitors[role]

    def home(self, role: Role) -> Page:
        """The page on which this person's day begins."""
        return self.by(role).open("/")

    @property
    def school_class(self) -> Unit:
        """The class the roster made."""
        return Unit.objects.get(kind=UnitKind.CLASS, parent=self.school)

    @property
    def child(self) -> Student:
        """The child of the story."""
        return Student.objects.get(name=CHILD)

    @property
    def case(self) -> Case:
        """Its newest case."""
        return Case.objects.filter(student=self.child).latest("id")

    # The pages.

    def letterhead(self) -> None:
        """The system administrator says what stands on the township's papers."""
        page = self.by(Role.SYSTEM_ADMIN).open(f"/units/{self.township.pk}/")
        form = page.form(holding="settings-code_word")
        form.fill(
            {"发文机关名称": "云溪镇人民政府", "机关代字": "云政", "联系人": "镇专干", "联系电话": "0990-5550101"}
        )
        form.send().says("文书信息已保存")

    def roster(self) -> Page:
        """The registrar uploads the national sheet, has the class made, looks at the preview, writes."""
        visitor = self.by(Role.REGISTRAR)
        visitor.open("/imports/").says("还没有导入过学籍表").follow("上传学籍表")
        page = visitor.open("/imports/new/")
        file = SimpleUploadedFile(
            "学籍信息表.xlsx", workbooks.xlsx(roster_rows(), headers=HEADERS, above=[["学籍信息表"]])
        )
        page = page.form("upload").fill({"学籍信息表": file}).send()
        self.work()
        page = visitor.open(page.url)
        page.says("五（1）班", "自动建立缺少的班级")
        page = page.form("make-classes").send()
        self.work()
        page = visitor.open(page.url)
        assert "新增 7" in page.part("counts").replace("新增7", "新增 7"), page.part("counts")
        page.says(f"将写入 {MATES + 1} 名学生", CHILD)
        page = page.form("apply").fill({"新增学生从哪一天起列入点名": make.TERM_START.isoformat()}).send()
        self.work()
        return visitor.open(page.url)

    def work(self) -> None:
        """The loop beside the web process does what waits."""
        while (job := run_job(by=make.SYSTEM)) is not None:
            assert job.state == JobState.DONE, job.error
        assert not Job.objects.exclude(state=JobState.DONE).exists()

    def take_roll(self, *absent: str, day: date | None = None) -> Page:
        """The teacher opens the class page, marks these children as without leave, everybody else as here, saves."""
        visitor = self.by(Role.CLASS_TEACHER)
        page = visitor.open(f"/roll/{self.school_class.pk}/" + (f"?day={day.isoformat()}" if day else ""))
        form = page.form("roll")
        for student in Student.objects.filter(enrolments__school_class=self.school_class):
            form.fill(**{f"reason-{student.pk}": "无故" if student.name in absent else "到校"})
        saved = form.send()
        assert saved.status == 200, saved.text
        return saved

    def case_page(self, role: Role) -> Page:
        """The case as this person sees it."""
        return self.by(role).open(f"/cases/{self.case.pk}/")

    def record(self, role: Role, act: str, /, **values: Any) -> Page:
        """From the case page to the form of an act, filled by its field names, saved."""
        page = self.case_page(role).follow(act)
        assert "现在还不能登记" not in page.text, page.text
        saved = page.form("event-form").fill(**values).send()
        assert saved.status == 200, saved.text
        return saved.says("已登记")

    def prepare(self, role: Role, title: str, button: str, **values: Any) -> Page:
        """From the papers of the case to the form of one, looked over, and on to the paper itself."""
        page = self.by(role).open(f"/cases/{self.case.pk}/papers/").follow(f"拟制《{title}》")
        assert "现在还不能出具" not in page.text, page.text
        made = page.form("draft-form").fill(**values).send(button)
        assert made.status == 200, made.text
        return made

    def paper(self, role: Role, title: str) -> Page:
        """The page of the newest paper of that name."""
        return self.by(role).open(f"/cases/{self.case.pk}/papers/").follow(f"《{title}》")

    def printed(self, role: Role, title: str, *says: str) -> str:
        """The words of the paper as it is printed, without spaces; all of `says` are among them."""
        page = self.paper(role, title).follow("打开PDF")
        assert page.headers["Content-Type"] == "application/pdf"
        text = spaced("".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.content)).pages))
        for words in says:
            assert words in text, f"“{words}” is not printed: {text}"
        return text

    def serve(self, title: str, **values: Any) -> Page:
        """The township's officer records an attempt to serve a paper."""
        page = self.paper(Role.TOWNSHIP_OFFICER, title).follow("登记送达")
        return page.form("serve-form").fill(**values).send()

    def work_item(self, role: Role) -> str:
        """What this person's list says of the child today."""
        page = self.by(role).open("/today/")
        found = [text for text in page.parts("work-item") if CHILD in text]
        assert len(found) == 1, f"{role}: {page.text}"
        return found[0]

    def idle(self, role: Role) -> None:
        """Nothing of the child is on this person's list."""
        assert not any(CHILD in text for text in self.by(role).open("/today/").parts("work-item"))

    def duty(self, role: Role, name: str, *says: str) -> None:
        """One duty on the case page says all of this."""
        found = [text for text in self.case_page(role).parts("duty") if text.startswith(name)]
        assert len(found) == 1, found
        for sentence in says:
            assert sentence in found[0], f"“{sentence}” is not in: {found[0]}"

    def school_days(self, days: Iterable[date], *absent: str) -> None:
        """The register of several days, each taken on its morning."""
        for day in days:
            self.at(day, 8)
            self.take_roll(*absent)

    def ledger(self, role: Role, title: str) -> tuple[Worksheet, tuple[Any, ...]]:
        """A ledger, covered on the page, taken out whole as a workbook: the sheet, and the child's row."""
        page = self.by(role).open("/ledgers/").follow(title).says(CHILD, "身份信息遮盖显示")
        assert DOCUMENT not in page.text
        form = page.form("export")
        if form.node.xpath(".//*[@name='full']"):
            form.fill(full=True, purpose="上报教育局")
        file = form.send("导出 Excel")
        assert file.headers["Content-Type"].endswith("spreadsheetml.sheet"), file.text
        sheet = load_workbook(io.BytesIO(file.content)).worksheets[0]
        return sheet, next(row for row in sheet.iter_rows(values_only=True) if CHILD in row)


def roster_rows() -> Iterator[tuple[object, ...]]:
    """The child and its class mates."""
    yield pupil(
        0,
        姓名=CHILD,
        身份证件号=DOCUMENT,
        出生日期=BORN,
        性别="女",
        成员1姓名="周母",
        成员1联系电话="13812345678",
    )
    for serial in range(1, MATES + 1):
        yield pupil(serial)


BORN = "20150512"
DOCUMENT = number(500, BORN)


def begin(traveller: time_machine.Traveller, key: str) -> Story:
    """The county with one township and everybody in post but the teacher, whose class is not made yet."""
    traveller.move_to(make.moment(make.TERM_START))
    county = make.county()
    township = make.township(county)
    story = Story(traveller, county, township, make.village(township), make.school(township))
    call_command("load_county", f"fixtures/counties/{key}", stdout=io.StringIO())
    posts = {
        Role.REGISTRAR: (story.school, "籍老师"),
        Role.MORAL_EDUCATION: (story.school, "德老师"),
        Role.PRINCIPAL: (story.school, "钱校长"),
        Role.VILLAGE_SECRETARY: (story.village, "村书记"),
        Role.TOWNSHIP_OFFICER: (township, "镇专干"),
        Role.TOWNSHIP_DEPUTY: (township, "分管镇长"),
        Role.TOWNSHIP_HEAD: (township, "镇长"),
        Role.JUSTICE_OFFICE: (township, "司法员"),
        Role.BUREAU_OFFICER: (county, "局专干"),
        Role.SYSTEM_ADMIN: (county, "系统员"),
    }
    for role, (unit, name) in posts.items():
        story.person(role, unit, name)
    story.letterhead()
    return story


def days_of(month: int, *days: int) -> list[date]:
    """Days of a month of 2026."""
    return [date(2026, month, day) for day in days]


def spaced(text: str) -> str:
    """Text without spaces, for comparing words that a layout sets apart."""
    return re.sub(r"\s+", "", text)
