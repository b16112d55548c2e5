"""The recipes and tables of the documents hold: what they quote passes the check, what they name is there."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/screenshots/*.md")])
APPS = "agencies|students|cases|notices|config|templates|fixtures|tests|docs"
LARGEST_PICTURE = 300 * 1024


def blocks(name: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / name).read_text(encoding="utf-8"), re.DOTALL)


def test_the_county_of_the_recipes_may_be_adopted(tmp_path: Path) -> None:
    county, calendar, policy, example, indicators, duties, clauses = blocks("add-a-county.md")
    (notices,), (ledgers,) = blocks("add-a-notice.md"), blocks("add-a-ledger.md")
    (tmp_path / "examples").mkdir()
    files = {
        "county.toml": county,
        "calendar.toml": calendar,
        "policy.toml": policy,
        "examples/01.toml": example,
        "indicators.toml": indicators,
        "duties.toml": duties,
        "clauses.toml": clauses,
        "notices.toml": notices,
        "ledgers.toml": ledgers,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = StringIO()
    call_command("check_county", str(tmp_path), stdout=said)
    assert "1 个算例全部符合" in said.getvalue()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{APPS})/[\w./-]*\w)(?:::\w+|: \w+)?`", text)
    linked = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if "://" not in link]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing + [link for link in linked if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_a_document_names_is_there(document: Path) -> None:
    missing = []
    for file, test in re.findall(
        r"`(?:[\w/…]*/|…)?(test_\w+\.py)?::(test_\w+)`", document.read_text(encoding="utf-8")
    ):
        files = ROOT.glob(f"tests/**/{file or 'test_*.py'}")
        if not any(f"def {test}(" in path.read_text(encoding="utf-8") for path in files):
            missing.append(test)
    assert missing == []


def test_pictures_load_on_a_slow_line() -> None:
    pictures = list((ROOT / "docs" / "screenshots").glob("*.png"))
    assert {path.name for path in pictures} == {"roll-390.png", "queue-1280.png", "case-1280.png"}
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE] == []
