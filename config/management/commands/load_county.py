"""Load a county folder as a plan's version, after the same check as check_county; adopt it for a unit on request."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.actions import calendars, policies
from agencies.models import PolicyVersion, Unit
from agencies.queries.calendars import said_above
from agencies.scope import Actor, system
from config.counties import County, content_of_version, read_county


class Command(BaseCommand):
    """`manage.py load_county PATH [--adopt UNIT --on DATE]`; running it again changes nothing."""

    help = "载入一个县（镇）文件夹为方案版本；--adopt 同时由某单位采用，并载入该文件夹的校历。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder; the unit and the day of adoption."""
        parser.add_argument("path", metavar="PATH", help="文件夹路径，或 fixtures/counties 下的名称")
        parser.add_argument("--adopt", metavar="UNIT", help="采用单位的代码或名称")
        parser.add_argument("--on", metavar="DATE", help="采用日期，如 2026-09-01；不写为今天")

    def handle(self, *args: Any, **options: Any) -> None:
        """Every mistake at once, or the version and its adoption."""
        county = read_county(options["path"])
        unit = self._unit(options["adopt"]) if options["adopt"] else None
        on = self._day(options["on"])
        if county.mistakes or county.policy is None:
            for mistake in county.mistakes:
                self.stderr.write(str(mistake))
            raise CommandError(f"{options['path']}：共 {len(county.mistakes)} 处错误，没有载入。", returncode=1)
        by, now = system("县级文件载入"), timezone.now()
        content = content_of_version(county)
        version = policies.store_version(by=by, policy=county.policy, content=content, now=now)
        self.stdout.write(f"《{version.title}》第{version.version}版已载入，{len(county.examples)} 个算例全部符合。")
        if unit:
            self._adopt(by, county, unit, version, on)

    def _adopt(self, by: Actor, county: County, unit: Unit, version: PolicyVersion, on: date) -> None:
        """The adoption; where it stands, national holidays around the day and the folder's own calendar lines."""
        now = timezone.now()
        try:
            adoption = policies.adopt(by=by, unit=unit, version=version, on=on, now=now)
        except ValueError as error:
            raise CommandError(str(error), returncode=1) from error
        calendars.seed_national(by=by, years=[on.year - 1, on.year, on.year + 1], now=now)
        for entry in county.entries:
            if said_above(unit, entry):
                continue
            calendars.add_entry(
                by=by,
                unit=unit,
                kind=entry.kind,
                first_day=entry.first_day,
                last_day=entry.last_day,
                name=entry.name,
                grade=entry.grade,
                source=entry.source,
                now=now,
            )
        self.stdout.write(f"{unit.name}自{adoption.first_day.isoformat()}起采用第{version.version}版。")

    def _unit(self, text: str) -> Unit:
        found = list(Unit.objects.filter(code=text)[:2]) or list(Unit.objects.filter(name=text)[:2])
        if not found:
            raise CommandError(f"没有代码或名称为“{text}”的单位，请先建立机构。", returncode=1)
        if len(found) > 1:
            raise CommandError(f"有多个单位叫“{text}”，请改写单位代码。", returncode=1)
        return found[0]

    def _day(self, text: str | None) -> date:
        try:
            return date.fromisoformat(text) if text else timezone.localdate()
        except ValueError as error:
            raise CommandError(f"日期“{text}”无法识别，请写成 2026-09-01。", returncode=1) from error
