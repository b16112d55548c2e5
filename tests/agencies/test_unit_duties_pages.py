"""单位任务: overdue first with clause and date, recorded as done with proof, corrected with a reason, who has not."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from lxml import html

from agencies.actions.unit_duties import Done, record_unit_duty
from agencies.choices import Role, UnitKind
from agencies.models import Adoption, AuditRow, Unit, UnitDutyDone
from tests import make
from tests.agencies import unit_plan
from tests.agencies.people import Places, places, signed_in

pytestmark = pytest.mark.django_db

# 2026-11-25 is a Wednesday; on Friday 27 the village (20th) and the school (25th) are late, the class is not yet.
FRIDAY = date(2026, 11, 27)
LIST, OVERVIEW = "/unit-duties/", "/unit-duties/overview/"
SENT = {"done_on": "2026-11-24", "proof": "台账"}


@pytest.fixture
def here() -> Iterator[Places]:
    found = places()
    with time_machine.travel(make.moment(FRIDAY, 10), tick=False):
        yield found


def adopted(at: Unit, on: date = date(2026, 11, 1), *keys: str) -> Any:
    """The invented plan in force from a day on (with all its duties, or these)."""
    duties = unit_plan.only(*keys) if keys else unit_plan.duties()
    return make.plan(at, on=on, files={"duties": duties})


def cards(client: Client, query: str = "") -> list[str]:
    """The duties of the list as text, in order."""
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    found = html.fromstring(answer.content).xpath('//*[@data-testid="unit-duty"]')
    return [" ".join(node.text_content().split()) for node in found]


def record_url(unit: Unit, key: str) -> str:
    return f"{LIST}{unit.pk}/{key}/?period=2026-11-01"


def test_a_township_sees_its_villages_and_schools_overdue_first(here: Places) -> None:
    adopted(here.township)
    adopted(here.sister)
    found = cards(signed_in(Role.TOWNSHIP_OFFICER, here.township))
    assert [text.split()[0] for text in found] == [
        "村级摸排",
        "学校报送控辍保学情况",
        "班级控辍保学主题班会",
        "镇联席会议",
    ]
    assert "逾期未办" in found[0]
    assert "2026-11-20（周五）" in found[0]
    assert "四（三） “各村每月20日前摸排一次”" in found[0]
    assert "另一读法每月28日前报送（六（一）：“每月28日前报送”）。取较早的日期" in found[1]
    assert "报送镇民生服务办" in found[1]
    assert "待办" in found[2]
    assert "本方案未规定 方案只说定期召开，取每季度一次" in found[3]


def test_each_sees_its_own_units_only(here: Places) -> None:
    adopted(here.county)
    agency = make.unit(UnitKind.AGENCY, "县民政局", here.county)
    assert [text.split()[0] for text in cards(signed_in(Role.VILLAGE_SECRETARY, here.village))] == ["村级摸排"]
    assert [text.split()[0] for text in cards(signed_in(Role.CLASS_TEACHER, here.school_class))] == [
        "班级控辍保学主题班会"
    ]
    # Due on 08-31, before the plan was adopted: not owed.
    assert cards(signed_in(Role.AGENCY_LIAISON, agency)) == []
    assert len(cards(signed_in(Role.BUREAU_OFFICER, here.county), "?kind=report")) == 2
    assert signed_in(Role.AUDIT_ADMIN, here.county).get(LIST).status_code == 403


def test_a_member_unit_is_known_by_name_or_by_the_plan_s_key(here: Places) -> None:
    adopted(here.county, date(2026, 8, 1))
    make.unit(UnitKind.AGENCY, "县残联", here.county)
    make.unit(UnitKind.AGENCY, "民政", here.county, code="civil-affairs")
    found = cards(signed_in(Role.BUREAU_OFFICER, here.county), "?kind=handover")
    assert len(found) == 1
    assert "成员单位 民政" in found[0]
    assert "2026-08-31（周一）" in found[0]


def test_the_secretary_records_the_survey_as_done_with_what_is_offered(here: Places) -> None:
    adopted(here.township)
    secretary = signed_in(Role.VILLAGE_SECRETARY, here.village, "村书记")
    page = secretary.get(record_url(here.village, "village-survey")).content.decode()
    assert 'value="2026-11-27"' in page
    assert 'value="台账"' in page
    answer = secretary.post(record_url(here.village, "village-survey"), {**SENT, "what": "走访62户"})
    assert answer["Location"] == LIST
    row = UnitDutyDone.objects.get()
    assert (row.duty, row.period_first, row.done_on, row.what, row.recorded_by) == (
        "village-survey",
        date(2026, 11, 1),
        date(2026, 11, 24),
        "走访62户",
        "村书记",
    )
    trail = AuditRow.objects.get(verb="unit_duty_done")
    assert (trail.unit_path, trail.detail["key"]) == (here.village.path, "village-survey")
    (card,) = cards(secretary)
    assert "逾期办结" in card
    assert "2026-11-24（周二） · 台账 村书记登记走访62户" in card


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"done_on": "2026-11-28"}, "不能晚于今天（2026-11-27（周五））"),
        ({"done_on": "2026-10-31"}, "早于本期首日（2026-11-01（周日））"),
        ({"done_on": "gestern"}, "日期无法识别"),
        ({"proof": ""}, "必填"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_stored(here: Places, sent: dict[str, str], said: str) -> None:
    adopted(here.township)
    secretary = signed_in(Role.VILLAGE_SECRETARY, here.village)
    answer = secretary.post(record_url(here.village, "village-survey"), {**SENT, **sent})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not UnitDutyDone.objects.exists()


def test_the_same_period_is_recorded_once(here: Places) -> None:
    adopted(here.township)
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    officer.post(record_url(here.village, "village-survey"), SENT)
    answer = officer.post(record_url(here.village, "village-survey"), SENT)
    assert answer.status_code == 400
    assert "本期已登记完成" in answer.content.decode()
    assert UnitDutyDone.objects.count() == 1


def test_nobody_records_for_others_or_what_is_not_owed(here: Places) -> None:
    adopted(here.county)
    secretary = signed_in(Role.VILLAGE_SECRETARY, here.village)
    assert secretary.get(record_url(here.school, "school-report")).status_code == 404
    assert secretary.get(record_url(here.village, "school-report")).status_code == 404
    assert secretary.get(f"{LIST}{here.village.pk}/village-survey/?period=2026-09-01").status_code == 404
    assert secretary.get(f"{LIST}{here.village.pk}/village-survey/?period=x").status_code == 404
    leader = signed_in(Role.COUNTY_LEADER, here.county)
    assert leader.get(record_url(here.village, "village-survey")).status_code == 403
    assert "登记完成" not in leader.get(LIST).content.decode()
    stranger = make.actor(make.person(Role.PRINCIPAL, here.sister_school))
    with pytest.raises(PermissionDenied):
        record_unit_duty(
            by=stranger,
            unit=here.school,
            duty="school-report",
            period_first=date(2026, 11, 1),
            done=Done(FRIDAY, "回执"),
            now=make.moment(FRIDAY),
        )


def test_a_liaison_at_the_county_records_for_member_units_only(here: Places) -> None:
    adopted(here.county)
    liaison = signed_in(Role.AGENCY_LIAISON, here.county)
    assert liaison.get(record_url(here.village, "village-survey")).status_code == 404


def test_a_wrong_record_is_replaced_or_withdrawn_and_stays(here: Places) -> None:
    adopted(here.township)
    wrong = unit_plan.talked(here.village, date(2026, 11, 24), key="village-survey")
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    address = f"{LIST}records/{wrong.pk}/"
    assert officer.post(address, {**SENT, "done_on": "2026-11-19"}).status_code == 400  # no reason
    officer.post(address, {**SENT, "done_on": "2026-11-19", "why": "日期填错"})
    right = UnitDutyDone.objects.standing().get()
    assert (right.done_on, right.replaces) == (date(2026, 11, 19), wrong)
    assert UnitDutyDone.objects.get(pk=wrong.pk).superseded_why == "日期填错"
    assert officer.get(address).status_code == 404
    officer.post(f"{LIST}records/{right.pk}/", {**SENT, "withdraw": "on", "why": "没有做"})
    assert not UnitDutyDone.objects.standing().exists()
    assert UnitDutyDone.objects.count() == 2
    assert AuditRow.objects.filter(verb="unit_duty_corrected").count() == 2
    assert "逾期未办" in cards(officer, "?kind=survey")[0]


def test_filters_by_kind_unit_state_and_own(here: Places) -> None:
    adopted(here.township)
    make.village(here.township, "河湾村")
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    assert len(cards(officer, "?kind=survey")) == 2
    assert len(cards(officer, "?unit=河湾")) == 1
    assert len(cards(officer, "?state=overdue")) == 3
    assert len(cards(officer, "?duty=village-survey&state=done")) == 0
    assert [text.split()[0] for text in cards(officer, "?own=on")] == ["镇联席会议"]
    assert len(cards(officer, "?kind=nonsense&state=nonsense&page=x")) == 5


def test_fifty_stand_on_a_page(here: Places) -> None:
    adopted(here.township, date(2026, 11, 1), "village-survey")
    for number in range(51):
        make.village(here.township, f"第{number}村")
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    assert len(cards(officer)) == 50
    assert len(cards(officer, "?page=2")) == 2
    assert len(cards(officer, "?page=99999")) == 2
    assert 'rel="next"' in officer.get(LIST).content.decode()


def test_the_overview_says_who_has_not_and_leads_to_the_list(here: Places) -> None:
    adopted(here.township)
    make.village(here.township, "河湾村")
    unit_plan.talked(here.village, date(2026, 11, 19), key="village-survey")
    page = html.fromstring(signed_in(Role.TOWNSHIP_OFFICER, here.township).get(OVERVIEW).content)
    row = page.xpath('//tr[th[contains(., "村级摸排")]]')[0]
    assert [cell.text_content() for cell in row.xpath("td")][2:] == ["2", "1", "0", "0", "1"]
    assert row.xpath(".//a/@href") == [
        f"{LIST}?duty=village-survey&state=overdue",
        f"{LIST}?duty=village-survey&state=done",
    ]


def test_a_unit_opened_or_closed_in_the_period_owes_what_falls_due_while_it_stands(here: Places) -> None:
    adopted(here.township, date(2026, 11, 1), "village-survey")
    late = make.village(here.township, "新立村")
    gone = make.village(here.township, "撤并村")
    Unit.objects.filter(pk=late.pk).update(first_day=date(2026, 11, 23))
    Unit.objects.filter(pk=gone.pk).update(last_day=date(2026, 11, 26))
    (card,) = cards(signed_in(Role.TOWNSHIP_OFFICER, here.township))
    assert "柳树村" in card


def test_a_plan_changed_in_the_period_keeps_what_was_done_under_its_earlier_version(here: Places) -> None:
    adopted(here.township, date(2026, 10, 1), "village-survey")
    unit_plan.talked(here.village, date(2026, 11, 19), key="village-survey")
    # A new version of the plan, adopted on the 20th; what fell due before it is owed no longer.
    adopted(here.township, date(2026, 11, 20), "village-survey", "school-report")
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    assert "已办" in cards(officer, "?kind=survey")[0]
    assert len(cards(officer)) == 2
    # Another plan altogether, which asks nothing of units.
    make.plan(here.township, "datian-2023", on=FRIDAY)
    assert cards(officer) == []
    record = UnitDutyDone.objects.get()
    assert officer.get(f"{LIST}records/{record.pk}/").status_code == 404


def test_undone_periods_stay_for_a_quarter(here: Places) -> None:
    adopted(here.township, date(2026, 9, 1), "village-survey")
    found = cards(signed_in(Role.VILLAGE_SECRETARY, here.village))
    # 09-20 is a make-up Sunday and counts as a working day; 10-20 a Tuesday, 11-20 a Friday.
    assert [text.split("期限")[1][:14] for text in found] == [
        "2026-09-20（周日）",
        "2026-10-20（周二）",
        "2026-11-20（周五）",
    ]


def weekly(at: Unit, on: date, recorded: date | None = None) -> None:
    """The village survey each week, adopted for a day and put on record on another."""
    (duty,) = unit_plan.only("village-survey")["duties"]
    every_week = {name: value for name, value in duty.items() if name != "due"} | {"every": "week"}
    adoption = make.plan(at, on=on, files={"duties": {"duties": [every_week]}})
    if recorded:
        Adoption.objects.filter(pk=adoption.pk).update(recorded_at=make.moment(recorded, 15))


def test_of_many_overdue_weeks_three_are_shown_and_one_line_opens_the_rest(here: Places) -> None:
    weekly(here.township, date(2026, 10, 19))
    secretary = signed_in(Role.VILLAGE_SECRETARY, here.village)
    found = cards(secretary)
    # Weeks due on 10-25, 11-01, 11-08, 11-15 and 11-22 are late, that of 11-29 runs.
    assert ["逾期未办" in text for text in found] == [True, True, True, False]
    assert [text.split("期限")[1][:10] for text in found] == ["2026-11-08", "2026-11-15", "2026-11-22", "2026-11-29"]
    assert "此前还有2期未办" in found[0]
    page = secretary.get(LIST)
    assert "逾期未办5项" in page.content.decode()
    door = html.fromstring(page.content).xpath('//a[@data-testid="earlier"]/@href')[0]
    whole = cards(secretary, door.removeprefix(LIST))
    assert [text.split("期限")[1][:10] for text in whole] == [
        "2026-10-25",
        "2026-11-01",
        "2026-11-08",
        "2026-11-15",
        "2026-11-22",
    ]
    # Each record leads back to the opened list, so that the next takes one tap.
    record = html.fromstring(secretary.get(door).content).xpath('//a[@data-testid="record"]/@href')[0]
    form = html.fromstring(secretary.get(record).content)
    assert form.xpath('//input[@name="next"]/@value') == [door]
    assert secretary.post(record, {**SENT, "next": door})["Location"] == door


def test_a_township_opens_the_older_weeks_of_one_village_only(here: Places) -> None:
    weekly(here.township, date(2026, 10, 19))
    make.village(here.township, "河湾村")
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    doors = html.fromstring(officer.get(LIST).content).xpath('//a[@data-testid="earlier"]/@href')
    assert len(doors) == 2
    assert len(cards(officer, doors[0].removeprefix(LIST))) == 5


def test_a_plan_adopted_for_a_past_day_asks_nothing_for_the_time_before_it_was_put_on_record(here: Places) -> None:
    weekly(here.township, date(2026, 9, 1), recorded=date(2026, 11, 18))
    secretary = signed_in(Role.VILLAGE_SECRETARY, here.village)
    assert [text.split("期限")[1][:10] for text in cards(secretary)] == ["2026-11-22", "2026-11-29"]
    assert "单位任务逾期 1项" in secretary.get("/today/").content.decode()


def test_overdue_ones_of_one_s_own_unit_stand_in_the_day_s_work(here: Places) -> None:
    adopted(here.township)
    secretary = signed_in(Role.VILLAGE_SECRETARY, here.village)
    page = secretary.get("/today/").content.decode()
    assert "单位任务逾期 1项" in page
    assert "/unit-duties/?state=overdue&amp;own=on" in page
    assert "单位任务逾期" not in signed_in(Role.TOWNSHIP_OFFICER, here.township).get("/today/").content.decode()
    unit_plan.talked(here.village, FRIDAY - timedelta(days=1), key="village-survey")
    assert "单位任务逾期" not in secretary.get("/today/").content.decode()


@pytest.mark.parametrize(("address", "queries"), [(LIST, 7), (OVERVIEW, 7)])
def test_the_pages_cost_the_same_for_one_and_for_three_villages(
    here: Places, django_assert_num_queries: Callable[..., object], address: str, queries: int
) -> None:
    adopted(here.township, date(2026, 11, 1), "village-survey")
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    officer.get(address)
    with django_assert_num_queries(queries):
        officer.get(address)
    for name in ("河湾村", "石桥村"):
        unit_plan.talked(make.village(here.township, name), date(2026, 11, 19), key="village-survey")
    with django_assert_num_queries(queries):
        officer.get(address)


def test_what_is_overdue_or_due_within_a_week_stands_open_and_the_rest_one_tap_away(here: Places) -> None:
    adopted(here.township)
    officer = signed_in(Role.TOWNSHIP_OFFICER, here.township)
    page = html.fromstring(officer.get(LIST).content)
    groups = page.xpath('//*[@data-testid="late" or @data-testid="soon" or @data-testid="later"]')
    heads = {node.get("data-testid"): node for node in groups}
    assert list(heads) == ["late", "soon", "later"]
    assert heads["later"].get("open") is None
    assert "镇联席会议" in heads["later"].text_content()
    asked = html.fromstring(officer.get(f"{LIST}?state=open").content)
    assert asked.xpath('//details[@data-testid="later"]/@open')
