"""Rows written in one go: the same as one by one, each secret text with a cipher of its own."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from agencies import bulk
from agencies.bulk import insert_all, update_all
from agencies.choices import Verb
from agencies.models import AuditRow, Unit
from students.choices import DocumentKind, Sex
from students.models import Student
from tests import make

pytestmark = pytest.mark.django_db

ADDRESS = "柳树村12号\t东侧\\后院，门牌“甲”"


def children(letter: str, home: Unit | None = None) -> list[Student]:
    """Two unsaved children who share all but the number, then one of whom little is known."""
    told: dict[str, Any] = {
        "name": "张甲\n乙",
        "sex": Sex.MALE,
        "birth_date": date(2015, 3, 4),
        "document_kind": DocumentKind.RESIDENT_CARD,
        "residence": home,
        "residence_address": ADDRESS,
        "record": {"班级": "五（1）", "健康": None},
    }
    times = {"created_at": make.moment(make.DAY), "changed_at": make.moment(make.DAY, 23)}
    return [
        Student(number=f"{letter}{place}", **row, **times) for place, row in enumerate((told, told, {"name": "李乙"}))
    ]


def stored(letter: str) -> list[tuple[Any, ...]]:
    """All that stands in the database of them, but for ids and numbers."""
    own = {"id", "number"}
    columns = [field.attname for field in Student._meta.concrete_fields if field.attname not in own]
    return list(Student.objects.filter(number__startswith=letter).order_by("number").values_list("name", *columns))


@pytest.fixture(params=[64, 0], ids=["few", "many"])
def _as_few_and_as_many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows go into one statement, many go another way: both write the same."""
    monkeypatch.setattr(bulk, "FEW", request.param)


@pytest.mark.usefixtures("_as_few_and_as_many")
def test_they_are_the_rows_that_django_would_have_written() -> None:
    home = make.county(terms=False)
    Student.objects.bulk_create(children("A", home))
    insert_all(children("B", home))
    assert stored("A") == stored("B")
    assert [row[0] for row in stored("B")] == ["张甲\n乙", "张甲\n乙", "李乙"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT residence_address FROM students_student WHERE residence_address <> ''")
        secrets = [text for (text,) in cursor.fetchall()]
    assert len(secrets) == len(set(secrets)) == 4
    assert not any("柳树村" in text for text in secrets)


def test_each_row_is_given_its_own_value_and_the_others_stay() -> None:
    insert_all(children("C"))
    first, second, third = Student.objects.order_by("number")
    first.number, second.number, third.name = "C8", "C9", "不写"
    update_all([first, second], "number")
    assert list(Student.objects.order_by("id").values_list("number", "name")) == [
        ("C8", "张甲\n乙"),
        ("C9", "张甲\n乙"),
        ("C2", "李乙"),
    ]


@pytest.mark.usefixtures("_as_few_and_as_many")
def test_a_number_given_twice_is_refused_as_everywhere() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([*children("D"), *children("D")])
    assert not Student.objects.exists()


def test_nobody_is_nobody_and_what_is_undone_is_gone() -> None:
    insert_all([])
    update_all([], "number")
    row = AuditRow(at=make.moment(make.DAY), actor="演示", verb=Verb.ROLL_TAKEN, object_kind="class", detail={"n": 1})
    with transaction.atomic():
        insert_all([row])
        assert AuditRow.objects.filter(actor="演示", actor_id=None).get().detail == {"n": 1}
        transaction.set_rollback(True)
    assert not AuditRow.objects.filter(actor="演示").exists()
