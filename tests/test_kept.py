"""A kept world is the world its builder builds, each time anew and whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from agencies.choices import UnitKind
from agencies.models import Unit
from notices.models import Notice
from tests import make
from tests.kept import our_tables
from tests.notices.desk import desk_with_order

pytestmark = pytest.mark.django_db


def rows() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in our_tables()}


def test_as_many_rows_of_every_kind_stand_there_as_the_builder_writes() -> None:
    with transaction.atomic():
        desk_with_order.__wrapped__()  # type: ignore[attr-defined]
        built = {name: len(found) for name, found in rows().items()}
        transaction.set_rollback(True)
    desk_with_order()
    assert {name: len(found) for name, found in rows().items()} == built
    assert built["Notice"] == 1
    connection.check_constraints()


def test_the_next_test_finds_the_same_rows_whatever_this_one_does_to_them() -> None:
    with transaction.atomic():
        here, notice = desk_with_order()
        before = rows()
        here.place.people.clear()
        notice.title = "另一份"
        notice.save()
        transaction.set_rollback(True)
    again, untouched = desk_with_order()
    assert rows() == before
    assert (again.place.people, untouched.title) != (here.place.people, notice.title)
    assert Notice.objects.get() == untouched


def test_where_something_stands_already_the_builder_builds_beside_it() -> None:
    first = make.county()
    second = make.county("临江县", code="990202")
    assert list(Unit.objects.filter(kind=UnitKind.COUNTY).order_by("pk")) == [first, second]
