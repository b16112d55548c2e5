"""Which village an address names: one of the own county, or none."""

import pytest

from students.rules.places import Village, Villages

COUNTY = Villages.of(
    "清河县", [Village(1, "柳树村", "云溪镇"), Village(2, "柳树村", "大坪镇"), Village(3, "石桥村", "云溪镇")]
)


@pytest.mark.parametrize(
    ("address", "village"),
    [
        ("清河县云溪镇柳树村12号", 1),
        ("某省某市清河县大坪镇 柳树村", 2),
        ("清河云溪镇石桥村", 3),
        ("云溪镇石桥村3组", 3),
        ("石桥村3组", 3),
        ("清河县石桥村", 3),
    ],
)
def test_a_village_is_found(address: str, village: int) -> None:
    assert COUNTY.find(address) == village


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "nothing is written"),
        ("柳树村", "two villages have the name"),
        ("上石桥村", "another village ends alike"),
        ("清河县云溪镇上石桥村", "another village ends alike"),
        ("外县石桥村", "another county"),
        ("外省外县云溪镇石桥村", "a township of the same name elsewhere"),
        ("清河县青山镇石桥村", "another township"),
        ("云溪镇中心街 5 号", "no village is named"),
    ],
)
def test_what_is_not_certain_is_left_to_the_village(address: str, why: str) -> None:
    assert COUNTY.find(address) is None, why
