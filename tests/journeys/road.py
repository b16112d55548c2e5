"""A way a case can go, on foot: each person of one unit before the pages, and the clock that jumps from act to act."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import time_machine
from django.core.management import call_command

from agencies.choices import Role
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from cases.choices import Application, EventKind, Outcome
from cases.models import Case, Event
from cases.rules.event_fields import FIELDS
from students.actions.decisions import decide_correction
from students.choices import PartOfDay
from students.models import Student
from tests import make
from tests.journeys.hands import Page, Visitor
from tests.journeys.story import Story

# Each plan runs where its own county.toml has it run: a county, or one township.
ONE_DAY = timedelta(days=1)
TOWNSHIP_PLANS = frozenset({"jiaotan-2025"})


@dataclass
class Road(Story):
    """One unit that runs a plan, everybody in post, one child; who acts is signed in for that act."""

    key: str = ""
    name: str = "周小安"
    on_foot: Student | None = field(default=None, repr=False)
    in_class: Unit | None = field(default=None, repr=False)

    def at(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """It is this hour; the night before has been run, whatever nights were missed (none is counted)."""
        if self.today < day:
            self.traveller.move_to(make.moment(day, 0, 30))
            call_command("nightly", stdout=io.StringIO())
            self.today = day
        self.traveller.move_to(make.moment(day, hour, minute))

    def by(self, role: Role) -> Visitor:
        """This person, freshly signed in."""
        visitor = Visitor(self.people[role].username)
        visitor.client.force_login(self.people[role])
        return visitor

    @property
    def school_class(self) -> Unit:
        """The class the unit was founded with."""
        assert self.in_class is not None
        return self.in_class

    @property
    def child(self) -> Student:
        """The child of the story."""
        assert self.on_foot is not None
        return self.on_foot

    @property
    def case(self) -> Case:
        """Its newest case."""
        return Case.objects.filter(student=self.child).latest("id")

    def begin(self, role: Role, kind: EventKind, /, **values: Any) -> Page:
        """From the page of the child: a person reports it, or hands in what the guardian applies for."""
        page = self.by(role).open(f"/students/{self.child.pk}/begin/{kind}/")
        return self._filled(page, "begin-form", kind, values).says("个案已建立")

    def helped(self, role: Role, /, **values: Any) -> None:
        """From the page of the child: it comes to school and is helped; its plan is made on the next page."""
        page = self.by(role).open(f"/students/{self.child.pk}/begin/{EventKind.HELP_BEGUN}/")
        page = self._filled(page, "begin-form", EventKind.HELP_BEGUN, values).says("请接着制定一生一策")
        page.form("plan-form").fill(**{"m0-what": "每周谈心一次"}).send().says("一生一策已保存")

    def act(self, role: Role, kind: EventKind, /, **values: Any) -> Page:
        """An act on the case page, its form filled with something wherever one must be and nothing is given."""
        page = self.by(role).open(f"/cases/{self.case.pk}/events/{kind}/")
        return self._filled(page, "event-form", kind, values).says("已登记")

    def plans(self, role: Role) -> None:
        """The support plan of the child on its own page, with one measure."""
        page = self.by(role).open(f"/cases/{self.case.pk}/events/{EventKind.SUPPORT_PLAN}/")
        review = (self.today + ONE_DAY * 30).isoformat()
        measure: dict[str, Any] = {"m0-what": "每周补课两次", "m0-person": "德老师"}
        page.form("plan-form").fill(person="德老师", review_on=review, **measure).send()
        assert Event.objects.filter(case=self.case, kind=EventKind.SUPPORT_PLAN, superseded_at__isnull=True).exists()

    def refused(self, role: Role, kind: EventKind, *says: str, **values: Any) -> None:
        """The case does not take this act now, and the page says what is missing."""
        page = self.by(role).open(f"/cases/{self.case.pk}/events/{kind}/")
        if page.tree.xpath("//*[@data-testid='event-form']"):
            page = self._filled(page, "event-form", kind, values)
        assert "已登记：" not in page.text, page.text
        page.says(*says)

    @staticmethod
    def _filled(page: Page, testid: str, kind: EventKind, values: dict[str, Any]) -> Page:
        form = page.form(testid).fill(**values)
        had = dict(form.values())
        for row in FIELDS[kind]:
            if row.required and not had.get(row.name, "").strip():
                form.fill(**{row.name: row.choices[0][0] if row.choices else "有"})
        return form.send()

    def applies(self, role: Role, application: Application, first: date, until: date | None, **values: Any) -> Page:
        """The guardian's written application is put on record; a case is begun where there is none."""
        data = {"application": application, "from": first.isoformat(), "until": until.isoformat() if until else ""}
        begun = Case.objects.filter(student=self.child, closed_on__isnull=True).exists()
        return (self.act if begun else self.begin)(role, EventKind.APPLIED, **data, **values)

    def decides(self, role: Role, application: Application, first: date, until: date | None, **values: Any) -> Page:
        """Whoever may decides on it."""
        data = {"application": application, "from": first.isoformat(), "until": until.isoformat() if until else ""}
        return self.act(role, EventKind.APPLICATION_DECIDED, **({"decision": "approved"} | data | values))

    def closing(self, role: Role, outcome: Outcome, proof: str = "") -> Page:
        """The first click of closing: what is missing, or the summary to confirm."""
        page = self.by(role).open(f"/cases/{self.case.pk}/close/")
        return page.form("close-form").fill(outcome=outcome, proof=proof).send()

    def close(self, role: Role, outcome: Outcome, proof: str = "") -> None:
        """Closed in two clicks by whoever may."""
        page = self.closing(role, outcome, proof).says("请核对后确认销号")
        page.form("close-sure").send().says("已销号")
        case = self.case
        assert (case.outcome, case.closed_on) == (outcome, self.today)

    def register(self, *days: date, absent: str = "", part: PartOfDay = PartOfDay.DAY) -> None:
        """The class register of some days, each taken on its morning; the child is away for a reason, or there."""
        for day in days:
            self.at(day, 8, 10)
            teacher = make.actor(self.people[Role.CLASS_TEACHER], day)
            make.roll(self.school_class, day, {self.child: f"{part}:{absent}"} if absent else {}, by=teacher)

    def corrected(self, day: date) -> None:
        """The teacher finds that the child was there all day; the headmaster looks at it and agrees."""
        own = calendar_of(self.school_class, day)
        teacher = make.actor(self.people[Role.CLASS_TEACHER], self.today)
        now = make.moment(self.today, 10)
        for waiting in make.roll(self.school_class, day, {}, by=teacher, at=now, why="看错了").waiting:
            by = make.actor(self.people[Role.PRINCIPAL], self.today)
            decide_correction(by=by, correction=waiting, approve=True, why="属实", calendar=own, now=now)

    def comes_back(self, day: date, teacher: Role, registrar: Role) -> None:
        """There on the register, put on record as back, the books put right."""
        self.register(day)
        self.at(day, 10)
        self.act(teacher, EventKind.RETURNED, how="母亲送到学校")
        self.act(registrar, EventKind.ENROLMENT_RESTORED, act="restored")

    def watched(self, school_days: int) -> None:
        """There on the next so many school days; then it is the day after."""
        days = calendar_of(self.school_class, self.today).school_days(self.today + ONE_DAY, self.today + ONE_DAY * 90)
        self.register(*days[:school_days])
        self.at(days[school_days - 1] + ONE_DAY)

    def report(self, title: str) -> None:
        """The headmaster's report is made and sent, and the township signs for it."""
        self.prepare(Role.PRINCIPAL, title, "出具并报送").says("已报送")
        self.paper(Role.TOWNSHIP_OFFICER, title).form(button="签收报告单").send().says("已签收报告单")

    def order(self, title: str) -> None:
        """The order: drafted by the officer, signed by the deputy head, handed to the mother the same day."""
        self.at(self.today, 10)
        self.prepare(Role.TOWNSHIP_OFFICER, title, "存为拟稿", planned_service=self.today.isoformat())
        self.paper(Role.TOWNSHIP_DEPUTY, title).form(button="签发").send().says("已签发")
        self.serve(
            title,
            method="直接送达",
            result="已送达",
            happened_on=self.today.isoformat(),
            happened_time="08:40",
            place="柳树村3组周家",
            server_1="镇专干",
            server_2="村书记",
            receiver="周母",
        ).says("已登记送达")

    def seen(self, role: Role = Role.TOWNSHIP_OFFICER) -> str:
        """The whole case page as this person reads it."""
        return self.case_page(role).text


def set_out(
    traveller: time_machine.Traveller,
    key: str,
    on: date,
    *,
    names: tuple[str, str, str] = ("清河县", "云溪镇", "990101"),
    enrolled: bool = True,
    child: str = "周小安",
    born: date = date(2015, 5, 12),
) -> Road:
    """A county with one township, village, school and class; the plan loaded and adopted by the command."""
    first = date(on.year - (on.month < 9), 9, 1)
    traveller.move_to(make.moment(first, 7))
    county = make.county(names[0], code=names[2], terms=False)
    township = make.township(county, names[1])
    village, school = make.village(township), make.school(township, f"{names[1][:2]}中心学校", code=f"21{names[2]}01")
    road = Road(traveller, county, township, village, school, today=first, key=key, name=child)
    unit = township if key in TOWNSHIP_PLANS else county
    said = io.StringIO()
    call_command("load_county", key, adopt=unit.name, on=first.isoformat(), stdout=said)
    assert f"{unit.name}自{first.isoformat()}起采用" in said.getvalue()
    road.in_class = make.school_class(school)
    places = {
        Role.CLASS_TEACHER: road.in_class,
        Role.VILLAGE_SECRETARY: village,
        **dict.fromkeys((Role.REGISTRAR, Role.MORAL_EDUCATION, Role.PRINCIPAL, Role.HOME_TEACHER), school),
        **dict.fromkeys((Role.TOWNSHIP_OFFICER, Role.TOWNSHIP_DEPUTY, Role.TOWNSHIP_HEAD), township),
        Role.JUSTICE_OFFICE: township,
        **dict.fromkeys((Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.SYSTEM_ADMIN), county),
    }
    for role, place in places.items():
        road.people[role] = make.person(role, place, f"{names[0][:1]}{role.label}"[:12], on=first)
    in_class, home = road.in_class if enrolled else None, {"residence": village, "county_code": names[2]}
    road.on_foot = make.child(in_class, child, first_day=first, birth_date=born, **home)
    road.letterhead()
    road.at(on)
    return road
