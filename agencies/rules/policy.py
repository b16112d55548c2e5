"""Reads a plan from its TOML data into a `Policy`, reporting every mistake at once."""

from typing import Any

from agencies.choices import Role
from agencies.rules import policy_words as words
from agencies.rules.county_text import Places, Report, Table
from agencies.rules.policy_checks import check_steps
from agencies.rules.policy_schema import (
    Ages,
    Application,
    Basis,
    Category,
    Clock,
    Closing,
    Clusters,
    Contradiction,
    Counting,
    Deadline,
    Dropout,
    Mistake,
    Observation,
    Policy,
    Step,
)
from agencies.rules.policy_trigger_reading import (
    read_inner_span,
    read_limit,
    read_only_after,
    read_span,
    read_trigger,
    read_where,
)
from agencies.rules.policy_triggers import CycleTrigger

# Letters, as many as the records of versions and duties keep.
LONGEST_KEY, LONGEST_NAME, LONGEST_TITLE = 24, 60, 120


def load_policy(
    data: dict[str, Any], source: str, text: str = "", places: Places | None = None
) -> tuple[Policy | None, list[Mistake]]:
    """The plan, or None with all its mistakes. `source` names the file, `text` (optional) gives line numbers.

    `places`: where the rows of a plan resolved from an overlay stand in the overlay's file.
    """
    report = Report(source, text, places)
    table = Table(data, (), report)
    policy = _policy(table)
    table.finish()
    check_steps(policy, report)
    return (None if report.mistakes else policy), report.mistakes


def _policy(table: Table) -> Policy:
    valid_from, valid_to = table.day("valid_from"), table.day("valid_to")
    if valid_to < valid_from:
        table.wrong("valid_to", "失效日期早于生效日期", "请核对 valid_from 与 valid_to")
    counting = _counting(table.sub("counting"))
    return Policy(
        key=table.code(LONGEST_NAME),
        title=table.text("title", most=LONGEST_TITLE),
        document_number=table.text("document_number", required=False, most=LONGEST_NAME),
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
        categories=tuple(_category(t) for t in table.tables("categories")),
        applications=tuple(_application(t) for t in table.tables("applications")),
        clusters=_clusters(table),
        dropout=_dropout(table),
        overlays=table.text("overlays", required=False),
    )


def read_basis(table: Table) -> Basis:
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
    return Basis(clause, quote, assumed, reason, table.text("source", required=False))


def _counting(table: Table) -> Counting:
    counting = Counting(
        absence=table.word("absence", words.COUNTS),
        half_day=table.word("half_day", words.HALF_DAYS) or "half",
        excused=table.word("excused", words.EXCUSED),
        unknown=table.word("unknown", words.UNKNOWN),
        term_break=table.word("term_break", words.TERM_BREAKS),
        unexcused=frozenset(table.words("unexcused", words.ABSENCE_REASONS, required=True)),
        window_days=table.whole("window_days", 1, 400, required=False),
        basis=read_basis(table),
    )
    table.finish()
    return counting


def _clock(table: Table) -> Clock:
    clock = Clock(
        overdue_opens_next=table.flag("overdue_opens_next"),
        cut_off_hour=table.whole("cut_off_hour", 0, 23, required=False),
        unsigned_receipt=read_inner_span(table, "unsigned_receipt"),
        basis=read_basis(table),
    )
    table.seen.add("unsigned_receipt")
    table.finish()
    return clock


def _deadline(table: Table) -> Deadline:
    deadline = Deadline(read_span(table), read_basis(table))
    if deadline.span.months:
        table.wrong("months", "责令返校的期限不能按月写，通知书写的是几日内", "请改写 days 和 day_type")
    table.finish()
    return deadline


def _observation(table: Table) -> Observation:
    observation = Observation(read_span(table), table.halves("relapse_days"), read_basis(table))
    table.finish()
    return observation


def _closing(table: Table) -> Closing:
    closing = Closing(
        observation_over=table.flag("observation_over"),
        enrolment_restored=table.flag("enrolment_restored"),
        approver=_role(table, "approver"),
        early_approver=_role(table, "early_approver"),
        basis=read_basis(table),
    )
    table.finish()
    return closing


def _dropout(table: Table) -> Dropout | None:
    if not table.has("dropout"):
        return None
    inner = table.sub("dropout")
    found = Dropout(Role(inner.word("confirmer", words.CONFIRMERS) or Role.PRINCIPAL), read_basis(inner))
    inner.finish()
    return found


def _clusters(table: Table) -> Clusters | None:
    if not table.has("clusters"):
        return None
    inner = table.sub("clusters")
    found = Clusters(inner.whole("cases", 2, 60) or 0, inner.whole("days", 1, 400) or 0, read_basis(inner))
    inner.finish()
    return found


def _ages(table: Table) -> Ages:
    first, last = table.whole("first", 0, 30) or 0, table.whole("last", 0, 30) or 0
    if last < first:
        table.wrong("last", "年龄上限小于下限", "请核对 first 与 last")
    ages = Ages(first, last, read_basis(table))
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
    basis = read_basis(table)
    step = Step(
        key=table.code(LONGEST_KEY),
        name=table.text("name", most=LONGEST_NAME),
        stage=table.word("stage", words.STAGES),
        owner=_role(table, "owner"),
        triggers=tuple(t for t in (read_trigger(t, counting) for t in table.tables("trigger", required=True)) if t),
        due=read_limit(table, "due"),
        done_by=table.words("done_by", words.EVENTS, required=True),
        clause=basis.clause,
        quote=basis.quote,
        advice=table.text("advice"),
        also_owners=tuple(Role(r) for r in table.words("also_owners", words.ROLES)),
        done_results=table.words("done_results", words.CALL_RESULTS),
        early_counts=table.flag("early_counts", default=False),
        help_counts=table.flag("help_counts", default=False),
        charge=table.word("charge", words.CHARGES, default="known"),
        document=table.word("document", words.DOCUMENTS, default=""),
        assumed=basis.assumed,
        assumed_reason=basis.reason,
        contradiction=read_contradiction(table),
        times=table.whole("times", 1, 50, required=False) or 1,
        done_where=read_where(table, "done_where"),
        only_after=read_only_after(table),
        due_since=table.text("due_since", required=False),
        source=basis.source,
        beside=table.flag("beside", default=False),
    )
    table.seen.update({"due", "contradiction", "times", "done_where", "only_after"})
    recurs = any(isinstance(trigger, CycleTrigger) for trigger in step.triggers)
    if step.due is None and not step.assumed and not recurs:
        table.wrong("due", "没有期限", "请写 due；方案未规定期限的写 assumed = true 和 assumed_reason")
    table.finish()
    return step


def _category(table: Table) -> Category:
    category = Category(
        key=table.word("key", words.CATEGORIES),
        name=table.text("name"),
        holds_ladder=table.flag("holds_ladder"),
        needs=table.words("needs", words.EVENTS),
        outcomes=table.words("outcomes", words.OUTCOMES, required=True),
        basis=read_basis(table),
    )
    table.finish()
    return category


def _application(table: Table) -> Application:
    application = Application(
        key=table.word("key", words.APPLICATIONS),
        name=table.text("name"),
        deciders=tuple(Role(r) for r in table.words("deciders", words.ROLES, required=True)),
        longest=read_inner_span(table, "longest"),
        needs=table.words("needs", words.EVENTS),
        basis=read_basis(table),
        contradiction=read_contradiction(table),
    )
    table.seen.update({"longest", "contradiction"})
    table.finish()
    return application


def read_contradiction(table: Table) -> Contradiction | None:
    """The second reading of a place, or None."""
    if not table.has("contradiction"):
        return None
    inner = table.sub("contradiction")
    found = Contradiction(inner.text("other"), inner.text("clause"), inner.text("quote"), inner.text("reason"))
    inner.finish()
    return found
