"""Builders for tests: a small invented county made through the apps' own actions.

Defaults: the county 清河县 with the township 云溪镇, its village 柳树村, one school and one class. Today is a plain
argument everywhere; DAY is an ordinary school Wednesday inside the autumn term.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agencies.actions import accounts, calendars, policies, posts, units
from agencies.actions.accounts import User
from agencies.choices import CalendarKind, Role, UnitKind
from agencies.models import Adoption, Unit
from agencies.queries.calendars import calendar_of
from agencies.queries.people import actor_for
from agencies.rules.policy import load_policy
from agencies.rules.policy_law import with_law
from agencies.scope import Actor, system
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from cases.models import Case, Event
from students.actions.children import NewChild, NewGuardian, create_children
from students.actions.roll import SavedRoll, save_roll
from students.actions.visits import record_home_visit
from students.choices import CorrectionState, DocumentKind, Sex
from students.models import Correction, HomeVisit, Student
from students.queries.roll import marks_in, value_of
from students.rules.roll import Change, Value
from students.rules.visits import Visit
from tests.counties import law
from tests.kept import kept

COUNTIES = Path(__file__).resolve().parent.parent / "fixtures" / "counties"
CHINA = ZoneInfo("Asia/Shanghai")
TERM_START, TERM_END = date(2026, 9, 1), date(2027, 1, 22)
DAY = date(2026, 11, 11)
SYSTEM = system("测试")

_serial = itertools.count(1)


def moment(day: date, hour: int = 8, minute: int = 10) -> datetime:
    """An aware moment of a day in China."""
    return datetime.combine(day, time(hour, minute), CHINA)


def unit(kind: UnitKind, name: str, parent: Unit | None = None, **fields: Any) -> Unit:
    """A unit anywhere in the tree."""
    return units.create_unit(by=SYSTEM, parent=parent, kind=kind, name=name, now=moment(TERM_START), **fields)


@kept
def county(name: str = "清河县", *, code: str = "990101", terms: bool = True) -> Unit:
    """A county with the national holidays of 2025-2026 and (unless told not) one autumn term."""
    made = unit(UnitKind.COUNTY, name, code=code)
    calendars.seed_national(by=SYSTEM, years=[2025, 2026], now=moment(TERM_START))
    if terms:
        term(made, TERM_START, TERM_END)
    return made


def term(at: Unit, first: date, last: date, name: str = "第一学期") -> None:
    """A term for a unit's subtree."""
    calendar_line(at, CalendarKind.TERM, first, last, name)


def calendar_line(at: Unit, kind: CalendarKind, first: date, last: date, name: str) -> None:
    """A line of a unit's calendar: a term, days closed, extra school days."""
    calendars.add_entry(
        by=SYSTEM, unit=at, kind=kind, first_day=first, last_day=last, name=name, now=moment(TERM_START)
    )


def township(parent: Unit, name: str = "云溪镇") -> Unit:
    """A township of a county."""
    return unit(UnitKind.TOWNSHIP, name, parent, settings={"issuer": f"{name}人民政府"})


def village(parent: Unit, name: str = "柳树村") -> Unit:
    """A village of a township."""
    return unit(UnitKind.VILLAGE, name, parent)


def school(parent: Unit, name: str = "云溪中心学校", *, code: str = "2199010001") -> Unit:
    """A school of a township or county."""
    return unit(UnitKind.SCHOOL, name, parent, code=code)


def school_class(parent: Unit, name: str = "五（1）班", grade: int = 5) -> Unit:
    """A class of a school."""
    return unit(UnitKind.CLASS, name, parent, grade=grade)


def plan(
    at: Unit,
    key: str = "jiaotan-2025",
    on: date = TERM_START,
    *,
    files: Mapping[str, dict[str, Any]] | None = None,
    **changes: Any,
) -> Adoption:
    """A unit adopts one of the shipped plans; `changes` overrides top-level tables of policy.toml.

    `files`: further parsed files of the folder by stem (duties, clauses).
    """
    folder = COUNTIES / key
    written = {**tomllib.loads((folder / "policy.toml").read_text(encoding="utf-8")), **changes}
    data, _ = with_law(written, law(), "policy.toml")
    policy, mistakes = load_policy(data, "policy.toml")
    assert policy is not None, mistakes
    content = {
        name: _plain(tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")))
        for name in ("notices", "ledgers")
    }
    version = policies.store_version(
        by=SYSTEM, policy=policy, content={"policy": _plain(data), **content, **(files or {})}, now=moment(on)
    )
    return policies.adopt(by=SYSTEM, unit=at, version=version, on=on, now=moment(on))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def user(name: str = "", username: str = "", password: str = "Liushu-2026") -> User:  # noqa: S107
    """An account that has already changed its first password."""
    number = next(_serial)
    made, _ = accounts.create_account(
        by=SYSTEM,
        username=username or f"user{number}",
        name=name or f"测试员{number}",
        password=password,
        now=moment(TERM_START),
    )
    return made


def person(role: Role, at: Unit, name: str = "", on: date = TERM_START) -> User:
    """Somebody with one post at a unit."""
    made = user(name or f"{role.label}{next(_serial)}")
    posts.give_post(by=SYSTEM, user=made, unit=at, role=role, first_day=on, now=moment(on))
    return made


def actor(who: User, on: date = DAY) -> Actor:
    """The acting person with the posts of a day."""
    return actor_for(who, on)


def child(
    in_class: Unit | None,
    name: str = "",
    *,
    residence: Unit | None = None,
    guardians: tuple[NewGuardian, ...] = (),
    first_day: date = TERM_START,
    **fields: Any,
) -> Student:
    """One child, in a class unless None, with a mother as guardian unless others are given."""
    number, code = next(_serial), fields.pop("county_code", "990101")
    row = NewChild(
        name=name or f"周小{_CHARACTERS[number % len(_CHARACTERS)]}",
        sex=fields.pop("sex", Sex.FEMALE if number % 2 else Sex.MALE),
        birth_date=fields.pop("birth_date", date(2015, 5, 12)),
        school_class=in_class,
        residence=residence,
        document_kind=fields.pop("document_kind", DocumentKind.NONE),
        guardians=guardians or (NewGuardian(name="周母", relation="母亲", phone="13800000000"),),
        **fields,
    )
    return create_children(by=SYSTEM, rows=[row], county_code=code, first_day=first_day, now=moment(first_day))[0]


_CHARACTERS = "安宝晨丹恩芳高涵佳凯兰明宁鹏琪荣思婷伟欣雅泽"


def roll(
    in_class: Unit,
    day: date = DAY,
    absent: dict[Student, str] | None = None,
    *,
    by: Actor = SYSTEM,
    at: datetime | None = None,
    why: str = "",
) -> SavedRoll:
    """Take a class's register: who is absent for which reason (“unexcused”, “sick” …; “pm:sick” for half a day)."""
    wanted = {}
    for student, text in (absent or {}).items():
        part, _, reason = text.rpartition(":")
        wanted[student.pk] = Value(reason, part or "day")
    standing = {mark.student_id: value_of(mark) for mark in marks_in([in_class.pk], day)}
    changes = [Change(pk, standing.get(pk, Value()), wanted.get(pk, Value())) for pk in {*wanted, *standing}]
    return save_roll(
        by=by,
        school_class=in_class,
        day=day,
        changes=changes,
        calendar=calendar_of(in_class, day),
        now=at or moment(day),
        why=why,
    )


def rolls(in_class: Unit, days: list[date], absent: dict[Student, str] | None = None) -> None:
    """The same register on several days."""
    for day in days:
        roll(in_class, day, absent)


def home_visit(student: Student, on: date = DAY, *, by: Actor = SYSTEM, **fields: Any) -> HomeVisit:
    """A child was taught at home on a day, two lessons in the afternoon unless said otherwise."""
    visit = {
        "visited_on": on,
        "starts_at": time(14, 0),
        "ends_at": time(15, 30),
        "lessons": 2,
        "place": "学生家中",
        "teacher": "李老师",
        "second_teacher": "王老师",
        "content": "认识数字",
        "performance": "能数到十",
        **fields,
    }
    return record_home_visit(by=by, student=student, visit=Visit(**visit), now=moment(on, 17))


def event(case: Case, kind: EventKind, on: date = DAY, *, by: Actor = SYSTEM, **data: Any) -> Event:
    """Something happened in a case."""
    return record_event(by=by, case=case, event=NewEvent(kind=kind, happened_on=on, data=data), now=moment(on, 15))


def correction(student: Student, in_class: Unit, day: date) -> Correction:
    """A correction of a day that waits for a second person."""
    return Correction.objects.create(
        school_class=in_class,
        student=student,
        day=day,
        wanted={"reason": "", "part": "day", "note": ""},
        why="看错了",
        state=CorrectionState.WAITING,
        asked_by="班主任",
        asked_at=moment(DAY),
    )
