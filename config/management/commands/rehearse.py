"""Plays a scenario against a plan without a database: dates in, duties out."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.rules.calendar import Calendar, dated
from agencies.rules.county_text import EARLIEST, LATEST, as_day
from agencies.rules.policy_dates import validity_warning
from agencies.rules.policy_schema import Mistake, Policy
from agencies.rules.quoting import quoted
from cases.rules.derivation import explain
from cases.rules.ladder import evaluate
from cases.rules.scenario import Scenario
from cases.rules.standing import Duty, Standing
from cases.rules.wording import advice_of, today_sentence
from config.counties import read_county, read_scenario
from students.rules.attendance import RollFacts


class Command(BaseCommand):
    """`manage.py rehearse COUNTY SCENARIO.toml [--on DATE] [--json]`."""

    help = "预演：按一个方案推演一份情景，列出各日的应办事项及依据。"
    requires_system_checks = []  # it reads files only, also where no database is set up

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The county, the scenario, the day, the format."""
        parser.add_argument("county", metavar="COUNTY", help="文件夹路径，或 fixtures/counties 下的名称")
        parser.add_argument("scenario", metavar="SCENARIO.toml", help="情景文件（与算例同一格式）")
        parser.add_argument("--on", metavar="DATE", help="推演到哪一天，如 2026-10-10；不写则按情景中各个预期日")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the standing of each day asked about; bad files are all listed and nothing is played."""
        day = _day(options["on"])
        county = read_county(options["county"])
        path = Path(options["scenario"])
        scenario, mistakes = read_scenario(path, path.name)
        # Examples that fail do not stop a rehearsal: it is how one finds out why.
        mistakes = [*(m for m in county.mistakes if not m.source.startswith("examples")), *mistakes]
        if mistakes or county.policy is None or scenario is None:
            self._refuse(mistakes)
            return
        calendar = scenario.calendar(county.calendar)
        roll = scenario.roll(calendar)
        shown = [_Shown(county.policy, calendar, roll, scenario, on) for on in _days(day, scenario)]
        if not shown:
            raise CommandError("情景里没有任何日期；请写 [[absent]]、[[event]] 或 --on 2026-10-10。", returncode=1)
        if options["json"]:
            self.stdout.write(json.dumps([s.as_data() for s in shown], ensure_ascii=False, indent=2))
            return
        for one in shown:
            for line in one.as_lines():
                self.stdout.write(line)

    def _refuse(self, mistakes: list[Mistake]) -> None:
        for mistake in mistakes:
            self.stderr.write(str(mistake))
        raise CommandError(f"共 {len(mistakes)} 处错误，未推演。", returncode=1)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    day = as_day(text)
    if day is None or not EARLIEST <= day <= LATEST:
        raise CommandError(f"--on 不是日期：{text!r}。请写成 2026-10-10（2000 年至 2100 年）。", returncode=1)
    return day


def _days(day: date | None, scenario: Scenario) -> list[date]:
    """The day asked for, else the days the story expects something of, else its last day."""
    if day is not None:
        return [day]
    expected = sorted({e.on for e in scenario.expects})
    last = scenario.last_day
    return expected or ([] if last is None else [last])


class _Shown:
    """One day of the rehearsal, as text or as data."""

    def __init__(self, policy: Policy, calendar: Calendar, roll: RollFacts, scenario: Scenario, on: date) -> None:
        self.policy, self.calendar, self.roll, self.scenario = policy, calendar, roll, scenario
        self.standing: Standing = evaluate(policy, calendar, roll, scenario.events, on)

    def as_lines(self) -> list[str]:
        """The day as people read it."""
        standing = self.standing
        advice = advice_of(self.policy, standing)
        lines = [
            f"== {self.calendar.label(standing.on)} {standing.stage.label}，连续缺课{standing.counted}天，"
            f"累计{standing.window_count}天",
            f"   {today_sentence(standing, self.scenario.events, advice)}",
        ]
        warning = validity_warning(self.policy.valid_from, self.policy.valid_to, standing.on)
        if warning:
            lines.append(f"   （{warning}）")
        return [*lines, *(line for duty in standing.duties for line in self._duty(duty))]

    def _duty(self, duty: Duty) -> list[str]:
        because = explain(self.policy, self.calendar, duty, self.roll)
        due = f"，期限{dated(duty.due_on)}" if duty.due_on else ""
        late = f"，迟延{duty.delay_days}天" if duty.delay_days else ""
        lines = [f" - [{duty.state.label}] {duty.name}（{duty.owner.label}）{due}{late}"]
        if duty.opened_on is not None:
            said = (
                because.opened_because,
                because.due_sentence,
                f"依据：{duty.clause}{quoted(duty.quote)}",
                because.source,
            )
            lines += [f"     {text}" for text in (*said, because.not_in_plan, because.other_reading) if text]
        return lines

    def as_data(self) -> dict[str, Any]:
        """The day as JSON data."""
        standing = self.standing
        return {
            "on": standing.on.isoformat(),
            "stage": standing.stage.value,
            "counted": str(standing.counted),
            "window": str(standing.window_count),
            "closable": standing.closable,
            "relapse": standing.relapse,
            "next_due_on": _iso(standing.next_due_on),
            "changes_on": _iso(standing.changes_on),
            "duties": [self._duty_data(duty) for duty in standing.duties],
        }

    def _duty_data(self, duty: Duty) -> dict[str, Any]:
        because = explain(self.policy, self.calendar, duty, self.roll)
        return {
            "step": duty.step_key,
            "name": duty.name,
            "owner": duty.owner.value,
            "state": duty.state.value,
            "round": duty.round,
            "opened_on": _iso(duty.opened_on),
            "opens_on": _iso(duty.opens_on),
            "due_on": _iso(duty.due_on),
            "done_on": _iso(duty.done_on),
            "delay_days": duty.delay_days,
            "provisional": duty.provisional,
            "clause": duty.clause,
            "quote": duty.quote,
            "because": because.opened_because,
            "arithmetic": because.due_sentence,
            "counted_days": list(because.counted_days),
        }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
