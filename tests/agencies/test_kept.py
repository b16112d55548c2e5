"""A kept query: the rows, annotations and related rows of its query set, put together once a shape of its values."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, FilteredRelation, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from agencies.models import Unit
from agencies.queries.kept import KeptQuery
from tests import make
from tests.agencies.people import Places, places

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Places:
    return places()


def build(ids: list[int], on: date) -> QuerySet[Unit]:
    """Units, their parents, how many children, and the adoption that runs on the day."""
    runs = Q(adoptions__first_day__lte=on)
    return (
        Unit.objects.filter(pk__in=ids)
        .annotate(size=Count("children"), adopted=FilteredRelation("adoptions", condition=runs))
        .select_related("parent", "adopted__version")  # type: ignore[misc] # the stubs know no FilteredRelation here
        .order_by("-pk")
    )


def plan_of(row: Any) -> str:
    """The key of the plan that was read with the unit."""
    adopted = getattr(row, "adopted", None)
    return adopted.version.key if adopted else ""


def told(rows: Iterable[Any]) -> list[tuple[object, ...]]:
    """All that the query set asks for, without a further query."""
    found = list(rows)
    with CaptureQueriesContext(connection) as asked:
        said: list[tuple[object, ...]] = [
            (row.pk, row.path, row.size, row.parent and row.parent.name, plan_of(row)) for row in found
        ]
    assert len(asked) == 0
    return said


def test_it_finds_what_its_query_set_finds_for_other_values_too(here: Places) -> None:
    make.plan(here.township, "datian-2023")
    kept, ids = KeptQuery(build), [here.county.pk, here.township.pk, here.school.pk, here.village.pk]
    for some in (ids, ids[:1], ids[1:4], [0], [ids[2], ids[2]], ids * 300):
        for on in (make.DAY, date(2001, 1, 1)):
            assert told(kept(ids=some, on=on)) == told(build(some, on))
    assert [plan_of(row) for day in (make.DAY, date(2001, 1, 1)) for row in kept(ids=ids[1:2], on=day)] == [
        "datian-2023",
        "",
    ]


def test_it_finds_values_too(here: Places) -> None:
    make.plan(here.township, "datian-2023")
    kept = KeptQuery(lambda ids, on: build(ids, on).values_list("pk", "parent__name", "adopted__version__key"))
    assert kept(ids=[here.township.pk], on=make.DAY) == [(here.township.pk, here.county.name, "datian-2023")]


def test_it_is_put_together_once_a_length_of_its_lists_and_asks_once(here: Places) -> None:
    built: list[int] = []

    def counted(ids: list[int], on: date) -> QuerySet[Unit]:
        built.append(len(ids))
        return build(ids, on)

    kept = KeptQuery(counted)
    with CaptureQueriesContext(connection) as asked:
        for count in (1, 3, 4, 3, 0, 1):
            kept(ids=[here.county.pk] * count, on=make.DAY)
    assert built == [1, 4]
    assert len(asked) == 5, "nothing is asked for an empty list"


def test_a_query_that_leaves_a_value_out_is_refused(here: Places) -> None:
    def forgetful(ids: list[int], on: date) -> QuerySet[Unit]:
        return Unit.objects.filter(pk__in=ids)

    with pytest.raises(ValueError, match="forgetful"):
        KeptQuery(forgetful)(ids=[here.county.pk], on=make.DAY)
