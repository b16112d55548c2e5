"""Measure the product on the large demonstration county and print a Markdown table."""

from __future__ import annotations

import os
import platform
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from agencies.choices import Role, UnitKind
from agencies.models import Unit
from agencies.scope import system
from cases.actions.refresh import refresh_stale, stale_cases
from cases.models import Case
from config.bench.measure import Row
from config.bench.pages import (
    County,
    forget_registers,
    holder_of,
    measure_pages,
    measure_saves,
    read_county,
)
from config.bench.papers import measure_ledger, measure_letters, once
from config.bench.rules import measure_refresh, measure_rules
from config.bench.server import measure_first_visit, measure_many, web_process
from config.demo.builder import build_small
from config.demo.data import county_data
from config.demo.days import moment
from config.demo.store import built_file, empty_sqlite, obtain
from config.management.commands.load_demo import SEED
from config.memory import keep_what_is_loaded
from students.models import Absence, RollCall, Student

RUNS, QUICK_RUNS = 30, 3
NIGHT = "一次；目标 ≤ 60 秒"
MANY, QUICK_MANY = 400, 4
LETTERS, QUICK_LETTERS = 100, 5


class Command(BaseCommand):
    """`manage.py bench [--database sqlite|postgresql] [--quick] [--seed N]`."""

    help = "Time the jobs of a county on the large demonstration data (built once, then reused)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which database this run is meant for, and how thorough it is."""
        parser.add_argument("--database", choices=("sqlite", "postgresql"), help="do nothing on the other one")
        parser.add_argument("--quick", action="store_true", help="the small county, a few runs: tries the tool itself")
        parser.add_argument("--seed", type=int, default=SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill, measure, print."""
        if options["database"] not in (None, connection.vendor):
            self.stdout.write(f"跳过 {connection.vendor}（只要求测 {options['database']}）。")
            return
        if not settings.DEMO and not settings.TESTING:
            raise CommandError("性能测试会覆盖数据库，只能在演示环境中运行：请用 ./run bench。")
        self.fill(quick=options["quick"], seed=options["seed"])
        county = read_county()
        keep_what_is_loaded()
        self.head(county)
        quick = (QUICK_RUNS, QUICK_MANY, QUICK_LETTERS)
        for row in self.rows(county, *(quick if options["quick"] else (RUNS, MANY, LETTERS))):
            self.stdout.write(row.markdown())
            self.stdout.flush()

    def fill(self, *, quick: bool, seed: int) -> None:
        """A fresh copy of the county; refuses a database that holds anything but the demonstration."""
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        codes = set(Unit.objects.filter(kind=UnitKind.COUNTY).values_list("code", flat=True))
        if codes - {county_data().code}:
            raise CommandError("数据库中有真实数据，不能做性能测试。请用 ./run bench。")
        if codes and not quick and connection.vendor == "postgresql":
            raise CommandError("PostgreSQL 库不是空的，请用 ./run bench（它会另起一个临时库）。")
        on = timezone.localdate()
        if quick:
            if not codes:
                build_small(seed=seed, on=on, say=self.stderr.write)
            return
        if codes and not built_file(seed, on).exists():
            empty_sqlite()
        obtain(seed=seed, on=on, say=self.stderr.write)
        call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)

    def head(self, county: County) -> None:
        """Machine, versions and size of the data, then the head of the table."""
        counts = {
            "学生": Student.objects.count(),
            "班级": len(county.classes),
            "点名": RollCall.objects.count(),
            "缺勤": Absence.objects.count(),
            "个案": Case.objects.count(),
        }
        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
            version = cursor.fetchone()[0]
        size = "，".join(f"{name} {count:,}" for name, count in counts.items())
        self.stdout.write(f"\n### {connection.display_name} {version}，{timezone.localdate().isoformat()}\n")
        software = f"Python {platform.python_version()}，Django {django.__version__}"
        self.stdout.write(f"{os.cpu_count()} 核 {_processor()}，{software}；{size}。\n")
        self.stdout.write("| 工作 | 中位 ms | p95 ms | CPU ms | SQL | 说明 |\n|---|---:|---:|---:|---:|---|")

    def rows(self, county: County, runs: int, many: int, letters: int) -> Iterator[Row]:
        """Reads first, then saves of registers taken out of this copy, then the night."""
        yield from measure_pages(county, runs)
        yield from measure_rules(county, runs)
        classes = forget_registers(county, runs + 2 + many)
        yield measure_saves(county, classes[: runs + 2], runs)
        if settings.TESTING:
            yield Row("8人同时保存点名；首次访问", note="试运行不启动网页服务")
        else:
            with web_process() as (port, process):
                yield measure_many(county, classes[runs + 2 :], port, process)
                yield measure_first_visit(holder_of(Role.CLASS_TEACHER), port)
        yield from self.night(county)
        yield measure_ledger(county)
        yield measure_letters(county, letters)

    def night(self, county: County) -> Iterator[Row]:
        """The night after the last day, and as the worst case every open case."""
        by, day = system("性能测试"), county.on + timedelta(days=1)
        yield once(
            f"夜间刷新（次日到期 {len(stale_cases(day))} 件）",
            lambda: refresh_stale(by=by, on=day, now=moment(day, 0, 20)),
            NIGHT,
        )
        yield from measure_refresh(by, day, NIGHT)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
