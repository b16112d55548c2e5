"""What a ledger is: a kind with its catalogue, a county's choice of columns, and the sheet both make with rows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agencies.xlsx import Cell, Column, Sheet
from notices.ledgers.columns import COLUMNS, LedgerRow
from notices.rules.papers import plain_day

# A PDF row of thirty columns costs about 40 ms of CPU time (200 rows measured): above this the Excel file serves.
PDF_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class LedgerKind:
    """A kind of ledger the product knows: the columns it may have, those it cannot do without."""

    key: str
    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountyLedger:
    """A ledger as a county keeps it: title, columns in the county's order, headings as the county words them."""

    kind: LedgerKind
    key: str
    title: str
    columns: tuple[str, ...]
    clause: str
    quote: str
    heads: Mapping[str, str]
    groups: Mapping[str, str]
    filled_by: str = ""
    recipient: str = ""
    update: str = ""
    paper: Literal["A3", "A4"] = "A3"
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ("单位负责人：", "复核人：", "填表人：")
    identity_reason: str = ""
    source: str = ""
    # Whether the ledger also lists pupils who are helped (帮扶) and not absent.
    helped: bool = False

    @property
    def needs_full_identity(self) -> bool:
        """Whether the ledger leaves with names, numbers and addresses unmasked; why stands in `identity_reason`."""
        return bool(self.identity_reason)


def sheet(
    ledger: CountyLedger,
    rows: Iterable[LedgerRow],
    *,
    unit: str,
    on: date,
    full: bool,
    restricted: bool = False,
    names: bool = False,
) -> Sheet:
    """The official table of a ledger for one unit, ready for Excel, PDF and page.

    `full` prints identities unmasked and is for those who may export them; `restricted` also names the special groups
    under restricted permission; `names` leaves names whole for who may see them. Rows stay an iterator.
    """
    chosen = [COLUMNS[key] for key in ledger.columns]
    columns = tuple(
        Column(
            column.key,
            ledger.heads.get(column.key, column.head),
            ledger.groups.get(column.key, column.group),
            column.width,
            column.align,
        )
        for column in chosen
    )

    def cells() -> Iterator[tuple[Cell, ...]]:
        for row in rows:
            yield tuple(column.value(row, full=full, restricted=restricted, names=names) for column in chosen)

    return Sheet(
        title=ledger.title,
        columns=columns,
        rows=cells(),
        unit_line=f"填报单位（盖章）：{unit}",
        date_line=f"填报日期：{plain_day(on)}",
        notes=ledger.notes,
        signatures=ledger.signatures,
        paper=ledger.paper,
    )


def pdf_refusal(count: int) -> str:
    """Why a ledger of this many rows is not made as PDF, as a Chinese sentence; empty when it is."""
    if count <= PDF_ROWS:
        return ""
    return f"共 {count} 行，超过 PDF 台账上限 {PDF_ROWS} 行。请下载 Excel，或按村、学校分开生成 PDF。"
