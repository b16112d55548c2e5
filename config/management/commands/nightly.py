"""Refresh every case whose standing has run out; safe to repeat, harmless when missed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agencies.scope import system
from cases.actions.refresh import refresh_stale


class Command(BaseCommand):
    """`manage.py nightly`."""

    help = "Bring open cases up to today."

    def handle(self, *args: Any, **options: Any) -> None:
        """One pass; prints how many cases were refreshed."""
        now = timezone.localtime()
        done = refresh_stale(by=system("夜间刷新"), on=now.date(), now=now)
        self.stdout.write(f"已刷新 {done} 件个案。")
