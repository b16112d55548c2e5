"""Reads a plan from its TOML data into a `Policy`, reporting every mistake at once."""

import re
from typing import Any

from agencies.choices import DayType, Role
from agencies.rules import policy_words as words
from agencies.rules.county_text import Report, Table
from agencies.rules.policy_checks import check_steps
from agencies.rules.policy_schema import (
    AbsenceTrigger,
    Ages,
    Basis,
    Clock,
    Closing,
    Contradiction,
    Counting,
    Deadline,
    EventTrigger,
    FlaggedTrigger,
    Mistake,
    Observation,
    Policy,
    ReturnedTrigger,
    Span,
    Step,
    Trigger,
    WaitTrigger,
)

__all__ = [
    "AbsenceTrigger",
    "Ages",
    "Basis",
    "Clock",
    "Closing",
    "Contradiction",
    "Counting",
    "Deadline",
    "EventTrigger",
    "FlaggedTrigger",
    "Mistake",
    "Observation",
    "Policy",
    "ReturnedTrigger",
    "Span",
    "Step",
    "Trigger",
    "WaitTrigger",
    "load_policy",
]

KEY = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
LONGEST_SPAN = 400


def load_policy(data: dict[str, Any], source: str, text: str = "") -> tuple[Policy | None, list[Mistake]]:
    """The plan, or None with all its mistakes. `source` names the file, `text` (optional) gives line numbers."""
    report = Report(source, text)
    table = Table(data, (), report)
    policy = _policy(table)
    table.finish()
    check_steps(policy, report)
    return (None if report.mistakes else policy), report.mistakes


def _policy(table: Table) -> Policy:
    key = table.text("key")
    if key and not KEY.fullmatch(key):
        table.wrong("key", f"编号 {key!r} 不合规", "请只用小写字母、数字和短横线")
    valid_from, valid_to = table.day("valid_from"), table.day("valid_to")
    if valid_to < valid_from:
        table.wrong("valid_to", "失效日期早于生效日期", "请核对 valid_from 与 valid_to")
    counting = _counting(table.sub("counting"))
    return Policy(
        key=key,
        title=table.text("title"),
        document_number=table.text("document_number", required=False),
        issuer=table.text("issuer"),
        valid_from=valid_from,
        valid_to=valid_to,
        counting=counting,
        clock=_clock(table.sub("clock")),
        deadline=_deadline(table.sub("deadline")),
        observation=_observation(table.sub("observation")),
        closing=_closing(table.sub("closing")),
        ages=_ages(table.sub("ages")),
        steps=tuple(_step(t, counting) for t in table.tables("steps", required=True)),
        report_recipients=table.words("report_recipients", words.RECIPIENTS, required=True),
        fixed_date_roll=table.word("fixed_date_roll", words.DATE_ROLLS),
        groups=_groups(table),
        documents=_documents(table),
    )


def _basis(table: Table) -> Basis:
    """Clause and quotation, or an assumption with its reason; one of both must be there."""
    clause, quote = table.text("clause", required=False), table.text("quote", required=False)
    assumed = table.flag("assumed", default=False)
    reason = table.text("assumed_reason", required=False)
    if assumed and not reason:
        table.wrong("assumed_reason", "标为方案未规定（assumed），但没有理由", "请写明所依据的法律或惯例")
    if not assumed and not (clause and quote):
        missing = "clause" if not clause else "quote"
        table.wrong(
            missing, "缺少条款号或原文", "请补上 clause 和 quote；方案未规定的写 assumed = true 和 assumed_reason"
        )
    return Basis(clause, quote, assumed, reason)


def _span(table: Table) -> Span:
    days = table.whole("days", 0, LONGEST_SPAN)
    span = Span(
        days=days or 0,
        # 当日 has no day type; only a span of one day or more must name it.
        day_type=DayType(table.word("day_type", words.DAY_TYPES, default="" if days else "natural") or "natural"),
        count_first=table.flag("count_first", default=False),
        roll=DayType(table.word("roll", words.DAY_TYPES)) if _has_word(table, "roll", words.DAY_TYPES) else None,
    )
    table.seen.add("roll")
    return span


def _has_word(table: Table, key: str, allowed: frozenset[str]) -> bool:
    return table.has(key) and bool(table.word(key, allowed))


def _inner_span(table: Table, key: str) -> Span | None:
    if not table.has(key):
        return None
    inner = table.sub(key)
    span = _span(inner)
    inner.finish()
    return span


def _counting(table: Table) -> Counting:
    counting = Counting(
        absence=table.word("absence", words.COUNTS),
        half_day=table.word("half_day", words.HALF_DAYS) or "half",
        excused=table.word("excused", words.EXCUSED),
        unknown=table.word("unknown", words.UNKNOWN),
        term_break=table.word("term_break", words.TERM_BREAKS),
        unexcused=frozenset(table.words("unexcused", words.ABSENCE_REASONS, required=True)),
        window_days=table.whole("window_days", 1, LONGEST_SPAN, required=False),
        basis=_basis(table),
    )
    table.finish()
    return counting


def _clock(table: Table) -> Clock:
    clock = Clock(
        overdue_opens_next=table.flag("overdue_opens_next"),
        cut_off_hour=table.whole("cut_off_hour", 0, 23, required=False),
        unsigned_receipt=_inner_span(table, "unsigned_receipt"),
        basis=_basis(table),
    )
    table.seen.add("unsigned_receipt")
    table.finish()
    return clock


def _deadline(table: Table) -> Deadline:
    deadline = Deadline(_span(table), _basis(table))
    table.finish()
    return deadline


def _observation(table: Table) -> Observation:
    observation = Observation(_span(table), table.halves("relapse_days"), _basis(table))
    table.finish()
    return observation


def _closing(table: Table) -> Closing:
    closing = Closing(
        observation_over=table.flag("observation_over"),
        enrolment_restored=table.flag("enrolment_restored"),
        approver=_role(table, "approver"),
        early_approver=_role(table, "early_approver"),
        basis=_basis(table),
    )
    table.finish()
    return closing


def _ages(table: Table) -> Ages:
    first, last = table.whole("first", 0, 30) or 0, table.whole("last", 0, 30) or 0
    if last < first:
        table.wrong("last", "年龄上限小于下限", "请核对 first 与 last")
    ages = Ages(first, last, _basis(table))
    table.finish()
    return ages


def _role(table: Table, key: str) -> Role:
    return Role(table.word(key, words.ROLES) or Role.PRINCIPAL)


def _groups(table: Table) -> dict[str, str]:
    if not table.has("groups"):
        return {}
    inner = table.sub("groups")
    return {name: inner.word(name, words.SPECIAL_GROUPS) for name in inner.data}


def _documents(table: Table) -> dict[str, str]:
    inner = table.sub("documents")
    names = {key: inner.text(key) for key in words.DOCUMENTS if inner.has(key)}
    inner.seen.update(words.DOCUMENTS)
    inner.finish()
    return names


def _step(table: Table, counting: Counting) -> Step:
    basis = _basis(table)
    step = Step(
        key=table.text("key"),
        name=table.text("name"),
        stage=table.word("stage", words.STAGES),
        owner=_role(table, "owner"),
        triggers=tuple(t for t in (_trigger(t, counting) for t in table.tables("trigger", required=True)) if t),
        due=_inner_span(table, "due"),
        done_by=table.words("done_by", words.EVENTS, required=True),
        clause=basis.clause,
        quote=basis.quote,
        advice=table.text("advice"),
        also_owners=tuple(Role(r) for r in table.words("also_owners", words.ROLES)),
        done_results=table.words("done_results", words.CALL_RESULTS),
        early_counts=table.flag("early_counts", default=False),
        charge=table.word("charge", words.CHARGES, default="known"),
        document=table.word("document", words.DOCUMENTS, default=""),
        assumed=basis.assumed,
        assumed_reason=basis.reason,
        contradiction=_contradiction(table),
    )
    table.seen.update({"due", "contradiction"})
    if step.key and not KEY.fullmatch(step.key):
        table.wrong("key", f"步骤编号 {step.key!r} 不合规", "请只用小写字母、数字、短横线或下划线")
    if step.due is None and not step.assumed:
        table.wrong("due", "没有期限", "请写 due；方案未规定期限的写 assumed = true 和 assumed_reason")
    table.finish()
    return step


def _contradiction(table: Table) -> Contradiction | None:
    if not table.has("contradiction"):
        return None
    inner = table.sub("contradiction")
    found = Contradiction(inner.text("other"), inner.text("clause"), inner.text("quote"), inner.text("reason"))
    inner.finish()
    return found


def _trigger(table: Table, counting: Counting) -> Trigger | None:
    kind = table.word("kind", words.TRIGGERS)
    trigger: Trigger | None = None
    if kind == "absence":
        trigger = AbsenceTrigger(
            halves=table.halves("days"),
            comparison=table.word("comparison", words.COMPARISONS),
            count=table.word("count", words.COUNTS, default=counting.absence),
            needs=_keys(table, "needs"),
        )
    elif kind == "flagged":
        trigger = FlaggedTrigger()
    elif kind == "returned":
        trigger = ReturnedTrigger()
    elif kind == "event":
        trigger = EventTrigger(table.word("event", words.EVENTS))
    elif kind == "wait":
        since = table.word("since", words.WAITS)
        opens = table.word("opens", words.OPENS, default="last_day")
        trigger = WaitTrigger(table.text("after"), since, _span(table), opens)
    if kind:
        table.finish()
    return trigger


def _keys(table: Table, key: str) -> tuple[str, ...]:
    """Step keys; whether they exist is checked once all steps are read."""
    value = table.data.get(key, [])
    table.seen.add(key)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        table.wrong(key, "应为步骤编号列表", '请写成 ["…"]')
        return ()
    return tuple(value)
