"""Templates, styles and scripts keep the house rules: they compile, carry nothing inline, run in old browsers."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from students.choices import AbsenceReason, PartOfDay
from students.views.roll_rows import render_rows

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "config" / "static"
VENDOR = STATIC / "vendor"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
# Papers are printed on the server and never reach a browser.
SCREENS = [name for name in ALL if not name.startswith(("notices/print/", "cases/print/"))]
STYLES = sorted((STATIC / "css").glob("*.css"))
SCREEN_STYLES = [path for path in STYLES if path.name != "print.css"]
SCRIPTS = sorted((STATIC / "js").glob("*.js"))

TOO_NEW_FOR_CHROMIUM_90 = {
    ":has()": r":has\(",
    "container queries": r"@container|container-type",
    "@layer": r"@layer",
    "nesting": r"^\s*&|[{;]\s*&",
    "color-mix": r"color-mix\(",
    "dynamic viewport units": r"\d[dsl]v[hw]\b",
    "subgrid": r"subgrid",
    "range media queries": r"@media[^{]*[<>]",
    "text-wrap": r"text-wrap:",
    "individual transforms": r"^\s*(scale|rotate|translate):",
}
TOO_NEW_SCRIPT = {
    "eval": r"\beval\(|new Function\b",
    "optional chaining or nullish": r"\?\.[a-zA-Z\[(]|\?\?",
    ".at()": r"\.at\(",
    "structuredClone": r"structuredClone",
    "replaceAll": r"replaceAll",
    "private fields": r"\bthis\.#",
    "dialogs of the browser": r"\b(alert|confirm|prompt)\(\"",
    "html from strings": r"innerHTML|insertAdjacentHTML|document\.write",
}


def source(name: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", ALL)
def test_every_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", SCREENS)
def test_screens_carry_no_inline_script_or_style_because_the_content_policy_refuses_them(name: str) -> None:
    text = source(name)
    assert not re.search(r"<style\b|\sstyle\s*=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"hx-on|hx-vals\s*=\s*[\"']js:|javascript:", text)
    assert not re.search(r"(src|href)\s*=\s*[\"'](https?:)?//", text)


@pytest.mark.parametrize("name", ALL)
def test_templates_extend_at_most_three_levels(name: str) -> None:
    levels, current = 1, name
    while found := re.search(r"{% extends [\"']([^\"']+)[\"']", source(current)):
        levels, current = levels + 1, found[1]
    assert levels <= 3


@pytest.mark.parametrize("name", ALL)
def test_every_linked_static_file_exists(name: str) -> None:
    for path in re.findall(r"{% static [\"']([^\"']+)[\"'] %}", source(name)):
        assert finders.find(path), path


@pytest.mark.parametrize("path", SCREEN_STYLES, ids=lambda path: path.name)
def test_styles_use_nothing_newer_than_chromium_90(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = [word for word, pattern in TOO_NEW_FOR_CHROMIUM_90.items() if re.search(pattern, text, re.MULTILINE)]
    assert not found


@pytest.mark.parametrize("path", SCREEN_STYLES, ids=lambda path: path.name)
def test_only_the_tokens_name_colours(path: Path) -> None:
    if path.name == "tokens.css":
        return
    text = re.sub(r"#fff\b|rgba\(\d+, \d+, \d+, \.\d+\)", "", path.read_text(encoding="utf-8"))
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_small_and_use_nothing_newer_than_chromium_90(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [word for word, pattern in TOO_NEW_SCRIPT.items() if re.search(pattern, text)]
    assert not found
    assert len(text) < 8000
    assert text.startswith("/* "), "the first line says the script's one job"


def test_vendored_files_are_those_listed_with_their_hash() -> None:
    listed = dict(re.findall(r"`([\w./-]+\.(?:js|css))` \| ([0-9a-f]{64})", (VENDOR / "VENDOR.md").read_text("utf-8")))
    shipped = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.suffix in {".js", ".css"}
    }
    assert listed == shipped


class Inputs(HTMLParser):
    """Collects the attributes of all inputs and the words of all labels."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[dict[str, str | None]] = []
        self.words: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.inputs.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.add(data.strip())


def row_of(reason: str, **said: Any) -> str:
    row: dict[str, Any] = {
        "child_id": 1234, "name": "张小明", "initials": "zxm", "seen": "", "reason": reason, "part": "", "note": "",
        "last5_title": "", "last5": [], "term_absent": "", "on_leave": "", "waiting": False, "off_list": False,
    }  # fmt: skip
    return str(render_rows([row | said]))


def read(row: str) -> Inputs:
    parser = Inputs()
    parser.feed(row)
    return parser


def test_a_row_offers_exactly_the_official_reasons_and_parts() -> None:
    present = read(row_of(""))
    assert [each["value"] for each in present.inputs if each.get("name") == "reason-1234"] == ["", *AbsenceReason]
    assert [each["value"] for each in present.inputs if each.get("name") == "part-1234"] == [*PartOfDay]
    labels = {str(label) for _, label in (*AbsenceReason.choices, *PartOfDay.choices)}
    assert labels <= present.words


@pytest.mark.parametrize("reason", ["", *AbsenceReason])
def test_a_row_checks_exactly_one_reason_and_one_part(reason: str) -> None:
    checked = [(each["name"], each["value"]) for each in read(row_of(reason)).inputs if "checked" in each]
    assert checked == [("reason-1234", reason), ("part-1234", "day")]


def test_child_numbers_above_a_thousand_are_printed_without_grouping() -> None:
    assert {"name": "child", "value": "1234", "type": "hidden"} in read(row_of("")).inputs


def test_whatever_is_typed_stays_text() -> None:
    typed = """<b>"小明'&{name}{id}"""
    shown = "&lt;b&gt;&quot;小明&#x27;&amp;{name}{id}"
    said = dict.fromkeys(("name", "initials", "seen", "note", "last5_title", "term_absent", "on_leave"), typed)
    row = row_of("", **said, last5=[{"mark": typed, "tone": "none"}])
    assert "<b>小明" not in row
    assert typed not in row
    assert row.count(shown) == 12
    assert [each["value"] for each in read(row).inputs if each.get("name") == "note-1234"] == [typed]


def test_no_place_of_a_row_stays_open() -> None:
    row = row_of("sick", part="am", waiting=True, off_list=True, on_leave="病假至 10-12（周一）", term_absent="3.5")
    assert "{" not in row
    assert "}" not in row
    for words in ("更正待复核", "名单外", "病假至 10-12（周一）", "3.5天"):
        assert words in row
