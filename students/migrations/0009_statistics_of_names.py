"""Let PostgreSQL sample the names closely enough to tell a common part of a name from a rare one.

With the usual hundred samples it took a name of one child in sixty for unique, and read and sorted every match.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SAMPLES, USUAL = 1000, -1


def _sampled(number: int, schema: BaseDatabaseSchemaEditor) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute(f"ALTER TABLE students_student ALTER COLUMN sort_key SET STATISTICS {number}")


def closely(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    """Sample the names closely."""
    _sampled(SAMPLES, schema)


def usually(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    """Sample the names as any other column."""
    _sampled(USUAL, schema)


class Migration(migrations.Migration):
    """No change of the models."""

    dependencies = [("students", "0008_more_restricted_words")]

    operations = [migrations.RunPython(closely, usually)]
