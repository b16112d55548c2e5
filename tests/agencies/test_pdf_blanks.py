"""What is the same on the pages of many papers is laid out once and lies under each of them, in every file."""

import io
import os
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from pypdf import PdfReader

from agencies import pdf

pytestmark = [pytest.mark.long, pytest.mark.anew]

BASE = Path(settings.BASE_DIR) / "config" / "static"
# A letter of one page, then a form; `rows` makes the blank longer than a page, `whole` keeps a paper from sharing.
FORM = """<section class="paper order"><p>致{{ text }}</p></section>
{% if sharing and not whole %}<section class="paper form"><!--blank--><section class="paper form"><p>{{ printed }}</p>
{% for row in rows %}<p>空行</p>{% endfor %}</section><!--/blank--><p style="margin-top: 60pt">{{ text }}</p></section>
{% else %}<section class="paper form"><p>{{ printed }}</p><p>独立{{ text }}</p></section>{% endif %}"""


@pytest.fixture(autouse=True)
def _templates(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "form.html").write_text(FORM, encoding="utf-8")
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]


def paper(text: str, printed: str = "送达回证", **more: object) -> pdf.Page:
    return pdf.Page("form.html", {"text": text, "printed": printed, **more})


def texts(data: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def forms(data: bytes) -> int:
    """How many form XObjects the file has."""
    with pikepdf.open(io.BytesIO(data)) as document:
        streams = [item for item in document.objects if isinstance(item, pikepdf.Stream)]
        return sum(item.get("/Subtype") == "/Form" for item in streams)


def test_every_page_shows_the_blank_and_its_own_words_and_no_page_is_the_blank_alone() -> None:
    merged, parts = pdf.render_many([paper("甲"), paper("乙")], base=BASE)
    assert texts(merged) == ["致甲—1—", "送达回证甲", "致乙—1—", "送达回证乙"]
    assert [texts(part) for part in parts] == [["致甲—1—", "送达回证甲"], ["致乙—1—", "送达回证乙"]]


def test_a_blank_stands_in_the_file_once_for_each_group_and_once_in_every_paper() -> None:
    merged, parts = pdf.render_many([paper(f"学生{number}") for number in range(pdf.TOGETHER + 1)], base=BASE)
    assert forms(merged) == 2
    assert {forms(part) for part in parts} == {1}


def test_each_page_lies_over_the_blank_of_its_own() -> None:
    papers = [paper("甲", "东镇"), paper("乙", "西镇"), paper("丙", "东镇")]
    merged, _ = pdf.render_many(papers, base=BASE)
    assert texts(merged)[1::2] == ["东镇甲", "西镇乙", "东镇丙"]
    assert forms(merged) == 2


def test_a_paper_written_whole_stands_among_those_that_share() -> None:
    merged, parts = pdf.render_many([paper("甲"), paper("乙", whole=True), paper("丙")], base=BASE)
    assert texts(merged)[1::2] == ["送达回证甲", "送达回证独立乙", "送达回证丙"]
    assert [forms(part) for part in parts] == [1, 0, 1]


def test_a_single_paper_shares_with_nobody() -> None:
    assert texts(pdf.render("form.html", paper("甲").context, base=BASE))[1] == "送达回证独立甲"
    merged, _ = pdf.render_many([paper("甲")], base=BASE)
    assert texts(merged)[1] == "送达回证独立甲"


def test_text_that_looks_like_a_mark_is_text() -> None:
    merged, _ = pdf.render_many([paper("<!--blank-->"), paper("<!--/blank-->")], base=BASE)
    assert texts(merged) == [
        "致<!--blank-->—1—",
        "送达回证<!--blank-->",
        "致<!--/blank-->—1—",
        "送达回证<!--/blank-->",
    ]


def test_a_blank_that_is_no_single_page_stops_the_run_and_never_tells_the_text() -> None:
    with pytest.raises(pdf.RenderError) as caught:
        pdf.render_many([paper("张三", rows=range(80)), paper("李四", rows=range(80))], base=BASE)
    assert "form.html" in str(caught.value)
    assert "张三" not in str(caught.value)


def test_a_run_over_blanks_is_the_same_bytes_each_time_on_one_core_and_on_two(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [paper(f"学生{number}") for number in range(pdf.TOGETHER + 1)]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    alone = pdf.render_many(papers, base=BASE)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    assert pdf.render_many(papers, base=BASE) == alone
