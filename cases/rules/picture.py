"""A case as a picture in words: the rungs of its ladder, what each event said, how late it was recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agencies.rules.calendar import dated
from agencies.rules.policy_schema import Policy
from cases.choices import DutyState, EventKind, Outcome, Stage
from cases.rules.event_fields import FIELDS, Field
from cases.rules.rounds import as_day
from cases.rules.standing import Duty, Standing
from students.rules.attendance import local_day

ORDER = (
    Stage.SCHOOL,
    Stage.VILLAGE,
    Stage.TOWNSHIP,
    Stage.COUNTY,
    Stage.JUDICIAL,
    Stage.PLACED,
    Stage.RETURNED,
)
# The child is back or lawfully away: nobody asks whether it has dropped out.
_BACK = (Stage.PLACED, Stage.RETURNED)
DUTY_WORDS = {
    DutyState.AHEAD: "未到",
    DutyState.OPEN: "待办",
    DutyState.DONE: "已办",
    DutyState.DROPPED: "不再需要",
    DutyState.MISSED: "本期未办",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage of the ladder: state is done, now, late or ahead."""

    label: str
    state: str
    state_label: str
    when: str = ""


def ladder_picture(policy: Policy, standing: Standing) -> tuple[Rung, ...]:
    """The stages of the plan in order, each with the worst of its duties in the latest round."""
    if standing.helped_since is not None and not standing.round:
        return _help(standing)
    planned = {Stage(step.stage) for step in policy.steps if not step.beside} | {Stage.SCHOOL, Stage.RETURNED}
    if standing.stage != Stage.PLACED and not any(d.stage == Stage.PLACED and d.opened_on for d in standing.duties):
        planned.discard(Stage.PLACED)
    rungs = [_rung(stage, standing) for stage in ORDER if stage in planned]
    closed = standing.stage == Stage.CLOSED
    ready = "可销号" if standing.closable else "未到"
    end = Rung("销号", "done", "已销号") if closed else Rung("销号", "now" if standing.closable else "ahead", ready)
    return (*rungs, end)


def _help(standing: Standing) -> tuple[Rung, ...]:
    """A child who is helped and not absent climbs no ladder: the help runs, or has ended."""
    over = standing.stage == Stage.CLOSED
    runs = Rung(str(Stage.HELP.label), "done" if over else "now", "已办" if over else "进行中")
    return runs, Rung(str(Outcome.HELP_ENDED.label), "done" if over else "ahead", "已办结" if over else "未到")


def _rung(stage: Stage, standing: Standing) -> Rung:
    duties = [
        d for d in standing.duties if d.round == standing.round and d.stage == stage and d.opened_on and not d.beside
    ]
    late = [d for d in duties if d.state == DutyState.OVERDUE]
    waiting = [d for d in duties if d.state == DutyState.OPEN]
    label = str(stage.label)
    if late:
        return Rung(label, "late", duty_word(late[0], standing.on), _until(late[0]))
    if stage == Stage.RETURNED:
        return _returned(label, standing, bool(waiting))
    if waiting:
        return Rung(label, "now", "进行中", _until(waiting[0]))
    if duties:
        done = [d for d in duties if d.done_on is not None]
        words = "逾期办结" if any(d.state == DutyState.DONE_LATE for d in done) else "已办" if done else "不再需要"
        return Rung(label, "done", words)
    return Rung(label, "now" if standing.stage == stage else "ahead", "进行中" if standing.stage == stage else "未到")


def _returned(label: str, standing: Standing, waiting: bool) -> Rung:
    if standing.returned_on is None:
        noted = standing.return_recorded_on
        return Rung(label, "ahead", "待点名确认" if noted else "未到")
    watching = standing.observing_until is not None and standing.on <= standing.observing_until
    if waiting or watching:
        return Rung(
            label,
            "now",
            "观察中" if watching else "待办",
            f"至 {dated(standing.observing_until)}" if standing.observing_until else "",
        )
    return Rung(label, "done", "已满")


def _until(duty: Duty) -> str:
    return f"至 {dated(duty.due_on)}" if duty.due_on else ""


def duty_word(duty: Duty, on: date) -> str:
    """How a duty stands in words: 已办, 逾期3天, 逾期2天办结 …"""
    if duty.state == DutyState.OVERDUE and duty.due_on is not None:
        return f"逾期{(on - duty.due_on).days}天"
    if duty.state == DutyState.DONE_LATE and duty.due_on is not None and duty.done_on is not None:
        return f"逾期{(duty.done_on - duty.due_on).days}天办结"
    return DUTY_WORDS.get(duty.state, "")


def event_title(kind: EventKind, data: Mapping[str, Any], number: int = 0) -> str:
    """The heading of an event: 电话联系（未接）, 劝返（第2次）."""
    if kind == EventKind.PERSUASION and number:
        return f"{kind.label}（第{number}次）"
    if kind == EventKind.NOTE and data.get("moved_to"):
        return "变更适用方案"
    if kind == EventKind.FLAGGED and data.get("from_old_list"):
        return "旧台账补录"
    if kind == EventKind.CLOSED and data.get("outcome") == Outcome.HELP_ENDED:
        return str(Outcome.HELP_ENDED.label)
    if data.get("from_old_list"):
        return f"{kind.label}（旧台账）"
    first = next((f for f in FIELDS[kind] if f.kind == "choice" and f.required), None)
    said = _shown(first, data.get(first.name)) if first else ""
    return f"{kind.label}（{said}）" if said else str(kind.label)


def event_text(kind: EventKind, data: Mapping[str, Any]) -> str:
    """What the form said, field by field; empty fields are left out."""
    first = next((f for f in FIELDS[kind] if f.kind == "choice" and f.required), None)
    parts = []
    for field in FIELDS[kind]:
        said = _shown(field, data.get(field.name))
        if said and (field is not first or kind == EventKind.PERSUASION):
            parts.append(f"{field.label}：{said}")
    if data.get("from_old_list"):
        parts += [f"{label}{data[name]}次" for name, label in OLD_COUNTS if data.get(name)]
    return "；".join(parts)


def confirmer_awaited(policy: Policy, standing: Standing) -> str:
    """Whose finding (认定辍学) the case waits for, 乡镇分管领导（或其上级）; empty where it waits for none."""
    if policy.dropout is None or standing.dropped_out_on or standing.stage in (*_BACK, Stage.HELP, Stage.CLOSED):
        return ""
    return f"{policy.dropout.confirmer.label}（或其上级）"


def unconfirmed(policy: Policy, standing: Standing, kind: str, happened_on: date, data: Mapping[str, Any]) -> str:
    """What stands beside a persuasion of this round with the result 辍学 until somebody has confirmed it.

    The result is what the writer found on the doorstep (大田 附件3 lists 缓学 beside it, which needs an approval too);
    the finding has a post of its own, a ground and a first day.
    """
    persuaded = kind in (EventKind.PERSUASION, EventKind.JOINT_PERSUASION) and data.get("result") == "dropped_out"
    if not persuaded or (standing.started_on and happened_on < standing.started_on):
        return ""
    who = confirmer_awaited(policy, standing)
    return f"劝返结果填“辍学”还不是认定：须由{who}另行认定辍学，此前按疑似辍学统计。" if who else ""


# What an old list tells of the time before: counts of what was done.
OLD_COUNTS = (("calls", "已电话"), ("visits", "已家访"), ("persuasions", "乡镇已劝返"))


def _shown(field: Field, value: Any) -> str:
    if value is None or value == "":
        return ""
    if field.kind == "yes_no":
        return "是" if value else ""
    if field.kind == "choice":
        return dict(field.choices).get(str(value), str(value))
    if field.kind == "date":
        day = as_day(value)
        return dated(day) if day else str(value)
    return str(value)


def recorded_words(happened_on: date, recorded_at: datetime) -> str:
    """When an event was typed in, where that was not the same day: 2026-10-09（周五）16:20录入，晚2天."""
    day = local_day(recorded_at)
    late = (day - happened_on).days
    return f"{dated(day)}{recorded_at:%H:%M}录入，晚{late}天" if late > 0 else ""


def when_words(day: date, on: date) -> str:
    """今天, 昨天, 前天 or the date with its weekday."""
    return {0: "今天", 1: "昨天", 2: "前天"}.get((on - day).days, dated(day))


def visit_notes(visits: Sequence[tuple[date, str, str]], on: date) -> tuple[str, ...]:
    """Visits already made, newest first, so that nobody comes a second time unknowing: 昨天 张老师 已家访."""
    return tuple(f"{when_words(day, on)} {who} 已{what}" for day, who, what in sorted(visits, reverse=True))
