"""All five plans in one database: five units, one story, each unit's duties and lists follow its own plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
import time_machine

from agencies.choices import Role
from agencies.models import Adoption, PolicyVersion
from cases.choices import EventKind
from cases.models import Case
from tests.counties import KEYS
from tests.journeys.road import Road, set_out

pytestmark = [pytest.mark.django_db, pytest.mark.long]

TEACHER, PRINCIPAL, OFFICER = Role.CLASS_TEACHER, Role.PRINCIPAL, Role.TOWNSHIP_OFFICER
# The week before the National Day of 2026, Monday to Wednesday; then 10-01 to 10-07 are off, school begins on 10-08.
DAYS = [date(2026, 9, day) for day in (28, 29, 30)]


@dataclass(frozen=True)
class Asked:
    """What one plan asks of whom on the third day away, counted by hand from its words; and what else is its own."""

    names: tuple[str, str, str]
    owner: Role
    duty: str
    due: str
    clause: str
    quote: str
    ledgers: tuple[str, ...]
    document: str


# The child is away without leave from Monday 09-28; the teacher reaches the mother that day, where
# the plan has begun by then; nobody does more.
ASKED = {
    # 三（四） gives no day: on the second day away, by the next school day.
    "datian-2023": Asked(
        ("田水县", "东坂镇", "990101"),
        TEACHER,
        "学校上门动员返校",
        "2026-09-30（周三）",
        "三（四）",
        "发现学生辍学，应及时上门动员返校",
        ("大田县疑似辍学学生劝返登记台账",),
        "田政办规〔2023〕8号",
    ),
    # Three days away: somebody is named by the next school day, which comes after the holidays.
    "huarong-2024": Asked(
        ("容江区", "西畈镇", "990102"),
        PRINCIPAL,
        "人盯人挂钩：确定包保责任人",
        "2026-10-08（周四）",
        "三（四）",
        "疑似辍学人员采取人盯人挂钩方式及时劝返复学",
        ("华容区疑似辍学学生劝返台账", "华容区开学初未到校学生核查台账"),
        "华容教督室函〔2024〕3号",
    ),
    # The headmaster is the second of seven levels: two days away, by the next school day.
    "hulin-2020": Asked(
        ("林岭市", "北垄镇", "990103"),
        PRINCIPAL,
        "校长组织上门劝返",
        "2026-09-30（周三）",
        "四 市教育局",
        "对疑似辍学学生做好劝返工作",
        ("虎林市控辍保学工作台账",),
        "虎政规〔2020〕1号",
    ),
    # Three days away: the teacher and the moral-education office visit by the next working day.
    "jiaotan-2025": Asked(
        ("浮梁川县", "南潭镇", "990104"),
        TEACHER,
        "班主任联合德育处入户劝返",
        "2026-10-08（周四）",
        "四（二）1",
        "无故3日未到校",
        ("蛟潭镇适龄儿童少年底数台账",),
        "",
    ),
    # Found in mid-term on the third day away (nothing before it): verified within ten days of it.
    "xx-2024": Asked(
        ("某山县", "中渡镇", "990105"),
        TEACHER,
        "学校排查核实，了解原因和去向",
        "2026-10-10（周六）",
        "二（三）2",
        "各学校要在每学期开学后10日内",
        ("学生失学辍学信息报告（花名册）", "辍学学生劝返记录"),
        "",
    ),
}


@pytest.fixture
def roads(traveller: time_machine.Traveller) -> dict[str, Road]:
    """Five units founded on one day, each with its plan, and the same three days in each."""
    found = {
        key: set_out(traveller, key, DAYS[0], names=asked.names, child=f"周小{number}")
        for number, (key, asked) in zip("甲乙丙丁戊", ASKED.items(), strict=True)
    }
    for day in DAYS:
        for road in found.values():
            road.register(day, absent="unexcused")
            if day == DAYS[0] and Case.objects.filter(student=road.child).exists():
                road.act(TEACHER, EventKind.PHONE_CALL, result="connected")
    return found


def test_five_units_run_five_plans_in_one_database(roads: dict[str, Road]) -> None:
    assert set(ASKED) == set(KEYS)
    assert {row.version.key for row in Adoption.objects.select_related("version")} == set(KEYS)
    assert Case.objects.count() == len(KEYS)
    for key, road in roads.items():
        assert road.case.policy.key == key
        each_follows_its_own_plan(road, ASKED[key])
        each_sees_its_own_plan(road, ASKED[key], [other for other in roads.values() if other is not road])
        nobody_sees_another_units_case(road, [other for other in roads.values() if other is not road])


def each_follows_its_own_plan(road: Road, asked: Asked) -> None:
    """Who owes what by when, and by which words; it is on the owner's list, the village and 司法所 have none yet."""
    road.duty(asked.owner, asked.duty, asked.due, asked.clause, asked.quote)
    assert road.name in road.by(asked.owner).open("/today/").text
    for role in (Role.VILLAGE_SECRETARY, Role.JUSTICE_OFFICE):
        assert not any(road.name in text for text in road.by(role).open("/today/").parts("work-item")), (
            road.key,
            role,
        )


def each_sees_its_own_plan(road: Road, asked: Asked, others: list[Road]) -> None:
    """The page of plans, the rulebook behind it, the ledgers: the unit's own and no other's."""
    page = road.by(OFFICER).open("/policies/")
    running = page.tree.xpath("//main//section")[0].text_content()
    version = PolicyVersion.objects.get(key=road.key)
    assert version.title in running
    assert not any(PolicyVersion.objects.get(key=other.key).title in running for other in others)
    page.follow(version.title).says(asked.quote, asked.duty, asked.document)
    ledgers = road.by(PRINCIPAL).open("/ledgers/").says(version.title)
    for other in others:
        assert not any(title in ledgers.text for title in ASKED[other.key].ledgers)


def nobody_sees_another_units_case(road: Road, others: list[Road]) -> None:
    """Not on a list, not by typing its address, not by searching the name."""
    mine = road.by(OFFICER)
    queue = mine.open("/cases/").says(road.name)
    for other in others:
        assert other.name not in queue.text
        assert mine.open(f"/cases/{other.case.pk}/").status == 404
        assert mine.open(f"/students/{other.child.pk}/").status == 404
        found = mine.open("/students/", {"q": other.name[1:]})
        assert not [text for text in found.links() if other.name in text]
