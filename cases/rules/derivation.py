"""Turns a duty's bare derivation into the sentences a person reads: days counted, arithmetic of the due date."""

from dataclasses import dataclass
from datetime import date

from agencies.rules.calendar import ONE_DAY, WEEKDAYS, Calendar, DayNote, add_months, dated, months_end
from agencies.rules.policy_dates import days_before, span_end, term_day_of
from agencies.rules.policy_schema import Policy, Step
from agencies.rules.policy_triggers import (
    AbsenceTrigger,
    AgeTrigger,
    CycleTrigger,
    FixedDate,
    LapseTrigger,
    LeaveTrigger,
    Limit,
    NotRegisteredTrigger,
    Span,
    TermDay,
    TermDayTrigger,
    Trigger,
    WaitTrigger,
)
from agencies.rules.quoting import quoted, taken_over
from cases.rules.standing import Derivation, Duty
from students.rules.attendance import RollFacts, explain_days, in_days

ANCHORS = {
    "done": "“{step}”于{day}完成",
    "due": "“{step}”应于{day}完成",
    "overdue": "“{step}”应于{day}完成而未按期完成，逾期不停下一级，自该日起算",
    "received": "报告单于{day}签收（下班后签收的算次一工作日）",
    "presumed": "报告单发出后无人签收，视为{day}收到",
    "served": "通知书于{day}送达生效",
    "deadline": "监护人送返期限于{day}届满",
}
OPENED = {
    "flagged": "{day}登记发现辍学倾向",
    "not_registered": "{day}登记未按时报到",
    "category": "{day}归类认定",
    "lapsed": "批准的期限已于{day}届满，仍未见入学或返校",
    "fixed_date": "方案规定的日期{day}已到，仍未返校",
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
    source: str = ""


def explain(
    policy: Policy, calendar: Calendar, duty: Duty, roll: RollFacts | None = None, on: date | None = None
) -> Explanation:
    """The sentences of one duty; with `roll`, the reason of each counted day is named too.

    With `on`, a limit that was over by that day before its step opened is said to be.
    """
    step = duty.step
    return Explanation(
        opened_because=_because(policy, calendar, step, duty),
        counted_days=_counted(policy, calendar, duty, roll),
        due_sentence=_due(policy, calendar, step, duty, on),
        not_in_plan=f"本方案未规定：{step.assumed_reason}" if step.assumed else "",
        other_reading=_other(step),
        source=source_of(policy, duty),
    )


def source_of(policy: Policy, duty: Duty) -> str:
    """In a plan on top of another one: 沿用《…》 or 本方案."""
    return taken_over(duty.step.source, policy.overlays)


def arithmetic(calendar: Calendar, start: date, span: Span) -> str:
    """How a span is counted from a day: 第3个工作日 = 2026-10-10（周六）；10-01至10-07 国庆节放假，10-10 调休上班."""
    if span.months:
        end = months_end(start, span.months, count_first=span.count_first)
        first = "（起算当日计入）" if span.count_first else ""
        return f"自{dated(start)}起{span.months}个月{first}，期满日 = {dated(end)}{_rolled(calendar, end, span)}"
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
        return _by_calendar(calendar, trigger, duty)
    said = _waited(policy, calendar, trigger, why)
    opened = duty.opened_on or duty.opens_on
    return f"{said}，{dated(opened)}起未见返校" if opened else said


def _waited(policy: Policy, calendar: Calendar, trigger: WaitTrigger, why: Derivation) -> str:
    """From what a wait ran and how its end was reached."""
    before = policy.step(why.anchor_step)
    head = ANCHORS[why.anchor_why].format(step=before.name if before else "", day=dated(why.anchor_on))
    return head if trigger.span.same_day else f"{head}；{arithmetic(calendar, why.anchor_on, trigger.span)}"


def _absence(policy: Policy, trigger: AbsenceTrigger, why: Derivation) -> str:
    how = "连续" if trigger.count == "in_a_row" else "累计"
    sign = "不少于" if trigger.comparison == "at_least" else "超过"
    last = f"，至{dated(why.counted[-1])}" if why.counted else ""
    text = f"{how}无故缺课{sign}{in_days(trigger.halves)}天{last}"
    needed = policy.step(why.anchor_step)
    return f"{text}；且“{needed.name}”已办或逾期（{dated(why.anchor_on)}）" if needed else text


def _counted(policy: Policy, calendar: Calendar, duty: Duty, roll: RollFacts | None) -> tuple[str, ...]:
    days = duty.derivation.counted if duty.derivation else ()
    if not days:
        return ()
    if roll is None:
        return tuple(dated(day) for day in days)
    return tuple(explain_days(policy.counting, calendar, roll, days[0], days[-1]))


def _by_calendar(calendar: Calendar, trigger: Trigger, duty: Duty) -> str:
    why = duty.derivation
    if why is None:
        return ""
    if isinstance(trigger, TermDayTrigger):
        return f"{_term_day(calendar, trigger.at, why.anchor_on)}，仍未返校"
    if isinstance(trigger, NotRegisteredTrigger):
        return f"自学期第一个上课日起未到校，至{dated(why.counted[-1])}满{in_days(trigger.halves)}天"
    if isinstance(trigger, LapseTrigger):
        begins = days_before(calendar, why.anchor_on, trigger.before)
        return f"批准的期限至{dated(why.anchor_on)}，提前{_span_words(trigger.before)} = {dated(begins)}"
    if isinstance(trigger, LeaveTrigger) and duty.opened_on is not None:
        reach = "满" if trigger.comparison == "at_least" else "超过"
        until = f"至{dated(duty.opened_on)}{reach}{trigger.days}个{trigger.day_type.label}"
        return f"自{dated(why.anchor_on)}起连续请假，{until}"
    if isinstance(trigger, AgeTrigger):
        return f"{dated(why.anchor_on)}年满{trigger.years}周岁"
    if isinstance(trigger, CycleTrigger) and duty.period_ends is not None:
        period = f"{dated(why.anchor_on)}至{dated(duty.period_ends)}"
        return f"{PERIODS[trigger.every]}须办，第{duty.cycle}期：{period}"
    return ""


PERIODS = {"week": "每周", "month": "每月", "quarter": "每季度", "term": "每学期"}


def _span_words(span: Span) -> str:
    return f"{span.months}个月" if span.months else f"{span.days}个{span.day_type.label}"


def _term_day(calendar: Calendar, at: TermDay, day: date) -> str:
    """开学第几日的算法；学期取该日所在或其后的学期."""
    term, found = calendar.term_at(day), term_day_of(calendar, at, day)
    if term is None or found is None:
        return "学期未载入"
    counted = "开学当日计入" if at.count_first else "开学当日不计"
    unsure = "；暂算：节假日安排尚未公布" if found[1] else ""
    return f"{dated(term.first_day)}开学（{counted}），第{at.day}个{at.day_type.label} = {dated(found[0])}{unsure}"


def _due(policy: Policy, calendar: Calendar, step: Step, duty: Duty, on: date | None) -> str:
    if duty.period_ends is not None and duty.due_on is not None:
        return f"本期内办理，至{dated(duty.due_on)}"
    if step.due is None:
        return "本方案未规定期限"
    if step.due_since and (duty.due_why is not None or duty.opened_on is not None):
        return _due_since(policy, calendar, step.due, duty, on)
    if duty.due_on is None or duty.opened_on is None:
        return "尚未启动，期限未定"
    if isinstance(step.due, FixedDate):
        return _fixed_date(policy, calendar, step.due, duty.due_on)
    if isinstance(step.due, TermDay):
        found = term_day_of(calendar, step.due, duty.opened_on)
        if found is not None and found[0] == duty.due_on:
            return _term_day(calendar, step.due, duty.opened_on)
        late = step.due.late or Span(0)
        return f"学期内该日已过，{_spanned(calendar, late, duty.opened_on, duty.due_on)}"
    return _spanned(calendar, step.due, duty.opened_on, duty.due_on)


def _due_since(policy: Policy, calendar: Calendar, due: Limit, duty: Duty, on: date | None) -> str:
    """A limit that runs from the wait of another step: that wait, the limit on top of it, and whether it is over."""
    before, why, begins = policy.step(duty.step.due_since), duty.due_why, duty.due_from
    if before is None or why is None or begins is None or not isinstance(due, Span):
        name = before.name if before else ""
        return f"期限自“{name}”的等待期满起算，所依据的送达或办结没有登记，或登记不全，期限未定；请补登"
    wait, end = before.triggers[why.trigger], duty.due_on or span_end(calendar, begins, due)[0]
    head = _waited(policy, calendar, wait, why) if isinstance(wait, WaitTrigger) else ""
    by = duty.opened_on or on
    over = "；本步骤启动前期限已经届满" if by is not None and end < by else ""
    return f"不论本步骤何时启动：{head}；{_spanned(calendar, due, begins, end)}{over}"


def _fixed_date(policy: Policy, calendar: Calendar, at: FixedDate, due_on: date) -> str:
    named = f"{at.month}月{at.day}日" if at.month else f"每月{at.day}日"
    last = add_months(due_on.replace(day=1), 1) - ONE_DAY
    if due_on.day == at.day:
        moved = ""
    elif due_on == last and at.day > last.day:
        moved = "；当月没有该日，取最后一日"
    else:
        moved = f"；当日休息，{'提前' if policy.fixed_date_roll == 'back' else '顺延'}"
    return f"方案规定{named}（含当日）{moved}：{calendar.label(due_on)}"


def _spanned(calendar: Calendar, span: Span, opened_on: date, due_on: date) -> str:
    text = arithmetic(calendar, opened_on, span)
    plain, _ = span_end(calendar, opened_on, span)
    return text if plain == due_on else f"{text}；其间中止计时的日子不计，为{dated(due_on)}"


def _other(step: Step) -> str:
    other = step.contradiction
    if other is None:
        return ""
    return (
        f"方案内另有一种读法：{other.other}（{other.clause}{quoted(other.quote)}）；采用现读法的理由：{other.reason}"
    )
