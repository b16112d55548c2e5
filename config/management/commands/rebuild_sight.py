"""Write the sight of every child anew from class, residence and 户籍; safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from agencies.scope import system
from students.actions.sight import rebuild_sight
from students.models import Student

CHUNK = 500


class Command(BaseCommand):
    """`manage.py rebuild_sight`."""

    help = "Rebuild which unit sees which child, 500 children a transaction."

    def handle(self, *args: Any, **options: Any) -> None:
        """All children, in the order of their ids; prints children and rows."""
        by, last, children, rows = system("重建可见范围"), 0, 0, 0
        while chunk := list(Student.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
            with transaction.atomic():
                rows += rebuild_sight(by=by, students=chunk)
            last, children = chunk[-1].pk, children + len(chunk)
        self.stdout.write(f"已重建 {children} 名学生的可见范围，共 {rows} 行。")
