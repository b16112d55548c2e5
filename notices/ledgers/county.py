"""A county's ledgers.toml: which ledgers it keeps and how it words them; every mistake reported at once."""

from collections.abc import Mapping
from typing import Any

from agencies.rules.policy_schema import Mistake
from notices.ledgers import children_base, help_register, master, never_enrolled, persuasion, school_risk
from notices.ledgers.columns import COLUMNS
from notices.ledgers.definition import CountyLedger, LedgerKind

KINDS: Mapping[str, LedgerKind] = {
    module.KIND.key: module.KIND
    for module in (children_base, school_risk, master, persuasion, help_register, never_enrolled)
}

_TEXTS = ("title", "clause", "quote", "filled_by", "recipient", "update", "paper", "identity_reason", "source")
_LISTS = ("columns", "notes", "signatures")
_TABLES = ("heads", "groups")
_REQUIRED = ("key", "kind", "title", "columns", "clause", "quote")
_KNOWN = frozenset({*_TEXTS, *_LISTS, *_TABLES, *_REQUIRED, "helped"})


def load_ledgers(data: Mapping[str, Any], source: str) -> tuple[tuple[CountyLedger, ...], list[Mistake]]:
    """The ledgers of a ledgers.toml and everything wrong with it; a ledger with a mistake is left out.

    `source` is the file's name for the messages.
    """
    mistakes = [
        Mistake(source, key, "没有这一项", "台账请写在 [[ledger]] 下。") for key in sorted(set(data) - {"ledger"})
    ]
    tables = data.get("ledger", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return (), [*mistakes, Mistake(source, "ledger", "写法不对", "每本台账各写一段 [[ledger]]。")]
    ledgers: dict[str, CountyLedger] = {}
    for index, table in enumerate(tables, start=1):
        place = f"ledger[{table.get('key', index)}]"
        found = _check(table, place, source)
        if not found and table["key"] in ledgers:
            found.append(Mistake(source, place, "这个 key 已经用过", "请给每本台账一个不同的 key。"))
        mistakes += found
        if not found:
            ledgers[table["key"]] = _ledger(table)
    return tuple(ledgers.values()), mistakes


def _ledger(table: Mapping[str, Any]) -> CountyLedger:
    values: dict[str, Any] = {name: table[name] for name in ("key", *_TEXTS) if name in table}
    values |= {name: tuple(table[name]) for name in _LISTS if name in table}
    values |= {name: dict(table.get(name, {})) for name in _TABLES}
    return CountyLedger(kind=KINDS[table["kind"]], helped=table.get("helped", False), **values)


def _check(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = [
        Mistake(source, f"{place}.{key}", "没有这一项", f"请删去；可用：{'、'.join(sorted(_KNOWN - {'source'}))}。")
        for key in sorted(set(table) - _KNOWN)
    ]
    found += [Mistake(source, f"{place}.{key}", "缺少这一项", "请补上。") for key in _REQUIRED if not table.get(key)]
    found += _check_kinds(table, place, source)
    if not found and table["kind"] not in KINDS:
        message = f"没有“{table['kind']}”这种台账"
        found.append(Mistake(source, f"{place}.kind", message, f"可用：{'、'.join(KINDS)}。"))
    return found or [*_check_columns(table, place, source), *_check_names(table, place, source)]


def _check_kinds(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = []
    for key in ("key", "kind", *_TEXTS):
        if not isinstance(table.get(key, ""), str):
            found.append(Mistake(source, f"{place}.{key}", "应为文字", "请用引号括起来。"))
    for key in _LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            found.append(Mistake(source, f"{place}.{key}", "应为文字的列表", '请写成 ["…", "…"]。'))
    for key in _TABLES:
        value = table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            found.append(Mistake(source, f"{place}.{key}", "应为列名与文字的对照", '请写成 {name = "学生姓名"}。'))
    return found + _check_words(table, place, source)


def _check_words(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    found = []
    if not isinstance(table.get("helped", False), bool):
        found.append(Mistake(source, f"{place}.helped", "应为 true 或 false", "列入帮扶中的学生写 helped = true。"))
    if table.get("paper", "A3") not in ("A3", "A4"):
        found.append(Mistake(source, f"{place}.paper", "纸张只能是 A3 或 A4", '例如 paper = "A3"。'))
    return found


def _check_columns(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    kind, columns = KINDS[table["kind"]], table["columns"]
    where = f"{place}.columns"
    found = []
    for key in sorted(set(columns)):
        if key not in kind.columns:
            remedy = f"可用：{'、'.join(kind.columns)}。"
            found.append(Mistake(source, where, f"{kind.name}没有“{key}”这一列", remedy))
        elif columns.count(key) > 1:
            found.append(Mistake(source, where, f"“{key}”写了不止一次", "每列只写一次。"))
    for key in kind.required:
        if key not in columns:
            found.append(Mistake(source, where, f"缺少必需的列“{key}”（{COLUMNS[key].head}）", "请补上。"))
    if "remark" in columns and columns[-1] != "remark":
        found.append(Mistake(source, where, "备注不在最后一列", "请把 remark 移到最后。"))
    if not table.get("identity_reason") and "id_number" in columns:
        remedy = "请写明完整身份信息离开系统的理由；不需要完整信息的，请删去 id_number。"
        found.append(Mistake(source, f"{place}.identity_reason", "台账列有身份证号而没有写明理由", remedy))
    return found


def _check_names(table: Mapping[str, Any], place: str, source: str) -> list[Mistake]:
    return [
        Mistake(source, f"{place}.{name}", f"“{key}”不在本台账的列中", "请删去，或把该列加入 columns。")
        for name in _TABLES
        for key in sorted(set(table.get(name, {})) - set(table["columns"]))
    ]
