"""Every layout's facts, and how they are frozen when a paper is issued and thawed when it is made."""

import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints

from notices.choices import PaperLayout
from notices.rules.asking import Advice, CriticismRecord
from notices.rules.demanding import Demand
from notices.rules.materials import MaterialList
from notices.rules.papers import (
    EnrolmentRecord,
    Letter,
    Order,
    PostponementForm,
    Receipt,
    ReportSlip,
    SchoolRecord,
    SituationReport,
    TownshipRecord,
)
from notices.rules.report_letter import ReportLetter

Facts = (
    TownshipRecord
    | EnrolmentRecord
    | PostponementForm
    | SchoolRecord
    | ReportSlip
    | SituationReport
    | ReportLetter
    | Advice
    | CriticismRecord
    | Order
    | Demand
    | MaterialList
    | Receipt
    | Letter
)

FACTS: Mapping[PaperLayout, type[Facts]] = {
    PaperLayout.TOWNSHIP_RECORD: TownshipRecord,
    PaperLayout.ENROLMENT_RECORD: EnrolmentRecord,
    PaperLayout.POSTPONEMENT_FORM: PostponementForm,
    PaperLayout.SCHOOL_RECORD: SchoolRecord,
    PaperLayout.REPORT_SLIP: ReportSlip,
    PaperLayout.SITUATION_REPORT: SituationReport,
    PaperLayout.REPORT_LETTER: ReportLetter,
    PaperLayout.ENTRY_NOTICE: Advice,
    PaperLayout.URGING: Advice,
    PaperLayout.PROPOSAL: Advice,
    PaperLayout.CRITICISM_RECORD: CriticismRecord,
    PaperLayout.ORDER: Order,
    PaperLayout.DEMAND: Demand,
    PaperLayout.SUIT_MATERIALS: MaterialList,
    PaperLayout.ENFORCEMENT_MATERIALS: MaterialList,
    PaperLayout.RECEIPT: Receipt,
    PaperLayout.WITHDRAWAL: Letter,
    PaperLayout.CORRECTION: Letter,
}


def freeze(facts: Facts) -> dict[str, Any]:
    """The facts as values that JSON can hold, dates as ISO text."""
    frozen = _plain(asdict(facts))
    assert isinstance(frozen, dict)  # noqa: S101
    return frozen


def thaw(layout: PaperLayout, frozen: Mapping[str, Any]) -> Facts:
    """The facts that `freeze` made; raises TypeError or ValueError when they do not belong to this layout."""
    facts = _rebuild(FACTS[layout], frozen)
    assert isinstance(facts, FACTS[layout])  # noqa: S101
    return facts


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _rebuild(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _rebuild(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(_rebuild(get_args(kind)[0], item) for item in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        known = {item.name for item in fields(kind)}
        if extra := set(value) - known:
            raise ValueError(f"{kind.__name__} has no {', '.join(sorted(extra))}")
        return kind(**{name: _rebuild(hints[name], item) for name, item in value.items()})
    return date.fromisoformat(value) if kind is date else value
