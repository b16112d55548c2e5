"""A statement on SQLite carries as many values as its library takes."""

import sqlite3

import pytest
from django.db import connection

from config.sqlite import MOST

pytestmark = pytest.mark.django_db


def test_a_statement_carries_as_many_values_as_the_library_takes_and_no_more_than_needed() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite counts the values of a statement")
    connection.ensure_connection()
    allowed = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    assert connection.features.max_query_params == min(allowed, MOST) > 999
