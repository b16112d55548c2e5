"""用印登记簿: the seal register as an official table; it names no child."""

from collections.abc import Iterable, Iterator
from datetime import date

from agencies.xlsx import Cell, Column, Sheet
from notices.models import Seal
from notices.rules.papers import plain_day

_COLUMNS = (
    Column("sealed_on", "用印日期", width=12),
    Column("paper", "文书名称", width=30, align="left"),
    Column("number", "文号", width=24),
    Column("name", "印章名称", width=22, align="left"),
    Column("copies", "份数", width=6),
    Column("approved_by", "批准人", width=10),
    Column("sealed_by", "用印人", width=10),
    Column("recorded_name", "登记人", width=10),
    Column("note", "备注", width=24, align="left"),
)


def seal_sheet(seals: Iterable[Seal], *, unit: str, on: date) -> Sheet:
    """The register of these entries; a crossed out one stays in its place and says so."""

    def rows() -> Iterator[tuple[Cell, ...]]:
        for seal in seals:
            yield (
                seal.sealed_on,
                f"《{seal.notice.title}》",
                seal.notice.number,
                seal.name,
                seal.copies,
                seal.approved_by,
                seal.sealed_by,
                seal.recorded_name,
                "；".join(text for text in (seal.note, struck_words(seal)) if text),
            )

    return Sheet(
        title="用印登记簿",
        columns=_COLUMNS,
        rows=rows(),
        unit_line=f"单位（盖章）：{unit}",
        date_line=f"打印日期：{plain_day(on)}",
        signatures=("单位负责人：", "印章保管人："),
        paper="A4",
    )


def struck_words(seal: Seal) -> str:
    """Why an entry was crossed out, empty where it stands."""
    return f"已更正：{seal.superseded_why}（{seal.superseded_by}）" if seal.superseded_at else ""
