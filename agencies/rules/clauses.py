"""Reads `clauses.toml`: every clause of a plan with the one mark that says what became of it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agencies.rules.county_text import Report, Table
from agencies.rules.policy_schema import Mistake

MARKS = {"rule": "规则", "duty": "办理并留痕", "text": "仅公示", "refused": "不予执行"}
PLACE = re.compile(r"(?P<file>[a-z]+\.toml)(?: (?P<table>[a-z_]+)(?:\.(?P<key>[a-z0-9_-]+))?)?")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its number and words, its mark, where it stands in the folder, or why it drives nothing."""

    number: str
    quote: str
    mark: str
    where: tuple[str, ...]
    reason: str


def load_clauses(
    data: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]] | None, source: str, text: str = ""
) -> tuple[tuple[Clause, ...], list[Mistake]]:
    """The clauses, and every mistake; `files` are the folder's files by stem, in which `where` must be found.

    None: a stored version, whose folder was checked when it was loaded.
    """
    report = Report(source, text)
    table = Table(data, (), report)
    found = tuple(_clause(t, files) for t in table.tables("clauses", required=True))
    table.finish()
    for pair, times in Counter((c.number, c.quote) for c in found).items():
        if times > 1:
            report.add(("clauses",), f"条款 {pair[0]}“{pair[1]}”写了{times}次", "每一条款只写一个标记")
    return (() if report.mistakes else found), report.mistakes


def _clause(table: Table, files: Mapping[str, Mapping[str, Any]] | None) -> Clause:
    where = table.data.get("where", [])
    table.seen.add("where")
    places = tuple(str(place) for place in where) if isinstance(where, list) else ()
    clause = Clause(
        number=table.text("number"),
        quote=table.text("quote"),
        mark=table.word("mark", MARKS),
        where=places,
        reason=table.text("reason", required=False),
    )
    if clause.mark in ("rule", "duty") and not places:
        table.wrong("where", "没有写明落在哪里", '请写如 ["policy.toml steps.visit"]')
    if clause.mark in ("text", "refused") and not clause.reason:
        table.wrong("reason", "没有写明理由", "请写明为什么不作为规则")
    for place in places:
        if files is not None and not _stands(place, files):
            table.wrong("where", f"找不到 {place!r}", "请写成“文件 表.编号”，如 policy.toml steps.visit")
    table.finish()
    return clause


def _stands(place: str, files: Mapping[str, Mapping[str, Any]]) -> bool:
    found = PLACE.fullmatch(place)
    data = files.get(found["file"].removesuffix(".toml")) if found else None
    if found is None or data is None:
        return False
    table = data.get(found["table"]) if found["table"] else data
    if table is None or not found["key"]:
        return table is not None
    if isinstance(table, Mapping):
        return found["key"] in table
    rows = table if isinstance(table, list) else []
    return any(isinstance(row, Mapping) and row.get("key") == found["key"] for row in rows)
