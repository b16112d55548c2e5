"""Registers of half a day: 上午 and 下午 apart, an afternoon off, an afternoon nobody reported."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.actions.calendars import add_entry
from agencies.choices import CalendarKind, Role
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from agencies.rules.calendar import AFTERNOON, BOTH, MORNING
from students.actions.roll import RollRefusedError, confirm_all_present, save_roll
from students.choices import AbsenceReason, PartOfDay
from students.models import Absence, Correction, RollCall, Spell, Student
from students.queries.roll import roll_facts_of, school_year_start
from students.queries.silence import silent_classes
from students.rules.attendance import (
    ABSENT,
    DEFAULT_COUNTING,
    PRESENT,
    UNKNOWN,
    Attendance,
    Mark,
    RollFacts,
    roll_days,
    spells,
)
from students.rules.roll import Change, Value, joined, part_asked, parts_due, parts_of, rest_of, said_of, within
from tests import make
from tests.students.pages import House, clock_at, house, open_class, page_of, signed_in, text_of

pytestmark = pytest.mark.django_db
AM, PM = PartOfDay.MORNING, PartOfDay.AFTERNOON
DAY, BEFORE = make.DAY, date(2026, 11, 10)


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def children(place: House) -> list[Student]:
    return [make.child(place.school_class, name) for name in ("安小明", "白小红", "陈小刚")]


def entry(at: Unit, kind: CalendarKind, first: date = make.TERM_START, last: date = make.TERM_END) -> None:
    now = make.moment(make.TERM_START)
    add_entry(by=make.SYSTEM, unit=at, kind=kind, first_day=first, last_day=last, name="登记", now=now)


def take(at: Unit, part: PartOfDay, absent: dict[Student, str] | None = None, day: date = DAY, hour: int = 0) -> Any:
    """The register of half a day."""
    changes = [Change(child.pk, Value(), Value(reason, part)) for child, reason in (absent or {}).items()]
    now = make.moment(day, hour or (8 if part == AM else 14))
    calendar = calendar_of(at, day)
    return save_roll(by=make.SYSTEM, school_class=at, day=day, changes=changes, calendar=calendar, now=now, part=part)


def days_of(child: Student, at: Unit, first: date = DAY, last: date = DAY) -> list[Attendance]:
    roll = roll_facts_of([child.pk], school_year_start(first))[child.pk]
    return roll_days(DEFAULT_COUNTING, calendar_of(at, first), roll, first, last).said


def test_a_class_owes_the_registers_its_calendar_says(place: House) -> None:
    calendar = calendar_of(place.school_class, DAY)
    assert (parts_of(calendar, DAY), calendar.halved) == ((PartOfDay.DAY,), False)
    entry(place.school, CalendarKind.HALVES, first=DAY)
    calendar = calendar_of(place.school_class, DAY)
    assert parts_of(calendar, BEFORE) == (PartOfDay.DAY,)
    assert parts_of(calendar, DAY) == (AM, PM)
    assert parts_due(calendar, DAY, make.moment(DAY, 8)) == (AM,)
    assert part_asked(calendar, DAY, make.moment(DAY, 8), "") == AM
    assert part_asked(calendar, DAY, make.moment(DAY, 14), "") == PM
    assert part_asked(calendar, DAY, make.moment(DAY, 14), "am") == AM
    entry(place.school_class, CalendarKind.WHOLE)
    assert parts_of(calendar_of(place.school_class, DAY), DAY) == (PartOfDay.DAY,)


def test_an_afternoon_off_leaves_the_morning_and_both_halves_off_leave_nothing(place: House) -> None:
    entry(place.school, CalendarKind.CLOSED_PM, DAY, DAY)
    calendar = calendar_of(place.school_class, DAY)
    assert (calendar.registers(DAY), calendar.half_days) == ((MORNING,), {DAY: MORNING})
    assert calendar.label(DAY) == "2026-11-11（周三，只上上午）"
    entry(place.school, CalendarKind.CLOSED_AM, DAY, DAY)
    calendar = calendar_of(place.school_class, DAY)
    assert (calendar.is_school_day(DAY), calendar.why_closed(DAY)) == (False, "停课：上午、下午均停课")


def test_values_of_half_days_come_apart_and_together() -> None:
    sick = Value("sick", PartOfDay.DAY, "发烧")
    assert within(sick, AM) == Value("sick", AM, "发烧")
    assert within(Value("sick", AM), PM) == Value(part=PM)
    assert (rest_of("day", "pm"), rest_of("am", "am")) == (AM, None)
    assert joined(Value("sick", AM), Value("sick", PM)) == Value("sick")
    assert joined(Value("sick", AM), Value("unexcused", PM)).reason == "unexcused"
    marks = [Value("unexcused", PM), Value("sick", AM)]
    assert [said_of(marks, part) for part in (AM, PM)] == [Value("sick", AM), Value("unexcused", PM)]
    assert said_of(marks, "day") == Value("unexcused", "day", "病假（上午），无故（下午）")
    assert said_of([], AM).text == "到校"


@pytest.mark.parametrize(
    ("halves", "marks", "kind", "unexcused", "unknown"),
    [
        ((MORNING, AFTERNOON), (), PRESENT, 0, 0),
        ((MORNING,), (), UNKNOWN, 0, 1),
        ((MORNING,), (AM,), ABSENT, 1, 1),
        ((MORNING, AFTERNOON), (PM,), ABSENT, 1, 0),
        ((MORNING, AFTERNOON), (AM, PM), ABSENT, 2, 0),
    ],
)
def test_an_unknown_half_is_neither_present_nor_absent(
    place: House, halves: tuple[int, ...], marks: tuple[PartOfDay, ...], kind: int, unexcused: int, unknown: int
) -> None:
    at = make.moment(DAY)
    facts = RollFacts(
        tuple(Mark(DAY, part, AbsenceReason.UNEXCUSED, at) for part in marks), {}, {DAY: dict.fromkeys(halves, at)}
    )
    (row,) = roll_days(DEFAULT_COUNTING, calendar_of(place.school_class, DAY), facts, DAY, DAY).said
    assert (row.kind, row.unexcused, row.unknown) == (kind, unexcused, unknown)


def test_as_known_at_noon_the_afternoon_is_unknown(place: House) -> None:
    facts = RollFacts((), {}, {DAY: {MORNING: make.moment(DAY, 8), AFTERNOON: make.moment(DAY, 14)}})
    calendar = calendar_of(place.school_class, DAY)
    (noon,) = roll_days(DEFAULT_COUNTING, calendar, facts, DAY, DAY, make.moment(DAY, 12)).said
    (evening,) = roll_days(DEFAULT_COUNTING, calendar, facts, DAY, DAY, make.moment(DAY, 20)).said
    assert (noon.kind, noon.unknown, evening.kind) == (UNKNOWN, 1, PRESENT)


def test_a_half_day_counts_half_and_all_of_a_short_day_no_more(place: House) -> None:
    entry(place.school, CalendarKind.CLOSED_PM, DAY, DAY)
    calendar, at = calendar_of(place.school_class, DAY), make.moment(DAY)
    for part in (AM, PartOfDay.DAY):
        roll = RollFacts((Mark(DAY, part, AbsenceReason.UNEXCUSED, at),))
        (row,) = roll_days(DEFAULT_COUNTING, calendar, roll, DAY, DAY).said
        assert (row.kind, row.unexcused, row.halves) == (ABSENT, 1, 1)
        assert [spell.half_days for spell in spells(roll, calendar, DAY)] == [1]


def test_morning_and_afternoon_are_two_registers_of_one_day(place: House, children: list[Student]) -> None:
    one, two, three = children
    entry(place.school, CalendarKind.HALVES)
    take(place.school_class, AM, {one: "unexcused", two: "sick"})
    assert [row.kind for row in days_of(three, place.school_class)] == [UNKNOWN]
    take(place.school_class, PM, {one: "unexcused"})
    assert list(RollCall.objects.order_by("part").values_list("part", "absent")) == [("am", 2), ("pm", 1)]
    assert Absence.objects.filter(student=one, superseded_at__isnull=True).count() == 2
    assert Spell.objects.get(student=one).half_days == 2
    assert [row.kind for row in days_of(three, place.school_class)] == [PRESENT]
    (row,) = days_of(two, place.school_class)
    assert (row.excused, row.unknown) == (1, 0)


def test_saved_twice_nothing_doubles_and_the_other_half_stands(place: House, children: list[Student]) -> None:
    one = children[0]
    entry(place.school, CalendarKind.HALVES)
    for _ in range(2):
        take(place.school_class, AM, {one: "unexcused"})
    take(place.school_class, PM)
    assert (RollCall.objects.count(), Absence.objects.count()) == (2, 1)
    change = Change(one.pk, Value("unexcused", AM), Value())
    calendar = calendar_of(place.school_class, DAY)
    now = make.moment(DAY, 15)
    save_roll(
        by=make.SYSTEM, school_class=place.school_class, day=DAY, changes=[change], calendar=calendar, now=now, part=AM
    )
    assert not Absence.objects.filter(superseded_at__isnull=True).exists()


def test_a_mark_of_the_whole_day_keeps_the_half_that_is_not_corrected(place: House, children: list[Student]) -> None:
    one = children[0]
    make.roll(place.school_class, DAY, {one: "sick"})
    entry(place.school, CalendarKind.HALVES)
    calendar = calendar_of(place.school_class, DAY)
    change = Change(one.pk, Value("sick", PM), Value())
    now = make.moment(DAY, 15)
    save_roll(
        by=make.SYSTEM, school_class=place.school_class, day=DAY, changes=[change], calendar=calendar, now=now, part=PM
    )
    (mark,) = Absence.objects.filter(superseded_at__isnull=True)
    assert (mark.part, mark.reason) == ("am", "sick")


def test_an_afternoon_is_not_registered_before_noon_nor_a_whole_day_in_its_place(
    place: House, children: list[Student]
) -> None:
    entry(place.school, CalendarKind.HALVES)
    with pytest.raises(RollRefusedError, match="12:00以后"):
        take(place.school_class, PM, hour=9)
    with pytest.raises(RollRefusedError, match="按上午、下午点名"):
        make.roll(place.school_class, DAY)
    assert not RollCall.objects.exists()


def test_on_an_afternoon_off_the_one_register_is_the_mornings(place: House, children: list[Student]) -> None:
    entry(place.school, CalendarKind.CLOSED_PM, DAY, DAY)
    make.roll(place.school_class, DAY, {children[0]: "unexcused"})
    assert RollCall.objects.get().part == "am"
    assert Absence.objects.get().part == "am"
    assert Spell.objects.get().half_days == 1
    assert [row.kind for row in days_of(children[1], place.school_class)] == [PRESENT]


def test_the_class_page_has_a_tab_each_and_one_tap_each(place: House, children: list[Student]) -> None:
    entry(place.school, CalendarKind.HALVES)
    teacher = signed_in(Role.CLASS_TEACHER, place.school_class)
    with clock_at(hour=8):
        morning = open_class(teacher, place.school_class)
        assert 'data-testid="parts"' in morning.html
        assert "one-part" in morning.html
        morning.mark(children[0], "sick")
        saved = morning.client.post(f"{morning.url}?part=am", morning.sent())
        assert saved["Location"] == f"/roll/{place.school_class.pk}/?part=am"
        early = text_of(teacher.get(f"/roll/{place.school_class.pk}/?part=pm"))
        assert "12:00以后" in early
    assert (RollCall.objects.get().part, Absence.objects.get().part) == ("am", "am")
    with clock_at(hour=14):
        afternoon = open_class(teacher, place.school_class)
        assert "病假（上午）" in afternoon.html
        assert afternoon.seen[children[0].pk] == ""
        afternoon.client.post(afternoon.url, afternoon.sent())
    assert sorted(RollCall.objects.values_list("part", "absent")) == [("am", 1), ("pm", 0)]


def test_a_class_with_one_register_has_no_tabs_and_costs_no_query_more(place: House, children: list[Student]) -> None:
    teacher = signed_in(Role.CLASS_TEACHER, place.school_class)

    def cost() -> int:
        with clock_at(hour=14), CaptureQueriesContext(connection) as spent:
            page = text_of(teacher.get(f"/roll/{place.school_class.pk}/"))
        assert ('data-testid="parts"' in page) == bool(calendar_of(place.school_class, DAY).halved)
        return len(spent)

    whole = cost()
    entry(place.school, CalendarKind.HALVES)
    assert cost() == whole <= 10


def test_a_half_days_save_costs_at_most_twenty_queries(place: House, children: list[Student]) -> None:
    entry(place.school, CalendarKind.HALVES)
    take(place.school_class, AM, {children[0]: "unexcused"})
    with CaptureQueriesContext(connection) as spent:
        take(place.school_class, PM, dict.fromkeys(children, "unexcused"))
    assert len(spent) <= 20


def test_the_registrar_sees_which_half_is_missing_and_confirms_only_what_has_come(
    place: House, children: list[Student]
) -> None:
    entry(place.school, CalendarKind.HALVES)
    registrar = signed_in(Role.REGISTRAR, place.school)
    url = f"/schools/{place.school.pk}/roll/"
    with clock_at(hour=9):
        registrar.post(f"{url}confirm/", {"class": place.school_class.pk})
        assert list(RollCall.objects.values_list("part", flat=True)) == ["am"]
        assert "下午未报" not in text_of(registrar.get(url))
    with clock_at(hour=14):
        assert "下午未报" in text_of(registrar.get(url))
        registrar.post(f"{url}confirm/", {"class": place.school_class.pk})
        assert "下午未报" not in text_of(registrar.get(url))
    assert RollCall.objects.count() == 2


def mark(client: Client, place: House, child: Student, reason: str, part: str, seen: str = "") -> Any:
    typed = {"child": child.pk, "reason": reason, "part": part, "seen": seen}
    return client.post(f"/schools/{place.school.pk}/roll/mark/", typed)


def test_the_registrar_marks_a_half_or_both_and_takes_one_back(place: House, children: list[Student]) -> None:
    one = children[0]
    entry(place.school, CalendarKind.HALVES)
    registrar = signed_in(Role.REGISTRAR, place.school)
    with clock_at(hour=9):
        mark(registrar, place, one, "sick", "day")
        assert sorted(Absence.objects.values_list("part", flat=True)) == ["am", "pm"]
        page = text_of(registrar.get(f"/schools/{place.school.pk}/roll/"))
        assert 'data-testid="day-absent">1<' in page
        registrar.post(f"/schools/{place.school.pk}/roll/unmark/", {"child": one.pk, "seen": "sick:pm:"})
        assert list(Absence.objects.filter(superseded_at__isnull=True).values_list("part", flat=True)) == ["am"]
        assert mark(registrar, place, one, "unexcused", "day", "").status_code == 400
        assert mark(registrar, place, one, "unexcused", "pm", "").status_code == 302
    standing = Absence.objects.filter(superseded_at__isnull=True).order_by("part")
    assert list(standing.values_list("part", "reason")) == [("am", "sick"), ("pm", "unexcused")]


def test_confirming_leaves_out_classes_that_reported_both_halves(place: House, children: list[Student]) -> None:
    entry(place.school, CalendarKind.HALVES)
    take(place.school_class, AM)
    calendars = {place.school_class.pk: calendar_of(place.school_class, DAY)}

    def confirm() -> int:
        return confirm_all_present(
            by=make.SYSTEM, classes=[place.school_class], day=DAY, calendars=calendars, now=make.moment(DAY, 15)
        )

    assert (confirm(), confirm(), RollCall.objects.count()) == (1, 0, 2)


@pytest.mark.parametrize("level", ["school", "school_class"])
def test_an_afternoon_nobody_reported_is_a_silent_day(place: House, children: list[Student], level: str) -> None:
    entry(getattr(place, level), CalendarKind.HALVES, first=BEFORE)
    make.roll(place.school_class, date(2026, 11, 9))
    take(place.school_class, AM, day=BEFORE)
    (silent,) = silent_classes(place.school, DAY)
    assert (silent.owner, silent.silence.text) == (
        "principal",
        "11-10（周二）起1个上课日未报，其中1天只报了半天",
    )
    take(place.school_class, PM, day=BEFORE)
    assert silent_classes(place.school, DAY) == []


def test_the_mornings_register_alone_is_all_of_a_short_day(place: House, children: list[Student]) -> None:
    entry(place.county, CalendarKind.CLOSED_PM, BEFORE, BEFORE)
    make.roll(place.school_class, date(2026, 11, 9))
    make.roll(place.school_class, BEFORE)
    assert silent_classes(place.county, DAY) == []
    assert calendar_of(place.school_class, DAY).half_days == {BEFORE: MORNING}
    assert BOTH == MORNING | AFTERNOON


def test_a_half_day_that_carries_a_duty_waits_for_a_second_person_and_only_that_half_goes(
    place: House, children: list[Student]
) -> None:
    one = children[0]
    entry(place.school, CalendarKind.HALVES, first=BEFORE)
    make.roll(place.school_class, date(2026, 11, 9), {one: "unexcused"})
    for part in (AM, PM):
        take(place.school_class, part, {one: "unexcused"}, day=BEFORE)
    take(place.school_class, AM, {one: "unexcused"})
    take(place.school_class, PM, {one: "unexcused"})
    teacher, principal = signed_in(Role.CLASS_TEACHER, place.school_class), signed_in(Role.PRINCIPAL, place.school)
    after = date(2026, 11, 12)
    with clock_at(after):
        url = f"/roll/{place.school_class.pk}/?day={DAY.isoformat()}&part=pm"
        page = page_of(teacher, url, text_of(teacher.get(url)))
        page.mark(one, "", "pm")
        assert page.save(correction_reason="当日误登记").status_code == 302
        waiting = Correction.objects.get()
        assert waiting.wanted == {"reason": "", "part": "pm", "note": ""}
        assert Absence.objects.filter(day=DAY, superseded_at__isnull=True).count() == 2
        assert principal.post(f"/corrections/{waiting.pk}/", {"answer": "yes"}).status_code == 302
    assert Absence.objects.get(day=DAY, superseded_at__isnull=True).part == "am"
    assert sum(Spell.objects.filter(student=one).values_list("half_days", flat=True)) == 5


def test_two_halves_are_corrected_as_one_day_once_the_class_registers_whole_days(
    place: House, children: list[Student]
) -> None:
    one = children[0]
    entry(place.school, CalendarKind.HALVES)
    take(place.school_class, AM, {one: "sick"})
    take(place.school_class, PM, {one: "unexcused"})
    entry(place.school_class, CalendarKind.WHOLE)
    teacher = signed_in(Role.CLASS_TEACHER, place.school_class)
    with clock_at(hour=15):
        page = open_class(teacher, place.school_class)
        assert page.seen[one.pk] == "unexcused:day:病假（上午），无故（下午）"
        page.mark(one, "")
        assert page.save().status_code == 302
    assert not Absence.objects.filter(superseded_at__isnull=True).exists()


def test_a_day_marked_whole_counts_half_once_its_afternoon_is_off(place: House, children: list[Student]) -> None:
    make.roll(place.school_class, BEFORE, {children[0]: "unexcused"})
    entry(place.school, CalendarKind.CLOSED_PM, BEFORE, BEFORE)
    with clock_at():
        page = signed_in(Role.CLASS_TEACHER, place.school_class).get(f"/students/{children[0].pk}/")
    assert "本学期缺课 0.5 天" in text_of(page)
