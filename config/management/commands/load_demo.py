"""Load the demonstration county; a second run keeps what is there."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.rules.calendar import dated
from config.demo.builder import build_small
from config.demo.data import county_data
from config.demo.store import obtain

SEED = 20261


class Command(BaseCommand):
    """`manage.py load_demo [--seed N] [--on DATE] [--size small|county]`."""

    help = "Build an invented county around today (or --on) through the apps' own actions."
    # Pages play no part in it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Seed, day and size."""
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--on", type=date.fromisoformat, default=None, help="today unless given, 2026-11-24")
        parser.add_argument("--size", choices=("small", "county"), default="small")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it, unless some county stands here already."""
        on = options["on"] or timezone.localdate()
        if standing := Unit.objects.filter(kind=UnitKind.COUNTY).first():
            if standing.code != county_data().code:
                raise CommandError(
                    f"数据库中已有{standing.name}，不能混入演示数据。请换一个空的数据目录（BAOXUE_DATA_DIR）。"
                )
            self.stdout.write(f"演示数据已在（{standing.name}），保留不动。")
            return
        self.stdout.write(f"正在生成演示数据，今天按 {dated(on)} 计……")
        if options["size"] == "county":
            obtain(seed=options["seed"], on=on, say=self.stdout.write)
            return
        demo = build_small(seed=options["seed"], on=on, say=self.stdout.write)
        demo.tell("演示数据已生成。")
