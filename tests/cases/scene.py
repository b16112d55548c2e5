"""A small place for the case pages: a township with its people, a child absent without leave, and its case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import time_machine
from django.test import Client

from agencies.choices import Role
from agencies.models import Unit, User
from cases.models import Case
from students.actions.children import NewGuardian
from students.models import Student
from tests import make
from tests.kept import kept

# Monday to Wednesday: three school days in a row without leave.
ABSENT_DAYS = [make.DAY - timedelta(days=2), make.DAY - timedelta(days=1), make.DAY]
MOTHER = (NewGuardian(name="周母", relation="母亲", phone="13812345678"),)


@dataclass
class Scene:
    """Units and people of one township under one plan."""

    county: Unit
    township: Unit
    village: Unit
    school: Unit
    school_class: Unit
    teacher: User
    secretary: User
    officer: User
    people: dict[Role, User]

    def child(self, name: str = "周小安", **fields: Any) -> Student:
        """A child of the class who lives in the village."""
        return make.child(self.school_class, name, residence=self.village, guardians=MOTHER, **fields)

    def absent(self, *children: Student, days: list[date] | None = None) -> list[Case]:
        """The register of some days with these children absent without leave; returns their cases."""
        make.rolls(self.school_class, days or ABSENT_DAYS, dict.fromkeys(children, "unexcused"))
        return [Case.objects.get(student=child) for child in children]

    def person(self, role: Role, at: Unit | None = None) -> User:
        """Somebody with this post, made once."""
        if role not in self.people:
            self.people[role] = make.person(role, at or self.township)
        return self.people[role]


@kept
def scene(county: Unit | None = None, name: str = "云溪", plan: str = "jiaotan-2025") -> Scene:
    """A township with one village, school and class, its teacher, secretary and officer."""
    root = county or make.county()
    township = make.township(root, f"{name}镇")
    village = make.village(township, f"{name}村")
    school = make.school(township, f"{name}中心学校", code=f"21990100{len(name)}{township.pk}")
    school_class = make.school_class(school)
    make.plan(township, plan)
    return Scene(
        county=root,
        township=township,
        village=village,
        school=school,
        school_class=school_class,
        teacher=make.person(Role.CLASS_TEACHER, school_class, f"{name}班主任"),
        secretary=make.person(Role.VILLAGE_SECRETARY, village, f"{name}书记"),
        officer=make.person(Role.TOWNSHIP_OFFICER, township, f"{name}专干"),
        people={},
    )


@kept
def absent_scene() -> tuple[Scene, Case]:
    """The scene with one child of the class, absent on ABSENT_DAYS, and the case of it."""
    place = scene()
    (case,) = place.absent(place.child())
    return place, case


def client(user: User) -> Client:
    """A browser signed in as this person."""
    browser = Client()
    browser.force_login(user)
    return browser


@contextmanager
def at(day: date = make.DAY, hour: int = 9) -> Iterator[None]:
    """The clock stands at an hour of a day."""
    with time_machine.travel(make.moment(day, hour), tick=False):
        yield


def text_of(response: Any) -> str:
    """What the page says."""
    return str(response.content.decode())
