"""The figures of a unit: what is counted, of which children, on which day."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from lxml import html

from agencies.actions import calendars
from agencies.choices import CalendarKind, Role, UnitKind
from agencies.models import Unit
from agencies.queries.calendars import calendar_of
from cases.actions.closing import close_case
from cases.choices import EventKind, Outcome, Stage
from cases.models import Case
from cases.queries import case_figures, figure_lists, figures
from cases.queries.figures import Ground, ground_of
from students.actions.roll import save_roll
from students.choices import PartOfDay
from students.models import Student
from students.queries.roll import roll_facts_of
from students.rules.attendance import DEFAULT_COUNTING, roll_days, tally
from students.rules.roll import Change, Value
from tests import make
from tests.cases.scene import ABSENT_DAYS, Scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, WEDNESDAY = ABSENT_DAYS
THURSDAY = WEDNESDAY + timedelta(days=1)


def ground(unit: Unit, on: date = make.DAY, today: date | None = None) -> Ground:
    return ground_of(unit, on, today or on)


def runs(unit: Unit, days: int, on: date, today: date | None = None) -> set[int]:
    return set(figures.in_a_row(ground(unit, on, today), days).values_list("student_id", flat=True))


def often(unit: Unit, days: int, on: date) -> dict[int, int]:
    return {row.student_id: row.halves for row in figures.absent_in_term(ground(unit, on), days)}


def school_days(place: Scene, count: int, until: date = make.DAY) -> list[date]:
    return calendar_of(place.school, until).school_days(make.TERM_START, until)[-count:]


def test_classes_are_reported_unreported_or_not_owed() -> None:
    place = scene()
    place.child()
    quiet, empty, closed = (make.school_class(place.school, f"五（{n}）班") for n in (2, 3, 4))
    make.child(quiet)
    make.child(closed)
    calendars.add_entry(
        by=make.SYSTEM,
        unit=closed,
        kind=CalendarKind.CLOSED,
        first_day=make.DAY,
        last_day=make.DAY,
        name="研学",
        now=make.moment(make.DAY),
    )
    make.roll(place.school_class)
    found = figures.reporting_of(ground(place.school))
    assert (found.reported, found.unreported, found.owed) == (1, 1, 2)
    assert list(figures.unreported_classes(ground(place.county))) == [quiet]
    assert empty not in figures.classes_with_children(ground(place.school))


def test_on_a_closed_day_only_the_class_that_has_school_owes_a_register() -> None:
    place = scene()
    other = make.school_class(place.school, "九（1）班", 9)
    make.child(other)
    place.child()
    saturday = date(2026, 11, 14)
    assert figures.reporting_of(ground(place.school, saturday)).owed == 0
    calendars.add_entry(
        by=make.SYSTEM,
        unit=place.school,
        kind=CalendarKind.OPEN,
        first_day=saturday,
        last_day=saturday,
        name="补课",
        grade=9,
        now=make.moment(make.DAY),
    )
    assert list(figures.unreported_classes(ground(place.county, saturday))) == [other]


def test_silence_of_a_class_is_found_whatever_its_school_and_county_do() -> None:
    place, days = scene(), [date(2026, 11, day) for day in (5, 6, 9, 10)]
    late, holes = make.school_class(place.school, "五（2）班"), make.school_class(place.school, "五（3）班")
    for each in (place.school_class, late, holes):
        make.child(each)
    make.rolls(place.school_class, days)
    make.roll(late, days[0])
    make.rolls(holes, [days[0], days[1], days[3]])
    for unit in (place.school, place.township, place.county):
        assert figures.silent_by_owner(ground(unit)) == {"bureau": 1, "principal": 1}
    assert [row.school_class for row in figure_lists.silent(ground(place.county), {"owner": "bureau"})] == [late]


def test_absent_children_are_counted_by_reason_where_their_class_stands() -> None:
    place = scene()
    sister = scene(place.county, "青石")
    sick, away, other = place.child("周甲"), place.child("周乙"), sister.child("周丙")
    make.roll(place.school_class, absent={sick: "sick", away: "unexcused"})
    make.roll(sister.school_class, absent={other: "sick"})
    assert figures.absent_by_reason(ground(place.county)) == {"sick": 2, "unexcused": 1}
    assert figures.absent_by_reason(ground(place.township)) == {"sick": 1, "unexcused": 1}
    assert figures.absent_by_reason(ground(sister.school)) == {"sick": 1}


def test_a_child_absent_both_halves_of_a_day_is_one_child_under_the_reason_of_the_afternoon() -> None:
    place = scene()
    both, mixed, half = (place.child(name) for name in ("周甲", "周乙", "周丙"))
    calendars.add_entry(
        by=make.SYSTEM,
        unit=place.school,
        kind=CalendarKind.HALVES,
        first_day=make.TERM_START,
        last_day=make.TERM_END,
        name="分半天点名",
        now=make.moment(make.TERM_START),
    )

    def take(part: PartOfDay, hour: int, absent: dict[Student, str]) -> None:
        save_roll(
            by=make.SYSTEM,
            school_class=place.school_class,
            day=make.DAY,
            changes=[Change(child.pk, Value(), Value(reason, part)) for child, reason in absent.items()],
            calendar=calendar_of(place.school_class, make.DAY),
            now=make.moment(make.DAY, hour),
            part=part,
        )

    take(PartOfDay.MORNING, 8, {both: "sick", mixed: "personal"})
    assert figures.absent_by_reason(ground(place.school)) == {"sick": 1, "personal": 1}
    take(PartOfDay.AFTERNOON, 14, {both: "sick", mixed: "unexcused", half: "sick"})
    assert figures.absent_by_reason(ground(place.school)) == {"sick": 2, "unexcused": 1}
    with at(hour=16):
        url = reverse("cases:figure_list", args=["absent"])
        principal = client(place.person(Role.PRINCIPAL, place.school))
        page = html.fromstring(principal.get(url).content)
        narrowed = html.fromstring(principal.get(f"{url}?reason=personal").content)
    told = [" ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")]
    assert len(told) == 3
    assert "病假（下午）" in told[0]
    assert "病假（上午、下午）" in told[1]
    assert "上午事假，下午无故" in told[2]
    assert narrowed.xpath("//tbody/tr") == []


def test_a_village_counts_the_children_who_live_there_wherever_they_go_to_school() -> None:
    place = scene()
    sister = scene(place.county, "青石")
    away = make.child(sister.school_class, residence=place.village)
    by_hukou = make.child(sister.school_class, hukou=place.village)
    make.child(place.school_class, residence=sister.village)
    days = school_days(place, 10)
    make.rolls(sister.school_class, days, {away: "unexcused", by_hukou: "unexcused"})
    here = ground(place.village)
    assert figures.enrolled_count(here) == 2
    assert figures.absent_by_reason(here) == {"unexcused": 2}
    assert runs(place.village, 10, make.DAY) == {away.pk, by_hukou.pk}
    assert often(place.village, 10, make.DAY) == {away.pk: 20, by_hukou.pk: 20}


def test_another_county_on_the_same_server_is_not_counted() -> None:
    place = scene()
    make.rolls(place.school_class, school_days(place, 10), {place.child(): "unexcused"})
    other = scene(make.county("临江县", code="990202"), "临江")
    gone = other.child("周远")
    make.rolls(other.school_class, school_days(other, 10), {gone: "unexcused"})
    here = ground(other.county)
    assert not here.whole
    assert figures.reporting_of(here).reported == 1
    assert figures.absent_by_reason(here) == {"unexcused": 1}
    assert runs(other.county, 3, make.DAY) == set(often(other.county, 10, make.DAY)) == {gone.pk}
    assert case_figures.case_figures(here).open == 1
    assert figures.enrolled_count(here) == 1


def test_a_run_is_paused_by_silence_and_ended_by_presence() -> None:
    place = scene()
    child = place.child()
    make.rolls(place.school_class, ABSENT_DAYS, {child: "unexcused"})
    assert runs(place.school, 3, WEDNESDAY) == runs(place.county, 3, THURSDAY) == {child.pk}
    make.roll(place.school_class, THURSDAY)
    assert runs(place.school, 3, THURSDAY) == set()
    assert runs(place.school, 3, WEDNESDAY, today=THURSDAY) == {child.pk}


def test_as_of_a_past_day_a_run_is_as_long_as_it_was_then() -> None:
    place = scene()
    child = place.child()
    make.rolls(place.school_class, [*ABSENT_DAYS, THURSDAY], {child: "unexcused"})
    assert runs(place.school, 3, TUESDAY, today=THURSDAY) == set()
    (run,) = figures.in_a_row(ground(place.school, WEDNESDAY, THURSDAY), 3)
    assert run.halves == 6


def test_runs_are_those_the_rules_count_on_every_day() -> None:
    """The table of runs against the rule itself, over a roll with gaps, half days, leave and correction."""
    place, chance = scene(), random.Random(7)
    children = [place.child(f"周{n}") for n in "甲乙丙丁戊己"]
    days = school_days(place, 14)
    for day in days:
        if chance.random() < 0.85:
            words = ("", "", "unexcused", "unexcused", "unexcused", "sick", "pm:unexcused")
            absent = {child: word for child in children if (word := chance.choice(words))}
            make.roll(place.school_class, day, absent)
    calendar = calendar_of(place.school, make.DAY)
    rolls = roll_facts_of([child.pk for child in children], make.TERM_START)
    for day in days:
        expected = {
            pk
            for pk, roll in rolls.items()
            if tally(
                DEFAULT_COUNTING, calendar, roll_days(DEFAULT_COUNTING, calendar, roll, make.TERM_START, day)
            ).run_halves
            >= 6
        }
        assert runs(place.school, 3, day, today=days[-1]) == expected, day


def test_ten_days_in_the_term_are_days_not_marks() -> None:
    place = scene()
    whole, half, few = (place.child(f"周{n}") for n in "甲乙丙")
    days = school_days(place, 11)
    make.rolls(place.school_class, days[:9], {whole: "sick", half: "sick", few: "sick"})
    make.rolls(place.school_class, days[9:], {whole: "sick", half: "am:sick"})
    assert often(place.school, 10, make.DAY) == {whole.pk: 22, half.pk: 20}
    assert often(place.school, 10, days[-2]) == {whole.pk: 20}


def test_a_child_that_left_is_no_longer_in_the_lists() -> None:
    place = scene()
    child = place.child()
    make.rolls(place.school_class, school_days(place, 10), {child: "unexcused"})
    Student.objects.get(pk=child.pk).enrolments.update(last_day=make.DAY)
    assert runs(place.county, 3, make.DAY) == set()
    assert often(place.county, 10, make.DAY) == {}


def test_cases_count_where_the_school_or_the_government_line_answers() -> None:
    place = scene()
    sister = scene(place.county, "青石")
    elsewhere = make.child(sister.school_class, "周远", residence=place.village)
    make.rolls(sister.school_class, ABSENT_DAYS, {elsewhere: "unexcused"})
    place.absent(place.child())
    assert case_figures.case_figures(ground(place.township)).open == 2
    assert case_figures.case_figures(ground(sister.township)).open == 1
    assert case_figures.case_figures(ground(place.village)).open == 2
    assert case_figures.case_figures(ground(place.school)).open == 1
    assert case_figures.case_figures(ground(place.county)).open == 2
    found = case_figures.by_place(ground(place.county), "township")
    assert {pk: count.total() for pk, count in found.items()} == {place.township.pk: 2}


def test_a_duty_is_overdue_by_its_date_though_no_night_run_came() -> None:
    place = scene()
    place.absent(place.child(), days=[make.DAY])
    assert case_figures.case_figures(ground(place.school)).overdue_by.total() == 0
    later = case_figures.case_figures(ground(place.school, THURSDAY))
    assert later.overdue_by == {("class_teacher", place.school_class.pk): 1}
    assert later.stale == 1
    kept, due = case_figures.timely_duties(ground(place.school, THURSDAY))
    assert (kept, due) == (0, 1)


def test_closed_and_returned_cases_of_the_term() -> None:
    place = scene()
    one, two = place.absent(place.child("周甲"), place.child("周乙"))
    make.event(one, EventKind.RETURNED, THURSDAY, by=make.SYSTEM)
    make.roll(place.school_class, THURSDAY, {two.student: "unexcused"})
    close_case(
        by=make.SYSTEM, case=two, outcome=Outcome.TRANSFERRED, proof="接收学校在读证明", now=make.moment(THURSDAY, 16)
    )
    counted = case_figures.case_figures(ground(place.school, THURSDAY))
    assert Case.objects.get(pk=one.pk).stage == Stage.RETURNED
    assert (counted.returned, counted.still_out, counted.closed_by) == (1, 0, {Outcome.TRANSFERRED: 1})
    assert list(case_figures.returned_cases(ground(place.school, THURSDAY))) == [one]
    assert list(case_figures.closed_cases(ground(place.county, THURSDAY))) == [two]
    with at(THURSDAY, 17):
        page = text_of(client(place.officer).get("/dashboard/closed/"))
    assert f">{Outcome.TRANSFERRED.label}</a>" in page
    assert f">{Outcome.DIED.label}</a>" not in page


def test_a_child_away_for_an_approved_time_is_not_owed_to_school_and_the_list_is_as_long_as_the_figure() -> None:
    place = scene()
    away, placed = place.absent(place.child("周甲"), place.child("周乙"))
    make.event(placed, EventKind.PLACED, make.DAY, outcome="special_school", proof="就读证明")
    here = ground(place.school)
    counted = case_figures.case_figures(here)
    assert (counted.open, counted.still_out, counted.by_stage[Stage.PLACED]) == (2, 1, 1)
    assert list(figure_lists.open_cases(here, {"out": "1"})) == [away]


def test_a_grid_counts_the_cases_of_those_who_live_there_or_have_their_hukou_there() -> None:
    place = scene()
    grid = make.unit(UnitKind.GRID, "一网格", place.village)
    children = [
        make.child(place.school_class, "周甲", residence=grid),
        make.child(place.school_class, "周乙", hukou=grid),
        place.child("周丙"),
    ]
    by_residence, by_hukou, _ = place.absent(*children)
    assert set(case_figures.open_cases(ground(grid))) == {by_residence, by_hukou}


def test_every_stage_of_an_open_case_has_a_colour_of_its_own_in_charts() -> None:
    css, js = Path("config/static/css/tokens.css"), Path("config/static/js/charts.js")
    values = dict(re.findall(r"(--c-stage-[a-z]+): (#[0-9a-f]{6})", css.read_text(encoding="utf-8")))
    used = [values[name] for name in re.findall(r'"(--c-stage-[a-z]+)"', js.read_text(encoding="utf-8"))]
    assert len(used) == len(set(used)) == len(case_figures.OPEN_STAGES)
