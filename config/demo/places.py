"""Builds the places of the demonstration: units, the plans they run, their people with posts."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from agencies.actions import accounts, policies, posts, units
from agencies.choices import Role, UnitKind
from agencies.models import PolicyVersion, Unit, User
from agencies.queries.people import actor_for
from agencies.scope import Actor
from config.counties import content_of_version, read_county
from config.demo.data import CountyData, LargeData, SchoolData, TownshipData
from config.demo.names import People
from students.rules.classes import DIGITS

GRIDS = ("第一网格", "第二网格")
COUNTY_ROLES = (
    Role.BUREAU_OFFICER,
    Role.BUREAU_HEAD,
    Role.COUNTY_LEADER,
    Role.AGENCY_LIAISON,
    Role.EXPERT,
    Role.INSPECTOR,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)
TOWNSHIP_ROLES = (
    Role.TOWNSHIP_OFFICER,
    Role.TOWNSHIP_DEPUTY,
    Role.TOWNSHIP_HEAD,
    Role.JUSTICE_OFFICE,
    Role.DISCIPLINE_OFFICE,
)
SCHOOL_ROLES = (Role.PRINCIPAL, Role.MORAL_EDUCATION, Role.REGISTRAR, Role.HOME_TEACHER, Role.COMPANION)


@dataclass(slots=True)
class Place:
    """A township as built."""

    unit: Unit
    plan: str
    tales: str
    villages: list[Unit] = field(default_factory=list)
    grids: list[Unit] = field(default_factory=list)
    schools: list[Unit] = field(default_factory=list)
    classes: list[Unit] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Staff:
    """Who holds which post; the actor of a post is looked up once."""

    on: date
    posts: dict[tuple[Role, int], User] = field(default_factory=dict)
    _actors: dict[int, Actor] = field(default_factory=dict)

    def actor(self, role: Role, unit_id: int | None) -> Actor | None:
        """Whoever holds `role` at the unit, as an actor; None where nobody does."""
        user = self.posts.get((role, unit_id or 0))
        if user is None:
            return None
        if user.pk not in self._actors:
            self._actors[user.pk] = actor_for(user, self.on)
        return self._actors[user.pk]


def large_townships(large: LargeData, small: tuple[TownshipData, ...]) -> tuple[TownshipData, ...]:
    """The townships of the large county, which run all the plans in turn."""
    made = []
    for number, stem in enumerate(large.township_stems[: large.townships]):
        plan, pattern = large.plans[number % len(large.plans)], small[number % len(small)]
        made.append(
            TownshipData(
                name=f"{stem}镇",
                plan=plan,
                tales=plan if any(row.plan == plan for row in small) else large.tales,
                plan_note=pattern.plan_note,
                villages=tuple(f"{village}村" for village in large.village_stems[: large.villages]),
                schools=tuple(_large_school(large, stem, number, each) for each in range(large.schools)),
                code_word=f"{stem}政",
                phone=pattern.phone,
            )
        )
    return tuple(made)


def _large_school(large: LargeData, stem: str, number: int, each: int) -> SchoolData:
    primary = each < large.schools * 3 // 5
    grades = range(1, 7) if primary else range(7, 10)
    kind = "小学" if primary else "初级中学"
    repeated = tuple(grade for grade in grades for _ in range(large.classes // len(grades)))
    return SchoolData(
        name=f"{stem}第{DIGITS[each + 1]}{kind}",
        code=f"{2 if primary else 3}19901{number:02d}{each:02d}",
        grades=repeated,
        size=sum(large.class_sizes) // 2,
        code_word=f"{stem}{DIGITS[each + 1]}{'小' if primary else '中'}",
    )


def class_names(grades: Iterable[int]) -> list[tuple[int, str]]:
    """Grade and name of each class: 五（1）班, 五（2）班 …"""
    seen: Counter[int] = Counter()
    named = []
    for grade in grades:
        seen[grade] += 1
        named.append((grade, f"{DIGITS[grade]}（{seen[grade]}）班"))
    return named


def build_county(*, by: Actor, data: CountyData, now: datetime) -> Unit:
    """The county itself, with what its bureau's papers need."""
    own = {"issuer": f"{data.name}教育局", "phone": data.bureau_phone, "contact": "基础教育股"}
    return units.create_unit(
        by=by, parent=None, kind=UnitKind.COUNTY, name=data.name, code=data.code, settings=own, now=now
    )


def build_township(*, by: Actor, county: Unit, data: TownshipData, now: datetime) -> Place:
    """A township with villages, grids, schools and classes, in one short transaction each."""

    def unit(kind: UnitKind, name: str, parent: Unit, **fields: Any) -> Unit:
        return units.create_unit(by=by, parent=parent, kind=kind, name=name, now=now, **fields)

    own = {
        "issuer": f"{data.name}人民政府",
        "code_word": data.code_word,
        "phone": data.phone,
        "contact": "控辍保学专干",
    }
    with transaction.atomic():
        place = Place(unit(UnitKind.TOWNSHIP, data.name, county, settings=own), data.plan, data.tales or data.plan)
        for name in data.villages:
            village = unit(UnitKind.VILLAGE, name, place.unit)
            place.villages.append(village)
            place.grids += [unit(UnitKind.GRID, grid, village) for grid in GRIDS]
    for row in data.schools:
        with transaction.atomic():
            own = {"phone": data.phone, "contact": "教务处", "code_word": row.code_word}
            school = unit(UnitKind.SCHOOL, row.name, place.unit, code=row.code, settings=own)
            place.schools.append(school)
            for grade, name in class_names(row.grades):
                made = unit(UnitKind.CLASS, name, school, grade=grade)
                place.classes.append(made)
                place.sizes[made.pk] = row.size
    return place


def load_plan(*, by: Actor, key: str, now: datetime) -> PolicyVersion:
    """A shipped plan as a version, after the check every county passes, its worked examples included."""
    county = read_county(str(Path(settings.COUNTIES_DIR) / key))
    if county.mistakes or county.policy is None:
        raise ValueError("；".join(str(mistake) for mistake in county.mistakes))
    return policies.store_version(by=by, policy=county.policy, content=content_of_version(county), now=now)


class Hiring:
    """Gives people posts; the account of a role's first holder bears the role's own name."""

    def __init__(self, by: Actor, people: People, staff: Staff, now: datetime) -> None:
        self.by, self.people, self.staff, self.now = by, people, staff, now
        self._counts: Counter[Role] = Counter()

    def hire(self, role: Role, unit: Unit) -> None:
        """A new account with this one post; it has no password and is opened by the demo's one click."""
        self._counts[role] += 1
        number = self._counts[role]
        user, _ = accounts.create_account(
            by=self.by,
            username=role.value if number == 1 else f"{role.value}{number}",
            name=self.people.adult(),
            phone=self.people.phone(),
            # Nobody can type a way in: no hash stands behind it, and what stands for a choice is not kept.
            password=secrets.token_urlsafe(),
            hashed=make_password(None),
            now=self.now,
        )
        posts.give_post(by=self.by, user=user, unit=unit, role=role, first_day=self.staff.on, now=self.now)
        self.staff.posts[role, unit.pk] = user

    def county(self, county: Unit) -> None:
        """The bureau, the leaders, the inspector and the three administrators."""
        with transaction.atomic():
            for role in COUNTY_ROLES:
                self.hire(role, county)

    def township(self, place: Place) -> None:
        """Township, villages, grids, schools and class teachers."""
        with transaction.atomic():
            for role in TOWNSHIP_ROLES:
                self.hire(role, place.unit)
            for village in place.villages:
                self.hire(Role.VILLAGE_SECRETARY, village)
            for grid in place.grids:
                self.hire(Role.GRID_WORKER, grid)
        with transaction.atomic():
            for school in place.schools:
                for role in SCHOOL_ROLES:
                    self.hire(role, school)
            for school_class in place.classes:
                self.hire(Role.CLASS_TEACHER, school_class)
