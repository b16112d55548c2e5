"""The invented folders that the recipes under docs/ quote, written to disk for tests."""

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
# The last blocks of the county recipe: the files of an overlay on its plan.
_OVERLAY = ("county.toml", "policy.toml", "duties.toml", "examples/01.toml")


def blocks(name: str) -> list[str]:
    """The TOML blocks of a document, in its order."""
    return re.findall(r"```toml\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)


def county(under: Path) -> Path:
    """The plan of 清禾县, with all that a plan can hold."""
    county, calendar, policy, paths, *examples, indicators, duties, clauses = blocks("add-a-county.md")[
        : -len(_OVERLAY)
    ]
    (notices,), (ledgers,) = blocks("add-a-notice.md"), blocks("add-a-ledger.md")
    files = {
        "county.toml": county,
        "calendar.toml": calendar,
        "policy.toml": f"{policy}\n{paths}",
        "indicators.toml": indicators,
        "duties.toml": duties,
        "clauses.toml": clauses,
        "notices.toml": notices,
        "ledgers.toml": ledgers,
        **{f"examples/{number:02d}.toml": text for number, text in enumerate(examples, start=1)},
    }
    return write(under / "qinghe-2026", files)


def overlay(under: Path) -> Path:
    """What the township 柳溪镇 does otherwise than 清禾县; needs that plan beside it."""
    texts = blocks("add-a-county.md")[-len(_OVERLAY) :]
    return write(under / "liuxi-2026", dict(zip(_OVERLAY, texts, strict=True)))


def write(folder: Path, files: dict[str, str]) -> Path:
    """A county folder with these files."""
    (folder / "examples").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
