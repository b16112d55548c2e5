"""The run on a second database leaves out what cannot open one, and nothing else."""

import pytest
from django.db import connection

from tests.conftest import opens_database


def test_a_test_that_asks_for_no_database_is_refused_one(request: pytest.FixtureRequest) -> None:
    assert not opens_database(request.node)
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.cursor()


def test_a_test_that_takes_a_database_is_run_on_each(request: pytest.FixtureRequest, db: None) -> None:
    assert opens_database(request.node)


@pytest.mark.django_db(transaction=True)
def test_so_is_one_that_is_marked(request: pytest.FixtureRequest) -> None:
    assert opens_database(request.node)


def test_and_one_whose_fixture_takes_it(request: pytest.FixtureRequest, database_url: str) -> None:
    assert opens_database(request.node)
