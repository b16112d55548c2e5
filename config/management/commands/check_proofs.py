"""Read every proof's bytes and compare them with its hash; what is missing or changed is named."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from students.gateways.verifying import verify
from students.queries.proofs import all_proofs, proofs_of_night


class Command(BaseCommand):
    """`manage.py check_proofs` after a restore; `--tonight` does what the timetable does each night."""

    help = "Verify photos, scans and recordings against their SHA-256."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--tonight`: only the thirtieth part whose turn it is."""
        parser.add_argument("--tonight", action="store_true", help="only the thirtieth part whose turn it is today")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one sentence; ends with an error where anything is missing or changed."""
        rows = proofs_of_night(timezone.localdate()) if options["tonight"] else all_proofs()
        found = verify(rows)
        if found.missing or found.changed:
            raise CommandError(found.sentence)
        self.stdout.write(found.sentence)
