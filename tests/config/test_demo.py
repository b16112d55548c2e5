"""The demonstration county: repeatable, full of every stage, and the same whether built one by one or in bulk."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import models, transaction

from agencies.choices import Role, UnitKind
from agencies.models import Adoption, AuditRow, PolicyVersion, Post, Unit, UnitDutyDone, User
from agencies.queries.people import demo_accounts
from agencies.queries.policies import policy_of
from agencies.queries.unit_duties import duty_rows
from agencies.rules.unit_state import OVERDUE
from cases.choices import CaseOrigin, EventKind, Stage
from cases.models import Case, DutyRow, Event
from cases.rules.standing import WAITING
from config.demo.builder import Demo, build_by_bulk, build_small, large_of
from config.demo.data import county_data, tales
from notices.models import Notice, Service
from students.choices import PartOfDay
from students.models import Absence, HomeVisit, HouseholdMember, RollCall, Spell, Student
from students.rules.identity import check_document
from tests.counties import KEYS

pytestmark = pytest.mark.django_db

# Early in a term, so that the days filled reach back over a summer into the school year before.
ON = date(2026, 10, 16)
SEED = 7

COMPARED: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (
        RollCall,
        ("school_class_id", "school_id", "day", "part", "version", "expected", "absent", "taken_by", "taken_at"),
    ),
    (Absence, ("student_id", "school_class_id", "day", "part", "reason", "note", "recorded_at", "recorded_by")),
    (Spell, ("student_id", "school_id", "first_day", "last_day", "half_days")),
    (
        Case,
        (
            "student_id", "origin", "school_id", "school_class_id", "village_id", "township_id", "opened_on",
            "opened_at", "closed_on", "outcome", "version", "cause", "stage", "step", "step_name", "owner_role",
            "owner_unit_id", "next_due_on", "overdue", "absent_half_days", "relapses", "sentence", "changes_on",
            "refreshed_at",
        ),
    ),
    (
        DutyRow,
        (
            "case__student_id", "step", "round", "name", "owner_role", "owner_unit_id", "stage", "state", "opened_on",
            "due_on", "done_on", "delay_days",
        ),
    ),
    (
        Event,
        (
            "case__student_id", "kind", "happened_on", "recorded_at", "recorded_name", "recorded_post", "unit_id",
            "step",
        ),
    ),
    (AuditRow, ("at", "actor", "post", "verb", "object_kind", "child_number")),
)  # fmt: skip


def shown(model: type[models.Model]) -> models.QuerySet[Any]:
    """The rows that are compared: bulk actions make no papers, so the audit of papers is left out."""
    rows = model._default_manager.all()
    return rows.exclude(object_kind="notice") if model is AuditRow else rows


def snapshot() -> dict[str, Counter[tuple[Any, ...]]]:
    """Every compared table as a bag of rows; ids are replaced by the order in which things were made."""
    orders = {
        "unit": {pk: place for place, pk in enumerate(Unit.objects.order_by("id").values_list("pk", flat=True))},
        "student": {pk: place for place, pk in enumerate(Student.objects.order_by("id").values_list("pk", flat=True))},
    }
    orders["school"] = orders["school_class"] = orders["village"] = orders["township"] = orders["unit"]
    orders["owner_unit"], orders["case__student"] = orders["unit"], orders["student"]
    numbers = {
        number: place for place, number in enumerate(Student.objects.order_by("id").values_list("number", flat=True))
    }

    def told(field: str, value: Any) -> Any:
        if field == "child_number":
            return numbers.get(value)
        return orders[field.removesuffix("_id")].get(value) if field.endswith("_id") else value

    return {
        model.__name__: Counter(
            tuple(told(field, value) for field, value in zip(fields, row, strict=True))
            for row in shown(model).values_list(*fields)
        )
        for model, fields in COMPARED
    }


def silence(text: str) -> None:
    """Nobody listens."""


def check_papers() -> None:
    """Reports and orders played by people are papers, with numbers, bytes and services."""
    for kind in (EventKind.REPORT_SENT, EventKind.NOTICE_ISSUED):
        events = Event.objects.filter(kind=kind).count()
        papers = Notice.objects.filter(event__kind=kind, state="issued")
        assert papers.count() == events > 0
        assert all(len(paper.pdf or b"") > 1000 for paper in papers)
    orders = Notice.objects.filter(event__kind=EventKind.NOTICE_ISSUED)
    assert len({paper.number for paper in orders}) == orders.count()
    assert Service.objects.count() == Event.objects.filter(kind=EventKind.NOTICE_SERVED).count() > 0


@pytest.mark.long
def test_people_make_whole_papers_and_bulk_actions_write_what_people_would_have_written() -> None:
    with transaction.atomic():
        build_small(seed=SEED, on=ON, say=silence, scenes=False)
        check_papers()
        one_by_one = snapshot()
        transaction.set_rollback(True)
    build_by_bulk(seed=SEED, on=ON, say=silence)
    bulk = snapshot()
    for table in one_by_one:
        assert one_by_one[table], table
        assert sorted((one_by_one[table] - bulk[table]).elements(), key=str)[:3] == [], table
        assert sorted((bulk[table] - one_by_one[table]).elements(), key=str)[:3] == [], table


@pytest.mark.long
@pytest.mark.django_db
def test_the_large_county_runs_all_five_plans_and_closes_cases_under_them() -> None:
    few = replace(county_data().large, townships=len(KEYS), schools=1, classes=6, villages=2)
    demo = Demo(SEED, ON, silence, data=replace(county_data(), large=few))
    large_of(demo)
    assert set(Case.objects.values_list("policy__key", flat=True)) == set(KEYS)
    assert not Case.objects.filter(closed_on__isnull=True, changes_on__lte=ON).exists()


@pytest.fixture(scope="module")
def small(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The small county stands in the database for the tests of this file that follow; then it is gone again."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_by_bulk(seed=SEED, on=ON, say=silence, scenes=True)
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("small")
@pytest.mark.long
class TestTheSmallCounty:
    def test_it_has_a_case_at_every_stage_and_some_overdue(self) -> None:
        stages = set(Case.objects.values_list("stage", flat=True))
        planned = {step.stage for row in Adoption.objects.all() for step in policy_of(row.version).steps}
        # Nobody of the demonstration goes to the county: the plan with that level is shown by a few children alone.
        assert stages == planned - {Stage.COUNTY} | {Stage.RETURNED, Stage.CLOSED, Stage.HELP}
        assert Case.objects.filter(overdue=True).exists()

    def test_one_case_is_closed_and_one_has_relapsed_under_each_plan(self) -> None:
        for key in {tale.plan for tale in tales()}:
            mine = Case.objects.filter(policy__key=key)
            assert mine.filter(closed_on__isnull=False, outcome="returned").exists()
            assert mine.filter(relapses__gt=0, closed_on__isnull=True).exists()

    def test_every_tale_became_a_case(self) -> None:
        told = Case.objects.exclude(origin__in=(CaseOrigin.APPLICATION, CaseOrigin.HELP))
        assert told.count() == len(tales())

    def test_each_township_runs_a_plan_for_show_and_all_five_are_there_to_rehearse(self) -> None:
        adopted = Adoption.objects.select_related("unit", "version")
        assert {row.unit.kind for row in adopted} == {UnitKind.TOWNSHIP}
        assert len({row.version.key for row in adopted}) == len(adopted) == 3
        assert set(PolicyVersion.objects.values_list("key", flat=True)) == set(KEYS)
        assert all("演示" in row.note for row in adopted)

    def test_most_duties_of_units_are_done_and_some_are_not(self) -> None:
        county = Unit.objects.get(kind=UnitKind.COUNTY)
        overdue = [row for row in duty_rows([county.path], ON) if row.state == OVERDUE]
        assert 0 < len(overdue) < UnitDutyDone.objects.count() / 4

    def test_a_child_put_off_is_placed_and_asked_after_before_its_time_is_over(self) -> None:
        case = Case.objects.get(origin=CaseOrigin.APPLICATION)
        assert case.stage == Stage.PLACED
        assert DutyRow.objects.filter(case=case, step="lapse", state__in=WAITING).exists()

    def test_it_lives_in_one_household_with_its_brother(self) -> None:
        homes = HouseholdMember.objects.filter(last_day__isnull=True).values_list("household_id", flat=True)
        assert max(Counter(homes).values()) == 2

    def test_children_are_taught_at_home_by_two_teachers_week_by_week(self) -> None:
        visits = HomeVisit.objects.all()
        assert visits.count() >= 4
        assert all(
            visit.teacher and visit.second_teacher and visit.teacher != visit.second_teacher for visit in visits
        )

    def test_a_class_takes_its_register_each_half_day(self) -> None:
        assert RollCall.objects.filter(day=ON, part=PartOfDay.MORNING).count() == 1

    def test_the_justice_office_has_something_to_do(self) -> None:
        assert DutyRow.objects.filter(owner_role=Role.JUSTICE_OFFICE, state__in=WAITING).exists()

    def test_one_child_has_a_plan_with_somebody_by_its_side_and_one_a_category(self) -> None:
        planned = Event.objects.exclude(case__stage=Stage.HELP).get(kind=EventKind.SUPPORT_PLAN)
        assert Event.objects.filter(case=planned.case, kind=EventKind.COMPANION_NAMED).exists()
        assert Event.objects.get(kind=EventKind.CATEGORY_DECIDED).case.policy.key == "hulin-2020"

    def test_a_child_who_comes_to_school_is_helped_by_plan_and_has_no_case(self) -> None:
        helped = Case.objects.get(stage=Stage.HELP)
        assert not helped.duties.exists()
        assert Event.objects.filter(case=helped, kind=EventKind.SUPPORT_PLAN).exists()
        assert not Case.objects.counted().filter(pk=helped.pk).exists()

    def test_somebody_holds_every_role(self) -> None:
        assert set(Post.objects.values_list("role", flat=True)) == set(Role.values)

    def test_the_village_secretary_of_the_login_page_finds_work(self) -> None:
        offered = next(row for row in demo_accounts(ON) if row["label"] == Role.VILLAGE_SECRETARY.label)
        village = Post.objects.get(user__username=offered["username"]).unit
        assert DutyRow.objects.filter(owner_unit=village, state__in=WAITING).exists()
        assert Case.objects.filter(village=village, closed_on__isnull=True).count() > 1

    def test_nobody_can_type_a_way_in(self) -> None:
        assert not any(user.has_usable_password() or user.must_change_password for user in User.objects.all())

    def test_the_children_are_many_their_numbers_pass_and_some_have_none(self) -> None:
        children = list(Student.objects.all())
        assert len(children) >= 300
        assert all(
            not check_document(c.document_kind, c.document_number, sex=c.sex, born_on=c.birth_date) for c in children
        )
        assert {c.document_kind for c in children} == {"none", "resident_card"}
        names = {c.name for c in children}
        assert any("䶮" in name for name in names)
        assert any("㛃" in name for name in names)
        assert any(len(name) == 2 for name in names)

    def test_about_two_in_a_hundred_are_absent(self) -> None:
        expected = sum(RollCall.objects.values_list("expected", flat=True))
        assert 0.01 < Absence.objects.count() / expected < 0.04

    def test_some_classes_have_not_reported_on_the_last_day(self) -> None:
        classes = Unit.objects.filter(kind=UnitKind.CLASS).count()
        assert 0 < RollCall.objects.filter(day=ON).count() < classes

    def test_loading_again_keeps_what_is_there(self) -> None:
        before, out = Student.objects.count(), StringIO()
        call_command("load_demo", stdout=out)
        assert "保留不动" in out.getvalue()
        assert Student.objects.count() == before
