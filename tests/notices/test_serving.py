"""An order is served as its 送达回证 says, and the guardian's days run from that day."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from pypdf import PdfReader

from agencies import pdf as renderer
from agencies.choices import Role
from agencies.scope import system
from cases.choices import EventKind
from cases.models import Event
from notices.actions.issuing import finish_stuck
from notices.actions.papers import PaperRefusedError
from notices.actions.serving import record_service
from notices.choices import ServiceMethod, ServiceResult
from notices.models import Notice, Service
from notices.rules.service import ServiceFacts
from tests import make
from tests.cases.scene import at, client, text_of
from tests.notices.desk import Desk, desk, desk_with_order

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NEXT = date(2026, 11, 12)


@pytest.fixture
def ordered() -> tuple[Desk, Notice]:
    return desk_with_order()


@pytest.fixture
def here(ordered: tuple[Desk, Notice]) -> Desk:
    return ordered[0]


@pytest.fixture
def notice(ordered: tuple[Desk, Notice]) -> Notice:
    return ordered[1]


@pytest.mark.parametrize(
    ("plan", "last_day"), [("jiaotan-2025", "2026-11-16（周一）"), ("datian-2023", "2026-11-19（周四）")]
)
def test_a_served_order_tells_the_guardians_last_day_and_starts_the_clock(plan: str, last_day: str) -> None:
    here, notice = desk_with_order(plan)
    with at(NEXT, 11):
        answer = here.serve(notice)
        assert answer.status_code == 302
        page = text_of(answer.client.get(answer["Location"]))
    assert f"监护人应于 {last_day}前送学生返校" in page
    assert Service.objects.get().effective_on == NEXT
    event = Event.objects.get(case=here.case, kind=EventKind.NOTICE_SERVED)
    assert (event.happened_on, event.data["addressee"], event.data["mode"]) == (NEXT, "周大山", "direct")
    notice.refresh_from_db()
    assert notice.deadline_on == date.fromisoformat(last_day[:10])
    with at(NEXT, 12):
        page = text_of(client(here.officer).get(reverse("cases:case", args=[here.case.pk])))
    assert f"限期至{last_day}" in page


def test_the_hour_of_service_is_filled_in_with_the_last_full_five_minutes(here: Desk, notice: Notice) -> None:
    with time_machine.travel(make.moment(NEXT, 11, 43), tick=False):
        page = text_of(client(here.officer).get(here.url("serve", notice.pk)))
    field = re.search(r'<input[^>]*name="happened_time"[^>]*>', page)
    assert field
    assert 'value="11:40"' in field[0]


def test_serving_twice_with_the_same_form_is_one_service(here: Desk, notice: Notice) -> None:
    with at(NEXT, 11):
        here.serve(notice)
        here.serve(notice)
        other = here.serve(notice, token="another")
    assert Service.objects.count() == 1
    assert other.status_code == 400
    assert "已于2026-11-12（周四）送达" in text_of(other)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"server_2": ""}, "二人以上"),
    ({"place": ""}, "请填写送达地点"),
    ({"receiver": "周老汉"}, "签收人不是受送达人周大山"),
    ({"happened_on": "2026-11-13"}, "晚于今天"),
    ({"happened_on": "2026-11-10"}, "早于签发日期"),
    ({"happened_time": "23:30"}, "送达时间晚于现在"),
    ({"happened_on": "11月12日"}, "日期请写成"),
    ({"method": "fax"}, "不在列表中"),
    (
        {"method": "adult_relative", "receiver": "周兄", "receiver_relation": "兄", "receiver_age": "16"},
        "未成年人不能代收",
    ),
    ({"method": "left_with_witness", "refusal_reason": "拒签"}, "请填写见证人"),
    ({"method": "left_with_photo", "refusal_reason": "拒签", "photo": "IMG-1"}, "请附上至少一张现场照片或一段录像"),
    ({"method": "post"}, "请填写邮件号码"),
    ({"method": "electronic"}, "确认书"),
    ({"method": "announcement", "announced_in": "村务公开栏"}, "公告送达是最后的办法"),
]


@pytest.mark.parametrize(("changes", "says"), WRONG)
def test_what_is_missing_is_said_and_nothing_is_recorded(
    here: Desk, notice: Notice, changes: dict[str, Any], says: str
) -> None:
    with at(NEXT, 11):
        answer = here.serve(notice, **changes)
    assert answer.status_code == 400
    assert says in text_of(answer)
    # Files have a place of their own, every other sentence marks its field.
    assert ("aria-invalid" in text_of(answer)) == ("照片" not in says)
    assert not Service.objects.exists()
    assert not Event.objects.filter(kind__in=[EventKind.NOTICE_SERVED, EventKind.SERVICE_FAILED]).exists()


RIGHT: list[dict[str, Any]] = [
    {
        "method": "adult_relative",
        "receiver": "吴小梅",
        "receiver_relation": "妻",
        "receiver_age": "35",
        "receiver_lives_with_addressee": "on",
    },
    {"method": "left_with_witness", "refusal_reason": "拒签", "witness": "李四", "witness_office": "柳树村委会主任"},
    {"method": "post", "post_number": "EM123456789CN"},
    {"method": "electronic", "consent": "电送确〔2026〕1号"},
    {"method": "entrusted", "entrusted_to": "某区民政局"},
    {"method": "through_prison", "entrusted_to": "某监狱"},
]


@pytest.mark.parametrize("changes", RIGHT, ids=lambda row: str(row["method"]))
def test_every_way_of_service_starts_the_clock(here: Desk, notice: Notice, changes: dict[str, Any]) -> None:
    with at(NEXT, 11):
        answer = here.serve(notice, **changes)
    assert answer.status_code == 302
    assert Service.objects.get().method == changes["method"]
    assert Event.objects.get(kind=EventKind.NOTICE_SERVED).data["mode"] == changes["method"]


def test_a_refusal_serves_nothing_and_an_announcement_takes_thirty_days(here: Desk, notice: Notice) -> None:
    with at(NEXT, 11):
        failed = here.serve(notice, result="refused", refusal_reason="拒绝开门", token="a")
        page = text_of(failed.client.get(failed["Location"]))
        assert "已登记送达未成：拒收" in page
        here.serve(notice, method="announcement", announced_in="村务公开栏", token="b")
    assert Event.objects.get(kind=EventKind.SERVICE_FAILED).data["reason"] == "refused"
    assert list(Service.objects.values_list("result", "effective_on")) == [
        ("refused", None),
        ("served", date(2026, 12, 12)),
    ]
    notice.refresh_from_db()
    assert notice.deadline_on == date(2026, 12, 15)


def test_a_wrong_service_is_crossed_out_with_a_reason_and_recorded_anew(here: Desk, notice: Notice) -> None:
    with at(NEXT, 11):
        here.serve(notice)
        service = Service.objects.get()
        assert here.post(here.officer, "service_withdraw", service.pk, why="").status_code == 400
        answer = here.post(here.officer, "service_withdraw", service.pk, why="送错了人")
        assert answer["Location"] == here.url("serve", notice.pk)
        assert here.post(here.officer, "service_withdraw", service.pk, why="再来").status_code == 400
    event = Event.objects.get(kind=EventKind.NOTICE_SERVED)
    assert event.superseded_why == "送错了人"
    service.refresh_from_db()
    assert service.superseded_at is not None


def test_the_days_of_each_guardian_run_from_the_service_on_him(here: Desk, notice: Notice) -> None:
    mother = here.child.guardians.get(name="吴小梅")
    with at(make.DAY, 16):
        here.draft_order(here.deputy, do="issue", guardians=[str(mother.pk)], token="t2")
    second = Notice.objects.get(addressee=mother)
    with at(NEXT, 11):
        here.serve(notice)
    with at(date(2026, 11, 18), 11):
        here.serve(second, token="s2", happened_on="2026-11-18", receiver="吴小梅")
    notice.refresh_from_db()
    second.refresh_from_db()
    assert (notice.deadline_on, second.deadline_on) == (date(2026, 11, 16), date(2026, 11, 23))
    assert "2026年11月23日（星期一）" in words(Notice.objects.get(about=second))


def test_a_service_taken_back_leaves_the_last_day_the_paper_prints(here: Desk, notice: Notice) -> None:
    printed = notice.deadline_on
    later = date(2026, 11, 16)
    with at(later, 11):
        here.serve(notice, happened_on="2026-11-16")
        notice.refresh_from_db()
        assert notice.deadline_on == date(2026, 11, 19)
        assert "按实际送达计算" in text_of(client(here.officer).get(here.url("notice", notice.pk)))
        here.post(here.officer, "service_withdraw", Service.objects.get().pk, why="送错了人")
        here.serve(notice, happened_on="2026-11-16", result="not_found", token="s2")
        assert "按计划送达计算" in text_of(client(here.officer).get(here.url("notice", notice.pk)))
    notice.refresh_from_db()
    assert notice.deadline_on == printed == date(2026, 11, 16)


def test_a_paper_voided_while_its_service_is_typed_in_is_not_served(here: Desk, notice: Notice) -> None:
    opened = Notice.objects.get(pk=notice.pk)
    with at(NEXT, 10):
        here.post(here.deputy, "void", notice.pk, why="写错")
    facts = ServiceFacts(ServiceMethod.POST, ServiceResult.SERVED, NEXT, "周大山", post_number="EMS1")
    moment = make.moment(NEXT, 11)
    with pytest.raises(PaperRefusedError, match="作废"):
        record_service(
            by=make.actor(here.officer), notice=opened, facts=facts, happened_at=moment, token="s", now=moment
        )
    assert not Service.objects.exists()


def test_a_served_order_cannot_be_voided(here: Desk, notice: Notice) -> None:
    with at(NEXT, 11):
        here.serve(notice)
        answer = here.post(here.deputy, "void", notice.pk, why="写错")
    assert answer.status_code == 400
    assert "已登记送达，不能作废" in text_of(answer)


def test_a_draft_cannot_be_served() -> None:
    here = desk()
    with at(NEXT, 9):
        here.draft_order()
        answer = here.serve(Notice.objects.get())
        page = text_of(client(here.officer).get(here.url("serve", Notice.objects.get().pk)))
    assert answer.status_code == 400
    assert "签发之后才能" in page


def test_a_sister_township_finds_nothing_and_a_teacher_may_not_serve(here: Desk, notice: Notice) -> None:
    sister = desk_of_a_sister(here)
    with at(NEXT, 11):
        for name in ("notice", "serve", "pdf", "void"):
            assert client(sister).get(here.url(name, notice.pk)).status_code == 404
        assert client(here.place.teacher).get(here.url("serve", notice.pk)).status_code == 403
        assert client(here.place.teacher).get(here.url("notice", notice.pk)).status_code == 200


def desk_of_a_sister(here: Desk) -> Any:
    """The deputy of another township of the county."""
    township = make.township(here.place.county, "石桥镇")
    return make.person(Role.TOWNSHIP_DEPUTY, township)


def words(receipt: Notice) -> str:
    pages = PdfReader(io.BytesIO(bytes(receipt.pdf or b""))).pages
    assert len(pages) == 1
    return re.sub(r"\s", "", pages[0].extract_text())


def test_service_fills_a_receipt_of_its_own_and_a_correction_makes_a_new_one(here: Desk, notice: Notice) -> None:
    with at(NEXT, 11):
        here.serve(notice, result="not_found", token="a", happened_time="08:00")
        assert not Notice.objects.filter(about=notice).exists()
        here.serve(notice)
    first = Notice.objects.get(about=notice)
    assert (first.state, first.title, first.addressee_name) == ("issued", "送达回证", "周大山")
    assert hashlib.sha256(bytes(first.pdf or b"")).hexdigest() == first.sha256
    text = words(first)
    for part in (
        *(
            "云溪政送回〔2026〕1号",
            "《限期返校通知书》云溪政限返〔2026〕1号",
            "周小䶮的父亲",
            "柳树村3组",
            "√直接送达",
        ),
        *("2026年11月12日10时30分", "2026年11月16日（星期一）", "1．丁一", "2．王二", "此前送达未成1次"),
        *("2026年11月12日未找到受送达人", "受送达人签名或盖章周大山2026年11月12日", "本回证按送达登记填制"),
    ):
        assert part in text, (part, text)
    with at(NEXT, 12):
        service = Service.objects.get(result="served")
        here.post(here.officer, "service_withdraw", service.pk, why="送错了人")
        relative = {"receiver": "吴小梅", "receiver_relation": "妻", "receiver_age": "35"}
        here.serve(notice, token="b", method="adult_relative", receiver_lives_with_addressee="on", **relative)
        page = text_of(client(here.officer).get(here.url("notice", notice.pk)))
        assert client(here.officer).get(here.url("pdf", first.pk)).status_code == 200
    first.refresh_from_db()
    assert (first.state, first.void_reason) == ("void", "送达登记已更正：送错了人")
    second = Notice.objects.exclude(pk=first.pk).get(about=notice)
    assert "吴小梅与受送达人关系：妻" in words(second)
    assert "是否同住成年家属：√是" in words(second)
    assert "已更正" in page
    assert "已填制" in page


def test_a_receipt_that_could_not_be_rendered_is_finished_by_the_sweeper(
    here: Desk, notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> bytes:
        raise renderer.RenderError("排版失败")

    with at(NEXT, 11), monkeypatch.context() as broken:
        broken.setattr(renderer, "render", fail)
        assert here.serve(notice).status_code == 302
    assert Notice.objects.get(about=notice).state == "numbered"
    assert finish_stuck(by=system(), now=make.moment(NEXT, 12)) == (1, 0)
    assert "√直接送达" in words(Notice.objects.get(about=notice))


def test_a_signed_order_is_to_be_served_not_signed_anew() -> None:
    here, _ = desk_with_order()
    with at(make.DAY, 16):
        text = text_of(client(here.officer).get(f"/cases/{here.case.pk}/"))
    assert "把已签发的通知书送达监护人并登记" in text
    assert (">登记送达</a>" in text, ">办理通知书</a>" in text) == (True, False)
