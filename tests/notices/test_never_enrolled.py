"""A child never enrolled under 大田: the register, the record of bringing it in, the application (附件1, 2, 6)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.models import User
from cases.actions.events import NewEvent
from cases.actions.opening import begin_case
from cases.choices import EventKind
from cases.models import Case
from notices.models import Notice
from students.choices import SpecialGroup
from students.models import GroupMembership
from tests import make
from tests.cases.scene import Scene, at, client, scene, text_of
from tests.notices.desk import PARENTS
from tests.notices.test_ledger_pages import column

pytestmark = pytest.mark.django_db
BORN = date(2019, 5, 12)
FULL = {"full": "yes", "purpose": "报县教育局备案"}


@dataclass
class Survey:
    """A township whose survey found one child outside every school."""

    place: Scene
    case: Case
    officer: User

    def get(self, path: str) -> str:
        with at(make.DAY, 15):
            return text_of(client(self.officer).get(path))

    def rows(self, **data: Any) -> list[tuple[Any, ...]]:
        with at(make.DAY, 18):
            answer = client(self.officer).post("/ledgers/attachment-1/xlsx/", data)
        page: Any = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        return list(page.iter_rows(values_only=True))


@pytest.fixture
def here() -> Survey:
    place = scene(plan="datian-2023")
    child = make.child(
        None,
        "赵小䶮",
        birth_date=BORN,
        residence=place.village,
        guardians=PARENTS,
        residence_address="云溪镇柳树村3组",
    )
    data = {"found_by": "入户摸排", "why": "随父母在外，未办入学", "whereabouts": "在家"}
    by, now = make.actor(place.officer), make.moment(make.DAY, 9)
    found = NewEvent(kind=EventKind.NOT_ENROLLED, happened_on=make.DAY, data=data)
    case = begin_case(by=by, student=child, event=found, now=now)
    return Survey(place, case, place.officer)


def persuaded(case: Case, result: str) -> None:
    data = {"place": "家中", "people": "专干", "record": "家长答应", "recorder": "专干", "result": result}
    make.event(case, EventKind.PERSUASION, make.DAY, **data)


def test_the_record_of_bringing_in_stands_where_the_record_of_persuasion_would(here: Survey) -> None:
    page = here.get(f"/cases/{here.case.pk}/papers/")
    assert "未入学适龄儿童少年组织入学记录表" in page
    assert "疑似辍学学生劝返情况记录表" not in page


def test_the_record_takes_reason_visits_and_result_from_the_case(here: Survey) -> None:
    persuaded(here.case, "continue")
    persuaded(here.case, "returned")
    with at(make.DAY, 15):
        url = f"/cases/{here.case.pk}/papers/attachment-2/"
        answer = client(here.officer).post(url, {"token": "x", "do": "issue"})
    assert answer.status_code == 302
    paper = Notice.objects.get()
    for part in ("随父母在外，未办入学", "周大山、吴小梅", "13812345678、13812345679", '"result": "入学"', "家长答应"):
        assert part in paper.facts
    assert "周老汉" not in paper.facts
    assert paper.event is None


def test_the_application_carries_what_the_guardian_asked_for(here: Survey) -> None:
    url = f"/cases/{here.case.pk}/papers/attachment-6/"
    assert "还没有登记监护人的缓学申请" in here.get(url)
    asked = {"application": "postponement", "guardian": "周大山", "reason": "术后休养", "proof": "县医院诊断证明"}
    until = {"from": "2026-09-01", "until": "2027-08-31"}
    make.event(here.case, EventKind.APPLIED, make.DAY, **asked, **until)
    page = here.get(url)
    assert "还没有登记监护人的缓学申请" not in page
    for part in ("2025年9月", "2026年9月1日", "2027年8月31日", "县医院诊断证明", "父亲 周大山（138****5678）"):
        assert part in page


def test_the_register_tells_who_was_found_and_what_came_of_it(here: Survey) -> None:
    persuaded(here.case, "returned")
    unknown = make.child(None, "孙小未", birth_date=BORN, residence=here.place.village)
    GroupMembership.objects.create(student=unknown, group=SpecialGroup.DISABLED, first_day=make.TERM_START)
    make.child(None, "钱太小", birth_date=date(2022, 5, 1), residence=here.place.village)
    make.child(here.place.school_class, "李在校", residence=here.place.village)
    rows = here.rows()
    assert rows[0][0] == "未入学适龄儿童少年情况登记表"
    assert len(column(rows, "序号")) == 2
    found = dict(zip(column(rows, "未入学原因"), column(rows, "结果"), strict=True))
    assert found == {"随父母在外，未办入学": "入学", None: None}
    assert set(column(rows, "应入学校、年级")) == {"二年级"}
    assert set(column(rows, "组织入学次数")) == {1, None}
    assert "未登记，待核查" in column(rows, "备注")
    # The disabled child's box tells neither 残疾 nor 一般 to who may not see disability; the other's is blank too.
    assert set(column(rows, "对象类别")) == {None}


def test_a_register_of_many_children_asks_the_database_as_often_as_one_of_one(here: Survey) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            here.rows()
        return len(queries)

    here.rows()
    one = asked()
    for name in ("孙甲", "孙乙"):
        make.child(None, name, birth_date=BORN, residence=here.place.village, guardians=PARENTS)
    assert asked() == one
