"""Turns a duty's bare derivation into the sentences a person reads: days counted, arithmetic of the due date."""

from dataclasses import dataclass
from datetime import date

from agencies.rules.calendar import ONE_DAY, WEEKDAYS, Calendar, DayNote, dated
from agencies.rules.policy_schema import AbsenceTrigger, Policy, Span, Step, WaitTrigger
from cases.rules.standing import Derivation, Duty
from students.rules.attendance import RollFacts, explain_days, in_days

ANCHORS = {
    "done": "「{step}」于{day}完成",
    "due": "「{step}」应于{day}完成",
    "overdue": "「{step}」应于{day}完成而未按期完成，逾期不停下一级，自该日起算",
    "received": "报告单于{day}签收（下班后签收的算次一工作日）",
    "presumed": "报告单发出后无人签收，视为{day}收到",
    "served": "通知书于{day}送达生效",
    "deadline": "监护人送返期限于{day}届满",
}
OPENED = {
    "flagged": "{day}登记发现辍学倾向",
    "event": "{day}发生",
    "entered": "旧台账个案，{day}按现阶段补录",
    "returned": "返校于{day}经确认",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a duty exists and how its date was reached, in Chinese; made only when shown."""

    opened_because: str
    counted_days: tuple[str, ...]
    due_sentence: str
    not_in_plan: str = ""
    other_reading: str = ""


def explain(policy: Policy, calendar: Calendar, duty: Duty, roll: RollFacts | None = None) -> Explanation:
    """The sentences of one duty; with `roll`, the reason of each counted day is named too."""
    step = policy.step(duty.step_key)
    if step is None:
        return Explanation("", (), "")
    return Explanation(
        opened_because=_because(policy, calendar, step, duty),
        counted_days=_counted(policy, calendar, duty, roll),
        due_sentence=_due(calendar, step, duty),
        not_in_plan=f"本方案未规定：{step.assumed_reason}" if step.assumed else "",
        other_reading=_other(step),
    )


def arithmetic(calendar: Calendar, start: date, span: Span) -> str:
    """How a span is counted from a day: 第3个工作日 = 2026-10-10（周六）；10-01至10-07 国庆节放假，10-10 调休上班."""
    if span.days == 0:
        return f"当日 = {dated(start)}{_rolled(calendar, start, span)}"
    due = calendar.add(start, span.days, span.day_type, count_first=span.count_first)
    begin = "当日起算" if span.count_first else "次日起算"
    notes = "，".join(_grouped(due.steps))
    notes = f"；{notes}" if notes else ""
    unsure = "；暂算：节假日安排或校历尚未公布" if due.provisional else ""
    head = f"自{dated(start)}{begin}，第{span.days}个{span.day_type.label} = {dated(due.on)}"
    return head + notes + _rolled(calendar, due.on, span) + unsure


def _rolled(calendar: Calendar, end: date, span: Span) -> str:
    if span.roll is None:
        return ""
    to = calendar.roll_forward(end, span.roll)
    return "" if to == end else f"；末日不是{span.roll.label}，顺延至{dated(to)}"


def _grouped(notes: tuple[DayNote, ...]) -> list[str]:
    """Days with the same note together: 10-01至10-07 国庆节放假."""
    groups: list[tuple[date, date, str]] = []
    for note in notes:
        said = "周末" if note.note in {f"周{d}" for d in WEEKDAYS} else note.note
        if not said:
            continue
        if groups and groups[-1][2] == said and groups[-1][1] + ONE_DAY == note.day:
            groups[-1] = (groups[-1][0], note.day, said)
        else:
            groups.append((note.day, note.day, said))
    return [f"{a:%m-%d}{'' if a == b else f'至{b:%m-%d}'} {said}" for a, b, said in groups]


def _because(policy: Policy, calendar: Calendar, step: Step, duty: Duty) -> str:
    why = duty.derivation
    if why is None:
        return "尚未启动"
    if why.anchor_why in OPENED:
        return OPENED[why.anchor_why].format(day=dated(why.anchor_on))
    trigger = step.triggers[why.trigger]
    if isinstance(trigger, AbsenceTrigger):
        return _absence(policy, trigger, why)
    if not isinstance(trigger, WaitTrigger):
        return ""
    before = policy.step(why.anchor_step)
    head = ANCHORS[why.anchor_why].format(step=before.name if before else "", day=dated(why.anchor_on))
    wait = f"；{arithmetic(calendar, why.anchor_on, trigger.span)}" if trigger.span.days else ""
    opened = duty.opened_on or duty.opens_on
    return f"{head}{wait}，{dated(opened)}起未见返校" if opened else f"{head}{wait}"


def _absence(policy: Policy, trigger: AbsenceTrigger, why: Derivation) -> str:
    how = "连续" if trigger.count == "in_a_row" else "累计"
    sign = "不少于" if trigger.comparison == "at_least" else "超过"
    last = f"，至{dated(why.counted[-1])}" if why.counted else ""
    text = f"{how}无故缺课{sign}{in_days(trigger.halves)}天{last}"
    needed = policy.step(why.anchor_step)
    return f"{text}；且「{needed.name}」已办或逾期（{dated(why.anchor_on)}）" if needed else text


def _counted(policy: Policy, calendar: Calendar, duty: Duty, roll: RollFacts | None) -> tuple[str, ...]:
    days = duty.derivation.counted if duty.derivation else ()
    if not days:
        return ()
    if roll is None:
        return tuple(dated(day) for day in days)
    return tuple(explain_days(policy.counting, calendar, roll, days[0], days[-1]))


def _due(calendar: Calendar, step: Step, duty: Duty) -> str:
    if step.due is None:
        return "本方案未规定期限"
    if duty.due_on is None or duty.opened_on is None:
        return "尚未启动，期限未定"
    text = arithmetic(calendar, duty.opened_on, step.due)
    due = calendar.add(duty.opened_on, step.due.days, step.due.day_type, count_first=step.due.count_first).on
    plain = calendar.roll_forward(due, step.due.roll) if step.due.roll else due
    return text if plain == duty.due_on else f"{text}；其间中止计时的日子不计，为{dated(duty.due_on)}"


def _other(step: Step) -> str:
    other = step.contradiction
    if other is None:
        return ""
    return f"方案内另有一种读法：{other.other}（{other.clause}「{other.quote}」）；采用现读法的理由：{other.reason}"
