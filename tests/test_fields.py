"""Every field of every model is classed personal or plain; what finds a person is encrypted; every model has a scope.

Personal: says something about an identified child, a member of its family or the holder of an account. Who acted
(the name under a record) is part of the record and stays, like its day: plain.
"""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models

from agencies.fields import EncryptedText
from agencies.models import User
from students.models import Guardian, Student
from tests import make

APPS = ("agencies", "students", "cases", "notices", "config")

# Personal fields, then plain ones. A foreign key is classed by what it adds: that a child has a case is personal.
CLASSED: dict[str, tuple[str, str]] = {
    "agencies.Unit": (
        "",
        "parent kind name short_name code path grade sort_key settings first_day last_day "
        "merged_into closing_document",
    ),
    "agencies.User": (
        "username name phone phone_index password last_login",
        "is_active must_change_password password_changed_at created_at",
    ),
    "agencies.Post": ("user", "unit role first_day last_day"),
    "agencies.Deputy": ("user why", "post first_day last_day"),
    # A child stands here by its internal number alone, so that disposal can empty the child and keep the trail.
    "agencies.AuditRow": (
        "",
        "at actor actor_id post verb object_kind object_id child_number unit_path detail request_id",
    ),
    "agencies.DailySeal": ("", "day rows last_id digest"),
    "agencies.CalendarEntry": ("", "unit grade kind first_day last_day name source"),
    # The table of people of a bulk job waits in its payload until the job is done.
    "agencies.Job": (
        "payload file",
        "kind key state done total step result error attempts lease_until started_by created_at finished_at file_name",
    ),
    "agencies.PolicyVersion": (
        "",
        "key version title document_number valid_from valid_to content digest loaded_at",
    ),
    "agencies.Adoption": ("", "unit version first_day last_day note recorded_at"),
    # Says who met, not about whom: a record names no child.
    "agencies.UnitDutyDone": (
        "",
        "unit version duty period_first done_on proof what place people number recorded_at recorded_by superseded_at "
        "superseded_by superseded_why replaces",
    ),
    "students.ImportBatch": (
        "stored_file mistakes notes",
        "unit file_name file_digest state counts uploaded_by uploaded_by_id uploaded_at applied_at undone_at",
    ),
    "students.ImportRow": (
        "name values changes student before",
        "batch row verdict class_name applied",
    ),
    "students.Student": (
        "name pinyin initials sort_key former_name sex birth_date document_kind document_number document_index "
        "record_number record_index ethnicity residence hukou residence_address hukou_address record",
        "number created_at changed_at",
    ),
    "students.GroupMembership": ("student group source", "first_day last_day"),
    "students.Enrolment": (
        "student class_number proof",
        "school school_class status first_day last_day until begun_by",
    ),
    "students.Household": ("head_name address", "unit"),
    "students.HouseholdMember": ("household student", "first_day last_day why"),
    "students.Apart": ("student other", "recorded_at recorded_by"),
    "students.Guardian": (
        "student name relation is_guardian is_carer phone phone_index spare_phone document_kind document_number "
        "document_index address workplace lives_away away_place",
        "order ended_on",
    ),
    "students.HomeChange": ("student guardian before why", "fact recorded_at recorded_by"),
    "students.HomeVisit": (
        "student place content performance feedback next_plan",
        "school visited_on starts_at ends_at lessons teacher second_teacher next_on token recorded_at recorded_by "
        "superseded_at superseded_by superseded_why replaces",
    ),
    "students.Leave": (
        "student kind asked_by relation proof note",
        "first_day last_day recorded_at recorded_by ended_at ended_by",
    ),
    "students.Proof": (
        "student file_name restricted note withdrawn_why",
        "kind content_type size sha256 has_small taken_on unit recorded_at recorded_by recorded_by_id withdrawn_at "
        "withdrawn_by",
    ),
    "students.LeaveProof": ("", "leave proof"),
    "students.VisitProof": ("", "visit proof"),
    "students.RollCall": (
        "",
        "school_class school day part version expected absent taken_by taken_at changed_at",
    ),
    "students.Absence": (
        "student reason note leave",
        "school_class day part recorded_at recorded_by superseded_at superseded_by superseded_why",
    ),
    "students.Spell": ("student", "school first_day last_day half_days"),
    "students.Correction": (
        "student wanted why decided_why",
        "school_class day state asked_by asked_by_id asked_at decided_by decided_at",
    ),
    "students.Sight": ("student", "unit why may_write until"),
    "cases.Case": (
        "student cause sentence outcome dropped_out_on",
        "policy origin school school_class village township opened_on opened_at closed_on person version stage step "
        "step_name owner_role owner_unit next_due_on overdue absent_half_days relapses changes_on refreshed_at",
    ),
    "cases.Event": (
        "data superseded_why",
        "case kind happened_on happened_at recorded_at recorded_by recorded_name recorded_post unit step token "
        "superseded_at superseded_by replaces",
    ),
    "cases.EventProof": ("", "event proof"),
    "cases.DutyRow": (
        "",
        "case step name owner_role owner_unit stage state round cycle opened_on due_on done_on delay_days",
    ),
    "cases.SavedFilter": ("query", "user page name"),
    "notices.Notice": (
        "addressee addressee_name facts pdf void_reason",
        "case kind title state unit number sha256 deadline_on drafted_by drafted_name drafted_at issued_by "
        "issued_name issued_at issued_on event about report voided_at voided_by token",
    ),
    "notices.UnitReport": (
        "facts pdf",
        "unit township version kind title state number children sha256 issued_by issued_name issued_at issued_on "
        "token",
    ),
    "notices.NoticeProof": ("", "notice proof"),
    "notices.NumberSeries": ("", "unit prefix year last"),
    "notices.Service": (
        "place receiver receiver_relation refusal witness witness_unit evidence note",
        "notice method result happened_at effective_on servers recorded_at recorded_name event receipt superseded_at "
        "superseded_by",
    ),
    "notices.Seal": (
        "note superseded_why",
        "notice unit name sealed_on copies sealed_by approved_by recorded_at recorded_name token superseded_at "
        "superseded_by",
    ),
}

# What finds or identifies a person beyond the name: encrypted at rest, searched by a keyed index.
FINDS_A_PERSON = re.compile(r"(document_number|record_number|phone|address|facts|values|before)$")

# Models without a scope of their own, each with the reason why nobody reaches them past one.
WITHOUT_SCOPE = {
    "agencies.DailySeal": "digests only; read by the audit page behind its permission",
    "agencies.PolicyVersion": "a published plan names no person; anybody who works with cases may read it",
    "students.ImportRow": "read through its batch, which is scoped",
    "students.Household": "read through its members, who are scoped by their child",
    "students.Sight": "is the scope itself",
    "cases.SavedFilter": "a person's own, found by his user id alone",
    "notices.NumberSeries": "counts numbers and names no person; written by issuing only",
}


def our_models() -> list[type[models.Model]]:
    """Every model of our apps."""
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def label(model: type[models.Model]) -> str:
    """app.Model."""
    return str(model._meta.label)


def own_fields(model: type[models.Model]) -> set[str]:
    """The stored fields but the key."""
    return {field.name for field in model._meta.get_fields() if field.concrete and not field.primary_key}


def classed(model: type[models.Model]) -> tuple[set[str], set[str]]:
    """The personal and the plain fields the table names."""
    personal, plain = CLASSED.get(label(model), ("", ""))
    return set(personal.split()), set(plain.split())


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_every_field_is_classed_once(model: type[models.Model]) -> None:
    personal, plain = classed(model)
    assert personal & plain == set(), "classed twice"
    assert own_fields(model) - personal - plain == set(), "classed neither personal nor plain"
    assert (personal | plain) - own_fields(model) == set(), "classed but gone"


def test_no_model_is_classed_that_does_not_exist() -> None:
    assert set(CLASSED) == {label(model) for model in our_models()}


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_what_finds_a_person_is_encrypted(model: type[models.Model]) -> None:
    personal, _ = classed(model)
    for name in personal:
        if FINDS_A_PERSON.search(name):
            assert isinstance(model._meta.get_field(name), EncryptedText), name


@pytest.mark.parametrize("model", our_models(), ids=label)
def test_every_model_has_a_scope_or_a_reason(model: type[models.Model]) -> None:
    scoped = hasattr(model._default_manager, "visible_to")
    assert scoped != (label(model) in WITHOUT_SCOPE), "scoped and excused" if scoped else "neither scoped nor excused"


@pytest.mark.django_db
def test_the_database_holds_no_number_in_plain() -> None:
    county = make.county()
    in_class = make.school_class(make.school(make.township(county)))
    child = make.child(
        in_class,
        document_kind="resident_card",
        document_number="11010520150512002X",
        residence_address="云溪镇柳树村3组12号",
    )
    make.user("某某", "moumou")
    User.objects.filter(username="moumou").update(phone="13912345678")
    rows = [
        *Student.objects.filter(pk=child.pk).values_list("document_number", "residence_address"),
        *Guardian.objects.filter(student=child).values_list("phone", "address"),
    ]
    assert rows[0] == ("11010520150512002X", "云溪镇柳树村3组12号")
    for model, column in (
        (Student, "document_number"),
        (Student, "residence_address"),
        (Guardian, "phone"),
        (User, "phone"),
    ):
        raw = model.objects.annotate(raw=models.functions.Cast(column, models.TextField())).values_list(
            "raw", flat=True
        )
        stored = [value for value in raw if value]
        assert stored, column
        assert all(str(value).startswith("e1:") for value in stored), column
