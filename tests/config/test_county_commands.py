"""check_county and rehearse: files in, sentences out, no database, no traceback."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.counties import FIXTURES, KEYS

STORY = FIXTURES / "counties" / "datian-2023" / "examples" / "01-national-day-whole-ladder.toml"


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def refused(*args: str) -> str:
    err = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*args, stdout=StringIO(), stderr=err)
    assert caught.value.returncode == 1
    return err.getvalue() + str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a county folder, free to be spoilt."""
    copied = tmp_path / "county"
    shutil.copytree(FIXTURES / "counties" / "jiaotan-2025", copied)
    return copied


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_a_good_folder_may_be_adopted(key: str) -> None:
    assert "算例全部符合，可以采用" in run("check_county", key)


def test_a_folder_is_found_by_its_path_too(folder: Path) -> None:
    assert "可以采用" in run("check_county", str(folder))


def test_mistakes_of_several_files_are_listed_together(folder: Path) -> None:
    spoil(folder / "policy.toml", 'owner = "principal"', 'owner = "headmaster"')
    spoil(folder / "calendar.toml", 'kind = "term"', 'kind = "tram"')
    spoil(folder / "county.toml", 'level = "township"', 'level = "city"')
    (folder / "examples" / "99.toml").write_text('title = "x"\n[[event]]\non = 2026-02-30\nkind = "fly"\n')
    said = refused("check_county", str(folder))
    for part in ("policy.toml 第", "headmaster", "是否应为 term？", "county.toml 第", "examples/99.toml"):
        assert part in said


def test_a_step_whose_paper_has_no_layout_is_refused(folder: Path) -> None:
    text = (folder / "notices.toml").read_text(encoding="utf-8")
    papers = [part for part in text.split("[[paper]]") if 'layout = "order"' not in part]
    (folder / "notices.toml").write_text("[[paper]]".join(papers), encoding="utf-8")
    said = refused("check_county", str(folder))
    assert "步骤“镇政府向监护人发放限期返校通知书”要出具文书" in said
    assert "layout 为 order" in said


def test_a_report_of_several_children_without_its_list_is_refused(folder: Path) -> None:
    for name in ("notices.toml", "ledgers.toml"):
        shutil.copy(FIXTURES / "counties" / "xx-2024" / name, folder / name)
    spoil(folder / "notices.toml", 'ledger = "dropout-report"', 'ledger = "persuasion"')
    said = refused("check_county", str(folder))
    assert "《学生失学辍学信息报告》没有可附的花名册" in said
    assert "可用：dropout-report" in said


def test_days_that_say_two_things_at_once_are_refused_with_both_places(folder: Path) -> None:
    days = """
[[days]]
kind = "term"
name = "重叠学期"
first_day = 2025-12-01
last_day = 2026-02-10

[[days]]
kind = "closed"
name = "停课"
day = 2025-12-05

[[days]]
kind = "open"
name = "补课"
day = 2025-12-05

[[days]]
kind = "open"
name = "九年级补课"
day = 2025-12-05
grade = 9
"""
    with (folder / "calendar.toml").open("a", encoding="utf-8") as file:
        file.write(days)
    said = refused("check_county", str(folder))
    assert "与“2025-2026学年第一学期”（2025-09-01（周一）至2026-01-30（周五））的日期重叠" in said
    assert "与“停课”（2025-12-05（周五）至2025-12-05（周五））的日期重叠" in said
    assert said.count("的日期重叠") == 2


def test_an_example_that_fails_stops_adoption_and_says_what_differs(folder: Path) -> None:
    spoil(folder / "examples" / "01-national-day-whole-ladder.toml", "counted = 5", "counted = 4")
    assert "2025-10-09 counted：应为 4，实为 5" in refused("check_county", str(folder))


def test_a_folder_without_examples_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "examples")
    assert "没有算例" in refused("check_county", str(folder))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a = [" * 800, b"x = 1\nx = 2\n", b"steps = 5"])
def test_a_broken_file_is_a_sentence(folder: Path, content: bytes) -> None:
    (folder / "policy.toml").write_bytes(content)
    assert "policy.toml" in refused("check_county", str(folder))


def test_a_missing_folder_and_a_missing_file_are_sentences(folder: Path) -> None:
    assert "没有这个文件夹" in refused("check_county", "nowhere")
    (folder / "calendar.toml").unlink()
    assert "calendar.toml 文件：没有这个文件" in refused("check_county", str(folder))


def test_a_rehearsal_says_what_is_owed_and_why() -> None:
    said = run("rehearse", "datian-2023", str(STORY), "--on", "2026-10-10")
    assert "第3个工作日 = 2026-10-10（周六）；10-01至10-07 国庆节放假，10-10 调休上班" in said
    assert "依据：三（四）“经说服动员后3个工作日内仍未返校的" in said


def test_the_same_story_runs_on_the_other_plan_as_data() -> None:
    found = json.loads(run("rehearse", "jiaotan-2025", str(STORY), "--on", "2026-10-12", "--json"))
    assert [d["on"] for d in found] == ["2026-10-12"]
    assert {d["step"] for d in found[0]["duties"]} >= {"phone", "visit", "report"}


def test_without_a_day_every_expected_day_is_played() -> None:
    assert len(json.loads(run("rehearse", "datian-2023", str(STORY), "--json"))) == 7


@pytest.mark.parametrize("day", ["10/10/2026", "tomorrow", "9999-12-31", ""])
def test_an_unknown_date_is_a_sentence(day: str) -> None:
    assert "不是日期" in refused("rehearse", "datian-2023", str(STORY), "--on", day)


def test_a_scenario_with_mistakes_lists_them_all(tmp_path: Path) -> None:
    path = tmp_path / "story.toml"
    path.write_text('titel = "x"\nabsent = [{ from = 2026-09-10, to = 2026-09-01 }, { day = "soon" }]\n')
    said = refused("rehearse", "datian-2023", str(path))
    for part in ("缺少 title", "是否应为 title？", "末日早于首日", "不是日期：'soon'"):
        assert part in said


def test_a_scenario_without_any_date_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "story.toml"
    path.write_text('title = "x"\n')
    assert "没有任何日期" in refused("rehearse", "datian-2023", str(path))


def test_a_missing_scenario_is_a_sentence() -> None:
    assert "没有这个文件" in refused("rehearse", "datian-2023", "nowhere.toml")
