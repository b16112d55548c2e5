"""The rehearsal page: taps and events lead to duties with clause and arithmetic, without a row being written."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from agencies.choices import Role
from agencies.models import CalendarEntry, PolicyVersion
from cases.models import Case, Event
from tests import make
from tests.cases.scene import at, client, scene, text_of
from tests.journeys.hands import Form, Page, Visitor

pytestmark = pytest.mark.django_db
URL = "/rehearsal/"


def form_of(answer: Any) -> dict[str, str]:
    """What the page's form would send."""
    page = Page(Visitor(""), URL, 200, answer.headers, answer.content)
    (form, *_) = [Form(page, node) for node in page.tree.xpath("//main//form")]
    return dict(form.offers())


def press(browser: Any, answer: Any, act: str, **typed: str) -> Any:
    """Press a button of the page, some fields filled in before."""
    return browser.post(URL, form_of(answer) | typed | {"act": act})


def test_three_tapped_days_open_the_duties_of_the_plan_and_nothing_is_written() -> None:
    place = scene()
    with at():
        browser = client(place.officer)
        answer = browser.get(URL)
        for day in ("2026-11-09", "2026-11-10", "2026-11-11"):
            answer = press(browser, answer, f"tap {day}")
        answer = press(browser, answer, "show", on="2026-11-11")
    page = text_of(answer)
    assert "连续缺课 <b>3" in page
    assert "班主任联合德育处入户劝返" in page
    assert "对有辍学倾向或无故1日未到校学生" in page
    assert "次日起算，第1个工作日 = 2026-11-12（周四）" in page
    assert "2026-11-11（周三） 无故" in page
    assert not Case.objects.exists()
    assert not Event.objects.exists()


def test_an_event_is_chosen_then_filled_in_then_listed_and_taken_out() -> None:
    place = scene()
    with at():
        browser = client(place.officer)
        answer = press(browser, browser.get(URL), "tap 2026-11-09")
        answer = press(browser, answer, "kind", kind="phone_call", on="2026-11-11")
        assert "data-result" in form_of(answer)
        assert "逾期2天" in text_of(answer)
        answer = press(browser, answer, "add", happened_on="2026-11-09", **{"data-result": "no_answer"})
        assert 'kind = "phone_call"' in form_of(answer)["story"]
        assert "逾期" not in text_of(answer).split('data-testid="column"')[1].split("<dl")[0]
        answer = press(browser, answer, "drop 1")
    assert "phone_call" not in form_of(answer)["story"]


def test_two_plans_stand_side_by_side_with_their_differences_in_words() -> None:
    place = scene()
    other = make.plan(place.school, "datian-2023").version
    with at():
        browser = client(place.officer)
        answer = press(browser, browser.get(URL), "tap 2026-11-09", other=str(other.pk))
        page = text_of(press(browser, answer, "show", on="2026-11-11"))
    assert page.count('data-testid="column"') == 2
    assert "只后一方案有“" in page
    assert "两方案不同" in page


def test_a_worked_example_of_a_loaded_plan_is_one_press_away_and_the_file_runs_in_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = scene()
    call_command("load_county", "datian-2023", adopt=place.township.name, on="2026-09-01", verbosity=0)
    version = PolicyVersion.objects.get(key="datian-2023")
    name = "01-national-day-whole-ladder.toml"
    with at():
        browser = client(place.officer)
        answer = browser.get(URL, {"plan": version.pk})
        assert "国庆前后走完全部阶梯" in text_of(answer)
        answer = press(browser, answer, f"example {name}")
        assert "2026-11-06（周五）" in text_of(answer)
        assert "乡镇督办" in text_of(answer)
        file = browser.post("/rehearsal/file/", {"story": form_of(answer)["story"]})
    assert file["Content-Disposition"] == 'attachment; filename="rehearsal.toml"'
    path = tmp_path / "rehearsal.toml"
    path.write_bytes(file.content)
    capsys.readouterr()
    call_command("rehearse", "datian-2023", str(path))
    assert "2026-10-28（周三）" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"story": "title = "}, "不是有效的 TOML"),
        ({"story": "x" * 60_000}, "超过40000字"),
        ({"story": 'title="t"\n' + '[[event]]\non=2026-03-09\nkind="note"\n' * 5000}, "字"),
        ({"act": "tap 9999-12-31"}, "没有这一天"),
        ({"act": "tap morgen"}, "没有这一天"),
        ({"act": "show", "on": "9999-12-31"}, "无法识别"),
        ({"act": "show", "on": "2099-12-31"}, "离情景中的日子太远"),
        ({"act": "begin", "start": "bald"}, "无法识别"),
        ({"act": "example ../../secret"}, "没有这个算例"),
        ({"act": "add", "kind": "fly"}, "请先选择事项"),
        ({"act": "add", "kind": "paused", "happened_on": "2026-11-09", "data-until": "9999-12-31"}, "相距太远"),
        ({"act": "add", "kind": "phone_call", "data-result": "sang"}, "不能是"),
        ({"plan": "99999999"}, "不在列表中"),
    ],
)
def test_nonsense_is_a_sentence_and_400(typed: dict[str, str], sentence: str) -> None:
    place = scene()
    with at():
        browser = client(place.officer)
        answer = browser.post(URL, form_of(browser.get(URL)) | typed)
    assert answer.status_code == 400
    assert sentence in text_of(answer)


def test_a_broken_story_is_no_file() -> None:
    place = scene()
    answer = client(place.officer).post("/rehearsal/file/", {"story": "title = "})
    assert answer.status_code == 400
    assert "TOML" in text_of(answer)


def test_whoever_reads_figures_rehearses_and_an_administrator_does_not() -> None:
    place = scene()
    with at():
        assert client(make.person(Role.COUNTY_LEADER, place.county)).get(URL).status_code == 200
        assert client(make.person(Role.AUDIT_ADMIN, place.county)).get(URL).status_code == 403


def test_without_any_plan_the_page_says_what_to_do() -> None:
    county = make.county()
    with at(date(2026, 11, 11)):
        assert "load_county" in text_of(client(make.person(Role.BUREAU_HEAD, county)).get(URL))


def test_a_worked_example_stands_on_the_calendar_of_its_plan_where_the_unit_has_no_term() -> None:
    place = scene()
    call_command("load_county", "datian-2023", verbosity=0)
    version = PolicyVersion.objects.get(key="datian-2023")
    CalendarEntry.objects.exclude(unit=None).delete()
    with at():
        browser = client(place.officer)
        answer = press(browser, browser.get(URL, {"plan": version.pk}), "example 01-national-day-whole-ladder.toml")
        page = text_of(answer)
        assert "校历：方案所附校历" in page
        assert "乡镇督办" in page
        again = press(browser, answer, "month 2026-10-01")
        assert 'aria-label="2026-10-12（周一） 无故"' in text_of(again)
        own = press(browser, again, "begin", start="2026-11-02")
    assert "校历：方案所附校历" in text_of(own)


def test_a_story_of_ones_own_stands_on_the_units_calendar() -> None:
    place = scene()
    with at():
        page = text_of(client(place.officer).get(URL))
    assert "校历：云溪镇" in page
