"""The support plan (一生一策) as a paper: what the page says, as far as the reader may know, with rows for the pen."""

import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.urls import reverse

from agencies.choices import Role, Verb
from agencies.models import AuditRow
from agencies.web import day_label
from cases.choices import EventKind
from cases.models import Case
from cases.views.plan_paper import VISITS
from tests import make
from tests.cases.plans import edit_url, form, plan_url, planned
from tests.cases.scene import Scene, absent_scene, at, client, text_of

pytestmark = pytest.mark.django_db


def printed(place: Scene, case: Case, who: str = "teacher") -> str:
    """The words of the PDF without the breaks of lines."""
    with at(hour=16):
        answer = client(getattr(place, who)).get(reverse("cases:plan_pdf", args=[case.pk]))
    return words(answer)


def words(answer: Any) -> str:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def test_the_paper_says_child_household_causes_goal_measures_review_and_who_is_in_charge() -> None:
    place, case = planned()
    page = printed(place, case)
    for said in (
        "控辍保学“一生一策”工作方案",
        "周小安",
        "周母（母亲）",
        "跟不上数学",
        "2026-11-20（周五）前返校，到课率95%",
        "每周补数学两次",
        "2026-11-11（周三）至2026-11-30（周一）",
        "进行中",
        "下次复查：2026-12-11（周五）",
        "包保责任人王老师",
        "监护人签名：",
        "学校负责人签名（盖章）：",
        "打印：2026-11-11（周三）",
    ):
        assert said in page


def test_the_page_of_a_plan_has_the_door_to_its_paper() -> None:
    place, case = planned()
    with at():
        page = text_of(client(place.teacher).get(plan_url(case)))
    assert f'href="{reverse("cases:plan_pdf", args=[case.pk])}"' in page
    assert "下载PDF" in page


def test_before_there_is_a_plan_the_paper_is_a_form_with_the_childs_data_and_empty_rows() -> None:
    place, case = absent_scene()
    page = printed(place, case)
    assert "周小安" in page
    assert "帮扶措施" in page
    assert "进行中" not in page
    with at():
        assert "下载空白表（PDF）" in text_of(client(place.teacher).get(plan_url(case)))


def test_what_tells_of_illness_is_covered_on_paper_as_on_the_page() -> None:
    place, case = absent_scene()
    change = {"m0-kind": "rehabilitation", "m0-what": "言语训练"}
    with at():
        sent = form(case, analysis="听力障碍", analysis_restricted="on", **change)
        assert client(place.teacher).post(edit_url(case), sent).status_code == 302
    assert "言语训练" in printed(place, case)
    covered = printed(place, case, "secretary")
    assert "限制信息" in covered
    for secret in ("言语训练", "听力障碍", "康复"):
        assert secret not in covered


def test_an_inspector_prints_no_name_and_none_of_the_plans_words() -> None:
    place, case = planned()
    inspector = make.person(Role.INSPECTOR, place.county)
    with at(hour=16):
        page = words(client(inspector).get(reverse("cases:plan_pdf", args=[case.pk])))
    for secret in ("周小安", "每周补数学两次", "跟不上数学", "周母", "王老师"):
        assert secret not in page


def test_lessons_at_home_stand_on_the_paper_the_latest_first_and_no_more_than_it_has_room_for() -> None:
    place, case = absent_scene()
    for number in range(VISITS + 1):
        make.home_visit(case.student, make.DAY + timedelta(days=number))
    with at(make.DAY + timedelta(days=VISITS + 1), 16):
        head = client(place.person(Role.TOWNSHIP_HEAD))
        page = words(head.get(reverse("cases:plan_pdf", args=[case.pk])))
    assert "五、定期劝返、送教上门的要求和落实" in page
    assert f"（共{VISITS + 1}次，列最近{VISITS}次）" in page
    assert page.count("2课时") == VISITS
    assert page.index(day_label(make.DAY + timedelta(days=VISITS))) < page.index(
        day_label(make.DAY + timedelta(days=1))
    )


def test_a_plan_in_plain_words_and_the_return_are_said_on_paper() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.SUPPORT_PLAN, measures="每周家访一次", person="王老师")
    back = make.DAY + timedelta(days=1)
    make.roll(place.school_class, back)
    make.event(case, EventKind.RETURNED, back)
    with at(back, 16):
        page = words(client(place.teacher).get(reverse("cases:plan_pdf", args=[case.pk])))
    assert "措施每周家访一次" in page
    assert "2026-11-12（周四）返校。" in page


def test_each_printing_is_on_record_with_the_child() -> None:
    place, case = planned()
    printed(place, case)
    row = AuditRow.objects.get(verb=Verb.PAPER_READ)
    assert (row.object_kind, row.object_id, row.child_number) == ("case", str(case.pk), case.student.number)
    assert row.detail == {"page": "plan"}


def test_the_same_record_gives_the_same_bytes() -> None:
    place, case = planned()
    with at(hour=16):
        browser = client(place.teacher)
        first, second = (browser.get(reverse("cases:plan_pdf", args=[case.pk])) for _ in range(2))
    assert first.content == second.content
    assert first["ETag"] == second["ETag"]
