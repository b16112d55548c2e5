"""A plan on top of another one: written by the recipe, checked, loaded, adopted by a township, lived by."""

import shutil
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agencies.choices import CalendarKind, Role, UnitKind
from agencies.models import CalendarEntry, Unit
from agencies.queries.policies import calendar_of_plan, policy_of, unit_plan_of, versions_of_key
from agencies.rules.policy_schema import Policy
from cases.models import Case
from cases.rules.scenario_check import check_scenario
from config.counties import read_county
from config.management.commands.write_rulebook import chapter
from tests import counties, make, recipes
from tests.cases.scene import at, client, text_of
from tests.config.test_county_commands import refused, run, spoil

KEPT = "沿用《清禾县控辍保学实施方案》"
MONDAY = date(2026, 9, 28)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return recipes.county(tmp_path)


@pytest.fixture
def overlay(base: Path) -> Path:
    return recipes.overlay(base.parent)


def plan_of(folder: Path) -> Policy:
    county = read_county(str(folder))
    assert county.policy is not None, [str(mistake) for mistake in county.mistakes]
    assert not county.mistakes
    return county.policy


def add(folder: Path, file: str, text: str) -> None:
    with (folder / file).open("a", encoding="utf-8") as written:
        written.write(text)


# What the whole plan is


def test_a_replaced_step_stands_in_its_place_a_new_one_behind_it_and_a_removed_one_is_gone(overlay: Path) -> None:
    keys = [step.key for step in plan_of(overlay).steps]
    assert keys == ["call", "report", "visit", "order", *(key for key in keys if key.startswith("law-"))]
    assert len(keys) == 9


def test_each_piece_keeps_its_source_and_its_quotation(overlay: Path) -> None:
    plan = plan_of(overlay)
    sources = {step.key: step.source for step in plan.steps}
    assert (sources["report"], sources["visit"], sources["call"]) == ("", "", "《清禾县控辍保学实施方案》")
    assert sources["law-sue"] == "judicial"
    order = plan.step("order")
    assert order is not None
    assert (order.clause, order.quote[:4]) == ("第六条", "乡镇收到")
    assert {plan.counting.basis.source, plan.deadline.basis.source} == {"《清禾县控辍保学实施方案》"}
    assert plan.overlays == "《清禾县控辍保学实施方案》"


def test_what_the_overlay_says_of_itself_is_its_own(overlay: Path) -> None:
    spoil(overlay / "policy.toml", 'document_number = "柳政发〔2026〕12号"\n', "")
    plan = plan_of(overlay)
    assert (plan.key, plan.title, plan.document_number) == ("liuxi-2026", "柳溪镇控辍保学实施细则", "")


def test_a_rule_written_anew_replaces_the_base_whole(overlay: Path) -> None:
    rule = 'days = 7\nday_type = "natural"\nclause = "第四条"\nquote = "责令七日内送返"\n'
    add(overlay, "policy.toml", f'\n[deadline]\n{rule}\n[documents]\nreport = "报告单"\n')
    plan = plan_of(overlay)
    assert (plan.deadline.span.days, plan.deadline.span.roll, plan.deadline.basis.source) == (7, None, "")
    assert plan.documents == {"order": "限期返校通知书", "report": "报告单"}


def test_papers_ledgers_and_unit_duties_are_taken_over_too(overlay: Path) -> None:
    data = read_county(str(overlay)).data
    assert [duty["key"] for duty in data["duties"]["duties"]] == ["village-survey"]
    pieces = [*data["notices"]["paper"], *data["ledgers"]["ledger"], *data["duties"]["letters"]]
    assert {piece["source"] for piece in [*pieces, data["indicators"]["return"]]} == {"《清禾县控辍保学实施方案》"}


def test_a_target_a_paper_and_a_ledger_are_replaced_or_removed_by_key(overlay: Path, base: Path) -> None:
    target = '[return]\nat_least = "100"\nclause = "第一条"\nquote = "劝返率100%"\n'
    (overlay / "indicators.toml").write_text(target, encoding="utf-8")
    ledger = read_county(str(base)).data["ledgers"]["ledger"][0]["key"]
    (overlay / "ledgers.toml").write_text(f'remove = ["{ledger}"]\n', encoding="utf-8")
    county = read_county(str(overlay))
    assert not county.mistakes
    assert county.data["indicators"]["return"]["at_least"] == "100"
    assert "source" not in county.data["indicators"]["return"]
    assert "ledger" not in county.data["ledgers"]


def test_a_table_is_removed_by_its_name_where_a_plan_can_do_without_it(overlay: Path, base: Path) -> None:
    assumed = 'assumed = true\nassumed_reason = "惯例"\n'
    add(base, "policy.toml", f'\n[clusters]\ncases = 3\ndays = 30\n{assumed}\n[groups]\n"留守儿童" = "left_behind"\n')
    add(base, "policy.toml", f'\n[dropout]\nconfirmer = "bureau_head"\n{assumed}')
    kept = plan_of(overlay)
    assert kept.clusters is not None
    assert kept.groups
    spoil(overlay / "policy.toml", 'remove = ["guide"', 'remove = ["clusters", "groups", "guide"')
    plan = plan_of(overlay)
    assert (plan.clusters, plan.groups) == (None, {})
    assert plan.dropout is not None
    spoil(overlay / "policy.toml", '"clusters", "groups"', '"clusters", "deadline", "dropuot", "dropout"')
    add(overlay, "policy.toml", f'\n[dropout]\nconfirmer = "principal"\n{assumed}')
    said = refused("check_county", str(overlay))
    for part in ("deadline：缺少", "'dropuot'。是否应为 dropout？", "'dropout' 既删去又改写"):
        assert part in said


def test_the_calendar_is_the_bases_until_the_folder_writes_its_own(overlay: Path, base: Path) -> None:
    assert read_county(str(overlay)).entries == read_county(str(base)).entries
    shutil.copy(base / "calendar.toml", overlay)
    spoil(overlay / "calendar.toml", "2027-01-22", "2027-01-15")
    assert read_county(str(overlay)).entries != read_county(str(base)).entries


def test_an_overlay_may_build_on_an_overlay_and_sources_say_which(overlay: Path) -> None:
    school = recipes.write(
        overlay.parent / "school-2026",
        {
            "county.toml": 'key = "school-2026"\nname = "校"\nlevel = "township"\ncode = "1"\ntitle = "校"\n',
            "policy.toml": (overlay / "policy.toml")
            .read_text(encoding="utf-8")
            .split("remove =")[0]
            .replace('"liuxi-2026"', '"school-2026"')
            .replace("柳溪镇控辍保学实施细则", "柳溪中学办法")
            .replace('base = "qinghe-2026"', 'base = "liuxi-2026"\nremove = ["visit"]')
            .replace('base_version = "2026-09-01"', 'base_version = "柳政发〔2026〕12号"'),
            "examples/01.toml": 'title = "空"\n[[expect]]\non = 2026-09-28\ncounted = 0\n',
        },
    )
    sources = {step.key: step.source for step in plan_of(school).steps}
    assert "visit" not in sources
    assert sources["report"] == "《柳溪镇控辍保学实施细则》（柳政发〔2026〕12号）"
    assert sources["call"] == "《清禾县控辍保学实施方案》"


def test_the_rulebook_names_the_source_of_each_rule(overlay: Path) -> None:
    said = chapter(plan_of(overlay))
    assert "叠加于《清禾县控辍保学实施方案》。" in said
    report = said.split("**学校书面报告镇政府**")[1].split("**村干部入户走访**")[0]
    order = said.split("**乡镇送达限期返校通知书**")[1].split("**向人民法院")[0]
    assert "出处：本方案" in report
    assert f"出处：{KEPT}" in order


def test_an_overlay_that_ships_is_whole_for_the_tests_of_the_plans(
    overlay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counties, "COUNTIES", overlay.parent)
    county, key = read_county(str(overlay)), overlay.name
    assert counties.policy_of(key) == county.policy
    assert counties.county_calendar(key) == county.calendar
    assert [duty["key"] for duty in counties.folder_data(key)["duties"]["duties"]] == ["village-survey"]
    assert [
        told
        for _, story in counties.examples_of(key)
        for told in check_scenario(counties.policy_of(key), counties.county_calendar(key), story)
    ] == []


# What is wrong with it


def test_every_mistake_is_told_at_once_with_line_or_key_and_remedy(overlay: Path) -> None:
    spoil(overlay / "policy.toml", 'base_version = "2026-09-01"', 'base_version = "清政办〔2025〕1号"')
    spoil(overlay / "policy.toml", 'remove = ["guide"', 'remove = ["gide", "call", "report", "guide"')
    spoil(overlay / "policy.toml", 'since = "received"', 'since = "receive"')
    (overlay / "duties.toml").write_text('remove = ["agencies.civil-affairs", "township-meeting"]\n', encoding="utf-8")
    said = refused("check_county", str(overlay))
    for part in (
        "base_version：《清禾县控辍保学实施方案》的施行日期是“2026-09-01”，不是“清政办〔2025〕1号”",
        "policy.toml 第10行 remove：基础方案没有可删去的 'gide'。是否应为 guide？",
        "policy.toml 第10行 remove：'report' 既删去又改写。请只留一种",
        "policy.toml 第29行 steps[2].trigger.since：不认识的词 'receive'",
    ):
        assert part in said


def test_a_removed_step_that_another_waits_for_is_told_at_remove(overlay: Path) -> None:
    text = (overlay / "policy.toml").read_text(encoding="utf-8").split("[[steps]]")[0]
    (overlay / "policy.toml").write_text(text.replace('["guide"', '["report", "guide"'), encoding="utf-8")
    said = refused("check_county", str(overlay))
    assert "policy.toml 第10行 steps.order（沿用）：步骤 order 引用了不存在的步骤 'report'" in said
    assert "或在本文件中改写、删去 order" in said


def test_a_removed_category_whose_step_stays_is_told(overlay: Path) -> None:
    spoil(overlay / "policy.toml", '"guide", "decide", "lapse", ', "")
    said = refused("check_county", str(overlay))
    assert "steps.guide（沿用）：步骤 guide 用到本方案没有的 'ill'" in said
    assert "steps.lapse（沿用）：步骤 lapse 用到本方案没有的 'suspension'" in said


def test_a_removed_paper_that_a_step_prints_is_told(overlay: Path, base: Path) -> None:
    papers = [paper["key"] for paper in read_county(str(base)).data["notices"]["paper"]]
    (overlay / "notices.toml").write_text(f"remove = {papers}\n".replace("'", '"'), encoding="utf-8")
    assert "步骤“乡镇送达限期返校通知书”要出具文书" in refused("check_county", str(overlay))


def test_steps_of_base_and_overlay_that_wait_for_each_other_are_told(overlay: Path) -> None:
    spoil(
        overlay / "policy.toml",
        'trigger = { kind = "absence", days = 2, comparison = "at_least" }',
        'trigger = { kind = "wait", after = "order", since = "done", days = 1, day_type = "natural" }',
    )
    assert "成环：" in refused("check_county", str(overlay))


def test_a_step_written_twice_and_a_word_removed_twice_are_told(overlay: Path) -> None:
    steps = (overlay / "policy.toml").read_text(encoding="utf-8").split("[[steps]]")
    add(overlay, "policy.toml", f"\n[[steps]]{steps[2]}")
    spoil(overlay / "policy.toml", '["guide"', '["guide", "guide"')
    said = refused("check_county", str(overlay))
    assert "步骤编号 'visit' 重复" in said
    assert "'guide' 写了2次" in said


@pytest.mark.parametrize("base", ['"nowhere-2020"', '"../qinghe-2026"', "5"])
def test_an_unknown_base_is_told_with_those_there_are(tmp_path: Path, base: str) -> None:
    recipes.county(tmp_path)
    folder = recipes.overlay(tmp_path)
    spoil(folder / "policy.toml", 'base = "qinghe-2026"', f"base = {base}")
    (folder / "county.toml").write_text("", encoding="utf-8")
    (folder / "ledgers.toml").write_text("legder = 1", encoding="utf-8")
    said = refused("check_county", str(folder))
    assert "没有基础方案" in said
    assert "qinghe-2026" in said
    assert "county.toml" in said
    assert "ledgers.toml legder" in said


@pytest.mark.parametrize("line", ["steps = 5", "documents = 5", "groups = [1]", "categories = [2]", "counting = 3"])
def test_a_table_of_another_shape_is_a_sentence(overlay: Path, line: str) -> None:
    head = (overlay / "policy.toml").read_text(encoding="utf-8").split("[[steps]]")[0]
    (overlay / "policy.toml").write_text(f"{head}\n{line}\n", encoding="utf-8")
    assert f"policy.toml 第13行 {line.split(' ')[0]}" in refused("check_county", str(overlay))


def test_folders_that_build_on_each_other_are_refused(overlay: Path, base: Path) -> None:
    spoil(base / "policy.toml", 'key = "qinghe-2026"', 'key = "qinghe-2026"\nbase = "liuxi-2026"')
    assert "成环：liuxi-2026 → qinghe-2026 → liuxi-2026" in refused("check_county", str(overlay))
    spoil(overlay / "policy.toml", 'base = "qinghe-2026"', 'base = "liuxi-2026"')
    assert "成环：liuxi-2026 → liuxi-2026" in refused("check_county", str(overlay))


def test_a_mistake_in_the_base_is_shown_with_its_folder(overlay: Path, base: Path) -> None:
    spoil(base / "policy.toml", 'half_day = "half"', 'half_day = "halve"')
    said = refused("check_county", str(overlay))
    assert "qinghe-2026/policy.toml 第" in said
    assert "halve" in said


def test_examples_of_the_base_are_not_asked_for_and_its_own_must_pass(overlay: Path, base: Path) -> None:
    shutil.rmtree(base / "examples")
    assert "1 个算例全部符合" in run("check_county", str(overlay))
    spoil(overlay / "examples" / "01.toml", "due = 2026-09-30", "due = 2026-10-08")
    assert "步骤 report due_on：应为 2026-10-08，实为 2026-09-30" in refused("check_county", str(overlay))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('base_version = ""', "没有写明叠加于哪一版"),
        ("remove = 5", "remove：应为文字列表"),
        ('overlays = "《别的方案》"', "overlays 由程序写入"),
    ],
)
def test_a_line_that_cannot_stand_is_told(overlay: Path, line: str, said: str) -> None:
    name = line.split(" ")[0]
    lines = (overlay / "policy.toml").read_text(encoding="utf-8").splitlines()
    kept = [one for one in lines if not one.startswith(name)]
    text = "\n".join(kept if name == "base_version" else [line, *kept])
    (overlay / "policy.toml").write_text(text, encoding="utf-8")
    assert said in refused("check_county", str(overlay))


def test_nobody_writes_a_source_by_hand(overlay: Path) -> None:
    spoil(overlay / "policy.toml", 'key = "visit"', 'key = "visit"\nsource = "《别的方案》"')
    assert "steps[2].source：source 由程序写入" in refused("check_county", str(overlay))


def test_remove_means_nothing_in_a_plan_of_its_own(base: Path) -> None:
    spoil(base / "policy.toml", 'key = "qinghe-2026"', 'key = "qinghe-2026"\nremove = ["call"]')
    assert "不认识的键 'remove'" in refused("check_county", str(base))


# Lived through


def load(folder: Path, **options: str) -> str:
    out = StringIO()
    call_command("load_county", str(folder), stdout=out, **options)
    return out.getvalue()


def place(overlay: Path, base: Path) -> tuple[Unit, Unit]:
    """The county runs its plan, the township the overlay; the class of a school of the township."""
    county = make.county("清禾县", terms=False)
    township = make.unit(UnitKind.TOWNSHIP, "柳溪镇", county, code="990101103")
    load(base, adopt=county.code, on="2026-09-01")
    load(overlay, adopt=township.code, on="2026-09-01")
    return township, make.school_class(make.school(township))


@pytest.mark.django_db
def test_a_township_lives_by_its_overlay(overlay: Path, base: Path) -> None:
    township, in_class = place(overlay, base)
    child = make.child(in_class, residence=make.village(township))
    make.rolls(in_class, [MONDAY, MONDAY + timedelta(days=1)], {child: "unexcused"})
    case = Case.objects.get(student=child)
    assert case.policy.key == "liuxi-2026"
    due = dict(case.duties.values_list("step", "due_on"))
    assert due["report"] == date(2026, 9, 30)
    assert "guide" not in {step.key for step in policy_of(case.policy).steps}
    with at(MONDAY + timedelta(days=1)):
        page = text_of(client(make.person(Role.PRINCIPAL, in_class.parent or township)).get(f"/cases/{case.pk}/"))
    call, report = (
        part
        for part in page.split('data-testid="duty"')
        if "班主任当日联系监护人" in part or "学校书面报告镇政府" in part
    )
    assert KEPT in call
    assert KEPT not in report
    assert "本方案" in report


@pytest.mark.django_db
def test_the_page_of_the_plan_says_whose_rule_each_is(overlay: Path, base: Path) -> None:
    township, _ = place(overlay, base)
    (version,) = versions_of_key("liuxi-2026")
    with at():
        page = text_of(client(make.person(Role.TOWNSHIP_HEAD, township)).get(f"/policies/{version.pk}/"))
    rungs = {
        part.split("</h2>")[0].split(". ")[1].split(" ")[0]: part for part in page.split('data-testid="rung"')[1:]
    }
    assert KEPT in rungs["班主任当日联系监护人"]
    assert KEPT not in rungs["村干部入户走访"]
    assert ">本方案<" in rungs["村干部入户走访"]
    assert "叠加于《清禾县控辍保学实施方案》" in page
    assert KEPT in page.split('data-testid="plan-section"')[1]


@pytest.mark.django_db
def test_a_loaded_overlay_no_longer_needs_its_base(overlay: Path, base: Path) -> None:
    place(overlay, base)
    spoil(base / "policy.toml", 'days = 5\nday_type = "natural"', 'days = 9\nday_type = "natural"')
    (base / "examples" / "03.toml").unlink()  # counts with the five days
    load(base)
    (version,) = versions_of_key("liuxi-2026")
    assert len(versions_of_key("qinghe-2026")) == 2
    assert policy_of(version).deadline.span.days == 5
    assert [duty.key for duty in unit_plan_of(version).duties] == ["village-survey"]
    assert calendar_of_plan(version) is not None
    shutil.rmtree(base)
    with pytest.raises(CommandError):
        load(overlay)
    assert policy_of(version).deadline.span.days == 5


@pytest.mark.django_db
def test_a_township_does_not_repeat_the_terms_of_its_county(overlay: Path, base: Path) -> None:
    township, _ = place(overlay, base)
    assert not CalendarEntry.objects.filter(unit=township).exists()
    assert CalendarEntry.objects.filter(unit=township.parent, kind=CalendarKind.TERM).exists()
