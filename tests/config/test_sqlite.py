"""A statement on SQLite carries as many values as its library takes."""

import sqlite3

import pytest
from django.db.utils import ConnectionHandler

from config.sqlite import MOST

pytestmark = pytest.mark.django_db


def test_a_statement_carries_as_many_values_as_the_library_takes_and_no_more_than_needed() -> None:
    own = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})["default"]
    assert own.features.max_query_params == 999
    own.connect()
    allowed = own.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    own.close()
    assert own.features.max_query_params == min(allowed, MOST) > 999
