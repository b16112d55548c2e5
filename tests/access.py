"""The table of every address: what it needs, on which object; and a small world of objects to walk it in.

Three places stand side by side: ours (the roles hold their posts here), a sister township of the same county, and a
township of another county. What a role should meet is computed from its permissions and from where its post is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from agencies.choices import CalendarKind, JobState, Permission, Role, UnitKind
from agencies.models import CalendarEntry, Job, Post, Unit, User
from agencies.rules.roles import PERMISSIONS, UNIT_KINDS
from cases.choices import EventKind
from cases.models import Case, SavedFilter
from notices.choices import NoticeState, ServiceMethod, ServiceResult
from notices.models import Notice, Service
from students.actions.children import NewGuardian
from students.choices import BatchState, DocumentKind, LeaveKind
from students.models import ImportBatch, Leave, Student
from tests import make
from tests.agencies import unit_plan
from tests.kept import kept
from tests.notices.desk import seal_used
from tests.students import files

P = Permission
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
    }


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


@dataclass(frozen=True)
class Way:
    """How an address is reached and who may.

    `needs`: any of these permissions (none = signed in); `also`: all of these besides. `on`: kind of the object;
    `given`: where its key goes, a keyword of the address or `?name` for one of the query. `kwargs`: fixed parts.
    `post`: takes POST only. `public`: answers strangers. `own`: what a permitted person meets; 302 where a page only
    leads on.
    """

    needs: tuple[Permission, ...] = ()
    on: str = ""
    given: str = "pk"
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    post: bool = False
    public: bool = False
    own: tuple[int, ...] = (200,)
    also: tuple[Permission, ...] = ()


def permitted(role: Role, way: Way) -> bool:
    """Whether the role carries any of the needed permissions, and all of those asked besides."""
    held = PERMISSIONS[role]
    return (not way.needs or not held.isdisjoint(way.needs)) and held.issuperset(way.also)


ANY_POST = tuple(P)
KEEPS_UNITS = (P.MANAGE_UNITS, P.MANAGE_CLASSES, P.MANAGE_POSTS)
READS_PLANS = (P.VIEW_CASE, P.VIEW_FIGURES, P.ADOPT_POLICY)
WORKERS = (P.RECORD_SCHOOL_EVENT, P.RECORD_VILLAGE_EVENT, P.RECORD_TOWNSHIP_EVENT, P.RECORD_JUSTICE_EVENT)
FLAGGERS = WORKERS[:3]
READS_UNIT_DUTIES = (P.RECORD_UNIT_DUTY, P.VIEW_FIGURES)
EDITS_HOMES = (P.EDIT_CHILD, P.EDIT_PHONE, P.EDIT_RESIDENCE)
READS_PAPERS = (P.ISSUE_SCHOOL_PAPER, P.DRAFT_ORDER, P.ISSUE_ORDER, P.RECORD_SERVICE)

TABLE: dict[str, Way] = {
    "home": Way(own=(200, 302)),
    # Signing in.
    "agencies:login": Way(public=True, own=(302,)),
    "agencies:demo_login": Way(public=True, post=True, own=(404,)),
    "agencies:logout": Way(public=True, post=True),
    "agencies:password": Way(),
    # Who acts, where, by which rulebook.
    "agencies:accounts": Way((P.MANAGE_ACCOUNTS,)),
    "agencies:account_bulk": Way((P.MANAGE_ACCOUNTS,)),
    "agencies:account_slips": Way((P.MANAGE_ACCOUNTS,), post=True),
    "agencies:account": Way((P.MANAGE_ACCOUNTS,), on="account"),
    "agencies:posts": Way((P.MANAGE_POSTS,)),
    # 403 besides: the head of a township appoints nobody inside a school.
    "agencies:post_new": Way((P.MANAGE_POSTS,), on="unit", given="?unit", own=(200, 403)),
    "agencies:post_end": Way((P.MANAGE_POSTS,), on="post"),
    "agencies:deputy": Way(ANY_POST),
    "agencies:hand_over": Way((P.MANAGE_POSTS,)),
    "agencies:units": Way(KEEPS_UNITS, own=(200, 302)),
    "agencies:unit": Way(KEEPS_UNITS, on="unit"),
    "agencies:calendar": Way((P.EDIT_CALENDAR, P.VIEW_ROLL), on="class", given="?unit"),
    "agencies:calendar_remove": Way((P.EDIT_CALENDAR,), on="entry", post=True),
    "agencies:policies": Way(READS_PLANS),
    "agencies:policy": Way(READS_PLANS, on="policy"),
    "agencies:unit_duties": Way(READS_UNIT_DUTIES),
    "agencies:unit_duties_overview": Way(READS_UNIT_DUTIES),
    "agencies:unit_duty_record": Way(READS_UNIT_DUTIES[:1], on="class", kwargs={"key": "class-talk"}),
    "agencies:unit_duty_supersede": Way(READS_UNIT_DUTIES[:1], on="unit_duty"),
    "agencies:audit": Way((P.VIEW_AUDIT,)),
    "agencies:job": Way(on="job"),
    "agencies:job_file": Way(on="job", own=(404,)),
    # Is the child at school.
    "students:roll_mine": Way((P.TAKE_ROLL,), own=(200, 302)),
    "students:roll_class": Way((P.VIEW_ROLL, P.TAKE_ROLL), on="class", given="class_id"),
    "students:roll_extra": Way((P.TAKE_ROLL,), on="class", given="class_id", post=True),
    "students:roll_school": Way((P.VIEW_ROLL,), on="school", given="school_id"),
    "students:roll_suggest": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id"),
    "students:roll_mark": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id", post=True),
    "students:roll_unmark": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id", post=True),
    "students:roll_confirm": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id", post=True),
    "students:leave_new": Way((P.TAKE_ROLL,), on="child", given="?student"),
    "students:leave_end": Way((P.TAKE_ROLL,), on="leave", post=True),
    "students:leave_proofs": Way((P.TAKE_ROLL,), on="leave"),
    "students:proof": Way((P.VIEW_CHILD,), on="proof"),
    "students:proof_small": Way((P.VIEW_CHILD,), on="proof"),
    # 403 besides: a proof is withdrawn by the unit that gave it, here the class.
    "students:proof_withdraw": Way(
        (*WORKERS, P.TAKE_ROLL, P.RECORD_SERVICE, P.CLOSE_CASE), on="proof", own=(200, 403)
    ),
    "students:corrections": Way((P.CONFIRM_CORRECTION,)),
    "students:correction": Way((P.CONFIRM_CORRECTION,), on="correction", post=True),
    "students:search": Way((P.VIEW_CHILD,)),
    "students:child": Way((P.VIEW_CHILD,), on="child"),
    "students:reveal": Way((P.VIEW_CHILD,), on="child", post=True),
    "students:home": Way(EDITS_HOMES, on="child"),
    "students:siblings": Way((P.VIEW_CHILD,), on="child"),
    "students:household": Way(EDITS_HOMES[::2], on="child", post=True),
    "students:guardian_new": Way((P.EDIT_CHILD,), on="child"),
    "students:guardian": Way(EDITS_HOMES, on="guardian"),
    "students:guardian_end": Way((P.EDIT_CHILD,), on="guardian", post=True),
    "students:homes": Way((P.EDIT_RESIDENCE,)),
    "students:home_teaching": Way((P.RECORD_HOME_VISIT,)),
    "students:visit_new": Way((P.RECORD_HOME_VISIT,), on="child"),
    "students:visit_supersede": Way((P.RECORD_HOME_VISIT,), on="visit"),
    "students:imports": Way((P.IMPORT_CHILDREN,)),
    "students:import_new": Way((P.IMPORT_CHILDREN,)),
    "students:import_template": Way((P.IMPORT_CHILDREN,)),
    "students:import": Way((P.IMPORT_CHILDREN,), on="batch"),
    "students:import_faulty": Way((P.IMPORT_CHILDREN,), on="batch"),
    "students:import_answers": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_classes": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_apply": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_undo": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_resume": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    # What is owed to the child.
    "cases:work": Way(WORKERS),
    "cases:queue": Way((P.VIEW_CASE,)),
    "cases:filter_save": Way((P.VIEW_CASE,), post=True),
    "cases:filter_remove": Way((P.VIEW_CASE,), on="filter", post=True),
    "cases:case": Way((P.VIEW_CASE,), on="case"),
    "cases:event_new": Way(FLAGGERS, on="case", kwargs={"kind": EventKind.PHONE_CALL}),
    "cases:event_supersede": Way(FLAGGERS, on="event"),
    "cases:event_proofs": Way(FLAGGERS, on="event"),
    "cases:close": Way((P.CLOSE_CASE, *FLAGGERS), on="case"),
    "cases:assign": Way((P.OPEN_CASE,), on="case"),
    "cases:old_new": Way((P.OPEN_CASE,), on="child", given="?student", own=(200, 302)),
    "cases:begin": Way(FLAGGERS, on="child", kwargs={"kind": EventKind.FLAGGED}, own=(200, 302)),
    "cases:move": Way((P.ADOPT_POLICY,), on="adoption"),
    "cases:rehearsal": Way(READS_PLANS),
    "cases:rehearsal_file": Way(READS_PLANS, post=True),
    # The figures; figures alone give no right to the lists behind them.
    "cases:dashboard": Way((P.VIEW_FIGURES,), on="school", given="?unit"),
    "cases:dashboard_term": Way((P.VIEW_FIGURES,), on="school", given="?unit"),
    "cases:figure_list": Way(
        (P.VIEW_FIGURES,), on="school", given="?unit", kwargs={"key": "absent"}, also=(P.VIEW_CASE,)
    ),
    # The paper that leaves the building: a school's is made by the school, an order served by the township.
    "notices:case_papers": Way((P.VIEW_CASE,), on="case"),
    "notices:draft": Way((P.ISSUE_SCHOOL_PAPER,), on="case", kwargs={"kind": "situation-report"}),
    "notices:notice": Way((P.VIEW_CASE,), on="draft"),
    "notices:issue": Way(READS_PAPERS, on="draft", post=True),
    "notices:void": Way((P.ISSUE_SCHOOL_PAPER,), on="draft"),
    # 403 besides: the scan of a sealed paper is put to it by the unit that issued it.
    "notices:scan": Way(READS_PAPERS, on="paper", own=(200, 403)),
    "notices:pdf": Way(READS_PAPERS, on="paper"),
    "notices:serve": Way((P.RECORD_SERVICE,), on="order"),
    "notices:receive": Way((P.RECORD_TOWNSHIP_EVENT,), on="paper", post=True),
    "notices:service_withdraw": Way((P.RECORD_SERVICE,), on="service"),
    # Corrected and sealed by the unit that issued it: a school's paper by the school.
    "notices:letter": Way((P.ISSUE_SCHOOL_PAPER,), on="paper", kwargs={"kind": "withdrawal"}),
    "notices:seal": Way((P.ISSUE_SCHOOL_PAPER,), on="paper"),
    "notices:seal_strike": Way(READS_PAPERS, on="seal"),
    "notices:seals": Way(READS_PAPERS),
    "notices:seals_file": Way(READS_PAPERS, post=True),
    "notices:register": Way(READS_PAPERS),
    "notices:sign": Way((P.ISSUE_ORDER, P.ISSUE_SCHOOL_PAPER), post=True),
    "notices:ledgers": Way((P.VIEW_LEDGER,)),
    "notices:ledger": Way((P.VIEW_LEDGER,), kwargs={"key": "master"}),
    "notices:ledger_file": Way((P.VIEW_LEDGER,), kwargs={"key": "master", "form": "xlsx"}, post=True),
}
