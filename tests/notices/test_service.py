"""Service: each way asks for its own facts, and the clock starts on the day the law says."""

from dataclasses import fields, replace
from datetime import date

import pytest

from notices.choices import ServiceMethod, ServiceResult
from notices.rules.service import FIELDS, ServiceFacts, refusals, served_on

DAY = date(2026, 10, 12)
SERVED, REFUSED = ServiceResult.SERVED, ServiceResult.REFUSED

FULL = {
    ServiceMethod.DIRECT: ServiceFacts(ServiceMethod.DIRECT, SERVED, DAY, "甲", "家中", ("乙", "丙"), receiver="甲"),
    ServiceMethod.ADULT_RELATIVE: ServiceFacts(
        ServiceMethod.ADULT_RELATIVE,
        SERVED,
        DAY,
        "甲",
        "家中",
        ("乙", "丙"),
        receiver="丁",
        receiver_relation="母亲",
        receiver_age=61,
        receiver_lives_with_addressee=True,
    ),
    ServiceMethod.LEFT_WITH_WITNESS: ServiceFacts(
        ServiceMethod.LEFT_WITH_WITNESS,
        SERVED,
        DAY,
        "甲",
        "家中",
        ("乙", "丙"),
        refusal_reason="不愿签收",
        witness="戊",
        witness_office="某村村委会主任",
    ),
    ServiceMethod.LEFT_WITH_PHOTO: ServiceFacts(
        ServiceMethod.LEFT_WITH_PHOTO,
        SERVED,
        DAY,
        "甲",
        "家中",
        ("乙", "丙"),
        refusal_reason="不愿签收",
        pictures=1,
    ),
    ServiceMethod.POST: ServiceFacts(ServiceMethod.POST, SERVED, DAY, "甲", post_number="EMS1"),
    ServiceMethod.ELECTRONIC: ServiceFacts(ServiceMethod.ELECTRONIC, SERVED, DAY, "甲", consent="确认书1号"),
    ServiceMethod.ENTRUSTED: ServiceFacts(ServiceMethod.ENTRUSTED, SERVED, DAY, "甲", entrusted_to="某市教育局"),
    ServiceMethod.THROUGH_PRISON: ServiceFacts(ServiceMethod.THROUGH_PRISON, SERVED, DAY, "甲", entrusted_to="某监狱"),
    ServiceMethod.ANNOUNCEMENT: ServiceFacts(
        ServiceMethod.ANNOUNCEMENT, SERVED, DAY, "甲", announced_in="县政府网站", earlier_failures=2
    ),
}


@pytest.mark.parametrize("method", list(ServiceMethod))
def test_each_way_with_all_its_facts_is_accepted(method: ServiceMethod) -> None:
    assert refusals(FULL[method], on=DAY) == ()


@pytest.mark.parametrize(
    ("method", "missing", "sentence"),
    [
        (ServiceMethod.DIRECT, {"servers": ("乙",)}, "两名送达人"),
        (ServiceMethod.DIRECT, {"servers": ("乙", "乙 ")}, "两名送达人"),
        (ServiceMethod.DIRECT, {"place": " "}, "送达地点"),
        (ServiceMethod.DIRECT, {"receiver": "丁"}, "同住成年家属代收"),
        (ServiceMethod.ADULT_RELATIVE, {"receiver_age": 17}, "未成年人不能代收"),
        (ServiceMethod.ADULT_RELATIVE, {"receiver_age": None}, "代收人年龄"),
        (ServiceMethod.ADULT_RELATIVE, {"receiver_lives_with_addressee": False}, "只有同住时才能代收"),
        (ServiceMethod.ADULT_RELATIVE, {"receiver_relation": ""}, "与受送达人的关系"),
        (ServiceMethod.LEFT_WITH_WITNESS, {"witness": ""}, "见证人"),
        (ServiceMethod.LEFT_WITH_WITNESS, {"witness_office": ""}, "见证人姓名及其单位"),
        (ServiceMethod.LEFT_WITH_WITNESS, {"refusal_reason": ""}, "拒收事由"),
        (ServiceMethod.LEFT_WITH_PHOTO, {"pictures": 0, "photo": "IMG-1"}, "至少一张现场照片"),
        (ServiceMethod.LEFT_WITH_PHOTO, {"servers": ()}, "两名送达人"),
        (ServiceMethod.POST, {"post_number": ""}, "邮件号码"),
        (ServiceMethod.ELECTRONIC, {"consent": ""}, "电子送达确认书"),
        (ServiceMethod.ENTRUSTED, {"entrusted_to": ""}, "受委托"),
        (ServiceMethod.THROUGH_PRISON, {"entrusted_to": ""}, "监狱"),
        (ServiceMethod.ANNOUNCEMENT, {"earlier_failures": 0}, "最后的办法"),
        (ServiceMethod.ANNOUNCEMENT, {"announced_in": ""}, "刊登或张贴"),
        (ServiceMethod.ANNOUNCEMENT, {"announcement_names_child": True}, "不得出现学生姓名"),
        (ServiceMethod.DIRECT, {"addressee": ""}, "受送达人姓名"),
        (ServiceMethod.POST, {"happened_on": date(2026, 10, 13)}, "晚于今天"),
    ],
)
def test_what_is_missing_is_said(method: ServiceMethod, missing: dict[str, object], sentence: str) -> None:
    found = refusals(replace(FULL[method], **missing), on=DAY)  # type: ignore[arg-type]
    assert len(found) == 1
    assert sentence in found[0]


def test_the_witness_is_enough_without_a_photo_and_the_photo_without_a_witness() -> None:
    assert refusals(replace(FULL[ServiceMethod.LEFT_WITH_WITNESS], pictures=0, photo=""), on=DAY) == ()
    assert refusals(replace(FULL[ServiceMethod.LEFT_WITH_PHOTO], witness="", witness_office=""), on=DAY) == ()


def test_everything_missing_is_said_at_once() -> None:
    bare = ServiceFacts(ServiceMethod.LEFT_WITH_WITNESS, SERVED, DAY, "甲")
    assert len(refusals(bare, on=DAY)) == 4


def test_a_refusal_needs_its_reason_and_serves_nothing() -> None:
    facts = replace(FULL[ServiceMethod.DIRECT], result=REFUSED)
    assert any("拒收事由" in sentence for sentence in refusals(facts, on=DAY))
    assert served_on(replace(facts, refusal_reason="不愿签收")) is None


@pytest.mark.parametrize("result", [ServiceResult.NOT_FOUND, ServiceResult.RETURNED])
def test_a_failed_attempt_is_recorded_with_little_and_serves_nothing(result: ServiceResult) -> None:
    facts = ServiceFacts(ServiceMethod.POST, result, DAY, "甲")
    assert refusals(facts, on=DAY) == ()
    assert served_on(facts) is None


def test_a_paper_left_properly_is_served_that_day() -> None:
    assert served_on(FULL[ServiceMethod.LEFT_WITH_WITNESS]) == DAY
    assert served_on(FULL[ServiceMethod.LEFT_WITH_PHOTO]) == DAY


def test_an_announcement_takes_effect_thirty_days_after_publication() -> None:
    assert served_on(FULL[ServiceMethod.ANNOUNCEMENT]) == date(2026, 11, 11)


def test_forms_show_fields_that_exist() -> None:
    names = {field.name for field in fields(ServiceFacts)}
    assert set(FIELDS) == set(ServiceMethod)
    assert all(set(shown) <= names for shown in FIELDS.values())
