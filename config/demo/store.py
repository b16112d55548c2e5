"""Keeps the built large county as a file, so that it is built once a seed, day and state of the code."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models.options import Options

from config.demo.builder import build_large

# What decides the rows of the county; a page or a paper may change without building it anew.
DECIDES = (
    "config/demo/*.py", "fixtures/demo/*.toml", "fixtures/counties/*/*.toml", "*/migrations/*.py", "*/models/*.py",
    "*/fields.py", "*/audit.py", "*/bulk.py", "students/rules/*.py", "cases/rules/*.py", "students/actions/*.py",
    "cases/actions/*.py", "agencies/rules/*.py", "agencies/actions/*.py",
)  # fmt: skip
# Not copied: who is signed in, and what Django keeps of itself.
LEFT_OUT = {"django_session", "django_migrations", "django_content_type", "auth_permission"}
COPY_ROWS = 5000


def digest() -> str:
    """Twelve characters that change with the code and data that decide the county."""
    found = hashlib.sha256()
    for pattern in DECIDES:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            found.update(path.relative_to(settings.BASE_DIR).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]


def built_file(seed: int, on: date) -> Path:
    """Where the built county of this seed, day and code lies or would lie."""
    return Path(settings.BASE_DIR) / ".run" / "bench" / f"county-{digest()}-{seed}-{on.isoformat()}.sqlite3"


def keep(path: Path) -> None:
    """Keep the county just built in SQLite as a file of its own; older ones go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("county-*.sqlite3*"):
        old.unlink()
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(half)])
    half.rename(path)


def put_back(path: Path, say: Callable[[str], None]) -> None:
    """Fill the present, migrated and empty database from a built file: a copy in SQLite, all tables in PostgreSQL."""
    if connection.vendor == "sqlite":
        target = Path(str(connection.settings_dict["NAME"]))
        _remove(target)
        shutil.copyfile(path, target)
    else:
        copy_tables(path, say)


def _about(model: type[models.Model]) -> Options[models.Model]:
    return model._meta  # noqa: SLF001 - Django's own name for its public model description


def copied_models() -> list[type[models.Model]]:
    """Every model whose table is copied."""
    every = apps.get_models()
    return [model for model in every if _about(model).db_table not in LEFT_OUT and not _about(model).proxy]


def copy_tables(path: Path, say: Callable[[str], None]) -> None:
    """Copy all tables of a built file into the present PostgreSQL database, then set its counters."""
    source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    made = copied_models()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            for model in made:
                fields = list(_about(model).local_concrete_fields)
                names = ", ".join(f'"{field.column}"' for field in fields)
                table = _about(model).db_table
                with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                    count = 0
                    for row in _rows(source, table, names, fields):
                        copy.write_row(row)
                        count += 1
                if count > COPY_ROWS * 4:
                    say(f"  {table}: {count} 行")
            for statement in connection.ops.sequence_reset_sql(no_style(), made):
                cursor.execute(statement)
    finally:
        source.close()


def _rows(
    source: sqlite3.Connection, table: str, names: str, fields: list[models.Field[Any, Any]]
) -> Iterator[tuple[Any, ...]]:
    flags = [place for place, field in enumerate(fields) if isinstance(field, models.BooleanField)]
    # Names come from the models, not from anybody outside.
    cursor = source.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608
    while rows := cursor.fetchmany(COPY_ROWS):
        for row in rows:
            if not flags:
                yield row
                continue
            values = list(row)
            for place in flags:
                values[place] = None if values[place] is None else bool(values[place])
            yield tuple(values)


def analyse() -> None:
    """Let the database look through its tables, as it does by itself when it runs for a day."""
    with connection.cursor() as cursor:
        # Without the vacuum PostgreSQL looks up every row an index names, to see whether it counts yet.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def empty_sqlite() -> None:
    """Begin with a new SQLite file: what stood in it was a copy of an older demonstration."""
    _remove(Path(str(connection.settings_dict["NAME"])))
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)


def _remove(target: Path) -> None:
    connection.close()
    for tail in ("", "-wal", "-shm"):
        Path(f"{target}{tail}").unlink(missing_ok=True)


def obtain(*, seed: int, on: date, say: Callable[[str], None]) -> None:
    """Fill the present, migrated and empty database with the large county: from its file, else built anew."""
    path = built_file(seed, on)
    started = time.monotonic()
    if path.exists():
        say(f"使用已生成的县级数据 {path.name}")
        put_back(path, say)
        say(f"[{time.monotonic() - started:5.1f} 秒] 已放回")
    else:
        build_large(seed=seed, on=on, say=say)
        if connection.vendor == "sqlite":
            keep(path)
    analyse()
    say(f"[{time.monotonic() - started:5.1f} 秒] 县级演示数据就绪")
