"""A 送达回证 placed over a shared blank is the receipt laid out whole: same picture, same words in the same order."""

import subprocess
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image, ImageChops, ImageFilter

from agencies import pdf
from notices.choices import PaperLayout
from notices.rules.papers import Receipt
from notices.rules.room import fits
from notices.rules.wording import fill, template
from tests.agencies.test_pdf_blanks import forms
from tests.notices import papers
from tests.notices.test_papers import FILLED, form

pytestmark = pytest.mark.anew

BASE = Path(settings.BASE_DIR) / "config" / "static"
# Each as long as a room lets it be; one character more and the receipt is laid out whole.
LONGEST = replace(
    papers.receipt(addressee="阿卜杜热西提·阿卜杜拉"),
    issuer="某某壮族自治县某某瑶族回族乡人民政府办公处",
    number="某某壮族自治县某某瑶族回族乡某某片区镇政府送回〔2026〕1000号",
    document_title="责令限期返校通知书",
    document_number="某某政限返〔2026〕100号",
    student="欧阳某某某某某",
    relation="祖父母",
)
RARE = replace(papers.receipt(addressee="欧阳䶮㛃𬱖"), student="赵㭎喆", relation="父亲")
ORDINARY = replace(papers.receipt(), student="李小明")


def laid_out(receipts: list[Receipt], *, shared: bool, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The merged file of an order for each receipt; `shared` false as it is without blanks."""
    monkeypatch.setattr(pdf.blanks, "SHARING", "sharing" if shared else "not_sharing")
    each: list[dict[str, Any]] = [
        fill(form(PaperLayout.ORDER), papers.order(), receipts=[receipt]) for receipt in receipts
    ]
    pages = [pdf.Page(template(PaperLayout.ORDER), context) for context in each]
    return pdf.render_many(pages, base=BASE)[0]


def pictures(data: bytes, folder: Path) -> list[Image.Image]:
    folder.mkdir()
    (folder / "paper.pdf").write_bytes(data)
    subprocess.run(["pdftoppm", "-r", "100", "-gray", "-png", folder / "paper.pdf", folder / "page"], check=True)
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page*.png"))]


def words(data: bytes, folder: Path) -> str:
    (folder / "paper.pdf").write_bytes(data)
    told = subprocess.run(["pdftotext", "-layout", folder / "paper.pdf", "-"], check=True, capture_output=True)
    return told.stdout.decode()


def astray(one: Image.Image, other: Image.Image, pixels: int) -> int:
    """How many dark pixels of `one` have nothing dark within so many pixels in `other`."""
    near = other.filter(ImageFilter.MinFilter(2 * pixels + 1)) if pixels else other
    return sum(ImageChops.subtract(near, one).histogram()[100:])


@pytest.mark.long
@pytest.mark.parametrize(
    ("receipt", "pixels"), [(ORDINARY, 0), (LONGEST, 0), (RARE, 1)], ids=["ordinary", "longest", "rare"]
)
def test_a_receipt_over_a_blank_is_the_picture_of_the_whole_one(
    receipt: Receipt, pixels: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receipt.blank
    pair = [receipt, ORDINARY]
    shared = laid_out(pair, shared=True, monkeypatch=monkeypatch)
    whole = laid_out(pair, shared=False, monkeypatch=monkeypatch)
    assert (forms(shared), forms(whole)) == (len({receipt.blank, ORDINARY.blank}), 0)
    assert words(shared, tmp_path) == words(whole, tmp_path)
    both = zip(pictures(shared, tmp_path / "shared"), pictures(whole, tmp_path / "whole"), strict=True)
    assert [(astray(one, other, pixels), astray(other, one, pixels)) for one, other in both] == [(0, 0)] * 4


@pytest.mark.long
def test_a_receipt_that_needs_more_room_is_laid_out_whole_beside_those_that_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = replace(papers.receipt(addressee="阿卜杜热西提·阿卜杜拉·买买提"), student="阿依古丽·阿卜杜热西提")
    shared = laid_out([ORDINARY, long, RARE], shared=True, monkeypatch=monkeypatch)
    whole = laid_out([ORDINARY, long, RARE], shared=False, monkeypatch=monkeypatch)
    assert words(shared, tmp_path) == words(whole, tmp_path)
    one, other = (pictures(data, tmp_path / name)[3] for name, data in (("shared", shared), ("whole", whole)))
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": f"{LONGEST.issuer}甲"},
        {"number": f"{LONGEST.number}某"},
        {"document_title": f"{LONGEST.document_title}甲"},
        {"document_number": f"某{LONGEST.document_number}"},
        {"addressee": f"{LONGEST.addressee}甲"},
        {"student": f"{LONGEST.student}甲"},
        {"addressee": "李\n大山"},
        {"addressee": "Wang Wu"},
        {"addressee": "李\ue000"},
        {"issuer": "䶮镇人民政府"},
    ],
    ids=str,
)
def test_a_receipt_with_a_word_that_may_not_fit_shares_no_blank(changes: dict[str, str]) -> None:
    assert LONGEST.blank
    assert replace(LONGEST, **changes).blank is None


def test_a_filled_receipt_shares_no_blank() -> None:
    assert FILLED.blank is None
    assert replace(ORDINARY, recorded="丁一 2026-12-23 17:00").blank is None


def test_receipts_of_one_issuer_share_one_blank_with_no_word_of_their_own() -> None:
    other = replace(ORDINARY, number="某镇送回〔2026〕4号", document_number="某镇限返〔2026〕4号", addressee="王小花")
    assert ORDINARY.blank
    assert ORDINARY.blank == replace(other, student="王某", relation="母亲").blank
    assert replace(ORDINARY, issuer="某县教育局").blank != ORDINARY.blank
    assert not {"李大山", "李㛃", "父亲"} & {str(value) for value in astuple(ORDINARY.blank)}


@pytest.mark.parametrize(
    ("text", "ems", "expected"),
    [("李大山", 3, True), ("李大山", 2.5, False), ("2026", 2, True), ("2026年", 2.5, False), ("", 0, True)],
)
def test_a_digit_takes_half_a_character_and_an_ideograph_a_whole_one(text: str, ems: float, expected: bool) -> None:
    assert fits(text, ems) is expected


@pytest.mark.parametrize("text", ["李 明", "Li", "１\t", "\u2e3a", "李\u0301", "😀", "\ue000"])
def test_a_character_of_unknown_width_never_fits(text: str) -> None:
    assert not fits(text, 100)


def test_a_character_that_only_another_font_has_fits_where_a_line_may_grow() -> None:
    assert fits("䶮", 1)
    assert not fits("䶮", 1, rare=False)
