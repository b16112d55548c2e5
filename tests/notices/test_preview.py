"""The preview of a paper: a family's numbers covered, the office's own telephone whole, every name said once."""

from __future__ import annotations

from datetime import date

from notices.rules.asking import Advice, CriticismRecord
from notices.rules.preview import preview

FAMILY = "父亲 周大山（13812345678）"


def test_the_telephone_of_the_office_is_read_before_it_goes_out_and_that_of_the_family_is_covered() -> None:
    letter = Advice(
        number="",
        to="周大山",
        student="周小禾",
        school="云溪中心学校",
        grade_class="三年级1班",
        guardians=FAMILY,
        situation="至今未返校",
        report_by=date(2026, 11, 18),
        report_at="云溪中心学校",
        issuer="云溪中心学校",
        issued_on=date(2026, 11, 11),
        contact="教务处",
        phone="0990-6600310",
    )
    lines = {line.label: line.value for line in preview(letter)}
    assert lines["联系电话"] == "0990-6600310"
    assert lines["监护人"] == "父亲 周大山（138****5678）"


def test_who_was_criticised_is_not_named_like_the_family_beside_it() -> None:
    record = CriticismRecord(
        issuer="云溪镇人民政府",
        guardian="周大山",
        guardians=FAMILY,
        student="周小禾",
        school="云溪中心学校",
        grade_class="三年级1班",
        situation="至今未返校",
        on=date(2026, 11, 11),
        place="村委会",
        by="专干",
        statement="",
        signed=False,
    )
    labels = [line.label for line in preview(record)]
    assert len(labels) == len(set(labels))
    assert "批评教育对象" in labels
