"""Plans: read back step by step, adopted by those who may; a county folder loaded by command."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agencies.choices import Role
from agencies.models import Adoption, CalendarEntry, PolicyVersion
from agencies.rules.calendar import dated
from agencies.rules.policy_names import EVENT_NAMES
from agencies.rules.quoting import quoted
from cases.choices import EventKind
from tests import make
from tests.agencies import unit_plan
from tests.agencies.people import Places, places, signed_in

pytestmark = pytest.mark.django_db
KEYS = sorted(path.name for path in make.COUNTIES.iterdir() if path.is_dir())


@pytest.fixture
def here() -> Places:
    return places()


def test_the_names_of_events_are_those_of_cases() -> None:
    assert {str(kind): str(kind.label) for kind in EventKind} == EVENT_NAMES


@pytest.mark.parametrize("key", KEYS)
def test_a_plan_reads_back_with_owner_time_clause_and_quotation(here: Places, key: str) -> None:
    version = make.plan(here.township, key).version
    page = signed_in(Role.TOWNSHIP_OFFICER, here.township).get(f"/policies/{version.pk}/").content.decode()
    for step in version.content["policy"]["steps"]:
        assert step["name"] in page
        if "quote" in step:
            assert quoted(step["quote"]) in page
    assert "本方案未规定" in page
    assert "班主任" in page
    assert "None" not in page


def test_a_plan_shows_what_it_asks_of_units_and_its_clauses_with_their_marks(here: Places) -> None:
    files = {"duties": unit_plan.duties(), "clauses": unit_plan.clauses()}
    version = make.plan(here.township, files=files).version
    page = signed_in(Role.TOWNSHIP_OFFICER, here.township).get(f"/policies/{version.pk}/").content.decode()
    for heading in ("成员单位与职责", "单位任务", "责任书", "组织机构", "责任追究", "条款对照表"):
        assert f">{heading}</h2>" in page
    for said in (
        "移交“孤儿名单”给县教育局：每年8月31日前",
        "移交“困境儿童名单”给县教育局：方案未规定时间（本方案未规定：方案未规定移交时间）",
        "报送；由校长办理；每月25日前",
        "另一读法：每月28日前报送",
        "组长：副县长",
        "对单位，由县人民政府作出",
        "duties.toml duties.school-report",
        "不予执行",
        "仅公示",
        "办理并留痕",
    ):
        assert said in page


def test_a_plan_without_them_shows_no_empty_heading(here: Places) -> None:
    version = make.plan(here.township).version
    page = signed_in(Role.TOWNSHIP_OFFICER, here.township).get(f"/policies/{version.pk}/").content.decode()
    assert "责任书</h2>" not in page
    assert "条款对照表" not in page


def test_the_list_shows_what_runs_where_one_works(here: Places) -> None:
    make.plan(here.township)
    make.plan(here.sister, "datian-2023")
    page = signed_in(Role.TOWNSHIP_OFFICER, here.township).get("/policies/").content.decode()
    assert "<strong>云溪镇</strong>" in page
    assert "<strong>青山镇</strong>" not in page


def test_an_adoption_from_a_later_day_stands_there_as_announced_and_moves_no_case_yet(here: Places) -> None:
    later = timezone.localdate() + timedelta(days=3)
    make.plan(here.township)
    make.plan(here.township, "datian-2023", on=later)
    page = signed_in(Role.TOWNSHIP_HEAD, here.township).get("/policies/").content.decode()
    assert f"自 {dated(later)} 起采用，尚未开始" in page
    assert page.count("在办个案改按本版") == 1


def test_an_announced_adoption_that_another_replaced_stands_there_no_more(here: Places) -> None:
    later = timezone.localdate() + timedelta(days=3)
    make.plan(here.township)
    make.plan(here.township, "datian-2023", on=later)
    make.plan(here.township, "xx-2024", on=later)
    running, announced = PolicyVersion.objects.filter(key__in=("jiaotan-2025", "xx-2024")).order_by("pk")
    context = signed_in(Role.TOWNSHIP_HEAD, here.township).get("/policies/").context
    assert [row["version"] for row in context["adoptions"]] == [running, announced]


def test_adopting_the_plan_that_stands_once_more_says_since_when_it_stands(here: Places) -> None:
    version = make.plan(here.township, on=date(2026, 9, 1)).version
    head = signed_in(Role.TOWNSHIP_HEAD, here.township)
    sent = {"unit": here.township.pk, "on": "2026-10-01"}
    page = head.post(f"/policies/{version.pk}/", sent, follow=True).content.decode()
    assert "云溪镇自2026-09-01（周二）起采用" in page
    assert Adoption.objects.filter(unit=here.township).count() == 1


def test_a_township_head_adopts_for_her_own_township_only(here: Places) -> None:
    version = make.plan(here.sister).version
    head = signed_in(Role.TOWNSHIP_HEAD, here.township)
    address = f"/policies/{version.pk}/"
    answer = head.post(address, {"unit": here.township.pk, "on": "2026-10-01", "note": ""})
    assert answer["Location"] == "/policies/"
    assert Adoption.objects.get(unit=here.township).first_day == date(2026, 10, 1)
    wrong = head.post(address, {"unit": here.sister.pk, "on": "2026-10-01"})
    assert wrong.status_code == 400
    assert head.post(address, {"unit": here.township.pk, "on": "bald"}).status_code == 400


def test_a_plan_is_not_adopted_before_the_one_that_stands(here: Places) -> None:
    make.plan(here.township, on=date(2026, 9, 1))
    other = make.plan(here.sister, "datian-2023").version
    head = signed_in(Role.TOWNSHIP_HEAD, here.township)
    answer = head.post(f"/policies/{other.pk}/", {"unit": here.township.pk, "on": "2026-08-31"})
    assert answer.status_code == 400
    assert "现行方案自2026-09-01起采用" in answer.content.decode()
    head.post(f"/policies/{other.pk}/", {"unit": here.township.pk, "on": "2026-09-01"})
    assert Adoption.objects.get(unit=here.township, last_day=None).version == other


def test_who_may_not_adopt_gets_no_form_and_no_act(here: Places) -> None:
    version = make.plan(here.township).version
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    address = f"/policies/{version.pk}/"
    assert 'data-testid="adopt"' not in officer.get(address).content.decode()
    assert officer.post(address, {"unit": here.township.pk, "on": "2026-10-01"}).status_code == 403
    assert signed_in(Role.AUDIT_ADMIN, here.county).get(address).status_code == 403
    assert officer.get("/policies/999999/").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three_versions(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    make.plan(here.township)
    with django_assert_num_queries(6):
        officer.get("/policies/")
    make.plan(here.school)
    make.plan(here.county, "datian-2023")
    with django_assert_num_queries(6):
        officer.get("/policies/")


@pytest.mark.parametrize("key", KEYS)
def test_a_county_folder_is_loaded_and_adopted_and_a_second_time_changes_nothing(here: Places, key: str) -> None:
    for _ in range(2):
        call_command("load_county", key, adopt="云溪镇", on="2026-09-01", verbosity=0)
    assert PolicyVersion.objects.count() == 1
    assert Adoption.objects.get(unit=here.township).version.key == key
    entries = CalendarEntry.objects.filter(unit=here.township)
    assert entries.count() == entries.values("first_day", "last_day", "kind", "grade").distinct().count()
    assert set(PolicyVersion.objects.get().content) - {"indicators", "duties", "clauses"} == {
        "policy",
        "calendar",
        "notices",
        "ledgers",
        "examples",
    }


def test_a_folder_with_mistakes_is_refused_with_all_of_them(
    here: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "county"
    shutil.copytree(make.COUNTIES / "jiaotan-2025", folder)
    text = (folder / "policy.toml").read_text(encoding="utf-8")
    text = text.replace('half_day = "half"', 'half_day = "quarter"').replace('owner = "principal"', 'owner = "boss"')
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="没有载入"):
        call_command("load_county", str(folder))
    said = capsys.readouterr().err
    assert "quarter" in said
    assert "boss" in said
    assert not PolicyVersion.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"adopt": "没有的镇"}, "没有代码或名称"),
        ({"on": "gestern"}, "无法识别"),
    ],
)
def test_a_wrong_unit_or_day_is_a_sentence_and_nothing_is_loaded(
    here: Places, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("load_county", "jiaotan-2025", **options)
    assert not PolicyVersion.objects.exists()


def test_where_the_plan_is_not_adopted_its_calendar_is_not_entered_either(here: Places) -> None:
    make.plan(here.township, on=date(2026, 9, 1))
    before = CalendarEntry.objects.count()
    with pytest.raises(CommandError, match="现行方案自2026-09-01起采用"):
        call_command("load_county", "datian-2023", adopt="云溪镇", on="2026-08-31", verbosity=0)
    assert CalendarEntry.objects.count() == before


def test_two_versions_of_a_plan_are_compared_in_words(here: Places) -> None:
    make.plan(here.township)
    first = PolicyVersion.objects.get()
    make.plan(here.township, title="蛟潭镇新方案", on=date(2026, 10, 1))
    second = PolicyVersion.objects.get(version=2)
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    assert 'data-testid="compare"' in officer.get(f"/policies/{second.pk}/").content.decode()
    for asked, other in ((first, second), (second, first)):
        page = officer.get(f"/policies/{asked.pk}/", {"with": other.pk}).content.decode()
        assert "第1版 → 第2版" in page
        assert "<ins>蛟潭镇新方案</ins>" in page
    assert officer.get(f"/policies/{first.pk}/", {"with": "x"}).status_code == 404
