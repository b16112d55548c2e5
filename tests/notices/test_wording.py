"""County wording: every mistake at once, no unknown placeholder, no fine, no issuer without power."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from notices.choices import PaperLayout
from notices.rules.common import COMMON, with_common
from notices.rules.facts import FACTS, freeze, thaw
from notices.rules.wording import PaperForm, fill, load_papers, pieces, prefix_for
from tests.notices import papers

FILES = sorted((Path(settings.BASE_DIR) / "fixtures" / "counties").glob("*/notices.toml"))
GOOD: dict[str, Any] = {
    "key": "order",
    "layout": "order",
    "title": "限期返校通知书",
    "issuers": ["township"],
    "clause": "一",
    "quote": "责令3日内送学生返校",
    "prefix": "{code_word}限返",
    "paragraphs": ["依照第五十八条，{guardian}应于{deadline}前送{student}返校。"],
}


def mistakes(**changes: Any) -> list[str]:
    table = {key: value for key, value in (GOOD | changes).items() if value is not None}
    forms, found = load_papers({"paper": [table]}, "notices.toml")
    assert bool(forms) != bool(found)
    return [str(mistake) for mistake in found]


def form(**changes: Any) -> PaperForm:
    forms, found = load_papers({"paper": [GOOD | changes]}, "notices.toml")
    assert found == []
    return forms[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_files_we_ship_have_no_mistake(path: Path) -> None:
    forms, found = load_papers(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    assert found == []
    assert forms


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_order_we_ship_states_basis_remedies_and_three_copies(path: Path) -> None:
    forms, _ = load_papers(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    for each in forms:
        if each.layout == PaperLayout.ORDER:
            context = fill(each, papers.order())
            text = "".join(context["paragraphs"])
            assert "第五十八条" in text
            assert "2026年10月16日（星期五）" in text
            assert "六十日内依法申请行政复议" in context["remedies"]
            assert "六个月内依法直接向人民法院提起行政诉讼" in context["remedies"]
            assert each.copies == 3


def test_an_unknown_placeholder_is_a_mistake_with_place_and_remedy() -> None:
    found = mistakes(paragraphs=["第五十八条{student}{deadline}{parent}"])
    assert len(found) == 1
    assert found[0].startswith("notices.toml paper[order].paragraphs[1]：没有占位词 {parent}。可用：")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"paragraphs": ["第五十八条{deadline}"]}, "正文缺少占位词 {student}"),
        ({"paragraphs": ["第五十八条{student}"]}, "正文缺少占位词 {deadline}"),
        ({"paragraphs": ["{student}{deadline}"]}, "正文没有写明依据"),
        ({"paragraphs": ["第五十八条{student}{deadline}{"]}, "花括号不成对"),
        ({"paragraphs": ["第五十八条{student}{deadline}，逾期处500元罚款。"]}, "请删去"),
        ({"remedies": "逾期缴纳滞纳金"}, "出现“"),
        ({"note": "{student}"}, "此处不用占位词"),
        ({"key": "order-remedies", "title": "{student}通知书"}, "此处不用占位词"),
        ({"issuers": ["school"]}, "学校无权责令限期改正"),
        ({"issuers": ["subdistrict"]}, "请先在方案数据中写明其法律依据"),
        ({"issuers": ["court"]}, "没有“court”这种出具单位"),
        ({"issuers": "township"}, "应为文字的列表"),
        ({"layout": "letter"}, "没有“letter”这种版式"),
        ({"prefix": "限返1"}, "机关代字"),
        ({"prefix": None}, "机关代字"),
        ({"copies": 0}, "份数应为1至10的整数"),
        ({"copies": True}, "份数应为1至10的整数"),
        ({"confirmed": "yes"}, "应为 true 或 false"),
        ({"title": 5}, "应为文字"),
        ({"quote": None}, "缺少这一项"),
        ({"colour": "red"}, "没有这一项"),
    ],
)
def test_each_mistake_is_said_in_chinese(changes: dict[str, Any], sentence: str) -> None:
    found = mistakes(**changes)
    assert any(sentence in text for text in found), found


def test_all_mistakes_of_a_file_come_at_once() -> None:
    tables = [GOOD | {"layout": "letter"}, GOOD | {"quote": ""}, {"key": "x"}]
    _, found = load_papers({"paper": tables, "papers": []}, "notices.toml")
    assert len({mistake.place for mistake in found}) >= 6


def test_the_same_key_twice_is_a_mistake() -> None:
    forms, found = load_papers({"paper": [GOOD, GOOD]}, "notices.toml")
    assert [len(forms), len(found)] == [1, 1]
    assert "已经用过" in str(found[0])


@pytest.mark.parametrize("data", [{"paper": "x"}, {"paper": [1]}, {"paper": {"key": 1}}])
def test_a_file_of_the_wrong_shape_is_a_mistake_and_no_crash(data: dict[str, Any]) -> None:
    forms, found = load_papers(data, "notices.toml")
    assert forms == ()
    assert "[[paper]]" in str(found[0])


def test_a_subdistrict_with_a_typed_basis_may_order() -> None:
    assert mistakes(issuers=["subdistrict"], typed_basis="某省义务教育条例第九条") == []


def test_deadlines_are_printed_with_date_and_weekday() -> None:
    text = fill(form(), papers.order(deadline=date(2026, 10, 10)))["paragraphs"][0]
    assert text == "依照第五十八条，李大山应于2026年10月10日（星期六）前送李㛃返校。"


def test_braces_in_a_fact_are_not_filled_again() -> None:
    assert "{student}应于" in fill(form(), papers.order(guardian="{student}"))["paragraphs"][0]


def test_a_fine_that_slips_in_with_the_facts_stops_the_paper() -> None:
    with pytest.raises(ValueError, match="罚款"):
        fill(form(), replace(papers.order(), guardian="罚款"))


def test_facts_of_another_layout_are_refused() -> None:
    with pytest.raises(ValueError, match="SchoolRecord"):
        fill(form(), papers.school_record())


def test_the_series_of_a_unit_has_its_code_word() -> None:
    assert prefix_for(form(), "某镇") == "某镇限返"
    with pytest.raises(ValueError, match="机关代字"):
        prefix_for(form(), "A镇")


def test_frozen_facts_come_back_the_same() -> None:
    made = papers.all_facts()
    assert set(made) == set(FACTS)
    for layout, facts in made.items():
        assert thaw(layout, freeze(facts)) == facts


def test_facts_with_a_field_too_many_do_not_thaw() -> None:
    with pytest.raises(ValueError, match="has no fine"):
        thaw(PaperLayout.RECEIPT, freeze(papers.receipt()) | {"fine": "500"})


LETTER: dict[str, Any] = {
    "key": "withdrawal",
    "layout": "withdrawal",
    "title": "撤回函",
    "issuers": ["school", "township"],
    "assumed": True,
    "prefix": "{code_word}撤函",
    "paragraphs": ["{paper_on}{student}的{paper}，{reason}，现予撤回。"],
}


def test_a_county_words_a_letter_its_plan_does_not_have_and_says_so() -> None:
    forms, found = load_papers({"paper": [LETTER]}, "notices.toml")
    assert found == []
    assert (forms[0].assumed, forms[0].clause) == (True, "本方案未规定")
    text = fill(forms[0], papers.letter())["paragraphs"][0]
    assert text == (
        "2026年10月12日（星期一）李㛃的《义务教育阶段学生辍学情况报告单》，该生9月29日实际到校，考勤登记有误，现予撤回。"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"paragraphs": ["{paper_on}{student}的{paper}现予撤回。"]}, "正文缺少占位词 {reason}"),
        ({"paragraphs": ["{paper_on}{student}{paper}{reason}{wrong}"]}, "没有占位词 {wrong}"),
        ({"issuers": ["village"]}, "撤回函由"),
        ({"prefix": "撤1"}, "机关代字"),
        ({"assumed": "yes"}, "应为 true 或 false"),
        ({"assumed": False}, "缺少这一项"),
        ({"layout": "correction"}, "正文缺少占位词 {right}"),
    ],
)
def test_each_mistake_of_a_letter_is_said(changes: dict[str, Any], sentence: str) -> None:
    _, found = load_papers({"paper": [LETTER | changes]}, "notices.toml")
    assert any(sentence in str(mistake) for mistake in found), found


def test_the_common_wording_stands_in_only_where_a_plan_is_silent() -> None:
    own, _ = load_papers({"paper": [LETTER]}, "notices.toml")
    layouts = {each.layout: each for each in with_common({each.key: each for each in own}).values()}
    assert layouts[PaperLayout.WITHDRAWAL] == own[0]
    assert layouts[PaperLayout.CORRECTION].assumed
    for each in COMMON:
        assert PaperLayout(each.layout) in layouts
        assert "{" not in "".join(fill(each, papers.all_facts()[each.layout])["paragraphs"])


def test_a_line_breaks_neither_in_a_date_nor_in_a_number() -> None:
    kept = [text for text, keep in pieces("你于2026年10月12日（星期一）收到某政限返〔2026〕3号。") if keep]
    assert kept[:2] == ["2026年10月12日", "（星期一）"]
    assert kept[2].endswith("〔2026〕3号")
