"""Checks a county folder without a database: every mistake at once, examples included."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.counties import read_county


class Command(BaseCommand):
    """`manage.py check_county PATH`; PATH is a folder or a key under fixtures/counties."""

    help = "检查一个县（镇）文件夹：方案、校历、文书、台账和算例，一次列出全部错误。"
    requires_system_checks = []  # it reads files only, also where no database is set up

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder."""
        parser.add_argument("path", metavar="PATH", help="文件夹路径，或 fixtures/counties 下的名称")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the mistakes and fails, or says what was checked."""
        county = read_county(options["path"])
        if county.mistakes or county.policy is None:
            for mistake in county.mistakes:
                self.stderr.write(str(mistake))
            raise CommandError(f"{options['path']}：共 {len(county.mistakes)} 处错误，不能采用。", returncode=1)
        steps, examples = len(county.policy.steps), len(county.examples)
        self.stdout.write(f"{county.policy.title}：{steps} 个步骤，{examples} 个算例全部符合，可以采用。")
