"""The demonstration works on any day, and only on an empty database."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agencies.choices import UnitKind
from config.demo.days import LEAST_DAYS, days_to_fill, seed_calendar
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("on", "last_school_day"),
    [
        (date(2026, 11, 24), date(2026, 11, 24)),
        (date(2026, 10, 5), date(2026, 9, 30)),  # 国庆
        (date(2027, 2, 1), date(2027, 1, 22)),  # 寒假
        (date(2026, 8, 20), date(2026, 7, 3)),  # 暑假
        (date(2026, 11, 29), date(2026, 11, 27)),  # 周日
        (date(2028, 9, 1), date(2028, 9, 1)),  # 未公布年份，开学第一天
    ],
)
def test_the_days_end_with_the_last_school_day(on: date, last_school_day: date) -> None:
    now = make.moment(on)
    county = make.unit(UnitKind.COUNTY, "清沅县", code="990101")
    calendar = seed_calendar(by=make.SYSTEM, county=county, on=on, now=now)
    days = days_to_fill(calendar, on)
    assert days[-1] == last_school_day
    assert len(days) >= LEAST_DAYS
    assert days == sorted(set(days))


def test_it_never_mixes_with_real_data() -> None:
    make.county(code="990199")
    with pytest.raises(CommandError, match="不能混入演示数据"):
        call_command("load_demo", stdout=StringIO())
