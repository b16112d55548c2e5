"""The bench: its arithmetic, what it refuses, how it keeps a built county, and one quick run of the whole table."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.bench.forms import form_of, with_absent
from config.bench.measure import Row, measure, percentile
from config.bench.pages import REASONS
from config.demo import store
from config.demo.builder import build_by_bulk
from students.models import RollCall, Sight, Student
from tests import make


def test_the_percentile_is_the_nearest_rank() -> None:
    assert percentile([float(number) for number in range(1, 21)], 95) == 19
    assert percentile([5.0], 95) == 5


def test_a_line_without_times_says_why() -> None:
    assert Row("导出", note="尚未实现").markdown() == "| 导出 | – | – | – | – | 尚未实现 |"


@pytest.mark.django_db
def test_work_is_counted_in_queries_and_runs() -> None:
    seen: list[int] = []

    def work(number: int) -> None:
        seen.append(number)
        Student.objects.count()

    row = measure("数一数", work, runs=3)
    assert seen == [0, 1, 2, 3, 4]
    assert row.queries == 1
    assert row.median is not None


def test_a_form_is_sent_as_the_page_sends_it_with_three_absent() -> None:
    child = """<input type="hidden" name="child" value="{0}"><input type="hidden" name="seen-{0}" value="">
      <input type="radio" name="reason-{0}" value="" checked><input type="radio" name="reason-{0}" value="sick">"""
    page = f"""<form id="other"><input name="no" value="1"></form><form id="roll">
      <input type="hidden" name="version" value="2">{"".join(child.format(pk) for pk in (5, 6, 7, 8))}
      <input type="submit" name="go" value="1"></form>"""
    sent = form_of(page, "roll")
    assert sent["version"] == ["2"]
    assert sent["child"] == ["5", "6", "7", "8"]
    assert sent["reason-8"] == [""]
    assert "go" not in sent
    assert "no" not in sent
    changed = with_absent(sent, REASONS)
    assert changed["child"] == ["5", "6", "7"]
    assert changed["reason-6"] == [REASONS[1]]
    assert set(changed) == {"version", "child", *(f"{name}-{pk}" for name in ("seen", "reason") for pk in (5, 6, 7))}


@pytest.mark.django_db
def test_it_never_touches_a_county_that_is_not_the_demonstration() -> None:
    make.county(code="990199")
    with pytest.raises(CommandError, match="真实数据"):
        call_command("bench", stdout=StringIO())


def test_a_built_county_is_named_after_code_seed_and_day() -> None:
    path = store.built_file(3, date(2026, 11, 24))
    assert path.name == f"county-{store.digest()}-3-2026-11-24.sqlite3"


@pytest.mark.django_db
def test_sight_rebuilt_is_the_sight_that_stood() -> None:
    township = make.township(make.county())
    in_class = make.school_class(make.school(township))
    for _ in range(3):
        make.child(in_class, residence=make.village(township, f"村{_}"))
    before = set(Sight.objects.values_list("unit_id", "student_id", "why"))
    Sight.objects.all().delete()
    out = StringIO()
    call_command("rebuild_sight", stdout=out)
    assert set(Sight.objects.values_list("unit_id", "student_id", "why")) == before
    assert "3 名学生" in out.getvalue()


@pytest.mark.long
@pytest.mark.django_db
def test_a_quick_run_prints_every_line(monkeypatch: Any) -> None:
    build_by_bulk(seed=1, on=make.DAY, say=lambda text: None)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: make.DAY)
    out = StringIO()
    call_command("bench", "--quick", stdout=out, stderr=StringIO())
    lines = [line for line in out.getvalue().splitlines() if line.startswith("| ")]
    names = [line.split("|")[1].strip() for line in lines]
    for name in ("打开45人班级的点名页", "保存点名（3人缺勤，首次）", "教育局首页（工作台）"):
        assert name in names
    assert RollCall.objects.filter(day=make.DAY).exists()


def test_the_kept_file_lies_outside_the_repository(settings: Any) -> None:
    ignored = (Path(settings.BASE_DIR) / ".gitignore").read_text(encoding="utf-8").split()
    assert any(line.strip("/") == ".run" for line in ignored)
