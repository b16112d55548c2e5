"""The support plan (一生一策) as a paper: what the page says, as far as the reader may know, with rows for the pen."""

import io
import re
from typing import Any

import pypdf
import pytest
from django.urls import reverse

from agencies.choices import Role, Verb
from agencies.models import AuditRow
from cases.models import Case
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
