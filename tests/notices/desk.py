"""A case that has come to the township under each plan, and the people who make and serve its papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from agencies.choices import Role
from agencies.models import User
from agencies.scope import Actor
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from cases.models import Case
from notices.models import Notice, Seal
from students.actions.children import NewGuardian
from students.choices import DocumentKind
from students.models import Student
from tests import make
from tests.cases.scene import Scene, at, client, scene
from tests.kept import kept

ABSENT = [date(2026, 11, day) for day in (2, 3, 4, 5, 6, 9, 10, 11)]
PARENTS = (
    NewGuardian(name="周大山", relation="父亲", phone="13812345678"),
    NewGuardian(name="吴小梅", relation="母亲", phone="13812345679"),
    NewGuardian(name="周老汉", relation="祖父", phone="", is_guardian=False),
)
ID_NUMBER = "11010520150512002X"


@dataclass
class Desk:
    """The scene, its child and case, and the people around the papers."""

    place: Scene
    child: Student
    case: Case
    officer: User
    deputy: User
    principal: User
    report_key: str

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"notices:{name}", args=args)

    def browser(self, user: User) -> Client:
        return client(user)

    def post(self, user: User, name: str, *args: Any, **data: Any) -> Any:
        """Send a form of a page of papers."""
        return client(user).post(self.url(name, *args), data)

    def draft_order(self, user: User | None = None, *, do: str = "draft", **changes: Any) -> Any:
        """Draft an order to the father."""
        father = self.child.guardians.get(name="周大山")
        data = {
            "token": "t1",
            "guardians": [str(father.pk)],
            "planned_service": "2026-11-12",
            "contact": "民生服务办",
            "phone": "0990-6600210",
            "do": do,
        }
        return self.post(user or self.officer, "draft", self.case.pk, "order", **{**data, **changes})

    def issued_order(self) -> Notice:
        """An order drafted by the officer and signed by the deputy, at DAY."""
        with at(make.DAY, 15):
            self.draft_order()
            notice = Notice.objects.get(kind="order")
            self.post(self.deputy, "issue", notice.pk)
        return Notice.objects.get(pk=notice.pk)

    def serve(self, notice: Notice, user: User | None = None, **changes: Any) -> Any:
        """Serve an order on the father in person."""
        data = {
            "token": "s1",
            "method": "direct",
            "result": "served",
            "happened_on": "2026-11-12",
            "happened_time": "10:30",
            "place": "柳树村3组",
            "server_1": "丁一",
            "server_2": "王二",
            "receiver": "周大山",
        }
        return self.post(user or self.officer, "serve", notice.pk, **{**data, **changes})


def say(case: Case, kind: EventKind, on: date, actor: Actor, /, **data: Any) -> None:
    """An event whose form has a field called `by`."""
    new = NewEvent(kind=kind, happened_on=on, data=data)
    record_event(by=actor, case=case, event=new, now=make.moment(on, 15))


@kept
def desk(plan: str = "jiaotan-2025", *, criticised: bool = True, reported: bool = True, **extra: Any) -> Desk:
    """A child absent since 2 November whose case has reached the township by DAY (11 November, a Wednesday)."""
    place = scene(plan=plan, **extra)
    place.township.settings = {"issuer": f"{place.township.name}人民政府", "code_word": "云溪政", "phone": "0990-1"}
    place.township.save()
    child = make.child(
        place.school_class,
        "周小䶮",
        residence=place.village,
        guardians=PARENTS,
        document_kind=DocumentKind.RESIDENT_CARD,
        document_number=ID_NUMBER,
        residence_address="清河县云溪镇柳树村3组12号",
    )
    (case,) = place.absent(child, days=ABSENT)
    _school_and_village(place, case)
    if reported:
        _township(place, case)
    if criticised:
        officer = make.actor(place.officer)
        say(case, EventKind.CRITICISM, ABSENT[7], officer, by="专干", guardian="周大山", place="村委会")
    case.refresh_from_db()
    return Desk(
        place=place,
        child=child,
        case=case,
        officer=place.officer,
        deputy=place.person(Role.TOWNSHIP_DEPUTY),
        principal=place.person(Role.PRINCIPAL, place.school),
        report_key="situation-report" if plan.startswith("jiaotan") else "attachment-5",
    )


@kept
def desk_with_order(plan: str = "jiaotan-2025") -> tuple[Desk, Notice]:
    """The desk after an order was drafted by the officer and signed by the deputy, at DAY."""
    here = desk(plan)
    return here, here.issued_order()


def _school_and_village(place: Scene, case: Case) -> None:
    teacher, secretary = make.actor(place.teacher), make.actor(place.secretary)
    make.event(case, EventKind.PHONE_CALL, ABSENT[0], by=teacher, result="no_answer", cause="weary")
    visit = {"by": "班主任", "guardian_attitude": "不配合", "methods": "上门谈心", "effect": "没有返校"}
    say(case, EventKind.HOME_VISIT, ABSENT[3], teacher, **visit)
    seen = {"people": "村书记、网格员", "cause": "weary", "record": "在家，厌学。"}
    make.event(case, EventKind.VILLAGE_VERIFICATION, ABSENT[5], by=secretary, **seen)


def _township(place: Scene, case: Case) -> None:
    officer = make.actor(place.officer)
    make.event(case, EventKind.REPORT_SENT, ABSENT[6], to="云溪镇人民政府、县教育局")
    make.event(case, EventKind.REPORT_RECEIVED, ABSENT[6], by=officer, receiver="专干", time="16:40")
    met = {
        "place": "家中",
        "people": "专干",
        "record": "家长在场，拒不配合。",
        "recorder": "专干",
        "result": "continue",
    }
    make.event(case, EventKind.PERSUASION, ABSENT[7], by=officer, **met)


def seal_used(notice: Notice) -> Seal:
    """An entry of the seal register."""
    return Seal.objects.create(
        notice=notice,
        unit=notice.unit,
        name="学校公章",
        sealed_on=make.DAY,
        copies=3,
        sealed_by="办公室主任",
        approved_by="校长",
        recorded_at=make.moment(make.DAY),
        recorded_name="校长",
    )
