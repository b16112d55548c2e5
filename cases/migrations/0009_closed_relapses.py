from django.db import migrations, models


def mark(apps, schema_editor):
    """反复 counts returns that did not last since 0006; closed cases kept the older count until touched."""
    closed = apps.get_model("cases", "Case").objects.filter(closed_on__isnull=False, relapses__gt=0)
    closed.update(changes_on=models.F("closed_on"))


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_more_restricted_words'),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
