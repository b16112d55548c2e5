"""Run background jobs in a loop beside the web process, without a broker."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from agencies.actions.jobs import sweep
from agencies.actions.running import run_job
from agencies.scope import system
from config.jobs import start_due

# Seconds between two looks at an empty table, and between two looks at the timetable.
PAUSE, TIMETABLE_PAUSE = 1.0, 60.0


class Command(BaseCommand):
    """`manage.py run_jobs [--once]`."""

    help = "Run waiting jobs until stopped; with --once, run what waits now and end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop; SIGTERM and SIGINT end it after the job in hand."""
        self.stopped = False
        by = system("后台任务")
        if options["once"]:
            while run_job(by=by) is not None:
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        looked = 0.0
        while not self.stopped:
            close_old_connections()
            if time.monotonic() - looked >= TIMETABLE_PAUSE or not looked:
                looked = time.monotonic()
                start_due(timezone.localtime())
                sweep(by=by, now=timezone.now())
            if run_job(by=by) is None:
                time.sleep(PAUSE)

    def _stop(self, *args: Any) -> None:
        self.stopped = True
