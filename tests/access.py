"""A small world of objects in which every address of `tests/ways.py` is walked.

Three places stand side by side: ours (the roles hold their posts here), a sister township of the same county, and a
township of another county. What a role should meet is computed from its permissions and from where its post is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agencies.choices import CalendarKind, JobState, Role, UnitKind
from agencies.models import CalendarEntry, Job, Post, Unit, User
from agencies.rules.roles import UNIT_KINDS
from cases.choices import EventKind
from cases.models import Case, SavedFilter
from notices.choices import NoticeState, ServiceMethod, ServiceResult
from notices.models import Notice, Service, UnitReport
from students.actions.children import NewGuardian
from students.choices import BatchState, DocumentKind, LeaveKind
from students.models import ImportBatch, Leave, Student
from tests import make
from tests.agencies import unit_plan
from tests.kept import kept
from tests.notices.desk import seal_used
from tests.students import files

ABSENT_DAYS = (make.DAY - timedelta(days=2), make.DAY - timedelta(days=1), make.DAY)
# The lowest kind of unit of each role comes first: what a low post may not see shows most.
KINDS = (
    UnitKind.CLASS,
    UnitKind.SCHOOL,
    UnitKind.GRID,
    UnitKind.VILLAGE,
    UnitKind.TOWNSHIP,
    UnitKind.AGENCY,
    UnitKind.COUNTY,
)


@dataclass(frozen=True)
class Thing:
    """An object of the world: its key, the paths it lies under, and whose it is where it is one person's own."""

    pk: int
    paths: tuple[str, ...] = ()
    owner: int | None = None


@dataclass
class Place:
    """One township with everything in it."""

    units: dict[UnitKind, Unit]
    child: Student
    case: Case
    things: dict[str, Thing]
    document: str
    phone: str


@dataclass
class World:
    """Ours, the sister township, another county; one person per role, all of them at our place."""

    ours: Place
    sister: Place
    far: Place
    people: dict[Role, User]

    def posts(self, role: Role) -> str:
        """Path of the unit at which the role is held."""
        return next(post.unit.path for post in Post.objects.filter(user=self.people[role]).select_related("unit"))


DOCUMENTS = {"云溪": "11010520150512002X", "石桥": "110105201505120046", "远山": "110105201505120062"}
PHONES = {"云溪": "13811110001", "石桥": "13811110002", "远山": "13811110003"}
NAMES = {"云溪": "欧阳云溪", "石桥": "司徒石桥", "远山": "上官远山"}


@kept
def build() -> World:
    """The world at make.DAY."""
    county, other = make.county(), make.unit(UnitKind.COUNTY, "远安县", code="990102")
    make.term(other, make.TERM_START, make.TERM_END)
    ours = _place(county, "云溪")
    agency = make.unit(UnitKind.AGENCY, "县民政局", county)
    ours.units |= {UnitKind.COUNTY: county, UnitKind.AGENCY: agency}
    people = {role: make.person(role, ours.units[_kind(role)]) for role in Role}
    sister, far = _place(county, "石桥"), _place(other, "远山")
    for role, person in people.items():
        _belongings(ours, role, person)
    return World(ours, sister, far, people)


def _kind(role: Role) -> UnitKind:
    return next(kind for kind in KINDS if kind in UNIT_KINDS[role])


def _place(county: Unit, name: str) -> Place:
    township = make.township(county, f"{name}镇")
    village = make.village(township, f"{name}村")
    grid = make.unit(UnitKind.GRID, f"{name}网格", village)
    school = make.school(township, f"{name}中心学校", code=f"2199010{len(name)}{township.pk}")
    school_class = make.school_class(school, f"{name}五（1）班")
    make.plan(township, files={"duties": unit_plan.duties()})
    child = make.child(
        school_class,
        NAMES[name],
        residence=grid,
        document_kind=DocumentKind.RESIDENT_CARD,
        document_number=DOCUMENTS[name],
        residence_address=f"{name}村3组12号",
        guardians=(NewGuardian(name=f"{name}母", relation="母亲", phone=PHONES[name]),),
    )
    make.rolls(school_class, list(ABSENT_DAYS), {child: "unexcused"})
    case = Case.objects.get(student=child)
    units = {
        UnitKind.TOWNSHIP: township,
        UnitKind.VILLAGE: village,
        UnitKind.GRID: grid,
        UnitKind.SCHOOL: school,
        UnitKind.CLASS: school_class,
    }
    place = Place(units, child, case, {}, DOCUMENTS[name], PHONES[name])
    place.things = _things(place, make.person(Role.REGISTRAR, school))
    return place


def _things(place: Place, registrar: User) -> dict[str, Thing]:
    """One of everything; what hangs on the child is seen from its class and from its home."""
    moment, by = make.moment(make.DAY), make.actor(registrar)
    school, school_class = place.units[UnitKind.SCHOOL], place.units[UnitKind.CLASS]
    home = (school_class.path, place.units[UnitKind.GRID].path)
    call = make.event(place.case, EventKind.PHONE_CALL, make.DAY, result="no_answer")
    batch = ImportBatch.objects.create(
        unit=school,
        file_name="学籍表.xlsx",
        state=BatchState.APPLIED,
        uploaded_by=by.name,
        uploaded_at=moment,
        applied_at=moment,
    )
    leave = Leave.objects.create(
        student=place.child,
        kind=LeaveKind.SICK,
        first_day=date(2026, 9, 7),
        last_day=date(2026, 9, 8),
        asked_by="母亲",
        recorded_at=moment,
        recorded_by=by.name,
    )
    entry = CalendarEntry.objects.create(
        unit=school, kind=CalendarKind.CLOSED, first_day=date(2026, 12, 1), last_day=date(2026, 12, 1), name="大雪停课"
    )
    return {
        "class": Thing(school_class.pk, (school_class.path,)),
        "school": Thing(school.pk, (school.path,)),
        "unit": Thing(school.pk, (school.path,)),
        "child": Thing(place.child.pk, home),
        "case": Thing(place.case.pk, home),
        "event": Thing(call.pk, home),
        "leave": Thing(leave.pk, home),
        "guardian": Thing(place.child.guardians.get().pk, home),
        "unit_duty": Thing(unit_plan.talked(school_class).pk, (school_class.path,)),
        "visit": Thing(make.home_visit(place.child).pk, home),
        "proof": Thing(files.photo(place.child, school_class).pk, home),
        **_papers(place, home),
        "correction": Thing(make.correction(place.child, school_class, ABSENT_DAYS[0]).pk, (school_class.path,)),
        "batch": Thing(batch.pk, (school.path,)),
        "entry": Thing(entry.pk, (school.path,)),
        "post": Thing(Post.objects.get(user=registrar).pk, (school.path,)),
        "account": Thing(registrar.pk, (school.path,)),
        "policy": Thing(place.case.policy_id, ("",)),
        "adoption": Thing(place.case.policy.adoptions.get(unit=place.case.township).pk, (place.case.township.path,)),
        "job": _job(registrar),
        "filter": _filter(registrar),
    }


def _papers(place: Place, home: tuple[str, ...]) -> dict[str, Thing]:
    """A draft and an issued paper of the school, an order of the township and an attempt to serve it."""
    school = place.units[UnitKind.SCHOOL]
    draft = _paper(place, "situation-report", school)
    issued = _paper(place, "situation-report", school, state=NoticeState.ISSUED, sha256="0" * 64, pdf=b"%PDF-1.7")
    order = _paper(place, "order", place.units[UnitKind.TOWNSHIP], state=NoticeState.ISSUED)
    service = Service.objects.create(
        notice=order,
        method=ServiceMethod.DIRECT,
        result=ServiceResult.NOT_FOUND,
        happened_at=make.moment(make.DAY),
        servers="镇专干、村书记",
        recorded_at=make.moment(make.DAY),
        recorded_name="镇专干",
    )
    return {
        "draft": Thing(draft.pk, home),
        "paper": Thing(issued.pk, home),
        "order": Thing(order.pk, home),
        "service": Thing(service.pk, home),
        "seal": Thing(seal_used(issued).pk, home),
        "report": Thing(_report(place, school).pk, (school.path, place.units[UnitKind.TOWNSHIP].path)),
    }


def _report(place: Place, school: Unit) -> UnitReport:
    """A letter of the school to its township as it lies in the register; its sheet has been signed out."""
    return UnitReport.objects.create(
        unit=school,
        township=place.units[UnitKind.TOWNSHIP],
        version=place.case.policy,
        kind="attachment-1",
        title="学生失学辍学信息报告",
        state=NoticeState.ISSUED,
        number=f"{school.pk}报〔2026〕1号",
        children=1,
        pdf=b"%PDF-1.7",
        sha256="0" * 64,
        issued_name="校长",
        issued_at=make.moment(make.DAY),
        issued_on=make.DAY,
        token="r:1",
    )


def _paper(place: Place, kind: str, unit: Unit, **fields: Any) -> Notice:
    """A paper of the case as it lies in the register."""
    return Notice.objects.create(
        case=place.case,
        kind=kind,
        title="通知书",
        unit=unit,
        drafted_name="拟稿人",
        drafted_at=make.moment(make.DAY),
        **fields,
    )


def _job(user: User) -> Thing:
    job = Job.objects.create(
        kind="ledger", key=f"own-{user.pk}", state=JobState.DONE, started_by=user.pk, created_at=make.moment(make.DAY)
    )
    return Thing(job.pk, owner=user.pk)


def _filter(user: User) -> Thing:
    kept = SavedFilter.objects.create(user=user, page="queue", name="本村逾期", query="overdue=true")
    return Thing(kept.pk, owner=user.pk)


def _belongings(ours: Place, role: Role, person: User) -> None:
    """What each person owns himself: a job and a saved filter."""
    ours.things[f"job/{role}"] = _job(person)
    ours.things[f"filter/{role}"] = _filter(person)
