"""A query set put together once a process and asked again with other values."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any, Generic, TypeVar

from django.db import connection, models

R = TypeVar("R")
One = int | str | date
Value = One | list[int]

# Stand-ins while a query is put together: values no row has and no query names for itself.
_FIRST_NUMBER, _FIRST_DAY = -7_700_001, date(1066, 10, 14)
# Lists are filled up to one of these lengths by repeating the last id: each length is a statement of its own. A longer
# one is put together anew.
_LENGTHS = tuple(2**power for power in range(11))


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement with its places: per parameter a constant, or the stand-in that a value takes the place of."""

    rows: models.QuerySet[Any]
    compiler: Any
    statement: str
    parameters: tuple[Any, ...]
    places: dict[Any, tuple[str, int]]
    converters: dict[int, Any]


class KeptQuery(Generic[R]):
    """Rows of a query set that is asked for again and again with nothing but other numbers, words and days.

    Django takes ten times as long to put a query set with joins together as the database to answer it. `build` makes
    the query set from keyword values: numbers, words, days, lists of numbers (for `__in`). It is called once for each
    database and length of lists, with stand-ins; it must not look at its values, only hand them on. What comes out are
    the same instances, annotations and related rows, or tuples of values, as of the query set itself; no prefetch.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, R]]) -> None:
        self._build = build
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def __call__(self, **values: Value) -> list[R]:
        """The rows for these values (1 query). An empty list of numbers finds nothing and asks nothing."""
        lengths = [len(value) for value in values.values() if isinstance(value, list)]
        if 0 in lengths:
            return []
        if lengths and max(lengths) > _LENGTHS[-1]:
            return list(self._build(**values))
        filled = {name: _filled(value) if isinstance(value, list) else [value] for name, value in values.items()}
        shape = (connection.vendor, *((name, len(given)) for name, given in filled.items()))
        plan = self._plans.get(shape) or self._plans.setdefault(shape, self._put_together(values, filled))
        return list(_with_values(plan, filled))

    def _put_together(self, values: Mapping[str, Value], filled: Mapping[str, Sequence[One]]) -> _Plan:
        numbers = count(_FIRST_NUMBER, -1)
        standing = {name: [_stand_in(value, next(numbers)) for value in given] for name, given in filled.items()}
        rows = self._build(
            **{name: given if isinstance(values[name], list) else given[0] for name, given in standing.items()}
        )
        compiler = rows.query.get_compiler(connection=connection)
        statement, parameters = compiler.as_sql()
        places = {_sent(value): (name, i) for name, given in standing.items() for i, value in enumerate(given)}
        if missing := set(places) - set(parameters):
            raise ValueError(f"values not handed on by {self._build.__name__}: {missing}")
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return _Plan(rows, compiler, statement, tuple(parameters), places, converters)


def _filled(given: list[int]) -> list[int]:
    length = next(length for length in _LENGTHS if length >= len(given))
    return [*given, *[given[-1]] * (length - len(given))]


def _stand_in(value: One, number: int) -> One:
    if isinstance(value, date):
        return _FIRST_DAY + timedelta(days=_FIRST_NUMBER - number)
    return number if isinstance(value, int) else str(number)


def _sent(value: One) -> Any:
    """A value as this database's driver is given it."""
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _with_values(plan: _Plan, filled: Mapping[str, Sequence[One]]) -> Iterator[Any]:
    """The plan's query set, its compiler replaced by one that has nothing left to put together."""
    parameters = [
        _sent(filled[place[0]][place[1]]) if (place := plan.places.get(value)) else value for value in plan.parameters
    ]
    compiler = copy.copy(plan.compiler)
    compiler.connection = connection
    compiler.as_sql = lambda *_args, **_kwargs: (plan.statement, parameters)
    compiler.get_converters = lambda _columns: plan.converters
    rows: Any = plan.rows.all()
    rows.query.get_compiler = lambda *_args, **_kwargs: compiler
    return iter(rows)
