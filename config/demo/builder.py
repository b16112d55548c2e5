"""Builds the demonstration county from a seed around a day: places, people, children, rolls, tales."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from agencies.actions import policies
from agencies.models import Unit
from agencies.scope import Actor, system
from config.demo import large, small
from config.demo.absences import Marks, Told, add_illness, tale_marks
from config.demo.children import Nursery
from config.demo.data import CountyData, Tale, TownshipData, county_data, name_data, tales
from config.demo.days import LARGE_DAYS, LEAST_DAYS, days_to_fill, moment, seed_calendar
from config.demo.names import People
from config.demo.places import Hiring, Place, Staff, build_county, build_township, large_townships, load_plan
from config.demo.scenes import Set, add_scenes
from config.demo.story import Cast
from students.actions.children import NewChild, create_children
from students.choices import EnrolmentStatus
from students.models import Student

CHUNK = 500
# Share of the children of the large county that live through a tale in the term.
TALES_SHARE = 0.015


@dataclass(slots=True)
class Demo:
    """A demonstration under construction."""

    seed: int
    on: date
    say: Callable[[str], None]
    data: CountyData = field(default_factory=county_data)
    by: Actor = field(default_factory=lambda: system("演示数据"))
    places: list[Place] = field(default_factory=list)
    children: dict[int, list[Student]] = field(default_factory=dict)
    guardians: dict[int, str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def tell(self, text: str) -> None:
        """One line of progress with the seconds since the start."""
        self.say(f"[{time.monotonic() - self.started:5.1f} 秒] {text}")

    @property
    def classes(self) -> list[Unit]:
        """All classes."""
        return [row for place in self.places for row in place.classes]


@dataclass(frozen=True, slots=True)
class Script:
    """What the rolls will say: the days, the children of the tales, all marks by class, who stays silent."""

    days: list[date]
    told: list[Told]
    marks: dict[int, Marks]
    silent: set[tuple[int, date]]


def build_small(*, seed: int, on: date, say: Callable[[str], None], scenes: bool = True) -> Demo:
    """The small county, every register, event and paper through the actions people use."""
    demo = Demo(seed, on, say)
    cast, script = prepare(demo, demo.data.townships)
    cast = replace(cast, papers=True)
    small.play_days(cast, demo.classes, script.marks, script.silent, on=on, say=demo.tell)
    if scenes:
        decorate(demo, cast)
    return demo


def decorate(demo: Demo, cast: Cast) -> None:
    """What no tale tells, then every open case brought up to the evening again."""
    county = Unit.objects.get(pk=demo.places[0].unit.parent_id or 0)
    add_scenes(Set(cast, demo.places, demo.data.scenes, county, demo.on, random.Random(demo.seed)))  # noqa: S311 - no secrets
    small.finish(cast, demo.on)
    demo.tell("已补充单位任务、缓学、送教、一生一策等情形")


def build_by_bulk(*, seed: int, on: date, say: Callable[[str], None], scenes: bool = False) -> Demo:
    """The small county again, its registers and events by the bulk actions: what the large one is proven with."""
    demo = Demo(seed, on, say)
    cast, script = prepare(demo, demo.data.townships)
    large.play_days(cast, demo.classes, script.marks, script.silent, on=on, say=demo.tell)
    if scenes:
        decorate(demo, cast)
    return demo


def build_large(*, seed: int, on: date, say: Callable[[str], None]) -> Demo:
    """The large county, by bulk actions."""
    return large_of(Demo(seed, on, say))


def large_of(demo: Demo) -> Demo:
    """The large county that the data of a demonstration describe."""
    # Millions of rows are made and let go; looking for cycles among them takes a fifth of the time.
    gc.disable()
    try:
        cast, script = prepare(demo, large_townships(demo.data.large, demo.data.townships), TALES_SHARE)
        large.play_days(cast, demo.classes, script.marks, script.silent, on=demo.on, say=demo.tell)
    finally:
        gc.enable()
    return demo


def prepare(demo: Demo, townships: tuple[TownshipData, ...], repeats: float = 0) -> tuple[Cast, Script]:
    """Everything before the first register: places, people, children, and the script of the days."""
    chance = random.Random(demo.seed)  # noqa: S311 - invented people, no secrets
    people = People(chance, name_data(), demo.data.code)
    early = moment(demo.on, 0)
    county = build_county(by=demo.by, data=demo.data, now=early)
    calendar = seed_calendar(by=demo.by, county=county, on=demo.on, now=early)
    days = days_to_fill(calendar, demo.on, LARGE_DAYS if repeats else LEAST_DAYS)
    first = moment(days[0], 7)
    staff = Staff(days[0])
    hiring = Hiring(demo.by, people, staff, first)
    hiring.county(county)
    plans = {key: load_plan(by=demo.by, key=key, now=first) for key in sorted(demo.data.plans)}
    for row in townships:
        place = build_township(by=demo.by, county=county, data=row, now=first)
        policies.adopt(by=demo.by, unit=place.unit, version=plans[row.plan], on=days[0], now=first, note=row.plan_note)
        demo.places.append(place)
        hiring.township(place)
    demo.tell(f"已建立{county.name}：{len(demo.places)}个乡镇、{len(demo.classes)}个班级")
    enrol_children(demo, people, days[0], first)
    script = write_script(demo, chance, days, repeats)
    told = {one.student_id: one for one in script.told}
    return Cast(told, staff, demo.guardians, days, demo.by), script


def enrol_children(demo: Demo, people: People, first_day: date, now: datetime) -> None:
    """Children class by class, written in chunks of 500."""
    nursery = Nursery(people, demo.on)
    waiting: list[NewChild] = []
    for place in demo.places:
        for school_class in place.classes:
            size = place.sizes[school_class.pk] + nursery.chance.randint(-3, 3)
            waiting += nursery.class_of(place, school_class, size)
            if len(waiting) >= CHUNK - 60:
                _write(demo, waiting, first_day, now)
                waiting = []
    _write(demo, waiting, first_day, now)
    demo.tell(f"已建立 {sum(map(len, demo.children.values()))} 名学生")


def _write(demo: Demo, rows: list[NewChild], first_day: date, now: datetime) -> None:
    made = create_children(by=demo.by, rows=rows, county_code=demo.data.code, first_day=first_day, now=now)
    for student, row in zip(made, rows, strict=True):
        demo.guardians[student.pk] = row.guardians[0].name
        if row.school_class and row.status == EnrolmentStatus.IN_SCHOOL:
            demo.children.setdefault(row.school_class.pk, []).append(student)


def write_script(demo: Demo, chance: random.Random, days: list[date], repeats: float = 0) -> Script:
    """Who is absent when. `repeats` = share of the children that live through a tale; 0 = each tale once."""
    silent = silent_classes(demo, chance, days)
    quiet = {pk for pk, _ in silent}
    told: list[Told] = []
    for place in demo.places:
        pool = [(s.pk, row.pk) for row in place.classes if row.pk not in quiet for s in demo.children[row.pk]]
        chance.shuffle(pool)
        mine = [tale for tale in tales() if tale.plan == place.tales]
        if repeats:
            told += repeated(pool, mine, int(len(pool) * repeats), chance, days)
        else:
            homes = {s.pk: s.residence_id for row in place.classes for s in demo.children[row.pk]}
            told += once(every_second(pool, {pk for pk, home in homes.items() if home == place.grids[0].pk}), mine)
    marks = tale_marks(told, days)
    busy = {one.student_id for one in told}
    for pk, students in demo.children.items():
        add_illness(marks[pk], [s.pk for s in students if s.pk not in busy], days, chance)
    return Script(days, told, marks, silent)


def silent_classes(demo: Demo, chance: random.Random, days: list[date]) -> set[tuple[int, date]]:
    """In each school that has several classes one in 18 has not reported for one to three days."""
    silent = set()
    for place in demo.places:
        for school_class in chance.sample(place.classes, max(1, len(place.classes) // 18)):
            silent |= {(school_class.pk, day) for day in days[-chance.randint(1, 3) :]}
    return silent


def every_second(pool: list[tuple[int, int]], near: set[int]) -> list[tuple[int, int]]:
    """The pool with every second child out of `near`: the people whom the login page offers find work."""
    beside = [one for one in pool if one[0] in near]
    others = [one for one in pool if one[0] not in near]
    return [one for pair in zip(others, beside, strict=False) for one in pair]


def once(pool: list[tuple[int, int]], mine: list[Tale]) -> list[Told]:
    """Each tale for one child."""
    return [Told(pk, class_id, tale) for (pk, class_id), tale in zip(pool, mine, strict=False)]


def repeated(
    pool: list[tuple[int, int]], mine: list[Tale], count: int, chance: random.Random, days: list[date]
) -> list[Told]:
    """Tales drawn by their shares; those that end well may lie anywhere in the days."""
    drawn = chance.choices(mine, weights=[tale.share for tale in mine], k=count)
    told = []
    for (pk, class_id), tale in zip(pool, drawn, strict=False):
        room = len(days) - 1 - max(first for first, _ in tale.absent)
        told.append(Told(pk, class_id, tale, chance.randint(0, room) if tale.close and room > 0 else 0))
    return told
