"""Papers come out as PDF: same bytes for the same facts, nothing fetched, every character of a name drawn."""

import io
import logging
import os
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from PIL import Image
from pypdf import PdfReader

from agencies import pdf
from agencies.pdf import helper

pytestmark = [pytest.mark.long, pytest.mark.anew]

BASE = Path(settings.BASE_DIR) / "config" / "static"
RARE = "䶮㛃𬱖𤧟㧐䴔䴖㭎喆堃祎婳龑翀昇赟犇甯"
TEMPLATES = {
    "plain.html": '<section class="paper order"><p>{{ text }}</p></section>',
    "long.html": '<section class="paper order">{% for n in lines %}<p>{{ text }}</p>{% endfor %}</section>',
    "remote.html": '<section class="paper"><p>{{ text }}</p><img src="http://127.0.0.1:9/x.png"></section>',
    "local.html": '<section class="paper"><p>{{ text }}</p><img src="file:///etc/passwd"></section>',
    "broken.html": '<section class="paper">{{ text|floatformat:text.nothing.at.all }}{% include missing %}</section>',
}


@pytest.fixture(autouse=True)
def _templates(tmp_path: Path, settings: Any) -> None:
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]


def texts(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def alone(text: str) -> helper.Document:
    source, _ = pdf.document([pdf.Page("plain.html", {"text": text})])
    return source


def pixels(data: bytes, tmp_path: Path) -> list[Image.Image]:
    source = tmp_path / "paper.pdf"
    source.write_bytes(data)
    subprocess.run(["pdftoppm", "-r", "30", "-gray", "-png", source, tmp_path / "page"], check=True)
    return [Image.open(path) for path in sorted(tmp_path.glob("page*.png"))]


def families(data: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(data)) as document:
        return {
            str(item["/BaseFont"]).partition("+")[2]
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
        }


def test_the_same_facts_give_the_same_bytes() -> None:
    first = pdf.render("plain.html", {"text": "张三"}, base=BASE)
    assert first == pdf.render("plain.html", {"text": "张三"}, base=BASE)
    assert first != pdf.render("plain.html", {"text": "李四"}, base=BASE)


def test_a_run_gives_one_merged_file_and_each_paper_cut_out_of_it() -> None:
    papers = [
        pdf.Page("plain.html", {"text": "甲"}),
        pdf.Page("long.html", {"text": "乙", "lines": range(60)}),
        pdf.Page("plain.html", {"text": "丙"}),
    ]
    merged, parts = pdf.render_many(papers, base=BASE)
    assert [len(texts(part)) for part in parts] == [1, 3, 1]
    assert len(texts(merged)) == 5
    assert "丙" in texts(parts[2])[0]
    assert "乙" not in "".join(texts(parts[2]))


def test_page_numbers_count_within_each_paper_of_a_run() -> None:
    papers = [pdf.Page("long.html", {"text": "甲", "lines": range(40)}), pdf.Page("plain.html", {"text": "乙"})]
    merged, _ = pdf.render_many(papers, base=BASE)
    assert [text.strip().splitlines()[-1] for text in texts(merged)] == ["— 1 —", "— 2 —", "— 1 —"]


def test_cut_files_are_the_same_bytes_each_time() -> None:
    papers = [pdf.Page("plain.html", {"text": f"学生{number}"}) for number in range(3)]
    assert pdf.render_many(papers, base=BASE) == pdf.render_many(papers, base=BASE)


@pytest.mark.parametrize("count", [0, pdf.MERGE_LIMIT + 1])
def test_an_empty_or_oversized_run_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="render_many"):
        pdf.render_many([pdf.Page("plain.html", {"text": "甲"})] * count, base=BASE)


@pytest.mark.parametrize("template", ["remote.html", "local.html", "broken.html", "none.html"])
def test_a_fault_names_the_template_and_never_the_text(template: str) -> None:
    with pytest.raises(pdf.RenderError) as caught:
        pdf.render(template, {"text": "张三的身份证号"}, base=BASE)
    assert template in str(caught.value)
    assert "张三" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_text_is_escaped() -> None:
    assert "<b>甲</b>" in texts(pdf.render("plain.html", {"text": "<b>甲</b>"}, base=BASE))[0]


def test_every_character_of_a_name_has_ink(tmp_path: Path) -> None:
    papers = [pdf.Page("plain.html", {"text": character}) for character in RARE]
    merged, _ = pdf.render_many(papers, base=BASE)
    pages = pixels(merged, tmp_path)
    # Above the page number, so that only the character itself can leave ink.
    drawn = [page.convert("L").crop((0, 0, page.width, page.height // 2)) for page in pages]
    blank = [character for character, page in zip(RARE, drawn, strict=True) if page.getextrema()[0] > 160]
    assert blank == []
    assert len({page.tobytes() for page in drawn}) == len(RARE)


def test_rare_characters_come_from_the_fonts_we_name() -> None:
    used = families(pdf.render("plain.html", {"text": f"张三{RARE}"}, base=BASE))
    assert used == {"Fandol-Fang", "Noto-Serif-CJK-SC"}


def test_the_fast_subsetter_is_installed() -> None:
    assert pdf.problems() == []


def test_warnings_of_the_renderer_reach_our_log(caplog: pytest.LogCaptureFixture) -> None:
    pdf.render("plain.html", {"text": "甲"}, base=BASE)
    with caplog.at_level(logging.WARNING, logger="baoxue.pdf"):
        logging.getLogger("weasyprint").warning("missing %s", "font")
    ours = [record.getMessage() for record in caplog.records if record.name == "baoxue.pdf"]
    assert ours == ["weasyprint: missing font"]


def test_a_run_of_several_groups_is_whole_and_in_order() -> None:
    papers = [pdf.Page("plain.html", {"text": f"学生{number:03}"}) for number in range(pdf.TOGETHER + 5)]
    merged, parts = pdf.render_many(papers, base=BASE)
    said = [f"学生{number:03}" for number in range(pdf.TOGETHER + 5)]
    assert [text.split()[0] for text in texts(merged)] == said
    assert [texts(part)[0].split()[0] for part in parts] == said


def test_the_second_process_gives_the_bytes_this_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [pdf.Page("plain.html", {"text": f"学生{number}"}) for number in range(pdf.TOGETHER + 1)]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    alone = pdf.render_many(papers, base=BASE)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    assert pdf.render_many(papers, base=BASE) == alone


def test_a_second_process_that_has_gone_is_started_anew() -> None:
    second, documents = helper._Helper(), [alone("甲")]
    assert second.lay_out(documents[0], BASE).pages == 1
    assert second.process is not None
    second.process.kill()
    second.process.wait()
    assert second.lay_out(documents[0], BASE).pages == 1
    second.stop()
    assert second.process is None


def test_what_the_second_process_could_not_do_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = helper._Helper()
    monkeypatch.setattr(helper, "_helper", gone)
    monkeypatch.setattr(helper.engine, "__file__", "/nonexistent/engine.py")
    documents = [alone(text) for text in "甲乙丙"]
    assert [laid.pages for laid in helper.lay_out_all(documents, BASE)] == [1, 1, 1]
    assert gone.process is None


def test_a_fault_in_a_large_run_names_the_template_and_never_the_text() -> None:
    papers = [pdf.Page("remote.html", {"text": "张三的身份证号"})] * (pdf.TOGETHER + 1)
    with pytest.raises(pdf.RenderError) as caught:
        pdf.render_many(papers, base=BASE)
    assert "remote.html" in str(caught.value)
    assert "张三" not in str(caught.value)


def test_the_second_process_leaves_when_its_starter_has_gone() -> None:
    second = helper._Helper()
    second.lay_out(alone("甲"), BASE)
    process = second.process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    second.stop()
